//! The Argon2 parameters and their bounds.

use super::{HashFault, Scheme};
use std::ops::RangeInclusive;

/// Memory in KiB that is accepted, for new hashes and imported ones. RFC 9106 starts at 8 KiB, which no system
/// in earnest uses; 1 GiB is half of its first recommendation (section 4).
pub const MEMORY_KIB: RangeInclusive<u32> = 1024..=1024 * 1024;

/// Passes over the memory that are accepted.
pub const ITERATIONS: RangeInclusive<u32> = 1..=64;

/// Lanes that are accepted. They are computed one after the other, so they cost nothing and gain nothing.
pub const PARALLELISM: RangeInclusive<u32> = 1..=64;

/// Memory in KiB times passes that is accepted: the time. 8 GiB are about five seconds of one core, and twice
/// libsodium's heaviest setting (1 GiB, 4 passes).
pub const PASS_KIB: u64 = 8 * 1024 * 1024;

/// How Argon2id is to be run (RFC 9106, section 3.1). The default is OWASP's first choice for one lane.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Argon2Params {
    /// Memory in KiB: `m`, [`MEMORY_KIB`].
    pub memory_kib: u32,
    /// Passes over it: `t`, [`ITERATIONS`].
    pub iterations: u32,
    /// Lanes: `p`, [`PARALLELISM`].
    pub parallelism: u32,
}

impl Default for Argon2Params {
    fn default() -> Self {
        Self { memory_kib: 19 * 1024, iterations: 2, parallelism: 1 }
    }
}

impl Argon2Params {
    /// Checks every bound; a configuration calls it at start, so that a login never fails for it.
    ///
    /// # Errors
    /// [`HashFault::OutOfBounds`] for the first parameter that is out of bounds.
    pub fn check(&self) -> Result<(), HashFault> {
        self.check_for(Scheme::Argon2id)
    }

    pub(super) fn check_for(&self, scheme: Scheme) -> Result<(), HashFault> {
        within(scheme, "memory in KiB", self.memory_kib, &MEMORY_KIB)?;
        within(scheme, "passes", self.iterations, &ITERATIONS)?;
        within(scheme, "lanes", self.parallelism, &PARALLELISM)?;
        // RFC 9106, section 3.1: at least eight blocks a lane. 1024 KiB and 64 lanes are within that.
        let pass_kib = u64::from(self.memory_kib) * u64::from(self.iterations);
        within(scheme, "memory in KiB times passes", pass_kib, &(1..=PASS_KIB))
    }

    /// Blocks of 1 KiB that the computation fills: the memory rounded down to four slices a lane.
    pub(super) fn blocks(&self) -> usize {
        let step = self.parallelism.max(1).saturating_mul(4);
        (self.memory_kib / step * step) as usize
    }
}

/// `given` is one of `range`, or the fault that says so.
pub(super) fn within<T: Copy + PartialOrd + Into<u64>>(
    scheme: Scheme,
    what: &'static str,
    given: T,
    range: &RangeInclusive<T>,
) -> Result<(), HashFault> {
    if range.contains(&given) {
        return Ok(());
    }
    let (min, max) = ((*range.start()).into(), (*range.end()).into());
    Err(HashFault::OutOfBounds { scheme, what, given: given.into(), min, max })
}
