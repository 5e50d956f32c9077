//! What plugins may share if they say the same about it: tags, schemas, security schemes.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::walk::join;
use crate::{Conflict, Fragment};

/// Name → who said it first, and what.
type Said<'a> = BTreeMap<&'a str, (&'a str, &'a Value)>;

pub(super) fn tags(fragments: &[&Fragment], conflicts: &mut Vec<Conflict>) -> Vec<Value> {
    let mut said = Said::new();
    for fragment in fragments {
        for (index, tag) in fragment.tags.iter().enumerate() {
            match tag.get("name").and_then(Value::as_str) {
                Some(name) => {
                    say(&mut said, &fragment.plugin, name, tag, conflicts, |name, first, second| {
                        Conflict::Tag { name, first, second }
                    })
                }
                None => conflicts.push(Conflict::Malformed {
                    plugin: fragment.plugin.clone(),
                    at: format!("tag {index}"),
                    problem: "a tag is an object with a `name`".into(),
                }),
            }
        }
    }
    said.into_values().map(|(_, tag)| tag.clone()).collect()
}

pub(super) fn schemas(fragments: &[&Fragment], conflicts: &mut Vec<Conflict>) -> Map<String, Value> {
    merge(
        fragments,
        "schemas",
        |fragment| &fragment.schemas,
        conflicts,
        |name, first, second| Conflict::Schema { name, first, second },
    )
}

pub(super) fn security_schemes(fragments: &[&Fragment], conflicts: &mut Vec<Conflict>) -> Map<String, Value> {
    merge(
        fragments,
        "securitySchemes",
        |fragment| &fragment.security_schemes,
        conflicts,
        |name, first, second| Conflict::SecurityScheme { name, first, second },
    )
}

fn merge<'a>(
    fragments: &[&'a Fragment],
    kind: &str,
    share: impl Fn(&'a Fragment) -> &'a BTreeMap<String, Value>,
    conflicts: &mut Vec<Conflict>,
    conflict: impl Fn(String, String, String) -> Conflict,
) -> Map<String, Value> {
    let mut said = Said::new();
    for fragment in fragments {
        for (name, value) in share(fragment) {
            if !value.is_object() || !is_component_name(name) {
                conflicts.push(Conflict::Malformed {
                    plugin: fragment.plugin.clone(),
                    at: join(&join("/components", kind), name),
                    problem: "a component is an object, and its name is of letters, digits, `.`, `-` and `_`"
                        .into(),
                });
            }
            say(&mut said, &fragment.plugin, name, value, conflicts, &conflict);
        }
    }
    said.into_iter().map(|(name, (_, value))| (name.to_owned(), value.clone())).collect()
}

/// The first to say something keeps it; whoever says something else clashes with the first.
fn say<'a>(
    said: &mut Said<'a>,
    plugin: &'a str,
    name: &'a str,
    value: &'a Value,
    conflicts: &mut Vec<Conflict>,
    conflict: impl Fn(String, String, String) -> Conflict,
) {
    let (first, kept) = *said.entry(name).or_insert((plugin, value));
    if kept != value {
        conflicts.push(conflict(name.to_owned(), first.to_owned(), plugin.to_owned()));
    }
}

/// OpenAPI 3.0.3, Components Object: `^[a-zA-Z0-9\.\-_]+$`.
fn is_component_name(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-_".contains(&byte))
}
