//! The deprecated passkey operation.

use super::fido::FidoChallenge;
use gatewright_plugin::Text;
use poem_openapi::{Object, types::Example};

/// Asks for a passkey challenge without saying who.
#[derive(Object)]
#[oai(
    rename = "IdaasPasskeyChallengeParameters",
    rename_all = "camelCase",
    skip_serializing_if_is_none,
    example
)]
pub(crate) struct PasskeyChallengeParameters {
    /// Id of the application, from the server's configuration. Nothing works without it.
    pub(crate) application_id: Option<Text>,
}

impl Example for PasskeyChallengeParameters {
    fn example() -> Self {
        Self { application_id: Some("default".into()) }
    }
}

/// A passkey challenge.
#[derive(Object)]
#[oai(rename = "IdaasPasskeyChallengeResult", rename_all = "camelCase", skip_serializing_if_is_none)]
pub(crate) struct PasskeyChallengeResult {
    /// When the token ends, in milliseconds since 1970.
    pub(crate) expires: Option<i64>,
    /// The challenge.
    pub(crate) fido_challenge: Option<FidoChallenge>,
    /// The server's time, in milliseconds since 1970.
    pub(crate) time: Option<i64>,
    /// For the completion with PASSKEY.
    pub(crate) token: Option<String>,
}
