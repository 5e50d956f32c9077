//! Who has which role.

use crate::{problem::Result, store::Record};
use gatewright_contract::PersonId;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The kind of record that an assignment is. Its owner is who has the role.
pub const ASSIGNMENT: &str = "assignment";

/// Links a role to its assignments.
pub const GRANTED: &str = "granted";

/// Links an assignment to the group that it is limited to.
pub const SCOPE: &str = "scope";

/// Links [`POWERS`] to each group that was ever given a role: so that nobody asks all the other groups of a person.
pub const POWERFUL: &str = "powerful";

/// Where the links [`POWERFUL`] begin.
pub(crate) const POWERS: Uuid = Uuid::from_u128(16);

/// Who is given a role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum To {
    /// A person.
    Person(PersonId),
    /// Everybody in a group.
    Group(Uuid),
}

impl To {
    /// The id of either.
    pub fn id(self) -> Uuid {
        match self {
            Self::Person(PersonId(id)) | Self::Group(id) => id,
        }
    }

    /// The person, where it is one.
    pub fn person(self) -> Option<PersonId> {
        match self {
            Self::Person(person) => Some(person),
            Self::Group(_) => None,
        }
    }
}

/// A role that somebody has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assignment {
    /// The id.
    pub id: Uuid,
    /// The role.
    pub role: Uuid,
    /// Who has it.
    pub to: To,
    /// The group whose people it holds for; none: all.
    pub scope: Option<Uuid>,
}

/// What is stored of it.
#[derive(Serialize, Deserialize)]
struct Body {
    role: Uuid,
    to: To,
    scope: Option<Uuid>,
}

impl Assignment {
    /// What is stored.
    ///
    /// # Errors
    /// When the record is damaged.
    pub fn of(record: &Record) -> Result<Self> {
        let Body { role, to, scope } = record.value()?;
        Ok(Self { id: record.id, role, to, scope })
    }

    /// As it is stored: once for each role, holder and scope.
    ///
    /// # Errors
    /// When it can't be JSON.
    pub(crate) fn record(
        &self,
        tenant: &gatewright_contract::TenantId,
        now: gatewright_contract::Timestamp,
    ) -> Result<Record> {
        let body = Body { role: self.role, to: self.to, scope: self.scope };
        let scope = self.scope.map(|id| id.to_string()).unwrap_or_default();
        let mut record = Record::new(tenant, ASSIGNMENT, self.id, now, &body)?;
        record.key = Some(format!("{}|{}|{scope}", self.to.id(), self.role));
        record.owner = Some(self.to.id());
        Ok(record)
    }
}
