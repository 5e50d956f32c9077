//! Access tokens as they are stored, or signed.

use crate::grant::Bound;
use gatewright_contract::{PersonId, SessionId, Timestamp};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The kind of the record of an opaque access token: its key is the hash of the token, its owner the grant, or, where there is
/// none, the record of the client.
pub const TOKEN: &str = "oauth-token";

/// The kind of the record of a JWT that was revoked before its end: its key is the `jti`.
pub const REVOKED: &str = "oauth-revoked";

/// Prefix of an opaque access token.
pub const OPAQUE: &str = "gwo";

/// What an access token says, whether it is stored or signed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Access {
    /// The client that it was issued to.
    pub client_id: String,
    /// What that client calls the person; its own name where there is no person.
    pub sub: String,
    /// The person; none for a client on its own behalf.
    #[serde(default)]
    pub person: Option<PersonId>,
    /// The session behind it; none for a client, and for a grant that outlives its session.
    #[serde(default)]
    pub session: Option<SessionId>,
    /// The grant: when it is gone, the token is.
    #[serde(default)]
    pub grant: Option<Uuid>,
    /// Granted scopes.
    pub scopes: Vec<String>,
    /// For whom it is: resources, or the issuer itself.
    pub audience: Vec<String>,
    /// What it must be shown with.
    #[serde(default)]
    pub bound: Bound,
    /// Who acts for the person (RFC 8693, section 4.1).
    #[serde(default)]
    pub actor: Option<serde_json::Value>,
    /// When it was made.
    pub issued: Timestamp,
    /// When it ends.
    pub expires: Timestamp,
    /// Its name: of a JWT the `jti`, of an opaque one the id of its record.
    pub id: String,
}
