//! What a login page of a tenant offers. The names, `patter_size` among them, are those of the vault contract, on the
//! wire as in storage.

use gatewright_contract::{Keypad, Violation};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, de::Error};
use std::borrow::Cow;

/// A small number with bounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct Within<const LEAST: u8, const MOST: u8>(u8);

impl<const LEAST: u8, const MOST: u8> Within<LEAST, MOST> {
    /// `None` outside the bounds.
    pub fn new(number: u8) -> Option<Self> {
        (LEAST..=MOST).contains(&number).then_some(Self(number))
    }

    /// The number.
    pub fn get(self) -> u8 {
        self.0
    }
}

impl<'de, const LEAST: u8, const MOST: u8> Deserialize<'de> for Within<LEAST, MOST> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let number = u8::deserialize(deserializer)?;
        Self::new(number).ok_or_else(|| D::Error::custom(format!("must be from {LEAST} to {MOST}")))
    }
}

impl<const LEAST: u8, const MOST: u8> JsonSchema for Within<LEAST, MOST> {
    fn schema_name() -> Cow<'static, str> {
        format!("From{LEAST}To{MOST}").into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "integer", "minimum": LEAST, "maximum": MOST})
    }
}

/// A step of the login page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
#[schemars(inline)]
pub enum LoginStep {
    /// The PIN.
    Pin,
    /// The pattern.
    Pattern,
}

/// What a login page offers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct VaultSettings {
    /// Whether people may register themselves.
    pub register_enable: bool,
    /// Whether two factors are asked of everybody. Fixed when the tenant is made; the policy must then have
    /// `second_factor = "always"`.
    pub is_2fa: bool,
    /// Whether there is a PIN.
    pub use_pin: bool,
    /// Digits of a PIN.
    pub pin_size: Within<3, 6>,
    /// Whether there is a pattern.
    pub use_pattern: bool,
    /// Points on a side of the pattern.
    pub patter_size: Within<3, 4>,
    /// Whether faces are recognised.
    pub use_face_recognition: bool,
    /// Whether a face must show that it is alive.
    pub use_liveness: bool,
    /// Whether a PIN is shown while it is typed.
    pub show_pin_when_typing: bool,
    /// What is asked first.
    pub login_order: Vec<LoginStep>,
    /// Whether there are passkeys.
    pub passkey_enabled: bool,
    /// Whether people have a login name besides their e-mail address. Otherwise an address that its owner has proven
    /// is a login name too.
    pub has_username_and_email: bool,
    /// How a face shows that it is alive.
    pub liveness_config: Option<LivenessConfig>,
}

impl Default for VaultSettings {
    fn default() -> Self {
        Self {
            register_enable: false,
            is_2fa: false,
            use_pin: true,
            pin_size: Within(6),
            use_pattern: true,
            patter_size: Within(3),
            use_face_recognition: false,
            use_liveness: false,
            show_pin_when_typing: true,
            login_order: vec![LoginStep::Pin, LoginStep::Pattern],
            passkey_enabled: false,
            has_username_and_email: true,
            liveness_config: None,
        }
    }
}

impl VaultSettings {
    /// What it asks of a secret of several parts.
    pub fn keypad(&self) -> Keypad {
        let word = |step: &LoginStep| match step {
            LoginStep::Pin => "PIN".to_owned(),
            LoginStep::Pattern => "PATTERN".to_owned(),
        };
        Keypad {
            pin: self.use_pin.then(|| self.pin_size.get()),
            pattern: self.use_pattern.then(|| self.patter_size.get()),
            order: self.login_order.iter().map(word).collect(),
            show_pin: self.show_pin_when_typing,
        }
    }

    /// What no single field can say.
    pub fn check(&self) -> Vec<Violation> {
        let mut broken = Vec::new();
        let mut say = |code: &str, message: &str| {
            broken.push(Violation { code: code.to_owned(), message: message.to_owned() });
        };
        let twice = |step| self.login_order.iter().filter(|s| **s == step).count() > 1;
        if twice(LoginStep::Pin) || twice(LoginStep::Pattern) {
            say("login_order", "Each step at most once.");
        }
        if let Some(liveness) = &self.liveness_config {
            if liveness.number_steps_min > liveness.number_steps_max {
                say("liveness_config", "`number_steps_min` is greater than `number_steps_max`.");
            }
            if liveness.gesture_set.len() > 32 || liveness.gesture_set.iter().any(|g| g.len() > 64) {
                say("liveness_config", "`gesture_set` has at most 32 gestures of at most 64 bytes.");
            }
        }
        broken
    }
}

/// How a face shows that it is alive. The defaults are those of the contract, its odd bounds of blinks included.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(inline)]
pub struct LivenessConfig {
    /// Steps at least.
    #[schemars(range(min = 0, max = 100))]
    pub number_steps_min: u16,
    /// Steps at most.
    #[schemars(range(min = 0, max = 100))]
    pub number_steps_max: u16,
    /// Seconds for all of it.
    #[schemars(range(min = 1, max = 3_600))]
    pub duration_in_seconds: u16,
    /// Steps that may fail.
    #[schemars(range(min = 0, max = 100))]
    pub number_of_allowed_failures: u16,
    /// The gestures.
    pub gesture_set: Vec<String>,
    /// Blinks at most.
    #[schemars(range(min = 0, max = 10_000))]
    pub number_blinks_max: u16,
    /// Blinks at least.
    #[schemars(range(min = 0, max = 10_000))]
    pub number_blinks_min: u16,
}

impl Default for LivenessConfig {
    fn default() -> Self {
        Self {
            number_steps_min: 4,
            number_steps_max: 6,
            duration_in_seconds: 10,
            number_of_allowed_failures: 1,
            gesture_set: Vec::new(),
            number_blinks_max: 0,
            number_blinks_min: 10_000,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Settings;
    use serde_json::json;

    #[test]
    fn settings_from_before_still_read() {
        let old = json!({"policy": {"second_factor": "always"}, "session": {"idle_seconds": 61}});
        let read: Settings = serde_json::from_value(old).expect("reads");
        assert_eq!((read.session.idle_seconds, read.vault), (61, VaultSettings::default()));
    }

    #[test]
    fn stored_and_sent_are_the_same_words() {
        let stored = serde_json::to_value(VaultSettings::default()).expect("JSON");
        assert_eq!((&stored["patter_size"], &stored["is_2fa"]), (&json!(3), &json!(false)));
        assert_eq!(stored["login_order"], json!(["PIN", "PATTERN"]));
        assert_eq!(serde_json::from_value::<VaultSettings>(stored).expect("reads"), VaultSettings::default());
    }

    #[test]
    fn sizes_have_bounds() {
        for (name, good, bad) in [("pin_size", [3, 6], [2, 7]), ("patter_size", [3, 4], [2, 5])] {
            for size in good {
                assert!(
                    serde_json::from_value::<VaultSettings>(json!({name: size})).is_ok(),
                    "{name} {size}"
                );
            }
            for size in bad {
                assert!(
                    serde_json::from_value::<VaultSettings>(json!({name: size})).is_err(),
                    "{name} {size}"
                );
            }
        }
    }

    #[test]
    fn what_does_not_fit_together_is_said_all_at_once() {
        let liveness = LivenessConfig { number_steps_min: 7, ..LivenessConfig::default() };
        let order = vec![LoginStep::Pin, LoginStep::Pin];
        let settings =
            VaultSettings { login_order: order, liveness_config: Some(liveness), ..Default::default() };
        assert_eq!(settings.check().len(), 2);
        assert!(VaultSettings::default().check().is_empty());
    }
}
