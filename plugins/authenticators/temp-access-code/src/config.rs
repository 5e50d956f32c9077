//! The table `[plugins.temp-access-code]`.

use gatewright_contract::Fault;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// No code is good for longer: a week.
pub(crate) const MAX_HOURS: u16 = 168;
/// No code is good more often.
pub(crate) const MAX_USES: u8 = 20;

/// The table `[plugins.temp-access-code]`. What is changed here holds for codes that are issued from then on.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Characters of a code, of 5 random bits each.
    #[schemars(range(min = 8, max = 32))]
    pub length: u8,
    /// How many hours a code is good, where the administrator says nothing else.
    #[schemars(range(min = 1, max = 168))]
    pub hours: u16,
    /// The most that an administrator may say.
    #[schemars(range(min = 1, max = 168))]
    pub max_hours: u16,
    /// How many logins a code is good for, where the administrator says nothing else.
    #[schemars(range(min = 1, max = 20))]
    pub uses: u8,
    /// The most that an administrator may say.
    #[schemars(range(min = 1, max = 20))]
    pub max_uses: u8,
    /// Whom people may ask for a code, shown to everybody who is asked for one: a number, an address, a room. Left out:
    /// nothing is shown.
    #[schemars(length(min = 1, max = 256))]
    pub admin_contact: Option<String>,
}

impl Default for Config {
    fn default() -> Self {
        Self { length: 12, hours: 24, max_hours: MAX_HOURS, uses: 1, max_uses: 10, admin_contact: None }
    }
}

impl Config {
    /// What the schema can't say, and what it says for whoever makes the plugin without it.
    pub(crate) fn check(&self) -> Result<(), Fault> {
        let wrong = |key: &str, message: String| Fault::Config { key: key.to_owned(), message };
        if !(8..=32).contains(&self.length) {
            return Err(wrong("length", "8 to 32".to_owned()));
        }
        if !(1..=MAX_HOURS).contains(&self.max_hours) {
            return Err(wrong("max_hours", format!("1 to {MAX_HOURS}")));
        }
        if !(1..=self.max_hours).contains(&self.hours) {
            return Err(wrong("hours", format!("1 to {}, which is `max_hours`", self.max_hours)));
        }
        if !(1..=MAX_USES).contains(&self.max_uses) {
            return Err(wrong("max_uses", format!("1 to {MAX_USES}")));
        }
        if !(1..=self.max_uses).contains(&self.uses) {
            return Err(wrong("uses", format!("1 to {}, which is `max_uses`", self.max_uses)));
        }
        let bad = |text: &String| !(1..=256).contains(&text.len()) || text.chars().any(char::is_control);
        if self.admin_contact.as_ref().is_some_and(bad) {
            return Err(wrong("admin_contact", "1 to 256 bytes without control characters".to_owned()));
        }
        Ok(())
    }
}
