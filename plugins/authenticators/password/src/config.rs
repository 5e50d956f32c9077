//! The table `[plugins.password]`.

use crate::{hash::Argon2Params, rules::Rules};
use gatewright_contract::Fault;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// How passwords are hashed and what a new one must be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Memory of one Argon2id hash in KiB (RFC 9106: m). Raising it rehashes each password at its next login.
    #[schemars(range(min = 1024, max = 1_048_576))]
    pub memory_kib: u32,
    /// Passes over that memory (RFC 9106: t).
    #[schemars(range(min = 1, max = 64))]
    pub iterations: u32,
    /// Lanes (RFC 9106: p). More than one gains nothing here.
    #[schemars(range(min = 1, max = 64))]
    pub parallelism: u32,
    /// Fewer characters than this are refused in a new password.
    #[schemars(range(min = 8, max = 128))]
    pub min_characters: u16,
    /// Words that nobody's password may consist of, such as the name of the service.
    pub service_words: Vec<String>,
    /// After so many days a password is right once more, and a login ends only with a new one. NIST SP 800-63B-4 (section
    /// 3.1.1.2) and OWASP ASVS 5 (6.2.10) say not to: people who must change often choose worse. Default: never.
    #[schemars(range(min = 1, max = 3650))]
    pub max_age_days: Option<u32>,
    /// How many passwords, the present one first, the person may not choose again. Each is compared by a hash of its own,
    /// so a change takes that many times as long. 0: none, but one that must be changed is never taken again.
    #[schemars(range(max = 10))]
    pub history: u8,
}

impl Default for Config {
    fn default() -> Self {
        let argon = Argon2Params::default();
        Self {
            memory_kib: argon.memory_kib,
            iterations: argon.iterations,
            parallelism: argon.parallelism,
            min_characters: 8,
            service_words: vec!["gatewright".to_owned()],
            max_age_days: None,
            history: 0,
        }
    }
}

impl Config {
    /// The hash parameters, within their bounds.
    pub(crate) fn argon(&self) -> Result<Argon2Params, Fault> {
        let params = Argon2Params {
            memory_kib: self.memory_kib,
            iterations: self.iterations,
            parallelism: self.parallelism,
        };
        params.check().map_err(|e| Fault::Config { key: "memory_kib".to_owned(), message: e.to_string() })?;
        Ok(params)
    }

    /// What the schema says too, for whoever makes the plugin without it.
    pub(crate) fn check(&self) -> Result<(), Fault> {
        let wrong =
            |key: &str, message: &str| Fault::Config { key: key.to_owned(), message: message.to_owned() };
        if self.history > 10 {
            return Err(wrong("history", "0 to 10"));
        }
        match self.max_age_days.is_some_and(|days| !(1..=3650).contains(&days)) {
            true => Err(wrong("max_age_days", "1 to 3650; leave it out for never")),
            false => Ok(()),
        }
    }

    /// How old a password may grow.
    pub(crate) fn max_age(&self) -> Option<Duration> {
        self.max_age_days.map(|days| Duration::from_secs(u64::from(days) * 86_400))
    }

    pub(crate) fn rules(&self) -> Rules {
        Rules { min_characters: usize::from(self.min_characters) }
    }
}
