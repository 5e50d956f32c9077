//! Schemas of what [`super::Outcome`] writes.

use super::{fields::HANDLE_MAX_BYTES, schema_name};
use crate::Described;
use gatewright_core::engine::{Next, NextStep};
use poem_openapi::{
    Enum, Object,
    registry::Registry,
    types::{Example, Type},
};
use serde_json::{Value, json};

/// A handle as an example: well-formed, and nobody's.
pub const EXAMPLE_HANDLE: &str = "gwt_RXhhbXBsZSBvZiBhIHRyYW5zYWN0aW9uIGhhbmRsZQ";

/// What may come next in a login.
#[derive(Clone, Debug, Object)]
#[oai(rename = "LoginNext", example)]
pub struct LoginNext {
    /// In which role.
    pub step: LoginStep,
    /// Ids of the authenticators of which one is due, best first.
    pub authenticators: Vec<String>,
}

/// The role of what comes next: `first` proof, `second` proof, or something to `enrol` before the login can end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[oai(rename = "LoginStep", rename_all = "lowercase")]
pub enum LoginStep {
    /// The first proof.
    First,
    /// Another proof.
    Second,
    /// Something must be set up.
    Enrol,
}

impl From<Next> for LoginNext {
    fn from(next: Next) -> Self {
        let step = match next.step {
            NextStep::First => LoginStep::First,
            NextStep::Second => LoginStep::Second,
            NextStep::Enrol => LoginStep::Enrol,
        };
        Self { step, authenticators: next.authenticators }
    }
}

impl Example for LoginNext {
    fn example() -> Self {
        Self { step: LoginStep::First, authenticators: vec!["password".to_owned()] }
    }
}

/// The handle of a transaction, as a member of a request.
pub fn handle_schema(description: &str) -> Value {
    json!({"type": "string", "minLength": 1, "maxLength": HANDLE_MAX_BYTES, "description": description})
}

/// A point in time.
pub fn time_schema(description: &str) -> Value {
    json!({"type": "string", "format": "date-time", "description": description})
}

/// Adds the schema of one of an authenticator's messages under its own name, and returns a reference to it.
pub fn message_schema(described: &mut Described, id: &str, word: &str, schema: &Value) -> Value {
    let mut schema = if schema.is_object() { schema.clone() } else { json!({}) };
    if let Some(members) = schema.as_object_mut() {
        // The name of a Rust type; the component's own name says more.
        members.remove("title");
    }
    described.schema(&schema_name(id, word), schema)
}

/// Adds the schemas of what every step can end with, `LoginDone`, `LoginMore` and `LoginReset`, and returns references
/// to them.
pub fn progress_schemas(described: &mut Described) -> [Value; 3] {
    let mut registry = Registry::new();
    <LoginNext as Type>::register(&mut registry);
    for (name, schema) in &registry.schemas {
        // The same text as poem-openapi makes of the type, so that typed operations may refer to it too.
        described.schema(name, serde_json::to_value(schema).unwrap_or_default());
    }
    let all = [("LoginDone", done()), ("LoginMore", more()), ("LoginReset", reset())];
    all.map(|(name, schema)| described.schema(name, schema))
}

/// Adds the schema `LoginPending`, and returns a reference to it.
pub fn pending_schema(described: &mut Described) -> Value {
    described.schema("LoginPending", pending())
}

/// Adds the schema of an outcome that one authenticator brings about, and returns a reference to it.
/// `progress` is what [`progress_schemas`] returned, `pending` what [`pending_schema`] did, and `prompt` refers
/// to the authenticator's prompt.
pub fn outcome_schema(
    described: &mut Described,
    id: &str,
    progress: &[Value; 3],
    pending: &Value,
    prompt: &Value,
) -> Value {
    let [done, more, reset] = progress;
    let go_on = described.schema(&schema_name(id, "Continue"), go_on(prompt));
    let schema = json!({
        "description": "How far the login has come; `status` says which of these it is.",
        "oneOf": [done, more, reset, go_on, pending],
        "discriminator": {"propertyName": "status", "mapping": {
            "done": done["$ref"], "more": more["$ref"], "reset": reset["$ref"], "continue": go_on["$ref"], "pending": pending["$ref"],
        }},
    });
    described.schema(&schema_name(id, "Outcome"), schema)
}

fn status(word: &str) -> Value {
    json!({"type": "string", "enum": [word], "description": "Which outcome this is."})
}

fn transaction() -> Value {
    json!({"type": "string", "description": "Handle for the next step; the one before is no longer good."})
}

