//! Making, changing and deleting webhooks, by an administrator.

use super::{MOST, Previous, Stored, WEBHOOK, Webhook, context, rules, sign, target};
use crate::{
    Engine, Origin,
    access::{Action, Resource},
    audit::Event,
    problem::{Problem, Result},
    session::Caller,
    store::{Record, StoreError, Subject, Write},
    world::random_array,
};
use data_encoding::BASE64;
use gatewright_contract::{Secret, TenantId, Timestamp, TransactionId};
use std::time::Duration;
use uuid::Uuid;

/// How long the old secret signs beside the new one.
const BOTH_SIGN: Duration = Duration::from_secs(24 * 60 * 60);

/// What a webhook begins with.
#[derive(Clone, Debug)]
pub struct NewWebhook {
    /// Where the requests go.
    pub url: String,
    /// What it is for.
    pub description: Option<String>,
    /// Which events.
    pub kinds: Vec<String>,
}

/// What is to be changed.
#[derive(Clone, Debug, Default)]
pub struct Change {
    /// Where the requests go.
    pub url: Option<String>,
    /// What it is for; empty: nothing.
    pub description: Option<String>,
    /// Which events.
    pub kinds: Option<Vec<String>>,
    /// Whether requests go out.
    pub enabled: Option<bool>,
}

impl Engine {
    /// Makes a webhook, which begins with what happens from now on. Its secret is shown only now.
    ///
    /// # Errors
    /// Those of [`Engine::allow`] for [`Action::WebhooksWrite`] and [`Action::AuditRead`]; 403 long after the login;
    /// 422 for a URL or events that can't be; 409 where there are too many.
    pub async fn create_webhook(
        &self,
        caller: &Caller,
        tenant: &TenantId,
        new: NewWebhook,
        origin: &Origin,
    ) -> Result<(Webhook, Secret<String>)> {
        self.may_change_webhooks(caller, tenant).await?;
        let url = rules::url(&new.url)?;
        rules::kinds(&new.kinds)?;
        rules::description(new.description.as_deref())?;
        let place = self.free_place(tenant).await?;
        let now = self.now();
        let id = self.webhook_id(now)?;
        let secret = sign::fresh(self.world())?;
        let stored = Stored {
            url,
            description: new.description.filter(|text| !text.is_empty()),
            kinds: new.kinds,
            enabled: true,
            disabled_because: None,
            failing_since: None,
            cursor: self.store.audit_head(tenant).await?.number,
            secret: self.sealed_secret(tenant, id, &secret).await?,
            previous: None,
        };
        let record = Record { key: Some(place), ..Record::new(tenant, WEBHOOK, id, now, &stored)? };
        let shown = Webhook::of(&record)?;
        let event = self.webhook_event("webhook.created", caller, tenant, id, origin);
        self.commit_within(caller, vec![Write::RecordInsert(record), Write::Audit(event)]).await?;
        Ok((shown, sign::shown(&secret)))
    }

    /// One of the places that a tenant has for webhooks: two who take the same at once do not both get it, so that
    /// there are never more than are shown.
    async fn free_place(&self, tenant: &TenantId) -> Result<String> {
        let limit = u32::try_from(MOST).unwrap_or(u32::MAX);
        let all = self.store.records(tenant, WEBHOOK, None, limit).await?;
        let free = (0..MOST).map(|n| format!("place:{n}"));
        let mut free = free.filter(|place| all.iter().all(|one| one.key.as_ref() != Some(place)));
        free.next().filter(|_| all.len() < MOST).ok_or_else(|| {
            Problem::conflict(format!("A tenant has at most {MOST} webhooks. Delete one first."))
        })
    }

    /// The webhooks of a tenant.
    ///
    /// # Errors
    /// Those of [`Engine::allow`] for [`Action::WebhooksWrite`].
    pub async fn list_webhooks(&self, caller: &Caller, tenant: &TenantId) -> Result<Vec<Webhook>> {
        self.allow(caller, Action::WebhooksWrite, &Resource::of(tenant)).await?;
        let limit = u32::try_from(MOST).unwrap_or(u32::MAX);
        self.store.records(tenant, WEBHOOK, None, limit).await?.iter().map(Webhook::of).collect()
    }

    /// One webhook.
    ///
    /// # Errors
    /// Those of [`Engine::list_webhooks`]; 404.
    pub async fn webhook(&self, caller: &Caller, tenant: &TenantId, id: Uuid) -> Result<Webhook> {
        self.allow(caller, Action::WebhooksWrite, &Resource::of(tenant)).await?;
        Webhook::of(&self.webhook_record(tenant, id).await?)
    }

