//! Provisioning: people and groups that come from elsewhere or go elsewhere.

use crate::{BoxFut, Fault, PersonId, TenantId, Timestamp};
use serde_json::Value;

/// What happened to a person or a group.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum ChangeKind {
    /// A person is new.
    PersonCreated,
    /// A person's attributes are replaced.
    PersonReplaced,
    /// A person may no longer log in.
    PersonDisabled,
    /// A person is gone.
    PersonDeleted,
    /// A group is new.
    GroupCreated,
    /// A group's attributes are replaced.
    GroupReplaced,
    /// A group is gone.
    GroupDeleted,
    /// Somebody joined or left a group.
    MembershipChanged,
}

/// One change, to be applied at least once and to take effect once.
#[derive(Clone, Debug)]
pub struct Change {
    /// The tenant.
    pub tenant: TenantId,
    /// What happened.
    pub kind: ChangeKind,
    /// The person, where it is about one.
    pub person: Option<PersonId>,
    /// Attributes in SCIM's core vocabulary (RFC 7643).
    pub attributes: Value,
    /// The same for each try of the same change.
    pub idempotency_key: String,
    /// When it happened.
    pub at: Timestamp,
}

/// What a provisioner did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Provisioned {
    /// Something changed; the id is that of the other side.
    Done {
        /// Id on the other side.
        remote_id: Option<String>,
    },
    /// It was so already.
    Unchanged,
}

/// Applies changes of people and groups: inwards (from an upstream login, a directory) or outwards (SCIM).
pub trait Provisioner: Send + Sync + 'static {
    /// Folder = config table.
    fn id(&self) -> &str;

    /// Applies one change. The host retries a [`Fault::Unavailable`] with back-off and records all else.
    fn apply<'a>(&'a self, change: &'a Change) -> BoxFut<'a, Result<Provisioned, Fault>>;
}
