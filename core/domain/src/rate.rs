//! How many steps may come in a second, right or wrong: so that who sends many takes nothing from others.
//!
//! Unlike the throttle this knows nobody's name: it depends on the address and the tenant alone, and so says
//! nothing about who exists, is locked or was wrong.

use gatewright_contract::TenantId;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::{
    net::{IpAddr, Ipv6Addr},
    time::Duration,
};

/// How many steps of logins and enrolments a tenant may make. A login with a password is two steps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct RateRules {
    /// Steps in a second, in the long run; more are refused with 429 and Retry-After. 0: no limit. Where many
    /// tenants share a host, a part of what it can do, so that one under attack leaves the others theirs.
    #[schemars(range(max = 1_000_000))]
    pub per_second: u32,
    /// Steps that may come at once.
    #[schemars(range(min = 1, max = 10_000_000))]
    pub burst: u32,
}

impl Default for RateRules {
    fn default() -> Self {
        Self { per_second: 100, burst: 1_000 }
    }
}

/// Counts steps in memory. An error is the time after which trying again makes sense.
pub trait RateLimiter: Send + Sync + 'static {
    /// A step from an address.
    ///
    /// # Errors
    /// When there were too many.
    fn address(&self, address: IpAddr) -> Result<(), Duration>;

    /// A step at a tenant that exists.
    ///
    /// # Errors
    /// When there were too many.
    fn tenant(&self, tenant: &TenantId, rules: &RateRules) -> Result<(), Duration>;
}

/// What counts as one address: of IPv6 a /64, which is what one household or one attacker gets.
pub fn network_of(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() & !u128::from(u64::MAX))),
        v4 => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::network_of;

    #[test]
    fn one_ipv6_network_is_one_address() {
        let of = |s: &str| network_of(s.parse().expect("address")).to_string();
        assert_eq!(of("2001:db8:1:2:ffff::9"), "2001:db8:1:2::");
        assert_eq!(of("::ffff:192.0.2.1"), "192.0.2.1");
    }
}
