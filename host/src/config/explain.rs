//! What a schema refuses, in words for the operator.

use super::environment::variable_of;
use super::section::Site;
use super::shape::{Shape, type_of};
use super::text::quoted;
use super::{below, describe, near};
use jsonschema::{ValidationError, error::ValidationErrorKind as Kind};
use serde_json::Value;

/// One thing that a schema refuses.
#[derive(Clone)]
pub(super) struct Finding {
    /// The whole path.
    pub(super) path: Vec<String>,
    pub(super) message: String,
    /// Whether it is about something that is not there.
    pub(super) missing: bool,
}

/// Turns an error of the validator into what the operator is told. `top` is the section's place, `value` its values.
pub(super) fn explain(error: &ValidationError<'_>, top: &Site<'_>, value: &Value) -> Vec<Finding> {
    let inside: Vec<String> = error.instance_path().segments().map(|part| part.to_string()).collect();
    let path = [top.path.as_slice(), &inside].concat();
    let shape = top.descend(&inside, value).and_then(|site| site.shape);
    let found = error.instance();
    let told = |message: String| vec![Finding { path: path.clone(), message, missing: false }];
    let mismatch = || told(mismatch(shape, found));
    match error.kind() {
        Kind::Required { property } => {
            let path = below(&path, property.as_str().unwrap_or_default());
            let message = format!("missing; it is required (or set {})", variable_of(&path));
            vec![Finding { path, message, missing: true }]
        }
        Kind::AdditionalProperties { unexpected } | Kind::UnevaluatedProperties { unexpected } => {
            let one = |name: &String| Finding {
                path: below(&path, name),
                message: "not allowed together with the other keys here".to_owned(),
                missing: false,
            };
            unexpected.iter().map(one).collect()
        }
        Kind::AnyOf { context } | Kind::OneOfNotValid { context }
            if !shape.is_some_and(|s| s.is_secret_text()) =>
        {
            branch(error, context, top, value).unwrap_or_else(mismatch)
        }
        Kind::Type { .. }
        | Kind::Enum { .. }
        | Kind::Constant { .. }
        | Kind::AnyOf { .. }
        | Kind::OneOfNotValid { .. } => mismatch(),
        Kind::Minimum { limit } => told(format!("must be at least {limit}, found {}", shown(shape, found))),
        Kind::Maximum { limit } => told(format!("must be at most {limit}, found {}", shown(shape, found))),
        Kind::ExclusiveMinimum { limit } => {
            told(format!("must be more than {limit}, found {}", shown(shape, found)))
        }
        Kind::ExclusiveMaximum { limit } => {
            told(format!("must be less than {limit}, found {}", shown(shape, found)))
        }
        Kind::MinLength { limit: 1 } => told("must not be empty".to_owned()),
        Kind::MinLength { limit } => told(format!("must have at least {limit} characters")),
        Kind::MaxLength { limit } => told(format!("must have at most {limit} characters")),
        Kind::MinItems { limit } => told(format!("must have at least {limit} members")),
        Kind::MaxItems { limit } => told(format!("must have at most {limit} members")),
        Kind::UniqueItems => told("must not repeat a member".to_owned()),
        Kind::Pattern { pattern } => told(format!("must match {pattern}, found {}", shown(shape, found))),
        Kind::Format { format } => told(format!("must be a valid {format}, found {}", shown(shape, found))),
        Kind::OneOfMultipleValid { .. } => told("may mean more than one of the variants here".to_owned()),
        _ => told(error.masked_with("the value").to_string()),
    }
}

/// The findings of the branch that was probably meant; `None` when none was.
fn branch(
    error: &ValidationError<'_>,
    context: &[Vec<ValidationError<'static>>],
    top: &Site<'_>,
    value: &Value,
) -> Option<Vec<Finding>> {
    let here = error.instance_path().as_str();
    // Another type, or another constant here or right below, means another variant.
    let is_other = |e: &ValidationError<'_>| {
        let below = e.instance_path().as_str().strip_prefix(here).unwrap_or_default();
        match e.kind() {
            Kind::Type { .. } | Kind::Enum { .. } if below.is_empty() => true,
            Kind::Constant { .. } => below.matches('/').count() <= 1,
            _ => false,
        }
    };
    let meant =
        context.iter().filter(|errors| !errors.iter().any(is_other)).min_by_key(|errors| errors.len());
    if let Some(errors) = meant {
        return Some(errors.iter().flat_map(|e| explain(e, top, value)).collect());
    }
    discriminator(error, context, top)
}

/// When every table among the branches asks for another constant under the same key, that key is what is wrong.
fn discriminator(
    error: &ValidationError<'_>,
    context: &[Vec<ValidationError<'static>>],
    top: &Site<'_>,
) -> Option<Vec<Finding>> {
    let table = error.instance().as_object()?;
    let constants = context.iter().flatten().filter_map(|e| match e.kind() {
        Kind::Constant { expected_value } => Some((e.instance_path(), (**expected_value).clone())),
        _ => None,
    });
    let constants: Vec<_> = constants.collect();
    let (place, _) = constants.first()?;
    if constants.iter().any(|(other, _)| other != place) {
        return None;
    }
    let inside: Vec<String> = place.segments().map(|part| part.to_string()).collect();
    let found = table.get(inside.last()?)?;
    let choices: Vec<Value> = constants.iter().map(|(_, choice)| choice.clone()).collect();
    let message = choose(&choices, found, scalar(found));
    Some(vec![Finding { path: [top.path.as_slice(), &inside].concat(), message, missing: false }])
}

fn mismatch(shape: Option<Shape<'_>>, found: &Value) -> String {
    let Some(shape) = shape else { return format!("can't be {}", kind(found)) };
    match shape.choices() {
        Some(choices) => choose(&choices, found, shown(Some(shape), found)),
        None => format!("expected {}, found {}", describe::shape(shape), shown(Some(shape), found)),
    }
}

fn choose(choices: &[Value], found: &Value, shown: String) -> String {
    let words = choices.iter().filter_map(Value::as_str);
    let question = found.as_str().map(|found| near::question(found, words)).unwrap_or_default();
    let separator = if question.is_empty() { "" } else { ";" };
    format!("expected one of {}, found {shown}{separator}{question}", describe::list(choices))
}

/// A value in a message: only its kind where a secret or a table may stand.
fn shown(shape: Option<Shape<'_>>, value: &Value) -> String {
    let scalars = ["string", "integer", "number", "boolean"];
    let plain =
        |shape: Shape<'_>| shape.types().iter().any(|name| scalars.contains(name)) && !shape.holds_secret();
    if shape.is_some_and(plain) { scalar(value) } else { kind(value).to_owned() }
}

fn scalar(value: &Value) -> String {
    match value {
        Value::String(text) => quoted(text),
        Value::Number(_) | Value::Bool(_) => value.to_string(),
        _ => kind(value).to_owned(),
    }
}

fn kind(value: &Value) -> &'static str {
    match type_of(value) {
        "null" => "nothing",
        "boolean" => "true or false",
        "integer" => "a whole number",
        "number" => "a number",
        "string" => "text",
        "array" => "a list",
        _ => "a table",
    }
}
