//! Deliveries: one event on its way to one webhook.

use super::{Ended, target};
use crate::{
    Engine, Origin,
    access::{Action, Resource},
    audit::rfc3339,
    problem::{Problem, Result},
    session::Caller,
    store::{Record, Write},
};
use gatewright_contract::{TenantId, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

/// The kinds of the records of deliveries that have ended. Those under way have a kind for each webhook ([`queue`]).
pub(super) const DELIVERED: &str = "webhook-delivered";
pub(super) const DEAD: &str = "webhook-dead";

/// The kind of the deliveries under way to one webhook: a queue of its own.
pub(super) fn queue(webhook: Uuid) -> String {
    format!("webhook-delivery/{webhook}")
}

/// Where a delivery stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeliveryState {
    /// Under way.
    Pending,
    /// The receiver has it.
    Delivered,
    /// Given up.
    Dead,
}

impl DeliveryState {
    fn kind(self, webhook: Uuid) -> String {
        match self {
            Self::Pending => queue(webhook),
            Self::Delivered => DELIVERED.to_owned(),
            Self::Dead => DEAD.to_owned(),
        }
    }
}

/// A delivery, as it is stored.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Stored {
    /// What happened.
    pub(super) event: String,
    /// Its line in the audit log.
    pub(super) number: Option<i64>,
    /// What is sent, the same each time.
    pub(super) payload: String,
    pub(super) tries: u32,
    pub(super) last_try: Option<Timestamp>,
    pub(super) last_status: Option<u16>,
    pub(super) last_error: Option<String>,
}

impl Stored {
    pub(super) fn new(event: &str, number: Option<i64>, payload: String) -> Self {
        let event = event.to_owned();
        Self { event, number, payload, tries: 0, last_try: None, last_status: None, last_error: None }
    }
}

/// A delivery, as it is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// Its id; the header `webhook-id` is made of it.
    pub id: Uuid,
    /// Where it stands.
    pub state: DeliveryState,
    /// What happened.
    pub event: String,
    /// Its line in the audit log.
    pub number: Option<i64>,
    /// How often it was tried.
    pub tries: u32,
    /// When it is tried next.
    pub next_try: Option<Timestamp>,
    /// When it was last tried.
    pub last_try: Option<Timestamp>,
    /// What the receiver answered.
    pub last_status: Option<u16>,
    /// Why it did not get there.
    pub last_error: Option<String>,
    /// When it was made.
    pub created: Timestamp,
}

/// Some deliveries, oldest first.
#[derive(Clone, Debug)]
pub struct DeliveryPage {
    /// The deliveries.
    pub deliveries: Vec<Delivery>,
    /// The `after` of the next page, where there are more.
    pub next: Option<Uuid>,
}

impl Delivery {
    fn of(record: &Record, state: DeliveryState) -> Result<Self> {
        let stored: Stored = record.value()?;
        Ok(Self {
            id: record.id,
            state,
            event: stored.event,
            number: stored.number,
            tries: stored.tries,
            next_try: record.due.filter(|_| state == DeliveryState::Pending),
            last_try: stored.last_try,
            last_status: stored.last_status,
            last_error: stored.last_error,
            created: record.created,
        })
    }
}

impl Engine {
    /// Deliveries of a webhook, oldest first.
    ///
    /// # Errors
    /// Those of [`Engine::allow`] for [`Action::WebhooksWrite`]; 404.
    pub async fn webhook_deliveries(
        &self,
        caller: &Caller,
        (tenant, webhook): (&TenantId, Uuid),
        state: DeliveryState,
        after: Option<Uuid>,
        limit: u32,
    ) -> Result<DeliveryPage> {
        self.allow(caller, Action::WebhooksWrite, &Resource::of(tenant)).await?;
        self.webhook_record(tenant, webhook).await?;
        let (limit, kind) = (limit.clamp(1, 200), state.kind(webhook));
        let mut found = self.store.records_of(tenant, &kind, webhook, after, limit + 1).await?;
        let more = found.len() > limit as usize;
        found.truncate(limit as usize);
        let next = found.last().filter(|_| more).map(|record| record.id);
        let deliveries = found.iter().map(|record| Delivery::of(record, state)).collect::<Result<_>>()?;
        Ok(DeliveryPage { deliveries, next })
    }

