//! How errors are written: `errorCode`, `errorMessage`, `parameters`.

use gatewright_core::Problem;
use gatewright_plugin::Dialect;
use serde_json::{Value, json};

/// Errors as IDaaS clients know them.
pub(crate) fn dialect() -> Dialect {
    Dialect {
        schema_name: "IdaasErrorInfo",
        schema,
        media_type: "application/json",
        render,
        status,
        besides: Vec::new,
    }
}

/// The same for the one operation that knows 409.
pub(crate) fn dialect_of_logout() -> Dialect {
    Dialect { status: status_of_logout, ..dialect() }
}

/// Statuses besides those of the frame.
pub(crate) fn answers(operation_id: &str) -> &'static [u16] {
    match operation_id {
        "logoutUsingPOST" => &[400, 401, 403, 404, 409],
        _ => &[400, 401, 403, 404],
    }
}

fn status(problem: &Problem) -> u16 {
    match (problem.code, problem.status) {
        // A tenant, a transaction, an application: whatever is not there opens nothing.
        ("unknown_transaction" | "not_found", _) => 401,
        (_, 409 | 422) => 400,
        (_, status) => status,
    }
}

fn status_of_logout(problem: &Problem) -> u16 {
    if problem.code == "conflict" { 409 } else { status(problem) }
}

fn code(problem: &Problem) -> &'static str {
    match problem.code {
        "authentication_failed" => "invalid_user_response",
        "unauthenticated" | "unknown_transaction" | "not_found" => "access_denied",
        code => code,
    }
}

/// One text for all of them, or it would tell an unknown application from an expired token.
const ACCESS_DENIED: &str = "The applicationId is unknown, or the token is missing, used, expired or not of this application. Begin anew.";

fn render(problem: &Problem) -> Option<Value> {
    let code = code(problem);
    let message = if code == "access_denied" { ACCESS_DENIED } else { &problem.detail };
    Some(json!({"errorCode": code, "errorMessage": message, "parameters": problem.violations}))
}

fn schema() -> Value {
    json!({
        "type": "object",
        "description": "What went wrong.",
        "required": ["errorCode", "errorMessage", "parameters"],
        "properties": {
            "errorCode": {"type": "string", "description": "Stable word for programs."},
            "errorMessage": {"type": "string", "description": "What happened and what to do."},
            "parameters": {
                "type": "array",
                "description": "Rules that were broken, each with `code` and `message`; empty otherwise.",
                "items": {"type": "object"},
            },
        },
        "example": {
            "errorCode": "invalid_user_response",
            "errorMessage": "The answer was not accepted. Check it and try again, or begin anew.",
            "parameters": [],
        },
    })
}

#[cfg(test)]
#[path = "dialect_tests.rs"]
mod tests;
