//! The table `[plugins.magic-link]`.

use gatewright_contract::{Allowance, Fault};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// The table `[plugins.magic-link]`.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// How long a link is good, in seconds.
    #[schemars(range(min = 60, max = 600))]
    pub life_seconds: u32,
    /// The channel plugin that carries the mail.
    #[schemars(length(min = 1, max = 48))]
    pub channel: String,
    /// How many links somebody is sent within `links_window_seconds`; who asks for more is sent nothing.
    #[schemars(range(min = 1, max = 20))]
    pub max_links: u8,
    /// Length of that window in seconds.
    #[schemars(range(min = 60, max = 3600))]
    pub links_window_seconds: u32,
}

impl Default for Config {
    fn default() -> Self {
        Self { life_seconds: 600, channel: "smtp".to_owned(), max_links: 5, links_window_seconds: 600 }
    }
}

impl Config {
    /// How long a link is good.
    pub(crate) fn life(&self) -> Duration {
        Duration::from_secs(u64::from(self.life_seconds))
    }

    /// How many links are sent.
    pub(crate) fn allowance(&self) -> Allowance {
        let window = Duration::from_secs(u64::from(self.links_window_seconds));
        Allowance { most: self.max_links, window }
    }

    /// The schema says the same; this holds for whoever makes the plugin without it.
    pub(crate) fn check(&self) -> Result<(), Fault> {
        let wrong =
            |key: &str, message: &str| Fault::Config { key: key.to_owned(), message: message.to_owned() };
        if !(60..=600).contains(&self.life_seconds) {
            return Err(wrong("life_seconds", "60 to 600"));
        }
        if !(1..=48).contains(&self.channel.len()) {
            return Err(wrong("channel", "the id of a channel plugin, such as `smtp`"));
        }
        if !(1..=20).contains(&self.max_links) {
            return Err(wrong("max_links", "1 to 20"));
        }
        if !(60..=3600).contains(&self.links_window_seconds) {
            return Err(wrong("links_window_seconds", "60 to 3600"));
        }
        Ok(())
    }
}
