//! Authorization requests (RFC 6749, section 4.1.1; OpenID Connect Core, section 3.1.2): read, held against the client, kept
//! until a person has answered.

mod claims;
mod hint;
mod in_app;
mod keep;
mod object;
mod pushed;
mod read;
mod redirect;
mod respond;
mod scopes;

pub use in_app::{InApp, InAppRequest};
pub use keep::{Begun, Pending, REQUEST};
pub use pushed::Pushed;
pub use respond::{Respond, ResponseMode};

pub(crate) use claims::wants_auth_time;
pub(crate) use keep::{gone, is_alive};
pub(crate) use scopes::{OFFLINE, OPENID};

use gatewright_contract::{PersonId, SessionId, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What a client asks of a person, as it is kept. Everything in it has been checked and is bounded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuthorizationRequest {
    /// Who asks.
    pub client_id: String,
    /// Where the answer goes.
    pub redirect_uri: String,
    /// How it goes there.
    pub response_mode: ResponseMode,
    /// Given back as it came.
    #[serde(default)]
    pub state: Option<String>,
    /// Scopes that the client may have, each once, in its order.
    pub scopes: Vec<String>,
    /// Goes into the ID token.
    #[serde(default)]
    pub nonce: Option<String>,
    /// `code_challenge`, S256 (RFC 7636).
    #[serde(default)]
    pub code_challenge: Option<String>,
    /// Thumbprint of the DPoP key that the code is for (RFC 9449, section 10).
    #[serde(default)]
    pub dpop_jkt: Option<String>,
    /// For which resources (RFC 8707).
    #[serde(default)]
    pub resources: Vec<String>,
    /// `claims` (OpenID Connect Core, section 5.5).
    #[serde(default)]
    pub claims: Option<Value>,
    /// What the person must be asked.
    #[serde(default)]
    pub prompt: Prompt,
    /// For how many seconds a login counts.
    #[serde(default)]
    pub max_age: Option<u64>,
    /// Which assurance is asked for.
    #[serde(default)]
    pub acr: Option<Acr>,
    /// The `sub` that must answer: of `id_token_hint` or of `claims`.
    #[serde(default)]
    pub subject: Option<String>,
    /// Who will probably answer, as the client calls them.
    #[serde(default)]
    pub login_hint: Option<String>,
    /// Languages of the pages, best first (BCP 47).
    #[serde(default)]
    pub ui_locales: Vec<String>,
    /// When it came. What must be proven anew must be proven after this.
    pub created: Timestamp,
    /// What the person has agreed to on the consent page.
    #[serde(default)]
    pub agreed: Option<Agreed>,
    /// The person has said no.
    #[serde(default)]
    pub denied: bool,
    /// It is of Microsoft Entra, which asks for another factor and nothing else.
    #[serde(default)]
    pub entra: Option<crate::entra::Asked>,
}

/// `prompt` (OpenID Connect Core, section 3.1.2.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Prompt {
    /// Nothing: answer at once, or say why not.
    pub none: bool,
    /// To prove who they are, even if they are logged in. `create` counts as this too.
    pub login: bool,
    /// To agree, even if they have agreed before.
    pub consent: bool,
    /// To say as whom.
    pub select_account: bool,
}

/// `acr_values`, or `acr` among the claims of the ID token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Acr {
    /// Levels, any of which will do.
    pub values: Vec<String>,
    /// Without one of them there is no answer.
    pub essential: bool,
}

/// An agreement that waits for its code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Agreed {
    /// Who has agreed.
    pub person: PersonId,
    /// In which session.
    pub session: SessionId,
    /// To which scopes.
    pub scopes: Vec<String>,
}

impl AuthorizationRequest {
    /// Whether an ID token is asked for.
    pub fn is_openid(&self) -> bool {
        self.has_scope(OPENID)
    }

    /// Whether a scope is asked for.
    pub fn has_scope(&self, scope: &str) -> bool {
        self.scopes.iter().any(|one| one == scope)
    }
}
