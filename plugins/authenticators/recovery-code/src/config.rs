//! The table `[plugins.recovery-code]`.

use gatewright_contract::Fault;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The table `[plugins.recovery-code]`. What is changed here holds for lists that are made from then on.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Codes on a list.
    #[schemars(range(min = 1, max = 50))]
    pub count: u8,
    /// Characters of a code, of 5 random bits each. 13 are the fewest that hold the 64 bits that NIST
    /// SP 800-63B-4 asks for (section 4.2.1.1).
    #[schemars(range(min = 13, max = 32))]
    pub length: u8,
    /// Characters between two hyphens, to make it easier to read and to type.
    #[schemars(range(min = 2, max = 32))]
    pub group: u8,
}

impl Default for Config {
    fn default() -> Self {
        Self { count: 10, length: 16, group: 4 }
    }
}

impl Config {
    /// The schema says the same; this holds for whoever makes the plugin without it.
    pub(crate) fn check(&self) -> Result<(), Fault> {
        let wrong =
            |key: &str, message: &str| Fault::Config { key: key.to_owned(), message: message.to_owned() };
        if !(1..=50).contains(&self.count) {
            return Err(wrong("count", "1 to 50"));
        }
        if !(13..=32).contains(&self.length) {
            return Err(wrong("length", "13 to 32: fewer characters hold less than 64 random bits"));
        }
        if !(2..=32).contains(&self.group) {
            return Err(wrong("group", "2 to 32"));
        }
        Ok(())
    }
}
