//! The table `[plugins.password]`.

use crate::{hash::Argon2Params, rules::Rules};
use gatewright_contract::Fault;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

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

    pub(crate) fn rules(&self) -> Rules {
        Rules { min_characters: usize::from(self.min_characters) }
    }
}
