//! What a tenant has settled of the OpenID provider: how long things last, and what is asked of clients.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// The kind of the record of what an application may have of a person; its owner is the person. It ends with what throws
/// everybody out who has got in as them.
pub const GRANT: &str = "oauth-grant";

/// How applications log people in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct OidcRules {
    /// An authorization request that nobody answers is forgotten after this many seconds.
    #[schemars(range(min = 60, max = 3_600))]
    pub request_seconds: u32,
    /// An authorization code is good for this many seconds.
    #[schemars(range(min = 10, max = 600))]
    pub code_seconds: u32,
    /// An access token for an application is good for this many seconds.
    #[schemars(range(min = 30, max = 86_400))]
    pub access_token_seconds: u32,
    /// An ID token is good for this many seconds.
    #[schemars(range(min = 30, max = 86_400))]
    pub id_token_seconds: u32,
    /// A refresh token ends this many seconds after the consent, however often it is exchanged.
    #[schemars(range(min = 60, max = 31_536_000))]
    pub refresh_token_seconds: u32,
    /// A refresh token that is not used for this many seconds ends.
    #[schemars(range(min = 60, max = 31_536_000))]
    pub refresh_idle_seconds: u32,
    /// A code that is shown on a device is good for this many seconds.
    #[schemars(range(min = 60, max = 3_600))]
    pub device_code_seconds: u32,
    /// Who may register a client (RFC 7591).
    pub registration: Registration,
    /// Whether every client must push its authorization requests (RFC 9126).
    pub require_pushed_requests: bool,
    /// Whether an external authentication method of Entra may name `swk` for a login that had no key of a device. It
    /// says more than was proven: a weakening.
    pub entra_swk_without_key: bool,
    /// Name of the store under `[plugins.trust.stores]` whose authorities certify clients (`tls_client_auth`, RFC 8705).
    /// Default: none, no client can use that.
    pub client_authorities: Option<String>,
}

/// Who may register a client.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub enum Registration {
    /// Nobody.
    #[default]
    Off,
    /// Who brings an API key or a token with the permission `clients.write`.
    Token,
}

impl Default for OidcRules {
    fn default() -> Self {
        Self {
            request_seconds: 1_800,
            code_seconds: 60,
            access_token_seconds: 600,
            id_token_seconds: 600,
            refresh_token_seconds: 2_592_000,
            refresh_idle_seconds: 1_209_600,
            device_code_seconds: 600,
            registration: Registration::Off,
            require_pushed_requests: false,
            entra_swk_without_key: false,
            client_authorities: None,
        }
    }
}

impl OidcRules {
    /// A number of seconds of these rules as a duration.
    pub fn seconds(number: u32) -> Duration {
        Duration::from_secs(u64::from(number))
    }
}
