//! Making, changing and deleting clients. Every method asks first whether it is allowed, whatever the door.

use super::{CLIENT, Client, ClientType};
use crate::Provider;
use gatewright_contract::{TenantId, Timestamp};
use gatewright_core::{
    Origin, PlainToken, Problem, Result,
    access::{ACCOUNT, Action, Authority, Powers, Resource, opened},
    audit::Event,
    session::Caller,
    store::{Record, StoreError, Subject, Write},
};
use std::time::Duration;
use uuid::Uuid;

/// Clients of a tenant at most.
const MOST: u32 = 10_000;

/// Rows of a page at most.
const PAGE: u32 = 500;

/// The longest that an old secret stays good beside a new one: 30 days.
pub const LONGEST_OVERLAP: Duration = Duration::from_secs(2_592_000);

const TAKEN: &str =
    "A client has this client_id already, or this one was changed at the same time. Read it again.";

/// Somebody who looks after clients, and from where.
pub struct Clients<'a> {
    provider: &'a Provider,
    /// None: somebody at the machine.
    caller: Option<&'a Caller>,
    origin: &'a Origin,
}

/// A client as it is kept.
#[derive(Clone, Debug)]
pub struct Kept {
    /// The client.
    pub client: Client,
    /// When it was made.
    pub created: Timestamp,
    /// Grows with each change.
    pub rev: i64,
    /// The id of its record: where the next page begins.
    pub id: Uuid,
}

impl Kept {
    fn of(record: &Record) -> Result<Self> {
        Ok(Self { client: record.value()?, created: record.created, rev: record.rev, id: record.id })
    }
}

impl Provider {
    /// Clients, on behalf of a caller.
    pub fn clients<'a>(&'a self, caller: &'a Caller, origin: &'a Origin) -> Clients<'a> {
        Clients { provider: self, caller: Some(caller), origin }
    }

    /// Clients, on behalf of somebody at the machine, who may everything.
    pub fn clients_at_the_machine<'a>(&'a self, origin: &'a Origin) -> Clients<'a> {
        Clients { provider: self, caller: None, origin }
    }

    /// A page of all clients, by age.
    pub(super) async fn all_clients(
        &self,
        tenant: &TenantId,
        after: Option<Uuid>,
        limit: u32,
    ) -> Result<Vec<Kept>> {
        let page = self.engine.store().records(tenant, CLIENT, after, limit.clamp(1, PAGE)).await?;
        page.iter().map(Kept::of).collect()
    }

    /// The record of a client.
    pub(super) async fn kept_record(&self, tenant: &TenantId, client_id: &str) -> Result<Record> {
        let found = match client_id.len() <= Client::LONGEST_ID {
            true => self.engine.store().record_by_key(tenant, CLIENT, client_id).await?,
            false => None,
        };
        found.ok_or_else(|| Problem::not_found("client"))
    }

    /// Checks a client and makes the record that it becomes.
    pub(super) fn new_client(&self, tenant: &TenantId, mut client: Client) -> Result<Record> {
        let id = self.record_id().map_err(|e| e.cause.map_or_else(|| Problem::unavailable(None), |p| *p))?;
        if client.client_id.is_empty() {
            client.client_id = id.to_string();
        }
        checked(&client)?;
        let mut record = Record::new(tenant, CLIENT, id, self.engine.now(), &client)?;
        record.key = Some(client.client_id);
        Ok(record)
    }

    /// Refuses one more client than a tenant may have. Two at once may both be the last.
    pub(super) async fn has_room(&self, tenant: &TenantId) -> Result<()> {
        match self.engine.store().more_records_than(tenant, CLIENT, MOST - 1).await? {
            true => Err(Problem::conflict("A tenant has at most 10000 clients. Delete one first.")),
            false => Ok(()),
        }
    }
}

/// The client, or everything that is wrong with it.
pub(super) fn checked(client: &Client) -> Result<()> {
    match client.check() {
        found if found.is_empty() => Ok(()),
        found => Err(Problem::violations(found)),
    }
}

