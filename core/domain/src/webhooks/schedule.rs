//! When a delivery is tried again.

use crate::world::{World, random_array};
use gatewright_contract::{Fault, Timestamp};
use std::time::Duration;

/// Seconds between one try and the next: 68 hours in all.
const WAITS: [u64; 10] = [5, 300, 1_800, 7_200, 21_600, 43_200, 43_200, 43_200, 43_200, 43_200];

/// Tries of a delivery before it is given up.
pub const MOST_TRIES: u32 = WAITS.len() as u32 + 1;

/// When to try again after so many tries; `None`: no more. A tenth more or less, so that what failed together does
/// not come back together.
pub(super) fn next_try(tries: u32, now: Timestamp, world: &dyn World) -> Result<Option<Timestamp>, Fault> {
    let Some(seconds) = WAITS.get(tries.saturating_sub(1) as usize) else { return Ok(None) };
    let share = u64::from(u16::from_be_bytes(random_array(world)?));
    let wait = seconds * 1_000;
    let wait = wait * 9 / 10 + wait / 5 * share / u64::from(u16::MAX);
    Ok(Some(now.plus(Duration::from_millis(wait))))
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Dice(u8);

    impl World for Dice {
        fn now(&self) -> Timestamp {
            Timestamp(0)
        }

        fn elapsed(&self) -> Duration {
            Duration::ZERO
        }

        fn random(&self, buffer: &mut [u8]) -> Result<(), Fault> {
            buffer.fill(self.0);
            Ok(())
        }
    }

    fn seconds(tries: u32, dice: u8) -> Option<f64> {
        let next = next_try(tries, Timestamp(0), &Dice(dice)).expect("randomness");
        next.map(|at| at.as_millis() as f64 / 1000.0)
    }

    #[test]
    fn tries_come_further_and_further_apart_for_three_days() {
        assert_eq!((seconds(1, 0), seconds(1, 255)), (Some(4.5), Some(5.5)));
        assert_eq!((seconds(10, 0), seconds(10, 255)), (Some(38_880.0), Some(47_520.0)));
        assert_eq!((seconds(MOST_TRIES, 0), seconds(u32::MAX, 0)), (None, None));
        let all: f64 = (1..MOST_TRIES).filter_map(|tries| seconds(tries, 0)).sum();
        assert!((2.5..3.0).contains(&(all / 86_400.0)), "{all}");
    }
}
