//! What went wrong, for the caller. Each area writes it in its dialect; our own is RFC 9457.

use gatewright_contract::{Fault, Violation};
use std::time::Duration;

/// Result of everything that a door may call.
pub type Result<T> = std::result::Result<T, Problem>;

/// An error with a status, a stable code and a text that says what to do.
#[derive(Debug, thiserror::Error)]
#[error("{code}: {detail}")]
pub struct Problem {
    /// HTTP status (RFC 9110, section 15).
    pub status: u16,
    /// Stable word for programs.
    pub code: &'static str,
    /// The code in words.
    pub title: &'static str,
    /// What happened and what to do. Never a secret, never what a wrong answer was.
    pub detail: String,
    /// When trying again makes sense.
    pub retry_after: Option<Duration>,
    /// Rules that were broken, for a form.
    pub violations: Vec<Violation>,
    /// What led to it, for the log only.
    #[source]
    pub cause: Option<Fault>,
}

impl Problem {
    fn new(status: u16, code: &'static str, title: &'static str, detail: impl Into<String>) -> Self {
        Self {
            status,
            code,
            title,
            detail: detail.into(),
            retry_after: None,
            violations: Vec::new(),
            cause: None,
        }
    }

    /// 400: the request has not the shape that the document describes.
    pub fn invalid(detail: impl Into<String>) -> Self {
        Self::new(400, "invalid_request", "The request is not valid", detail)
    }

    /// 400: there is no such authenticator here, or it can't do this step.
    pub fn unknown_authenticator() -> Self {
        Self::new(
            400,
            "unknown_authenticator",
            "No such authenticator",
            "This authenticator does not exist here or is not offered at this step; ask which are.",
        )
    }

    /// 401: wrong, unknown, locked and disabled alike.
    pub fn refused() -> Self {
        Self::new(
            401,
            "authentication_failed",
            "Authentication failed",
            "The answer was not accepted. Check it and try again, or begin anew.",
        )
    }

    /// 401: a session is needed and there is none (or no longer).
    pub fn unauthenticated() -> Self {
        Self::new(
            401,
            "unauthenticated",
            "Authentication required",
            "Send a valid access token in the Authorization header, or a session cookie.",
        )
    }

    /// 403: known, but not allowed.
    pub fn forbidden(detail: impl Into<String>) -> Self {
        Self::new(403, "forbidden", "Not allowed", detail)
    }

    /// 403: allowed only shortly after a login.
    pub fn elevation_required() -> Self {
        Self::new(
            403,
            "elevation_required",
            "Fresh authentication required",
            "This needs a recent login: begin a transaction with purpose \"elevate\" and finish it first.",
        )
    }

    /// 404.
    pub fn not_found(what: &str) -> Self {
        Self::new(404, "not_found", "Not found", format!("There is no such {what}."))
    }

    /// 404: unknown, expired, finished or somebody else's transaction, alike.
    pub fn unknown_transaction() -> Self {
        Self::new(
            404,
            "unknown_transaction",
            "No such transaction",
            "The transaction is unknown, finished or expired, or a newer handle has replaced this one. Begin anew.",
        )
    }

    /// 409: this step is not due.
    pub fn out_of_order(detail: impl Into<String>) -> Self {
        Self::new(409, "step_out_of_order", "Step out of order", detail)
    }

    /// 409: what asked has been replaced and is gone, so that nobody is left who could read the answer.
    pub fn superseded() -> Self {
        Self::out_of_order(
            "What asked this has been replaced by another version since. Ask anew, and answer that; nothing was counted.",
        )
    }

    /// 409: somebody else changed the same thing first.
    pub fn conflict(detail: impl Into<String>) -> Self {
        Self::new(409, "conflict", "Changed in the meantime", detail)
    }

    /// 422: rules that the person can do something about.
    pub fn violations(violations: Vec<Violation>) -> Self {
        let detail = violations.iter().map(|v| v.message.as_str()).collect::<Vec<_>>().join(" ");
        Self { violations, ..Self::new(422, "rejected", "Not accepted", detail) }
    }

    /// 429: too many tries from this address.
    pub fn too_many(retry_after: Duration) -> Self {
        let mut p = Self::new(
            429,
            "too_many_attempts",
            "Too many attempts",
            "Too many failed attempts from this address. Wait for as long as Retry-After says.",
        );
        p.retry_after = Some(retry_after);
        p
    }

    /// 429: too many steps, right or wrong.
    pub fn too_fast(retry_after: Duration) -> Self {
        let mut p = Self::new(
            429,
            "too_many_requests",
            "Too many requests",
            "Too many requests in a short time. Wait for as long as Retry-After says.",
        );
        p.retry_after = Some(retry_after);
        p
    }

    /// 503: something that is needed does not answer now.
    pub fn unavailable(retry_after: Option<Duration>) -> Self {
        let mut p = Self::new(
            503,
            "unavailable",
            "Temporarily unavailable",
            "The server can't do this right now. Try again after the time in Retry-After.",
        );
        p.retry_after = Some(retry_after.unwrap_or(Duration::from_secs(1)));
        p
    }

    /// What the front door refuses before anybody else sees the request, for a dialect to write.
    pub fn of_the_door(status: u16, code: &str, detail: &str) -> Self {
        const KNOWN: [&str; 13] = [
            "bad_body",
            "bad_forwarded",
            "bad_host",
            "body_timeout",
            "cross_site",
            "internal_error",
            "method_not_allowed",
            "not_implemented",
            "payload_too_large",
            "too_many_requests",
            "unavailable",
            "unsupported_media_type",
            "uri_too_long",
        ];
        let code = KNOWN.into_iter().find(|known| *known == code).unwrap_or("invalid_request");
        Self::new(status, code, "The request was refused", detail)
    }

    /// 403: the caller is known and may not do this.
    pub fn lacks(action: crate::access::Action) -> Self {
        let word = serde_json::to_value(action).ok();
        let word = word.as_ref().and_then(serde_json::Value::as_str).unwrap_or_default();
        let detail = format!("This takes the permission `{word}`, which your roles do not give you.");
        Self::forbidden(detail)
    }

    /// 500 without detail; the cause goes to the log.
    pub fn internal(cause: Fault) -> Self {
        let mut p = Self::new(
            500,
            "internal_error",
            "Internal error",
            "Something went wrong on the server. The request id in X-Request-Id finds it in the log.",
        );
        p.cause = Some(cause);
        p
    }
}

impl From<Fault> for Problem {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::BadRequest { field, message } if field.is_empty() => Self::invalid(message),
            Fault::BadRequest { field, message } => Self::invalid(format!("{field}: {message}")),
            Fault::Unavailable { retry_after, .. } => {
                Self { cause: Some(fault), ..Self::unavailable(retry_after) }
            }
            Fault::Conflict => Self::conflict("Somebody else changed this first. Read it again and retry."),
            other => Self::internal(other),
        }
    }
}
