//! The store traits over SQL. What the statements say is written once; a database brings a [`Backend`]
//! that runs them.

pub(super) mod audit;
pub(super) mod counters;
mod credentials;
mod documents;
mod expiry;
mod keys;
mod links;
mod people;
mod records;
pub(super) mod row;
pub(super) mod sessions;
pub(super) mod statement;
pub(super) mod tables;
mod tenants;
pub(super) mod tokens;
mod transactions;
pub(super) mod write;

use async_trait::async_trait;
use gatewright_contract::{CredentialId, LookupKey, PersonId, SessionId, TenantId, Timestamp};
use gatewright_core::{
    Person, Session, Tenant,
    audit::{AuditHead, Filter, Logged},
    credential::StoredCredential,
    session::StoredToken,
    store::{
        AuditLog, Commit, Credentials, Documents, People, Record, Records, Search, Sessions, Store, Stored,
        Tenants, Transactions, Tried, WrappedKey, Write,
    },
    throttle::{CounterKey, Rule},
    token::HashedToken,
    transaction::Transaction,
};
use row::Row;
use statement::Statement;
use std::{sync::Arc, time::Duration};
use uuid::Uuid;
use write::Changes;

/// A database.
#[async_trait]
pub(super) trait Backend: Send + Sync + 'static {
    /// A row of its driver.
    type Row: Row;

    /// The rows that answer a question.
    async fn rows(&self, question: Statement) -> Stored<Vec<Self::Row>>;

    /// Runs all or none of these in one transaction, each held against what it expects, and then links the
    /// lines of the audit log; returns how many rows the statements changed.
    async fn run(&self, changes: Changes) -> Stored<u64>;

    /// What tells other nodes what these writes make stale, in the same transaction.
    fn announcement(&self, writes: &[Write]) -> Option<Statement> {
        let _ = writes;
        None
    }

    /// [`super::reserve::reserve_all`] over the stored counters, in one transaction that no other tears
    /// apart.
    async fn reserve(&self, counters: &[(CounterKey, Rule)], now: Timestamp) -> Stored<Tried>;

    /// Whether it answers.
    async fn ping(&self) -> Stored<()>;

    /// Takes or renews a lease. A database of one process has nobody to share with.
    async fn lead(&self, task: &str, holder: Uuid, lasting: Duration) -> Stored<bool> {
        let _ = (task, holder, lasting);
        Ok(true)
    }

    /// Gives a lease back.
    async fn release(&self, task: &str, holder: Uuid) -> Stored<()> {
        let _ = (task, holder);
        Ok(())
    }

    /// Writes what is due and lets go.
    async fn close(&self);
}

/// A store over a database.
pub(super) struct SqlStore<B>(pub(super) B);

impl<B: Backend> SqlStore<B> {
    async fn all<T>(
        &self,
        question: Statement,
        read: impl Fn(&B::Row) -> Stored<T> + Send,
    ) -> Stored<Vec<T>> {
        if question.has_nul() {
            // Such a text is never stored, see `write::statement`.
            return Ok(Vec::new());
        }
        self.0.rows(question).await?.iter().map(read).collect()
    }

    async fn first<T: Send>(
        &self,
        question: Statement,
        read: impl Fn(&B::Row) -> Stored<T> + Send,
    ) -> Stored<Option<T>> {
        Ok(self.all(question, read).await?.into_iter().next())
    }
}

#[async_trait]
impl<B: Backend> Commit for SqlStore<B> {
    async fn commit(&self, writes: Vec<Write>) -> Stored<()> {
        let mut writes = writes;
        // Counters have no conditions and touch nothing else: last, and in one order for all, so that no two
        // commits wait for each other's.
        writes.sort_by_key(counters::place);
        let announcement = self.0.announcement(&writes);
        let mut changes = Changes::of(writes)?;
        changes.statements.extend(announcement);
        if !changes.is_empty() {
            self.0.run(changes).await?;
        }
        Ok(())
    }

    async fn reserve(&self, counters: &[(CounterKey, Rule)], now: Timestamp) -> Stored<Tried> {
        self.0.reserve(counters, now).await
    }

