//! Codes for a device that is offline.

use super::formed::{Bytes, Formed};
use gatewright_plugin::Text;
use poem_openapi::{Enum, Object};

/// Protected codes to use offline.
#[derive(Object, Clone)]
#[oai(
    rename = "IdaasOfflineTokenAuthenticateResponse",
    rename_all = "camelCase",
    skip_serializing_if_is_none
)]
pub(crate) struct OfflineTokenAuthenticateResponse {
    /// The first moving factor that is covered.
    pub(crate) first_moving_factor: Option<i64>,
    /// Rounds of the key derivation.
    pub(crate) iterations: Option<i32>,
    /// Most units of the larger set.
    pub(crate) max_size_in_units: Option<i32>,
    /// Most time steps.
    pub(crate) max_time_steps: Option<i32>,
    /// Units of the smaller set.
    pub(crate) minor_size_in_units: Option<i32>,
    /// The protected codes.
    pub(crate) otps: Option<String>,
    /// Length of the private salt.
    pub(crate) private_salt_length: Option<i32>,
    /// Whether the result has been made smaller.
    pub(crate) result_optimized: Option<bool>,
    /// Drift of the device's clock.
    pub(crate) time_drift: Option<i32>,
    /// Length of a time step.
    pub(crate) time_interval: Option<i32>,
    /// The token that the codes are of.
    pub(crate) token_serial_number: Option<String>,
    /// A secret for their use.
    pub(crate) use_secret: Option<Formed<Bytes>>,
}

/// A wish for protected codes.
#[derive(Object, Clone)]
#[oai(rename = "IdaasTokenProtectedOfflineParms", rename_all = "camelCase", skip_serializing_if_is_none)]
pub(crate) struct TokenProtectedOfflineParms {
    /// Who wants them.
    #[oai(rename = "tokenProtectedOfflineOTPClientName")]
    pub(crate) client_name: Option<Text>,
    /// A secret of the client.
    #[oai(rename = "tokenProtectedOfflineOTPClientSecret")]
    pub(crate) client_secret: Option<Formed<Bytes>>,
    /// Leave the result as large as it is.
    #[oai(rename = "tokenProtectedOfflineOTPDoNotOptimize")]
    pub(crate) do_not_optimize: Option<bool>,
    /// How many.
    #[oai(rename = "tokenProtectedOfflineOTPGet")]
    pub(crate) get: Option<OfflineOtpGet>,
    /// How many with `CUSTOM`.
    #[oai(rename = "tokenProtectedOfflineOTPSize")]
    pub(crate) size: Option<i32>,
}

/// How many protected codes.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[oai(rename = "IdaasOfflineOTPGet", rename_all = "UPPERCASE")]
pub(crate) enum OfflineOtpGet {
    None,
    Minor,
    Major,
    Custom,
}
