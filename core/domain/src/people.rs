//! Accounts: making, finding, disabling.

use crate::{
    Engine, Origin, Person,
    audit::Event,
    person::{Keys, is_legible, username_key},
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
        if !username_key(&new.username).is_some_and(|key| is_legible(&key)) {
            return Err(violation(
                "username",
                "1 to 256 bytes, without control or invisible characters, white space around it, or letters of \
                 scripts that are not written together.",
            ));
        }
        if new.display_name.as_deref().is_some_and(|n| n.len() > 256 || n.chars().any(char::is_control)) {
            return Err(violation("display_name", "At most 256 bytes, without control characters."));
        }
        let now = self.now();
        let person = Person {
            id: self.person_id(now)?,
            tenant: tenant.id.clone(),
            username: new.username,
            display_name: new.display_name,
            email: new.email,
            administrator: new.administrator,
            disabled: false,
            service: false,
            email_verified: false,
            attributes: serde_json::Value::Null,
            created: now,
            changed: now,
            rev: 1,
        };
        let keys = person.keys().filter(|keys| keys.email.as_deref().is_none_or(is_legible_address));
        let keys = keys.ok_or_else(|| violation("email", "That is no e-mail address."))?;
        let event = Event::new("person.created", &tenant.id, now, origin).about(Some(person.id));
        let writes = vec![Write::PersonInsert(person.clone(), keys), Write::Audit(event)];
        match self.store.commit(writes).await {
            Ok(()) => Ok(person),
            Err(StoreError::Conflict(Subject::Person)) => {
                Err(Problem::conflict("Somebody has this username already, or one that looks like it."))
            }
            Err(StoreError::Conflict(Subject::Email)) => {
                Err(Problem::conflict("Somebody has this e-mail address already, or one that looks like it."))
            }
            Err(other) => Err(other.into()),
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

    /// Lets somebody in or keeps them out. Keeping out ends every session in the same commit.
    ///
    /// # Errors
    /// 409 when the account was changed at the same time.
    pub async fn set_disabled(&self, person: &Person, disabled: bool, origin: &Origin) -> Result<Person> {
        let now = self.now();
        let changed = Person { disabled, changed: now, rev: person.rev + 1, ..person.clone() };
        let keys = stored_keys(person)?;
        let kind = if disabled { "person.disabled" } else { "person.enabled" };
        let event = Event::new(kind, &person.tenant, now, origin).about(Some(person.id));
        let mut writes = vec![Write::PersonReplace(changed.clone(), keys), Write::Audit(event)];
        if disabled {
            writes.push(Write::SessionsOfPersonDelete {
                tenant: person.tenant.clone(),
                person: person.id,
                except: None,
            });
        }
        self.store.commit(writes).await?;
        Ok(changed)
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
