//! Agreeing and refusing, and what is remembered of it.

use super::Somebody;
use crate::{
    OAuthError, Provider, Result,
    request::{Agreed, AuthorizationRequest, Pending, gone},
};
use gatewright_contract::PersonId;
use gatewright_core::{
    Origin, PlainToken,
    audit::Event,
    session::Caller,
    store::{Record, StoreError, Write},
};
use serde::{Deserialize, Serialize};

/// The kind of the record of what a person has agreed to; its owner is the person, its key `client_id|person`.
pub const CONSENT: &str = "oauth-consent";

/// What a person has agreed to give a client.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Remembered {
    /// To whom.
    pub(super) client_id: String,
    /// What.
    pub(super) scopes: Vec<String>,
    /// For which resources besides the issuer (RFC 8707).
    #[serde(default)]
    pub(super) resources: Vec<String>,
}

impl Provider {
    /// The person agrees to these scopes of the request; fewer than were asked for will do. The next
    /// [`Provider::proceed`] answers.
    ///
    /// # Errors
    /// `invalid_request` where the request is gone, `access_denied` for who is not to answer it.
    pub async fn agree(
        &self,
        name: &PlainToken,
        caller: &Caller,
        scopes: &[String],
        origin: &Origin,
    ) -> Result<()> {
        let pending = self.pending(name).await?;
        let somebody =
            self.somebody((&pending.tenant, &pending.client), Some(caller)).await?.ok_or_else(not_yours)?;
        let scopes = pending.request.scopes.iter().filter(|scope| scopes.contains(scope)).cloned().collect();
        let (person, session) = (somebody.person.id, somebody.session.id);
        let agreed = Some(Agreed { person, session, scopes });
        let request = AuthorizationRequest { agreed, denied: false, ..pending.request.clone() };
        let event = self.consent_event("consent.given", &pending, &somebody, origin);
        let writes = vec![
            Write::RecordReplace(pending.record.next(&request)?),
            Write::SessionThere(session),
            Write::Audit(event),
        ];
        self.commit_answer(writes).await
    }

    /// The person does not agree, or goes back. The next [`Provider::proceed`] says so to the client.
    ///
    /// # Errors
    /// `invalid_request` where the request is gone.
    pub async fn deny(&self, name: &PlainToken, origin: &Origin) -> Result<()> {
        let pending = self.pending(name).await?;
        if pending.request.denied {
            return Ok(());
        }
        let request = AuthorizationRequest { agreed: None, denied: true, ..pending.request.clone() };
        let event = Event::new("consent.denied", &pending.tenant.id, self.engine.now(), origin)
            .on(format!("client:{}", pending.client.client_id));
        self.commit_answer(vec![Write::RecordReplace(pending.record.next(&request)?), Write::Audit(event)])
            .await
    }

    async fn commit_answer(&self, writes: Vec<Write>) -> Result<()> {
        match self.engine.store().commit(writes).await {
            Ok(()) => Ok(()),
            Err(StoreError::Conflict(_)) => Err(gone()),
            Err(other) => Err(other.into()),
        }
    }

    fn consent_event(&self, kind: &str, pending: &Pending, somebody: &Somebody, origin: &Origin) -> Event {
        Event::new(kind, &pending.tenant.id, self.engine.now(), origin)
            .about(Some(somebody.person.id))
            .within(somebody.session.id)
            .on(format!("client:{}", pending.client.client_id))
    }

    /// What a person has agreed to for the client of a request, earlier.
    pub(super) async fn remembered(
        &self,
        pending: &Pending,
        person: PersonId,
    ) -> Result<Option<(Remembered, Record)>> {
        let (tenant, key) = (&pending.tenant.id, key(&pending.client.client_id, person));
        let Some(record) = self.engine.store().record_by_key(tenant, CONSENT, &key).await? else {
            return Ok(None);
        };
        Ok(Some((record.value()?, record)))
    }

    /// The write that remembers these scopes, and the resources of the request, besides what is remembered; none where nothing
    /// is new.
    pub(super) async fn remember(
        &self,
        pending: &Pending,
        person: PersonId,
        scopes: &[String],
    ) -> Result<Option<Write>> {
        let known = self.remembered(pending, person).await?;
        let before = known.as_ref().map(|(known, _)| known.clone()).unwrap_or_default();
        let client_id = pending.client.client_id.clone();
        let value = Remembered {
            client_id: client_id.clone(),
            scopes: with(&before.scopes, scopes),
            resources: with(&before.resources, &pending.request.resources),
        };
        Ok(match known {
            Some(_) if value == before => None,
            Some((_, record)) => Some(Write::RecordReplace(record.next(&value)?)),
            None => {
                let id = self.record_id()?;
                let mut record = Record::new(&pending.tenant.id, CONSENT, id, self.engine.now(), &value)?;
                record.key = Some(key(&client_id, person));
                record.owner = Some(person.0);
                Some(Write::RecordInsert(record))
            }
        })
    }
}

fn with(known: &[String], more: &[String]) -> Vec<String> {
    let new = more.iter().filter(|one| !known.contains(one));
    known.iter().chain(new).cloned().collect()
}

/// An id of a person has no bar in it, so no two pairs have the same key.
fn key(client_id: &str, person: PersonId) -> String {
    format!("{client_id}|{person}")
}

fn not_yours() -> OAuthError {
    OAuthError::new(crate::ErrorCode::AccessDenied, "Log in first, as somebody of this tenant.")
}
