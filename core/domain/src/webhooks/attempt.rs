//! One try: claimed, signed, and settled by what came back.

use super::{
    Stored as Webhook, WEBHOOK, context,
    deliveries::{DEAD, DELIVERED, Stored},
    schedule::next_try,
    sign::signature,
    target,
};
use crate::{
    Engine, Origin,
    audit::Event,
    problem::Result,
    store::{Record, StoreError, Write},
};
use data_encoding::BASE64;
use gatewright_contract::{Fault, Secret, TenantId, Timestamp};
use std::time::Duration;
use uuid::Uuid;

/// Longer than a request may take: a delivery whose sender has died is tried again after it.
const LEASE: Duration = Duration::from_secs(60);
const DELIVERED_KEPT: Duration = Duration::from_secs(24 * 60 * 60);
const DEAD_KEPT: Duration = Duration::from_secs(30 * 24 * 60 * 60);
/// A webhook whose every request has failed for so long is switched off.
const FAILING_FOR: Duration = Duration::from_secs(5 * 24 * 60 * 60);

const GONE: u16 = 410;

/// How a delivery ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// The receiver has it.
    Delivered,
    /// Given up.
    Dead,
}

impl Ended {
    pub(super) fn kind(self) -> &'static str {
        match self {
            Self::Delivered => DELIVERED,
            Self::Dead => DEAD,
        }
    }

    pub(super) fn kept(self) -> Duration {
        match self {
            Self::Delivered => DELIVERED_KEPT,
            Self::Dead => DEAD_KEPT,
        }
    }
}

/// A delivery that is ours to send.
pub struct Outbound {
    /// Where to.
    pub url: String,
    /// The headers besides `content-type`.
    pub headers: [(&'static str, String); 3],
    /// The body, JSON.
    pub body: String,
    tenant: TenantId,
    webhook: Uuid,
    record: Record,
    stored: Stored,
}

/// What came of a try.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The receiver answered with this status.
    Answered(u16),
    /// It did not; in words that tell nothing of a network that is not public.
    Failed(String),
}

impl Outcome {
    fn is_success(&self) -> bool {
        matches!(self, Self::Answered(status) if (200..300).contains(status))
    }
}

impl Engine {
    /// Claims a delivery that is due and signs it; `None` where somebody else was first, or the webhook is gone or
    /// switched off.
    ///
    /// # Errors
    /// When the store does not answer or the secret can't be opened.
    pub async fn claim_delivery(&self, due: &Record) -> Result<Option<Outbound>> {
        let Some(webhook) = due.owner else { return Ok(None) };
        let Some(hook) = self.store.record(&due.tenant, WEBHOOK, webhook).await? else { return Ok(None) };
        let hook: Webhook = hook.value()?;
        if !hook.enabled {
            return Ok(None);
        }
        let now = self.now();
        let mut stored: Stored = due.value()?;
        stored.tries = stored.tries.saturating_add(1);
        stored.last_try = Some(now);
        let record = Record { due: Some(now.plus(LEASE)), ..due.next(&stored)? };
        let id = format!("msg_{}", due.id.simple());
        let signed = self.signatures(&due.tenant, webhook, &hook, (&id, &stored.payload)).await?;
        match self.store.commit(vec![Write::RecordReplace(record.clone())]).await {
            Ok(()) => {}
            Err(StoreError::Conflict(_)) => return Ok(None),
            Err(other) => return Err(other.into()),
        }
        Ok(Some(Outbound {
            url: hook.url,
            headers: [
                ("webhook-id", id),
                ("webhook-timestamp", now.as_secs().to_string()),
                ("webhook-signature", signed),
            ],
            body: stored.payload.clone(),
            tenant: due.tenant.clone(),
            webhook,
            record,
            stored,
        }))
    }

    /// One signature, or two while a secret rotates.
    async fn signatures(
        &self,
        tenant: &TenantId,
        webhook: Uuid,
        hook: &Webhook,
        (id, body): (&str, &str),
    ) -> Result<String> {
        let now = self.now();
        let previous = hook.previous.as_ref().filter(|previous| previous.until > now);
        let mut all = Vec::new();
        for sealed in [Some(&hook.secret), previous.map(|previous| &previous.secret)].into_iter().flatten() {
            let sealed = BASE64.decode(sealed.as_bytes());
            let sealed = sealed.map_err(|e| Fault::caused("the secret of a webhook is damaged", e))?;
            let secret = Secret::new(self.sealer.open(tenant, &context(tenant, webhook), &sealed).await?);
            all.push(signature(secret.expose(), id, now.as_secs(), body));
        }
        Ok(all.join(" "))
    }

    /// Notes what came of a try: done, to be tried again, or given up. `None`: it will be tried again.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn settle_delivery(&self, sent: Outbound, outcome: &Outcome) -> Result<Option<Ended>> {
        let Outbound { tenant, webhook, record, mut stored, .. } = sent;
        (stored.last_status, stored.last_error) = match outcome {
            Outcome::Answered(status) => (Some(*status), None),
            Outcome::Failed(words) => (None, Some(words.clone())),
        };
        let gone = *outcome == Outcome::Answered(GONE);
        let next = match outcome.is_success() || gone {
            true => None,
            false => next_try(stored.tries, self.now(), self.world())?,
        };
        let ended = match (outcome.is_success(), next) {
            (true, _) => Some(Ended::Delivered),
            (false, None) => Some(Ended::Dead),
            (false, Some(_)) => None,
        };
        let writes = match ended {
            Some(ended) => vec![
                Write::RecordDelete(tenant.clone(), record.kind.clone(), record.id, record.rev),
                Write::RecordInsert(self.ended(&record, &stored, ended)?),
            ],
            None => vec![Write::RecordReplace(Record { due: next, ..record.next(&stored)? })],
        };
        match self.store.commit(writes).await {
            // Deleted with its webhook, or asked for anew, while it was under way.
            Ok(()) | Err(StoreError::Conflict(_)) => {}
            Err(other) => return Err(other.into()),
        }
        self.note_health(&tenant, webhook, outcome.is_success(), gone).await?;
        Ok(ended)
    }

    /// Since when a webhook fails, and the end of one that is gone or has failed for too long.
    async fn note_health(&self, tenant: &TenantId, id: Uuid, works: bool, gone: bool) -> Result<()> {
        let now = self.now();
        let too_long = |since: Option<Timestamp>| since.is_some_and(|since| now.since(since) >= FAILING_FOR);
        let Some(record) = self.store.record(tenant, WEBHOOK, id).await? else { return Ok(()) };
        let hook: Webhook = record.value()?;
        let why = match (gone, too_long(hook.failing_since)) {
            _ if works || !hook.enabled => None,
            (true, _) => Some("gone"),
            (false, true) => Some("failing"),
            (false, false) => None,
        };
        if let Some(why) = why {
            let event = Event::new("webhook.disabled", tenant, now, &Origin::local("webhooks"));
            let event = event.on(target(id)).but(why);
            self.alter_webhook(tenant, id, Some(event), |hook| {
                let on = hook.enabled;
                hook.enabled = false;
                hook.disabled_because = Some(why.to_owned());
                on
            })
            .await?;
        } else if works == hook.failing_since.is_some() {
            self.alter_webhook(tenant, id, None, |hook| {
                let changes = works == hook.failing_since.is_some();
                hook.failing_since = (!works).then_some(now);
                changes
            })
            .await?;
        }
        Ok(())
    }
}