    /// Changes a webhook. One that is enabled again begins with what happens from now on.
    ///
    /// # Errors
    /// Those of [`Engine::create_webhook`]; 404.
    pub async fn change_webhook(
        &self,
        caller: &Caller,
        tenant: &TenantId,
        id: Uuid,
        change: Change,
        origin: &Origin,
    ) -> Result<Webhook> {
        self.may_change_webhooks(caller, tenant).await?;
        rules::description(change.description.as_deref())?;
        change.kinds.as_deref().map(rules::kinds).transpose()?;
        let url = change.url.as_deref().map(rules::url).transpose()?;
        let head = self.store.audit_head(tenant).await?.number;
        let event = self.webhook_event("webhook.changed", caller, tenant, id, origin);
        let record = self
            .alter_webhook(tenant, id, Some(event), |stored| {
                if let Some(url) = &url {
                    stored.url.clone_from(url);
                    stored.failing_since = None;
                }
                if let Some(description) = &change.description {
                    stored.description = Some(description.clone()).filter(|text| !text.is_empty());
                }
                if let Some(kinds) = &change.kinds {
                    stored.kinds.clone_from(kinds);
                }
                match change.enabled {
                    Some(true) if !stored.enabled => {
                        stored.enabled = true;
                        stored.disabled_because = None;
                        stored.failing_since = None;
                        stored.cursor = stored.cursor.max(head);
                    }
                    Some(false) => stored.enabled = false,
                    _ => {}
                }
                true
            })
            .await?;
        Webhook::of(&record.ok_or_else(|| Problem::not_found("webhook"))?)
    }

    /// Gives a webhook a new secret, shown only now. For a day the old one signs as well.
    ///
    /// # Errors
    /// Those of [`Engine::create_webhook`]; 404.
    pub async fn rotate_webhook_secret(
        &self,
        caller: &Caller,
        tenant: &TenantId,
        id: Uuid,
        origin: &Origin,
    ) -> Result<(Webhook, Secret<String>)> {
        self.may_change_webhooks(caller, tenant).await?;
        let secret = sign::fresh(self.world())?;
        let sealed = self.sealed_secret(tenant, id, &secret).await?;
        let until = self.now().plus(BOTH_SIGN);
        let event = self.webhook_event("webhook.secret-rotated", caller, tenant, id, origin);
        let record = self
            .alter_webhook(tenant, id, Some(event), |stored| {
                let before = std::mem::replace(&mut stored.secret, sealed.clone());
                stored.previous = Some(Previous { secret: before, until });
                true
            })
            .await?;
        let record = record.ok_or_else(|| Problem::not_found("webhook"))?;
        Ok((Webhook::of(&record)?, sign::shown(&secret)))
    }

    /// Deletes a webhook with its deliveries.
    ///
    /// # Errors
    /// Those of [`Engine::list_webhooks`]; 404.
    pub async fn delete_webhook(
        &self,
        caller: &Caller,
        tenant: &TenantId,
        id: Uuid,
        origin: &Origin,
    ) -> Result<()> {
        self.allow(caller, Action::WebhooksWrite, &Resource::of(tenant)).await?;
        let record = self.webhook_record(tenant, id).await?;
        let event = self.webhook_event("webhook.deleted", caller, tenant, id, origin);
        let writes = vec![
            Write::RecordDelete(tenant.clone(), WEBHOOK.to_owned(), id, record.rev),
            Write::RecordsOfDelete(tenant.clone(), id),
            Write::Audit(event),
        ];
        self.commit_within(caller, writes).await
    }

    /// Writes, unless the session has been ended meanwhile.
    pub(super) async fn commit_within(&self, caller: &Caller, mut writes: Vec<Write>) -> Result<()> {
        writes.insert(0, Write::SessionThere(caller.session.id));
        match self.store.commit(writes).await {
            Ok(()) => Ok(()),
            Err(StoreError::Conflict(Subject::Session)) => Err(Problem::unauthenticated()),
            Err(other) => Err(other.into()),
        }
    }

    /// What a webhook sends goes out of the house: only shortly after a login, unless it is a service. And it is the
    /// audit log: who may not read that has it sent to nobody.
    async fn may_change_webhooks(&self, caller: &Caller, tenant: &TenantId) -> Result<()> {
        self.allow(caller, Action::WebhooksWrite, &Resource::of(tenant)).await?;
        self.allow(caller, Action::AuditRead, &Resource::of(tenant)).await?;
        match self.person_of(caller).await?.service {
            true => Ok(()),
            false => self.must_be_fresh(caller).await,
        }
    }

    pub(super) async fn webhook_record(&self, tenant: &TenantId, id: Uuid) -> Result<Record> {
        let found = self.store.record(tenant, WEBHOOK, id).await?;
        found.ok_or_else(|| Problem::not_found("webhook"))
    }

    async fn sealed_secret(&self, tenant: &TenantId, id: Uuid, secret: &Secret<Vec<u8>>) -> Result<String> {
        Ok(BASE64.encode(&self.sealer.seal(tenant, &context(tenant, id), secret.expose()).await?))
    }

    pub(super) fn webhook_id(&self, now: Timestamp) -> Result<Uuid> {
        Ok(TransactionId::from_parts(now, random_array(self.world())?).0)
    }

    pub(super) fn webhook_event(
        &self,
        kind: &str,
        caller: &Caller,
        tenant: &TenantId,
        id: Uuid,
        origin: &Origin,
    ) -> Event {
        Event::new(kind, tenant, self.now(), origin)
            .by(Some(caller.session.person))
            .within(caller.session.id)
            .on(target(id))
    }
}
