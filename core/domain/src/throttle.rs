//! How many wrong answers, and how long a block lasts. One counter per person and one per address, the
//! same for every door.

mod refund;

pub use refund::Refund;

use crate::{rate::network_of, token::HashedToken};
use gatewright_contract::{TenantId, Timestamp, Violation};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::{net::IpAddr, time::Duration};

/// The knobs, named as `block_config` of the vault contract names them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ThrottleRules {
    /// Failed answers of one person within `user_timeframe_seconds` before a block.
    #[schemars(range(min = 1, max = 1000))]
    pub user_attempts_limit: u32,
    /// Length of the window for a person, in seconds.
    #[schemars(range(min = 1, max = 604_800))]
    pub user_timeframe_seconds: u32,
    /// Failed answers from one address (IPv6: one /64) within `ip_attempts_reset_minutes` before a block.
    #[schemars(range(min = 1, max = 1_000_000))]
    pub ip_attempts_limit: u32,
    /// Length of the window for an address, in minutes.
    #[schemars(range(min = 1, max = 44_640))]
    pub ip_attempts_reset_minutes: u32,
    /// Length of the first block in seconds; each further one is twice as long.
    #[schemars(range(min = 1, max = 86_400))]
    pub initial_block_seconds: u32,
    /// No block is longer, in minutes.
    #[schemars(range(min = 1, max = 525_600))]
    pub max_block_time_minutes: u32,
}

impl Default for ThrottleRules {
    fn default() -> Self {
        Self {
            user_attempts_limit: 10,
            user_timeframe_seconds: 300,
            ip_attempts_limit: 300,
            ip_attempts_reset_minutes: 15,
            initial_block_seconds: 60,
            max_block_time_minutes: 2_880,
        }
    }
}

/// One counter's rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Failures before a block.
    pub limit: u32,
    /// Within this time.
    pub window: Duration,
    /// Length of the first block.
    pub first_block: Duration,
    /// No block is longer.
    pub max_block: Duration,
    /// Failures in a row, however slowly, after which each further one is a block. Only a finished login
    /// begins anew.
    pub in_a_row: Option<u32>,
    /// The block that these begin does not end before the counter is cleared.
    pub for_good: bool,
}

/// NIST SP 800-63B-4, section 3.2.2: no more than 100 consecutive failures.
const IN_A_ROW: u32 = 100;
/// For how long a failure in a row is remembered: who waits instead guesses 91 times a year.
const KEPT_FOR_EACH: Duration = Duration::from_secs(4 * 86_400);
/// And all of them together.
const KEPT_AT_MOST: Duration = Duration::from_secs(90 * 86_400);
/// Ten years: whoever is kept out for good sets up another secret before.
const FOR_GOOD: Duration = Duration::from_secs(3_650 * 86_400);

impl ThrottleRules {
    /// Numbers out of their bounds; a configuration file was asked by its schema already.
    pub fn check(&self) -> Vec<Violation> {
        let fields = [
            ("user_attempts_limit", self.user_attempts_limit, 1_000),
            ("user_timeframe_seconds", self.user_timeframe_seconds, 604_800),
            ("ip_attempts_limit", self.ip_attempts_limit, 1_000_000),
            ("ip_attempts_reset_minutes", self.ip_attempts_reset_minutes, 44_640),
            ("initial_block_seconds", self.initial_block_seconds, 86_400),
            ("max_block_time_minutes", self.max_block_time_minutes, 525_600),
        ];
        let bad = fields.into_iter().filter(|(_, value, most)| !(1..=*most).contains(value));
        let say = |(name, _, most)| Violation {
            code: format!("block_config.{name}"),
            message: format!("`{name}` is from 1 to {most}."),
        };
        bad.map(say).collect()
    }

    /// The rule for a person.
    pub fn person(&self) -> Rule {
        let in_a_row = Some(IN_A_ROW.max(self.user_attempts_limit));
        Rule { in_a_row, ..self.rule(self.user_attempts_limit, u64::from(self.user_timeframe_seconds)) }
    }

    /// The rule for a person where asking is the try. Who has been asked so often without a right answer is not asked any
    /// more until they have set up another secret: there each try tells whoever asks whether a guess is right.
    pub fn asking(&self) -> Rule {
        Rule { in_a_row: Some(IN_A_ROW), for_good: true, ..self.person() }
    }

    /// The rule for what one place has of the tries of [`ThrottleRules::asking`]: it counts, and blocks nobody.
    pub fn place(&self) -> Rule {
        Rule { limit: u32::MAX, in_a_row: Some(u32::MAX), ..self.person() }
    }

    /// The rule for an address.
    pub fn address(&self) -> Rule {
        self.rule(self.ip_attempts_limit, u64::from(self.ip_attempts_reset_minutes) * 60)
    }

    fn rule(&self, limit: u32, window_secs: u64) -> Rule {
        Rule {
            limit: limit.max(1),
            window: Duration::from_secs(window_secs),
            first_block: Duration::from_secs(u64::from(self.initial_block_seconds)),
            max_block: Duration::from_secs(u64::from(self.max_block_time_minutes) * 60),
            in_a_row: None,
            for_good: false,
        }
    }
}

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
        let Rule { limit, window, first_block, max_block, in_a_row: _, for_good: _ } = rule;
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
            let lasts = if too_many && rule.for_good { FOR_GOOD } else { doubled };
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
        for_good: false,
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
        let rule = Rule { in_a_row: Some(10), for_good: true, ..RULE };
        let mut c = Counter::default();
        for i in 0..10 {
            assert!(matches!(c.reserve(&rule, at(i * 150)), Reservation::Granted), "{i}");
        }
        let years = |n: i64| at(9 * 150 + n * 365 * 86_400 - 1);
        assert!(matches!(c.reserve(&rule, years(10)), Reservation::Blocked { .. }));
        assert!(c.expires(&rule) > years(10), "and it is not forgotten before");
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
