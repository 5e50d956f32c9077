//! How fast requests and steps may come: GCRA (a bucket that refills steadily) in memory, for each address and each
//! tenant. A restart begins anew, and each node counts for itself: this guards the machine, not the accounts. For
//! those there is the throttle, which is stored.

mod addresses;
mod tenants;

use crate::http::Network;
use addresses::Addresses;
use gatewright_contract::TenantId;
use gatewright_core::{
    rate::{RateLimiter, RateRules},
    world::World,
};
use governor::{Quota, clock::Clock};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::{net::IpAddr, num::NonZeroU32, sync::Arc, time::Duration};
use tenants::Tenants;

/// The table `[http.rate]`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct RateConfig {
    /// Requests in a second, in the long run. 0: no limit. Default: `50`.
    #[schemars(range(max = 1_000_000))]
    pub per_second: u32,
    /// Requests that may come at once. Default: `200`.
    #[schemars(range(min = 1, max = 10_000_000))]
    pub burst: u32,
    /// Steps of logins and enrolments in a second, in the long run: what hashes passwords and writes. 0: no limit.
    /// A login with a password is two steps; raise it where many people share one address. Default: `10`.
    #[schemars(range(max = 1_000_000))]
    pub steps_per_second: u32,
    /// Steps that may come at once. Default: `100`.
    #[schemars(range(min = 1, max = 10_000_000))]
    pub steps_burst: u32,
    /// Addresses or networks that are not counted, such as those of your own services that check sessions here. Behind
    /// trusted proxies the client's address counts, not the proxy's. Default: this machine, since a proxy on it that is
    /// not in `trusted_proxies` would else have all its clients share one limit.
    pub exempt: Vec<String>,
}

impl Default for RateConfig {
    fn default() -> Self {
        Self {
            per_second: 50,
            burst: 200,
            steps_per_second: 10,
            steps_burst: 100,
            exempt: vec!["127.0.0.0/8".to_owned(), "::1".to_owned()],
        }
    }
}

/// Addresses that are remembered, for requests and for steps each: about 10 MiB when full.
const MOST_ADDRESSES: usize = 65_536;
/// Tenants that are remembered.
const MOST_TENANTS: usize = 10_000;

/// All of them.
pub struct Rates {
    requests: Option<Addresses>,
    steps: Option<Addresses>,
    tenants: Tenants,
    exempt: Vec<Network>,
}

impl Rates {
    /// As configured; what can't be read as a network was refused before. The world's [`World::elapsed`] is the clock.
    pub fn new(config: &RateConfig, world: Arc<dyn World>) -> Self {
        let watch = Watch(world);
        let addresses = |per_second, burst| {
            quota(per_second, burst).map(|q| Addresses::new(q, MOST_ADDRESSES, watch.clone()))
        };
        Self {
            requests: addresses(config.per_second, config.burst),
            steps: addresses(config.steps_per_second, config.steps_burst),
            tenants: Tenants::new(MOST_TENANTS, watch.clone()),
            exempt: config.exempt.iter().filter_map(|text| text.parse().ok()).collect(),
        }
    }

    /// A request from an address.
    ///
    /// # Errors
    /// The time to wait when there were too many.
    pub fn request(&self, address: IpAddr) -> Result<(), Duration> {
        self.count(self.requests.as_ref(), address)
    }

    fn count(&self, addresses: Option<&Addresses>, address: IpAddr) -> Result<(), Duration> {
        match addresses {
            Some(addresses) if !self.exempt.iter().any(|network| network.contains(address)) => {
                addresses.count(address)
            }
            _ => Ok(()),
        }
    }
}

impl RateLimiter for Rates {
    fn address(&self, address: IpAddr) -> Result<(), Duration> {
        self.count(self.steps.as_ref(), address)
    }

    fn tenant(&self, tenant: &TenantId, rules: &RateRules) -> Result<(), Duration> {
        self.tenants.count(tenant, rules)
    }
}

/// `None`: no limit.
fn quota(per_second: u32, burst: u32) -> Option<Quota> {
    let per_second = NonZeroU32::new(per_second)?;
    Some(Quota::per_second(per_second).allow_burst(NonZeroU32::new(burst).unwrap_or(NonZeroU32::MIN)))
}

/// The world as governor's clock.
#[derive(Clone)]
pub(crate) struct Watch(pub(crate) Arc<dyn World>);

impl Clock for Watch {
    type Instant = Duration;

    fn now(&self) -> Duration {
        self.0.elapsed()
    }
}

#[cfg(test)]
mod tests;
