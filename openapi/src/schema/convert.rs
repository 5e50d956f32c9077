//! One schema, keyword by keyword.

use serde_json::{Map, Value, json};

use super::keywords::{each_subschema, is_known};
use super::{anything, reference};

/// Converts a schema and all schemas inside it; `root` is the name that `#` goes by.
pub(super) fn schema(schema: Value, root: &str) -> Value {
    let mut object = match schema {
        Value::Object(object) => object,
        Value::Bool(false) => return json!({ "not": {} }),
        _ => return anything(),
    };
    // Before the inner schemas are converted: these two may be booleans, and mean it.
    tuples(&mut object);
    pattern_properties(&mut object);
    let additional = object.get("additionalProperties").filter(|value| value.is_boolean()).cloned();
    each_subschema(&mut object, &mut |inner| *inner = self::schema(inner.take(), root));
    if let Some(additional) = additional {
        object.insert("additionalProperties".into(), additional);
    }

    examples(&mut object);
    constant(&mut object);
    types(&mut object);
    limits(&mut object);
    encoding(&mut object);
    object.retain(|keyword, _| is_known(keyword));
    refer(object, root)
}

/// `prefixItems` → items of any of these kinds, as many as there are places.
fn tuples(object: &mut Map<String, Value>) {
    // Draft 7 wrote the list into `items` and the rest into `additionalItems`.
    if object.get("items").is_some_and(Value::is_array)
        && let Some(list) = object.remove("items")
    {
        object.insert("prefixItems".into(), list);
        if let Some(rest) = object.remove("additionalItems") {
            object.insert("items".into(), rest);
        }
    }
    let Some(Value::Array(mut places)) = object.remove("prefixItems") else {
        return;
    };
    match object.remove("items") {
        Some(Value::Bool(false)) => {
            object.entry("maxItems").or_insert(places.len().into());
        }
        Some(rest @ Value::Object(_)) => places.push(rest),
        // Any further item is fine, so nothing can be said of all items.
        _ => places = vec![anything()],
    }
    places.dedup();
    let items = if places.len() == 1 { places.remove(0) } else { json!({ "anyOf": places }) };
    object.insert("items".into(), items);
}

/// `patternProperties` → `additionalProperties`, which must not refuse what a pattern let in.
fn pattern_properties(object: &mut Map<String, Value>) {
    let Some(Value::Object(patterns)) = object.remove("patternProperties") else { return };
    let mut kinds: Vec<Value> = patterns.into_iter().map(|(_, kind)| kind).collect();
    kinds.dedup();
    let only_patterns = object.get("additionalProperties") == Some(&Value::Bool(false));
    object.remove("additionalProperties");
    if only_patterns && kinds.len() == 1 {
        object.insert("additionalProperties".into(), kinds.remove(0));
    } else if only_patterns && !kinds.is_empty() {
        object.insert("additionalProperties".into(), json!({ "anyOf": kinds }));
    }
}

/// `examples: [x, …]` → `example: x`.
fn examples(object: &mut Map<String, Value>) {
    if let Some(Value::Array(examples)) = object.remove("examples")
        && let Some(first) = examples.into_iter().next()
    {
        object.entry("example").or_insert(first);
    }
}

/// `const: x` → an enumeration of one, of the type of `x`.
fn constant(object: &mut Map<String, Value>) {
    let Some(value) = object.remove("const") else { return };
    let kind = match &value {
        Value::Null => None,
        Value::Bool(_) => Some("boolean"),
        Value::Number(number) if number.is_f64() => Some("number"),
        Value::Number(_) => Some("integer"),
        Value::String(_) => Some("string"),
        Value::Array(_) => Some("array"),
        Value::Object(_) => Some("object"),
    };
    match kind {
        Some(kind) => {
            object.entry("type").or_insert(kind.into());
        }
        None => {
            object.insert("nullable".into(), true.into());
        }
    }
    object.insert("enum".into(), Value::Array(vec![value]));
}

/// `type: [x, "null"]` → `x`, nullable; `type: [x, y]` → any of the two.
fn types(object: &mut Map<String, Value>) {
    let names = match object.get("type") {
        Some(Value::Array(names)) => names.clone(),
        Some(name) if name == "null" => vec![name.clone()],
        _ => return,
    };
    object.remove("type");
    let mut others: Vec<Value> = names.iter().filter(|name| *name != "null").cloned().collect();
    let nullable = others.len() < names.len() || object.get("nullable") == Some(&Value::Bool(true));
    match others.len() {
        0 => {
            object.insert("enum".into(), json!([null]));
        }
        1 => {
            object.insert("type".into(), others.remove(0));
        }
        _ => {
            // `nullable` speaks of the type beside it, so it goes where the types go.
            object.remove("nullable");
            let kinds: Vec<Value> = others
                .into_iter()
                .map(|kind| {
                    if nullable { json!({ "type": kind, "nullable": true }) } else { json!({ "type": kind }) }
                })
                .collect();
            also(object, json!({ "anyOf": kinds }));
            return;
        }
    }
    if nullable {
        object.insert("nullable".into(), true.into());
    }
}

/// A number in `exclusiveMinimum` → `minimum`, and a flag that it is not itself allowed; the same for the maximum.
fn limits(object: &mut Map<String, Value>) {
    for (exclusive, limit, lower) in
        [("exclusiveMinimum", "minimum", true), ("exclusiveMaximum", "maximum", false)]
    {
        let Some(bound) = object.get(exclusive).and_then(Value::as_f64) else { continue };
        let Some(value) = object.remove(exclusive) else { continue };
        let inclusive = object.get(limit).and_then(Value::as_f64);
        let is_tighter = inclusive.is_none_or(|limit| if lower { bound >= limit } else { bound <= limit });
        if is_tighter {
            object.insert(limit.into(), value);
            object.insert(exclusive.into(), true.into());
        }
    }
}

/// `contentEncoding: base64` → `format: byte`.
fn encoding(object: &mut Map<String, Value>) {
    if object.get("contentEncoding").is_some_and(|encoding| encoding == "base64") {
        object.entry("format").or_insert("byte".into());
    }
}

/// Leads a reference to the components, and keeps what stands beside it: 3.0 ignores the neighbours of a `$ref`.
fn refer(mut object: Map<String, Value>, root: &str) -> Value {
    let Some(Value::String(target)) = object.remove("$ref") else { return object.into() };
    let prefixes = ["#/$defs/", "#/definitions/", "#/components/schemas/"];
    let reference = match prefixes.iter().find_map(|prefix| target.strip_prefix(prefix)) {
        Some(name) => reference(name),
        None if target == "#" => reference(root),
        None => json!({ "$ref": target }),
    };
    if object.is_empty() {
        return reference;
    }
    also(&mut object, json!({ "allOf": [reference] }));
    object.into()
}

/// Adds a schema's one keyword, or the schema to `allOf` if there is such a keyword already.
fn also(object: &mut Map<String, Value>, more: Value) {
    let Value::Object(more) = more else { return };
    for (keyword, value) in more {
        match (object.get_mut(&keyword), value) {
            (Some(Value::Array(all)), Value::Array(more)) if keyword == "allOf" => all.extend(more),
            (Some(_), value) if keyword != "allOf" => also(object, json!({ "allOf": [{ keyword: value }] })),
            (_, value) => {
                object.insert(keyword, value);
            }
        }
    }
}
