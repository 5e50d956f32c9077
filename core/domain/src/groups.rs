//! Groups: a name for some people of a tenant. No group is in another.

use crate::{
    problem::Result,
    store::{Link, Record},
};
use gatewright_contract::{PersonId, TenantId};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The kind of record that a group is. Its key is the name in its compared form.
pub const GROUP: &str = "group";

/// Links a group to a person who is in it.
pub const MEMBER: &str = "member";

/// A group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// The id.
    pub id: Uuid,
    /// The name.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// Grows with each change.
    pub rev: i64,
}

/// What is stored of it.
#[derive(Serialize, Deserialize)]
pub(crate) struct Body {
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) description: String,
}

impl Group {
    /// What is stored.
    ///
    /// # Errors
    /// When the record is damaged.
    pub fn of(record: &Record) -> Result<Self> {
        let Body { name, description } = record.value()?;
        Ok(Self { id: record.id, name, description, rev: record.rev })
    }
}

/// That somebody is in a group.
pub(crate) fn membership(tenant: &TenantId, group: Uuid, person: PersonId) -> Link {
    Link { tenant: tenant.clone(), kind: MEMBER, from: group, to: person.0 }
}
