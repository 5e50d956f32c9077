//! The real time and the real randomness.

use aws_lc_rs::rand::{SecureRandom, SystemRandom};
use gatewright_contract::{BoxFut, Fault, Timestamp};
use gatewright_core::world::World;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// The machine's clock and the cryptographic generator of aws-lc (seeded by the operating system).
#[derive(Debug)]
pub struct SystemWorld {
    random: SystemRandom,
    made: Instant,
}

impl Default for SystemWorld {
    fn default() -> Self {
        Self { random: SystemRandom::default(), made: Instant::now() }
    }
}

impl World for SystemWorld {
    #[allow(clippy::disallowed_methods, reason = "the one place where the clock is read")]
    fn now(&self) -> Timestamp {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
    }

    fn elapsed(&self) -> Duration {
        self.made.elapsed()
    }

    fn sleep(&self, time: Duration) -> BoxFut<'static, ()> {
        Box::pin(tokio::time::sleep(time))
    }

    fn random(&self, buffer: &mut [u8]) -> Result<(), Fault> {
        self.random.fill(buffer).map_err(|_| Fault::unavailable("randomness of the operating system"))
    }
}
