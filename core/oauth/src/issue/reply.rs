//! The reply of the token endpoint (RFC 6749, section 5.1).

use crate::access::Access;
use serde::Serialize;
use std::fmt;

/// Tokens, once. Not printed.
#[derive(Default, PartialEq, Eq, Serialize)]
pub struct TokenReply {
    /// The access token; none with the scope `2fa`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub access_token: Option<String>,
    /// How it is shown: `Bearer`, or `DPoP` where it is bound to a key.
    pub token_type: &'static str,
    /// Seconds for which the access token is good; of the ID token where there is no other.
    pub expires_in: u64,
    /// Good for the next tokens, once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refresh_token: Option<String>,
    /// Who has logged in, and how.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id_token: Option<String>,
    /// What was granted.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub scope: String,
    /// What the access token is, where a token was exchanged (RFC 8693, section 2.2.1).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issued_token_type: Option<&'static str>,
}

impl TokenReply {
    /// One with an access token alone.
    pub(crate) fn of(access_token: String, access: &Access) -> Self {
        Self {
            access_token: Some(access_token),
            token_type: access.bound.token_type(),
            expires_in: access.expires.since(access.issued).as_secs(),
            scope: access.scopes.join(" "),
            ..Self::default()
        }
    }
}

impl fmt::Debug for TokenReply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenReply").field("scope", &self.scope).finish_non_exhaustive()
    }
}
