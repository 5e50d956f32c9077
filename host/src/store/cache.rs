//! Tokens, sessions, tenants and some records in memory, over any store. Bounded; what is not there is never kept.
//!
//! Once a commit that revokes has been answered, no later question gets the old value. Four things make it so:
//! * what a commit touches is forgotten after it is written and before it is answered, even when nobody
//!   waits for the answer any more (`Cached::changing`);
//! * a value that was read before somebody forgot it is not kept after (`caches::Before`);
//! * what another process writes is told by it, or looked for; until when entries may be believed without is
//!   `trust`'s;
//! * a token is good only together with the very entry of its session that it was kept with, so that
//!   forgetting a session forgets its tokens (`caches::Caches::token_with_session`).

mod announcement;
#[cfg(test)]
mod beside;
mod caches;
mod config;
pub(super) mod passed_on;
mod records;
mod touched;
mod trust;

use super::{postgres::Postgres, sql::SqlStore, sqlite::Sqlite};
pub(super) use announcement::{News, Node, announcement, read};
use async_trait::async_trait;
pub(super) use caches::Caches;
pub use config::CacheConfig;
use gatewright_contract::{CredentialId, LookupKey, PersonId, SessionId, TenantId, Timestamp};
use gatewright_core::{
    Person, Session, Tenant,
    credential::StoredCredential,
    session::StoredToken,
    store::{
        Commit, Credentials, Documents, People, Reserved, Sessions, Store, StoreError, Stored, Tenants,
        Transactions, WrappedKey, Write,
    },
    throttle::{CounterKey, Rule},
    token::HashedToken,
    transaction::Transaction,
};
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use touched::Touched;
use uuid::Uuid;

/// A store with a cache before it.
pub(super) struct Cached<S> {
    inner: Arc<S>,
    caches: Arc<Caches>,
}

impl<S: Store> Cached<S> {
    /// Puts empty caches before the store.
    pub(super) fn new(inner: S, config: &CacheConfig) -> Self {
        Self { inner: Arc::new(inner), caches: Arc::new(Caches::new(config)) }
    }

    /// Commits and forgets. In a task of its own: a caller who hangs up must not leave a commit that is
    /// written and not forgotten.
    async fn changing(&self, writes: Vec<Write>, touched: Touched) -> Stored<()> {
        let inner = Arc::clone(&self.inner);
        let forget = Forget { caches: Arc::clone(&self.caches), touched };
        let task = tokio::spawn(async move {
            let result = inner.commit(writes).await;
            // Also after an error: of a lost connection one does not know what it still did.
            drop(forget);
            result
        });
        task.await.unwrap_or_else(|error| {
            Err(StoreError::Broken("the task of a commit ended early".to_owned(), Some(Box::new(error))))
        })
    }
}

/// How often is asked whether another program has written: a revocation by a command beside the host holds
/// after that.
const WATCH_EVERY: Duration = Duration::from_millis(500);

impl Cached<SqlStore<Sqlite>> {
    /// Forgets everything when another program has written to the file. Ends with the store.
    pub(super) fn watch(&self) {
        let (inner, caches) = (Arc::downgrade(&self.inner), Arc::downgrade(&self.caches));
        tokio::spawn(async move {
            let mut known = None;
            loop {
                tokio::time::sleep(WATCH_EVERY).await;
                let (Some(inner), Some(caches)) = (inner.upgrade(), caches.upgrade()) else { return };
                look_outside(&inner, &caches, &mut known).await;
            }
        });
    }
}

impl Cached<SqlStore<Postgres>> {
    /// Forgets what other nodes revoke. Ends with the store.
    pub(super) fn listen(&self) {
        // Nothing is believed before somebody listens.
        self.caches.trust_until(Instant::now());
        tokio::spawn(self.inner.0.listening(Arc::downgrade(&self.caches)));
    }
}

