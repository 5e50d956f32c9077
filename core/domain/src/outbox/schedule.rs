//! When a message is tried again.

use crate::world::{World, random_array};
use gatewright_contract::{Fault, Timestamp};
use std::time::Duration;

/// Seconds between one try and the next; then always the last. Somebody waits in front of a screen.
const WAITS: [u64; 7] = [2, 5, 10, 20, 40, 60, 120];

/// When to try again after so many tries. A fifth more or less, so that what failed together does not come back
/// together.
pub(super) fn next_try(tries: u32, now: Timestamp, world: &dyn World) -> Result<Timestamp, Fault> {
    let place = (tries.saturating_sub(1) as usize).min(WAITS.len() - 1);
    let share = u64::from(u16::from_be_bytes(random_array(world)?));
    let wait = WAITS[place] * 1_000;
    Ok(now.plus(Duration::from_millis(wait * 4 / 5 + wait * 2 / 5 * share / u64::from(u16::MAX))))
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

    #[test]
    fn tries_come_further_apart_up_to_two_minutes() {
        let at = |tries, dice| next_try(tries, Timestamp(0), &Dice(dice)).expect("randomness").as_millis();
        assert_eq!((at(1, 0), at(1, 255)), (1_600, 2_400));
        assert_eq!((at(7, 0), at(7, 255)), (96_000, 144_000));
        assert_eq!((at(u32::MAX, 0), at(0, 0)), (96_000, 1_600));
    }
}
