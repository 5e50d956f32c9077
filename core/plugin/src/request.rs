//! What the host's front door leaves in a request's extensions for whoever handles it.

use crate::auth::cookie;
use gatewright_core::{Engine, Origin};
use poem::{
    Request,
    http::{HeaderMap, header},
};
use std::{net::IpAddr, sync::Arc};

/// Address of the client, behind trusted proxies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClientAddress(pub IpAddr);

/// Whether the client came over TLS, by itself or as a trusted proxy says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Secure(pub bool);

/// TLS client certificate chain, DER, leaf first.
#[derive(Clone, Debug, Default)]
pub struct PeerCertificates(pub Arc<Vec<Vec<u8>>>);

/// Id of the request, also in `X-Request-Id` of the reply.
#[derive(Clone, Debug)]
pub struct RequestId(pub Arc<str>);

/// Template of the route that answered; set on the *reply*, for metrics.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RouteName(pub &'static str);

/// Cookie that ties a login to the browser in which it began.
pub const BROWSER_COOKIE: &str = "gatewright_browser";

const MAX_USER_AGENT: usize = 256;
const MAX_ORIGIN: usize = 512;

/// Who is calling, for the engine.
pub fn origin(request: &Request, door: &'static str) -> Origin {
    let extensions = request.extensions();
    let header = |name: &str| request.headers().get(name).and_then(|v| v.to_str().ok());
    let user_agent = header("user-agent").map(|text| text.chars().take(MAX_USER_AGENT).collect());
    let locale = header("accept-language").and_then(first_language);
    Origin {
        door,
        address: extensions.get::<ClientAddress>().map(|a| a.0),
        user_agent,
        request_id: extensions.get::<RequestId>().map(|id| id.0.to_string()).unwrap_or_default(),
        browser: cookie(request, BROWSER_COOKIE).and_then(|value| Engine::browser(&value)),
        peer_certificates: extensions.get::<PeerCertificates>().map(|c| (*c.0).clone()).unwrap_or_default(),
        locale,
        web_origin: header("origin").filter(|origin| origin.len() <= MAX_ORIGIN).map(str::to_owned),
    }
}

/// The first tag of an `Accept-Language` header (RFC 9110, section 12.5.4).
fn first_language(header: &str) -> Option<String> {
    let tag = header.split([',', ';']).next()?.trim();
    let fits = (1..=35).contains(&tag.len()) && tag.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    fits.then(|| tag.to_owned())
}

/// Whether `If-None-Match` names the tag (RFC 9110, section 13.1.2; compared weakly).
pub fn knows(headers: &HeaderMap, tag: &str) -> bool {
    let fields = headers.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    // Our tags have no comma, so a foreign one that is cut in two can't look like one of ours.
    fields
        .flat_map(|field| field.split(','))
        .map(str::trim)
        .any(|known| known == "*" || known.strip_prefix("W/").unwrap_or(known) == tag)
}
