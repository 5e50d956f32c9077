//! What a store must do. Reads are small traits; every change is one all-or-nothing [`Commit::commit`].

mod record;
mod search;
mod write;

pub use record::{EXPIRING, KEPT, Link, Record};
pub use search::{Search, SortBy};
pub use write::{WrappedKey, Write, first_revision};

use crate::{
    audit::{AuditHead, Filter, Logged},
    credential::StoredCredential,
    person::Person,
    session::{Session, StoredToken},
    tenant::Tenant,
    throttle::{CounterKey, Rule},
    token::HashedToken,
    transaction::Transaction,
};
use async_trait::async_trait;
use gatewright_contract::{CredentialId, Fault, LookupKey, PersonId, SessionId, TenantId, Timestamp};
use std::{sync::Arc, time::Duration};
use uuid::Uuid;

/// Why a store could not answer.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The condition of a write did not hold; nothing of the commit was written.
    #[error("changed in the meantime: {0:?}")]
    Conflict(Subject),
    /// The database does not answer now.
    #[error("the database does not answer")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// Damaged data or a bug.
    #[error("{0}")]
    Broken(String, #[source] Option<Box<dyn std::error::Error + Send + Sync>>),
}

/// What a condition was about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// A tenant.
    Tenant,
    /// A person (a login name that is taken, or looks like one that is).
    Person,
    /// A person's e-mail address, which somebody else has.
    Email,
    /// A credential (changed, or a lookup key that is taken).
    Credential,
    /// A transaction (another step was first).
    Transaction,
    /// A session.
    Session,
    /// A token (spent).
    Token,
    /// A document of a plugin.
    Document,
    /// A wrapped key.
    Key,
    /// A record (changed, or a key that is taken).
    Record,
    /// The audit log: the anchor of its chain was moved.
    Audit,
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Conflict(_) => Self::Conflict,
            StoreError::Unavailable(source) => Self::Unavailable {
                what: format!("database: {source}"),
                retry_after: Some(Duration::from_secs(1)),
            },
            StoreError::Broken(message, Some(source)) => Self::caused(message, source),
            StoreError::Broken(message, None) => Self::internal(message),
        }
    }
}

impl From<StoreError> for crate::Problem {
    fn from(error: StoreError) -> Self {
        Fault::from(error).into()
    }
}

/// What every method returns.
pub type Stored<T> = Result<T, StoreError>;

/// How [`Commit::reserve`] ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reserved {
    /// Every counter was free.
    Granted,
    /// This one is blocked.
    Blocked {
        /// Its place in the list.
        index: usize,
        /// The end of the block.
        until: Timestamp,
    },
}

/// What [`Commit::reserve`] found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tried {
    /// How it ended.
    pub result: Reserved,
    /// The counters that this very try has blocked: each one's place in the list, and the end of its block.
    pub begun: Vec<(usize, Timestamp)>,
}

/// Changes.
#[async_trait]
pub trait Commit: Send + Sync {
    /// Does all or nothing, durably. [`StoreError::Conflict`] names the first condition that did not hold.
    async fn commit(&self, writes: Vec<Write>) -> Stored<()>;

    /// Counts a try on each of these counters in their order and stops at the first that is blocked;
    /// those before it stay counted. Atomic: parallel tries are all counted.
    async fn reserve(&self, counters: &[(CounterKey, Rule)], now: Timestamp) -> Stored<Tried>;

    /// Deletes what has expired, of records those of [`EXPIRING`] kinds, at most `limit` rows of each sort; returns how many.
    async fn expire(&self, now: Timestamp, limit: u32) -> Stored<u64>;
}

/// Tenants and their keys.
#[async_trait]
pub trait Tenants: Send + Sync {
    /// The tenant.
    async fn tenant(&self, id: &TenantId) -> Stored<Option<Arc<Tenant>>>;
    /// By id, ascending, after `after`.
    async fn tenants(&self, after: Option<&TenantId>, limit: u32) -> Stored<Vec<Tenant>>;
    /// The wrapped keys of a tenant, newest first.
    async fn keys(&self, tenant: &TenantId) -> Stored<Vec<WrappedKey>>;
}

