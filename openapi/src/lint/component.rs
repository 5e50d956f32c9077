//! What is shared: tags, components, and the references to them.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{Report, Rule, is_said};
use crate::schema::foreign_keywords;
use crate::walk::{component, entries, items, join, operations, references, security_names, target};

pub(super) fn lint(report: &mut Report<'_>) {
    let document = report.document;
    for (index, tag) in items(document.get("tags")).iter().enumerate() {
        let pointer = join("/tags", &index.to_string());
        let message = format!("the tag {} has no description", tag["name"]);
        report.expect(is_said(tag.get("description")), Rule::TagDescription, &pointer, &message);
    }
    for found in references(document, "") {
        let message = format!("`{}` leads nowhere", found.target);
        let leads = target(document, &found.target).is_some();
        report.expect(leads, Rule::RefResolves, &found.pointer, &message);
    }
    unused(report);
    for (pointer, schema) in schemas(document) {
        for (pointer, problem) in foreign_keywords(schema, &pointer) {
            report.add(Rule::Schema30, pointer, problem);
        }
    }
}

fn unused(report: &mut Report<'_>) {
    let document = report.document;
    let mut used = BTreeSet::new();
    let mut waiting: Vec<_> = entries(Some(document))
        .filter(|(key, _)| *key != "components")
        .flat_map(|(_, value)| references(value, ""))
        .filter_map(|found| component(&found.target))
        .collect();
    while let Some((kind, name)) = waiting.pop() {
        let found = target(document, &join(&join("#/components", &kind), &name));
        if used.insert((kind, name)) {
            waiting.extend(
                found
                    .iter()
                    .flat_map(|value| references(value, ""))
                    .filter_map(|next| component(&next.target)),
            );
        }
    }
    let schemes = operations(document).flat_map(|operation| security_names(operation.object));
    let schemes = schemes.chain(document.as_object().into_iter().flat_map(security_names));
    used.extend(schemes.map(|name| ("securitySchemes".to_owned(), name.to_owned())));

    for (kind, named) in entries(document.get("components")) {
        for (name, _) in entries(Some(named)) {
            if !used.contains(&(kind.clone(), name.clone())) {
                let pointer = join(&join("/components", kind), name);
                report.add(Rule::UnusedComponent, pointer, format!("no operation reaches `{name}`"));
            }
        }
    }
}

/// Every outermost schema: those of the components, and those that stand inside operations.
fn schemas(document: &Value) -> Vec<(String, &Value)> {
    let mut found = Vec::new();
    for (name, schema) in entries(document.pointer("/components/schemas")) {
        found.push((join("/components/schemas", name), schema));
    }
    for operation in operations(document) {
        let pointer = operation.pointer();
        for (key, value) in operation.object {
            if ["parameters", "requestBody", "responses"].contains(&key.as_str()) {
                inner_schemas(value, &join(&pointer, key), &mut found);
            }
        }
    }
    found
}

fn inner_schemas<'a>(value: &'a Value, pointer: &str, found: &mut Vec<(String, &'a Value)>) {
    match value {
        Value::Array(array) => {
            for (index, item) in array.iter().enumerate() {
                inner_schemas(item, &join(pointer, &index.to_string()), found);
            }
        }
        Value::Object(object) => {
            for (key, inner) in object {
                match key.as_str() {
                    "schema" => found.push((join(pointer, key), inner)),
                    "example" | "examples" => {}
                    key if key.starts_with("x-") => {}
                    _ => inner_schemas(inner, &join(pointer, key), found),
                }
            }
        }
        _ => {}
    }
}
