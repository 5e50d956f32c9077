//! A clock that is moved, and randomness that comes again with its seed.

use aws_lc_rs::digest::{SHA256, digest};
use gatewright_contract::{BoxFut, Fault, Timestamp};
use gatewright_core::world::World;
use std::{
    sync::atomic::{AtomicI64, AtomicU64, Ordering},
    time::Duration,
};

/// Begins at 2026-01-01T00:00:00Z and stands still until it is moved.
pub struct TestWorld {
    now: AtomicI64,
    /// Microseconds since the beginning, as no clock shows them.
    elapsed: AtomicU64,
    seed: u64,
    drawn: AtomicU64,
}

impl TestWorld {
    pub fn new(seed: u64) -> Self {
        Self {
            now: AtomicI64::new(1_767_225_600_000_000),
            elapsed: AtomicU64::new(0),
            seed,
            drawn: AtomicU64::new(0),
        }
    }

    pub fn advance(&self, by: Duration) {
        self.now.fetch_add(i64::try_from(by.as_micros()).unwrap(), Ordering::SeqCst);
        self.elapsed.fetch_add(u64::try_from(by.as_micros()).unwrap(), Ordering::SeqCst);
    }

    /// Somebody sets the clock, this many seconds forward or back; no time passes.
    pub fn set_clock(&self, by_seconds: i64) {
        self.now.fetch_add(by_seconds * 1_000_000, Ordering::SeqCst);
    }
}

impl World for TestWorld {
    fn now(&self) -> Timestamp {
        Timestamp(self.now.load(Ordering::SeqCst))
    }

    fn elapsed(&self) -> Duration {
        Duration::from_micros(self.elapsed.load(Ordering::SeqCst))
    }

    /// What is waited for here is other processes, which know nothing of this clock.
    fn sleep(&self, time: Duration) -> BoxFut<'static, ()> {
        Box::pin(tokio::time::sleep(time))
    }

    fn random(&self, buffer: &mut [u8]) -> Result<(), Fault> {
        for chunk in buffer.chunks_mut(32) {
            let mut input = [0; 16];
            input[..8].copy_from_slice(&self.seed.to_le_bytes());
            input[8..].copy_from_slice(&self.drawn.fetch_add(1, Ordering::SeqCst).to_le_bytes());
            chunk.copy_from_slice(&digest(&SHA256, &input).as_ref()[..chunk.len()]);
        }
        Ok(())
    }
}
