//! The table `[plugins.otp]`.

use crate::Delivery;
use gatewright_contract::{Allowance, Fault};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// The table `[plugins.otp]`.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Digits of a code.
    #[schemars(range(min = 6, max = 8))]
    pub digits: u8,
    /// How long a code is good, in seconds.
    #[schemars(range(min = 300, max = 600))]
    pub life_seconds: u32,
    /// The ways that are offered, best first: `email`, `sms`, `voice`.
    #[schemars(length(min = 1, max = 3))]
    pub deliveries: Vec<Delivery>,
    /// The ways by which a lost password may be replaced, of those that are offered.
    #[schemars(length(max = 3))]
    pub reset_deliveries: Vec<Delivery>,
    /// Which channel plugin carries each of them.
    pub channels: Channels,
    /// When a prompt says where the code went, masked (`a***@e***.com`). `after-proof`: only to who has proven
    /// something else before. `always`: also to who has only typed a name; to who does not exist something that looks
    /// like it.
    pub show_contact: ShowContact,
    /// How many codes somebody is sent within `codes_window_seconds`; who asks for more is sent nothing. Counted apart
    /// for those who have proven something before.
    #[schemars(range(min = 1, max = 20))]
    pub max_codes: u8,
    /// Length of that window in seconds.
    #[schemars(range(min = 60, max = 3600))]
    pub codes_window_seconds: u32,
    /// How many addresses and numbers a person may set up.
    #[schemars(range(min = 1, max = 20))]
    pub max_contacts: u8,
}

/// Which channel plugin carries what.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(inline)]
pub struct Channels {
    /// For mail.
    pub email: String,
    /// For text messages.
    pub sms: String,
    /// For calls.
    pub voice: String,
}

/// When a prompt says where the code went.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ShowContact {
    /// To who has proven something else before.
    #[default]
    AfterProof,
    /// To everybody who knows the name.
    Always,
}

/// Two words. (Derived, the documented variants would become two schemas of one word.)
impl JsonSchema for ShowContact {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "OtpShowContact".into()
    }
    fn inline_schema() -> bool {
        true
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({"type": "string", "enum": ["after-proof", "always"]})
    }
}

impl Default for Channels {
    fn default() -> Self {
        let sms = "sms-webhook".to_owned();
        Self { email: "smtp".to_owned(), voice: sms.clone(), sms }
    }
}

impl Default for Config {
    fn default() -> Self {
        Self {
            digits: 6,
            life_seconds: 300,
            deliveries: vec![Delivery::Email],
            reset_deliveries: vec![Delivery::Email],
            channels: Channels::default(),
            show_contact: ShowContact::AfterProof,
            max_codes: 5,
            codes_window_seconds: 600,
            max_contacts: 5,
        }
    }
}

impl Config {
    /// How long a code is good.
    pub(crate) fn life(&self) -> Duration {
        Duration::from_secs(u64::from(self.life_seconds))
    }

    /// How many codes are sent.
    pub(crate) fn allowance(&self) -> Allowance {
        let window = Duration::from_secs(u64::from(self.codes_window_seconds));
        Allowance { most: self.max_codes, window }
    }

    /// The channel of a way.
    pub(crate) fn channel(&self, delivery: Delivery) -> &str {
        match delivery {
            Delivery::Email => &self.channels.email,
            Delivery::Sms => &self.channels.sms,
            Delivery::Voice => &self.channels.voice,
        }
    }

    /// Numbers are bounded by the schema too; this holds for whoever makes the plugin without it.
    pub(crate) fn check(&self) -> Result<(), Fault> {
        let wrong =
            |key: &str, message: &str| Fault::Config { key: key.to_owned(), message: message.to_owned() };
        if !(6..=8).contains(&self.digits) {
            return Err(wrong("digits", "6 to 8"));
        }
        if !(300..=600).contains(&self.life_seconds) {
            return Err(wrong("life_seconds", "300 to 600"));
        }
        if self.deliveries.is_empty() || has_twice(&self.deliveries) {
            return Err(wrong("deliveries", "at least one of `email`, `sms`, `voice`, none of them twice"));
        }
        if self.reset_deliveries.iter().any(|d| !self.deliveries.contains(d))
            || has_twice(&self.reset_deliveries)
        {
            return Err(wrong("reset_deliveries", "only what is in `deliveries`, nothing twice"));
        }
        for delivery in &self.deliveries {
            if self.channel(*delivery).is_empty() {
                return Err(wrong("channels", "the id of a channel plugin, such as `smtp`"));
            }
        }
        if !(1..=20).contains(&self.max_codes) {
            return Err(wrong("max_codes", "1 to 20"));
        }
        if !(60..=3600).contains(&self.codes_window_seconds) {
            return Err(wrong("codes_window_seconds", "60 to 3600"));
        }
        if !(1..=20).contains(&self.max_contacts) {
            return Err(wrong("max_contacts", "1 to 20"));
        }
        Ok(())
    }
}

fn has_twice(list: &[Delivery]) -> bool {
    list.iter().enumerate().any(|(at, one)| list[..at].contains(one))
}