/// People.
#[async_trait]
pub trait People: Send + Sync {
    /// By id.
    async fn person(&self, tenant: &TenantId, id: PersonId) -> Stored<Option<Person>>;
    /// By login name in its compared form.
    async fn person_by_username(&self, tenant: &TenantId, key: &str) -> Stored<Option<Person>>;
    /// By e-mail address in its compared form.
    async fn person_by_email(&self, tenant: &TenantId, key: &str) -> Stored<Option<Person>>;
    /// By id, ascending, after `after`.
    async fn people(&self, tenant: &TenantId, after: Option<PersonId>, limit: u32) -> Stored<Vec<Person>>;
    /// Those who are searched for, and how many there are in all.
    async fn people_like(&self, tenant: &TenantId, search: &Search) -> Stored<(Vec<Person>, u64)>;
}

/// Credentials.
#[async_trait]
pub trait Credentials: Send + Sync {
    /// All of a person, oldest first.
    async fn credentials(&self, tenant: &TenantId, person: PersonId) -> Stored<Vec<StoredCredential>>;
    /// By lookup key.
    async fn credential_by_lookup(
        &self,
        tenant: &TenantId,
        authenticator: &str,
        key: &LookupKey,
    ) -> Stored<Option<StoredCredential>>;
    /// Of all tenants, those of an authenticator whose documents have another version than this, by id, ascending, after
    /// `after`: for work that no request asks for.
    async fn credentials_not_at(
        &self,
        authenticator: &str,
        version: u32,
        after: Option<CredentialId>,
        limit: u32,
    ) -> Stored<Vec<StoredCredential>>;
}

/// Transactions.
#[async_trait]
pub trait Transactions: Send + Sync {
    /// By handle.
    async fn transaction(&self, handle: &HashedToken) -> Stored<Option<Transaction>>;
    /// By the key of the pending challenge; of several that wait, the newest. Expired ones are not there.
    async fn transaction_by_wake(
        &self,
        authenticator: &str,
        key: &LookupKey,
        now: Timestamp,
    ) -> Stored<Option<Transaction>>;
}

/// Sessions and tokens.
#[async_trait]
pub trait Sessions: Send + Sync {
    /// By token.
    async fn token(&self, hash: &HashedToken) -> Stored<Option<Arc<StoredToken>>>;
    /// By token, with the session that it stands for: what a check asks, in one question. A token does not outlive its
    /// session.
    async fn token_with_session(
        &self,
        hash: &HashedToken,
    ) -> Stored<Option<(Arc<StoredToken>, Arc<Session>)>>;
    /// By id.
    async fn session(&self, id: SessionId) -> Stored<Option<Arc<Session>>>;
    /// By id, as it is stored now: past every cache. For what is to be replaced, and where the moment of the last
    /// use decides, which another node may have noted.
    async fn session_uncached(&self, id: SessionId) -> Stored<Option<Arc<Session>>> {
        self.session(id).await
    }
    /// All of a person, newest first, at most 200.
    async fn sessions_of(&self, tenant: &TenantId, person: PersonId) -> Stored<Vec<Session>>;
}

/// Documents of plugins.
#[async_trait]
pub trait Documents: Send + Sync {
    /// Value and revision; expired ones are not there.
    async fn document(
        &self,
        plugin: &str,
        tenant: &TenantId,
        key: &str,
        now: Timestamp,
    ) -> Stored<Option<(Vec<u8>, u64)>>;
}

