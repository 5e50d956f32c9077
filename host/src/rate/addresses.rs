//! A bucket for each address, in bounded memory.

use super::Watch;
use gatewright_core::rate::network_of;
use governor::{
    Quota, RateLimiter, clock::Clock, middleware::NoOpMiddleware, state::keyed::DashMapStateStore,
};
use std::{
    hash::{BuildHasher, RandomState},
    net::IpAddr,
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    time::Duration,
};

/// How often it is looked after how many buckets there are: so many may be over the bound.
pub(super) const LOOK_EVERY: usize = 1_024;
/// When there is no room, strangers share that many.
pub(super) const SHARED: u64 = 4_096;

/// Whose bucket.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Whose {
    One(IpAddr),
    /// Strangers that a secret of this process has thrown together.
    Some(u64),
}

/// The buckets.
pub(super) struct Addresses {
    limiter: RateLimiter<Whose, DashMapStateStore<Whose>, Watch, NoOpMiddleware<Duration>>,
    watch: Watch,
    most: usize,
    calls: AtomicUsize,
    full: AtomicBool,
    hasher: RandomState,
}

impl Addresses {
    pub(super) fn new(quota: Quota, most: usize, watch: Watch) -> Self {
        Self {
            limiter: RateLimiter::dashmap_with_clock(quota, watch.clone()),
            watch,
            most,
            calls: AtomicUsize::new(0),
            full: AtomicBool::new(false),
            hasher: RandomState::new(),
        }
    }

    pub(super) fn count(&self, address: IpAddr) -> Result<(), Duration> {
        if self.calls.fetch_add(1, Ordering::Relaxed) % LOOK_EVERY == LOOK_EVERY - 1 {
            self.tidy();
        }
        let network = network_of(address);
        let whose = match self.full.load(Ordering::Relaxed) {
            false => Whose::One(network),
            // Neither more memory nor a way past the limit. It takes tens of thousands of addresses that all send
            // much at the same time.
            true => Whose::Some(self.hasher.hash_one(network) % SHARED),
        };
        self.limiter.check_key(&whose).map_err(|until| until.wait_time_from(self.watch.now()))
    }

    /// Forgets the buckets that are full again: most of them, a moment after the last request.
    fn tidy(&self) {
        if self.limiter.len() > self.most / 2 {
            self.limiter.retain_recent();
            self.limiter.shrink_to_fit();
        }
        self.full.store(self.limiter.len() >= self.most, Ordering::Relaxed);
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.limiter.len()
    }
}
