//! A store whose reads and commits a test can hold up.

use async_trait::async_trait;
use gatewright_contract::{CredentialId, LookupKey, PersonId, SessionId, TenantId, Timestamp};
use gatewright_core::{
    Person, Session, Tenant,
    credential::StoredCredential,
    session::StoredToken,
    store::{
        Commit, Credentials, Documents, People, Record, Search, Sessions, Store, Stored, Tenants,
        Transactions, Tried, WrappedKey, Write,
    },
    throttle::{CounterKey, Rule},
    token::HashedToken,
    transaction::Transaction,
};
use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio::sync::{Notify, Semaphore};
use uuid::Uuid;

/// Lets through until it is told to hold.
pub(super) struct Gate {
    pass: Semaphore,
    reached: Notify,
}

impl Gate {
    fn open() -> Self {
        Self { pass: Semaphore::new(Semaphore::MAX_PERMITS), reached: Notify::new() }
    }

    /// From now on only so many get through.
    pub(super) fn hold_after(&self, passing: usize) {
        self.pass.forget_permits(Semaphore::MAX_PERMITS);
        self.pass.add_permits(passing);
    }

    /// Waits until somebody stands before it.
    pub(super) async fn reached(&self) {
        self.reached.notified().await;
    }

    /// Everybody gets through.
    pub(super) fn release(&self) {
        self.pass.add_permits(Semaphore::MAX_PERMITS / 2);
    }

    async fn through(&self) {
        if self.pass.available_permits() == 0 {
            self.reached.notify_one();
        }
        self.pass.acquire().await.expect("is never closed").forget();
    }
}

/// Gates behind a read (it has its answer and has not told it) and before a commit.
pub(super) struct Gates {
    pub(super) read: Gate,
    pub(super) commit: Gate,
    pub(super) reads: AtomicUsize,
}

impl Gates {
    pub(super) fn open() -> Arc<Self> {
        Arc::new(Self { read: Gate::open(), commit: Gate::open(), reads: AtomicUsize::new(0) })
    }

    async fn after_read(&self) {
        self.reads.fetch_add(1, Ordering::SeqCst);
        self.read.through().await;
    }
}

pub(super) struct Gated {
    pub(super) inner: Arc<dyn Store>,
    pub(super) gates: Arc<Gates>,
}

#[async_trait]
impl Commit for Gated {
    /// As the writer of a database: what was begun is done, also when the caller hangs up.
    async fn commit(&self, writes: Vec<Write>) -> Stored<()> {
        let (inner, gates) = (self.inner.clone(), self.gates.clone());
        let task = tokio::spawn(async move {
            gates.commit.through().await;
            inner.commit(writes).await
        });
        task.await.expect("ends")
    }

    async fn reserve(&self, counters: &[(CounterKey, Rule)], now: Timestamp) -> Stored<Tried> {
        self.inner.reserve(counters, now).await
    }

    async fn expire(&self, now: Timestamp, limit: u32) -> Stored<u64> {
        self.inner.expire(now, limit).await
    }
}

#[async_trait]
impl Tenants for Gated {
    async fn tenant(&self, id: &TenantId) -> Stored<Option<Arc<Tenant>>> {
        let found = self.inner.tenant(id).await;
        self.gates.after_read().await;
        found
    }

    async fn tenants(&self, after: Option<&TenantId>, limit: u32) -> Stored<Vec<Tenant>> {
        self.inner.tenants(after, limit).await
    }

    async fn keys(&self, tenant: &TenantId) -> Stored<Vec<WrappedKey>> {
        self.inner.keys(tenant).await
    }
}

#[async_trait]
impl Sessions for Gated {
    async fn token(&self, hash: &HashedToken) -> Stored<Option<Arc<StoredToken>>> {
        let found = self.inner.token(hash).await;
        self.gates.after_read().await;
        found
    }

