//! The table `[plugins.machine]`.

use gatewright_contract::Fault;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// The longest that a device may be remembered, in days.
const LONGEST: u16 = 365;

/// The table `[plugins.machine]`.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// A device is remembered for this many days after the second factor was proven on it, however often it is used.
    /// Fewer days hold at once for devices that are remembered already, more only for new ones.
    #[schemars(range(min = 1, max = 365))]
    pub remember_days: u16,
    /// Whether a device must say what it looks like (`fingerprint`) to be remembered. Where it has said so, it must look
    /// the same each time, whatever stands here. A browser that is trusted by a cookie says nothing of it.
    pub require_fingerprint: bool,
}

impl Default for Config {
    fn default() -> Self {
        Self { remember_days: 30, require_fingerprint: false }
    }
}

impl Config {
    /// The schema says the same; this holds for whoever makes the plugin without it.
    pub(crate) fn check(&self) -> Result<(), Fault> {
        match (1..=LONGEST).contains(&self.remember_days) {
            true => Ok(()),
            false => Err(Fault::Config { key: "remember_days".to_owned(), message: "1 to 365".to_owned() }),
        }
    }

    pub(crate) fn lifetime(&self) -> Duration {
        Duration::from_secs(u64::from(self.remember_days) * 86_400)
    }
}
