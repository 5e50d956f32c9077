//! How errors are written.

use gatewright_core::Problem;
use gatewright_plugin::{Besides, Dialect};
use serde_json::{Value, json};

/// `{"detail": "…"}`; what has not the shape of the document, 422 with the list of FastAPI.
pub fn dialect() -> Dialect {
    Dialect {
        schema_name: "HttpError",
        schema,
        media_type: "application/json",
        render,
        status,
        besides: || {
            let schemas = validation_error_schemas().into();
            vec![Besides { status: 422, schema_name: "HTTPValidationError", schemas }]
        },
    }
}

/// What is a mistake of form in the contract.
fn status(problem: &Problem) -> u16 {
    match (problem.status, problem.code) {
        (400, "invalid_request") | (415, _) => 422,
        (status, _) => status,
    }
}

fn render(problem: &Problem) -> Option<Value> {
    if status(problem) != 422 {
        return Some(json!({"detail": problem.detail}));
    }
    let one = |part: &str, place: &str, message: &str| json!({"loc": [part, place], "msg": message, "type": "value_error"});
    let broken = problem.violations.iter().map(|v| one("body", &v.code, &v.message));
    let mut all: Vec<Value> = broken.collect();
    if all.is_empty() {
        let (part, place) = place(&problem.detail);
        all.push(one(part, place, &problem.detail));
    }
    Some(json!({"detail": all}))
}

/// Where the mistake is, which the text says at its beginning.
fn place(detail: &str) -> (&'static str, &str) {
    match detail.strip_prefix("failed to parse parameter `").and_then(|rest| rest.split_once('`')) {
        Some((parameter, _)) => ("query", parameter),
        None => ("body", detail.split([':', ' ']).next().unwrap_or_default().trim_matches('`')),
    }
}

fn schema() -> Value {
    json!({
        "type": "object",
        "description": "What went wrong.",
        "required": ["detail"],
        "properties": {"detail": {"type": "string", "description": "What happened and what to do."}},
        "example": {"detail": "The access token is missing or no longer good. Log in again."},
    })
}

/// Schemas of the reply 422, by name, for areas that write their own part of the document.
pub fn validation_error_schemas() -> [(&'static str, Value); 2] {
    let list = json!({
        "type": "object",
        "description": "What in the request has not the shape of this document.",
        "properties": {"detail": {
            "type": "array",
            "description": "Each mistake.",
            "items": {"$ref": "#/components/schemas/ValidationError"},
        }},
    });
    let one = json!({
        "type": "object",
        "description": "One mistake.",
        "required": ["loc", "msg", "type"],
        "properties": {
            "loc": {
                "type": "array",
                "description": "Where it is.",
                "items": {"anyOf": [{"type": "string"}, {"type": "integer"}]},
            },
            "msg": {"type": "string", "description": "What is wrong and what would be right."},
            "type": {"type": "string", "description": "The sort of mistake."},
        },
    });
    [("HTTPValidationError", list), ("ValidationError", one)]
}
