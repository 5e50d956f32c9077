//! What is kept about one app.

use crate::{Algorithm, Config};
use gatewright_contract::Secret;
use serde::{Deserialize, Serialize};

/// The document of one enrolled app, sealed at rest. It holds its own parameters, so that a change of the
/// configuration locks nobody out.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Credential {
    /// The key that the app shares.
    #[serde(with = "gatewright_contract::in_sealed_document")]
    pub secret: Secret<Vec<u8>>,
    /// Hash function under HMAC.
    pub algorithm: Algorithm,
    /// Digits of a code, 6 to 8.
    pub digits: u8,
    /// How long a code lives, in seconds.
    pub period_seconds: u32,
    /// The last time step whose code was used: seconds since 1970 over the period, rounded down
    /// (RFC 6238, section 4.2). The code of this step or of an earlier one is not accepted again
    /// (section 5.2); zero before the first.
    pub last_step: u64,
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
            period_seconds: config.period_seconds,
            last_step: 0,
            serial: None,
        }
    }

    /// The same after the code of this step.
    pub(crate) fn used_at(&self, step: u64) -> Self {
        Self { last_step: step, ..self.clone() }
    }
}
