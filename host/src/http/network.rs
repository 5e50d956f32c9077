//! One address or network in CIDR notation (RFC 4632, RFC 4291 section 2.3).

use std::{net::IpAddr, str::FromStr};

/// An address or a network; IPv4 is kept as IPv4-mapped IPv6, so that one comparison serves both families.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    base: u128,
    mask: u128,
}

/// Why a text is no network.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NetworkError {
    /// Neither address nor CIDR.
    #[error("`{0}` is neither an IP address nor a network such as 10.0.0.0/8 or fd00::/8")]
    Syntax(String),
    /// The prefix length is more than the address has bits.
    #[error("`{text}`: a prefix length is between 1 and {bits} here")]
    Prefix {
        /// What was given.
        text: String,
        /// 32 or 128.
        bits: u32,
    },
    /// Prefix length 0.
    #[error(
        "`{0}` is every address there is: with it any caller could choose the address that is recorded for him"
    )]
    Everything(String),
    /// The address is not the first of its network.
    #[error("`{text}` has bits set after its prefix: did you mean {meant}?")]
    HostBits {
        /// What was given.
        text: String,
        /// The network that it lies in.
        meant: String,
    },
}

fn bits_of(ip: IpAddr) -> u128 {
    match ip {
        IpAddr::V4(v4) => v4.to_ipv6_mapped().to_bits(),
        IpAddr::V6(v6) => v6.to_bits(),
    }
}

impl Network {
    /// Whether `ip` lies in this network; an IPv4-mapped IPv6 address counts as the IPv4 address.
    #[inline]
    pub fn contains(&self, ip: IpAddr) -> bool {
        bits_of(ip) & self.mask == self.base
    }
}

impl FromStr for Network {
    type Err = NetworkError;

    fn from_str(text: &str) -> Result<Self, NetworkError> {
        let syntax = || NetworkError::Syntax(text.to_owned());
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (text, None),
        };
        let ip: IpAddr = address.parse().map_err(|_| syntax())?;
        let bits = if ip.is_ipv4() { 32 } else { 128 };
        let length = match prefix {
            None => bits,
            // `parse` would also take a sign.
            Some(p) if p.is_empty() || !p.bytes().all(|b| b.is_ascii_digit()) => return Err(syntax()),
            Some(p) => p.parse::<u32>().map_err(|_| syntax())?,
        };
        if length == 0 {
            return Err(NetworkError::Everything(text.to_owned()));
        }
        if length > bits {
            return Err(NetworkError::Prefix { text: text.to_owned(), bits });
        }
        let mask = u128::MAX << (bits - length);
        let full = bits_of(ip);
        if full & mask != full {
            let first = match ip {
                IpAddr::V4(v4) => IpAddr::V4((v4.to_bits() & (mask as u32)).into()),
                IpAddr::V6(v6) => IpAddr::V6((v6.to_bits() & mask).into()),
            };
            return Err(NetworkError::HostBits { text: text.to_owned(), meant: format!("{first}/{length}") });
        }
        Ok(Self { base: full, mask })
    }
}
