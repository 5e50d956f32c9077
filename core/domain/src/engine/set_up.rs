//! What is written where something is set up, whoever asked for it.

use super::{
    Engine,
    credentials::{HeldCredentials, must_fit_beside, staying},
    step::Loaded,
    tries::begin_anew,
};
use crate::{
    Origin, Person,
    audit::Event,
    credential::StoredCredential,
    outbox::Posted,
    problem::{Problem, Result},
    store::Write,
};
use gatewright_contract::{
    Body, Call, CredentialId, DynAuthenticator, Enrolment, Kind, LookupKey, Manifest, Purpose,
};
use serde_json::Value;
use std::time::Duration;

/// What came of asking the authenticator to finish.
pub(super) enum SetUp {
    /// And who is told of it once it is written.
    Done(CredentialId, Value, Posted),
    Pending(Duration),
}

impl Engine {
    /// Calls the authenticator and adds the writes.
    pub(super) async fn set_up(
        &self,
        loaded: &Loaded,
        person: &Person,
        plugin: &dyn DynAuthenticator,
        sent: (Body, Value),
        writes: &mut Vec<Write>,
        origin: &Origin,
    ) -> Result<SetUp> {
        let held = self.held_by(person, plugin).await?;
        if loaded.transaction.body.purpose == Purpose::Reset {
            self.may_replace(loaded, &held.stored)?;
        }
        self.set_up_beside(loaded, (person, held), plugin, sent, writes, origin).await
    }

    /// The same beside what the person has. Raises the person's revision: of two at once only one replaces the old one.
    pub(super) async fn set_up_beside(
        &self,
        loaded: &Loaded,
        (person, held): (&Person, HeldCredentials),
        plugin: &dyn DynAuthenticator,
        (draft, proof): (Body, Value),
        writes: &mut Vec<Write>,
        origin: &Origin,
    ) -> Result<SetUp> {
        let Manifest { id: authenticator, traits, .. } = plugin.manifest();
        let scope = self.scope(loaded, origin);
        let call = Call { scope: &scope, credentials: &held.opened, body: (draft, Body(proof)) };
        let (doc, label, lookup, reveal) = match plugin.enrol(call).await? {
            Enrolment::Rejected(violations) => return Err(Problem::violations(violations)),
            Enrolment::Pending { retry_after } => return Ok(SetUp::Pending(retry_after)),
            Enrolment::Enrolled { credential, label, lookup, reveal } => {
                (credential, label, lookup, reveal.0)
            }
        };
        self.must_be_nobody_elses(person, authenticator, lookup.as_ref()).await?;
        if !traits.many {
            writes.extend(held.stored.iter().map(|c| Write::CredentialDelete(c.id, c.rev)));
        }
        let replaced = !traits.many && !held.stored.is_empty();
        let first_second = self.is_first_second(loaded, person, authenticator).await?;
        if (replaced && self.devices_rest_on(authenticator)) || first_second {
            writes.extend(self.forget_devices(person));
        }
        if (replaced && traits.kind == Kind::Knowledge) || first_second {
            // Whoever knew the old one is out, and whoever got in without a second factor.
            writes.extend(Self::all_out(&person.tenant, person.id, loaded.transaction.body.session));
        }
        let room = self.room_for(authenticator, &held.stored);
        let new = self.new_credential(person, plugin, (&doc, label, lookup), loaded).await?;
        writes.extend(room);
        must_fit_beside(&staying(held.stored, writes), &new)?;
        let id = new.id;
        writes.push(Write::CredentialInsert(new));
        if plugin.manifest().asking_counts {
            writes.extend(begin_anew(person));
        }
        let key = crate::people::stored_keys(person)?;
        writes.push(Write::PersonReplace(Person { rev: person.rev + 1, ..person.clone() }, key));
        let kind = if replaced { "credential.replaced" } else { "credential.enrolled" };
        let event = Event::new(kind, &person.tenant, loaded.now, origin);
        writes.push(Write::Audit(event.about(Some(person.id)).with(authenticator)));
        let mut posted = match replaced && traits.kind == Kind::Knowledge {
            true => self.notify(loaded, person, authenticator, origin).await,
            false => Posted::default(),
        };
        writes.extend(posted.writes());
        Ok(SetUp::Done(id, reveal, posted))
    }

    /// Says so in words; that two accounts can't have it, the write sees to.
    async fn must_be_nobody_elses(
        &self,
        person: &Person,
        authenticator: &str,
        lookup: Option<&LookupKey>,
    ) -> Result<()> {
        let Some(key) = lookup else { return Ok(()) };
        let found = self.store.credential_by_lookup(&person.tenant, authenticator, key).await?;
        match found.is_some_and(|other| other.person != person.id) {
            true => Err(Problem::conflict("This belongs to another account already. Remove it there first.")),
            false => Ok(()),
        }
    }

    pub(super) async fn new_credential(
        &self,
        person: &Person,
        plugin: &dyn DynAuthenticator,
        (doc, label, lookup): (&Body, Option<String>, Option<LookupKey>),
        loaded: &Loaded,
    ) -> Result<StoredCredential> {
        let Manifest { id: authenticator, document_version, .. } = plugin.manifest();
        let id = self.credential_id(loaded.now)?;
        Ok(StoredCredential {
            id,
            tenant: person.tenant.clone(),
            person: person.id,
            authenticator: authenticator.clone(),
            lookup,
            label,
            sealed: self.seal_document(person, authenticator, id, doc).await?,
            document_version: *document_version,
            created: loaded.now,
            last_used: None,
            rev: 1,
        })
    }
}
