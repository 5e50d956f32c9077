//! The table `[plugins.push]`.

use gatewright_device::{NumberMatching, Rules};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

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
    /// The public half of `plugins.web-push.private_key`, 65 bytes in base64url: devices that are paired from then on can
    /// be woken by Web Push. Left out: no device is woken, each asks by itself.
    pub web_push_key: Option<String>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            number_matching: NumberMatching::Always,
            lifetime_seconds: 120,
            prompts: 5,
            window_minutes: 10,
            max_devices: 5,
            web_push_key: None,
        }
    }
}

impl Config {
    pub(crate) fn rules(&self) -> Rules {
        Rules {
            lifetime_seconds: self.lifetime_seconds,
            prompts: self.prompts,
            window_minutes: self.window_minutes,
            max_devices: self.max_devices,
            web_push_key: self.web_push_key.clone(),
        }
    }
}
