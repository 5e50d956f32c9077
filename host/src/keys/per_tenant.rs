//! What was read for a tenant, for a second or until it is forgotten: bounded, and read by one at a time.

use gatewright_contract::{Fault, TenantId};
use quick_cache::sync::Cache;
use std::{
    hash::{BuildHasher, RandomState},
    sync::Arc,
    time::Duration,
};
use tokio::sync::Mutex;

/// As many tenants are kept; the least used goes.
pub(super) const TENANTS: usize = 10_000;

/// What other hosts have changed is seen after this time.
const FRESH_FOR: Duration = Duration::from_secs(1);

/// Reads for the sake of something unknown, in a second and for one tenant.
const FORCED_AT_MOST: u32 = 8;

/// Waiting for a turn is by tenant, or nearly: so many queues.
const TURNS: usize = 64;

/// A value and when it was read.
pub(super) struct Read<V> {
    pub(super) value: V,
    /// Of [`gatewright_core::world::World::elapsed`], like every `now` here.
    at: Duration,
    forced: u32,
}

/// Values by tenant.
pub(super) struct PerTenant<V> {
    cache: Cache<TenantId, Arc<Read<V>>>,
    turns: Vec<Mutex<()>>,
    hasher: RandomState,
}

impl<V> Read<V> {
    /// Whether it is as good as read now.
    fn is_fresh(&self, now: Duration) -> bool {
        now.saturating_sub(self.at) < FRESH_FOR
    }
}

impl<V> PerTenant<V> {
    pub(super) fn new() -> Self {
        let turns = std::iter::repeat_with(Mutex::default).take(TURNS).collect();
        Self { cache: Cache::new(TENANTS), turns, hasher: RandomState::new() }
    }

    /// However old.
    pub(super) fn any(&self, tenant: &TenantId) -> Option<Arc<Read<V>>> {
        self.cache.get(tenant)
    }

    /// Not older than a second.
    pub(super) fn fresh(&self, tenant: &TenantId, now: Duration) -> Option<Arc<Read<V>>> {
        self.cache.get(tenant).filter(|read| read.is_fresh(now))
    }

    /// Reads, unless somebody else has done so since `seen` was: whoever waits for the same tenant gets what the
    /// first has read. `load` gets what was known before.
    pub(super) async fn read<F: Future<Output = Result<V, Fault>>>(
        &self,
        tenant: &TenantId,
        seen: Option<&Arc<Read<V>>>,
        now: Duration,
        load: impl FnOnce(Option<Arc<Read<V>>>) -> F,
    ) -> Result<Arc<Read<V>>, Fault> {
        let turn = self.hasher.hash_one(tenant) as usize % TURNS;
        let _turn = self.turns[turn].lock().await;
        let known = self.cache.get(tenant);
        let is_news = |known: &&Arc<Read<V>>| seen.is_none_or(|seen| !Arc::ptr_eq(seen, known));
        if let Some(news) = known.as_ref().filter(is_news).filter(|known| known.is_fresh(now)) {
            return Ok(news.clone());
        }
        let forced = known.as_ref().filter(|known| known.is_fresh(now)).map_or(0, |known| known.forced + 1);
        if let Some(known) = known.as_ref().filter(|_| forced > FORCED_AT_MOST) {
            return Ok(known.clone());
        }
        let read = Arc::new(Read { value: load(known).await?, at: now, forced });
        self.cache.insert(tenant.clone(), read.clone());
        Ok(read)
    }

    /// The next question reads.
    pub(super) fn forget(&self, tenant: &TenantId) {
        self.cache.remove(tenant);
    }

    /// The next question about any tenant reads.
    pub(super) fn forget_all(&self) {
        self.cache.clear();
    }
}
