//! Who polls a task: one thread at a time, and again where it was woken in the meantime.

use std::sync::atomic::{AtomicU8, Ordering};

/// Nobody polls; the next wake does.
const IDLE: u8 = 0;
/// Somebody polls.
const POLLED: u8 = 1;
/// Somebody polls and must poll once more.
const WOKEN: u8 = 2;
/// It has ended.
const OVER: u8 = 3;

/// The state of a task, passed from thread to thread without a lock.
///
/// Each step is a read-modify-write, also where the value stays: a waker that only looked could see `WOKEN` from
/// before the poll that it is meant to cause, and what it had written would be missed.
#[derive(Debug)]
pub(crate) struct Baton(AtomicU8);

impl Baton {
    pub(crate) fn new() -> Self {
        Self(AtomicU8::new(IDLE))
    }

    /// Something may have changed. True: who woke it polls now.
    #[must_use]
    pub(crate) fn wake(&self) -> bool {
        let before = self.0.fetch_update(Ordering::AcqRel, Ordering::Acquire, |state| match state {
            IDLE => Some(POLLED),
            POLLED | WOKEN => Some(WOKEN),
            _ => None,
        });
        before == Ok(IDLE)
    }

    /// The poll found nothing to end with. True: it was woken during the poll, and who polled polls once more.
    #[must_use]
    pub(crate) fn rest(&self) -> bool {
        let rested = self.0.compare_exchange(POLLED, IDLE, Ordering::AcqRel, Ordering::Acquire).is_ok();
        if !rested {
            // Only who polls leaves WOKEN, so nothing comes in between.
            self.0.swap(POLLED, Ordering::AcqRel);
        }
        !rested
    }

    /// It has ended: no wake polls again.
    pub(crate) fn end(&self) {
        self.0.store(OVER, Ordering::Release);
    }

    pub(crate) fn ended(&self) -> bool {
        self.0.load(Ordering::Acquire) == OVER
    }
}
