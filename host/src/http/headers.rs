//! Security headers that every answer carries.

use poem::http::{HeaderMap, HeaderName, HeaderValue, header};

const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

const NOSNIFF: HeaderValue = HeaderValue::from_static("nosniff");
/// One year, in seconds (RFC 6797 section 6.1.1).
const HSTS: HeaderValue = HeaderValue::from_static("max-age=31536000");

/// What an answer gets unless its handler has set the same header: a hosted page needs scripts, and what may be cached
/// only its handler knows.
static UNLESS_SET: [(HeaderName, HeaderValue); 5] = [
    (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    (header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
    (RESOURCE_POLICY, HeaderValue::from_static("same-origin")),
    (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'")),
    (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
];

/// The header in which a request is named.
pub(super) fn request_id(headers: &HeaderMap) -> Option<&HeaderValue> {
    headers.get(X_REQUEST_ID)
}

/// Adds what is missing to the headers of an answer.
pub(super) fn complete(headers: &mut HeaderMap, id: HeaderValue, secure: bool) {
    // One allocation instead of two or three.
    headers.reserve(UNLESS_SET.len() + 5);
    for (name, value) in &UNLESS_SET {
        headers.entry(name).or_insert_with(|| value.clone());
    }
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, NOSNIFF);
    headers.insert(X_REQUEST_ID, id);
    if secure {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HSTS);
    }
}
