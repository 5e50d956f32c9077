//! How many wrong answers, and how long a block lasts. One counter per person and one per address, the
//! same for every door.

mod refund;
mod rules;

pub use refund::Refund;
pub use rules::{Lasts, Rule, ThrottleRules};

use crate::{rate::network_of, token::HashedToken};
use gatewright_contract::{TenantId, Timestamp};
use std::{net::IpAddr, time::Duration};

/// For how long a failure in a row is remembered: who waits instead guesses 91 times a year.
const KEPT_FOR_EACH: Duration = Duration::from_secs(4 * 86_400);
/// And all of them together.
const KEPT_AT_MOST: Duration = Duration::from_secs(90 * 86_400);
/// Ten years: whoever is kept out for good sets up another secret before.
const FOR_GOOD: Duration = Duration::from_secs(3_650 * 86_400);

/// Names a counter. A hash, so that a table of counters is no list of login names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct CounterKey(pub HashedToken);

impl CounterKey {
    /// Of a login name, whether somebody has it or not.
    pub fn username(tenant: &TenantId, username_key: &str) -> Self {
        Self(HashedToken::of(format!("person|{tenant}|{username_key}").as_bytes()))
    }

    /// Of a login name where asking is the try. Apart from [`CounterKey::username`], which any finished login clears: who
    /// logs in with something else must not give others their tries back.
    pub fn asking(tenant: &TenantId, username_key: &str) -> Self {
        Self(HashedToken::of(format!("asking|{tenant}|{username_key}").as_bytes()))
    }

    /// Of what one place has of the tries of this counter.
    #[must_use]
    pub fn at(&self, place: &str) -> Self {
        let mut name = b"place|".to_vec();
        name.extend(self.0.0);
        name.extend(place.as_bytes());
        Self(HashedToken::of(&name))
    }

    /// Of an address; IPv6 counts by /64, which is what one household or one attacker gets. Tenants that settle the
    /// same count together, and one that settles otherwise for itself: else its window would end the count of all.
    pub fn address(address: IpAddr, rule: &Rule) -> Self {
        let name = match network_of(address) {
            IpAddr::V4(v4) => format!("address|{v4}"),
            IpAddr::V6(v6) => {
                let [a, b, c, d, ..] = v6.segments();
                format!("address|{a:x}:{b:x}:{c:x}:{d:x}::/64")
            }
        };
        let Rule { limit, window, first_block, max_block, in_a_row: _, lasts: _ } = rule;
        let [window, first, most] = [window, first_block, max_block].map(Duration::as_secs);
        Self(HashedToken::of(format!("{name}|{limit}|{window}|{first}|{most}").as_bytes()))
    }
}

/// A counter as it is stored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counter {
    /// Failures in the window.
    pub failures: u32,
    /// When the window began.
    pub window_start: i64,
    /// Until when nothing is accepted; zero: no block.
    pub blocked_until: i64,
    /// Blocks so far, for the doubling.
    pub blocks: u32,
    /// Failures since the last finished login.
    pub in_a_row: u32,
}

/// What a reservation found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reservation {
    /// Go on: the try is counted already, a right answer takes it back.
    Granted,
    /// Not now.
    Blocked {
        /// Until then.
        until: Timestamp,
    },
}

impl Counter {
    /// Counts a try **before** it is judged, so that a thousand tries at once are a thousand counted.
    /// The try that fills the window begins the block; if its answer is right, the counter is cleared.
    pub fn reserve(&mut self, rule: &Rule, now: Timestamp) -> Reservation {
        self.follow_the_clock(now);
        if self.blocked_until > now.0 {
            return Reservation::Blocked { until: Timestamp(self.blocked_until) };
        }
        let calm = Timestamp(self.blocked_until.max(self.window_start)).plus(rule.max_block);
        if calm <= now {
            self.blocks = 0;
        }
        if Timestamp(self.window_start).plus(rule.window) <= now {
            self.failures = 0;
            self.window_start = now.0;
        }
        self.failures += 1;
        self.in_a_row = self.in_a_row.saturating_add(1);
        let too_many = rule.in_a_row.is_some_and(|most| self.in_a_row >= most);
        if self.failures >= rule.limit || too_many {
            let doubled = rule.first_block.saturating_mul(1 << self.blocks.min(20)).min(rule.max_block);
            let lasts = match (too_many, rule.lasts) {
                (true, Lasts::ForGood) => FOR_GOOD,
                (true, Lasts::Longest) => rule.max_block,
                (true, Lasts::Doubled) | (false, _) => doubled,
            };
            self.blocked_until = now.plus(lasts).0;
            self.blocks += 1;
            self.failures = 0;
        }
        Reservation::Granted
    }

