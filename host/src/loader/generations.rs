//! Libraries that have been replaced, as long as somebody may still answer what they have asked.
//!
//! A process that has nothing to do is ended soon; a late answer makes it anew. Nobody counts logins: when none that was
//! begun before the swap can be alive any more, on whatever node it goes on, the generation is forgotten.

use super::Transport;
use futures_util::future::join_all;
use gatewright_contract::{BoxFut, Fault, TenantId};
use gatewright_core::{session::SessionRules, world::World};
use gatewright_plugin::Health;
use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering},
    },
    time::Duration,
};

/// A replaced library that was not called for this long is put to rest.
const QUIET: Duration = Duration::from_secs(1);
/// Of one plugin at most; of whoever swaps more often than that the oldest is forgotten early.
const MOST: usize = 8;

/// A transport that knows when it was called last.
pub struct Watched {
    inner: Arc<dyn Transport>,
    world: Arc<dyn World>,
    /// Calls under way.
    busy: AtomicUsize,
    /// Microseconds of [`World::elapsed`] at the end of the last call.
    last: AtomicU64,
    /// Whether it was called since it was put to rest.
    awake: AtomicBool,
}

impl Watched {
    /// Watches this one.
    pub fn new(inner: Arc<dyn Transport>, world: Arc<dyn World>) -> Self {
        let last = AtomicU64::new(micros(world.elapsed()));
        Self { inner, world, busy: AtomicUsize::new(0), last, awake: AtomicBool::new(true) }
    }

    /// Ends what it has running where it has been quiet for long enough.
    async fn rest_when_quiet(&self) {
        // First: whoever calls from here on says so again, and the next round sees it.
        if !self.awake.swap(false, Ordering::SeqCst) {
            return;
        }
        let quiet = micros(self.world.elapsed()).saturating_sub(self.last.load(Ordering::SeqCst));
        match self.busy.load(Ordering::SeqCst) == 0 && quiet >= micros(QUIET) {
            true => self.inner.rest().await,
            false => self.awake.store(true, Ordering::SeqCst),
        }
    }
}

/// One call, from its beginning to its end, however it ends.
struct Under<'a>(&'a Watched);

impl<'a> Under<'a> {
    fn way(watched: &'a Watched) -> Self {
        watched.busy.fetch_add(1, Ordering::SeqCst);
        watched.awake.store(true, Ordering::SeqCst);
        Self(watched)
    }
}

impl Drop for Under<'_> {
    fn drop(&mut self) {
        self.0.last.store(micros(self.0.world.elapsed()), Ordering::SeqCst);
        self.0.busy.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Transport for Watched {
    fn manifest(&self) -> &[u8] {
        self.inner.manifest()
    }

    fn call<'a>(
        &'a self,
        tenant: Option<&'a TenantId>,
        method: &'static str,
        request: Vec<u8>,
    ) -> BoxFut<'a, Result<Vec<u8>, Fault>> {
        Box::pin(async move {
            let _under_way = Under::way(self);
            self.inner.call(tenant, method, request).await
        })
    }

    fn health(&self) -> Health {
        self.inner.health()
    }

    fn process(&self) -> Option<u32> {
        self.inner.process()
    }

    fn rest(&self) -> BoxFut<'_, ()> {
        self.inner.rest()
    }
}

fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

/// All that have been replaced.
pub struct Generations {
    world: Arc<dyn World>,
    kept: Mutex<Vec<Kept>>,
    /// Nobody will call these again; calls may still be under way.
    leaving: Mutex<Vec<Arc<Watched>>>,
}

struct Kept {
    plugin: String,
    generation: String,
    transport: Arc<Watched>,
    /// Time of [`World::elapsed`] after which nothing that it has asked can be answered.
    until: Duration,
}

impl Generations {
    /// None so far.
    pub fn new(world: Arc<dyn World>) -> Self {
        Self { world, kept: Mutex::default(), leaving: Mutex::default() }
    }

    /// Keeps one that has just been replaced.
    pub fn keep(&self, plugin: &str, generation: &str, transport: Arc<Watched>) {
        let now = self.world.elapsed();
        // It may have been quiet all day; what was begun on it a moment ago comes back soon.
        transport.last.fetch_max(micros(now), Ordering::SeqCst);
        let (plugin, generation) = (plugin.to_owned(), generation.to_owned());
        let until = now + SessionRules::LONGEST_TRANSACTION;
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let mut mine: Vec<&mut Kept> =
            kept.iter_mut().filter(|one| one.plugin == plugin && one.until > now).collect();
        if mine.len() >= MOST {
            mine[0].until = now;
        }
        kept.push(Kept { plugin, generation, transport, until });
    }

    /// Puts one to rest, when it is quiet, whose namesake answers all that it has asked: the same library was begun anew.
    pub fn leave(&self, transport: Arc<Watched>) {
        transport.last.fetch_max(micros(self.world.elapsed()), Ordering::SeqCst);
        self.leaving.lock().unwrap_or_else(PoisonError::into_inner).push(transport);
    }

    /// How many are kept.
    pub fn count(&self) -> usize {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// One round: what is quiet is put to rest, and what nobody can answer any more is forgotten: `forget` is told
    /// plugin and generation.
    pub async fn round(&self, forget: &(dyn Fn(&str, &str) + Send + Sync)) {
        let over = self.over();
        for Kept { plugin, generation, .. } in &over {
            // One of the same name may have been replaced since: it answers what its namesake has asked.
            if !self.is_kept(plugin, generation) {
                forget(plugin, generation);
                tracing::info!(plugin, generation, "a replaced version of a plugin is no longer kept");
            }
        }
        join_all(over.iter().map(|one| one.transport.inner.rest())).await;
        let all: Vec<Arc<Watched>> = {
            let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
            kept.iter().map(|one| one.transport.clone()).collect()
        };
        let leaving = std::mem::take(&mut *self.leaving.lock().unwrap_or_else(PoisonError::into_inner));
        join_all(all.iter().chain(&leaving).map(|transport| transport.rest_when_quiet())).await;
        let awake = leaving.into_iter().filter(|transport| transport.awake.load(Ordering::SeqCst));
        self.leaving.lock().unwrap_or_else(PoisonError::into_inner).extend(awake);
    }

    /// Takes out those that nobody can answer any more.
    fn over(&self) -> Vec<Kept> {
        let now = self.world.elapsed();
        self.kept
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .extract_if(.., |one| one.until <= now)
            .collect()
    }

    fn is_kept(&self, plugin: &str, generation: &str) -> bool {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.iter().any(|one| one.plugin == plugin && one.generation == generation)
    }
}

#[cfg(test)]
mod tests;
