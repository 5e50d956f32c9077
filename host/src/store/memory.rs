//! A store in this process: the same conditions and the same answers as SQL, and gone with the process.

mod apply;
mod expire;
mod people;
mod records;
mod state;
mod table;

use super::{
    reserve::reserve_all,
    sql::{sessions::SHOWN, write},
};
use async_trait::async_trait;
use gatewright_contract::{CredentialId, LookupKey, PersonId, SessionId, TenantId, Timestamp, TransactionId};
use gatewright_core::{
    Person, Session, Tenant,
    audit::{AuditHead, Filter, Logged},
    credential::StoredCredential,
    session::StoredToken,
    store::{
        AuditLog, Commit, Credentials, Documents, People, Search, Sessions, Store, Stored, Tenants,
        Transactions, Tried, WrappedKey, Write,
    },
    throttle::{CounterKey, Rule},
    token::HashedToken,
    transaction::Transaction,
};
use state::{GREATEST, LEAST, State};
use std::{
    cmp::Reverse,
    ops::Bound,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use uuid::Uuid;

/// The store.
#[derive(Default)]
pub(super) struct Memory(Mutex<State>);

impl Memory {
    /// A commit that panicked half-way can't be: what it did is undone before the next one reads.
    fn state(&self) -> MutexGuard<'_, State> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.settle(false);
        state
    }
}

fn cut<T>(rows: impl Iterator<Item = T>, limit: u32) -> Vec<T> {
    rows.take(usize::try_from(limit).unwrap_or(usize::MAX)).collect()
}

#[async_trait]
impl Commit for Memory {
    async fn commit(&self, writes: Vec<Write>) -> Stored<()> {
        // What SQL can't store is refused here too.
        write::Changes::of(writes.clone())?;
        let mut state = self.state();
        let result = writes.into_iter().try_for_each(|write| apply::apply(&mut state, write));
        state.settle(result.is_ok());
        result
    }

    async fn reserve(&self, counters: &[(CounterKey, Rule)], now: Timestamp) -> Stored<Tried> {
        let mut state = self.state();
        let found = |key: &CounterKey| Some((*key, state.counters.get(&key.0.0)?.0));
        let stored = counters.iter().filter_map(|(key, _)| found(key)).collect();
        let (reservation, counted) = reserve_all(&stored, counters, now);
        for (key, counter, expires) in counted {
            state.counters.put(key.0.0, (counter, expires));
        }
        state.settle(true);
        Ok(reservation)
    }

    async fn expire(&self, now: Timestamp, limit: u32) -> Stored<u64> {
        let mut state = self.state();
        let gone = expire::expire(&mut state, now, limit);
        state.settle(true);
        Ok(gone)
    }
}

#[async_trait]
impl Tenants for Memory {
    async fn tenant(&self, id: &TenantId) -> Stored<Option<Arc<Tenant>>> {
        Ok(self.state().tenants.get(id).cloned().map(Arc::new))
    }

    async fn tenants(&self, after: Option<&TenantId>, limit: u32) -> Stored<Vec<Tenant>> {
        let from = after.map_or(Bound::Unbounded, |id| Bound::Excluded(id.clone()));
        let state = self.state();
        Ok(cut(state.tenants.range((from, Bound::Unbounded)).map(|(_, tenant)| tenant.clone()), limit))
    }

    async fn keys(&self, tenant: &TenantId) -> Stored<Vec<WrappedKey>> {
        let range = (tenant.clone(), i64::MIN)..=(tenant.clone(), i64::MAX);
        Ok(self.state().keys.range(range).rev().map(|(_, key)| key.clone()).collect())
    }
}

#[async_trait]
impl People for Memory {
    async fn person(&self, tenant: &TenantId, id: PersonId) -> Stored<Option<Person>> {
        Ok(self.state().person(tenant, id).map(|(person, _)| person.clone()))
    }

    async fn person_by_username(&self, tenant: &TenantId, key: &str) -> Stored<Option<Person>> {
        let state = self.state();
        let id = state.usernames.get(&(tenant.clone(), key.to_owned()));
        Ok(id.and_then(|id| state.people.get(id)).map(|(person, _)| person.clone()))
    }

    async fn person_by_email(&self, tenant: &TenantId, key: &str) -> Stored<Option<Person>> {
        let state = self.state();
        let id = state.emails.get(&(tenant.clone(), key.to_owned()));
        Ok(id.and_then(|id| state.people.get(id)).map(|(person, _)| person.clone()))
    }

    async fn people(&self, tenant: &TenantId, after: Option<PersonId>, limit: u32) -> Stored<Vec<Person>> {
        let state = self.state();
        let from = after.map_or(Bound::Unbounded, Bound::Excluded);
        let of_tenant = state.people.range((from, Bound::Unbounded)).map(|(_, (person, _))| person);
        Ok(cut(of_tenant.filter(|person| person.tenant == *tenant).cloned(), limit))
    }

    async fn people_like(&self, tenant: &TenantId, search: &Search) -> Stored<(Vec<Person>, u64)> {
        Ok(people::like(&self.state(), tenant, search))
    }
}

