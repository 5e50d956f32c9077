//! Every [`Write`] with its condition. Whoever finds a condition broken stops; the commit then undoes all.

use super::{
    people, records,
    state::{Document, Hash, State},
};
use crate::store::sql::tokens::SPENT_STAYS;
use gatewright_contract::{TenantId, Timestamp};
use gatewright_core::{
    Session,
    audit::AuditHead,
    credential::StoredCredential,
    session::{StoredToken, TokenKind},
    store::{StoreError, Stored, Subject, WrappedKey, Write, first_revision},
    throttle::{CounterKey, Refund},
};

/// Does it, or says which condition did not hold (and may leave a part of it done).
pub(super) fn apply(state: &mut State, write: Write) -> Stored<()> {
    let (subject, held) = match write {
        Write::TenantInsert(new) => (Subject::Tenant, state.tenants.put_new(new.id.clone(), new)),
        Write::TenantReplace(new) => {
            let held = state.tenants.get(&new.id).is_some_and(|old| follows(old.rev, new.rev));
            state.tenants.put(new.id.clone(), new);
            (Subject::Tenant, held)
        }
        Write::PersonInsert(new, keys) => return people::insert(state, new, keys),
        Write::PersonReplace(new, keys) => return people::replace(state, new, keys),
        Write::PersonDelete(tenant, id, rev) => (Subject::Person, people::delete(state, &tenant, id, rev)),
        Write::PersonUnchanged(tenant, id, rev) => {
            (Subject::Person, state.person(&tenant, id).is_some_and(|(old, _)| old.rev == rev))
        }
        Write::SessionThere(id) => (Subject::Session, state.sessions.get(&id).is_some()),
        Write::CredentialInsert(new) => {
            if state.person(&new.tenant, new.person).is_none() {
                return Err(StoreError::Conflict(Subject::Person));
            }
            (Subject::Credential, state.add_credential(new))
        }
        Write::CredentialReplace(new) => {
            let held = state.drop_credential(new.id).is_some_and(|old| {
                let same = (&old.tenant, old.person, &old.authenticator)
                    == (&new.tenant, new.person, &new.authenticator);
                same && follows(old.rev, new.rev)
            });
            (Subject::Credential, held && state.add_credential(new))
        }
        Write::CredentialDelete(id, rev) => {
            (Subject::Credential, state.drop_credential(id).is_some_and(|old| old.rev == rev))
        }
        Write::CredentialUnchanged(id, rev) => {
            (Subject::Credential, state.credentials.get(&id).is_some_and(|old| old.rev == rev))
        }
        Write::TransactionInsert(new) => (Subject::Transaction, state.add_transaction(new)),
        Write::TransactionReplace(new) => {
            let held = state
                .drop_transaction(new.id)
                .is_some_and(|old| old.tenant == new.tenant && follows(old.rev, new.rev));
            (Subject::Transaction, held && state.add_transaction(new))
        }
        Write::TransactionDelete(id, rev) => {
            (Subject::Transaction, state.drop_transaction(id).is_some_and(|old| old.rev == rev))
        }
        Write::SessionInsert(new) => {
            if state.person(&new.tenant, new.person).is_none() {
                return Err(StoreError::Conflict(Subject::Person));
            }
            state.sessions_of.put(((new.tenant.clone(), new.person), new.id), ());
            (Subject::Session, state.sessions.put_new(new.id, new))
        }
        Write::SessionReplace(new) => {
            let held = state.sessions.get(&new.id).is_some_and(|old| {
                (&old.tenant, old.person) == (&new.tenant, new.person) && follows(old.rev, new.rev)
            });
            state.sessions.put(new.id, new);
            (Subject::Session, held)
        }
        Write::SessionSeen(id, at) => {
            let old = state.sessions.get(&id).cloned();
            let held = old.is_some();
            if let Some(old) = old {
                let seen = Session { last_seen: old.last_seen.max(at), rev: old.rev + 1, ..old };
                state.sessions.put(id, seen);
            }
            (Subject::Session, held)
        }
        Write::TokenInsert(new) => {
            if !state.sessions.contains_key(&new.session) {
                return Err(StoreError::Conflict(Subject::Session));
            }
            state.tokens_of.put((new.session, new.hash.0), ());
            (Subject::Token, state.tokens.put_new(new.hash.0, new))
        }
        Write::TokenSpend(hash, at) => (Subject::Token, spend(state, &hash.0, at, at.plus(SPENT_STAYS))),
        Write::DocumentPut { plugin, tenant, key, expect, value, expires, now } => {
            let key = (plugin, tenant, key);
            let rev = state.documents.get(&key).filter(|old| old.is_there(now)).map(|old| old.rev);
            let next = rev.map_or_else(|| first_revision(now), |rev| rev.saturating_add(1));
            state.documents.put(key, Document { value, rev: next, expires });
            (Subject::Document, rev == expect)
        }
        Write::KeyInsert(new) => {
            let free = state.keys.iter().all(|(_, key)| key.id != new.id);
            (Subject::Key, free && state.keys.put_new((new.tenant.clone(), new.generation), new))
        }
        Write::KeyRewrap { id, from, to } => {
            let found = state.keys.values().find(|key| key.id == id && key.wrapped == from).cloned();
            let held = found.is_some();
            if let Some(key) = found {
                state.keys.put((key.tenant.clone(), key.generation), WrappedKey { wrapped: to, ..key });
            }
            (Subject::Key, held)
        }
        Write::RecordInsert(new) => (Subject::Record, records::insert(state, new)),
        Write::RecordReplace(new) => (Subject::Record, records::replace(state, new)),
        Write::RecordDelete(tenant, kind, id, rev) => {
            let held = records::there(state, &tenant, &kind, id, rev);
            records::delete(state, id);
            (Subject::Record, held)
        }
        Write::RecordUnchanged(tenant, kind, id, rev) => {
            (Subject::Record, records::there(state, &tenant, &kind, id, rev))
        }
        Write::AuditPrune(tenant, number) => (Subject::Audit, prune(state, &tenant, number)),
        unconditional @ (Write::SessionDelete(_)
        | Write::SessionsOfPersonDelete { .. }
        | Write::TokensSpendAll(..)
        | Write::AccessTokensDelete(_)
        | Write::CredentialTouch(..)
        | Write::CredentialsOfDelete(..)
        | Write::CounterForgive(..)
        | Write::CounterRefund(_)
        | Write::CounterClear(_)
        | Write::RecordsOfDelete(..)
        | Write::RecordsOfKindDelete(..)
        | Write::LinkInsert(_)
        | Write::LinkDelete(_)
        | Write::LinksOfDelete(..)
        | Write::Audit(_)) => {
            apply_always(state, unconditional);
            return Ok(());
        }
    };
    if held { Ok(()) } else { Err(StoreError::Conflict(subject)) }
}

