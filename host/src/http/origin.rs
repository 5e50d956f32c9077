//! Where a page comes from (RFC 6454), and whether it may change something here.

use std::net::{Ipv4Addr, Ipv6Addr};

use poem::http::{HeaderMap, HeaderName, HeaderValue, header};

use super::authority::Authority;

/// Scheme, host and port (RFC 6454 section 4), from a configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    secure: bool,
    host: String,
    port: u16,
}

/// Why a text is no origin.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OriginError {
    /// No scheme, or another than these two.
    #[error("`{0}` must start with https:// (or http://)")]
    Scheme(String),
    /// Something besides scheme, host and port.
    #[error(
        "`{0}` must be scheme, host and perhaps port, such as https://app.example.com: no path, no `*`, no user"
    )]
    Shape(String),
    /// A URL with more than scheme, host, port and path.
    #[error("`{0}` must be scheme, host, perhaps port and perhaps path: no query, no fragment, no user")]
    Url(String),
}

/// The same, borrowed from a request.
#[derive(Clone, Copy, Debug)]
struct Seen<'a> {
    secure: bool,
    host: &'a str,
    port: u16,
}

impl<'a> Seen<'a> {
    fn new(secure: bool, authority: Authority<'a>) -> Self {
        Self { secure, host: authority.host, port: authority.port.unwrap_or(if secure { 443 } else { 80 }) }
    }

    fn parse(text: &'a str) -> Option<Self> {
        let (secure, rest) = split_scheme(text)?;
        Some(Self::new(secure, Authority::parse(rest)?))
    }

    fn is(&self, secure: bool, host: &str, port: u16) -> bool {
        self.secure == secure && self.port == port && self.host.eq_ignore_ascii_case(host)
    }
}

fn split_scheme(text: &str) -> Option<(bool, &str)> {
    match text.split_once("://")? {
        (scheme, rest) if scheme.eq_ignore_ascii_case("https") => Some((true, rest)),
        (scheme, rest) if scheme.eq_ignore_ascii_case("http") => Some((false, rest)),
        _ => None,
    }
}

impl Origin {
    /// Reads `https://host` or `https://host:port`.
    pub fn parse(text: &str) -> Result<Self, OriginError> {
        split_scheme(text).ok_or_else(|| OriginError::Scheme(text.to_owned()))?;
        let seen = Seen::parse(text).ok_or_else(|| OriginError::Shape(text.to_owned()))?;
        Ok(Self { secure: seen.secure, host: seen.host.to_ascii_lowercase(), port: seen.port })
    }

    /// The origin of an `http` or `https` URL.
    pub fn of_url(url: &str) -> Result<Self, OriginError> {
        let (_, rest) = split_scheme(url).ok_or_else(|| OriginError::Scheme(url.to_owned()))?;
        let path = rest.find('/').unwrap_or(rest.len());
        let odd = |b: u8| b <= b' ' || b == 0x7f || matches!(b, b'?' | b'#' | b'\\');
        if rest[path..].bytes().any(odd) {
            return Err(OriginError::Url(url.to_owned()));
        }
        Self::parse(&url[..url.len() - (rest.len() - path)]).map_err(|_| OriginError::Url(url.to_owned()))
    }

    /// Whether the scheme is `https`.
    pub fn is_secure(&self) -> bool {
        self.secure
    }

    /// Whether it can only be this machine: `localhost`, `127.0.0.0/8`, `[::1]`.
    pub fn is_loopback(&self) -> bool {
        self.host == "localhost"
            || self.host.ends_with(".localhost")
            || self.host.parse::<Ipv4Addr>().is_ok_and(|ip| ip.is_loopback())
            || self.host.trim_matches(['[', ']']).parse::<Ipv6Addr>().is_ok_and(|ip| ip.is_loopback())
    }
}

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// The origins that may send changing requests together with cookies.
#[derive(Clone, Debug, Default)]
pub(super) struct Origins(Vec<Origin>);

impl Origins {
    pub(super) fn new(known: Vec<Origin>) -> Self {
        Self(known)
    }

    /// Whether a changing request that carries cookies may pass; the cookies prove who the browser belongs to, this
    /// is about who made the browser send them. `own` is what the request itself calls this server.
    ///
    /// Browsers send `Origin` with every POST and scripts can't set or remove it (Fetch, "append a request `Origin`
    /// header"), the same goes for `Sec-Fetch-Site` (Fetch Metadata section 2.4). Neither of the two means: no browser
    /// of today, so nobody whose browser could be led astray.
    pub(super) fn may_change(&self, headers: &HeaderMap, secure: bool, own: Option<Authority<'_>>) -> bool {
        let mut sent = headers.get_all(header::ORIGIN).iter();
        let site = headers.get(SEC_FETCH_SITE).map(HeaderValue::as_bytes);
        match (sent.next(), sent.next()) {
            (None, _) => !matches!(site, Some(site) if site != b"same-origin" && site != b"none"),
            (Some(_), Some(_)) => false,
            // Our own pages carry `Referrer-Policy: no-referrer`, under which browsers send `Origin: null` with a
            // form even to the page's own server. Sec-Fetch-Site tells it from a sandboxed frame or a redirect from
            // elsewhere, which are `cross-site`.
            (Some(origin), None) if origin == "null" => site == Some(b"same-origin"),
            (Some(origin), None) => {
                origin.to_str().ok().and_then(Seen::parse).is_some_and(|seen| self.knows(&seen, secure, own))
            }
        }
    }

    fn knows(&self, seen: &Seen<'_>, secure: bool, own: Option<Authority<'_>>) -> bool {
        let here = own.map(|authority| Seen::new(secure, authority));
        here.is_some_and(|here| seen.is(here.secure, here.host, here.port))
            || self.0.iter().any(|known| seen.is(known.secure, &known.host, known.port))
    }
}
