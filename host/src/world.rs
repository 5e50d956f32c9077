//! The real time and the real randomness.

use aws_lc_rs::rand::{SecureRandom, SystemRandom};
use gatewright_contract::{Fault, Timestamp};
use gatewright_core::world::World;
use std::time::{SystemTime, UNIX_EPOCH};

/// The machine's clock and the cryptographic generator of aws-lc (seeded by the operating system).
#[derive(Debug, Default)]
pub struct SystemWorld(SystemRandom);

impl World for SystemWorld {
    #[allow(clippy::disallowed_methods, reason = "the one place where the clock is read")]
    fn now(&self) -> Timestamp {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
    }

    fn random(&self, buffer: &mut [u8]) -> Result<(), Fault> {
        self.0.fill(buffer).map_err(|_| Fault::unavailable("randomness of the operating system"))
    }
}