/// Records: what is one row of JSON with a name, an owner and a date (groups, roles, webhooks, keys, …).
#[async_trait]
pub trait Records: Send + Sync {
    /// By id.
    async fn record(&self, tenant: &TenantId, kind: &str, id: Uuid) -> Stored<Option<Record>>;
    /// By id, as it is stored now: past every cache. For what is to be replaced, where another node's change must not
    /// look like somebody's mistake.
    async fn record_uncached(&self, tenant: &TenantId, kind: &str, id: Uuid) -> Stored<Option<Record>> {
        self.record(tenant, kind, id).await
    }
    /// By its key, which is unique within tenant and kind.
    async fn record_by_key(&self, tenant: &TenantId, kind: &str, key: &str) -> Stored<Option<Record>>;
    /// Of a tenant by id, ascending, after `after`.
    async fn records(
        &self,
        tenant: &TenantId,
        kind: &str,
        after: Option<Uuid>,
        limit: u32,
    ) -> Stored<Vec<Record>>;
    /// Of an owner by id, ascending, after `after`.
    async fn records_of(
        &self,
        tenant: &TenantId,
        kind: &str,
        owner: Uuid,
        after: Option<Uuid>,
        limit: u32,
    ) -> Stored<Vec<Record>>;
    /// Of an owner by id, descending, before `before`: where the id begins with the time, the newest first.
    async fn newest_records_of(
        &self,
        tenant: &TenantId,
        kind: &str,
        owner: Uuid,
        before: Option<Uuid>,
        limit: u32,
    ) -> Stored<Vec<Record>>;
    /// Whether a tenant has more than this many; counts no further.
    async fn more_records_than(&self, tenant: &TenantId, kind: &str, count: u32) -> Stored<bool>;
    /// Of all tenants by id, ascending, after `after`: for work that no request asks for.
    async fn records_everywhere(&self, kind: &str, after: Option<Uuid>, limit: u32) -> Stored<Vec<Record>>;
    /// Of all tenants, those due at `now` or before, the most overdue first.
    async fn records_due(&self, kind: &str, now: Timestamp, limit: u32) -> Stored<Vec<Record>>;
    /// What `from` is linked to, by id, ascending, after `after`.
    async fn links_from(
        &self,
        tenant: &TenantId,
        kind: &str,
        from: Uuid,
        after: Option<Uuid>,
        limit: u32,
    ) -> Stored<Vec<Uuid>>;
    /// What is linked to `to`, by id, ascending, after `after`.
    async fn links_to(
        &self,
        tenant: &TenantId,
        kind: &str,
        to: Uuid,
        after: Option<Uuid>,
        limit: u32,
    ) -> Stored<Vec<Uuid>>;
}

/// The audit log.
#[async_trait]
pub trait AuditLog: Send + Sync {
    /// What the filter lets through, newest first.
    async fn audit(&self, tenant: &TenantId, filter: &Filter, limit: u32) -> Stored<Vec<Logged>>;
    /// Oldest first, after the row of this number (0: from the first that is there).
    async fn audit_from(&self, tenant: &TenantId, after: i64, limit: u32) -> Stored<Vec<Logged>>;
    /// Where the chain of a tenant ends and begins; [`AuditHead::default`] where nothing was ever written.
    async fn audit_head(&self, tenant: &TenantId) -> Stored<AuditHead>;
}

/// A whole store.
#[async_trait]
pub trait Store:
    Commit + Tenants + People + Credentials + Transactions + Sessions + Documents + Records + AuditLog + 'static
{
    /// Whether it answers, for readiness.
    async fn ping(&self) -> Stored<()>;
    /// Takes or renews the lease of a task for this long, unless another holds it; returns whether it is held. By
    /// the clock of the database. A store that serves one process always says yes.
    async fn lead(&self, task: &str, holder: Uuid, lasting: Duration) -> Stored<bool>;
    /// Gives back the lease of a task, where this one holds it.
    async fn release(&self, task: &str, holder: Uuid) -> Stored<()>;
    /// Writes what is due and lets go of the files.
    async fn close(&self);
}
