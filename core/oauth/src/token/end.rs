//! Grants that end before their time, and whether one is still good.

use crate::{
    Provider, Result,
    grant::{GRANT, Grant, Terms},
};
use gatewright_contract::{TenantId, Timestamp};
use gatewright_core::{
    Origin,
    audit::Event,
    store::{StoreError, Write},
};
use uuid::Uuid;

/// Who else changes a grant at the same time is a refresh, and there are only so many of these before it is gone.
const TRIES: u32 = 8;

impl Provider {
    /// Ends a grant and every token of it; `why` is the outcome in the audit log. One that is gone is no error.
    ///
    /// # Errors
    /// When the store does not answer.
    pub(crate) async fn take_back(
        &self,
        tenant: &TenantId,
        id: Uuid,
        why: &str,
        origin: &Origin,
    ) -> Result<()> {
        for _ in 0..TRIES {
            let Some(record) = self.engine.store().record_uncached(tenant, GRANT, id).await? else {
                return Ok(());
            };
            let grant: Grant = record.value()?;
            let event = grant_event("grant.ended", tenant, self.engine.now(), origin, &grant.terms).but(why);
            let writes = vec![
                Write::RecordDelete(tenant.clone(), GRANT.to_owned(), id, record.rev),
                Write::RecordsOfDelete(tenant.clone(), id),
                Write::Audit(event),
            ];
            match self.engine.store().commit(writes).await {
                Ok(()) => return Ok(()),
                Err(StoreError::Conflict(_)) => {}
                Err(other) => return Err(other.into()),
            }
        }
        Err(StoreError::Conflict(gatewright_core::store::Subject::Record).into())
    }

    /// Whether a grant of these terms is good now, as far as its session decides.
    pub(crate) async fn session_allows(&self, tenant: &TenantId, terms: &Terms) -> Result<bool> {
        if terms.offline {
            return Ok(true);
        }
        let session = self.engine.session_alive(terms.session).await?;
        let mine =
            |session: &gatewright_core::Session| session.tenant == *tenant && session.person == terms.person;
        Ok(session.is_some_and(|session| mine(&session)))
    }
}

/// A line about a grant.
pub(crate) fn grant_event(
    kind: &str,
    tenant: &TenantId,
    at: Timestamp,
    origin: &Origin,
    terms: &Terms,
) -> Event {
    Event::new(kind, tenant, at, origin)
        .about(Some(terms.person))
        .within(terms.session)
        .on(format!("client:{}", terms.client_id))
}