#[async_trait]
impl Credentials for Memory {
    async fn credentials(&self, tenant: &TenantId, person: PersonId) -> Stored<Vec<StoredCredential>> {
        let state = self.state();
        let ids = state.credential_ids(tenant, person);
        let mut found: Vec<_> = ids.iter().filter_map(|id| state.credentials.get(id).cloned()).collect();
        found.sort_by_key(|credential| (credential.created, credential.id));
        Ok(found)
    }

    async fn credential_by_lookup(
        &self,
        tenant: &TenantId,
        authenticator: &str,
        key: &LookupKey,
    ) -> Stored<Option<StoredCredential>> {
        let state = self.state();
        let id = state.lookups.get(&(tenant.clone(), authenticator.to_owned(), key.0.clone()));
        Ok(id.and_then(|id| state.credentials.get(id)).cloned())
    }

    async fn credentials_not_at(
        &self,
        authenticator: &str,
        version: u32,
        after: Option<CredentialId>,
        limit: u32,
    ) -> Stored<Vec<StoredCredential>> {
        let state = self.state();
        let from = after.map_or(Bound::Unbounded, Bound::Excluded);
        let all = state.credentials.range((from, Bound::Unbounded)).map(|(_, credential)| credential);
        let wanted = all.filter(|c| c.authenticator == authenticator && c.document_version != version);
        Ok(cut(wanted.cloned(), limit))
    }
}

#[async_trait]
impl Transactions for Memory {
    async fn transaction(&self, handle: &HashedToken) -> Stored<Option<Transaction>> {
        let state = self.state();
        Ok(state.handles.get(&handle.0).and_then(|id| state.transactions.get(id)).cloned())
    }

    async fn transaction_by_wake(
        &self,
        authenticator: &str,
        key: &LookupKey,
        now: Timestamp,
    ) -> Stored<Option<Transaction>> {
        let state = self.state();
        let name = (authenticator.to_owned(), key.0.clone());
        let range = (name.clone(), TransactionId(LEAST))..=(name, TransactionId(GREATEST));
        let mut waiting =
            state.wakes.range(range).rev().filter_map(|((_, id), ())| state.transactions.get(id));
        Ok(waiting.find(|transaction| transaction.expires > now).cloned())
    }
}

#[async_trait]
impl Sessions for Memory {
    async fn token(&self, hash: &HashedToken) -> Stored<Option<Arc<StoredToken>>> {
        Ok(self.state().tokens.get(&hash.0).cloned().map(Arc::new))
    }

    async fn token_with_session(
        &self,
        hash: &HashedToken,
    ) -> Stored<Option<(Arc<StoredToken>, Arc<Session>)>> {
        let state = self.state();
        let token = state.tokens.get(&hash.0).cloned();
        let found = token.and_then(|token| Some((state.sessions.get(&token.session).cloned()?, token)));
        Ok(found.map(|(session, token)| (Arc::new(token), Arc::new(session))))
    }

    async fn session(&self, id: SessionId) -> Stored<Option<Arc<Session>>> {
        Ok(self.state().sessions.get(&id).cloned().map(Arc::new))
    }

    async fn sessions_of(&self, tenant: &TenantId, person: PersonId) -> Stored<Vec<Session>> {
        let state = self.state();
        let ids = state.session_ids(tenant, person);
        let mut found: Vec<_> = ids.iter().filter_map(|id| state.sessions.get(id).cloned()).collect();
        found.sort_by_key(|session| Reverse((session.created, session.id)));
        Ok(cut(found.into_iter(), SHOWN))
    }
}

#[async_trait]
impl Documents for Memory {
    async fn document(
        &self,
        plugin: &str,
        tenant: &TenantId,
        key: &str,
        now: Timestamp,
    ) -> Stored<Option<(Vec<u8>, u64)>> {
        let state = self.state();
        let found = state.documents.get(&(plugin.to_owned(), tenant.clone(), key.to_owned()));
        Ok(found
            .filter(|document| document.is_there(now))
            .map(|document| (document.value.clone(), document.rev)))
    }
}

#[async_trait]
impl AuditLog for Memory {
    async fn audit(&self, tenant: &TenantId, filter: &Filter, limit: u32) -> Stored<Vec<Logged>> {
        let state = self.state();
        let range = (tenant.clone(), i64::MIN)..(tenant.clone(), filter.before.unwrap_or(i64::MAX));
        let newest_first = state.audit.range(range).rev().map(|(_, line)| line);
        Ok(cut(newest_first.filter(|line| filter.admits(&line.event)).cloned(), limit))
    }

    async fn audit_from(&self, tenant: &TenantId, after: i64, limit: u32) -> Stored<Vec<Logged>> {
        let state = self.state();
        let from = Bound::Excluded((tenant.clone(), after));
        let range = (from, Bound::Included((tenant.clone(), i64::MAX)));
        Ok(cut(state.audit.range(range).map(|(_, line)| line.clone()), limit))
    }

    async fn audit_head(&self, tenant: &TenantId) -> Stored<AuditHead> {
        Ok(self.state().heads.get(tenant).copied().unwrap_or_default())
    }
}

#[async_trait]
impl Store for Memory {
    async fn ping(&self) -> Stored<()> {
        Ok(())
    }

    async fn lead(&self, _: &str, _: Uuid, _: Duration) -> Stored<bool> {
        Ok(true)
    }

    async fn release(&self, _: &str, _: Uuid) -> Stored<()> {
        Ok(())
    }

    async fn close(&self) {}
}
