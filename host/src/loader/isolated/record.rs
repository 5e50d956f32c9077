//! What has happened to a plugin's processes.

use gatewright_plugin::Health;
use std::{
    collections::VecDeque,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

/// How long a death is remembered, and how many of them.
const REMEMBERED: Duration = Duration::from_secs(60);
const MOST: usize = 1000;
/// So many of these cost no more than what each has cost already. (A request that ends a process, and again the one that
/// it has for itself then, is two.)
const FREE: usize = 10;
/// Pauses after that: from the first to the last, each twice the one before.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LAST_PAUSE: Duration = Duration::from_secs(5);

/// The deaths of the last minute, and whether it can be begun now.
pub(super) struct Record {
    id: String,
    seen: Mutex<Seen>,
    strays: AtomicU64,
}

#[derive(Default)]
struct Seen {
    deaths: VecDeque<Instant>,
    last: String,
    down: Option<String>,
}

impl Seen {
    fn forget(&mut self) {
        while self.deaths.front().is_some_and(|death| death.elapsed() >= REMEMBERED) {
            self.deaths.pop_front();
        }
    }
}

/// How long to wait after so many deaths within a minute.
fn pause_after(deaths: usize) -> Duration {
    match deaths.checked_sub(FREE + 1) {
        None => Duration::ZERO,
        Some(more) => doubled(more),
    }
}

/// The first pause, so often doubled.
pub(super) fn doubled(times: usize) -> Duration {
    FIRST_PAUSE.saturating_mul(1 << times.min(16)).min(LAST_PAUSE)
}

impl Record {
    pub(super) fn new(id: String) -> Self {
        Self { id, seen: Mutex::default(), strays: AtomicU64::new(0) }
    }

    pub(super) fn id(&self) -> &str {
        &self.id
    }

    /// A process has ended that should not have.
    pub(super) fn died(&self, why: &str) {
        tracing::warn!(plugin = self.id, "the plugin's process is made anew: {why}");
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.deaths.len() == MOST {
            seen.deaths.pop_front();
        }
        seen.deaths.push_back(Instant::now());
        why.clone_into(&mut seen.last);
    }

    /// Whether the last attempt to begin failed, and why.
    pub(super) fn down(&self, why: Option<&str>) {
        if let Some(why) = why {
            tracing::error!(plugin = self.id, "the plugin can't begin: {why}");
        }
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).down = why.map(str::to_owned);
    }

    /// It said what nobody had asked.
    pub(super) fn stray(&self) {
        self.strays.fetch_add(1, Relaxed);
    }

    pub(super) fn strays(&self) -> u64 {
        self.strays.load(Relaxed)
    }

    /// How long no process should be made because so many have ended, and why the last one has.
    pub(super) fn pause(&self) -> Option<(Duration, String)> {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.forget();
        let wait = pause_after(seen.deaths.len()).checked_sub(seen.deaths.back()?.elapsed())?;
        (!wait.is_zero()).then(|| (wait, seen.last.clone()))
    }

    pub(super) fn health(&self) -> Health {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(why) = &seen.down {
            return Health::Down(why.clone());
        }
        seen.forget();
        match seen.deaths.len() {
            0 => Health::Ok,
            many => Health::Degraded(format!(
                "its process had to be made anew {many} time(s) in the last minute, the last time because {}",
                seen.last
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_dies_again_and_again_waits_longer_each_time() {
        let pauses: Vec<_> = [0, 1, FREE, FREE + 1, FREE + 2, FREE + 6, FREE + 7, MOST]
            .map(|deaths| pause_after(deaths).as_millis())
            .into();
        assert_eq!(pauses, [0, 0, 0, 100, 200, 3_200, 5_000, 5_000]);
        let record = Record::new("faults".to_owned());
        assert!(record.pause().is_none());
        for _ in 0..FREE + 7 {
            record.died("signal: 11");
        }
        let (wait, why) = record.pause().unwrap();
        assert!(wait > Duration::from_secs(4) && why == "signal: 11", "{wait:?} {why}");
    }
}
