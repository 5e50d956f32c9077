//! Changes, each with its condition.

use super::{Link, Record};
use crate::{
    audit::Event,
    credential::StoredCredential,
    person::{Keys, Person},
    session::{Session, StoredToken},
    tenant::Tenant,
    throttle::{CounterKey, Refund, Rule},
    token::HashedToken,
    transaction::Transaction,
};
use gatewright_contract::{CredentialId, PersonId, SessionId, TenantId, Timestamp, TransactionId};
use uuid::Uuid;

/// One conditional change. A session that goes, by whichever of them or because it has expired, leaves the records that it
/// owns due from that moment, each with another revision. "Exactly one row" is the condition of each, unless it says otherwise.
#[derive(Clone, Debug)]
pub enum Write {
    /// A tenant that is not there.
    TenantInsert(Tenant),
    /// A tenant still at `rev - 1`.
    TenantReplace(Tenant),
    /// A person whose id, login name and e-mail address nobody has.
    PersonInsert(Person, Keys),
    /// A person still at `rev - 1`, whose login name and e-mail address nobody else has.
    PersonReplace(Person, Keys),
    /// A person still at this revision, with credentials, sessions and tokens. Links and records are other
    /// writes: [`Write::LinksOfDelete`], [`Write::RecordsOfDelete`].
    PersonDelete(TenantId, PersonId, i64),
    /// A person still at this revision; changes nothing (a login must not outlive a disabling).
    PersonUnchanged(TenantId, PersonId, i64),
    /// A credential whose id and lookup key nobody has.
    CredentialInsert(StoredCredential),
    /// A credential still at `rev - 1`.
    CredentialReplace(StoredCredential),
    /// A credential still at this revision.
    CredentialDelete(CredentialId, i64),
    /// All credentials of a person with this authenticator; no condition.
    CredentialsOfDelete(TenantId, PersonId, String),
    /// A credential still at this revision; changes nothing (it let somebody in just now).
    CredentialUnchanged(CredentialId, i64),
    /// Notes when a credential last let its person in; no condition, and the revision stays.
    CredentialTouch(CredentialId, Timestamp),
    /// A transaction whose handle nobody has.
    TransactionInsert(Transaction),
    /// A transaction still at `rev - 1`.
    TransactionReplace(Transaction),
    /// A transaction still at this revision.
    TransactionDelete(TransactionId, i64),
    /// A new session.
    SessionInsert(Session),
    /// A session still at `rev - 1`.
    SessionReplace(Session),
    /// Notes that a session is in use; a moment before the noted one changes nothing of it. Its only condition is
    /// that the session is there. No revocation: other nodes need not hear of it.
    SessionSeen(SessionId, Timestamp),
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
    /// Takes back a part of what a place has counted of a counter; no condition. Before all other changes of counters in its commit.
    CounterRefund(Refund),
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
    /// A wrapped data key of a generation that the tenant has not yet.
    KeyInsert(WrappedKey),
    /// A data key that is still wrapped in the first of these is wrapped in the second.
    KeyRewrap {
        /// Which.
        id: Uuid,
        /// What must be there.
        from: Vec<u8>,
        /// What comes in its place.
        to: Vec<u8>,
    },
    /// A record whose id and key nobody has.
    RecordInsert(Record),
    /// A record still at `rev - 1`, of the same tenant and kind.
    RecordReplace(Record),
    /// A record still at this revision.
    RecordDelete(TenantId, String, Uuid, i64),
    /// A record still at this revision; changes nothing (what hangs on it must not outlive it).
    RecordUnchanged(TenantId, String, Uuid, i64),
    /// All records of an owner, whatever their kind; no condition.
    RecordsOfDelete(TenantId, Uuid),
    /// All records of an owner that are of this kind; no condition.
    RecordsOfKindDelete(TenantId, String, Uuid),
    /// A link; no condition, one that is there stays.
    LinkInsert(Link),
    /// A link; no condition.
    LinkDelete(Link),
    /// All links from and to this; no condition.
    LinksOfDelete(TenantId, Uuid),
    /// A line of the audit log, linked to the one before it; no condition.
    Audit(Event),
    /// Deletes lines up to this one, which becomes the anchor of the chain: it must be there.
    AuditPrune(TenantId, i64),
}

/// A data key, wrapped by the key-encryption key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrappedKey {
    /// Named in what it sealed.
    pub id: Uuid,
    /// The tenant that it is for.
    pub tenant: TenantId,
    /// 1 for the first of a tenant; the greatest seals.
    pub generation: i64,
    /// The wrapped key.
    pub wrapped: Vec<u8>,
    /// When it was made.
    pub created: Timestamp,
}

/// The revision of a [`Write::DocumentPut`] where none was: the time. One that expired and was swept up leaves
/// nothing behind to count on from, and who has read it must not be able to write over its successor.
pub fn first_revision(now: Timestamp) -> u64 {
    u64::try_from(now.0).unwrap_or_default().max(1)
}
