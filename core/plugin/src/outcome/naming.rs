//! How the parts of an authenticator are called in the document, and examples of its messages.

use gatewright_contract::Manifest;
use serde_json::{Map, Value, json};

/// Name of a schema of an authenticator: `recovery-code` and `Answer` make `RecoveryCodeAnswer`.
pub fn schema_name(id: &str, word: &str) -> String {
    let mut name = String::with_capacity(id.len() + word.len());
    for (index, part) in id.split('-').enumerate() {
        let mut letters = part.chars();
        match letters.next() {
            // Capitals mark where a hyphen was; a digit has none.
            Some(first) if first.is_ascii_digit() && index > 0 => name.extend(['_', first]),
            Some(first) => name.push(first.to_ascii_uppercase()),
            None => {}
        }
        name.push_str(letters.as_str());
    }
    name + word
}

/// The id inside an operation id: `recovery-code` as `recovery_code`.
pub fn operation_word(id: &str) -> String {
    id.replace('-', "_")
}

/// Text of an authenticator's tag: its README without the heading, which would only say the tag again.
pub fn about(manifest: &Manifest) -> String {
    let text = manifest.about.trim_start();
    let body = if text.starts_with("# ") { text.split_once('\n').map_or("", |(_, rest)| rest) } else { text };
    match body.trim() {
        "" => format!("The authenticator `{}`.", manifest.id),
        body => body.to_owned(),
    }
}

/// How deep an example is made up; what lies deeper is left empty.
const EXAMPLE_DEPTH: usize = 8;

/// An example of what a schema describes: the author's own, or the plainest that fits.
pub fn example_of(schema: &Value) -> Value {
    made_up(schema, EXAMPLE_DEPTH)
}

fn made_up(schema: &Value, depth: usize) -> Value {
    let first = |key: &str| schema.get(key).and_then(Value::as_array).and_then(|list| list.first());
    let own = schema.get("example").or_else(|| first("examples")).or_else(|| schema.get("default"));
    if let Some(own) = own.or_else(|| first("enum")).or_else(|| schema.get("const")) {
        return own.clone();
    }
    if depth == 0 {
        return Value::Null;
    }
    if let Some(one) = first("oneOf").or_else(|| first("anyOf")) {
        return made_up(one, depth - 1);
    }
    if let Some(parts) = schema.get("allOf").and_then(Value::as_array) {
        let objects = parts.iter().map(|part| made_up(part, depth - 1)).filter_map(|part| match part {
            Value::Object(members) => Some(members),
            _ => None,
        });
        return Value::Object(objects.flatten().collect());
    }
    match schema.get("type").and_then(Value::as_str) {
        Some("string") => "string".into(),
        Some("integer" | "number") => schema.get("minimum").cloned().unwrap_or_else(|| 0.into()),
        Some("boolean") => false.into(),
        Some("array") => json!([]),
        _ => Value::Object(required_members(schema, depth)),
    }
}

fn required_members(schema: &Value, depth: usize) -> Map<String, Value> {
    let names =
        schema.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    let member = |name: &str| (name.to_owned(), made_up(&schema["properties"][name], depth - 1));
    names.map(member).collect()
}

#[cfg(test)]
mod tests {
    use super::{example_of, operation_word, schema_name};
    use serde_json::json;

    #[test]
    fn ids_become_names_that_stay_apart() {
        assert_eq!(schema_name("recovery-code", "Answer"), "RecoveryCodeAnswer");
        assert_eq!(schema_name("fido-2", "Answer"), "Fido_2Answer");
        assert_eq!(schema_name("fido2", "Answer"), "Fido2Answer");
        assert_eq!(operation_word("recovery-code"), "recovery_code");
    }

    #[test]
    fn the_authors_example_comes_first_and_else_one_is_made_up() {
        assert_eq!(
            example_of(&json!({"type": "object", "example": {"code": "123456"}})),
            json!({"code": "123456"})
        );
        let schema = json!({
            "type": "object",
            "required": ["code", "kind"],
            "properties": {
                "code": {"type": "string", "examples": ["123456"]},
                "kind": {"enum": ["a", "b"]},
                "label": {"type": "string"},
            },
        });
        assert_eq!(example_of(&schema), json!({"code": "123456", "kind": "a"}));
        assert_eq!(example_of(&json!({})), json!({}));
    }
}
