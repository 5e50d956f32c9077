//! Apps run side by side, unless one of them is measured.

use std::time::Duration;
use tokio::sync::{RwLock, RwLockReadGuard, RwLockWriteGuard};

static RUNNING: RwLock<()> = RwLock::const_new(());

/// Held as long as an app runs.
pub enum Turn {
    Shared(#[allow(dead_code, reason = "held")] RwLockReadGuard<'static, ()>),
    Alone(#[allow(dead_code, reason = "held")] RwLockWriteGuard<'static, ()>),
}

impl Turn {
    pub(crate) async fn take(alone: bool) -> Self {
        if !alone {
            return Self::Shared(RUNNING.read().await);
        }
        // Asks again and again instead of queueing: a queue would hold up a test that has one app already and
        // starts another, and so itself.
        loop {
            match RUNNING.try_write() {
                Ok(turn) => return Self::Alone(turn),
                Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
            }
        }
    }
}
