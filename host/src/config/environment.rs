//! `GATEWRIGHT_…` variables to values: found in the schemas by name, read by their types.

use super::layer::{Layer, Mistakes};
use super::report::{ConfigProblem, Place};
use super::section::{Sections, Site};
use super::{MAX_DEPTH, PREFIX, SHORT_FORMS, below, near, short_form, sources, text};
use serde_json::Value;
use std::collections::VecDeque;

/// Places in the schemas where the names of variables are looked for.
const KNOWN: usize = 4096;

/// How many near names an unknown variable is answered with.
const NEAR: usize = 3;

/// A variable that names no setting, kept apart: a secret may still name it.
pub(super) struct Unknown {
    pub(super) variable: String,
    pub(super) problem: ConfigProblem,
}

/// What the environment gives.
pub(super) struct Environment<'a> {
    pub(super) sections: &'a Sections,
    /// Weaker sources, whose spelling of a map's own keys holds here too.
    pub(super) weaker: &'a [Layer],
    /// Whether to be silent on what no section owns.
    pub(super) partial: bool,
}

impl Environment<'_> {
    pub(super) fn read(&self, variables: &[(&str, &str)], mistakes: &mut Mistakes) -> (Layer, Vec<Unknown>) {
        let mut layer = Layer::default();
        let mut unknown = Vec::new();
        for (variable, text) in variables {
            let place = Place::Env { variable: (*variable).to_owned() };
            match self.locate(variable) {
                Ok((path, site)) => match self.value(&path, site.as_ref(), text) {
                    Ok(value) => put(&mut layer, &path, value, &place, mistakes),
                    Err(message) => mistakes.tell(place, &path, message),
                },
                Err(None) => {}
                Err(Some(message)) => {
                    let path: Vec<_> = parts(variable).iter().map(|part| part.to_lowercase()).collect();
                    unknown.push(Unknown {
                        variable: (*variable).to_owned(),
                        problem: ConfigProblem::new(place, &path, message),
                    });
                }
            }
        }
        (layer, unknown)
    }

    fn value(&self, path: &[String], site: Option<&Site<'_>>, text: &str) -> Result<Value, String> {
        sources::check_size(text.len())?;
        if text.contains('\u{fffd}') {
            return Err("is not UTF-8".to_owned());
        }
        if path.len() > MAX_DEPTH {
            return Err(format!("nested deeper than {MAX_DEPTH} levels"));
        }
        // Without a site it is the `file` or `env` of a secret.
        site.map_or_else(|| Ok(Value::String(text.to_owned())), |site| text::parse(site.shape, text))
    }

    /// The path that a variable names. No site: a secret's `file` or `env`.
    /// The error is a message, or nothing where nothing is to be said.
    fn locate(&self, variable: &str) -> Result<(Vec<String>, Option<Site<'_>>), Option<String>> {
        let top = self.sections.top();
        let parts = parts(variable);
        if let [short] = parts.as_slice()
            && let Some(path) = short_form(self.sections, &short.to_lowercase())
            && variable_part(&short.to_lowercase()) == *short
        {
            let site = top.descend(&path, &Value::Null);
            return Ok((path, site));
        }
        let mut site = top;
        for (index, part) in parts.iter().enumerate() {
            if site.is_secret_text() && index + 1 == parts.len() && matches!(*part, "FILE" | "ENV") {
                let path = below(&site.path, &part.to_lowercase());
                return Ok((path, None));
            }
            match self.next(&site, part) {
                Some(next) => site = next,
                None if self.partial && site.shape.is_none() => return Err(None),
                None => return Err(Some(self.unknown(variable, &site))),
            }
        }
        Ok((site.path.clone(), Some(site)))
    }

    fn next<'s>(&self, site: &Site<'s>, part: &str) -> Option<Site<'s>> {
        if part.is_empty() {
            return None;
        }
        if let Some(name) = site.names(None).into_iter().find(|name| variable_part(name) == part) {
            return site.child(name, None);
        }
        let spelt = self.weaker.iter().rev().find_map(|layer| {
            let table = layer.table(&site.path)?;
            table.keys().find(|name| variable_part(name) == part).cloned()
        });
        site.child(&spelt.unwrap_or_else(|| part.to_lowercase()), None)
    }

    fn unknown(&self, variable: &str, site: &Site<'_>) -> String {
        if site.shape.is_some_and(|shape| shape.types() == ["array"]) {
            return format!("unknown variable; a list is set as a whole, by {}", variable_of(&site.path));
        }
        // Without the prefix, which would make everything look alike.
        let name = variable.strip_prefix(PREFIX).unwrap_or(variable);
        let known = variables(self.sections);
        let near = near::nearest(name, known.iter().filter_map(|known| known.strip_prefix(PREFIX)));
        if !near.is_empty() {
            let near: Vec<_> = near.into_iter().take(NEAR).map(|near| format!("{PREFIX}{near}")).collect();
            return format!("unknown variable; did you mean {}?", near.join(" or "));
        }
        let here = site.names(None).into_iter().map(|name| variable_of(&below(&site.path, name)));
        let here: Vec<_> =
            here.map(|name| if known.contains(&name) { name } else { format!("{name}__…") }).collect();
        format!("unknown variable; those here are: {}", here.join(", "))
    }
}

/// Two variables may name the same setting (`GATEWRIGHT_LISTEN` and `GATEWRIGHT_HTTP__LISTEN`, or a table as a whole
/// and a key in it); they have to agree.
fn put(layer: &mut Layer, path: &[String], value: Value, place: &Place, mistakes: &mut Mistakes) {
    let known = layer.get(path);
    if known == Some(&value) {
        return;
    }
    let agrees = known.is_none() && layer.insert(path, value, place);
    if !agrees {
        let other =
            (1..=path.len()).rev().find_map(|length| layer.places.get(&path[..length])).unwrap_or(place);
        mistakes.tell(place.clone(), path, format!("given otherwise by {other}; set only one of them"));
    }
}

fn parts(variable: &str) -> Vec<&str> {
    variable.strip_prefix(PREFIX).unwrap_or(variable).split("__").collect()
}

/// A key as a variable's name spells it.
fn variable_part(key: &str) -> String {
    key.to_uppercase().replace('-', "_")
}

/// The variable that sets the value at a path.
pub(super) fn variable_of(path: &[String]) -> String {
    format!("{PREFIX}{}", path.iter().map(|part| variable_part(part)).collect::<Vec<_>>().join("__"))
}

/// Names of variables, down to values, the short ones last; keys of the operator's own choice are not among them.
fn variables(sections: &Sections) -> Vec<String> {
    let mut known = Vec::new();
    let mut sites = VecDeque::from([sections.top()]);
    // In breadth and counted: a schema that refers to itself has no end.
    for _ in 0..KNOWN {
        let Some(site) = sites.pop_front() else { break };
        let names = site.names(None);
        if site.is_secret() || names.is_empty() {
            known.push(variable_of(&site.path));
        } else if site.path.len() < MAX_DEPTH {
            sites.extend(names.into_iter().filter_map(|name| site.child(name, None)));
        }
    }
    let short =
        SHORT_FORMS.iter().map(|(short, _)| *short).filter(|short| short_form(sections, short).is_some());
    known.extend(short.map(|short| variable_of(&[short.to_owned()])));
    known
}
