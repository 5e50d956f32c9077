//! Who is calling: the peer of the connection, or whom a trusted proxy names.

use std::net::{IpAddr, SocketAddr};

use poem::http::{HeaderMap, HeaderName, header::FORWARDED};

use super::{config::ProxyHeaders, forwarded, network::Network};

/// What is known about the caller before anything else is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Caller {
    /// An IPv4-mapped IPv6 address appears as IPv4; `None` where the request came over no socket, or where a trusted
    /// proxy says in a way that can't be read for whom it asks.
    pub address: Option<IpAddr>,
    /// The client's own connection is encrypted: TLS here, or a trusted proxy says `https`.
    pub secure: bool,
    /// The peer is a trusted proxy: it may also name the request.
    pub through_proxy: bool,
    /// A trusted proxy asks for somebody of whom no address can be read. Such a request is nobody's: counted as the
    /// proxy's own, it would be as good as one from this machine.
    pub unreadable: bool,
}

/// What the headers of a trusted proxy say.
struct Told {
    /// `Err`: a header is there, and no client's address in it.
    address: Result<IpAddr, Unreadable>,
    https: Option<bool>,
}

/// No address can be read where one stands.
struct Unreadable;

/// The proxies that are believed.
#[derive(Clone, Debug)]
pub(super) struct Proxies {
    networks: Vec<Network>,
    headers: ProxyHeaders,
}

/// More hops than this no request has gone through.
const MOST_HOPS: usize = 32;
const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const X_FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

impl Proxies {
    pub(super) fn new(networks: Vec<Network>, headers: ProxyHeaders) -> Self {
        Self { networks, headers }
    }

    fn trusts(&self, ip: IpAddr) -> bool {
        self.networks.iter().any(|network| network.contains(ip))
    }

    /// Who is calling, given the other end of the connection and whether that connection is TLS.
    pub(super) fn caller(&self, peer: Option<IpAddr>, tls: bool, headers: &HeaderMap) -> Caller {
        let Some(peer) = peer.map(|ip| ip.to_canonical()) else {
            return Caller { address: None, secure: tls, through_proxy: false, unreadable: false };
        };
        if self.networks.is_empty() || !self.trusts(peer) {
            return Caller { address: Some(peer), secure: tls, through_proxy: false, unreadable: false };
        }
        let told = match self.headers {
            ProxyHeaders::XForwarded => self.x_forwarded(peer, headers),
            ProxyHeaders::Forwarded => self.forwarded(peer, headers),
        };
        // A proxy that says nothing about the scheme leaves what is true of the last hop.
        let secure = told.https.unwrap_or(tls);
        let unreadable = told.address.is_err();
        Caller { address: told.address.ok(), secure, through_proxy: true, unreadable }
    }

    /// Each proxy appends the address that it saw.
    fn x_forwarded(&self, peer: IpAddr, headers: &HeaderMap) -> Told {
        let values = headers.get_all(X_FORWARDED_FOR).iter().rev();
        // As bytes: what the client sent stands in the same value, and must not make the rest unreadable.
        let entries = values.flat_map(|value| value.as_bytes().rsplit(|byte| *byte == b','));
        let address = self.walk(peer, entries.map(|entry| parse_node(str::from_utf8(entry).ok()?.trim())));
        let mut protos = headers
            .get_all(X_FORWARDED_PROTO)
            .iter()
            .flat_map(|value| value.to_str().unwrap_or("?").split(','))
            .map(|proto| proto.trim().eq_ignore_ascii_case("https"))
            .peekable();
        let https = protos.peek().is_some().then(|| protos.all(|https| https));
        Told { address, https }
    }

    /// The same for RFC 7239, where address and scheme of a hop stand in one element.
    fn forwarded(&self, peer: IpAddr, headers: &HeaderMap) -> Told {
        let mut https = None;
        let values = headers.get_all(FORWARDED).iter().rev();
        let hops = values.flat_map(|value| forwarded::from_the_right(value.as_bytes()));
        let address = self.walk(
            peer,
            hops.map(|hop| {
                let hop = hop?;
                if let Some(secure) = hop.https {
                    https = Some(secure && https != Some(false));
                }
                hop.node.as_deref().and_then(parse_node)
            }),
        );
        Told { address, https }
    }

    /// Follows the entries from the right as long as the next one was written by a trusted proxy; what stands further
    /// left, anybody may have sent. `None` is an entry that can't be read; it ends the walk where it has come to,
    /// unless that is the peer itself or this machine: then the proxy would pass for the client.
    fn walk(
        &self,
        peer: IpAddr,
        entries: impl Iterator<Item = Option<IpAddr>>,
    ) -> Result<IpAddr, Unreadable> {
        let mut found = None;
        for entry in entries.take(MOST_HOPS) {
            match (entry, found) {
                (Some(ip), _) if !self.trusts(ip) => return Ok(ip),
                (Some(ip), _) => found = Some(ip),
                (None, Some(ip)) if !ip.is_loopback() => return Ok(ip),
                (None, _) => return Err(Unreadable),
            }
        }
        Ok(found.unwrap_or(peer))
    }
}

/// `192.0.2.1`, `192.0.2.1:4711`, `2001:db8::1`, `[2001:db8::1]`, `[2001:db8::1]:4711` (RFC 7239 section 6); not
/// `unknown` and no obfuscated name.
fn parse_node(text: &str) -> Option<IpAddr> {
    let ip = match text.parse::<IpAddr>() {
        Ok(ip) => ip,
        Err(_) => match text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            Some(v6) => IpAddr::V6(v6.parse().ok()?),
            None => text.parse::<SocketAddr>().ok()?.ip(),
        },
    };
    Some(ip.to_canonical())
}
