//! What a plugin's process says without being asked: lines for the log, and what it was refused.

use super::rate::Rate;
use crate::loader::{
    HostCalls,
    frames::{Frame, Op},
    told::{MOST_TEXT, cut},
};
use gatewright_contract::LogLevel;
use std::sync::Arc;

/// So much of it is passed on in a second; the rest is counted.
pub(super) const MOST: u32 = 100;

/// Passes it on, a bounded amount of it.
pub(super) struct Said {
    host: Arc<dyn HostCalls>,
    rate: Rate,
}

impl Said {
    pub(super) fn to(host: Arc<dyn HostCalls>) -> Self {
        Self { host, rate: Rate::of(MOST) }
    }

    /// A frame of [`Op::Log`] or [`Op::Refused`]. Whether the manifest permits it is for the host to judge, and to audit.
    pub(super) fn hear(&mut self, frame: &Frame<'_>) {
        let heard = self.rate.next();
        if heard.lost > 0 {
            self.host.log(LogLevel::Warn, &format!("({} lines more were not written)", heard.lost));
        }
        if !heard.passes {
            return;
        }
        match (frame.op, frame.name) {
            (Some(Op::Log), _) => {
                let beginning = &frame.body[..frame.body.len().min(2 * MOST_TEXT)];
                self.host.log(level(frame.status), &cut(String::from_utf8_lossy(beginning).into_owned()));
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
