//! Reading the log, which is itself in the log.

use super::{AuditHead, Event, Filter, Logged};
use crate::{
    Engine, Origin,
    access::{Action, Resource},
    problem::Result,
    session::Caller,
    store::Write,
};
use gatewright_contract::TenantId;

/// Some lines, newest first.
#[derive(Clone, Debug)]
pub struct AuditPage {
    /// The lines.
    pub lines: Vec<Logged>,
    /// The `before` of the next page, where there are more.
    pub next: Option<i64>,
}

impl Engine {
    /// A page of the log. That it was read is noted, once for each page: a page is what somebody looks at.
    ///
    /// # Errors
    /// Those of [`Engine::allow`] for [`Action::AuditRead`].
    pub async fn read_audit(
        &self,
        caller: &Caller,
        tenant: &TenantId,
        filter: &Filter,
        limit: u32,
        origin: &Origin,
    ) -> Result<AuditPage> {
        self.allow(caller, Action::AuditRead, &Resource::of(tenant)).await?;
        let limit = limit.clamp(1, 200);
        let mut lines = self.store.audit(tenant, filter, limit + 1).await?;
        let more = lines.len() > limit as usize;
        lines.truncate(limit as usize);
        let event = self.read_by(caller, tenant, origin);
        self.store.commit(vec![Write::Audit(event.about(filter.person).on("log"))]).await?;
        let next = lines.last().filter(|_| more).map(|line| line.number);
        Ok(AuditPage { lines, next })
    }

    /// Notes that the whole log is taken out, and says up to which line: what is written meanwhile is not of it.
    /// The pages are [`crate::store::AuditLog::audit_from`].
    ///
    /// # Errors
    /// Those of [`Engine::allow`] for [`Action::AuditRead`].
    pub async fn export_audit(&self, caller: &Caller, tenant: &TenantId, origin: &Origin) -> Result<i64> {
        self.allow(caller, Action::AuditRead, &Resource::of(tenant)).await?;
        let event = self.read_by(caller, tenant, origin);
        self.store.commit(vec![Write::Audit(event.on("export"))]).await?;
        Ok(self.store.audit_head(tenant).await?.number)
    }

    /// Where the chain ends, to be kept elsewhere.
    ///
    /// # Errors
    /// Those of [`Engine::allow`] for [`Action::AuditRead`].
    pub async fn audit_end(&self, caller: &Caller, tenant: &TenantId) -> Result<AuditHead> {
        self.allow(caller, Action::AuditRead, &Resource::of(tenant)).await?;
        Ok(self.store.audit_head(tenant).await?)
    }

    fn read_by(&self, caller: &Caller, tenant: &TenantId, origin: &Origin) -> Event {
        Event::new("audit.read", tenant, self.now(), origin)
            .by(Some(caller.session.person))
            .within(caller.session.id)
    }
}