async fn look_outside(inner: &SqlStore<Sqlite>, caches: &Caches, known: &mut Option<i64>) {
    match inner.0.outside_changes().await {
        Ok(number) if *known == Some(number) => {}
        Ok(number) => {
            *known = Some(number);
            caches.forget_all();
        }
        // What is not known may have changed.
        Err(_) => caches.forget_all(),
    }
}

/// Forgets when dropped, so also when the commit panics.
struct Forget {
    caches: Arc<Caches>,
    touched: Touched,
}

impl Drop for Forget {
    fn drop(&mut self) {
        self.caches.forget(&self.touched);
    }
}

#[async_trait]
impl<S: Store> Commit for Cached<S> {
    async fn commit(&self, writes: Vec<Write>) -> Stored<()> {
        let touched = Touched::by(&writes);
        if touched.is_empty() {
            return self.inner.commit(writes).await;
        }
        self.changing(writes, touched).await
    }

    async fn reserve(&self, counters: &[(CounterKey, Rule)], now: Timestamp) -> Stored<Reserved> {
        self.inner.reserve(counters, now).await
    }

    async fn expire(&self, now: Timestamp, limit: u32) -> Stored<u64> {
        // Before, so that it holds also when the caller hangs up.
        self.caches.swept(now);
        self.inner.expire(now, limit).await
    }
}

#[async_trait]
impl<S: Store> Tenants for Cached<S> {
    async fn tenant(&self, id: &TenantId) -> Stored<Option<Arc<Tenant>>> {
        if let Some(tenant) = self.caches.tenant(id) {
            return Ok(Some(tenant));
        }
        let before = self.caches.before();
        let found = self.inner.tenant(id).await?;
        if let Some(tenant) = &found {
            self.caches.keep_tenant(&before, tenant);
        }
        Ok(found)
    }

    async fn tenants(&self, after: Option<&TenantId>, limit: u32) -> Stored<Vec<Tenant>> {
        self.inner.tenants(after, limit).await
    }

    async fn keys(&self, tenant: &TenantId) -> Stored<Vec<WrappedKey>> {
        self.inner.keys(tenant).await
    }
}

#[async_trait]
impl<S: Store> Sessions for Cached<S> {
    async fn token(&self, hash: &HashedToken) -> Stored<Option<Arc<StoredToken>>> {
        // A token is kept only beside its session, and who shows one asks for the session next.
        Ok(self.token_with_session(hash).await?.map(|(token, _)| token))
    }

    async fn token_with_session(
        &self,
        hash: &HashedToken,
    ) -> Stored<Option<(Arc<StoredToken>, Arc<Session>)>> {
        if let Some(found) = self.caches.token_with_session(hash) {
            return Ok(Some(found));
        }
        let before = self.caches.before();
        let found = self.inner.token_with_session(hash).await?;
        if let Some((token, session)) = &found {
            self.caches.keep_session(&before, session);
            self.caches.keep_token(&before, token);
        }
        Ok(found)
    }

    async fn session(&self, id: SessionId) -> Stored<Option<Arc<Session>>> {
        if let Some(session) = self.caches.session(id) {
            return Ok(Some(session));
        }
        let before = self.caches.before();
        let found = self.inner.session(id).await?;
        if let Some(session) = &found {
            self.caches.keep_session(&before, session);
        }
        Ok(found)
    }

    async fn session_uncached(&self, id: SessionId) -> Stored<Option<Arc<Session>>> {
        // Forgotten, so that what is read now is what the next one finds.
        self.caches.forget(&Touched { sessions: vec![id], ..Touched::default() });
        self.session(id).await
    }

    async fn sessions_of(&self, tenant: &TenantId, person: PersonId) -> Stored<Vec<Session>> {
        self.inner.sessions_of(tenant, person).await
    }
}

#[async_trait]
impl<S: Store> People for Cached<S> {
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
}

#[async_trait]
impl<S: Store> Credentials for Cached<S> {
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
impl<S: Store> Transactions for Cached<S> {
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
impl<S: Store> Documents for Cached<S> {
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

#[async_trait]
impl<S: Store> Store for Cached<S> {
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
