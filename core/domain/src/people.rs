//! Accounts: making, finding, disabling.

use crate::{
    Engine, Origin, Person,
    audit::Event,
    person::username_key,
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
        let key = username_key(&new.username).ok_or_else(|| {
            violation(
                "username",
                "1 to 256 bytes, without control or invisible characters or white space around it.",
            )
        })?;
        if new.email.as_deref().is_some_and(|e| !plausible_email(e)) {
            return Err(violation("email", "That is no e-mail address."));
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
            created: now,
            rev: 1,
        };
        let event = Event::new("person.created", &tenant.id, now, origin).about(Some(person.id));
        let writes = vec![Write::PersonInsert(person.clone(), key), Write::Audit(event)];
        match self.store.commit(writes).await {
            Ok(()) => Ok(person),
            Err(StoreError::Conflict(Subject::Person)) => {
                Err(Problem::conflict("Somebody has this username already."))
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
        let changed = Person { disabled, rev: person.rev + 1, ..person.clone() };
        let key = username_key(&person.username).unwrap_or_default();
        let kind = if disabled { "person.disabled" } else { "person.enabled" };
        let event = Event::new(kind, &person.tenant, self.now(), origin).about(Some(person.id));
        let mut writes = vec![Write::PersonReplace(changed.clone(), key), Write::Audit(event)];
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

/// One `@` with something on both sides and nothing that could break a header (RFC 5321 leaves the rest
/// to the one who delivers).
fn plausible_email(email: &str) -> bool {
    let bad = |c: char| c.is_control() || c.is_whitespace() || "<>,;:\"()[]\\".contains(c);
    email.len() <= 254
        && !email.chars().any(bad)
        && matches!(email.split_once('@'), Some((local, domain))
            if !local.is_empty() && !domain.is_empty() && !domain.contains('@'))
}
