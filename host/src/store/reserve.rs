//! Counting tries on several counters at once, the same for every database.

use gatewright_contract::Timestamp;
use gatewright_core::{
    store::{Reserved, Tried},
    throttle::{Counter, CounterKey, Reservation, Rule},
};
use std::collections::HashMap;

/// A counter that changed, with the time when its row may go.
pub(super) type Counted = (CounterKey, Counter, Timestamp);

/// Counts a try on each in their order, beginning from what is stored, up to the first that is blocked.
/// What was counted is to be stored also where one was.
pub(super) fn reserve_all(
    stored: &HashMap<CounterKey, Counter>,
    wanted: &[(CounterKey, Rule)],
    now: Timestamp,
) -> (Tried, Vec<Counted>) {
    let mut counted: Vec<Counted> = Vec::with_capacity(wanted.len());
    let mut begun = Vec::new();
    for (index, (key, rule)) in wanted.iter().enumerate() {
        // The same counter may be asked for twice.
        let before = counted.iter().rev().find(|(known, ..)| known == key).map(|(_, counter, _)| *counter);
        let before = before.or_else(|| stored.get(key).copied()).unwrap_or_default();
        let mut counter = before;
        if let Reservation::Blocked { until } = counter.reserve(rule, now) {
            // A block that has followed a clock which was put back ends only if that is stored.
            if counter != before {
                counted.push((*key, counter, counter.expires(rule)));
            }
            return (Tried { result: Reserved::Blocked { index, until }, begun }, counted);
        }
        if counter.blocked_until > now.0 {
            begun.push((index, Timestamp(counter.blocked_until)));
        }
        counted.push((*key, counter, counter.expires(rule)));
    }
    (Tried { result: Reserved::Granted, begun }, counted)
}