    /// Sends a delivery again: one that was given up or has arrived, from the first try on; one under way, now.
    ///
    /// # Errors
    /// Those of [`Engine::webhook_deliveries`].
    pub async fn redeliver(
        &self,
        caller: &Caller,
        (tenant, webhook): (&TenantId, Uuid),
        delivery: Uuid,
        origin: &Origin,
    ) -> Result<Delivery> {
        self.allow(caller, Action::WebhooksWrite, &Resource::of(tenant)).await?;
        let hook = self.webhook_record(tenant, webhook).await?;
        let event = self.webhook_event("webhook.redelivered", caller, tenant, webhook, origin);
        for state in [DeliveryState::Dead, DeliveryState::Delivered, DeliveryState::Pending] {
            let found = self.store.record(tenant, &state.kind(webhook), delivery).await?;
            let Some(old) = found.filter(|record| record.owner == Some(webhook)) else { continue };
            let stored = Stored { tries: 0, ..old.value()? };
            let new = self.queued(webhook, Record { rev: 0, ..old.clone() }.next(&stored)?);
            let writes = vec![
                Write::RecordUnchanged(tenant.clone(), hook.kind.clone(), webhook, hook.rev),
                Write::RecordDelete(tenant.clone(), old.kind.clone(), old.id, old.rev),
                Write::RecordInsert(new.clone()),
                Write::Audit(event),
            ];
            self.commit_within(caller, writes).await?;
            return Delivery::of(&new, DeliveryState::Pending);
        }
        Err(Problem::not_found("delivery"))
    }

    /// Queues an event that says nothing, so that a receiver can be tried out.
    ///
    /// # Errors
    /// Those of [`Engine::webhook_deliveries`].
    pub async fn test_webhook(
        &self,
        caller: &Caller,
        (tenant, webhook): (&TenantId, Uuid),
        origin: &Origin,
    ) -> Result<Delivery> {
        const TEST: &str = "webhook.test";
        self.allow(caller, Action::WebhooksWrite, &Resource::of(tenant)).await?;
        let hook = self.webhook_record(tenant, webhook).await?;
        let now = self.now();
        let data = json!({"tenant": tenant, "target": target(webhook)});
        let payload = json!({"type": TEST, "timestamp": rfc3339(now), "data": data}).to_string();
        let stored = Stored::new(TEST, None, payload);
        let record = Record::new(tenant, "", self.webhook_id(now)?, now, &stored)?;
        let record = self.queued(webhook, record);
        let event = self.webhook_event("webhook.tested", caller, tenant, webhook, origin);
        let writes = vec![
            Write::RecordUnchanged(tenant.clone(), hook.kind.clone(), webhook, hook.rev),
            Write::RecordInsert(record.clone()),
            Write::Audit(event),
        ];
        self.commit_within(caller, writes).await?;
        Delivery::of(&record, DeliveryState::Pending)
    }

    /// Deletes deliveries that ended long ago, at most `limit` of each sort; returns how many.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn sweep_deliveries(&self, limit: u32) -> Result<usize> {
        let mut gone = 0;
        for kind in [DELIVERED, DEAD] {
            let due = self.store.records_due(kind, self.now(), limit).await?;
            let delete = |r: &Record| Write::RecordDelete(r.tenant.clone(), r.kind.clone(), r.id, r.rev);
            if !due.is_empty() {
                self.store.commit(due.iter().map(delete).collect()).await?;
            }
            gone += due.len();
        }
        Ok(gone)
    }

    /// In the queue of its webhook, to be sent now.
    pub(super) fn queued(&self, webhook: Uuid, record: Record) -> Record {
        Record { kind: queue(webhook), owner: Some(webhook), due: Some(self.now()), ..record }
    }

    /// Out of the queue, kept for a while.
    pub(super) fn ended(&self, record: &Record, stored: &Stored, ended: Ended) -> Result<Record> {
        let due = Some(self.now().plus(ended.kept()));
        Ok(Record { kind: ended.kind().to_owned(), due, rev: 1, ..record.next(stored)? })
    }
}
