//! What is answered where no handler answered: `application/problem+json` (RFC 9457).

use poem::{
    Error, Response,
    http::{HeaderValue, StatusCode, header},
};
use serde::Serialize;

/// Seconds after which trying again makes sense.
const RETRY_AFTER: HeaderValue = HeaderValue::from_static("1");
const PROBLEM_JSON: HeaderValue = HeaderValue::from_static("application/problem+json");

/// Left in the extensions of an answer that the door made itself, so that it can be said in the dialect of
/// the route that the request was for.
#[derive(Clone, Debug)]
pub(super) struct Plain {
    pub(super) code: String,
    pub(super) detail: String,
}

#[derive(Serialize)]
struct Problem<'a> {
    r#type: &'a str,
    title: &'a str,
    status: u16,
    detail: &'a str,
    code: &'a str,
}

/// A problem with the type `about:blank`, whose title is therefore the status phrase (RFC 9457 section 4.2.1).
pub(super) fn problem(status: StatusCode, code: &str, detail: &str) -> Response {
    let title = status.canonical_reason().unwrap_or("Error");
    let problem = Problem { r#type: "about:blank", title, status: status.as_u16(), detail, code };
    let json = serde_json::to_vec(&problem).unwrap_or_default();
    let mut response = Response::builder().status(status).body(json);
    response.headers_mut().insert(header::CONTENT_TYPE, PROBLEM_JSON);
    response.extensions_mut().insert(Plain { code: code.to_owned(), detail: detail.to_owned() });
    response
}

/// Says an answer of the door in other words: `written` is the same in the dialect of the route. What it has
/// besides (`Allow`, `Retry-After`) stays.
pub(super) fn reworded(plain: Response, mut written: Response) -> Response {
    let (mut parts, _) = plain.into_parts();
    parts.headers.remove(header::CONTENT_LENGTH);
    if let Some(kind) = written.headers_mut().remove(header::CONTENT_TYPE) {
        parts.headers.insert(header::CONTENT_TYPE, kind);
    }
    Response::from_parts(parts, written.take_body())
}

/// Why a request did not get as far as a handler, or not to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// The target is no path.
    Target,
    /// `Host` is missing, doubled, malformed or contradicts the target.
    Host,
    /// A trusted proxy asks for somebody whose address can't be read.
    Forwarded,
    /// A trusted proxy hands on a client's certificate in a way that can't be read.
    Certificate,
    /// The target is longer than 8 KiB.
    UriTooLong,
    /// `CONNECT` or `TRACE`.
    NotImplemented,
    /// A page of another site made the browser send this.
    CrossSite,
    /// Too many requests from this address; one may come after so many seconds.
    TooFast(u64),
    /// The body is longer than allowed.
    BodyTooLarge,
    /// The body did not arrive in time.
    BodyTimeout,
    /// The body broke off.
    BodyBroken,
    /// Too many bodies at the same time.
    Busy,
    /// The handler did not finish in time.
    Timeout,
    /// The handler panicked.
    Panic,
}

impl Refusal {
    pub(super) fn into_response(self) -> Response {
        let (status, code, detail) = match self {
            Self::Target => {
                (400, "invalid_request", "The request target must be a path that starts with a slash.")
            }
            Self::Host => {
                (400, "bad_host", "The Host header must be given once, as a host name and perhaps a port.")
            }
            Self::Forwarded => (
                400,
                "bad_forwarded",
                "The proxy's header that names the client (X-Forwarded-For or Forwarded) holds no address that can be read.",
            ),
            Self::Certificate => (
                400,
                "bad_client_certificate",
                "The proxy's header with the client's certificate can't be read.",
            ),
            Self::UriTooLong => (414, "uri_too_long", "The path with its query is longer than 8192 bytes."),
            Self::NotImplemented => (501, "not_implemented", "This server does not know this method."),
            Self::CrossSite => (
                403,
                "cross_site",
                "Another site made the browser send this with credentials that it adds by itself (cookies, for example).",
            ),
            Self::TooFast(_) => (
                429,
                "too_many_requests",
                "Too many requests from this address in a short time. Wait for as long as Retry-After says.",
            ),
            Self::BodyTooLarge => (413, "payload_too_large", "The body is larger than this server accepts."),
            Self::BodyTimeout => (408, "body_timeout", "The body of the request did not arrive in time."),
            Self::BodyBroken => (400, "bad_body", "The body of the request could not be read to its end."),
            Self::Busy => (503, "unavailable", "Too many requests at the same time. Try again."),
            Self::Timeout => (503, "unavailable", "The request could not be answered in time. Try again."),
            Self::Panic => {
                (500, "internal_error", "Something went wrong here. The request id finds it in the log.")
            }
        };
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = problem(status, code, detail);
        if let Self::TooFast(seconds) = self {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if status == StatusCode::SERVICE_UNAVAILABLE {
            response.headers_mut().insert(header::RETRY_AFTER, RETRY_AFTER);
        }
        response
    }
}

/// The answer for an error that no handler turned into one. `allow` is asked only for 405.
pub(super) fn of_error(error: Error, allow: impl FnOnce() -> Option<String>) -> Response {
    // A handler that returned a whole response as an error has said what it wants.
    if error.is_from_response() {
        return error.into_response();
    }
    let status = error.status();
    let detail = match status {
        StatusCode::NOT_FOUND => "There is nothing here.".to_owned(),
        StatusCode::METHOD_NOT_ALLOWED => "This path exists, but not with this method.".to_owned(),
        // What went wrong inside is for the log only.
        status if status.is_server_error() => {
            "Something went wrong here. The request id finds it in the log.".to_owned()
        }
        _ => error.to_string(),
    };
    let written = error.into_response();
    // The framework's own errors are plain text; one with another type is a body that somebody shaped on purpose.
    let shaped = written.content_type().is_some_and(|kind| !kind.starts_with("text/plain"));
    if shaped {
        return written;
    }
    let mut response = problem(status, &code_of(status), &detail);
    let (parts, _) = written.into_parts();
    response.extensions_mut().extend(parts.extensions);
    for (name, value) in &parts.headers {
        if name != header::CONTENT_TYPE && name != header::CONTENT_LENGTH {
            response.headers_mut().append(name, value.clone());
        }
    }
    if status == StatusCode::METHOD_NOT_ALLOWED && !response.headers().contains_key(header::ALLOW) {
        // RFC 9110 section 15.5.6 demands the header; an empty one means that no method is allowed.
        let value = allow().and_then(|list| HeaderValue::try_from(list).ok());
        response.headers_mut().insert(header::ALLOW, value.unwrap_or(HeaderValue::from_static("")));
    }
    response
}

/// The same words as the engine's own problems where it has one; otherwise `Not Found` becomes `not_found`.
fn code_of(status: StatusCode) -> String {
    match status {
        StatusCode::BAD_REQUEST => return "invalid_request".to_owned(),
        StatusCode::UNAUTHORIZED => return "unauthenticated".to_owned(),
        StatusCode::SERVICE_UNAVAILABLE => return "unavailable".to_owned(),
        StatusCode::NOT_IMPLEMENTED => {}
        status if status.is_server_error() => return "internal_error".to_owned(),
        _ => {}
    }
    let phrase = status.canonical_reason().unwrap_or("error");
    phrase
        .chars()
        .filter(|c| c.is_ascii_alphabetic() || *c == ' ')
        .map(|c| if c == ' ' { '_' } else { c.to_ascii_lowercase() })
        .collect()
}
