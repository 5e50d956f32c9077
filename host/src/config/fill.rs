//! Defaults that a schema gives inside a table that the operator began.

use super::MAX_DEPTH;
use super::section::Site;
use serde_json::{Map, Value};

/// Adds to every table what its schema has a default for and nobody gave.
pub(super) fn fill(values: &mut Map<String, Value>, site: &Site<'_>) {
    // A schema may refer to itself in its own default.
    if site.path.len() > MAX_DEPTH {
        return;
    }
    for (name, shape) in site.shape.map(|shape| shape.properties(Some(values))).unwrap_or_default() {
        let Some(default) = shape.keyword("default") else { continue };
        if !values.contains_key(name) && (default.is_null() || !shape.is_secret()) {
            values.insert(name.to_owned(), default.clone());
        }
    }
    let given = values.clone();
    for (name, value) in values {
        if let Some(child) = site.child(name, Some(&given)) {
            below(value, &child);
        }
    }
}

fn below(value: &mut Value, site: &Site<'_>) {
    match value {
        Value::Object(table) if !site.is_secret() => fill(table, site),
        Value::Array(items) => {
            for (index, item) in items.iter_mut().enumerate() {
                if let Some(member) = site.item(index) {
                    below(item, &member);
                }
            }
        }
        _ => {}
    }
}
