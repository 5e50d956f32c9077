//! The table `[plugins.oprf]`.

use schemars::JsonSchema;
use serde::Deserialize;

/// The table `[plugins.oprf]`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Answers under one key within an hour; past it, they are made under another key.
    #[schemars(range(min = 1, max = 2_000))]
    pub evaluations_per_hour: u16,
    /// The same within a day.
    #[schemars(range(min = 1, max = 2_000))]
    pub evaluations_per_day: u16,
}

impl Default for Config {
    fn default() -> Self {
        Self { evaluations_per_hour: 150, evaluations_per_day: 300 }
    }
}
