//! Work that one node at a time does: who holds the lease of a task does it.
//!
//! The lease is a row of the database and ends by the database's clock. Here it is believed to end earlier, so
//! that who can't renew it has stopped before another begins.

use gatewright_contract::Fault;
use gatewright_core::{
    store::Store,
    world::{World, random_array},
};
use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};
use tokio::{sync::watch, time};
use uuid::Uuid;

/// How long a lease lasts that is not renewed.
const LEASE: Duration = Duration::from_secs(10);

/// The lease of one task, as this node sees it.
pub struct Leader {
    task: String,
    holder: Uuid,
    store: Arc<dyn Store>,
    lease: Duration,
    /// Until when this node leads.
    until: Mutex<Option<Instant>>,
    /// Taking and giving back, one after the other.
    turn: tokio::sync::Mutex<()>,
}

impl Leader {
    /// Of a task that no node leads yet. With a store that serves one process, that one always leads.
    ///
    /// # Errors
    /// When there is no randomness for the name of this node.
    pub fn new(task: &str, store: Arc<dyn Store>, world: &dyn World) -> Result<Self, Fault> {
        let holder = uuid::Builder::from_random_bytes(random_array(world)?).into_uuid();
        Ok(Self {
            task: task.to_owned(),
            holder,
            store,
            lease: LEASE,
            until: Mutex::default(),
            turn: tokio::sync::Mutex::default(),
        })
    }

    /// With leases of this length in place of ten seconds.
    #[must_use]
    pub fn lasting(self, lease: Duration) -> Self {
        Self { lease, ..self }
    }

    /// Whether this node leads, now.
    pub fn holds(&self) -> bool {
        self.remaining().is_some()
    }

    /// Takes the lease or renews it; returns whether this node leads.
    pub async fn renew(&self) -> bool {
        let _turn = self.turn.lock().await;
        let asked = Instant::now();
        let within =
            time::timeout(self.lease / 3, self.store.lead(&self.task, self.holder, self.lease)).await;
        match within {
            Ok(Ok(true)) => {
                self.set(Some(asked + self.lease));
            }
            Ok(Ok(false)) => {
                self.set(None);
            }
            // Whoever can't ask leads as long as it may believe that it does.
            Ok(Err(error)) => tracing::debug!(task = self.task, %error, "could not renew a lease"),
            Err(_) => tracing::debug!(task = self.task, "the database did not answer for a lease"),
        }
        self.holds()
    }

    /// Does this, but not a moment longer than this node leads. None where it does not, or no longer. Work may take
    /// longer than a lease, which is renewed beside it: else what is long would be begun anew for ever.
    pub async fn within<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        let mut work = std::pin::pin!(work);
        loop {
            if let Ok(done) = time::timeout(self.remaining()?, &mut work).await {
                return Some(done);
            }
        }
    }

    /// Takes the lease whenever it is free and renews it, until told to stop; then lets another have it.
    pub async fn keep(&self, mut stop: watch::Receiver<bool>) {
        // Three tries before a lease runs out.
        let mut tick = time::interval(self.lease * 3 / 10);
        tick.set_missed_tick_behavior(time::MissedTickBehavior::Delay);
        let mut led = false;
        loop {
            tokio::select! {
                biased;
                _ = stop.changed() => break,
                _ = tick.tick() => {}
            }
            let leads = self.renew().await;
            if leads != led {
                led = leads;
                tracing::info!(task = self.task, leads, "the lease has changed hands");
            }
        }
        self.release().await;
    }

    /// Lets another node have it at once.
    pub async fn release(&self) {
        let _turn = self.turn.lock().await;
        if self.set(None).is_some()
            && let Err(error) = self.store.release(&self.task, self.holder).await
        {
            tracing::debug!(task = self.task, %error, "a lease was not released; it will run out");
        }
    }

    /// Less a tenth for clocks that do not run alike.
    fn remaining(&self) -> Option<Duration> {
        let until = *self.until.lock().unwrap_or_else(PoisonError::into_inner);
        let left = (until? - self.lease / 10).saturating_duration_since(Instant::now());
        (!left.is_zero()).then_some(left)
    }

    fn set(&self, until: Option<Instant>) -> Option<Instant> {
        std::mem::replace(&mut *self.until.lock().unwrap_or_else(PoisonError::into_inner), until)
    }
}

#[cfg(test)]
mod tests;
