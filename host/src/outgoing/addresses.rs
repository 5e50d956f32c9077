//! Which addresses a request that somebody else asked for may go to: public ones, and what the operator allows.

use crate::http::Network;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// IPv4 that is not of the public network (IANA special-purpose registry), as address and prefix length.
const CLOSED_V4: &[(Ipv4Addr, u32)] = &[
    (Ipv4Addr::new(0, 0, 0, 0), 8),
    (Ipv4Addr::new(10, 0, 0, 0), 8),
    // Between a carrier and its customers; also the metadata of Alibaba Cloud.
    (Ipv4Addr::new(100, 64, 0, 0), 10),
    (Ipv4Addr::new(127, 0, 0, 0), 8),
    // Of the link; also the metadata of most clouds.
    (Ipv4Addr::new(169, 254, 0, 0), 16),
    (Ipv4Addr::new(172, 16, 0, 0), 12),
    // Also the metadata of Oracle Cloud.
    (Ipv4Addr::new(192, 0, 0, 0), 24),
    (Ipv4Addr::new(192, 0, 2, 0), 24),
    (Ipv4Addr::new(192, 88, 99, 0), 24),
    (Ipv4Addr::new(192, 168, 0, 0), 16),
    (Ipv4Addr::new(198, 18, 0, 0), 15),
    (Ipv4Addr::new(198, 51, 100, 0), 24),
    (Ipv4Addr::new(203, 0, 113, 0), 24),
    // Multicast, reserved, broadcast.
    (Ipv4Addr::new(224, 0, 0, 0), 3),
    // A public address that only machines of Azure see: their host.
    (Ipv4Addr::new(168, 63, 129, 16), 32),
];

/// Inside of 2000::/3, which is all of the public IPv6.
const CLOSED_V6: &[(Ipv6Addr, u32)] = &[
    // Protocols, Teredo, benchmarks, ORCHID.
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23),
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32),
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20),
];

const PUBLIC_V6: (Ipv6Addr, u32) = (Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3);
/// NAT64 (RFC 6052).
const NAT64: (Ipv6Addr, u32) = (Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, 0, 0), 96);
/// 6to4 (RFC 3056).
const SIX_TO_FOUR: (Ipv6Addr, u32) = (Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16);

/// Judges addresses.
#[derive(Clone, Debug, Default)]
pub(super) struct Guard {
    /// What is allowed although it is not public.
    pub(super) allowed: Vec<Network>,
}

impl Guard {
    /// Whether a connection may go there.
    pub(super) fn admits(&self, ip: IpAddr) -> bool {
        let plain = embedded(ip);
        let allowed = |ip| self.allowed.iter().any(|network| network.contains(ip));
        allowed(ip) || allowed(plain) || is_public(plain)
    }
}

fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => !CLOSED_V4.iter().any(|(base, length)| {
            let mask = u32::MAX << (32 - length);
            ip.to_bits() & mask == base.to_bits()
        }),
        IpAddr::V6(ip) => within(ip, &PUBLIC_V6) && !CLOSED_V6.iter().any(|closed| within(ip, closed)),
    }
}

fn within(ip: Ipv6Addr, (base, length): &(Ipv6Addr, u32)) -> bool {
    ip.to_bits() >> (128 - length) == base.to_bits() >> (128 - length)
}

/// The IPv4 address that a gateway on the way would make of it, or the address itself.
fn embedded(ip: IpAddr) -> IpAddr {
    let IpAddr::V6(v6) = ip else { return ip };
    let bits = v6.to_bits();
    let v4 = |bits: u128| IpAddr::V4(Ipv4Addr::from_bits((bits & u128::from(u32::MAX)) as u32));
    if let Some(mapped) = v6.to_ipv4_mapped() {
        IpAddr::V4(mapped)
    } else if within(v6, &NAT64) {
        v4(bits)
    } else if within(v6, &SIX_TO_FOUR) {
        v4(bits >> 80)
    } else {
        ip
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn admits(guard: &Guard, text: &str) -> bool {
        guard.admits(text.parse().unwrap_or_else(|_| panic!("{text} is an address")))
    }

    #[test]
    fn what_is_not_public_is_refused() {
        let guard = Guard::default();
        for text in "0.0.0.0 0.1.2.3 10.0.0.1 10.255.255.255 100.64.0.1 100.100.100.200 100.127.255.255 127.0.0.1 \
                     127.255.255.255 169.254.0.1 169.254.169.254 172.16.0.1 172.31.255.255 192.0.0.1 192.0.0.192 \
                     192.0.2.1 192.88.99.1 192.168.0.1 198.18.0.1 198.19.255.255 198.51.100.1 203.0.113.1 224.0.0.1 \
                     239.255.255.255 240.0.0.1 255.255.255.255 168.63.129.16 :: ::1 ::127.0.0.1 ::ffff:127.0.0.1 \
                     ::ffff:10.0.0.1 ::ffff:169.254.169.254 ::ffff:0:127.0.0.1 64:ff9b::127.0.0.1 64:ff9b::10.0.0.1 \
                     64:ff9b::a9fe:a9fe 64:ff9b:1::1 100::1 2001::1 2001:0:4136:e378:8000:63bf:3fff:fdd2 2001:2::1 \
                     2001:10::1 2001:20::1 2001:db8::1 2002:7f00:1:: 2002:a00:1::1 2002:a9fe:a9fe:: 3fff::1 5f00::1 \
                     fc00::1 fd00:ec2::254 fe80::1 fec0::1 ff02::1"
            .split_whitespace()
        {
            assert!(!admits(&guard, text), "{text}");
        }
    }

    #[test]
    fn what_is_public_is_admitted() {
        let guard = Guard::default();
        for text in "1.1.1.1 9.255.255.255 11.0.0.0 100.63.255.255 100.128.0.0 126.255.255.255 128.0.0.1 \
                     169.253.255.255 169.255.0.0 172.15.255.255 172.32.0.0 192.0.1.1 192.167.255.255 192.169.0.0 \
                     198.17.255.255 198.20.0.0 223.255.255.255 2606:4700::1111 2001:4860:4860::8888 2a00:1450::1 \
                     ::ffff:1.1.1.1 64:ff9b::1.1.1.1 2002:101:101::1"
            .split_whitespace()
        {
            assert!(admits(&guard, text), "{text}");
        }
    }

    #[test]
    fn the_operator_allows_networks() {
        let networks = ["10.1.0.0/16", "fd00:1::/32"];
        let allowed = networks.map(|text| text.parse().expect("a network")).into();
        let guard = Guard { allowed };
        for text in ["10.1.2.3", "::ffff:10.1.2.3", "64:ff9b::10.1.2.3", "fd00:1::7", "1.1.1.1"] {
            assert!(admits(&guard, text), "{text}");
        }
        for text in ["10.2.0.1", "fd00:2::1", "127.0.0.1", "::1"] {
            assert!(!admits(&guard, text), "{text}");
        }
    }
}
