//! Who is calling: the peer of the connection, or whom a trusted proxy names.

use std::net::{IpAddr, SocketAddr};

use poem::http::{HeaderMap, HeaderName, header::FORWARDED};

use super::{config::ProxyHeaders, forwarded, network::Network};

/// What is known about the caller before anything else is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Caller {
    /// An IPv4-mapped IPv6 address appears as IPv4; `None` where the request came over no socket.
    pub address: Option<IpAddr>,
    /// The client's own connection is encrypted: TLS here, or a trusted proxy says `https`.
    pub secure: bool,
    /// The peer is a trusted proxy: it may also name the request.
    pub through_proxy: bool,
}

/// The proxies that are believed.
#[derive(Clone, Debug)]
pub(super) struct Proxies {
    networks: Vec<Network>,
    headers: ProxyHeaders,
}

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
            return Caller { address: None, secure: tls, through_proxy: false };
        };
        if self.networks.is_empty() || !self.trusts(peer) {
            return Caller { address: Some(peer), secure: tls, through_proxy: false };
        }
        let (address, proto) = match self.headers {
            ProxyHeaders::XForwarded => self.x_forwarded(peer, headers),
            ProxyHeaders::Forwarded => self.forwarded(peer, headers),
        };
        // A proxy that says nothing about the scheme leaves what is true of the last hop.
        Caller { address: Some(address), secure: proto.unwrap_or(tls), through_proxy: true }
    }

    /// Each proxy appends the address that it saw, so the list is believable from the right as long as the next entry
    /// was written by a trusted one; what stands further left, anybody may have sent.
    fn x_forwarded(&self, peer: IpAddr, headers: &HeaderMap) -> (IpAddr, Option<bool>) {
        let mut address = peer;
        'walk: for value in headers.get_all(X_FORWARDED_FOR).iter().rev() {
            let Ok(value) = value.to_str() else { break };
            for entry in value.rsplit(',').map(str::trim) {
                let Some(ip) = parse_node(entry) else { break 'walk };
                address = ip;
                if !self.trusts(ip) {
                    break 'walk;
                }
            }
        }
        let mut protos = headers
            .get_all(X_FORWARDED_PROTO)
            .iter()
            .flat_map(|value| value.to_str().unwrap_or("?").split(','))
            .map(|proto| proto.trim().eq_ignore_ascii_case("https"))
            .peekable();
        let proto = protos.peek().is_some().then(|| protos.all(|https| https));
        (address, proto)
    }

    /// The same for RFC 7239, where address and scheme of a hop stand in one element.
    fn forwarded(&self, peer: IpAddr, headers: &HeaderMap) -> (IpAddr, Option<bool>) {
        let (mut address, mut proto) = (peer, None);
        'walk: for value in headers.get_all(FORWARDED).iter().rev() {
            let Some(hops) = value.to_str().ok().and_then(forwarded::parse) else { break };
            for hop in hops.iter().rev() {
                if let Some(https) = hop.https {
                    proto = Some(https && proto != Some(false));
                }
                let Some(ip) = hop.node.as_deref().and_then(parse_node) else { break 'walk };
                address = ip;
                if !self.trusts(ip) {
                    break 'walk;
                }
            }
        }
        (address, proto)
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
