//! The end of what people gave a client.

use crate::{Provider, code::CODE, device::DEVICE, grant::GRANT, interact::CONSENT};
use gatewright_contract::TenantId;
use gatewright_core::{
    Problem, Result,
    store::{Record, StoreError, Write},
};
use serde_json::Value;
use uuid::Uuid;

/// Records that are read at once.
const PAGE: u32 = 500;

/// Records that are about a client, and where its name is in them.
const ABOUT: &[(&str, &str)] = &[
    (GRANT, "/terms/client_id"),
    (CONSENT, "/client_id"),
    (CODE, "/terms/client_id"),
    (DEVICE, "/client_id"),
];

impl Provider {
    /// Deletes every grant that a client has, with its tokens, what people remembered of it, and what is on its way to it.
    /// The client itself has been deleted or disabled before, so
    /// that it gets no new ones meanwhile; what is kept of them no longer opens anything by then.
    pub(super) async fn end_grants(&self, tenant: &TenantId, client_id: &str) -> Result<()> {
        for (kind, place) in ABOUT {
            let mut after = None;
            loop {
                let page = self.engine.store().records(tenant, kind, after, PAGE).await?;
                let Some(last) = page.last() else { break };
                after = Some(last.id);
                for record in page.iter().filter(|record| names(record, place, client_id)) {
                    self.end_record(tenant, kind, record.id, record.rev).await?;
                }
            }
        }
        Ok(())
    }

    /// Whoever changes it at the same time makes it a later revision of the same thing: that one ends.
    async fn end_record(&self, tenant: &TenantId, kind: &str, id: Uuid, mut rev: i64) -> Result<()> {
        for _ in 0..5 {
            let writes = vec![
                Write::RecordDelete(tenant.clone(), kind.to_owned(), id, rev),
                Write::RecordsOfDelete(tenant.clone(), id),
            ];
            match self.engine.store().commit(writes).await {
                Ok(()) => return Ok(()),
                Err(StoreError::Conflict(_)) => {}
                Err(other) => return Err(other.into()),
            }
            match self.engine.store().record(tenant, kind, id).await? {
                Some(record) => rev = record.rev,
                None => return Ok(()),
            }
        }
        Err(Problem::unavailable(None))
    }
}

fn names(record: &Record, place: &str, client_id: &str) -> bool {
    let body: Value = serde_json::from_str(&record.body).unwrap_or_default();
    body.pointer(place).and_then(Value::as_str) == Some(client_id)
}