    async fn expire(&self, now: Timestamp, limit: u32) -> Stored<u64> {
        self.0.run(Changes { statements: expiry::expire(now, limit), events: Vec::new() }).await
    }
}

#[async_trait]
impl<B: Backend> Tenants for SqlStore<B> {
    async fn tenant(&self, id: &TenantId) -> Stored<Option<Arc<Tenant>>> {
        Ok(self.first(tenants::by_id(id), tenants::read).await?.map(Arc::new))
    }

    async fn tenants(&self, after: Option<&TenantId>, limit: u32) -> Stored<Vec<Tenant>> {
        self.all(tenants::page(after, limit), tenants::read).await
    }

    async fn keys(&self, tenant: &TenantId) -> Stored<Vec<WrappedKey>> {
        self.all(keys::of_tenant(tenant), keys::read).await
    }
}

#[async_trait]
impl<B: Backend> People for SqlStore<B> {
    async fn person(&self, tenant: &TenantId, id: PersonId) -> Stored<Option<Person>> {
        self.first(people::by_id(tenant, id), people::read).await
    }

    async fn person_by_username(&self, tenant: &TenantId, key: &str) -> Stored<Option<Person>> {
        self.first(people::by_username(tenant, key), people::read).await
    }

    async fn person_by_email(&self, tenant: &TenantId, key: &str) -> Stored<Option<Person>> {
        self.first(people::by_email(tenant, key), people::read).await
    }

    async fn people(&self, tenant: &TenantId, after: Option<PersonId>, limit: u32) -> Stored<Vec<Person>> {
        self.all(people::page(tenant, after, limit), people::read).await
    }

    async fn people_like(&self, tenant: &TenantId, search: &Search) -> Stored<(Vec<Person>, u64)> {
        let page = self.all(people::like(tenant, search), people::read).await?;
        let count = self.first(people::count_like(tenant, search), people::read_count).await?;
        Ok((page, count.unwrap_or_default()))
    }
}

#[async_trait]
impl<B: Backend> Credentials for SqlStore<B> {
    async fn credentials(&self, tenant: &TenantId, person: PersonId) -> Stored<Vec<StoredCredential>> {
        self.all(credentials::of_person(tenant, person), credentials::read).await
    }

    async fn credential_by_lookup(
        &self,
        tenant: &TenantId,
        authenticator: &str,
        key: &LookupKey,
    ) -> Stored<Option<StoredCredential>> {
        self.first(credentials::by_lookup(tenant, authenticator, key), credentials::read).await
    }

    async fn credentials_not_at(
        &self,
        authenticator: &str,
        version: u32,
        after: Option<CredentialId>,
        limit: u32,
    ) -> Stored<Vec<StoredCredential>> {
        self.all(credentials::not_at(authenticator, version, after, limit), credentials::read).await
    }
}

#[async_trait]
impl<B: Backend> Transactions for SqlStore<B> {
    async fn transaction(&self, handle: &HashedToken) -> Stored<Option<Transaction>> {
        self.first(transactions::by_handle(handle), transactions::read).await
    }

    async fn transaction_by_wake(
        &self,
        authenticator: &str,
        key: &LookupKey,
        now: Timestamp,
    ) -> Stored<Option<Transaction>> {
        self.first(transactions::by_wake(authenticator, key, now), transactions::read).await
    }
}

#[async_trait]
impl<B: Backend> Sessions for SqlStore<B> {
    async fn token(&self, hash: &HashedToken) -> Stored<Option<Arc<StoredToken>>> {
        Ok(self.first(tokens::by_hash(hash), tokens::read).await?.map(Arc::new))
    }

    async fn token_with_session(
        &self,
        hash: &HashedToken,
    ) -> Stored<Option<(Arc<StoredToken>, Arc<Session>)>> {
        let found = self.first(tokens::with_session(hash), tokens::read_with_session).await?;
        Ok(found.map(|(token, session)| (Arc::new(token), Arc::new(session))))
    }

    async fn session(&self, id: SessionId) -> Stored<Option<Arc<Session>>> {
        Ok(self.first(sessions::by_id(id), sessions::read).await?.map(Arc::new))
    }

    async fn sessions_of(&self, tenant: &TenantId, person: PersonId) -> Stored<Vec<Session>> {
        self.all(sessions::of_person(tenant, person), sessions::read).await
    }
}