    async fn token_with_session(
        &self,
        hash: &HashedToken,
    ) -> Stored<Option<(Arc<StoredToken>, Arc<Session>)>> {
        let found = self.inner.token_with_session(hash).await;
        self.gates.after_read().await;
        found
    }

    async fn session(&self, id: SessionId) -> Stored<Option<Arc<Session>>> {
        let found = self.inner.session(id).await;
        self.gates.after_read().await;
        found
    }

    async fn sessions_of(&self, tenant: &TenantId, person: PersonId) -> Stored<Vec<Session>> {
        self.inner.sessions_of(tenant, person).await
    }
}

#[async_trait]
impl People for Gated {
    async fn person(&self, tenant: &TenantId, id: PersonId) -> Stored<Option<Person>> {
        self.inner.person(tenant, id).await
    }

    async fn person_by_username(&self, tenant: &TenantId, key: &str) -> Stored<Option<Person>> {
        self.inner.person_by_username(tenant, key).await
    }

    async fn person_by_email(&self, tenant: &TenantId, key: &str) -> Stored<Option<Person>> {
        self.inner.person_by_email(tenant, key).await
    }

    async fn people(&self, tenant: &TenantId, after: Option<PersonId>, limit: u32) -> Stored<Vec<Person>> {
        self.inner.people(tenant, after, limit).await
    }

    async fn people_like(&self, tenant: &TenantId, search: &Search) -> Stored<(Vec<Person>, u64)> {
        self.inner.people_like(tenant, search).await
    }
}

#[async_trait]
impl Credentials for Gated {
    async fn credentials(&self, tenant: &TenantId, person: PersonId) -> Stored<Vec<StoredCredential>> {
        self.inner.credentials(tenant, person).await
    }

    async fn credential_by_lookup(
        &self,
        tenant: &TenantId,
        authenticator: &str,
        key: &LookupKey,
    ) -> Stored<Option<StoredCredential>> {
        self.inner.credential_by_lookup(tenant, authenticator, key).await
    }

    async fn credentials_not_at(
        &self,
        authenticator: &str,
        version: u32,
        after: Option<CredentialId>,
        limit: u32,
    ) -> Stored<Vec<StoredCredential>> {
        self.inner.credentials_not_at(authenticator, version, after, limit).await
    }
}

#[async_trait]
impl Transactions for Gated {
    async fn transaction(&self, handle: &HashedToken) -> Stored<Option<Transaction>> {
        self.inner.transaction(handle).await
    }

    async fn transaction_by_wake(
        &self,
        authenticator: &str,
        key: &LookupKey,
        now: Timestamp,
    ) -> Stored<Option<Transaction>> {
        self.inner.transaction_by_wake(authenticator, key, now).await
    }
}

#[async_trait]
impl Documents for Gated {
    async fn document(
        &self,
        plugin: &str,
        tenant: &TenantId,
        key: &str,
        now: Timestamp,
    ) -> Stored<Option<(Vec<u8>, u64)>> {
        self.inner.document(plugin, tenant, key, now).await
    }
}

crate::store::cache::passed_on::passed_on!([] Gated {
    async fn record(&self, tenant: &TenantId, kind: &str, id: Uuid) -> Stored<Option<Record>> {
        let found = self.inner.record(tenant, kind, id).await;
        self.gates.after_read().await;
        found
    }

    async fn record_by_key(&self, tenant: &TenantId, kind: &str, key: &str) -> Stored<Option<Record>> {
        let found = self.inner.record_by_key(tenant, kind, key).await;
        self.gates.after_read().await;
        found
    }
});

#[async_trait]
impl Store for Gated {
    async fn ping(&self) -> Stored<()> {
        self.inner.ping().await
    }

    async fn lead(&self, task: &str, holder: Uuid, lasting: Duration) -> Stored<bool> {
        self.inner.lead(task, holder, lasting).await
    }

    async fn release(&self, task: &str, holder: Uuid) -> Stored<()> {
        self.inner.release(task, holder).await
    }

    async fn close(&self) {
        self.inner.close().await;
    }
}
