//! The table `[plugins.push]`.

use gatewright_contract::Fault;
use gatewright_device::Limits;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// The table `[plugins.push]`.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Whether the person must type on the device a number that the login page shows. `always`: in every login, so that
    /// a client that can't show one can't use push. `asked`: only where the client asks for it, and then whoever has
    /// the password may ask without, until somebody says yes by mistake.
    pub number_matching: NumberMatching,
    /// How long a prompt waits for a decision, in seconds.
    #[schemars(range(min = 30, max = 300))]
    pub lifetime_seconds: u16,
    /// How many prompts a person's devices are sent in `window_minutes`. Further ones look the same to who asks, and no
    /// device hears of them.
    #[schemars(range(min = 1, max = 20))]
    pub prompts: u8,
    /// The window in which `prompts` are counted, in minutes.
    #[schemars(range(min = 1, max = 60))]
    pub window_minutes: u8,
    /// How many devices a person may pair.
    #[schemars(range(min = 1, max = 20))]
    pub max_devices: u8,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            number_matching: NumberMatching::Always,
            lifetime_seconds: 120,
            prompts: 5,
            window_minutes: 10,
            max_devices: 5,
        }
    }
}

/// When a number must be typed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum NumberMatching {
    /// In every login.
    #[default]
    Always,
    /// Where the client asks for it.
    Asked,
}

/// Two words. (Derived, the documented variants would become two schemas of one word.)
impl JsonSchema for NumberMatching {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "PushNumberMatching".into()
    }
    fn inline_schema() -> bool {
        true
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({"type": "string", "enum": ["always", "asked"]})
    }
}

impl Config {
    pub(crate) fn lifetime(&self) -> Duration {
        Duration::from_secs(self.lifetime_seconds.into())
    }

    pub(crate) fn limits(&self) -> Limits {
        Limits { prompts: self.prompts, window: Duration::from_secs(60 * u64::from(self.window_minutes)) }
    }

    /// The schema says the same; this holds for whoever makes the plugin without it.
    pub(crate) fn check(&self) -> Result<(), Fault> {
        let wrong =
            |key: &str, message: &str| Fault::Config { key: key.to_owned(), message: message.to_owned() };
        if !(30..=300).contains(&self.lifetime_seconds) {
            return Err(wrong("lifetime_seconds", "30 to 300"));
        }
        if !(1..=20).contains(&self.prompts) {
            return Err(wrong(
                "prompts",
                "1 to 20: each prompt more is one more chance that somebody gives in",
            ));
        }
        if !(1..=60).contains(&self.window_minutes) {
            return Err(wrong("window_minutes", "1 to 60"));
        }
        if !(1..=20).contains(&self.max_devices) {
            return Err(wrong("max_devices", "1 to 20"));
        }
        Ok(())
    }
}
