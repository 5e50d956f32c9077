//! What administrators do. Every method asks first whether it is allowed, whatever the door.
//!
//! Reading takes a session, changing takes a fresh one, with the second factor where there is one. Only ending
//! sessions does not: who sees a thief must not lose time.

mod assignments;
mod blocks;
mod claims;
mod credentials;
mod groups;
mod last;
mod members;
mod people;
mod replace;
mod role_change;
mod roles;
mod services;
mod sessions;
mod tenants;
mod users;

pub use assignments::NewAssignment;
pub use blocks::{Part, Wanted};
pub use groups::GroupForm;
pub(crate) use last::administrator_link;
pub use people::PersonChange;
pub use replace::{PersonForm, Tally};
pub(crate) use services::service_link;
pub use services::{DOOR as SERVICE_DOOR, IssuedToken, LONGEST as LONGEST_TOKEN, NewToken};
pub use tenants::{NewTenant, Settle, TenantChange};
pub use users::User;

use crate::{
    Engine, Origin, Person,
    access::{Action, Authority, Powers, Resource},
    audit::Event,
    person::{is_legible, username_key},
    problem::{Problem, Result},
    session::Caller,
    store::{StoreError, Subject, Write},
    world::random_array,
};
use gatewright_contract::{PersonId, TenantId, Violation};
use uuid::Uuid;

/// Rows of a page at most.
pub const PAGE: u32 = 200;

/// Somebody who administers, and from where.
pub struct Admin<'a> {
    engine: &'a Engine,
    /// None: somebody at the machine.
    caller: Option<&'a Caller>,
    origin: &'a Origin,
}

impl Engine {
    /// On behalf of a caller.
    pub fn admin<'a>(&'a self, caller: &'a Caller, origin: &'a Origin) -> Admin<'a> {
        Admin { engine: self, caller: Some(caller), origin }
    }

    /// On behalf of somebody at the machine, who may everything.
    pub fn at_the_machine<'a>(&'a self, origin: &'a Origin) -> Admin<'a> {
        Admin { engine: self, caller: None, origin }
    }
}

impl Admin<'_> {
    /// May look.
    async fn may(&self, action: Action, on: &Resource) -> Result<Authority> {
        match self.caller {
            Some(caller) => self.engine.authority(caller, action, on).await,
            None => {
                let there = self.engine.store.tenant(&on.tenant).await?.is_some();
                let machine = Authority { actor: None, powers: Powers::default() };
                there.then_some(machine).ok_or_else(|| Problem::not_found("tenant"))
            }
        }
    }

    /// May change, now.
    async fn may_change(&self, action: Action, on: &Resource) -> Result<Authority> {
        let authority = self.may(action, on).await?;
        if let Some(caller) = self.caller {
            self.engine.must_be_fresh(caller).await?;
        }
        Ok(authority)
    }

    /// May do this to a person, who has not more power than the one who does it.
    async fn may_touch(&self, action: Action, tenant: &TenantId, id: PersonId) -> Result<Person> {
        let authority = self.may_change(action, &Resource::person(tenant, id)).await?;
        self.covered(&authority, tenant, id).await
    }

    async fn covered(&self, authority: &Authority, tenant: &TenantId, id: PersonId) -> Result<Person> {
        let person = self.somebody(tenant, id).await?;
        authority.must_cover(&self.engine.powers_of(&person).await?)?;
        Ok(person)
    }

    async fn somebody(&self, tenant: &TenantId, id: PersonId) -> Result<Person> {
        let found = self.engine.store.person(tenant, id).await?;
        found.ok_or_else(|| Problem::not_found("person"))
    }

    /// A line for the audit log, by whom and in which session.
    fn event(&self, kind: &str, tenant: &TenantId) -> Event {
        let event = Event::new(kind, tenant, self.engine.now(), self.origin);
        match self.caller {
            Some(caller) => event.by(Some(caller.session.person)).within(caller.session.id),
            None => event,
        }
    }

    /// Writes, unless the session has been ended meanwhile. `taken`: what a name that is taken, or a revision
    /// that is old, is about.
    async fn commit(&self, writes: Vec<Write>, taken: &str) -> Result<()> {
        let there = self.caller.map(|caller| Write::SessionThere(caller.session.id));
        let all = there.into_iter().chain(writes).collect();
        match self.engine.store.commit(all).await {
            Ok(()) => Ok(()),
            Err(StoreError::Conflict(Subject::Session)) if self.caller.is_some() => {
                Err(Problem::unauthenticated())
            }
            Err(StoreError::Conflict(Subject::Record | Subject::Tenant)) => Err(Problem::conflict(taken)),
            Err(StoreError::Conflict(Subject::Person)) => Err(Problem::conflict(
                "This account was changed at the same time, or the name is taken. Read it again and retry.",
            )),
            Err(other) => Err(other.into()),
        }
    }

    fn new_id(&self) -> Result<Uuid> {
        Ok(PersonId::from_parts(self.engine.now(), random_array(self.engine.world())?).0)
    }
}

/// A name in its compared form, which nobody can mistake for another.
fn name_key(name: &str) -> Result<String> {
    let key = username_key(name).filter(|key| name.len() <= 128 && is_legible(key));
    key.ok_or_else(|| {
        broken(
            "name",
            "1 to 128 bytes, without control or invisible characters, white space around it, or letters of \
             scripts that are not written together.",
        )
    })
}

fn description(text: &str) -> Result<()> {
    match text.len() > 1024 || text.chars().any(char::is_control) {
        true => Err(broken("description", "At most 1024 bytes, without control characters.")),
        false => Ok(()),
    }
}

fn broken(code: &str, message: &str) -> Problem {
    Problem::violations(vec![Violation { code: code.to_owned(), message: message.to_owned() }])
}
