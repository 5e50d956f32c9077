//! How an area writes what went wrong.

use crate::mismatch::{reworded, without_value};
use gatewright_core::Problem;
use poem::{
    Error, Response,
    error::ResponseError,
    http::{StatusCode, header},
};
use poem_openapi::error::{AuthorizationError, ContentTypeError, ParseRequestPayloadError};
use serde_json::{Value, json};

/// The language of an area's errors.
#[derive(Clone, Copy)]
pub struct Dialect {
    /// Name of the error schema in the document.
    pub schema_name: &'static str,
    /// The error schema (OpenAPI 3.0).
    pub schema: fn() -> Value,
    /// Media type of the error body.
    pub media_type: &'static str,
    /// The body; `None`: the status alone.
    pub render: fn(&Problem) -> Option<Value>,
    /// The status, where the dialect has another than ours.
    pub status: fn(&Problem) -> u16,
    /// What any of its operations may answer with a body of another shape.
    pub besides: fn() -> Vec<Besides>,
}

/// A status whose body is not of the dialect's error schema.
pub struct Besides {
    /// The status.
    pub status: u16,
    /// The schema of its body.
    pub schema_name: &'static str,
    /// That schema and those that it names (OpenAPI 3.0).
    pub schemas: Vec<(&'static str, Value)>,
}

impl Dialect {
    /// RFC 9457.
    pub fn problem() -> Self {
        Self {
            schema_name: "Problem",
            schema: problem_schema,
            media_type: "application/problem+json",
            render: |p| Some(problem_body(p)),
            status: |p| p.status,
            besides: Vec::new,
        }
    }

    /// The reply for an error of any sort; logs what must not be shown.
    pub fn reply(&self, error: Error) -> Response {
        if error.is_from_response() {
            return error.into_response();
        }
        self.write(&as_problem(&error))
    }

    /// The reply for a problem; logs what must not be shown.
    pub fn write(&self, problem: &Problem) -> Response {
        if let Some(cause) = &problem.cause {
            let chain = chain(cause);
            match problem.status {
                503 => tracing::warn!(code = problem.code, cause = %chain, "a request could not be served"),
                _ => tracing::error!(code = problem.code, cause = %chain, "a request failed"),
            }
        }
        let status =
            StatusCode::from_u16((self.status)(problem)).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = Response::builder().status(status);
        if let Some(wait) = problem.retry_after {
            let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
            response = response.header(header::RETRY_AFTER, seconds.max(1).to_string());
        }
        if status == StatusCode::UNAUTHORIZED {
            // RFC 9110, section 15.5.2 wants it on each; a difference would tell one refusal from another.
            response = response.header(header::WWW_AUTHENTICATE, "Bearer");
        }
        match (self.render)(problem) {
            Some(body) => response.content_type(self.media_type).body(body.to_string()),
            None => response.finish(),
        }
    }
}

/// The causes of an error in one line.
fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        next = cause.source();
    }
    text
}

/// A [`Problem`] on its way through poem.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct ProblemError(pub Problem);

impl ResponseError for ProblemError {
    fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.0.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }
}

/// For `map_err` in a handler.
pub fn problem(problem: Problem) -> Error {
    ProblemError(problem).into()
}

/// For a whole result in a handler.
///
/// # Errors
/// The problem, as poem's error.
pub fn or_problem<T>(result: Result<T, Problem>) -> poem::Result<T> {
    result.map_err(problem)
}

/// What poem and poem-openapi refuse by themselves, in our words.
fn as_problem(error: &Error) -> Problem {
    if let Some(ProblemError(known)) = error.downcast_ref::<ProblemError>() {
        return Problem {
            status: known.status,
            code: known.code,
            title: known.title,
            detail: known.detail.clone(),
            retry_after: known.retry_after,
            violations: known.violations.clone(),
            cause: known.cause.as_ref().map(|c| gatewright_contract::Fault::internal(chain(c))),
        };
    }
    if error.is::<AuthorizationError>() {
        return Problem::unauthenticated();
    }
    if let Some(parse) = error.downcast_ref::<ParseRequestPayloadError>() {
        return Problem::invalid(reworded(&parse.reason));
    }
    let mut problem = Problem::invalid(without_value(&error.to_string()));
    if error.is::<ContentTypeError>() {
        problem.status = 415;
        problem.code = "unsupported_media_type";
        problem.title = "Unsupported media type";
        problem.detail = "Send the body as application/json.".to_owned();
        return problem;
    }
    match error.status().as_u16() {
        400 => problem,
        404 => Problem::not_found("resource"),
        status if status < 500 => {
            problem.status = status;
            problem
        }
        _ => Problem::internal(gatewright_contract::Fault::internal(error.to_string())),
    }
}

fn problem_body(p: &Problem) -> Value {
    let mut body = json!({
        "type": format!("urn:gatewright:problem:{}", p.code),
        "title": p.title,
        "status": p.status,
        "detail": p.detail,
        "code": p.code,
    });
    if !p.violations.is_empty() {
        body["violations"] = json!(p.violations);
    }
    body
}

fn problem_schema() -> Value {
    json!({
        "type": "object",
        "description": "What went wrong (RFC 9457).",
        "required": ["type", "title", "status", "detail", "code"],
        "properties": {
            "type": {"type": "string", "format": "uri", "description": "Names the sort of problem."},
            "title": {"type": "string", "description": "The sort of problem in words."},
            "status": {"type": "integer", "format": "int32", "description": "The HTTP status."},
            "detail": {"type": "string", "description": "What happened here and what to do."},
            "code": {"type": "string", "description": "Stable word for programs."},
            "violations": {
                "type": "array",
                "description": "Rules that were broken, for a form.",
                "items": {
                    "type": "object",
                    "required": ["code", "message"],
                    "properties": {"code": {"type": "string"}, "message": {"type": "string"}},
                },
            },
        },
        "example": {
            "type": "urn:gatewright:problem:authentication_failed",
            "title": "Authentication failed",
            "status": 401,
            "detail": "The answer was not accepted. Check it and try again, or begin anew.",
            "code": "authentication_failed",
        },
    })
}