impl Clients<'_> {
    async fn may(&self, action: Action, tenant: &TenantId) -> Result<Authority> {
        let engine = &self.provider.engine;
        match self.caller {
            Some(caller) => engine.authority(caller, action, &Resource::of(tenant)).await,
            None => {
                let there = engine.store().tenant(tenant).await?.is_some();
                let machine = Authority { actor: None, powers: Powers::default() };
                there.then_some(machine).ok_or_else(|| Problem::not_found("tenant"))
            }
        }
    }

    /// May change, now.
    async fn may_change(&self, tenant: &TenantId) -> Result<Authority> {
        let authority = self.may(Action::ClientsWrite, tenant).await?;
        if let Some(caller) = self.caller {
            self.provider.engine.must_be_fresh(caller).await?;
        }
        Ok(authority)
    }

    /// A page of clients, by age, after the one whose [`Kept::id`] is given.
    ///
    /// # Errors
    /// 403, 404.
    pub async fn list(&self, tenant: &TenantId, after: Option<Uuid>, limit: u32) -> Result<Vec<Kept>> {
        self.may(Action::ClientsRead, tenant).await?;
        self.provider.all_clients(tenant, after, limit).await
    }

    /// A page of clients, by age, without so many at the beginning.
    ///
    /// # Errors
    /// 403, 404.
    pub async fn page(&self, tenant: &TenantId, skip: u32, limit: u32) -> Result<Vec<Kept>> {
        self.may(Action::ClientsRead, tenant).await?;
        let (mut after, mut left) = (None, skip.min(MOST));
        while left > 0 {
            let page = self.provider.all_clients(tenant, after, left).await?;
            let Some(last) = page.last() else { return Ok(Vec::new()) };
            after = Some(last.id);
            left = left.saturating_sub(u32::try_from(page.len()).unwrap_or(left));
        }
        self.provider.all_clients(tenant, after, limit).await
    }

    /// One client.
    ///
    /// # Errors
    /// 403, 404.
    pub async fn find(&self, tenant: &TenantId, client_id: &str) -> Result<Kept> {
        self.may(Action::ClientsRead, tenant).await?;
        Kept::of(&self.provider.kept_record(tenant, client_id).await?)
    }

    /// Makes a client, with a `client_id` of its own where it has none yet. Its secret, where it has one, is shown only
    /// now.
    ///
    /// # Errors
    /// 403 also for scopes that the caller does not have, 404, 409 for a `client_id` that is taken, 422 for what can't be.
    pub async fn create(&self, tenant: &TenantId, client: Client) -> Result<(Kept, Option<PlainToken>)> {
        let authority = self.may_change(tenant).await?;
        covers(&authority, &client)?;
        self.provider.has_room(tenant).await?;
        let mut client = Client { secrets: Vec::new(), registration: None, ..client };
        let shown = self.first_secret(&mut client)?;
        let record = self.provider.new_client(tenant, client)?;
        let kept = Kept::of(&record)?;
        let event = self.event("client.created", tenant, &kept.client.client_id);
        self.commit(vec![Write::RecordInsert(record), Write::Audit(event)]).await?;
        Ok((kept, shown))
    }

    fn first_secret(&self, client: &mut Client) -> Result<Option<PlainToken>> {
        // One that says both is refused by the check, which says why.
        if !client.auth_method.has_secret() || client.client_type == ClientType::Public {
            return Ok(None);
        }
        let (plain, stored) = self.provider.client_secret()?;
        client.secrets.push(stored);
        Ok(Some(plain))
    }

    /// Replaces a client by what `change` makes of it; name, secrets and registration stay. One that is disabled loses
    /// all that people gave it.
    ///
    /// # Errors
    /// 403 also for scopes that the caller does not have, 404, 409 for somebody else's change, 422 for what can't be.
    pub async fn replace(
        &self,
        tenant: &TenantId,
        client_id: &str,
        change: impl FnOnce(&Client) -> Result<Client>,
    ) -> Result<Kept> {
        let authority = self.may_change(tenant).await?;
        let record = self.provider.kept_record(tenant, client_id).await?;
        let old: Client = record.value()?;
        let wish = change(&old)?;
        let secrets = if wish.auth_method.has_secret() { old.secrets.clone() } else { Vec::new() };
        let (client_id, registration) = (old.client_id.clone(), old.registration.clone());
        let new = Client { client_id, secrets, registration, ..wish };
        // Who takes over a client takes what it may.
        covers(&authority, &old)?;
        covers(&authority, &new)?;
        checked(&new)?;
        let kind = match (old.disabled, new.disabled) {
            (false, true) => "client.disabled",
            (true, false) => "client.enabled",
            _ => "client.changed",
        };
        let kept = self.put(&record, &new, kind).await?;
        if kept.client.disabled {
            self.provider.end_grants(tenant, &kept.client.client_id).await?;
        }
        Ok(kept)
    }

    /// Deletes a client with all that people gave it.
    ///
    /// # Errors
    /// 403, 404, 409 for a locked one.
    pub async fn delete(&self, tenant: &TenantId, client_id: &str) -> Result<()> {
        self.may_change(tenant).await?;
        let record = self.provider.kept_record(tenant, client_id).await?;
        let client: Client = record.value()?;
        if client.locked {
            return Err(Problem::conflict(
                "The client is locked: it can't be deleted before it is unlocked.",
            ));
        }
        let event = self.event("client.deleted", tenant, &client.client_id);
        self.commit(deletion(&record, event)).await?;
        self.provider.end_grants(tenant, &client.client_id).await
    }

    /// Gives a client a new secret, shown only now. The old one stays good for as long as `overlap` says.
    ///
    /// # Errors
    /// 403, 404, 409 for somebody else's change, 422 for a client without a secret, and an overlap of more than 30 days.
    pub async fn rotate_secret(
        &self,
        tenant: &TenantId,
        client_id: &str,
        overlap: Duration,
    ) -> Result<(Kept, PlainToken)> {
        let authority = self.may_change(tenant).await?;
        let record = self.provider.kept_record(tenant, client_id).await?;
        let mut client: Client = record.value()?;
        covers(&authority, &client)?;
        if !client.auth_method.has_secret() {
            return Err(wrong("auth_method", "This client proves who it is without a secret."));
        }
        if overlap > LONGEST_OVERLAP {
            return Err(wrong("keep_old_seconds", "At most 2592000: 30 days."));
        }
        let (plain, stored) = self.provider.client_secret()?;
        client.renew(stored, self.provider.engine.now(), overlap);
        let kept = self.put(&record, &client, "client.secret-rotated").await?;
        Ok((kept, plain))
    }

    async fn put(&self, old: &Record, new: &Client, kind: &str) -> Result<Kept> {
        let record = old.next(new)?;
        let kept = Kept::of(&record)?;
        let event = self.event(kind, &old.tenant, &new.client_id);
        self.commit(vec![Write::RecordReplace(record), Write::Audit(event)]).await?;
        Ok(kept)
    }

    fn event(&self, kind: &str, tenant: &TenantId, client_id: &str) -> Event {
        let event = Event::new(kind, tenant, self.provider.engine.now(), self.origin).on(target(client_id));
        match self.caller {
            Some(caller) => event.by(Some(caller.session.person)).within(caller.session.id),
            None => event,
        }
    }

    /// Writes, unless the session has been ended meanwhile.
    async fn commit(&self, writes: Vec<Write>) -> Result<()> {
        let there = self.caller.map(|caller| Write::SessionThere(caller.session.id));
        match self.provider.engine.store().commit(there.into_iter().chain(writes).collect()).await {
            Ok(()) => Ok(()),
            Err(StoreError::Conflict(Subject::Session)) => Err(Problem::unauthenticated()),
            Err(StoreError::Conflict(_)) => Err(Problem::conflict(TAKEN)),
            Err(other) => Err(other.into()),
        }
    }
}

