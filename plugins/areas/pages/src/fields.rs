//! Forms made of an authenticator's own schemas, so that one from outside needs no page written for it.
//!
//! What a schema may say for a form: `type`, `enum`, `minLength`, `maxLength`, `format: password` or `writeOnly` for what is
//! not shown while it is typed, and `x-autocomplete` with a word of the HTML standard (`one-time-code`, …). A member whose
//! description begins with "For an administrator" is no person's and is left out.

use gatewright_oauth::Params;
use serde_json::{Map, Number, Value};

/// Rows of one list at most.
const MOST_ROWS: usize = 20;
/// What is longer than this is typed into several lines.
const LONG: u64 = 2_000;

/// Something to fill in.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Field {
    /// Its name in the message.
    pub(crate) name: String,
    pub(crate) kind: Kind,
    pub(crate) required: bool,
    pub(crate) description: String,
    pub(crate) most: Option<u64>,
    /// What the author says of filling it in.
    pub(crate) autocomplete: Option<String>,
}

/// How it is filled in.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Kind {
    Text,
    /// Not shown while it is typed.
    Secret,
    /// Good once: shown while it is typed.
    Code,
    Long,
    Number,
    Flag,
    Choice(Vec<String>),
    /// What `navigator.credentials` gives: by a script.
    Credential,
    Rows(Vec<Row>),
}

/// One object of a list.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Row {
    /// What it is about, where the prompt says so.
    pub(crate) label: Option<String>,
    /// Members that the prompt has settled.
    pub(crate) settled: Vec<(String, String)>,
    pub(crate) fields: Vec<Field>,
}

impl Field {
    pub(crate) fn is_choice(&self) -> bool {
        matches!(self.kind, Kind::Choice(_))
    }
}

/// The fields of a message, for this prompt.
pub(crate) fn of(schema: &Value, prompt: Option<&Value>) -> Vec<Field> {
    let schema = plain(schema);
    let members = schema["properties"].as_object().into_iter().flatten();
    members.filter_map(|(name, member)| field(&schema, name, member, prompt)).collect()
}

fn field(parent: &Value, name: &str, member: &Value, prompt: Option<&Value>) -> Option<Field> {
    let member = plain(member);
    let description = member["description"].as_str().unwrap_or_default().to_owned();
    let required =
        parent["required"].as_array().is_some_and(|list| list.iter().any(|one| one.as_str() == Some(name)));
    if !required && ["For an administrator", "For administrators"].iter().any(|w| description.starts_with(w))
    {
        return None;
    }
    let kind = kind(name, &member, prompt, required)?;
    Some(Field {
        name: name.to_owned(),
        kind,
        required,
        description,
        most: member["maxLength"].as_u64(),
        autocomplete: member["x-autocomplete"].as_str().filter(|w| is_word(w)).map(str::to_owned),
    })
}

fn kind(name: &str, member: &Value, prompt: Option<&Value>, required: bool) -> Option<Kind> {
    if let Some(options) = member["enum"].as_array() {
        let words: Vec<String> = options.iter().filter_map(word).collect();
        return Some(Kind::Choice(words));
    }
    Some(match member["type"].as_str().unwrap_or("string") {
        "string" => text_kind(name, member),
        "integer" | "number" => Kind::Number,
        "boolean" => Kind::Flag,
        "array" if plain(&member["items"])["type"] == "object" => {
            Kind::Rows(rows(&plain(&member["items"]), prompt))
        }
        "object" if prompt.is_some_and(|p| p["publicKey"].is_object()) => Kind::Credential,
        // Nothing that a person could type; required, it is typed as JSON by who knows it.
        _ if required => Kind::Long,
        _ => return None,
    })
}

fn text_kind(name: &str, member: &Value) -> Kind {
    let hidden = member["format"] == "password" || member["writeOnly"] == true;
    let name = name.to_ascii_lowercase();
    let named = |words: &[&str]| words.iter().any(|word| name.contains(word));
    if named(&["password", "passphrase"]) || name == "pin" {
        return Kind::Secret;
    }
    if named(&["code", "otp"]) || name == "check" || member["x-autocomplete"] == "one-time-code" {
        return Kind::Code;
    }
    match (hidden, member["maxLength"].as_u64()) {
        (true, _) => Kind::Secret,
        (false, Some(most)) if most > LONG => Kind::Long,
        _ => Kind::Text,
    }
}

