//! The seed of a hardware token, as its maker has delivered it.

use crate::{Algorithm, Credential, config::MAX_SECRET_BYTES};
use data_encoding::BASE32_NOPAD;
use gatewright_contract::{LookupKey, Secret, Violation};
use schemars::JsonSchema;
use serde::Deserialize;

/// Shortest secret that RFC 4226 allows, in bytes (section 4, R6).
const MIN_SECRET_BYTES: usize = 16;
/// The last counter that is taken: far from where adding to it would overflow.
const MAX_COUNTER: u64 = u64::MAX / 2;

/// The seed of a hardware token; taken from an administrator and the host alone.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Seed {
    /// The secret (RFC 4648, section 6, without padding), 16 to 64 bytes.
    #[schemars(length(max = 128))]
    pub secret_base32: Secret<String>,
    /// Hash function under HMAC.
    #[serde(default)]
    pub algorithm: Algorithm,
    /// Digits of a code.
    #[schemars(extend("enum" = [6, 8]))]
    pub digits: u8,
    /// The counter of the next code.
    #[serde(default)]
    pub counter: u64,
    /// Number on the back of the token.
    #[serde(default)]
    #[schemars(length(min = 1, max = 64))]
    pub serial: Option<String>,
}

impl Seed {
    /// The credential, with the name under which no second person can get the same token.
    pub(crate) fn take(self) -> Result<(Credential, Option<LookupKey>), Violation> {
        let bad = |message: &str| Violation { code: "bad_seed".to_owned(), message: message.to_owned() };
        let secret = BASE32_NOPAD.decode(self.secret_base32.expose().as_bytes());
        let secret = secret.map_err(|_| bad("the secret is not in base 32"))?;
        if !(MIN_SECRET_BYTES..=MAX_SECRET_BYTES).contains(&secret.len()) {
            return Err(bad("the secret must have 16 to 64 bytes"));
        }
        if ![6, 8].contains(&self.digits) {
            return Err(bad("a code has 6 or 8 digits"));
        }
        if self.counter > MAX_COUNTER {
            return Err(bad("the counter is too large"));
        }
        let fits = |s: &str| (1..=64).contains(&s.len()) && s.bytes().all(|b| b.is_ascii_graphic());
        if !self.serial.as_deref().is_none_or(fits) {
            return Err(bad("a serial number has 1 to 64 letters, digits and signs of ASCII"));
        }
        let lookup = self.serial.as_ref().map(|serial| LookupKey(format!("serial:{serial}")));
        let Self { algorithm, digits, counter, serial, .. } = self;
        Ok((Credential { secret: Secret::new(secret), algorithm, digits, counter, serial }, lookup))
    }
}
