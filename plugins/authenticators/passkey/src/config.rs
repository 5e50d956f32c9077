//! The table `[plugins.passkey]`.

use crate::attestation::Trusted;
use gatewright_contract::Fault;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The table `[plugins.passkey]`. Where passkeys are used (origins, relying party id, name) is the tenant's `site`.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// How long a challenge can be answered, in seconds, if the transaction lasts that long.
    #[schemars(range(min = 30, max = 600))]
    pub timeout_seconds: u16,
    /// How many passkeys a person may have.
    #[schemars(range(min = 1, max = 50))]
    pub max_credentials: u8,
    /// Whether a new passkey must be `discoverable`, which a login without a username needs: `required`, `preferred`
    /// or `discouraged`. One that is not can still be a second factor.
    pub discoverable: Wanted,
    /// Whether the device must check the person (PIN, fingerprint) when a passkey is set up: `required`, `preferred`
    /// or `discouraged`. One that was set up without can be a second factor and no first one.
    pub user_verification: Wanted,
    /// Whether passkeys may be set up that are copied between devices (backup eligible: most of phones and browsers).
    pub allow_synced: bool,
    /// Refuse a signature whose counter has not grown (WebAuthn, section 6.1.1): the key may exist twice. With false it
    /// is let in and logged.
    pub strict_counter: bool,
    /// Models of authenticators that may be set up, each with the certificates that vouch for it. Empty: any, and
    /// nothing is asked about the model (attestation `none`).
    #[schemars(length(max = 200))]
    pub models: Vec<Model>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            timeout_seconds: 300,
            max_credentials: 20,
            discoverable: Wanted::Preferred,
            user_verification: Wanted::Preferred,
            allow_synced: true,
            strict_counter: true,
            models: Vec::new(),
        }
    }
}

/// A model of authenticators, or several that the same certificates vouch for.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Model {
    /// A name for it, as the lists of a person's passkeys show it.
    #[schemars(length(max = 64))]
    pub name: String,
    /// AAGUIDs, such as `2fc0579f-8113-47ea-b116-bb5a8db9202a`: the maker or the FIDO Metadata Service names them.
    #[schemars(
        length(max = 100),
        inner(regex(pattern = r"^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$"))
    )]
    pub aaguids: Vec<String>,
    /// Root certificates of the maker, each in PEM as it is (no path).
    #[schemars(length(max = 20), inner(regex(pattern = r"^\s*-----BEGIN CERTIFICATE-----\s")))]
    pub roots: Vec<String>,
}

/// How much something is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Wanted {
    /// Without it, no.
    Required,
    /// If it can be had.
    Preferred,
    /// Better not.
    Discouraged,
}

/// Three words. (Derived, the documented variants would become three schemas of one word.)
impl JsonSchema for Wanted {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "PasskeyWanted".into()
    }
    fn inline_schema() -> bool {
        true
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({"type": "string", "enum": ["required", "preferred", "discouraged"]})
    }
}

impl Config {
    /// The schema says the same; this holds for whoever makes the plugin without it. The models are read once.
    pub(crate) fn check(&self) -> Result<Trusted, Fault> {
        if !(30..=600).contains(&self.timeout_seconds) {
            return Err(wrong("timeout_seconds", "30 to 600"));
        }
        if !(1..=50).contains(&self.max_credentials) {
            return Err(wrong("max_credentials", "1 to 50"));
        }
        Trusted::read(&self.models)
    }
}

pub(crate) fn wrong(key: impl Into<String>, message: impl Into<String>) -> Fault {
    Fault::Config { key: key.into(), message: message.into() }
}
