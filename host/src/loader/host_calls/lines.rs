//! The log lines of a library: cut, made legible, and not more than somebody can read.

use crate::loader::json::legible;
use gatewright_core::world::World;
use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

const MAX_CHARS: usize = 1_000;
const WINDOW: Duration = Duration::from_secs(60);
/// Within one window.
const MOST: u32 = 120;

/// Counts them.
pub(super) struct Lines {
    world: Arc<dyn World>,
    window: Mutex<Window>,
}

#[derive(Default)]
struct Window {
    begun: Option<Duration>,
    written: u32,
    left_out: u64,
}

impl Lines {
    pub(super) fn new(world: Arc<dyn World>) -> Self {
        Self { world, window: Mutex::default() }
    }

    /// The line as it is written; `None` when there have been too many.
    pub(super) fn next(&self, message: &str) -> Option<String> {
        let now = self.world.elapsed();
        let mut window = self.window.lock().unwrap_or_else(PoisonError::into_inner);
        let mut left_out = 0;
        if window.begun.is_none_or(|begun| now.saturating_sub(begun) >= WINDOW) {
            left_out = window.left_out;
            *window = Window { begun: Some(now), written: 0, left_out: 0 };
        }
        if window.written == MOST {
            window.left_out += 1;
            return None;
        }
        window.written += 1;
        let line = legible(message, MAX_CHARS);
        Some(match left_out {
            0 => line,
            _ => format!("{line} ({left_out} lines before it were left out)"),
        })
    }
}
