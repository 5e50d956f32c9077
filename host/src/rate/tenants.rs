//! A bucket for each tenant, of the size that its settings say.

use super::{Watch, quota};
use gatewright_contract::TenantId;
use gatewright_core::rate::RateRules;
use governor::{
    RateLimiter,
    clock::Clock,
    middleware::NoOpMiddleware,
    state::{InMemoryState, NotKeyed},
};
use quick_cache::sync::Cache;
use std::{sync::Arc, time::Duration};

struct Bucket {
    rules: RateRules,
    limiter: RateLimiter<NotKeyed, InMemoryState, Watch, NoOpMiddleware<Duration>>,
}

/// The buckets. Only tenants that exist are asked for, and who has not been asked for in a long time begins anew.
pub(super) struct Tenants {
    buckets: Cache<TenantId, Arc<Bucket>>,
    watch: Watch,
}

impl Tenants {
    pub(super) fn new(most: usize, watch: Watch) -> Self {
        Self { buckets: Cache::new(most), watch }
    }

    pub(super) fn count(&self, tenant: &TenantId, rules: &RateRules) -> Result<(), Duration> {
        let Some(quota) = quota(rules.per_second, rules.burst) else { return Ok(()) };
        let fresh = || {
            let limiter = RateLimiter::direct_with_clock(quota, self.watch.clone());
            Arc::new(Bucket { rules: rules.clone(), limiter })
        };
        // Of two at once that find none, both get the same one.
        let found = self.buckets.get_or_insert_with(tenant, || Ok::<_, std::convert::Infallible>(fresh()));
        let mut bucket = match found {
            Ok(bucket) => bucket,
            Err(never) => match never {},
        };
        if bucket.rules != *rules {
            // The settings have changed.
            bucket = fresh();
            self.buckets.insert(tenant.clone(), bucket.clone());
        }
        bucket.limiter.check().map_err(|until| until.wait_time_from(self.watch.now()))
    }
}
