//! What a schema refuses, in words. Never a value, and never the name of a member that is not known: either may be a
//! secret in the wrong place.

use jsonschema::{
    JsonType, ValidationError,
    error::{TypeKind, ValidationErrorKind as Kind},
};
use serde_json::Value;
use std::collections::BTreeSet;

/// A place that does not fit, and what would.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::loader) struct Mismatch {
    /// Dotted path; empty for the whole.
    pub(in crate::loader) field: String,
    /// What belongs there.
    pub(in crate::loader) message: String,
}

impl std::fmt::Display for Mismatch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.field.is_empty() {
            true => f.write_str(&self.message),
            false => write!(f, "{}: {}", self.field, self.message),
        }
    }
}

/// Puts an error of the validator into words. `known`: the names that may be repeated; `schema`: what was held against.
pub(super) fn words(error: &ValidationError<'_>, known: &BTreeSet<String>, schema: &Value) -> Mismatch {
    let at = |message: String| Mismatch { field: place(error, known), message };
    match error.kind() {
        Kind::Required { property } => {
            let name = property.as_str().unwrap_or_default();
            let parent = place(error, known);
            let field = if parent.is_empty() { name.to_owned() } else { format!("{parent}.{name}") };
            Mismatch { field, message: "is missing".to_owned() }
        }
        Kind::AdditionalProperties { .. } => at(unknown_member(error, schema)),
        Kind::Type { kind } => at(format!("expected {}", types(kind))),
        Kind::Enum { options } => at(one_of(options)),
        Kind::AnyOf { context } | Kind::OneOfNotValid { context } => match meant(error, context) {
            Some(inner) => words(inner, known, schema),
            None => at("has none of the forms that are described".to_owned()),
        },
        Kind::OneOfMultipleValid { .. } => {
            at("fits more than one of the forms that are described".to_owned())
        }
        other => at(limit(other)),
    }
}

fn limit(kind: &Kind) -> String {
    match kind {
        Kind::Minimum { limit } => format!("must be at least {limit}"),
        Kind::Maximum { limit } => format!("must be at most {limit}"),
        Kind::ExclusiveMinimum { limit } => format!("must be more than {limit}"),
        Kind::ExclusiveMaximum { limit } => format!("must be less than {limit}"),
        Kind::MultipleOf { multiple_of } => format!("must be a multiple of {multiple_of}"),
        Kind::MinLength { limit: 1 } => "must not be empty".to_owned(),
        Kind::MinLength { limit } => format!("must have at least {limit} characters"),
        Kind::MaxLength { limit } => format!("must have at most {limit} characters"),
        Kind::MinItems { limit } => format!("must have at least {limit} items"),
        Kind::MaxItems { limit } => format!("must have at most {limit} items"),
        Kind::MinProperties { limit } => format!("must have at least {limit} members"),
        Kind::MaxProperties { limit } => format!("must have at most {limit} members"),
        Kind::UniqueItems => "must not repeat an item".to_owned(),
        Kind::Pattern { pattern } => format!("must match {pattern}"),
        Kind::Format { format } => format!("must be a valid {format}"),
        other => format!("does not fit `{}`", other.keyword()),
    }
}

/// Where it is. A name that the schema does not say came from whoever sent it.
fn place(error: &ValidationError<'_>, known: &BTreeSet<String>) -> String {
    let mut place = String::new();
    for segment in error.instance_path().segments() {
        let segment = segment.to_string();
        let index = !segment.is_empty() && segment.bytes().all(|b| b.is_ascii_digit());
        match known.contains(&segment) {
            false if index => place.push_str("[]"),
            is_known => {
                place.push('.');
                place.push_str(if is_known { &segment } else { "*" });
            }
        }
    }
    place.trim_start_matches('.').to_owned()
}

fn unknown_member(error: &ValidationError<'_>, schema: &Value) -> String {
    let path = error.schema_path().as_str();
    let parent = path.rsplit_once('/').and_then(|(parent, _)| schema.pointer(parent));
    let names: Vec<&str> = parent
        .and_then(|p| p["properties"].as_object())
        .into_iter()
        .flatten()
        .map(|(name, _)| name.as_str())
        .collect();
    match names.is_empty() {
        true => "has an unknown member; it has none".to_owned(),
        false => format!("has an unknown member; it may have: {}", names.join(", ")),
    }
}

fn types(kind: &TypeKind) -> String {
    let word = |kind: JsonType| match kind {
        JsonType::Null => "null",
        JsonType::Boolean => "true or false",
        JsonType::Integer => "a whole number",
        JsonType::Number => "a number",
        JsonType::String => "a string",
        JsonType::Array => "a list",
        JsonType::Object => "an object",
    };
    match kind {
        TypeKind::Single(one) => word(*one).to_owned(),
        TypeKind::Multiple(set) => set.iter().map(word).collect::<Vec<_>>().join(" or "),
    }
}

fn one_of(options: &Value) -> String {
    let words: Vec<String> = options
        .as_array()
        .into_iter()
        .flatten()
        .map(|one| one.as_str().map_or_else(|| one.to_string(), str::to_owned))
        .collect();
    format!("expected one of {}", words.join(", "))
}

/// The first mistake of the only variant that is not another altogether: another type here, or another word here or in
/// a member.
fn meant<'a>(
    error: &ValidationError<'_>,
    context: &'a [Vec<ValidationError<'static>>],
) -> Option<&'a ValidationError<'static>> {
    let here = error.instance_path().as_str();
    let is_other = |e: &ValidationError<'_>| {
        let below = e.instance_path().as_str().strip_prefix(here).unwrap_or_default();
        match e.kind() {
            Kind::Type { .. } => below.is_empty(),
            Kind::Enum { .. } | Kind::Constant { .. } => below.matches('/').count() <= 1,
            _ => false,
        }
    };
    let mut close = context.iter().filter(|errors| !errors.iter().any(is_other));
    match (close.next(), close.next()) {
        (Some(only), None) => only.first(),
        _ => None,
    }
}