/// A list of objects: one for each that the prompt lists under the same name or with a member of the same name, or as
/// many as it says under `choose`.
fn rows(item: &Value, prompt: Option<&Value>) -> Vec<Row> {
    let lists = || prompt.and_then(Value::as_object).into_iter().flatten().filter_map(|(_, v)| v.as_array());
    let members: Vec<&String> =
        item["properties"].as_object().into_iter().flatten().map(|(n, _)| n).collect();
    let asks = |list: &&Vec<Value>| {
        list.iter().all(|one| one.as_object().is_some_and(|o| members.iter().any(|m| o.contains_key(*m))))
    };
    if let Some(asked) = lists().filter(|list| !list.is_empty()).find(asks) {
        return asked.iter().take(MOST_ROWS).map(|one| row(item, one)).collect();
    }
    let choose = prompt.and_then(|p| p["choose"].as_u64()).or_else(|| item["minItems"].as_u64());
    let count = usize::try_from(choose.unwrap_or(1)).unwrap_or(1).clamp(1, MOST_ROWS);
    let mut fields = of(item, None);
    for field in &mut fields {
        // `question` is chosen among the `questions` of the prompt.
        let among = prompt.and_then(|p| p[format!("{}s", field.name)].as_array());
        if let Some(words) = among {
            field.kind = Kind::Choice(words.iter().filter_map(word).collect());
        }
    }
    vec![Row { label: None, settled: Vec::new(), fields }; count]
}

fn row(item: &Value, asked: &Value) -> Row {
    let given = asked.as_object();
    let is_given = |name: &str| given.is_some_and(|members| members.contains_key(name));
    let all = of(item, None);
    let settled = all.iter().filter_map(|f| Some((f.name.clone(), word(given?.get(&f.name)?)?))).collect();
    let label = given.into_iter().flatten().find(|(name, _)| !all.iter().any(|f| f.name == **name));
    let label = label.and_then(|(_, text)| word(text));
    Row { label, settled, fields: all.into_iter().filter(|f| !is_given(&f.name)).collect() }
}

/// The message that a form says.
pub(crate) fn value(schema: &Value, prompt: Option<&Value>, form: &Params) -> Value {
    Value::Object(object(&of(schema, prompt), "a", form))
}

fn object(fields: &[Field], path: &str, form: &Params) -> Map<String, Value> {
    let member = |f: &Field| Some((f.name.clone(), read(f, &format!("{path}.{}", f.name), form)?));
    fields.iter().filter_map(member).collect()
}

fn read(field: &Field, path: &str, form: &Params) -> Option<Value> {
    let typed = form.get(path);
    if let Kind::Rows(rows) = &field.kind {
        let one = |(index, row): (usize, &Row)| {
            let mut members = object(&row.fields, &format!("{path}.{index}"), form);
            members.extend(row.settled.iter().map(|(name, value)| (name.clone(), value.clone().into())));
            Value::Object(members)
        };
        return Some(rows.iter().enumerate().map(one).collect());
    }
    let Some(typed) = typed else {
        return match &field.kind {
            Kind::Flag => field.required.then_some(Value::Bool(false)),
            _ => field.required.then(|| String::new().into()),
        };
    };
    Some(match &field.kind {
        Kind::Flag => Value::Bool(true),
        // What is no number goes as it is, and is refused by who knows what belongs there.
        Kind::Number => number(typed).map_or_else(|| typed.into(), Value::Number),
        Kind::Credential => serde_json::from_str(typed).unwrap_or_default(),
        _ => typed.into(),
    })
}

fn number(text: &str) -> Option<Number> {
    let text = text.trim();
    text.parse::<i64>().ok().map(Number::from).or_else(|| Number::from_f64(text.parse().ok()?))
}

/// Parts put together, and of several shapes the first.
fn plain(schema: &Value) -> Value {
    let mut plain = schema.clone();
    for key in ["oneOf", "anyOf", "allOf"] {
        let parts = schema[key].as_array().map(Vec::as_slice).unwrap_or_default();
        let null = |part: &&Value| part["type"] != "null";
        let most = if key == "allOf" { parts.len() } else { 1 };
        for part in parts.iter().filter(null).take(most) {
            merge(&mut plain, part);
        }
    }
    if let Some(kinds) = schema["type"].as_array() {
        plain["type"] = kinds.iter().find(|kind| *kind != "null").cloned().unwrap_or_default();
    }
    plain
}

fn merge(into: &mut Value, part: &Value) {
    let (Some(into), Some(part)) = (into.as_object_mut(), part.as_object()) else { return };
    for (key, value) in part {
        match (into.get_mut(key), value) {
            (Some(Value::Object(known)), Value::Object(more)) => known.extend(more.clone()),
            (Some(Value::Array(known)), Value::Array(more)) => known.extend(more.clone()),
            (Some(_), _) => {}
            (None, _) => {
                into.insert(key.clone(), value.clone());
            }
        }
    }
}

/// A text, a number or a truth value as a word.
pub(crate) fn word(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        _ => None,
    }
}

fn is_word(text: &str) -> bool {
    !text.is_empty() && text.len() <= 64 && text.bytes().all(|b| b.is_ascii_lowercase() || b"- ".contains(&b))
}

#[cfg(test)]
#[path = "fields_tests.rs"]
mod tests;
