//! What a commit makes stale.

use gatewright_contract::{PersonId, SessionId, TenantId};
use gatewright_core::{
    store::{KEPT, Write},
    token::HashedToken,
};
use uuid::Uuid;

/// Names of entries.
#[derive(Debug, Default, PartialEq, Eq)]
pub(in crate::store) struct Touched {
    pub(in crate::store) tenants: Vec<TenantId>,
    pub(in crate::store) tokens: Vec<HashedToken>,
    /// With their tokens.
    pub(in crate::store) sessions: Vec<SessionId>,
    /// With all their sessions and tokens.
    pub(in crate::store) people: Vec<PersonId>,
    pub(in crate::store) records: Vec<Uuid>,
    /// With all records that belong to them.
    pub(in crate::store) owners: Vec<Uuid>,
}

impl Touched {
    /// By these writes. Each kind of write is named, so that a new one has to be thought of here.
    pub(in crate::store) fn by<'w>(writes: impl IntoIterator<Item = &'w Write>) -> Self {
        let mut touched = Self::default();
        for write in writes {
            match write {
                Write::TenantReplace(tenant) => touched.tenants.push(tenant.id.clone()),
                Write::TokenSpend(hash, _) => touched.tokens.push(*hash),
                Write::SessionReplace(session) => touched.sessions.push(session.id),
                Write::SessionSeen(id, _) => touched.sessions.push(*id),
                Write::SessionDelete(id) | Write::TokensSpendAll(id, _) | Write::AccessTokensDelete(id) => {
                    touched.sessions.push(*id);
                }
                Write::SessionsOfPersonDelete { person, .. } | Write::PersonDelete(_, person, _) => {
                    touched.people.push(*person);
                }
                Write::RecordReplace(record) if KEPT.contains(&record.kind.as_str()) => {
                    touched.records.push(record.id);
                }
                Write::RecordDelete(_, kind, id, _) if KEPT.contains(&kind.as_str()) => {
                    touched.records.push(*id);
                }
                Write::RecordsOfKindDelete(_, kind, owner) if KEPT.contains(&kind.as_str()) => {
                    touched.owners.push(*owner);
                }
                Write::RecordsOfDelete(_, owner) => touched.owners.push(*owner),
                // What is new is in no cache, since absence is not kept there; of the others nothing is.
                Write::TenantInsert(_)
                | Write::SessionInsert(_)
                | Write::SessionThere(_)
                | Write::TokenInsert(_)
                | Write::PersonInsert(..)
                | Write::PersonReplace(..)
                | Write::PersonUnchanged(..)
                | Write::CredentialInsert(_)
                | Write::CredentialReplace(_)
                | Write::CredentialDelete(..)
                | Write::CredentialsOfDelete(..)
                | Write::CredentialUnchanged(..)
                | Write::CredentialTouch(..)
                | Write::TransactionInsert(_)
                | Write::TransactionReplace(_)
                | Write::TransactionDelete(..)
                | Write::CounterForgive(..)
                | Write::CounterRefund(_)
                | Write::CounterClear(_)
                | Write::DocumentPut { .. }
                | Write::KeyInsert(_)
                | Write::KeyRewrap { .. }
                | Write::RecordInsert(_)
                | Write::RecordReplace(_)
                | Write::RecordDelete(..)
                | Write::RecordsOfKindDelete(..)
                | Write::RecordUnchanged(..)
                | Write::LinkInsert(_)
                | Write::LinkDelete(_)
                | Write::LinksOfDelete(..)
                | Write::Audit(_)
                | Write::AuditPrune(..) => {}
            }
        }
        touched
    }

    /// Of these, what other nodes must hear of: that a session was used is no revocation, and in PostgreSQL
    /// commits that tell something wait for each other.
    pub(in crate::store) fn for_others(writes: &[Write]) -> Self {
        Self::by(writes.iter().filter(|write| !matches!(write, Write::SessionSeen(..))))
    }

    /// Whether it touches nothing that is ever kept.
    pub(in crate::store) fn is_empty(&self) -> bool {
        self.tenants.is_empty()
            && self.tokens.is_empty()
            && self.sessions.is_empty()
            && self.people.is_empty()
            && self.records.is_empty()
            && self.owners.is_empty()
    }
}
