//! Roles: a name for a set of actions.

use super::Action;
use crate::{problem::Result, store::Record};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use uuid::Uuid;

/// The kind of record that a role of a tenant's own is.
pub const ROLE: &str = "role";

/// A role that is there without being made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BuiltIn {
    /// Everything within a tenant.
    Administrator,
    /// Everything in every tenant; only somebody of the tenant `default` can have it.
    Operator,
    /// Sees everything within a tenant and changes nothing.
    Auditor,
    /// Helps people who are locked out.
    Helpdesk,
}

impl BuiltIn {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Administrator, Self::Operator, Self::Auditor, Self::Helpdesk];

    /// The name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Administrator => "administrator",
            Self::Operator => "operator",
            Self::Auditor => "auditor",
            Self::Helpdesk => "helpdesk",
        }
    }

    /// What it is for.
    pub const fn about(self) -> &'static str {
        match self {
            Self::Administrator => "Everything within the tenant.",
            Self::Operator => "Everything in every tenant. Only for people of the tenant `default`.",
            Self::Auditor => "Sees everything within the tenant and changes nothing.",
            Self::Helpdesk => "Finds people, ends their sessions, sets their credentials, keeps them out.",
        }
    }

    /// Its id, the same in every tenant. No record has it: theirs are made of the time.
    pub const fn id(self) -> Uuid {
        Uuid::from_u128(match self {
            Self::Administrator => 1,
            Self::Operator => 2,
            Self::Auditor => 3,
            Self::Helpdesk => 4,
        })
    }

    /// What it allows.
    pub fn actions(self) -> BTreeSet<Action> {
        use Action as A;
        let all = Action::ALL.iter().copied();
        match self {
            Self::Operator => all.collect(),
            Self::Administrator => all.filter(|action| *action != A::HostTenants).collect(),
            Self::Auditor => [A::TenantRead, A::PeopleRead, A::GroupsRead, A::RolesRead, A::AuditRead].into(),
            Self::Helpdesk => [A::PeopleRead, A::PeopleDisable, A::SessionsWrite, A::CredentialsWrite].into(),
        }
    }

    /// By name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.name() == name)
    }

    /// By id.
    pub fn of_id(id: Uuid) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.id() == id)
    }
}

/// A role, built in or a tenant's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Role {
    /// The id.
    pub id: Uuid,
    /// The name.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// What it allows.
    pub actions: BTreeSet<Action>,
    /// Whether it is there without being made.
    pub built_in: bool,
    /// Grows with each change; 0 for one that is built in.
    pub rev: i64,
}

impl From<BuiltIn> for Role {
    fn from(role: BuiltIn) -> Self {
        Self {
            id: role.id(),
            name: role.name().to_owned(),
            description: role.about().to_owned(),
            actions: role.actions(),
            built_in: true,
            rev: 0,
        }
    }
}

impl Role {
    /// One of a tenant's own.
    ///
    /// # Errors
    /// When the record is damaged.
    pub fn of(record: &Record) -> Result<Self> {
        let OwnRole { name, description, actions } = record.value()?;
        Ok(Self { id: record.id, name, description, actions, built_in: false, rev: record.rev })
    }
}

/// What is stored of a role of a tenant's own, and what one is made of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnRole {
    /// The name.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// What it allows.
    pub actions: BTreeSet<Action>,
}

#[cfg(test)]
mod tests {
    use super::{Action, BuiltIn};

    #[test]
    fn only_the_operator_has_what_is_of_the_host() {
        for role in BuiltIn::ALL {
            let of_host = role.actions().contains(&Action::HostTenants);
            assert_eq!(of_host, role == BuiltIn::Operator, "{role:?}");
            assert_eq!((BuiltIn::parse(role.name()), BuiltIn::of_id(role.id())), (Some(role), Some(role)));
        }
    }

    #[test]
    fn an_auditor_only_reads() {
        assert!(BuiltIn::Auditor.actions().iter().all(|action| action.as_str().ends_with(".read")));
    }
}
