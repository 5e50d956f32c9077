//! Accounts of others: making, changing, keeping out, deleting.

use super::{
    Admin,
    last::{Ground, administrator_link},
};
use crate::{
    Person,
    access::{Action, Authority, BuiltIn, Powers, Resource},
    engine::begin_anew,
    people::{NewPerson, changed_keys, check_shown},
    person::username_key,
    problem::{Problem, Result},
    store::{StoreError, Subject, Write},
    throttle::CounterKey,
};
use gatewright_contract::{PersonId, TenantId};

/// What is to be different; what is none stays.
#[derive(Clone, Debug, Default)]
pub struct PersonChange {
    /// The login name.
    pub username: Option<String>,
    /// The name to show, or none any more.
    pub display_name: Option<Option<String>>,
    /// The e-mail address, or none any more. A new one is not verified.
    pub email: Option<Option<String>>,
    /// Whether the address, the new one where there is one, is known to be the person's.
    pub email_verified: Option<bool>,
    /// What else is known.
    pub attributes: Option<serde_json::Value>,
    /// May administer the tenant.
    pub administrator: Option<bool>,
}

/// Attributes are at most this long as JSON.
const MAX_ATTRIBUTES: usize = 16 * 1024;

impl Admin<'_> {
    /// One person.
    ///
    /// # Errors
    /// 403, 404.
    pub async fn person(&self, tenant: &TenantId, id: PersonId) -> Result<Person> {
        self.may(Action::PeopleRead, &Resource::person(tenant, id)).await?;
        self.somebody(tenant, id).await
    }

    /// A page of people, by id.
    ///
    /// # Errors
    /// 403, 404.
    pub async fn people(
        &self,
        tenant: &TenantId,
        after: Option<PersonId>,
        limit: u32,
    ) -> Result<Vec<Person>> {
        self.may(Action::PeopleRead, &Resource::of(tenant)).await?;
        self.engine.list_people(tenant, after, limit).await
    }

    /// The person with this login name or this e-mail address; empty where there is none.
    ///
    /// # Errors
    /// 403, 404.
    pub async fn find_people(
        &self,
        tenant: &TenantId,
        username: Option<&str>,
        email: Option<&str>,
    ) -> Result<Vec<Person>> {
        self.may(Action::PeopleRead, &Resource::of(tenant)).await?;
        let mut found = Vec::new();
        if let Some(name) = username {
            found.extend(self.engine.find_person(tenant, name).await?);
        }
        if let Some(key) = email.and_then(crate::person::email_key) {
            let other = self.engine.store.person_by_email(tenant, &key).await?;
            found.extend(other.filter(|p| username.is_none() && !found.contains(p)));
        }
        Ok(found)
    }

    /// Makes an account without any credential.
    ///
    /// # Errors
    /// 403, 404, 409 for a name that is taken, 422 for one that can't be.
    pub async fn create_person(&self, new: NewPerson) -> Result<Person> {
        let on = Resource::of(&new.tenant);
        let authority = self.may_change(Action::PeopleWrite, &on).await?;
        if new.administrator {
            self.may_appoint(&authority, &on).await?;
        }
        let event = self.event("person.created", &new.tenant);
        let there = self.caller.map(|caller| Write::SessionThere(caller.session.id));
        self.engine.make_person((new, false), event, there.into_iter().collect()).await
    }

    /// Whoever makes an administrator gives all that one may.
    pub(super) async fn may_appoint(&self, authority: &Authority, on: &Resource) -> Result<()> {
        self.may(Action::RolesWrite, on).await?;
        let of_host = on.tenant == TenantId::default_tenant();
        let role = if of_host { BuiltIn::Operator } else { BuiltIn::Administrator };
        authority.must_cover(&Powers::built_in(role))
    }

    /// Changes an account.
    ///
    /// # Errors
    /// 403, 404, 409 for a name that is taken or the last administrator, 422 for a name that can't be.
    pub async fn change_person(
        &self,
        tenant: &TenantId,
        id: PersonId,
        change: PersonChange,
    ) -> Result<Person> {
        let on = Resource::person(tenant, id);
        let authority = self.may_change(Action::PeopleWrite, &on).await?;
        let old = self.covered(&authority, tenant, id).await?;
        self.may_make(&authority, &old, &change).await?;
        let mut writes = Vec::new();
        if change.administrator == Some(false) && old.administrator && old.may_log_in() {
            let gone = |other, ground| other == id && ground == Ground::Account;
            writes.extend(self.somebody_stays(tenant, gone).await?);
        }
        let kinds = kinds(&old, &change);
        let new = self.changed(&old, change)?;
        self.replace_by(&old, new, kinds, writes).await
    }

    /// All that a change takes besides the permission to change people.
    pub(super) async fn may_make(
        &self,
        authority: &Authority,
        old: &Person,
        change: &PersonChange,
    ) -> Result<()> {
        let renamed = change.username.as_ref().is_some_and(|name| *name != old.username);
        if change.email_verified == Some(true) || renamed {
            // What is sent to a verified address may replace a password; and under another name an account may be that of
            // somebody in a directory.
            self.may(Action::CredentialsWrite, &Resource::person(&old.tenant, old.id)).await?;
        }
        match change.administrator.filter(|wish| *wish != old.administrator) {
            Some(true) if old.service => {
                Err(Problem::conflict("A service account is given roles, not the account's own mark."))
            }
            Some(_) => self.may_appoint(authority, &Resource::of(&old.tenant)).await,
            None => Ok(()),
        }
    }

    /// Writes an account anew, after these writes.
    pub(super) async fn replace_by(
        &self,
        old: &Person,
        new: Person,
        kinds: Vec<&'static str>,
        mut writes: Vec<Write>,
    ) -> Result<Person> {
        let keys = changed_keys(&new, old)?;
        writes.push(administrator_link(&new));
        writes.push(Write::PersonReplace(new.clone(), keys));
        let said = |kind| Write::Audit(self.event(kind, &new.tenant).about(Some(new.id)));
        writes.extend(kinds.into_iter().map(said));
        let there = self.caller.map(|caller| Write::SessionThere(caller.session.id));
        let all = there.into_iter().chain(writes).collect();
        match self.engine.store.commit(all).await {
            Ok(()) => Ok(new),
            Err(StoreError::Conflict(Subject::Person)) if new.username == old.username => {
                Err(Problem::conflict("This account was changed at the same time. Read it again and retry."))
            }
            Err(other) => Err(crate::people::taken(other)),
        }
    }

    pub(super) fn changed(&self, old: &Person, change: PersonChange) -> Result<Person> {
        let mut new = Person { changed: self.engine.now(), rev: old.rev + 1, ..old.clone() };
        if let Some(username) = change.username {
            new.username = username;
        }
        if let Some(name) = change.display_name {
            check_shown(name.as_deref())?;
            new.display_name = name;
        }
        if let Some(email) = change.email.filter(|email| *email != old.email) {
            new.email = email;
            new.email_verified = false;
        }
        if let Some(verified) = change.email_verified {
            if verified && new.email.is_none() {
                return Err(super::broken("email_verified", "There is no e-mail address that could be."));
            }
            new.email_verified = verified;
        }
        if let Some(attributes) = change.attributes {
            let fits = attributes.is_null() || attributes.is_object();
            if !fits || attributes.to_string().len() > MAX_ATTRIBUTES {
                return Err(super::broken("attributes", "A JSON object of at most 16384 bytes."));
            }
            new.attributes = attributes;
        }
        new.administrator = change.administrator.unwrap_or(old.administrator);
        Ok(new)
    }

    /// Lets somebody in or keeps them out. Keeping out ends every session and every token of a service in the same
    /// commit.
    ///
    /// # Errors
    /// 403, 404, 409 for the last administrator.
    pub async fn set_disabled(&self, tenant: &TenantId, id: PersonId, disabled: bool) -> Result<Person> {
        let old = self.may_touch(Action::PeopleDisable, tenant, id).await?;
        let mut writes = Vec::new();
        if disabled && self.administers(&old).await? {
            writes.extend(self.somebody_stays(tenant, |other, _| other == id).await?);
        }
        let kind = if disabled { "person.disabled" } else { "person.enabled" };
        let (new, more) = self.engine.disabling(&old, disabled, self.event(kind, tenant))?;
        writes.extend(more);
        self.commit(writes, "").await?;
        Ok(new)
    }

    /// Ends what wrong answers and challenges have begun for somebody: blocks, and the counts that lead to them.
    ///
    /// # Errors
    /// 403, 404.
    pub async fn unblock(&self, tenant: &TenantId, id: PersonId) -> Result<()> {
        let person = self.may_touch(Action::PeopleWrite, tenant, id).await?;
        let mut writes = begin_anew(&person);
        writes.push(Write::Audit(self.event("person.unblocked", tenant).about(Some(id))));
        self.commit(writes, "").await
    }

    /// Deletes an account with its credentials, sessions, tokens, memberships, roles, counters and what clients have
    /// claimed about their proofs.
    ///
    /// # Errors
    /// 403, 404, 409 for the last administrator.
    pub async fn delete_person(&self, tenant: &TenantId, id: PersonId) -> Result<()> {
        let old = self.may_touch(Action::PeopleWrite, tenant, id).await?;
        self.delete(&old).await
    }

    pub(super) async fn delete(&self, old: &Person) -> Result<()> {
        let (tenant, id) = (&old.tenant, old.id);
        let mut writes = Vec::new();
        if self.administers(old).await? {
            writes.extend(self.somebody_stays(tenant, |other, _| other == id).await?);
        }
        for assignment in self.engine.assignments_of(tenant, id.0).await? {
            writes.push(Write::LinksOfDelete(tenant.clone(), assignment.id));
        }
        writes.push(Write::RecordsOfDelete(tenant.clone(), id.0));
        writes.push(Write::LinksOfDelete(tenant.clone(), id.0));
        if let Some(key) = username_key(&old.username) {
            writes.push(Write::CounterClear(CounterKey::username(tenant, &key)));
            writes.push(Write::CounterClear(CounterKey::asking(tenant, &key)));
        }
        writes.push(self.engine.forget_claims(tenant, id).await?);
        writes.push(Write::PersonDelete(tenant.clone(), id, old.rev));
        writes.push(Write::Audit(self.event("person.deleted", tenant).about(Some(id))));
        self.commit(writes, "").await
    }
}

/// What the audit log says of a change.
pub(super) fn kinds(old: &Person, change: &PersonChange) -> Vec<&'static str> {
    let said = [
        ("person.renamed", change.username.as_ref().is_some_and(|name| *name != old.username)),
        ("person.email-changed", change.email.as_ref().is_some_and(|email| *email != old.email)),
        (
            "person.email-verified",
            change.email_verified == Some(true) && (!old.email_verified || change.email.is_some()),
        ),
        ("person.appointed", change.administrator == Some(true) && !old.administrator),
        ("person.dismissed", change.administrator == Some(false) && old.administrator),
    ];
    let kinds: Vec<_> = said.into_iter().filter(|(_, is)| *is).map(|(kind, _)| kind).collect();
    if kinds.is_empty() { vec!["person.changed"] } else { kinds }
}
