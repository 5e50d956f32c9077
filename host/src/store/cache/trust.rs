//! Until when entries may be believed.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, Instant},
};

/// A moment that moves on as long as somebody proves that nothing was missed. Where only this process writes it
/// is never over.
pub(super) struct Trust {
    since: Instant,
    /// Microseconds after `since`.
    until: AtomicU64,
}

const FOR_EVER: u64 = u64::MAX;

impl Trust {
    pub(super) fn for_ever() -> Self {
        Self { since: Instant::now(), until: AtomicU64::new(FOR_EVER) }
    }

    /// From now on only for so long after each proof.
    pub(super) fn only_until(&self, moment: Instant) {
        let until = moment.saturating_duration_since(self.since).as_micros();
        // Not `FOR_EVER`, which is some centuries away.
        self.until.store(u64::try_from(until).unwrap_or(0), Ordering::SeqCst);
    }

    pub(super) fn holds(&self) -> bool {
        let until = self.until.load(Ordering::SeqCst);
        until == FOR_EVER || self.since.elapsed() < Duration::from_micros(until)
    }
}
