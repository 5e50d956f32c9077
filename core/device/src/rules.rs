//! The settings that the authenticators have alike.

use crate::{Flow, Limits, statement::from_base64url};
use gatewright_contract::{Fault, Host};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::time::Duration;

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
        "NumberMatching".into()
    }
    fn inline_schema() -> bool {
        true
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({"type": "string", "enum": ["always", "asked"]})
    }
}

/// How often and how long somebody's devices may be asked.
#[derive(Clone, Debug)]
pub struct Rules {
    /// `lifetime_seconds`.
    pub lifetime_seconds: u16,
    /// `prompts`.
    pub prompts: u8,
    /// `window_minutes`.
    pub window_minutes: u8,
    /// `max_devices`.
    pub max_devices: u8,
    /// `web_push_key`.
    pub web_push_key: Option<String>,
}

impl Rules {
    /// The schemas say the same; this holds for whoever makes a plugin without one.
    ///
    /// # Errors
    /// [`Fault::Config`] for the first key that is out of bounds.
    pub fn check(&self) -> Result<(), Fault> {
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
        let is_key = |text: &String| from_base64url(text, 65).is_some_and(|b| b.len() == 65 && b[0] == 4);
        if self.web_push_key.as_ref().is_some_and(|key| !is_key(key)) {
            return Err(wrong("web_push_key", "the 65 bytes of a public key on P-256, in base64url"));
        }
        Ok(())
    }

    /// The flow of an authenticator with these rules.
    pub fn flow(&self, authenticator: &'static str, host: Host) -> Flow {
        let window = Duration::from_secs(60 * u64::from(self.window_minutes));
        Flow {
            authenticator,
            host,
            lifetime: Duration::from_secs(self.lifetime_seconds.into()),
            limits: Limits { prompts: self.prompts, window },
            max_devices: self.max_devices,
            web_push_key: self.web_push_key.clone(),
        }
    }
}
