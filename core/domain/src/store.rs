//! What a store must do. Reads are small traits; every change is one all-or-nothing [`Commit::commit`].

use crate::{
    audit::Event,
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
    /// A person (a login name that is taken).
    Person,
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

/// One conditional change. "Exactly one row" is the condition of each, unless it says otherwise.
#[derive(Clone, Debug)]
pub enum Write {
    /// A tenant that is not there.
    TenantInsert(Tenant),
    /// A tenant still at `rev - 1`.
    TenantReplace(Tenant),
    /// A person whose id and login name (compared form) nobody has.
    PersonInsert(Person, String),
    /// A person still at `rev - 1`; second: the login name in its compared form.
    PersonReplace(Person, String),
    /// A person still at this revision; changes nothing (a login must not outlive a disabling).
    PersonUnchanged(TenantId, PersonId, i64),
    /// A credential whose id and lookup key nobody has.
    CredentialInsert(StoredCredential),
    /// A credential still at `rev - 1`.
    CredentialReplace(StoredCredential),
    /// A credential still at this revision.
    CredentialDelete(CredentialId, i64),
    /// A credential still at this revision; changes nothing (it let somebody in just now).
    CredentialUnchanged(CredentialId, i64),
    /// Notes when a credential last let its person in; no condition, and the revision stays.
    CredentialTouch(CredentialId, Timestamp),
    /// A transaction whose handle nobody has.
    TransactionInsert(Transaction),
    /// A transaction still at `rev - 1`.
    TransactionReplace(Transaction),
    /// A transaction still at this revision.
    TransactionDelete(gatewright_contract::TransactionId, i64),
    /// A new session.
    SessionInsert(Session),
    /// A session still at `rev - 1`.
    SessionReplace(Session),
    /// A session that has not been ended; changes nothing (what is done in it must not outlive it).
    SessionThere(SessionId),
    /// A session with its tokens; no condition.
    SessionDelete(SessionId),
    /// All sessions of a person with their tokens, but one; no condition.
    SessionsOfPersonDelete {
        /// The tenant.
        tenant: TenantId,
        /// Whose.
        person: PersonId,
        /// Stays.
        except: Option<SessionId>,
    },
    /// A new token.
    TokenInsert(StoredToken),
    /// A token that is not spent yet.
    TokenSpend(HashedToken, Timestamp),
    /// All tokens of a session are spent from now on; no condition.
    TokensSpendAll(SessionId, Timestamp),
    /// All access tokens of a session; no condition.
    AccessTokensDelete(SessionId),
    /// Takes back one try of these counters; no condition.
    CounterForgive(CounterKey, Rule),
    /// Begins these counters anew; no condition.
    CounterClear(CounterKey),
    /// A document of a plugin: absent or expired (`expect` none) or at this revision.
    DocumentPut {
        /// Whose.
        plugin: String,
        /// The tenant.
        tenant: TenantId,
        /// Its key.
        key: String,
        /// The revision that it must have; none: it must not be there.
        expect: Option<u64>,
        /// The value.
        value: Vec<u8>,
        /// When it goes.
        expires: Option<Timestamp>,
        /// The time, for judging what is expired.
        now: Timestamp,
    },
    /// A wrapped data key of a tenant that has none.
    KeyInsert(WrappedKey),
    /// A line of the audit log; no condition.
    Audit(Event),
}

/// A data key, wrapped by the key-encryption key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrappedKey {
    /// Named in what it sealed.
    pub id: uuid::Uuid,
    /// The tenant that it is for.
    pub tenant: TenantId,
    /// The wrapped key.
    pub wrapped: Vec<u8>,
    /// When it was made.
    pub created: Timestamp,
}

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

/// Changes.
#[async_trait]
pub trait Commit: Send + Sync {
    /// Does all or nothing, durably. [`StoreError::Conflict`] names the first condition that did not hold.
    async fn commit(&self, writes: Vec<Write>) -> Stored<()>;

    /// Counts a try on each of these counters in their order and stops at the first that is blocked;
    /// those before it stay counted. Atomic: parallel tries are all counted.
    async fn reserve(&self, counters: &[(CounterKey, Rule)], now: Timestamp) -> Stored<Reserved>;

    /// Deletes what has expired, at most `limit` rows of each sort; returns how many.
    async fn expire(&self, now: Timestamp, limit: u32) -> Stored<u64>;
}

/// Tenants and their keys.
#[async_trait]
pub trait Tenants: Send + Sync {
    /// The tenant.
    async fn tenant(&self, id: &TenantId) -> Stored<Option<Arc<Tenant>>>;
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
    /// By id, ascending, after `after`.
    async fn people(&self, tenant: &TenantId, after: Option<PersonId>, limit: u32) -> Stored<Vec<Person>>;
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
}

/// Transactions.
#[async_trait]
pub trait Transactions: Send + Sync {
    /// By handle.
    async fn transaction(&self, handle: &HashedToken) -> Stored<Option<Transaction>>;
    /// By the key of the pending challenge.
    async fn transaction_by_wake(&self, authenticator: &str, key: &LookupKey) -> Stored<Option<Transaction>>;
}

/// Sessions and tokens.
#[async_trait]
pub trait Sessions: Send + Sync {
    /// By token.
    async fn token(&self, hash: &HashedToken) -> Stored<Option<Arc<StoredToken>>>;
    /// By id.
    async fn session(&self, id: SessionId) -> Stored<Option<Arc<Session>>>;
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

/// The audit log.
#[async_trait]
pub trait AuditLog: Send + Sync {
    /// Newest first, before the row of this number.
    async fn audit(&self, tenant: &TenantId, before: Option<i64>, limit: u32) -> Stored<Vec<(i64, Event)>>;
}

/// A whole store.
#[async_trait]
pub trait Store:
    Commit + Tenants + People + Credentials + Transactions + Sessions + Documents + AuditLog + 'static
{
    /// Whether it answers, for readiness.
    async fn ping(&self) -> Stored<()>;
    /// Writes what is due and lets go of the files.
    async fn close(&self);
}