fn done() -> Value {
    json!({
        "type": "object",
        "description": "Logged in.",
        "required": [
            "status", "person", "session_id", "acr", "amr", "access_token", "access_expires_at",
            "session_expires_at",
        ],
        "properties": {
            "status": status("done"),
            "person": {
                "type": "object",
                "description": "Who it is.",
                "required": ["id", "username"],
                "properties": {
                    "id": {"type": "string", "format": "uuid", "description": "Id, never used again."},
                    "username": {"type": "string", "description": "Login name, as the person writes it."},
                },
            },
            "session_id": {"type": "string", "format": "uuid", "description": "The session; no secret."},
            "acr": {"type": "string", "description": "Assurance level that the login has reached."},
            "amr": {
                "type": "array", "items": {"type": "string"},
                "description": "Authentication method references (RFC 8176).",
            },
            "access_token": {"type": "string", "description": "For `Authorization: Bearer`. Shown once."},
            "access_expires_at": time_schema("End of the access token."),
            "session_token": {
                "type": "string",
                "description": "Exchanged for new tokens at `/auth/v1/session/rotate`, good once. Left out where \
                                the login was begun with `cookie: true`: it is in the cookie then.",
            },
            "session_expires_at": time_schema("End of the session, whatever happens."),
            "reveal": reveal(),
        },
        "example": {
            "status": "done",
            "person": {"id": "018bcfe5-6800-7000-8000-000000000001", "username": "ann"},
            "session_id": "018bcfe5-6800-7000-8000-000000000002",
            "acr": "aal1",
            "amr": ["pwd"],
            "access_token": "gwa_RXhhbXBsZSBvZiBhbiBhY2Nlc3MgdG9rZW4gb2Ygb3Vycw",
            "access_expires_at": "2026-01-01T12:15:00Z",
            "session_token": "gws_RXhhbXBsZSBvZiBhIHNlc3Npb24gdG9rZW4gb2Ygb3Vycw",
            "session_expires_at": "2026-01-31T12:00:00Z",
        },
    })
}

fn more() -> Value {
    json!({
        "type": "object",
        "description": "Proven, but not enough: go on with `next`.",
        "required": ["status", "transaction", "expires_at", "next"],
        "properties": {
            "status": status("more"),
            "transaction": transaction(),
            "expires_at": time_schema("End of the transaction."),
            "next": {"$ref": "#/components/schemas/LoginNext"},
            "reveal": reveal(),
        },
        "example": {
            "status": "more",
            "transaction": EXAMPLE_HANDLE,
            "expires_at": "2026-01-01T12:10:00Z",
            "next": {"step": "second", "authenticators": ["totp"]},
        },
    })
}

fn reveal() -> Value {
    json!({
        "type": "object",
        "description": "What the authenticator hands out with a right answer, once (the next number of a remembered \
                        device); left out where there is nothing.",
    })
}

fn reset() -> Value {
    json!({
        "type": "object",
        "description": "What was lost has been replaced and every session has ended: log in with the new one.",
        "required": ["status"],
        "properties": {"status": status("reset")},
        "example": {"status": "reset"},
    })
}

fn pending() -> Value {
    json!({
        "type": "object",
        "description": "Nobody has decided yet (a push). The handle stays good: send the same again later, with an \
                        empty answer where the authenticator says so.",
        "required": ["status", "retry_after_ms"],
        "properties": {
            "status": status("pending"),
            "retry_after_ms": {
                "type": "integer", "format": "int64", "minimum": 0,
                "description": "Milliseconds until asking again makes sense.",
            },
        },
        "example": {"status": "pending", "retry_after_ms": 2000},
    })
}

fn go_on(prompt: &Value) -> Value {
    json!({
        "type": "object",
        "description": "Another round with the same authenticator.",
        "required": ["status", "transaction", "expires_at", "prompt"],
        "properties": {
            "status": status("continue"),
            "transaction": transaction(),
            "expires_at": time_schema("End of the transaction."),
            "prompt": prompt,
        },
    })
}

#[cfg(test)]
mod tests {
    use super::message_schema;
    use crate::{ApiArea, Described, outcome::example_of};
    use serde_json::json;

    #[test]
    fn the_example_of_a_manifest_stands_in_the_document() {
        // As the types of a linked authenticator give it, and as the manifest of a library has it.
        let answer = json!({
            "type": "object",
            "title": "Answer",
            "required": ["code"],
            "properties": {"code": {"type": "string", "pattern": "^[0-9]{6}$", "example": "654321"}},
            "additionalProperties": false,
            "example": {"code": "123456"},
        });
        let mut described = Described::default();
        let reference = message_schema(&mut described, "code-sheet", "Answer", &answer);
        assert_eq!(reference, json!({"$ref": "#/components/schemas/CodeSheetAnswer"}));
        let fragment = described.fragment().expect("a fragment");
        let mut expected = answer.clone();
        expected.as_object_mut().expect("an object").remove("title");
        assert_eq!(fragment.schemas["CodeSheetAnswer"], expected);
        assert_eq!(example_of(&answer), json!({"code": "123456"}));
    }
}
