//! A setting written as plain text (an environment variable) read as what the schema asks for.

use super::MAX_DEPTH;
use super::document::value_of;
use super::shape::Shape;
use super::toml_text;
use serde_json::{Number, Value};

/// Reads `text` by the types that the schema allows at this place; `None` stands for a place above the sections,
/// where only a table can be.
///
/// # Errors
/// In words for the operator; never the text itself when it may be a secret.
pub(super) fn parse(shape: Option<Shape<'_>>, text: &str) -> Result<Value, String> {
    let Some(shape) = shape else {
        return container(text, '{').unwrap_or_else(|| Err("expected a table, as JSON or TOML".to_owned()));
    };
    if shape.is_secret_text() {
        return Ok(Value::String(text.to_owned()));
    }
    let types = shape.types();
    let may_be = |name| types.is_empty() || types.contains(&name);
    if may_be("boolean")
        && let Ok(yes) = text.parse()
    {
        return Ok(Value::Bool(yes));
    }
    if let Some(number) =
        number(text, may_be("integer") || may_be("number"), may_be("number"), may_be("string"))
    {
        return Ok(Value::Number(number));
    }
    let list = may_be("array").then(|| container(text, '[')).flatten();
    let table = may_be("object").then(|| container(text, '{')).flatten();
    match list.or(table) {
        Some(Ok(value)) => return Ok(value),
        Some(Err(message)) if !may_be("string") => return Err(message),
        _ => {}
    }
    if may_be("string") {
        return Ok(Value::String(text.to_owned()));
    }
    if may_be("array") {
        return separated(shape, text);
    }
    let found = if shape.holds_secret() { "something else".to_owned() } else { quoted(text) };
    Err(format!("expected {}, found {found}", super::describe::shape(shape)))
}

/// A number in its usual form. Where text is allowed too, `0042` is text: only what a number prints as is one.
fn number(text: &str, whole: bool, broken: bool, or_text: bool) -> Option<Number> {
    let integer =
        text.parse::<i64>().map(Number::from).or_else(|_| text.parse::<u64>().map(Number::from)).ok();
    let number = match integer {
        Some(integer) => whole.then_some(integer),
        None if broken => text.parse().ok().and_then(Number::from_f64),
        None => None,
    }?;
    (!or_text || number.to_string() == text).then_some(number)
}

/// A JSON or TOML list or table, when the text begins like one.
fn container(text: &str, opening: char) -> Option<Result<Value, String>> {
    let text = text.trim();
    if !text.starts_with(opening) {
        return None;
    }
    let value = serde_json::from_str(text).or_else(|_| {
        let toml = text.parse::<toml_edit::Value>().map_err(|_| "is neither JSON nor TOML".to_owned())?;
        value_of(&toml, 0)
    });
    Some(value.and_then(|value| match depth(&value) {
        deep if deep > MAX_DEPTH => Err(format!("nested deeper than {MAX_DEPTH} levels")),
        _ => Ok(value),
    }))
}

fn depth(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(depth).max().unwrap_or(0),
        Value::Object(map) => 1 + map.values().map(depth).max().unwrap_or(0),
        _ => 0,
    }
}

/// `a, b, c`: for lists of plain values.
fn separated(shape: Shape<'_>, text: &str) -> Result<Value, String> {
    let parts = text.split(',').map(str::trim).filter(|_| !text.trim().is_empty());
    let items = shape.items();
    let read =
        |part| items.map_or_else(|| Ok(Value::String(String::from(part))), |items| parse(Some(items), part));
    parts.map(read).collect::<Result<Vec<_>, _>>().map(Value::Array)
}

/// A value as a message shows it: quoted, on one line, not endless.
pub(super) fn quoted(text: &str) -> String {
    const SHOWN: usize = 60;
    let short: String = text.chars().take(SHOWN).collect();
    let more = if short.len() < text.len() { "…" } else { "" };
    format!("{}{more}", toml_text::string(&short))
}
