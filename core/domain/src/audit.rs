//! What happened, who did it, from where. Never a secret.
//!
//! The lines of a tenant are a chain: each has the hash of the one before it in its own, so that none can be
//! altered, left out or moved without breaking every one after it.

mod checkpoint;
mod flaw;
mod line;
mod reading;
mod retention;
mod walk;

pub use checkpoint::{CHECKPOINT, Checkpoint};
pub use flaw::{Flaw, diagnose};
pub use line::Line;
pub(crate) use line::rfc3339;
pub use reading::AuditPage;
pub use retention::PRUNED;
pub use walk::Verified;

use crate::Origin;
use aws_lc_rs::digest::{Context, SHA256};
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
    /// About what else: `group:<id>`, `role:<name>`, `tenant:<id>`, …
    pub target: Option<String>,
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
            target: None,
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

    /// By this person.
    #[must_use]
    pub fn by(mut self, actor: Option<PersonId>) -> Self {
        self.actor = actor;
        self
    }

    /// With this authenticator.
    #[must_use]
    pub fn with(mut self, authenticator: &str) -> Self {
        self.authenticator = Some(authenticator.to_owned());
        self
    }

    /// About this thing, as `kind:id`.
    #[must_use]
    pub fn on(mut self, target: impl Into<String>) -> Self {
        self.target = Some(target.into());
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

    /// The hash of this line at this place: SHA-256 over the hash before it, its number and its fields, each
    /// with its length before it, so that no two lines have the same bytes.
    pub fn link(&self, previous: &Hash, number: i64) -> Hash {
        let id = |id: Option<uuid::Uuid>| id.map(|id| id.as_bytes().to_vec());
        let text = |text: &Option<String>| text.as_ref().map(|text| text.clone().into_bytes());
        let fields = [
            Some(self.tenant.as_str().as_bytes().to_vec()),
            Some(self.at.0.to_be_bytes().to_vec()),
            Some(self.kind.clone().into_bytes()),
            id(self.person.map(|p| p.0)),
            id(self.actor.map(|p| p.0)),
            id(self.session.map(|s| s.0)),
            text(&self.authenticator),
            text(&self.target),
            Some(self.outcome.clone().into_bytes()),
            Some(self.door.clone().into_bytes()),
            text(&self.address),
            Some(self.request_id.clone().into_bytes()),
        ];
        let mut hash = Context::new(&SHA256);
        hash.update(b"gatewright audit 1\0");
        hash.update(previous);
        hash.update(&number.to_be_bytes());
        for field in fields {
            // No text is that long: an absent field is told from an empty one.
            let length = field.as_ref().map_or(u64::MAX, |field| field.len() as u64);
            hash.update(&length.to_be_bytes());
            hash.update(&field.unwrap_or_default());
        }
        let mut out = [0; 32];
        out.copy_from_slice(hash.finish().as_ref());
        out
    }
}

/// SHA-256.
pub type Hash = [u8; 32];

/// A line as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Logged {
    /// Its number: 1, 2, 3, … within the tenant, without a gap.
    pub number: i64,
    /// The line.
    pub event: Event,
    /// [`Event::link`]; none for lines from before there was a chain.
    pub hash: Option<Hash>,
}

/// Where the chain of a tenant stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AuditHead {
    /// Number of the last line.
    pub number: i64,
    /// Its hash.
    pub hash: Hash,
    /// Number of the line that the chain goes on from: lines up to it were deleted in order, or are older
    /// than the chain.
    pub anchor: i64,
    /// Its hash.
    pub anchor_hash: Hash,
}

impl AuditHead {
    /// The head after one more line, and the line.
    pub fn follow(&self, event: Event) -> (Self, Logged) {
        let number = self.number + 1;
        let hash = event.link(&self.hash, number);
        (Self { number, hash, ..*self }, Logged { number, event, hash: Some(hash) })
    }
}

/// Which lines.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Only lines before this number.
    pub before: Option<i64>,
    /// Only lines about this person.
    pub person: Option<PersonId>,
    /// Only lines by this person.
    pub actor: Option<PersonId>,
    /// Only lines of this kind; a trailing `.*` stands for all of a noun.
    pub kind: Option<String>,
    /// Only lines with this outcome.
    pub outcome: Option<String>,
    /// Only lines at this time or later.
    pub from: Option<Timestamp>,
    /// Only lines before this time.
    pub until: Option<Timestamp>,
}

impl Filter {
    /// Lines before this one.
    pub fn before(number: Option<i64>) -> Self {
        Self { before: number, ..Self::default() }
    }

    /// Whether it lets the line through; its number aside.
    pub fn admits(&self, event: &Event) -> bool {
        let kind = self.kind.as_ref().is_none_or(|kind| match kind.strip_suffix(".*") {
            Some(noun) => event.kind.strip_prefix(noun).is_some_and(|rest| rest.starts_with('.')),
            None => event.kind == *kind,
        });
        kind && self.person.is_none_or(|p| event.person == Some(p))
            && self.actor.is_none_or(|p| event.actor == Some(p))
            && self.outcome.as_ref().is_none_or(|o| event.outcome == *o)
            && self.from.is_none_or(|at| event.at >= at)
            && self.until.is_none_or(|at| event.at < at)
    }
}
