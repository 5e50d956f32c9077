//! What a plugin's process says without being asked: lines for the log, and what it was refused.

use crate::loader::{
    HostCalls,
    frames::{Frame, Op},
    told::cut,
};
use gatewright_contract::LogLevel;
use std::{
    sync::Arc,
    time::{Duration, Instant},
};

/// So much of it is passed on in [`WINDOW`]; the rest is counted.
const MOST: u32 = 100;
const WINDOW: Duration = Duration::from_secs(1);

/// Passes it on, a bounded amount of it.
pub(super) struct Said {
    host: Arc<dyn HostCalls>,
    since: Instant,
    count: u32,
}

impl Said {
    pub(super) fn to(host: Arc<dyn HostCalls>) -> Self {
        Self { host, since: Instant::now(), count: 0 }
    }

    /// A frame of [`Op::Log`] or [`Op::Refused`]. Whether the manifest permits it is for the host to judge, and to audit.
    pub(super) fn hear(&mut self, frame: &Frame<'_>) {
        if self.since.elapsed() >= WINDOW {
            if self.count > MOST {
                let lost = self.count - MOST;
                self.host.log(LogLevel::Warn, &format!("({lost} lines more were not written)"));
            }
            (self.since, self.count) = (Instant::now(), 0);
        }
        self.count = self.count.saturating_add(1);
        if self.count > MOST {
            return;
        }
        match (frame.op, frame.name) {
            (Some(Op::Log), _) => {
                self.host.log(level(frame.status), &cut(String::from_utf8_lossy(frame.body).into_owned()));
            }
            (Some(Op::Refused), "random") => {
                let _ = self.host.random(&mut []);
            }
            _ => {}
        }
    }
}

fn level(number: u16) -> LogLevel {
    match number {
        0 => LogLevel::Debug,
        1 => LogLevel::Info,
        2 => LogLevel::Warn,
        _ => LogLevel::Error,
    }
}
