//! The dialect of OpenAPI 3.0: whether a schema is one, and the same in draft 2020-12.

use super::words::words;
use crate::loader::json::legible;
use jsonschema::{Draft, PatternOptions, ValidationOptions, Validator, error::ValidationErrorKind as Kind};
use serde_json::{Map, Value, json};
use std::{
    collections::BTreeSet,
    sync::{Arc, OnceLock},
};

/// Schemas inside one schema, itself included.
const MAX_SCHEMAS: usize = 2_000;
const MAX_PATTERNS: usize = 64;
/// Of a compiled pattern, in bytes.
const MAX_PATTERN: usize = 1 << 20;
const DRAFT_2020_12: &str = "https://json-schema.org/draft/2020-12/schema";
/// Keywords that lead elsewhere.
const ELSEWHERE: [&str; 4] = ["$ref", "$dynamicRef", "$recursiveRef", "$id"];

/// How each schema of a plugin is read: nothing is fetched, and a pattern takes time in proportion to the text.
pub(super) fn options() -> ValidationOptions<'static> {
    jsonschema::options()
        .with_draft(Draft::Draft202012)
        .should_validate_formats(true)
        // To judge an expression is to compile it, and this one would come from outside.
        .with_format("regex", |_: &str| true)
        .with_pattern_options(PatternOptions::regex().size_limit(MAX_PATTERN))
}

/// Every mistake of a schema in the dialect of OpenAPI 3.0.
pub(super) fn mistakes(schema: &Value, place: &str) -> Vec<String> {
    let mut mistakes = too_much(schema, place);
    if !mistakes.is_empty() {
        return mistakes;
    }
    mistakes.extend(references(schema, place));
    let Some(meta) = meta() else { return vec!["the host's own schema of schemas can't be read".to_owned()] };
    for error in meta.validator.iter_errors(schema).take(16) {
        let place = format!("{place}{}", error.instance_path().as_str().replace('/', "."));
        match error.kind() {
            Kind::AdditionalProperties { unexpected } => {
                // References have been named.
                let foreign = unexpected.iter().filter(|keyword| !ELSEWHERE.contains(&keyword.as_str()));
                mistakes.extend(foreign.map(|keyword| {
                    format!("`{place}`: `{}` is no keyword of OpenAPI 3.0", legible(keyword, 64))
                }));
            }
            _ => {
                mistakes.push(format!("`{place}`: {}", words(&error, &BTreeSet::new(), &meta.schema).message))
            }
        }
    }
    if mistakes.is_empty() && !is_object(schema) {
        mistakes.push(format!("`{place}`: must describe an object (`\"type\": \"object\"`)"));
    }
    mistakes
}

/// What is looked at before anything else: so much that to look at it would take long.
fn too_much(schema: &Value, place: &str) -> Vec<String> {
    let (mut schemas, mut patterns) = (0, 0);
    each(schema, place, &mut |one, _| {
        schemas += 1;
        patterns += usize::from(one.contains_key("pattern"));
    });
    let mut mistakes = Vec::new();
    if schemas > MAX_SCHEMAS {
        mistakes.push(format!("`{place}`: has {schemas} schemas inside, at most {MAX_SCHEMAS} are read"));
    }
    if patterns > MAX_PATTERNS {
        mistakes.push(format!("`{place}`: has {patterns} patterns, at most {MAX_PATTERNS} are read"));
    }
    mistakes
}

/// A schema stands by itself: what it refers to would have to be fetched, or could be itself.
fn references(schema: &Value, place: &str) -> Vec<String> {
    let mut mistakes = Vec::new();
    each(schema, place, &mut |one, place| {
        for keyword in ELSEWHERE {
            if one.contains_key(keyword) {
                mistakes.push(format!("`{place}`: has `{keyword}`; write in its place what it refers to"));
            }
        }
    });
    mistakes
}

/// What a schema of any dialect may not be: too much, or one that leads elsewhere.
pub(in crate::loader) fn unbounded(schema: &Value, place: &str) -> Vec<String> {
    let mut mistakes = too_much(schema, place);
    mistakes.extend(references(schema, place));
    if schema.get("$schema").is_some_and(|dialect| dialect != DRAFT_2020_12) {
        mistakes.push(format!("`{place}.$schema`: can only be {DRAFT_2020_12}"));
    }
    mistakes
}

