//! Which account of Entra is whose here: settled by an administrator, by the ids of directory and account. Never by a name or
//! an address, which change owners.

use crate::Provider;
use gatewright_contract::{PersonId, TenantId};
use gatewright_core::{
    Origin, Problem, Result,
    access::{Action, Resource},
    audit::Event,
    session::Caller,
    store::{Record, StoreError, Subject, Write},
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The kind of the record; its key is `directory|account`, its owner the person.
pub const LINK: &str = "entra-link";

/// Whose an account is.
#[derive(Serialize, Deserialize)]
struct Stored {
    person: PersonId,
}

impl Provider {
    /// Links an account of Entra to a person, on behalf of an administrator. Done again, it changes nothing.
    ///
    /// # Errors
    /// 403 without `people.write`, 404 for somebody who is not there, 409 where the account is somebody else's.
    pub async fn link_entra(
        &self,
        caller: &Caller,
        tenant: &TenantId,
        (directory, object): (Uuid, Uuid),
        person: PersonId,
        origin: &Origin,
    ) -> Result<()> {
        self.may_link(caller, tenant, person).await?;
        let store = self.engine.store();
        let found = store.person(tenant, person).await?.ok_or_else(|| Problem::not_found("person"))?;
        match self.entra_linked(tenant, directory, object).await? {
            Some(known) if known == person => return Ok(()),
            Some(_) => {
                return Err(Problem::conflict(
                    "The account is linked to somebody else. Take that link away first.",
                ));
            }
            None => {}
        }
        let (now, id) = (self.engine.now(), self.record_id().map_err(|_| Problem::unavailable(None))?);
        let mut record = Record::new(tenant, LINK, id, now, &Stored { person })?;
        record.key = Some(key(directory, object));
        record.owner = Some(person.0);
        let event = self.link_event("entra.linked", caller, tenant, (object, person), origin);
        let unchanged = Write::PersonUnchanged(tenant.clone(), person, found.rev);
        match store.commit(vec![Write::RecordInsert(record), unchanged, Write::Audit(event)]).await {
            Ok(()) => Ok(()),
            Err(StoreError::Conflict(Subject::Record)) => {
                Err(Problem::conflict("The account is being linked at the same time. Try again."))
            }
            Err(other) => Err(other.into()),
        }
    }

    /// Takes a link away.
    ///
    /// # Errors
    /// 403 without `people.write`, 404 where there is none.
    pub async fn unlink_entra(
        &self,
        caller: &Caller,
        tenant: &TenantId,
        (directory, object): (Uuid, Uuid),
        origin: &Origin,
    ) -> Result<()> {
        let store = self.engine.store();
        let found = store.record_by_key(tenant, LINK, &key(directory, object)).await?;
        let person = match &found {
            Some(record) => Some(record.value::<Stored>()?.person),
            None => None,
        };
        // Whoever may not know of people does not learn whether there is a link.
        self.engine.allow(caller, Action::PeopleWrite, &Resource { person, ..Resource::of(tenant) }).await?;
        let (Some(record), Some(person)) = (found, person) else { return Err(Problem::not_found("link")) };
        let event = self.link_event("entra.unlinked", caller, tenant, (object, person), origin);
        let gone = Write::RecordDelete(tenant.clone(), LINK.to_owned(), record.id, record.rev);
        Ok(store.commit(vec![gone, Write::Audit(event)]).await?)
    }

    /// Whose an account is.
    pub(super) async fn entra_linked(
        &self,
        tenant: &TenantId,
        directory: Uuid,
        object: Uuid,
    ) -> Result<Option<PersonId>> {
        match self.engine.store().record_by_key(tenant, LINK, &key(directory, object)).await? {
            Some(record) => Ok(Some(record.value::<Stored>()?.person)),
            None => Ok(None),
        }
    }

    async fn may_link(&self, caller: &Caller, tenant: &TenantId, person: PersonId) -> Result<()> {
        let whose = Resource { person: Some(person), ..Resource::of(tenant) };
        self.engine.allow(caller, Action::PeopleWrite, &whose).await
    }

    fn link_event(
        &self,
        kind: &str,
        caller: &Caller,
        tenant: &TenantId,
        (object, person): (Uuid, PersonId),
        origin: &Origin,
    ) -> Event {
        let event = Event::new(kind, tenant, self.engine.now(), origin).about(Some(person));
        event.by(Some(caller.session.person)).on(format!("entra:{object}"))
    }
}

fn key(directory: Uuid, object: Uuid) -> String {
    format!("{directory}|{object}")
}
