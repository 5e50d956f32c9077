//! The table `[plugins.smart-login]`.

use gatewright_contract::Fault;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The table `[plugins.smart-login]`.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// How long the picture on the login page is good, in seconds. Short: who shows it to somebody else has less time.
    #[schemars(range(min = 30, max = 300))]
    pub lifetime_seconds: u16,
    /// How many devices a person may pair.
    #[schemars(range(min = 1, max = 20))]
    pub max_devices: u8,
}

impl Default for Config {
    fn default() -> Self {
        Self { lifetime_seconds: 90, max_devices: 5 }
    }
}

impl Config {
    /// The schema says the same; this holds for whoever makes the plugin without it.
    pub(crate) fn check(&self) -> Result<(), Fault> {
        let wrong =
            |key: &str, message: &str| Fault::Config { key: key.to_owned(), message: message.to_owned() };
        if !(30..=300).contains(&self.lifetime_seconds) {
            return Err(wrong("lifetime_seconds", "30 to 300"));
        }
        if !(1..=20).contains(&self.max_devices) {
            return Err(wrong("max_devices", "1 to 20"));
        }
        Ok(())
    }
}
