//! What may stand at a place, in words.

use super::shape::Shape;
use super::toml_text;
use serde_json::Value;

/// `a whole number from 6 to 8`, `one of "a", "b"`, `a list of text`.
pub(super) fn shape(shape: Shape<'_>) -> String {
    if shape.is_secret_text() && shape.is_open_file() {
        return "text, { file = \"path\" } or { env = \"NAME\" }".to_owned();
    }
    if shape.is_secret_text() {
        return "a secret: \"text\", { file = \"path\" } or { env = \"NAME\" }".to_owned();
    }
    if let Some(choices) = shape.choices() {
        return format!("one of {}", list(&choices));
    }
    let types = shape.types();
    if types.is_empty() {
        return "any value".to_owned();
    }
    let words: Vec<_> = types.iter().filter(|name| **name != "null").map(|name| word(shape, name)).collect();
    words.join(" or ")
}

fn word(shape: Shape<'_>, name: &str) -> String {
    match name {
        "boolean" => "true or false".to_owned(),
        "integer" => format!("a whole number{}", range(shape)),
        "number" => format!("a number{}", range(shape)),
        "string" => "text".to_owned(),
        "array" => {
            shape.items().map_or_else(|| "a list".to_owned(), |items| format!("a list of {}", member(items)))
        }
        _ => "a table".to_owned(),
    }
}

/// A list's member, without its range or its choices in full: lists of lists stay readable.
fn member(items: Shape<'_>) -> String {
    match items.types().as_slice() {
        ["string"] => "text".to_owned(),
        ["integer"] => "whole numbers".to_owned(),
        ["number"] => "numbers".to_owned(),
        ["object"] => "tables".to_owned(),
        _ => "values".to_owned(),
    }
}

fn range(shape: Shape<'_>) -> String {
    let low = shape.keyword("minimum").or_else(|| shape.keyword("exclusiveMinimum"));
    match (low, shape.keyword("maximum").or_else(|| shape.keyword("exclusiveMaximum"))) {
        (Some(low), Some(high)) => format!(" from {low} to {high}"),
        (Some(low), None) => format!(" of at least {low}"),
        (None, Some(high)) => format!(" of at most {high}"),
        (None, None) => String::new(),
    }
}

/// Values to choose from, as TOML writes them.
pub(super) fn list(choices: &[Value]) -> String {
    choices.iter().filter_map(toml_text::inline).collect::<Vec<_>>().join(", ")
}
