//! The table `[plugins.zkp]`, and what a tenant must ask for.

use gatewright_contract::{Keypad, Violation};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Fewest digits of a PIN that is all there is beside the picture.
const LEAST_DIGITS: u8 = 6;

/// The table `[plugins.zkp]`.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Whether tenants may ask for so little that only the throttle is left: no PIN and no pattern, or a PIN of fewer
    /// than six digits and no pattern. A picture that others have is no secret.
    pub allow_weak_tenants: bool,
}

impl Config {
    /// What is too weak of what a tenant asks for.
    pub(crate) fn misfits(&self, keypad: &Keypad) -> Vec<Violation> {
        if self.allow_weak_tenants || keypad.pattern.is_some() {
            return Vec::new();
        }
        let what = match keypad.pin {
            None => {
                "use_pin and use_pattern are both off: a picture alone is no secret from anybody who has it"
            }
            Some(digits) if digits < LEAST_DIGITS => {
                "pin_size is below 6 and use_pattern is off: so few PINs are soon tried"
            }
            Some(_) => return Vec::new(),
        };
        let way = "Set use_pattern, or use_pin with a pin_size of 6. The operator can allow it nevertheless with \
                   plugins.zkp.allow_weak_tenants.";
        vec![Violation { code: "too_weak".to_owned(), message: format!("{what}. {way}") }]
    }
}
