//! The tables, and the indexes that make the same things unique as in SQL.

use super::table::Table;
use gatewright_contract::{CredentialId, PersonId, SessionId, TenantId, Timestamp, TransactionId};
use gatewright_core::{
    Person, Session, Tenant,
    audit::{AuditHead, Logged},
    credential::StoredCredential,
    person::Keys,
    session::StoredToken,
    store::{Record, WrappedKey},
    throttle::Counter,
    transaction::Transaction,
};
use uuid::Uuid;

/// The bytes of a hash, which can be ordered.
pub(super) type Hash = [u8; 32];
/// Of whom.
pub(super) type Whose = (TenantId, PersonId);

/// The least and the greatest UUID: the ends of "all of".
pub(super) const LEAST: Uuid = Uuid::nil();
/// See [`LEAST`].
pub(super) const GREATEST: Uuid = Uuid::max();

/// A document of a plugin.
#[derive(Clone)]
pub(super) struct Document {
    pub(super) value: Vec<u8>,
    pub(super) rev: u64,
    pub(super) expires: Option<Timestamp>,
}

impl Document {
    pub(super) fn is_there(&self, now: Timestamp) -> bool {
        self.expires.is_none_or(|expires| expires > now)
    }
}

/// Everything.
#[derive(Default)]
pub(super) struct State {
    pub(super) tenants: Table<TenantId, Tenant>,
    /// By generation.
    pub(super) keys: Table<(TenantId, i64), WrappedKey>,
    /// With the names in their compared forms.
    pub(super) people: Table<PersonId, (Person, Keys)>,
    pub(super) usernames: Table<(TenantId, String), PersonId>,
    pub(super) looks: Table<(TenantId, String), PersonId>,
    pub(super) emails: Table<(TenantId, String), PersonId>,
    pub(super) email_looks: Table<(TenantId, String), PersonId>,
    pub(super) credentials: Table<CredentialId, StoredCredential>,
    pub(super) credentials_of: Table<(Whose, CredentialId), ()>,
    pub(super) lookups: Table<(TenantId, String, String), CredentialId>,
    pub(super) transactions: Table<TransactionId, Transaction>,
    pub(super) handles: Table<Hash, TransactionId>,
    pub(super) wakes: Table<((String, String), TransactionId), ()>,
    pub(super) sessions: Table<SessionId, Session>,
    pub(super) sessions_of: Table<(Whose, SessionId), ()>,
    pub(super) tokens: Table<Hash, StoredToken>,
    pub(super) tokens_of: Table<(SessionId, Hash), ()>,
    /// With the time when each may go.
    pub(super) counters: Table<Hash, (Counter, Timestamp)>,
    pub(super) documents: Table<(String, TenantId, String), Document>,
    pub(super) records: Table<Uuid, Record>,
    pub(super) record_keys: Table<(TenantId, String, String), Uuid>,
    /// Tenant, kind, from, to.
    pub(super) links: Table<(TenantId, String, Uuid, Uuid), ()>,
    pub(super) audit: Table<(TenantId, i64), Logged>,
    pub(super) heads: Table<TenantId, AuditHead>,
}

impl State {
    /// What was changed since the last time stays, or was never made.
    pub(super) fn settle(&mut self, keep: bool) {
        self.tenants.settle(keep);
        self.keys.settle(keep);
        self.people.settle(keep);
        self.usernames.settle(keep);
        self.looks.settle(keep);
        self.emails.settle(keep);
        self.email_looks.settle(keep);
        self.credentials.settle(keep);
        self.credentials_of.settle(keep);
        self.lookups.settle(keep);
        self.transactions.settle(keep);
        self.handles.settle(keep);
        self.wakes.settle(keep);
        self.sessions.settle(keep);
        self.sessions_of.settle(keep);
        self.tokens.settle(keep);
        self.tokens_of.settle(keep);
        self.counters.settle(keep);
        self.documents.settle(keep);
        self.records.settle(keep);
        self.record_keys.settle(keep);
        self.links.settle(keep);
        self.audit.settle(keep);
        self.heads.settle(keep);
    }

