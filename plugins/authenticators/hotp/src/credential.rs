//! What is kept about one token.

use crate::{Algorithm, Config};
use gatewright_contract::Secret;
use serde::{Deserialize, Serialize};

/// The document of one token, sealed at rest. It holds its own parameters, so that a change of the configuration locks
/// nobody out.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Credential {
    /// The key that the token shares.
    #[serde(with = "gatewright_contract::in_sealed_document")]
    pub secret: Secret<Vec<u8>>,
    /// Hash function under HMAC.
    pub algorithm: Algorithm,
    /// Digits of a code, 6 to 8.
    pub digits: u8,
    /// The counter of the next code that is expected. Codes before it are never accepted again.
    pub counter: u64,
    /// Number on the back of a hardware token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub serial: Option<String>,
}

impl Credential {
    /// A new one, with the parameters of today.
    pub(crate) fn new(config: &Config, secret: Vec<u8>) -> Self {
        Self {
            secret: Secret::new(secret),
            algorithm: config.algorithm,
            digits: config.digits,
            counter: 0,
            serial: None,
        }
    }

    /// The same with the counter further on.
    pub(crate) fn moved_to(&self, counter: u64) -> Self {
        Self { counter, ..self.clone() }
    }
}
