//! The table `[plugins.hotp]`.

use gatewright_contract::Fault;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Longest secret, in bytes: the block of SHA-1 and SHA-256. HMAC would hash a longer one down
/// (RFC 2104, section 3).
pub(crate) const MAX_SECRET_BYTES: usize = 64;

/// The table `[plugins.hotp]`. Apart from the two windows, what is changed here holds for what is enrolled from then
/// on: each credential keeps the parameters that its token has.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Name that the app shows beside the code, 1 to 64 bytes. No colon: it would end the name.
    #[schemars(length(min = 1, max = 64), regex(pattern = r"^[^:]*$"))]
    pub issuer: String,
    /// Hash function under the code. RFC 4226 knows only `sha1`.
    pub algorithm: Algorithm,
    /// Digits of a code.
    #[schemars(extend("enum" = [6, 8]))]
    pub digits: u8,
    /// How many codes after the expected one count as well, for buttons that were pressed in vain (RFC 4226, section
    /// 7.2). Each one more makes a guess more likely to hit.
    #[schemars(range(min = 0, max = 50))]
    pub look_ahead: u8,
    /// How far ahead two codes in a row are looked for (RFC 4226, section 7.4).
    #[schemars(range(min = 10, max = 1000))]
    pub resync_window: u16,
    /// Length of the secret in bytes. Left out: as long as the output of the hash function, which is 20, 32 or 64.
    #[schemars(range(min = 20, max = 64))]
    pub secret_bytes: Option<u8>,
    /// How many tokens a person may have.
    #[schemars(range(min = 1, max = 20))]
    pub max_credentials: u8,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            issuer: "Gatewright".to_owned(),
            algorithm: Algorithm::Sha1,
            digits: 6,
            look_ahead: 10,
            resync_window: 100,
            secret_bytes: None,
            max_credentials: 5,
        }
    }
}

/// Hash function under HMAC. That SHA-1 is broken for signatures does not touch HMAC-SHA-1 (RFC 6194, section 3.3).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Algorithm {
    /// HMAC-SHA-1: what every token computes.
    #[default]
    Sha1,
    /// HMAC-SHA-256.
    Sha256,
    /// HMAC-SHA-512.
    Sha512,
}

/// Three words. (Derived, the documented variants would become three schemas of one word.)
impl JsonSchema for Algorithm {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "HotpAlgorithm".into()
    }
    fn inline_schema() -> bool {
        true
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({"type": "string", "enum": ["sha1", "sha256", "sha512"]})
    }
}

impl Config {
    /// Length of a new secret.
    pub(crate) fn secret_bytes(&self) -> usize {
        self.secret_bytes.map_or(
            match self.algorithm {
                Algorithm::Sha1 => 20,
                Algorithm::Sha256 => 32,
                Algorithm::Sha512 => 64,
            },
            usize::from,
        )
    }

    /// The schema says the same; this holds for whoever makes the plugin without it.
    pub(crate) fn check(&self) -> Result<(), Fault> {
        let wrong =
            |key: &str, message: &str| Fault::Config { key: key.to_owned(), message: message.to_owned() };
        let bad = |c: char| c == ':' || c.is_control();
        if !(1..=64).contains(&self.issuer.len()) || self.issuer.contains(bad) {
            return Err(wrong("issuer", "1 to 64 bytes, without a colon or control characters"));
        }
        if ![6, 8].contains(&self.digits) {
            return Err(wrong("digits", "6 or 8"));
        }
        if self.look_ahead > 50 {
            return Err(wrong("look_ahead", "0 to 50: each code more makes a guess more likely to hit"));
        }
        if !(10..=1000).contains(&self.resync_window) {
            return Err(wrong("resync_window", "10 to 1000"));
        }
        if !(20..=MAX_SECRET_BYTES).contains(&self.secret_bytes()) {
            return Err(wrong("secret_bytes", "20 to 64"));
        }
        if !(1..=20).contains(&self.max_credentials) {
            return Err(wrong("max_credentials", "1 to 20"));
        }
        Ok(())
    }
}
