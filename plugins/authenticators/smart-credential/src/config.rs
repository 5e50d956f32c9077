//! The table `[plugins.smart-credential]`.

use gatewright_contract::Fault;
use gatewright_device::{NumberMatching, Rules};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Most authorities and lists.
const MOST: usize = 16;

/// The table `[plugins.smart-credential]`.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Certificates of the authorities whose certificates count, as PEM. Without one no device can be paired and none
    /// approves. Default: none.
    #[schemars(length(max = 16))]
    pub authorities: Vec<String>,
    /// An extended key usage that a device's certificate must have, as numbers: `"1.3.6.1.5.5.7.3.2"` (client
    /// authentication). Left out: whatever it has.
    pub extended_key_usage: Option<String>,
    /// Files with certificate revocation lists (RFC 5280), PEM or DER. Where one is named, a certificate that no list
    /// speaks for is refused; without any, nothing is ever revoked but by removing the device. Default: none.
    #[schemars(length(max = 16))]
    pub crls: Vec<String>,
    /// Whether the certificates between the device's and the authority's must not be revoked either: then each of
    /// their issuers needs its list.
    pub crl_whole_chain: bool,
    /// Whether a list counts that should have been replaced (`nextUpdate`). With `true`, whoever keeps new lists from
    /// arriving keeps what has been revoked since then in use.
    pub accept_stale_crls: bool,
    /// How often a file of a list is looked at again, in seconds.
    #[schemars(range(min = 1, max = 3600))]
    pub crl_reload_seconds: u16,
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
            authorities: Vec::new(),
            extended_key_usage: None,
            crls: Vec::new(),
            crl_whole_chain: false,
            accept_stale_crls: false,
            crl_reload_seconds: 60,
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

    /// What the schema can't say, and what it says for whoever makes the plugin without it.
    pub(crate) fn check(&self) -> Result<(), Fault> {
        let wrong =
            |key: &str, message: &str| Fault::Config { key: key.to_owned(), message: message.to_owned() };
        self.rules().check()?;
        if self.authorities.len() > MOST {
            return Err(wrong("authorities", "at most 16"));
        }
        if self.crls.len() > MOST || self.crls.iter().any(String::is_empty) {
            return Err(wrong("crls", "at most 16 files"));
        }
        if !(1..=3600).contains(&self.crl_reload_seconds) {
            return Err(wrong("crl_reload_seconds", "1 to 3600"));
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
