//! The table `[plugins.smart-credential]`.

use gatewright_contract::Fault;
use gatewright_device::{NumberMatching, Rules};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The table `[plugins.smart-credential]`.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Name of the certification authorities under `[plugins.trust.stores]`. Left out: no device can be paired, and none
    /// approves.
    pub store: Option<String>,
    /// An extended key usage that a device's certificate must have, as numbers: `"1.3.6.1.5.5.7.3.2"` (client
    /// authentication). Left out: whatever it has.
    pub extended_key_usage: Option<String>,
    /// Which certificates must not stand on a revocation list: `chain` (all but the root), `leaf` (the device's own), or
    /// `off` (none: only where certificates live for hours). A certificate that no list speaks for is refused.
    pub revocation: Revocation,
    /// Whether a list counts that should have been replaced (`nextUpdate`). With `true`, whoever keeps new lists from
    /// arriving keeps what has been revoked since then in use.
    pub accept_stale_crls: bool,
    /// Whether the person must type on the device a number that the login page shows. `always`: in every login, so that
    /// a client that can't show one can't use this. `asked`: only where the client asks for it, and then whoever has
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
            store: None,
            extended_key_usage: None,
            revocation: Revocation::Chain,
            accept_stale_crls: false,
            number_matching: NumberMatching::Always,
            lifetime_seconds: 120,
            prompts: 5,
            window_minutes: 10,
            max_devices: 5,
            web_push_key: None,
        }
    }
}

/// Which certificates must not be revoked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Revocation {
    /// All but the root.
    Chain,
    /// The device's own.
    Leaf,
    /// None is looked up.
    Off,
}

/// Three words. (Derived, the documented variants would become three schemas of one word.)
impl JsonSchema for Revocation {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "SmartCredentialRevocation".into()
    }
    fn inline_schema() -> bool {
        true
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({"type": "string", "enum": ["chain", "leaf", "off"]})
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

    /// What the schema can't say, and what it says for whoever makes the plugin without it.
    pub(crate) fn check(&self) -> Result<(), Fault> {
        let wrong =
            |key: &str, message: &str| Fault::Config { key: key.to_owned(), message: message.to_owned() };
        self.rules().check()?;
        if self.store.as_ref().is_some_and(String::is_empty) {
            return Err(wrong("store", "a name under [plugins.trust.stores]"));
        }
        let is_number =
            |part: &str| !part.is_empty() && part.len() < 10 && part.bytes().all(|b| b.is_ascii_digit());
        if self.extended_key_usage.as_ref().is_some_and(|oid| {
            oid.len() > 128 || oid.split('.').count() < 2 || !oid.split('.').all(is_number)
        }) {
            return Err(wrong("extended_key_usage", "an object identifier such as \"1.3.6.1.5.5.7.3.2\""));
        }
        Ok(())
    }
}
