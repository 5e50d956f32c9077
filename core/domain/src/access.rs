//! Who may do what: one table of actions, and one question that everything asks before it does something for
//! an administrator.
//!
//! What somebody may do comes from three places: [`crate::Person::administrator`], the roles that were given to
//! them, and the roles that were given to a group that they are in.

mod assignment;
mod authority;
mod powers;
mod role;
mod scope;

pub(crate) use assignment::POWERS;
pub use assignment::{ASSIGNMENT, Assignment, GRANTED, POWERFUL, SCOPE, To};
pub use authority::Authority;
pub use powers::Powers;
pub use role::{BuiltIn, OwnRole, ROLE, Role};
pub use scope::{ACCOUNT, ADMIN, is_known as is_scope, opened};

use crate::groups::Group;
use gatewright_contract::{PersonId, TenantId};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! actions {
    ($($(#[doc = $doc:literal])+ $name:ident = $word:literal,)+) => {
        /// Everything that can be allowed. The word is what a role holds and what a refusal names.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[non_exhaustive]
        pub enum Action {
            $($(#[doc = $doc])+ #[serde(rename = $word)] $name,)+
        }

        impl Action {
            /// Every action.
            pub const ALL: &[Self] = &[$(Self::$name,)+];

            /// The word.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $word,)+
                }
            }

            /// What it means.
            pub const fn about(self) -> &'static str {
                match self {
                    $(Self::$name => concat!($($doc,)+).trim_ascii(),)+
                }
            }
        }
    };
}

actions! {
    /// See the tenant and its settings.
    TenantRead = "tenant.read",
    /// Change the settings of the tenant.
    TenantWrite = "tenant.write",
    /// See all tenants, make them and switch them off. Of the host, not of a tenant.
    HostTenants = "host.tenants",
    /// See people.
    PeopleRead = "people.read",
    /// Make, change and delete people.
    PeopleWrite = "people.write",
    /// Keep people out and let them in again.
    PeopleDisable = "people.disable",
    /// See and end sessions of others.
    SessionsWrite = "sessions.write",
    /// See, set and remove credentials of others.
    CredentialsWrite = "credentials.write",
    /// See groups and who is in them.
    GroupsRead = "groups.read",
    /// Make, change and delete groups, and who is in them.
    GroupsWrite = "groups.write",
    /// See roles and who has them.
    RolesRead = "roles.read",
    /// Make, change and delete roles, and give and take them.
    RolesWrite = "roles.write",
    /// See and make service accounts and their tokens.
    ServicesWrite = "services.write",
    /// Read the audit log.
    AuditRead = "audit.read",
    /// See, make and change webhooks.
    WebhooksWrite = "webhooks.write",
    /// See the signing keys and rotate them.
    KeysWrite = "keys.write",
    /// See the applications that log people in.
    ClientsRead = "clients.read",
    /// Make, change and delete applications, and their secrets.
    ClientsWrite = "clients.write",
    /// See the API keys of others.
    ApiKeysRead = "api-keys.read",
    /// Make and replace API keys of others.
    ApiKeysWrite = "api-keys.write",
}

impl Action {
    /// By its word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|action| action.as_str() == word)
    }
}

/// What is to be touched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resource {
    /// The tenant that it is in.
    pub tenant: TenantId,
    /// Whose it is, where it is somebody's.
    pub person: Option<PersonId>,
    /// Which group it is, where it is one.
    pub group: Option<Uuid>,
}

impl Resource {
    /// Something of a tenant.
    pub fn of(tenant: &TenantId) -> Self {
        Self { tenant: tenant.clone(), person: None, group: None }
    }

    /// Something of a person.
    pub fn person(tenant: &TenantId, person: PersonId) -> Self {
        Self { person: Some(person), ..Self::of(tenant) }
    }

    /// A group, for looking at who is in it.
    pub fn group(tenant: &TenantId, group: &Group) -> Self {
        Self { group: Some(group.id), ..Self::of(tenant) }
    }
}

#[cfg(test)]
mod tests {
    use super::Action;

    #[test]
    fn each_action_has_its_own_word_and_is_found_by_it() {
        for action in Action::ALL {
            assert_eq!(Action::parse(action.as_str()), Some(*action));
            let stored = serde_json::to_value(action).expect("a word");
            assert_eq!(stored, action.as_str());
            assert!(action.about().ends_with('.'), "{action:?}");
        }
        assert_eq!(Action::parse("people"), None);
    }
}
