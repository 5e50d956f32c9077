//! Who may do what: one table of actions, and one question that every area asks.

use crate::{
    Engine,
    problem::{Problem, Result},
    session::Caller,
};
use gatewright_contract::{PersonId, TenantId};
use serde::{Deserialize, Serialize};

/// Everything that can be allowed. The word is what a role holds and what a refusal names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Action {
    /// See the tenant and its settings.
    #[serde(rename = "tenant.read")]
    TenantRead,
    /// Change the settings of the tenant.
    #[serde(rename = "tenant.write")]
    TenantWrite,
    /// See all tenants, make them and switch them off. Of the host, not of a tenant.
    #[serde(rename = "host.tenants")]
    HostTenants,
    /// See people.
    #[serde(rename = "people.read")]
    PeopleRead,
    /// Make, change, disable and delete people.
    #[serde(rename = "people.write")]
    PeopleWrite,
    /// See and end sessions of others.
    #[serde(rename = "sessions.write")]
    SessionsWrite,
    /// Set and remove credentials of others.
    #[serde(rename = "credentials.write")]
    CredentialsWrite,
    /// See groups and who is in them.
    #[serde(rename = "groups.read")]
    GroupsRead,
    /// Make, change and delete groups, and who is in them.
    #[serde(rename = "groups.write")]
    GroupsWrite,
    /// See roles and who has them.
    #[serde(rename = "roles.read")]
    RolesRead,
    /// Make, change and delete roles, and give and take them.
    #[serde(rename = "roles.write")]
    RolesWrite,
    /// Make service accounts and their tokens.
    #[serde(rename = "services.write")]
    ServicesWrite,
    /// Read the audit log.
    #[serde(rename = "audit.read")]
    AuditRead,
    /// See, make and change webhooks.
    #[serde(rename = "webhooks.write")]
    WebhooksWrite,
    /// See the signing keys and rotate them.
    #[serde(rename = "keys.write")]
    KeysWrite,
}

/// What is to be touched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resource {
    /// The tenant that it is in.
    pub tenant: TenantId,
    /// Whose it is, where it is somebody's.
    pub person: Option<PersonId>,
}

impl Resource {
    /// Something of a tenant.
    pub fn of(tenant: &TenantId) -> Self {
        Self { tenant: tenant.clone(), person: None }
    }

    /// Something of a person.
    pub fn person(tenant: &TenantId, person: PersonId) -> Self {
        Self { tenant: tenant.clone(), person: Some(person) }
    }
}

impl Engine {
    /// Whether the caller may do this. Asked by every area before it does anything for an administrator.
    ///
    /// # Errors
    /// 404 for another tenant, as if it were not there; 403 for an action that the caller does not have.
    pub async fn allow(&self, caller: &Caller, action: Action, on: &Resource) -> Result<()> {
        let person = self.person_of(caller).await?;
        let of_host = person.tenant == TenantId::default_tenant();
        if person.tenant != on.tenant && !(of_host && person.administrator) {
            return Err(Problem::not_found("tenant"));
        }
        match person.administrator && (action != Action::HostTenants || of_host) {
            true => Ok(()),
            false => Err(Problem::lacks(action)),
        }
    }
}
