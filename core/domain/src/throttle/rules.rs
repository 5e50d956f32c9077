//! What a tenant settles, and the rules of counters that follow from it.

use gatewright_contract::Violation;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::time::Duration;

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
    /// How long the blocks last that these begin.
    pub lasts: Lasts,
}

/// How long a block lasts that failures in a row begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lasts {
    /// As any other: twice as long as the one before.
    Doubled,
    /// As long as a block of this rule may last.
    Longest,
    /// Until the counter is cleared.
    ForGood,
}

/// NIST SP 800-63B-4, section 3.2.2: no more than 100 consecutive failures.
const IN_A_ROW: u32 = 100;
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

    /// The rule for a person where asking is the try: there each try tells whoever asks whether a guess is right. Who has
    /// been asked so often without a right answer is not asked any more until they have set up another secret, where people
    /// can do that by themselves (`resets`). Elsewhere anybody could keep anybody out for ever by asking: there each further
    /// try is the longest block that there is.
    pub fn asking(&self, resets: bool) -> Rule {
        let lasts = if resets { Lasts::ForGood } else { Lasts::Longest };
        Rule { in_a_row: Some(IN_A_ROW), lasts, ..self.person() }
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
            lasts: Lasts::Doubled,
        }
    }
}