    /// The person, where it is this tenant's.
    pub(super) fn person(&self, tenant: &TenantId, id: PersonId) -> Option<&(Person, Keys)> {
        self.people.get(&id).filter(|(person, _)| person.tenant == *tenant)
    }

    /// The sessions of a person, by id.
    pub(super) fn session_ids(&self, tenant: &TenantId, person: PersonId) -> Vec<SessionId> {
        let whose = (tenant.clone(), person);
        let range = (whose.clone(), SessionId(LEAST))..=(whose, SessionId(GREATEST));
        self.sessions_of.range(range).map(|((_, id), ())| *id).collect()
    }

    /// Deletes a session with its tokens; what it owns is due.
    pub(super) fn drop_session(&mut self, id: SessionId) -> bool {
        let Some(session) = self.sessions.take(&id) else { return false };
        self.sessions_of.take(&((session.tenant.clone(), session.person), id));
        for (_, hash) in self.token_keys(id) {
            self.drop_token(&hash);
        }
        let owned = |r: &&Record| r.owner == Some(id.0) && r.tenant == session.tenant;
        let owned: Vec<Record> = self.records.values().filter(owned).cloned().collect();
        for record in owned {
            let due = Record { due: Some(Timestamp(0)), rev: record.rev + 1, ..record };
            self.records.put(due.id, due);
        }
        true
    }

    /// The tokens of a session.
    pub(super) fn token_keys(&self, session: SessionId) -> Vec<(SessionId, Hash)> {
        self.tokens_of.keys_in((session, [0; 32])..=(session, [0xff; 32]))
    }

    /// Deletes a token.
    pub(super) fn drop_token(&mut self, hash: &Hash) -> bool {
        let Some(token) = self.tokens.take(hash) else { return false };
        self.tokens_of.take(&(token.session, *hash));
        true
    }

    /// Deletes a transaction.
    pub(super) fn drop_transaction(&mut self, id: TransactionId) -> Option<Transaction> {
        let transaction = self.transactions.take(&id)?;
        self.handles.take(&transaction.handle.0);
        if let Some((authenticator, key)) = &transaction.wake {
            self.wakes.take(&((authenticator.clone(), key.0.clone()), id));
        }
        Some(transaction)
    }

    /// Adds a transaction; `false` where the id or the handle is taken.
    pub(super) fn add_transaction(&mut self, transaction: Transaction) -> bool {
        let id = transaction.id;
        if let Some((authenticator, key)) = &transaction.wake {
            self.wakes.put(((authenticator.clone(), key.0.clone()), id), ());
        }
        self.handles.put_new(transaction.handle.0, id) && self.transactions.put_new(id, transaction)
    }

    /// The credentials of a person.
    pub(super) fn credential_ids(&self, tenant: &TenantId, person: PersonId) -> Vec<CredentialId> {
        let whose = (tenant.clone(), person);
        let range = (whose.clone(), CredentialId(LEAST))..=(whose, CredentialId(GREATEST));
        self.credentials_of.range(range).map(|((_, id), ())| *id).collect()
    }

    /// Deletes a credential.
    pub(super) fn drop_credential(&mut self, id: CredentialId) -> Option<StoredCredential> {
        let credential = self.credentials.take(&id)?;
        self.credentials_of.take(&((credential.tenant.clone(), credential.person), id));
        if let Some(lookup) = &credential.lookup {
            self.lookups.take(&lookup_key(&credential, &lookup.0));
        }
        Some(credential)
    }

    /// Adds a credential; `false` where the id or the lookup key is taken.
    pub(super) fn add_credential(&mut self, credential: StoredCredential) -> bool {
        let id = credential.id;
        if let Some(lookup) = &credential.lookup
            && !self.lookups.put_new(lookup_key(&credential, &lookup.0), id)
        {
            return false;
        }
        self.credentials_of.put(((credential.tenant.clone(), credential.person), id), ());
        self.credentials.put_new(id, credential)
    }
}

fn lookup_key(credential: &StoredCredential, lookup: &str) -> (TenantId, String, String) {
    (credential.tenant.clone(), credential.authenticator.clone(), lookup.to_owned())
}