/// Calls `visit` for the schema and for each inside it, with its place.
pub(super) fn each(schema: &Value, place: &str, visit: &mut dyn FnMut(&Map<String, Value>, &str)) {
    let Some(object) = schema.as_object() else { return };
    visit(object, place);
    for (keyword, value) in object {
        let place = format!("{place}.{keyword}");
        match (keyword.as_str(), value) {
            ("properties" | "patternProperties" | "$defs" | "definitions", Value::Object(named)) => {
                named.iter().for_each(|(name, inner)| each(inner, &format!("{place}.{name}"), visit));
            }
            ("allOf" | "anyOf" | "oneOf" | "prefixItems", Value::Array(list)) => {
                list.iter()
                    .enumerate()
                    .for_each(|(index, one)| each(one, &format!("{place}.{index}"), visit));
            }
            ("items" | "not" | "additionalProperties" | "if" | "then" | "else" | "contains", inner) => {
                each(inner, &place, visit);
            }
            _ => {}
        }
    }
}

/// Whether what fits is always an object.
fn is_object(schema: &Value) -> bool {
    let all =
        |key: &str| schema[key].as_array().is_some_and(|list| !list.is_empty() && list.iter().all(is_object));
    let some = || schema["allOf"].as_array().is_some_and(|list| list.iter().any(is_object));
    let kind = schema["type"] == "object" && schema["nullable"] != true;
    kind || all("oneOf") || all("anyOf") || some()
}

struct Meta {
    validator: Validator,
    schema: Value,
}

/// The schema of schemas.
fn meta() -> Option<Arc<Meta>> {
    static META: OnceLock<Option<Arc<Meta>>> = OnceLock::new();
    let read = || {
        let schema: Value = serde_json::from_str(include_str!("openapi_3_0.json")).ok()?;
        let validator = jsonschema::options().with_draft(Draft::Draft202012).build(&schema).ok()?;
        Some(Arc::new(Meta { validator, schema }))
    };
    META.get_or_init(read).clone()
}

/// The same schema in draft 2020-12; what constrains nothing (`title`, `example`, …) is left out.
pub(super) fn plain(schema: &Value) -> Value {
    let Some(object) = schema.as_object() else { return schema.clone() };
    let mut out = Map::new();
    for (keyword, value) in object {
        let value = match (keyword.as_str(), value) {
            ("properties", Value::Object(named)) => {
                named.iter().map(|(name, inner)| (name.clone(), plain(inner))).collect::<Map<_, _>>().into()
            }
            ("allOf" | "anyOf" | "oneOf", Value::Array(list)) => list.iter().map(plain).collect(),
            ("items" | "not" | "additionalProperties", inner) => plain(inner),
            (
                "type" | "enum" | "pattern" | "format" | "minLength" | "maxLength" | "minItems" | "maxItems"
                | "uniqueItems" | "minProperties" | "maxProperties" | "required" | "multipleOf" | "minimum"
                | "maximum",
                value,
            ) => value.clone(),
            _ => continue,
        };
        out.insert(keyword.clone(), value);
    }
    for (flag, limit) in [("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")] {
        if object.get(flag) == Some(&Value::Bool(true))
            && let Some(bound) = out.remove(limit)
        {
            out.insert(flag.to_owned(), bound);
        }
    }
    match object.get("nullable") {
        Some(Value::Bool(true)) => or_null(out),
        _ => out.into(),
    }
}

/// `nullable: true`. A list of words need not name null to allow it: schemas made from types often don't.
fn or_null(mut schema: Map<String, Value>) -> Value {
    let is_alone = ["allOf", "anyOf", "oneOf", "not"].iter().all(|keyword| !schema.contains_key(*keyword));
    match schema.get("type") {
        Some(Value::String(kind)) if is_alone => {
            let kinds = json!([kind, "null"]);
            schema.insert("type".to_owned(), kinds);
            if let Some(Value::Array(words)) = schema.get_mut("enum") {
                words.push(Value::Null);
            }
            schema.into()
        }
        _ => json!({"anyOf": [schema, {"type": "null"}]}),
    }
}
