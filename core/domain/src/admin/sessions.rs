//! Sessions of others.

use super::Admin;
use crate::{
    Engine,
    access::{Action, Resource},
    problem::{Problem, Result},
    session::Session,
    store::Write,
};
use gatewright_contract::{PersonId, SessionId, TenantId};

impl Admin<'_> {
    /// The live sessions of a person, newest first.
    ///
    /// # Errors
    /// 403, 404.
    pub async fn sessions(&self, tenant: &TenantId, id: PersonId) -> Result<Vec<Session>> {
        self.may(Action::SessionsWrite, &Resource::person(tenant, id)).await?;
        self.somebody(tenant, id).await?;
        self.engine.sessions_of(tenant, id).await
    }

    /// Ends one session of a person.
    ///
    /// # Errors
    /// 403 also for somebody who may more than the caller, 404.
    pub async fn end_session(&self, tenant: &TenantId, id: PersonId, session: SessionId) -> Result<()> {
        let authority = self.may(Action::SessionsWrite, &Resource::person(tenant, id)).await?;
        self.covered(&authority, tenant, id).await?;
        let found = self.engine.store.session(session).await?;
        if !found.is_some_and(|s| s.person == id && s.tenant == *tenant) {
            return Err(Problem::not_found("session"));
        }
        let event = self.event("session.ended", tenant).about(Some(id)).on(format!("session:{session}"));
        // The caller's own may be the one that ends.
        Ok(self.engine.store.commit(vec![Write::SessionDelete(session), Write::Audit(event)]).await?)
    }

    /// Ends all sessions of a person, and forgets all their devices.
    ///
    /// # Errors
    /// 403 also for somebody who may more than the caller, 404.
    pub async fn end_sessions(&self, tenant: &TenantId, id: PersonId) -> Result<()> {
        let authority = self.may(Action::SessionsWrite, &Resource::person(tenant, id)).await?;
        self.covered(&authority, tenant, id).await?;
        let event = self.event("session.ended-all", tenant).about(Some(id));
        let mut writes: Vec<Write> = self.engine.forget_devices_of(tenant, id).collect();
        writes.extend(Engine::all_out(tenant, id, None));
        writes.push(Write::Audit(event));
        Ok(self.engine.store.commit(writes).await?)
    }
}
