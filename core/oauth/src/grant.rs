//! What a client may have on behalf of a person, and for how long.

use gatewright_contract::{PersonId, SessionId, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The kind of the record of a grant. Deleting it ends every token of it.
pub use gatewright_core::oidc::GRANT;

/// What a person has agreed to, and how they had logged in. Goes from the request through the code into the grant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    /// For whom.
    pub client_id: String,
    /// Who.
    pub person: PersonId,
    /// The session in which it was given. The grant ends with it, unless `offline`.
    pub session: SessionId,
    /// Granted scopes.
    pub scopes: Vec<String>,
    /// Resources that tokens may be for (RFC 8707).
    #[serde(default)]
    pub resources: Vec<String>,
    /// `nonce` of the request.
    #[serde(default)]
    pub nonce: Option<String>,
    /// `claims` of the request (OpenID Connect Core, section 5.5), bounded when it was read.
    #[serde(default)]
    pub claims: Option<Value>,
    /// When the person last proved who they are.
    pub auth_time: Timestamp,
    /// Whether `auth_time` was asked for.
    #[serde(default)]
    pub wants_auth_time: bool,
    /// Assurance.
    pub acr: String,
    /// Methods (RFC 8176).
    pub amr: Vec<String>,
    /// `offline_access` was granted: the refresh token outlives the session.
    #[serde(default)]
    pub offline: bool,
}

/// What a token must be shown with (RFC 7800, `cnf`).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bound {
    /// Thumbprint of a DPoP key (RFC 9449).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jkt: Option<String>,
    /// SHA-256 of a certificate, base64url (RFC 8705).
    #[serde(rename = "x5t#S256", default, skip_serializing_if = "Option::is_none")]
    pub x5t: Option<String>,
}

/// A grant as it is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    /// What was agreed to.
    pub terms: Terms,
    /// What its refresh tokens are bound to: those of public clients, to their DPoP key.
    #[serde(default)]
    pub bound: Bound,
    /// What all refresh tokens of it share, hashed (hex): whoever shows it has had one of them.
    #[serde(default)]
    pub family: Option<String>,
    /// The refresh token that is good now, hashed (hex).
    #[serde(default)]
    pub refresh: Option<String>,
    /// When the refresh token was last exchanged.
    pub used: Timestamp,
    /// When it ends, whatever happens.
    pub expires: Timestamp,
}
