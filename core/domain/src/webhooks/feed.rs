//! From the audit log into the queues.

use super::{Stored, WEBHOOK, deliveries, deliveries::queue};
use crate::{
    Engine,
    audit::{Event, Filter, Logged, rfc3339},
    problem::{Problem, Result},
    store::{Record, StoreError, Subject, Write},
};
use gatewright_contract::TenantId;
use serde_json::{Value, json};
use uuid::Uuid;

/// Lines that are looked at in one commit.
pub const FEED_AT_ONCE: u32 = 100;

/// How often a change is tried anew because something else was changed first.
const ROUNDS: usize = 5;

/// A webhook, for the one who sends.
#[derive(Clone, Debug)]
pub struct Hook {
    /// The tenant.
    pub tenant: TenantId,
    /// Its id.
    pub id: Uuid,
    /// Whether requests go out.
    pub enabled: bool,
    /// The last line of the audit log that it has handled.
    pub cursor: i64,
}

impl Engine {
    /// A page of the webhooks of all tenants, by id, and the `after` of the next.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn webhooks_everywhere(&self, after: Option<Uuid>, limit: u32) -> Result<Vec<Hook>> {
        let page = self.store.records_everywhere(WEBHOOK, after, limit).await?;
        let hook = |record: Record| {
            let Stored { enabled, cursor, .. } = record.value()?;
            Ok(Hook { tenant: record.tenant, id: record.id, enabled, cursor })
        };
        page.into_iter().map(hook).collect()
    }

    /// Queues what has happened since the webhook last looked, as far as it wants it, and moves it on, in one commit.
    /// Returns where it stands then; `None` where somebody else was first, or it is gone or switched off.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn feed_webhook(&self, tenant: &TenantId, id: Uuid) -> Result<Option<i64>> {
        let Some(record) = self.store.record(tenant, WEBHOOK, id).await? else { return Ok(None) };
        let stored: Stored = record.value()?;
        if !stored.enabled {
            return Ok(None);
        }
        let lines = self.store.audit_from(tenant, stored.cursor, FEED_AT_ONCE).await?;
        let Some(cursor) = lines.last().map(|line| line.number) else { return Ok(Some(stored.cursor)) };
        let mut writes = Vec::new();
        for line in lines.into_iter().filter(|line| wants(&stored.kinds, &line.event)) {
            writes.push(Write::RecordInsert(self.delivery_of(id, line)?));
        }
        // First, so that whoever comes second is told at once.
        writes.insert(0, Write::RecordReplace(record.next(&Stored { cursor, ..stored })?));
        match self.store.commit(writes).await {
            Ok(()) => Ok(Some(cursor)),
            Err(StoreError::Conflict(_)) => Ok(None),
            Err(other) => Err(other.into()),
        }
    }

    fn delivery_of(&self, webhook: Uuid, line: Logged) -> Result<Record> {
        let now = self.now();
        let stored = deliveries::Stored::new(&line.event.kind, Some(line.number), payload(&line));
        let record = Record::new(&line.event.tenant, "", self.webhook_id(now)?, now, &stored)?;
        Ok(self.queued(webhook, record))
    }

    /// Changes a webhook whatever else happens to it, but not for a session that has been ended; `None` where there is
    /// none. A change that returns `false` has nothing to do.
    pub(super) async fn alter_webhook(
        &self,
        tenant: &TenantId,
        id: Uuid,
        event: Option<Event>,
        change: impl Fn(&mut Stored) -> bool,
    ) -> Result<Option<Record>> {
        for _ in 0..ROUNDS {
            let Some(record) = self.store.record(tenant, WEBHOOK, id).await? else { return Ok(None) };
            let mut stored: Stored = record.value()?;
            if !change(&mut stored) {
                return Ok(Some(record));
            }
            let record = record.next(&stored)?;
            let session = event.as_ref().and_then(|event| event.session);
            let mut writes: Vec<Write> = session.map(Write::SessionThere).into_iter().collect();
            writes.push(Write::RecordReplace(record.clone()));
            writes.extend(event.clone().map(Write::Audit));
            match self.store.commit(writes).await {
                Ok(()) => return Ok(Some(record)),
                Err(StoreError::Conflict(Subject::Session)) => return Err(Problem::unauthenticated()),
                Err(StoreError::Conflict(_)) => {}
                Err(other) => return Err(other.into()),
            }
        }
        Err(Problem::conflict("The webhook is changed by others at the same time. Try again."))
    }

    /// Deliveries that are due, the most overdue first.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn due_deliveries(&self, webhook: Uuid, limit: u32) -> Result<Vec<Record>> {
        Ok(self.store.records_due(&queue(webhook), self.now(), limit).await?)
    }
}

fn wants(kinds: &[String], event: &Event) -> bool {
    kinds
        .iter()
        .any(|kind| kind == "*" || Filter { kind: Some(kind.clone()), ..Filter::default() }.admits(event))
}

/// What is sent: type, time and data, as Standard Webhooks has it.
fn payload(line: &Logged) -> String {
    let event = &line.event;
    let mut data = json!({
        "number": line.number,
        "tenant": event.tenant,
        "person": event.person,
        "actor": event.actor,
        "session": event.session,
        "authenticator": event.authenticator,
        "target": event.target,
        "outcome": event.outcome,
        "door": event.door,
        "address": event.address,
        "request_id": event.request_id,
    });
    if let Value::Object(members) = &mut data {
        members.retain(|_, value| !value.is_null());
    }
    json!({"type": event.kind, "timestamp": rfc3339(event.at), "data": data}).to_string()
}
