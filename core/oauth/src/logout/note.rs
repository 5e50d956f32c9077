//! That a client knows a session.

use gatewright_contract::PersonId;
use serde::{Deserialize, Serialize};

/// The kind of the record that a client knows a session; its owner is the session.
pub(super) const LOGIN: &str = "oauth-login";

/// A client that knows a session.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct LoginNote {
    pub(super) client_id: String,
    pub(super) person: PersonId,
}