    /// The clock was put back: what was counted in its future has just been counted, and a block lasts as long from
    /// now as it would have lasted, not as much longer as the clock was put back.
    fn follow_the_clock(&mut self, now: Timestamp) {
        let ahead = self.window_start.saturating_sub(now.0);
        if ahead > 0 {
            self.window_start = now.0;
            self.blocked_until = self.blocked_until.saturating_sub(ahead).max(0);
        }
    }

    /// Takes back the try that [`Counter::reserve`] counted.
    pub fn forgive_one(&mut self, rule: &Rule) {
        self.in_a_row = self.in_a_row.saturating_sub(1);
        if self.failures > 0 {
            self.failures -= 1;
        } else if self.blocked_until > 0 {
            // This very try began the block.
            self.blocked_until = 0;
            self.blocks = self.blocks.saturating_sub(1);
            self.failures = rule.limit.saturating_sub(1);
        }
    }

    /// When the row may be deleted. Failures in a row are kept longer the more they are, so that it does not pay to
    /// wait until they are forgotten, and a table full of names that somebody tried once is soon empty again.
    pub fn expires(&self, rule: &Rule) -> Timestamp {
        let in_a_row = match rule.in_a_row {
            Some(_) => KEPT_FOR_EACH.saturating_mul(self.in_a_row).min(KEPT_AT_MOST),
            None => Duration::ZERO,
        };
        let kept = rule.max_block.max(rule.window).max(in_a_row);
        Timestamp(self.window_start.max(self.blocked_until)).plus(kept)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULE: Rule = Rule {
        limit: 3,
        window: Duration::from_secs(100),
        first_block: Duration::from_secs(60),
        max_block: Duration::from_secs(200),
        in_a_row: None,
        lasts: Lasts::Doubled,
    };

    fn at(secs: i64) -> Timestamp {
        Timestamp::from_secs(1_000_000 + secs)
    }

    fn blocked(counter: &mut Counter, now: i64) -> bool {
        matches!(counter.reserve(&RULE, at(now)), Reservation::Blocked { .. })
    }

    #[test]
    fn the_third_failure_blocks_and_blocks_double_up_to_the_maximum() {
        let mut c = Counter::default();
        assert!(!blocked(&mut c, 0) && !blocked(&mut c, 1) && !blocked(&mut c, 2));
        assert!(blocked(&mut c, 3) && blocked(&mut c, 61));
        assert!(!blocked(&mut c, 63) && !blocked(&mut c, 64) && !blocked(&mut c, 65));
        assert!(blocked(&mut c, 65 + 119), "the second block is twice as long");
        let t = 65 + 121;
        assert!(!blocked(&mut c, t) && !blocked(&mut c, t) && !blocked(&mut c, t));
        assert!(blocked(&mut c, t + 199) && !blocked(&mut c, t + 201), "and never longer than the maximum");
    }

    #[test]
    fn failures_outside_the_window_do_not_add_up() {
        let mut c = Counter::default();
        for i in 0..20 {
            assert!(!blocked(&mut c, i * 60), "{i}");
        }
    }

    #[test]
    fn a_forgiven_try_is_as_if_it_had_not_been() {
        let mut c = Counter::default();
        blocked(&mut c, 0);
        blocked(&mut c, 0);
        for _ in 0..10 {
            assert!(!blocked(&mut c, 1));
            c.forgive_one(&RULE);
        }
        assert!(!blocked(&mut c, 2));
        assert!(blocked(&mut c, 3));
    }

    #[test]
    fn slow_guessing_ends_as_well() {
        let rule = Rule { in_a_row: Some(10), ..RULE };
        let mut c = Counter::default();
        for i in 0..10 {
            assert!(matches!(c.reserve(&rule, at(i * 150)), Reservation::Granted), "{i}");
        }
        assert!(matches!(c.reserve(&rule, at(9 * 150 + 59)), Reservation::Blocked { .. }));
        assert!(matches!(c.reserve(&rule, at(9 * 150 + 61)), Reservation::Granted));
        assert!(
            matches!(c.reserve(&rule, at(9 * 150 + 61 + 119)), Reservation::Blocked { .. }),
            "twice as long"
        );
    }

    #[test]
    fn who_has_been_asked_too_often_is_not_asked_again() {
        let rule = Rule { in_a_row: Some(10), lasts: Lasts::ForGood, ..RULE };
        let mut c = Counter::default();
        for i in 0..10 {
            assert!(matches!(c.reserve(&rule, at(i * 150)), Reservation::Granted), "{i}");
        }
        let years = |n: i64| at(9 * 150 + n * 365 * 86_400 - 1);
        assert!(matches!(c.reserve(&rule, years(10)), Reservation::Blocked { .. }));
        assert!(c.expires(&rule) > years(10), "and it is not forgotten before");
    }

    #[test]
    fn where_nobody_can_be_kept_out_for_good_each_further_try_is_the_longest_block() {
        let rule = Rule { in_a_row: Some(10), lasts: Lasts::Longest, ..RULE };
        let mut c = Counter::default();
        for i in 0..10 {
            assert!(matches!(c.reserve(&rule, at(i * 150)), Reservation::Granted), "{i}");
        }
        for round in 0..3 {
            let begun = 9 * 150 + round * 200;
            assert!(matches!(c.reserve(&rule, at(begun + 199)), Reservation::Blocked { .. }), "{round}");
            assert!(matches!(c.reserve(&rule, at(begun + 200)), Reservation::Granted), "{round}");
        }
    }

    #[test]
    fn failures_in_a_row_are_remembered_longer_the_more_they_are() {
        let rule = Rule { in_a_row: Some(100), ..RULE };
        let days = |failures: u32, rule: &Rule| {
            let counter = Counter { in_a_row: failures, ..Counter::default() };
            counter.expires(rule).as_secs() / 86_400
        };
        assert_eq!([1, 9, 22, 23, u32::MAX].map(|n| days(n, &rule)), [4, 36, 88, 90, 90]);
        assert_eq!([0, 50].map(|n| days(n, &RULE)), [0, 0], "an address begins anew");
    }

    #[test]
    fn a_clock_that_is_put_back_neither_ends_a_block_nor_prolongs_it() {
        let mut c = Counter::default();
        assert!(!blocked(&mut c, 0) && !blocked(&mut c, 0) && !blocked(&mut c, 0));
        assert!(blocked(&mut c, -3_600) && blocked(&mut c, -3_600 + 59));
        assert!(!blocked(&mut c, -3_600 + 61));
        // What was counted still counts.
        let mut c = Counter::default();
        assert!(!blocked(&mut c, 0) && !blocked(&mut c, 0) && !blocked(&mut c, -3_600));
        assert!(blocked(&mut c, -3_599));
    }

    #[test]
    fn one_ipv6_network_is_one_address() {
        let key = |s: &str| CounterKey::address(s.parse().expect("address"), &RULE);
        assert_eq!(key("2001:db8:1:2::1"), key("2001:db8:1:2:ffff::9"));
        assert_ne!(key("2001:db8:1:2::1"), key("2001:db8:1:3::1"));
        assert_eq!(key("::ffff:192.0.2.1"), key("192.0.2.1"));
    }
}
