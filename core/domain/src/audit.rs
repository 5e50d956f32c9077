//! What happened, who did it, from where. Never a secret.

use crate::Origin;
use gatewright_contract::{PersonId, SessionId, TenantId, Timestamp};
use serde::{Deserialize, Serialize};

/// One line of the audit log. Written in the same commit as the change that it tells of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// The tenant.
    pub tenant: TenantId,
    /// When.
    pub at: Timestamp,
    /// What, as `noun.verb` in the past tense.
    pub kind: String,
    /// About whom.
    pub person: Option<PersonId>,
    /// By whom, where it is somebody else.
    pub actor: Option<PersonId>,
    /// In which session.
    pub session: Option<SessionId>,
    /// With which authenticator.
    pub authenticator: Option<String>,
    /// `success`, or why not.
    pub outcome: String,
    /// Through which door.
    pub door: String,
    /// From which address.
    pub address: Option<String>,
    /// Finds it in the log.
    pub request_id: String,
}

impl Event {
    /// Something that went well.
    pub fn new(kind: &str, tenant: &TenantId, at: Timestamp, origin: &Origin) -> Self {
        Self {
            tenant: tenant.clone(),
            at,
            kind: kind.to_owned(),
            person: None,
            actor: None,
            session: None,
            authenticator: None,
            outcome: "success".to_owned(),
            door: origin.door.to_owned(),
            address: origin.address.map(|a| a.to_string()),
            request_id: origin.request_id.clone(),
        }
    }

    /// About this person.
    #[must_use]
    pub fn about(mut self, person: Option<PersonId>) -> Self {
        self.person = person;
        self
    }

    /// With this authenticator.
    #[must_use]
    pub fn with(mut self, authenticator: &str) -> Self {
        self.authenticator = Some(authenticator.to_owned());
        self
    }

    /// In this session.
    #[must_use]
    pub fn within(mut self, session: SessionId) -> Self {
        self.session = Some(session);
        self
    }

    /// It did not go well.
    #[must_use]
    pub fn but(mut self, outcome: &str) -> Self {
        self.outcome = outcome.to_owned();
        self
    }
}
