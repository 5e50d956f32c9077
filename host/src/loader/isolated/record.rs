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

    pub(super) fn health(&self) -> Health {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(why) = &seen.down {
            return Health::Down(why.clone());
        }
        while seen.deaths.front().is_some_and(|death| death.elapsed() >= REMEMBERED) {
            seen.deaths.pop_front();
        }
        match seen.deaths.len() {
            0 => Health::Ok,
            many => Health::Degraded(format!(
                "its process had to be made anew {many} time(s) in the last minute, the last time because {}",
                seen.last
            )),
        }
    }
}
