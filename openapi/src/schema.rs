//! OpenAPI 3.0's dialect of JSON Schema, and the way into it.
//!
//! OpenAPI 3.0.3, section Schema Object: a subset of an early JSON Schema, with words of its own (`nullable`,
//! `example`, a boolean `exclusiveMinimum`).

mod convert;
mod keywords;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

pub(crate) use self::keywords::foreign_keywords;

/// Turns a JSON Schema into OpenAPI 3.0's dialect.
///
/// Takes draft 2020-12, draft 7, or what schemars makes with its settings for OpenAPI 3.
/// Gives the schema, and beside it the definitions that it carried (`$defs`, `definitions` or `components/schemas`), to
/// which all references now lead as `#/components/schemas/…`.
///
/// What the dialect cannot say is left out, so that the result never refuses what the original accepts: `if`,
/// `propertyNames`, `contains` and the like. A schema that refers to itself as `#` becomes a definition under its
/// `title`.
#[must_use]
pub fn schema_to_3_0(mut schema: Value) -> (Value, BTreeMap<String, Value>) {
    let mut definitions = BTreeMap::new();
    lift(&mut schema, &mut definitions);
    let is_recursive = refers_to_root(&schema) || definitions.values().any(refers_to_root);
    let title = schema.get("title").and_then(Value::as_str).unwrap_or("Recursive");
    let mut name: String =
        title.chars().map(|each| if each.is_ascii_alphanumeric() { each } else { '_' }).collect();
    while definitions.contains_key(&name) {
        name.push('_');
    }

    let mut converted: BTreeMap<String, Value> =
        definitions.into_iter().map(|(key, value)| (key, convert::schema(value, &name))).collect();
    let mut schema = convert::schema(schema, &name);
    if is_recursive {
        converted.insert(name.clone(), std::mem::replace(&mut schema, reference(&name)));
    }
    (schema, converted)
}

/// A reference to a schema among the components.
fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{name}") })
}

/// Moves every definition out of `schema`, however deep it stands.
fn lift(schema: &mut Value, definitions: &mut BTreeMap<String, Value>) {
    let Some(object) = schema.as_object_mut() else { return };
    let carried = ["$defs", "definitions"].into_iter().filter_map(|key| object.remove(key));
    let mut carried: Vec<Value> = carried.collect();
    carried.extend(
        object.remove("components").and_then(|mut components| Some(components.get_mut("schemas")?.take())),
    );
    for carried in carried {
        let Value::Object(carried) = carried else { continue };
        for (name, mut definition) in carried {
            lift(&mut definition, definitions);
            definitions.insert(name, definition);
        }
    }
    keywords::each_subschema(object, &mut |inner| lift(inner, definitions));
}

fn refers_to_root(schema: &Value) -> bool {
    let Some(object) = schema.as_object() else { return false };
    let mut found = object.get("$ref").is_some_and(|target| target == "#");
    keywords::each_subschema(&mut object.clone(), &mut |inner| found |= refers_to_root(inner));
    found
}

/// An empty schema, which accepts everything.
fn anything() -> Value {
    Value::Object(Map::new())
}