#[async_trait]
impl<B: Backend> Documents for SqlStore<B> {
    async fn document(
        &self,
        plugin: &str,
        tenant: &TenantId,
        key: &str,
        now: Timestamp,
    ) -> Stored<Option<(Vec<u8>, u64)>> {
        self.first(documents::by_key(plugin, tenant, key, now), documents::read).await
    }
}

#[async_trait]
impl<B: Backend> Records for SqlStore<B> {
    async fn record(&self, tenant: &TenantId, kind: &str, id: Uuid) -> Stored<Option<Record>> {
        self.first(records::by_id(tenant, kind, id), records::read).await
    }

    async fn record_by_key(&self, tenant: &TenantId, kind: &str, key: &str) -> Stored<Option<Record>> {
        self.first(records::by_key(tenant, kind, key), records::read).await
    }

    async fn records(
        &self,
        tenant: &TenantId,
        kind: &str,
        after: Option<Uuid>,
        limit: u32,
    ) -> Stored<Vec<Record>> {
        self.all(records::page(tenant, kind, after, limit), records::read).await
    }

    async fn records_of(
        &self,
        tenant: &TenantId,
        kind: &str,
        owner: Uuid,
        after: Option<Uuid>,
        limit: u32,
    ) -> Stored<Vec<Record>> {
        self.all(records::page_of(tenant, kind, owner, after, limit), records::read).await
    }

    async fn newest_records_of(
        &self,
        tenant: &TenantId,
        kind: &str,
        owner: Uuid,
        before: Option<Uuid>,
        limit: u32,
    ) -> Stored<Vec<Record>> {
        self.all(records::newest_of(tenant, kind, owner, before, limit), records::read).await
    }

    async fn more_records_than(&self, tenant: &TenantId, kind: &str, count: u32) -> Stored<bool> {
        Ok(self
            .first(records::one_after(tenant, kind, count), |row: &B::Row| row.id::<Uuid>("id"))
            .await?
            .is_some())
    }

    async fn records_everywhere(&self, kind: &str, after: Option<Uuid>, limit: u32) -> Stored<Vec<Record>> {
        self.all(records::page_everywhere(kind, after, limit), records::read).await
    }

    async fn records_due(&self, kind: &str, now: Timestamp, limit: u32) -> Stored<Vec<Record>> {
        self.all(records::due(kind, now, limit), records::read).await
    }

    async fn links_from(
        &self,
        tenant: &TenantId,
        kind: &str,
        from: Uuid,
        after: Option<Uuid>,
        limit: u32,
    ) -> Stored<Vec<Uuid>> {
        self.all(links::from(tenant, kind, from, after, limit), links::read).await
    }

    async fn links_to(
        &self,
        tenant: &TenantId,
        kind: &str,
        to: Uuid,
        after: Option<Uuid>,
        limit: u32,
    ) -> Stored<Vec<Uuid>> {
        self.all(links::to(tenant, kind, to, after, limit), links::read).await
    }
}

#[async_trait]
impl<B: Backend> AuditLog for SqlStore<B> {
    async fn audit(&self, tenant: &TenantId, filter: &Filter, limit: u32) -> Stored<Vec<Logged>> {
        self.all(audit::page(tenant, filter, limit), audit::read).await
    }

    async fn audit_from(&self, tenant: &TenantId, after: i64, limit: u32) -> Stored<Vec<Logged>> {
        self.all(audit::page_from(tenant, after, limit), audit::read).await
    }

    async fn audit_head(&self, tenant: &TenantId) -> Stored<AuditHead> {
        Ok(self.first(audit::head(tenant), audit::read_head).await?.unwrap_or_default())
    }
}

#[async_trait]
impl<B: Backend> Store for SqlStore<B> {
    async fn ping(&self) -> Stored<()> {
        self.0.ping().await
    }

    async fn lead(&self, task: &str, holder: Uuid, lasting: Duration) -> Stored<bool> {
        self.0.lead(task, holder, lasting).await
    }

    async fn release(&self, task: &str, holder: Uuid) -> Stored<()> {
        self.0.release(task, holder).await
    }

    async fn close(&self) {
        self.0.close().await;
    }
}
