//! What a commit makes stale.

use gatewright_contract::{PersonId, SessionId, TenantId};
use gatewright_core::{store::Write, token::HashedToken};

/// Names of entries.
#[derive(Default)]
pub(super) struct Touched {
    pub(super) tenants: Vec<TenantId>,
    pub(super) tokens: Vec<HashedToken>,
    /// With their tokens.
    pub(super) sessions: Vec<SessionId>,
    /// With all their sessions and tokens.
    pub(super) people: Vec<PersonId>,
}

impl Touched {
    /// By these writes. Each kind of write is named, so that a new one has to be thought of here.
    pub(super) fn by(writes: &[Write]) -> Self {
        let mut touched = Self::default();
        for write in writes {
            match write {
                Write::TenantReplace(tenant) => touched.tenants.push(tenant.id.clone()),
                Write::TokenSpend(hash, _) => touched.tokens.push(*hash),
                Write::SessionReplace(session) => touched.sessions.push(session.id),
                Write::SessionDelete(id) | Write::TokensSpendAll(id, _) | Write::AccessTokensDelete(id) => {
                    touched.sessions.push(*id);
                }
                Write::SessionsOfPersonDelete { person, .. } | Write::PersonDelete(_, person, _) => {
                    touched.people.push(*person);
                }
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
                | Write::CredentialUnchanged(..)
                | Write::CredentialTouch(..)
                | Write::TransactionInsert(_)
                | Write::TransactionReplace(_)
                | Write::TransactionDelete(..)
                | Write::CounterForgive(..)
                | Write::CounterClear(_)
                | Write::DocumentPut { .. }
                | Write::KeyInsert(_)
                | Write::KeyRewrap { .. }
                | Write::RecordInsert(_)
                | Write::RecordReplace(_)
                | Write::RecordDelete(..)
                | Write::RecordUnchanged(..)
                | Write::RecordsOfDelete(..)
                | Write::LinkInsert(_)
                | Write::LinkDelete(_)
                | Write::LinksOfDelete(..)
                | Write::Audit(_)
                | Write::AuditPrune(..) => {}
            }
        }
        touched
    }

    /// Whether it touches nothing that is ever kept.
    pub(super) fn is_empty(&self) -> bool {
        self.tenants.is_empty()
            && self.tokens.is_empty()
            && self.sessions.is_empty()
            && self.people.is_empty()
    }
}
