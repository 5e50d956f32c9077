//! Which words a Schema Object of OpenAPI 3.0 knows, and which of them hold schemas.

use serde_json::{Map, Value};

use crate::walk::join;

/// Every fixed field of the Schema Object, OpenAPI 3.0.3.
const KNOWN: [&str; 36] = [
    "$ref",
    "additionalProperties",
    "allOf",
    "anyOf",
    "default",
    "deprecated",
    "description",
    "discriminator",
    "enum",
    "example",
    "exclusiveMaximum",
    "exclusiveMinimum",
    "externalDocs",
    "format",
    "items",
    "maxItems",
    "maxLength",
    "maxProperties",
    "maximum",
    "minItems",
    "minLength",
    "minProperties",
    "minimum",
    "multipleOf",
    "not",
    "nullable",
    "oneOf",
    "pattern",
    "properties",
    "readOnly",
    "required",
    "title",
    "type",
    "uniqueItems",
    "writeOnly",
    "xml",
];

/// Keywords, here and in later drafts, that hold one schema.
const ONE: [&str; 12] = [
    "additionalItems",
    "additionalProperties",
    "contains",
    "contentSchema",
    "else",
    "if",
    "items",
    "not",
    "propertyNames",
    "then",
    "unevaluatedItems",
    "unevaluatedProperties",
];
/// … a list of schemas.
const LIST: [&str; 4] = ["allOf", "anyOf", "oneOf", "prefixItems"];
/// … schemas by name.
const NAMED: [&str; 3] = ["dependentSchemas", "patternProperties", "properties"];

/// Whether OpenAPI 3.0 knows the keyword.
pub(super) fn is_known(keyword: &str) -> bool {
    keyword.starts_with("x-") || KNOWN.contains(&keyword)
}

/// Calls `visit` for each schema that stands directly inside `schema`.
pub(super) fn each_subschema(schema: &mut Map<String, Value>, visit: &mut dyn FnMut(&mut Value)) {
    for (keyword, value) in schema {
        let keyword = keyword.as_str();
        match value {
            Value::Array(list) if LIST.contains(&keyword) || keyword == "items" => {
                list.iter_mut().for_each(&mut *visit)
            }
            Value::Object(named) if NAMED.contains(&keyword) => named.values_mut().for_each(&mut *visit),
            value if ONE.contains(&keyword) => visit(value),
            _ => {}
        }
    }
}

/// What in a schema is not OpenAPI 3.0: where, and what is wrong with it.
pub(crate) fn foreign_keywords(schema: &Value, pointer: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let Some(object) = schema.as_object() else {
        found.push((pointer.to_owned(), format!("{schema} is not a schema in OpenAPI 3.0")));
        return found;
    };
    for (keyword, value) in object {
        let pointer = join(pointer, keyword);
        match (keyword.as_str(), value) {
            (keyword, _) if !is_known(keyword) => {
                found.push((pointer, format!("`{keyword}` is not a keyword of OpenAPI 3.0")));
            }
            ("type", value) if !value.is_string() => {
                found.push((pointer, "a type is one name; `nullable` says that null is allowed".into()));
            }
            ("exclusiveMinimum" | "exclusiveMaximum", value) if !value.is_boolean() => {
                found.push((pointer, "this is true or false, beside `minimum` or `maximum`".into()));
            }
            ("additionalProperties", Value::Bool(_)) => {}
            ("properties", Value::Object(named)) => {
                for (name, inner) in named {
                    found.extend(foreign_keywords(inner, &join(&pointer, name)));
                }
            }
            ("allOf" | "anyOf" | "oneOf", Value::Array(list)) => {
                for (index, inner) in list.iter().enumerate() {
                    found.extend(foreign_keywords(inner, &join(&pointer, &index.to_string())));
                }
            }
            ("additionalProperties" | "items" | "not", inner) => {
                found.extend(foreign_keywords(inner, &pointer))
            }
            _ => {}
        }
    }
    found
}
