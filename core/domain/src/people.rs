//! Accounts: making, finding, disabling.

use crate::{
    Engine, Origin, Person,
    admin::{administrator_link, service_link},
    audit::Event,
    person::{Keys, email_key, is_legible, username_key},
    problem::{Problem, Result},
    store::{StoreError, Subject, Write},
};
use gatewright_contract::{PersonId, TenantId, Violation};

/// What a new account begins with.
#[derive(Clone, Debug)]
pub struct NewPerson {
    /// The tenant.
    pub tenant: TenantId,
    /// The login name.
    pub username: String,
    /// The name to show.
    pub display_name: Option<String>,
    /// The e-mail address.
    pub email: Option<String>,
    /// May administer the tenant.
    pub administrator: bool,
}

impl Engine {
    /// Makes an account without any credential.
    ///
    /// # Errors
    /// 422 for a name or address that can't be, 409 when the name is taken.
    pub async fn create_person(&self, new: NewPerson, origin: &Origin) -> Result<Person> {
        let tenant = self.tenant(&new.tenant).await?;
        let event = Event::new("person.created", &tenant.id, self.now(), origin);
        self.make_person((new, false), event, Vec::new()).await
    }

    /// The same for a person or a service, with more to be written.
    pub(crate) async fn make_person(
        &self,
        (new, service): (NewPerson, bool),
        event: Event,
        writes: Vec<Write>,
    ) -> Result<Person> {
        let person = self.draft_person((new, service))?;
        self.insert_person(person, event, writes).await
    }

    /// A person or a service that is not written yet.
    pub(crate) fn draft_person(&self, (new, service): (NewPerson, bool)) -> Result<Person> {
        check_username(&new.username)?;
        check_shown(new.display_name.as_deref())?;
        let now = self.now();
        if let Some(email) = &new.email {
            check_email(email)?;
        }
        Ok(Person {
            id: self.person_id(now)?,
            tenant: new.tenant,
            username: new.username,
            display_name: new.display_name,
            email: new.email,
            administrator: new.administrator,
            disabled: false,
            service,
            email_verified: false,
            attributes: serde_json::Value::Null,
            created: now,
            changed: now,
            rev: 1,
        })
    }

    /// Writes what was drafted.
    pub(crate) async fn insert_person(
        &self,
        person: Person,
        event: Event,
        mut writes: Vec<Write>,
    ) -> Result<Person> {
        let keys = person.keys().ok_or_else(|| violation("email", BAD_EMAIL))?;
        writes.push(Write::PersonInsert(person.clone(), keys));
        if person.administrator {
            writes.push(administrator_link(&person));
        }
        if person.service {
            writes.push(service_link(&person));
        }
        writes.push(Write::Audit(event.about(Some(person.id))));
        match self.store.commit(writes).await {
            Ok(()) => Ok(person),
            Err(error) => Err(taken(error)),
        }
    }

    /// By login name.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn find_person(&self, tenant: &TenantId, username: &str) -> Result<Option<Person>> {
        match username_key(username) {
            Some(key) => Ok(self.store.person_by_username(tenant, &key).await?),
            None => Ok(None),
        }
    }

    /// A page of accounts, by id.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn list_people(
        &self,
        tenant: &TenantId,
        after: Option<PersonId>,
        limit: u32,
    ) -> Result<Vec<Person>> {
        Ok(self.store.people(tenant, after, limit.clamp(1, 1000)).await?)
    }

    /// Lets somebody in or keeps them out. Keeping out ends every session in the same commit, and forgets devices.
    ///
    /// # Errors
    /// 409 when the account was changed at the same time.
    pub async fn set_disabled(&self, person: &Person, disabled: bool, origin: &Origin) -> Result<Person> {
        let kind = if disabled { "person.disabled" } else { "person.enabled" };
        let event = Event::new(kind, &person.tenant, self.now(), origin);
        let (changed, writes) = self.disabling(person, disabled, event)?;
        self.store.commit(writes).await?;
        Ok(changed)
    }

    pub(crate) fn disabling(
        &self,
        person: &Person,
        disabled: bool,
        event: Event,
    ) -> Result<(Person, Vec<Write>)> {
        let now = self.now();
        let changed = Person { disabled, changed: now, rev: person.rev + 1, ..person.clone() };
        let keys = stored_keys(person)?;
        let mut writes = Vec::new();
        if disabled {
            writes.extend(self.thrown_out(person));
        }
        writes.extend([
            Write::PersonReplace(changed.clone(), keys),
            Write::Audit(event.about(Some(person.id))),
        ]);
        Ok((changed, writes))
    }

    /// Ends every session of somebody, and forgets their devices.
    pub(crate) fn thrown_out(&self, person: &Person) -> Vec<Write> {
        self.forget_devices(person).chain(Self::all_out(&person.tenant, person.id, None)).collect()
    }
}

const BAD_EMAIL: &str = "That is no e-mail address.";

fn check_username(username: &str) -> Result<()> {
    match username_key(username).is_some_and(|key| is_legible(&key)) {
        true => Ok(()),
        false => Err(violation(
            "username",
            "1 to 256 bytes, without control or invisible characters, white space around it, or letters of \
             scripts that are not written together.",
        )),
    }
}

fn check_email(email: &str) -> Result<()> {
    match email_key(email).is_some_and(|key| is_legible_address(&key)) {
        true => Ok(()),
        false => Err(violation("email", BAD_EMAIL)),
    }
}

/// Whether a name can be shown.
pub(crate) fn check_shown(name: Option<&str>) -> Result<()> {
    match name.is_some_and(|n| n.len() > 256 || n.chars().any(char::is_control)) {
        true => Err(violation("display_name", "At most 256 bytes, without control characters.")),
        false => Ok(()),
    }
}

/// The names after a change: what is new must be as the names of a new account are.
pub(crate) fn changed_keys(new: &Person, old: &Person) -> Result<Keys> {
    if new.username != old.username {
        check_username(&new.username)?;
    }
    if let Some(email) = new.email.as_deref().filter(|email| Some(*email) != old.email.as_deref()) {
        check_email(email)?;
    }
    stored_keys(new)
}

/// What a name that is taken looks like to the one who wants it.
pub(crate) fn taken(error: StoreError) -> Problem {
    match error {
        StoreError::Conflict(Subject::Person) => {
            Problem::conflict("Somebody has this username already, or one that looks like it.")
        }
        StoreError::Conflict(Subject::Email) => {
            Problem::conflict("Somebody has this e-mail address already, or one that looks like it.")
        }
        StoreError::Conflict(Subject::Session) => Problem::unauthenticated(),
        other => other.into(),
    }
}

fn violation(code: &str, message: &str) -> Problem {
    Problem::violations(vec![Violation { code: code.to_owned(), message: message.to_owned() }])
}

/// Both sides for themselves: a domain has a script of its own.
fn is_legible_address(key: &str) -> bool {
    key.split_once('@').is_some_and(|(local, domain)| is_legible(local) && is_legible(domain))
}

/// The names of somebody who is stored. Rules that came later must not keep an account from being changed.
pub(crate) fn stored_keys(person: &Person) -> Result<Keys> {
    match person.keys() {
        Some(keys) => Ok(keys),
        None => {
            let known = Person { email: None, ..person.clone() };
            Ok(known.keys().unwrap_or_else(|| Keys::from(person.username.to_lowercase())))
        }
    }
}
