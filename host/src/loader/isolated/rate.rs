//! How much of what a process says of its own accord is heard.

use std::time::{Duration, Instant};

const WINDOW: Duration = Duration::from_secs(1);

/// Counts by the second.
pub(super) struct Rate {
    most: u32,
    since: Instant,
    count: u32,
}

/// What is to be done with one of them.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Heard {
    /// There were not too many in this second.
    pub(super) passes: bool,
    /// So many of the second before were too many.
    pub(super) lost: u32,
}

impl Rate {
    /// So many a second.
    pub(super) fn of(most: u32) -> Self {
        Self { most, since: Instant::now(), count: 0 }
    }

    /// One more.
    pub(super) fn next(&mut self) -> Heard {
        let mut lost = 0;
        if self.since.elapsed() >= WINDOW {
            lost = self.count.saturating_sub(self.most);
            (self.since, self.count) = (Instant::now(), 0);
        }
        self.count = self.count.saturating_add(1);
        Heard { passes: self.count <= self.most, lost }
    }
}
