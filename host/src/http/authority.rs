//! Host and port of a request: read strictly, because redirects, cookies and the origin check lean on it.

use std::net::Ipv6Addr;

use poem::{
    Request,
    http::{Version, header},
};

/// A host and perhaps a port (RFC 3986 section 3.2.2 and 3.2.3, without user information).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Authority<'a> {
    /// Name, IPv4 address, or IPv6 address in brackets.
    pub host: &'a str,
    /// As written.
    pub port: Option<u16>,
}

/// A DNS name has at most 253 characters (RFC 1035 section 2.3.4); with a port and some air.
const LONGEST: usize = 262;

impl<'a> Authority<'a> {
    /// Reads `host`, `host:port`, `[v6]`, `[v6]:port`; letters, digits, `-`, `.` and `_` make a host.
    pub(super) fn parse(text: &'a str) -> Option<Self> {
        if text.is_empty() || text.len() > LONGEST {
            return None;
        }
        let (host, port) = if text.starts_with('[') {
            let end = text.find(']')?;
            text[1..end].parse::<Ipv6Addr>().ok()?;
            let rest = &text[end + 1..];
            (&text[..=end], if rest.is_empty() { None } else { Some(rest.strip_prefix(':')?) })
        } else {
            match text.split_once(':') {
                Some((host, port)) => (host, Some(port)),
                None => (text, None),
            }
        };
        if !host.starts_with('[') {
            let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_');
            if host.is_empty() || host.starts_with('.') || !host.bytes().all(plain) {
                return None;
            }
        }
        let port = match port {
            None => None,
            Some(digits) => Some(parse_port(digits)?),
        };
        Some(Self { host, port })
    }
}

fn parse_port(digits: &str) -> Option<u16> {
    if digits.is_empty() || digits.len() > 5 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    digits.parse().ok().filter(|port| *port != 0)
}

/// The authority that a request is for, from `:authority`, the absolute form of the target, or `Host`.
///
/// `Err` where RFC 9112 section 3.2 and RFC 9113 section 8.3.1 ask for 400: none although the version needs one,
/// several, one that is malformed, or two that differ (two parties on the way could then take it for two sites).
pub(super) fn of_request(request: &Request) -> Result<Option<Authority<'_>>, ()> {
    let mut hosts = request.headers().get_all(header::HOST).iter();
    let host = match hosts.next() {
        None => None,
        Some(value) => Some(value.to_str().map_err(|_| ())?),
    };
    if hosts.next().is_some() {
        return Err(());
    }
    let target = request.uri().authority().map(|authority| authority.as_str());
    let text = match (target, host) {
        (Some(target), Some(host)) if !target.eq_ignore_ascii_case(host) => return Err(()),
        (Some(text), _) | (None, Some(text)) => text,
        // HTTP/1.0 has no Host; the health checks of some load balancers still speak it.
        (None, None) if request.version() == Version::HTTP_10 => return Ok(None),
        (None, None) => return Err(()),
    };
    Authority::parse(text).map(Some).ok_or(())
}
