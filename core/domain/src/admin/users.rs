//! People with the names of their roles, as the vault contract shows them: looking at them and searching.

use super::{Admin, Part, last::role_of};
use crate::{
    Engine, Person,
    access::{Action, Resource, Role},
    problem::{Problem, Result},
    session::Caller,
    store::Search,
};
use gatewright_contract::{PersonId, TenantId};
use std::collections::{BTreeMap, BTreeSet, btree_map::Entry};
use uuid::Uuid;

/// Somebody, who is no service account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// The account.
    pub person: Person,
    /// Names of the roles that they have without a limit; none where the caller may not know.
    pub roles: Option<Vec<String>>,
}

/// Roles that have been read.
type Known = BTreeMap<Uuid, Option<Role>>;

impl Admin<'_> {
    /// Somebody by id.
    ///
    /// # Errors
    /// 403, 404.
    pub async fn user(&self, tenant: &TenantId, id: PersonId) -> Result<User> {
        self.may(Action::PeopleRead, &Resource::person(tenant, id)).await?;
        let person = self.no_service(tenant, id).await?;
        self.with_roles(person).await
    }

    /// Somebody by login name.
    ///
    /// # Errors
    /// 403, 404.
    pub async fn user_by_name(&self, tenant: &TenantId, username: &str) -> Result<User> {
        self.may(Action::PeopleRead, &Resource::of(tenant)).await?;
        let found = self.engine.find_person(tenant, username).await?.filter(|person| !person.service);
        self.with_roles(found.ok_or_else(|| Problem::not_found("person"))?).await
    }

    /// Those who are searched for.
    ///
    /// # Errors
    /// 403, 404.
    pub async fn search_users(&self, tenant: &TenantId, search: &Search) -> Result<Part<User>> {
        self.may(Action::PeopleRead, &Resource::of(tenant)).await?;
        let may_know = self.may_know_roles(tenant).await?;
        let (people, total) = self.engine.store.people_like(tenant, search).await?;
        let (mut items, mut known) = (Vec::with_capacity(people.len()), Known::new());
        for person in people {
            let roles = match may_know {
                true => Some(self.engine.role_names(&person, &mut known).await?),
                false => None,
            };
            items.push(User { person, roles });
        }
        Ok(Part { items, total: usize::try_from(total).unwrap_or(usize::MAX) })
    }

    /// Somebody with the names of their roles, where the caller may know them.
    pub(super) async fn with_roles(&self, person: Person) -> Result<User> {
        let roles = match self.may_know_roles(&person.tenant).await? {
            true => Some(self.engine.role_names(&person, &mut Known::new()).await?),
            false => None,
        };
        Ok(User { person, roles })
    }

    async fn may_know_roles(&self, tenant: &TenantId) -> Result<bool> {
        match self.may(Action::RolesRead, &Resource::of(tenant)).await {
            Ok(_) => Ok(true),
            Err(problem) if problem.status == 403 => Ok(false),
            Err(other) => Err(other),
        }
    }

    pub(super) async fn no_service(&self, tenant: &TenantId, id: PersonId) -> Result<Person> {
        let person = self.somebody(tenant, id).await?;
        if person.service { Err(Problem::not_found("person")) } else { Ok(person) }
    }
}

impl Engine {
    /// The caller, with the names of their roles.
    ///
    /// # Errors
    /// 401 when the person is gone.
    pub async fn own_user(&self, caller: &Caller) -> Result<User> {
        let person = self.person_of(caller).await?;
        let roles = Some(self.role_names(&person, &mut Known::new()).await?);
        Ok(User { person, roles })
    }

    /// Names of the roles that somebody has without a limit, by the account itself or given to them.
    async fn role_names(&self, person: &Person, known: &mut Known) -> Result<Vec<String>> {
        let mut names = BTreeSet::new();
        if person.administrator {
            names.insert(role_of(&person.tenant).name().to_owned());
        }
        for given in self.assignments_of(&person.tenant, person.id.0).await? {
            if given.scope.is_some() {
                continue;
            }
            if let Entry::Vacant(unread) = known.entry(given.role) {
                unread.insert(self.role_by_id(&person.tenant, given.role).await?);
            }
            if let Some(Some(role)) = known.get(&given.role) {
                names.insert(role.name.clone());
            }
        }
        Ok(names.into_iter().collect())
    }
}
