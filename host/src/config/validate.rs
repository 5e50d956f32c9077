//! Values held against the schemas.

use super::explain::explain;
use super::layer::{Mistakes, Places};
use super::report::Place;
use super::section::{Section, Sections};
use jsonschema::Draft;
use serde_json::{Map, Value};

/// Tells every mistake of one section. With `broken` (a syntax error hides part of a file) what is missing is not told.
pub(super) fn validate(
    section: &Section,
    sections: &Sections,
    values: &Map<String, Value>,
    places: &Places,
    broken: bool,
    mistakes: &mut Mistakes,
) {
    let build = jsonschema::options()
        .with_draft(Draft::Draft202012)
        .should_validate_formats(true)
        .build(&section.schema);
    let validator = match build {
        Ok(validator) => validator,
        Err(error) => {
            return mistakes.also(Place::Default, &section.path, format!("its schema is not valid: {error}"));
        }
    };
    let Some(value) = own_values(section, sections, values) else { return };
    let Some(site) = sections.top().descend(&section.path, &Value::Object(values.clone())) else { return };
    let mut findings: Vec<_> =
        validator.iter_errors(&value).flat_map(|e| explain(&e, &site, &value)).collect();
    findings.retain(|finding| !finding.missing || !broken && !mistakes.explain_missing(&finding.path));
    for finding in findings {
        mistakes.also(places.nearest(&finding.path), &finding.path, finding.message);
    }
}

/// The section's values without those of the sections inside it.
fn own_values(section: &Section, sections: &Sections, values: &Map<String, Value>) -> Option<Value> {
    let (mut value, mut path) = (None, section.path.as_slice());
    let mut table = values;
    while let Some((name, rest)) = path.split_first() {
        let next = table.get(name)?;
        value = Some(next);
        path = rest;
        match next.as_object() {
            Some(inner) => table = inner,
            None if rest.is_empty() => break,
            None => return None,
        }
    }
    let mut value = value.cloned().unwrap_or_else(|| Value::Object(values.clone()));
    if let Some(table) = value.as_object_mut() {
        let inner = sections.below(&section.path);
        table.retain(|name, _| !inner.contains(&name.as_str()));
    }
    Some(value)
}
