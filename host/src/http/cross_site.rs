//! Pages of other sites: what their scripts may see (CORS, in the Fetch standard), and what their requests bring along.

use std::sync::Arc;

use gatewright_plugin::{Reach, request::PeerCertificates};
use poem::{
    Request, Response,
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
};

/// Whose pages may call an operation.
pub type Reaches = Arc<dyn Fn(&Method, &str) -> Reach + Send + Sync>;

/// Any site, and therefore never with credentials: a browser refuses the two together.
const ANY: HeaderValue = HeaderValue::from_static("*");
/// What scripts may see beside the body: why a token was refused (RFC 6750), the nonce for the next proof (RFC 9449).
const SEEN: HeaderValue = HeaderValue::from_static("WWW-Authenticate, DPoP-Nonce, ETag, Location");
/// What scripts may send.
const SENT: HeaderValue = HeaderValue::from_static("Authorization, Content-Type, DPoP");
/// Two hours: browsers keep it no longer.
const KEPT: HeaderValue = HeaderValue::from_static("7200");

/// Lets scripts of any site see this answer.
pub(crate) fn share(headers: &mut HeaderMap) {
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, ANY);
    headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, SEEN);
}

/// The answer to a browser that asks whether a script may send what it wants to, where it may.
pub(super) fn preflight(request: &Request, reaches: &Reaches) -> Option<Response> {
    if *request.method() != Method::OPTIONS || !request.headers().contains_key(header::ORIGIN) {
        return None;
    }
    let asked = request.headers().get(header::ACCESS_CONTROL_REQUEST_METHOD)?;
    let method = Method::from_bytes(asked.as_bytes()).ok()?;
    if reaches(&method, request.uri().path()) != Reach::Shared {
        return None;
    }
    let mut response = Response::builder().status(StatusCode::NO_CONTENT).finish();
    let headers = response.headers_mut();
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, ANY);
    headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, asked.clone());
    headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, SENT);
    headers.insert(header::ACCESS_CONTROL_MAX_AGE, KEPT);
    Some(response)
}

/// Takes away what a browser has added by itself. A password in the header `Authorization` stays: here it is a client's,
/// and its script must send it.
pub(super) fn disown(request: &mut Request) {
    request.headers_mut().remove(header::COOKIE);
    request.extensions_mut().remove::<PeerCertificates>();
}