/// Those that have no condition.
fn apply_always(state: &mut State, write: Write) {
    match write {
        Write::SessionDelete(id) => {
            state.drop_session(id);
        }
        Write::SessionsOfPersonDelete { tenant, person, except } => {
            for id in state.session_ids(&tenant, person) {
                if Some(id) != except {
                    state.drop_session(id);
                }
            }
        }
        Write::CredentialTouch(id, at) => {
            if let Some(credential) = state.credentials.get(&id).cloned() {
                state.credentials.put(id, StoredCredential { last_used: Some(at), ..credential });
            }
        }
        Write::CredentialsOfDelete(tenant, person, authenticator) => {
            for id in state.credential_ids(&tenant, person) {
                if state.credentials.get(&id).is_some_and(|c| c.authenticator == authenticator) {
                    state.drop_credential(id);
                }
            }
        }
        Write::TokensSpendAll(session, at) => {
            for (_, hash) in state.token_keys(session) {
                spend(state, &hash, at, Timestamp(i64::MAX));
            }
        }
        Write::AccessTokensDelete(session) => {
            for (_, hash) in state.token_keys(session) {
                if state.tokens.get(&hash).is_some_and(|token| token.kind == TokenKind::Access) {
                    state.drop_token(&hash);
                }
            }
        }
        Write::CounterForgive(CounterKey(name), rule) => {
            if let Some((mut counter, expires)) = state.counters.get(&name.0).copied() {
                counter.forgive_one(&rule);
                state.counters.put(name.0, (counter, expires));
            }
        }
        Write::CounterRefund(Refund { counter, place, rule, most, began }) => {
            let place = state.counters.get(&place.0.0).copied();
            let counted = state.counters.get(&counter.0.0).copied();
            if let (Some((mut known, expires)), Some((place, _))) = (counted, place) {
                known.refund(&place, &rule, most, began);
                state.counters.put(counter.0.0, (known, expires));
            }
        }
        Write::CounterClear(CounterKey(name)) => {
            state.counters.take(&name.0);
        }
        Write::RecordsOfDelete(tenant, owner) => records::delete_of(state, &tenant, None, owner),
        Write::RecordsOfKindDelete(tenant, kind, owner) => {
            records::delete_of(state, &tenant, Some(&kind), owner);
        }
        Write::LinkInsert(link) => state.links.put(records::link_key(link), ()),
        Write::LinkDelete(link) => {
            state.links.take(&records::link_key(link));
        }
        Write::LinksOfDelete(tenant, id) => records::unlink(state, &tenant, id),
        Write::Audit(event) => {
            let tenant = event.tenant.clone();
            let (head, line) = state.heads.get(&tenant).copied().unwrap_or_default().follow(event);
            state.audit.put((tenant.clone(), line.number), line);
            state.heads.put(tenant, head);
        }
        // `apply` has done these.
        _ => {}
    }
}

/// Moves the anchor of the chain to this line and deletes up to it.
fn prune(state: &mut State, tenant: &TenantId, number: i64) -> bool {
    let hash = state.audit.get(&(tenant.clone(), number)).and_then(|line| line.hash);
    let head = state.heads.get(tenant).copied().filter(|head| head.anchor < number);
    let (Some(hash), Some(head)) = (hash, head) else { return false };
    state.heads.put(tenant.clone(), AuditHead { anchor: number, anchor_hash: hash, ..head });
    for key in state.audit.keys_in((tenant.clone(), i64::MIN)..=(tenant.clone(), number)) {
        state.audit.take(&key);
    }
    true
}

/// `false` where it is spent already, or not there.
fn spend(state: &mut State, hash: &Hash, at: Timestamp, stays: Timestamp) -> bool {
    let unspent = state.tokens.get(hash).filter(|token| token.spent.is_none()).cloned();
    let held = unspent.is_some();
    if let Some(token) = unspent {
        let expires = token.expires.min(stays);
        state.tokens.put(*hash, StoredToken { spent: Some(at), expires, ..token });
    }
    held
}

fn follows(old: i64, new: i64) -> bool {
    old == new.wrapping_sub(1)
}
