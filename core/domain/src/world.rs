//! Time and randomness, as arguments.

use gatewright_contract::{BoxFut, Fault, Timestamp};
use std::{future::pending, time::Duration};

/// What the engine needs of the machine. The host gives the real one, a test a clock that it moves and
/// randomness from a seed.
pub trait World: Send + Sync + 'static {
    /// The time.
    fn now(&self) -> Timestamp;

    /// Time since some moment before; never goes back, whatever happens to the clock. For measuring.
    fn elapsed(&self) -> Duration;

    /// Is over after this time. A world without timers is patient for ever.
    fn sleep(&self, _time: Duration) -> BoxFut<'static, ()> {
        Box::pin(pending())
    }

    /// Fills the buffer with cryptographic randomness.
    ///
    /// # Errors
    /// When the operating system has none.
    fn random(&self, buffer: &mut [u8]) -> Result<(), Fault>;
}

/// `N` random bytes.
///
/// # Errors
/// Those of [`World::random`].
pub fn random_array<const N: usize>(world: &dyn World) -> Result<[u8; N], Fault> {
    let mut bytes = [0; N];
    world.random(&mut bytes)?;
    Ok(bytes)
}