/// What the audit log calls a client.
pub(super) fn target(client_id: &str) -> String {
    format!("client:{client_id}")
}

/// The writes that delete a client, with the tokens that it had for itself.
pub(super) fn deletion(record: &Record, event: Event) -> Vec<Write> {
    vec![
        Write::RecordDelete(record.tenant.clone(), CLIENT.to_owned(), record.id, record.rev),
        Write::RecordsOfDelete(record.tenant.clone(), record.id),
        Write::Audit(event),
    ]
}

/// Nobody gives a client what they have not: it would act for people who have more.
fn covers(authority: &Authority, client: &Client) -> Result<()> {
    if authority.actor.is_none() {
        return Ok(());
    }
    // Who makes a client for people's accounts comes as near to these as who sets their credentials.
    let account = client.scopes.iter().any(|scope| scope == ACCOUNT).then_some(Action::CredentialsWrite);
    let mut needed = client.scopes.iter().flat_map(|scope| opened(scope)).chain(account);
    match needed.find(|action| !authority.powers.has(*action)) {
        Some(action) => Err(Problem::lacks(action)),
        None => Ok(()),
    }
}

/// One thing that is wrong.
pub(super) fn wrong(member: &str, message: &str) -> Problem {
    let violation =
        gatewright_contract::Violation { code: member.to_owned(), message: format!("`{member}`: {message}") };
    Problem::violations(vec![violation])
}
