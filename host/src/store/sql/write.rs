//! Every [`Write`] as statements.

use super::{
    audit, counters, credentials,
    documents::{self, Put},
    keys, links, people, records, sessions,
    statement::Statement,
    tenants, tokens, transactions,
};
use gatewright_core::{
    audit::{AuditHead, Event},
    store::{StoreError, Stored, Write},
};

/// What a commit does in SQL.
#[derive(Clone, Debug, Default)]
pub(crate) struct Changes {
    /// In this order.
    pub(crate) statements: Vec<Statement>,
    /// Lines of the audit log, to be linked after the statements: the chain of a tenant is held no longer than
    /// it must be.
    pub(crate) events: Vec<Event>,
}

impl Changes {
    /// What these writes do.
    ///
    /// # Errors
    /// When a text holds U+0000, which not every database can store.
    pub(crate) fn of(writes: Vec<Write>) -> Stored<Self> {
        let mut changes = Self::default();
        let mut held = counters::hold(&writes);
        for write in writes {
            if counters::place(&write).is_some() {
                changes.statements.append(&mut held);
            }
            changes.add(write)?;
        }
        let lines = changes.events.iter().map(|e| audit::insert(AuditHead::default().follow(e.clone()).1));
        if changes.statements.iter().any(Statement::has_nul) || lines.into_iter().any(|line| line.has_nul()) {
            return Err(StoreError::Broken(
                "a text with the character U+0000 can't be stored".to_owned(),
                None,
            ));
        }
        Ok(changes)
    }

    /// Whether there is nothing to do.
    pub(crate) fn is_empty(&self) -> bool {
        self.statements.is_empty() && self.events.is_empty()
    }

    fn add(&mut self, write: Write) -> Stored<()> {
        match write {
            Write::Audit(event) => self.events.push(event),
            Write::AuditPrune(tenant, number) => self.statements.extend(audit::prune(&tenant, number)),
            Write::PersonInsert(person, keys) => self.statements.extend(people::insert(person, keys)?),
            Write::PersonReplace(person, keys) => self.statements.extend(people::replace(person, keys)?),
            Write::LinksOfDelete(tenant, id) => self.statements.extend(links::delete_of(&tenant, id)),
            one => self.statements.extend(statement(one)?),
        }
        Ok(())
    }
}

/// Those that are one statement; the others are [`Changes::add`]'s.
fn statement(write: Write) -> Stored<Option<Statement>> {
    Ok(Some(match write {
        Write::TenantInsert(tenant) => tenants::insert(tenant)?,
        Write::TenantReplace(tenant) => tenants::replace(tenant)?,
        Write::PersonDelete(tenant, id, rev) => people::delete(&tenant, id, rev),
        Write::SessionThere(id) => sessions::there(id),
        Write::PersonUnchanged(tenant, id, rev) => people::unchanged(&tenant, id, rev),
        Write::CredentialInsert(credential) => credentials::insert(credential),
        Write::CredentialReplace(credential) => credentials::replace(credential),
        Write::CredentialDelete(id, rev) => credentials::delete(id, rev),
        Write::CredentialsOfDelete(tenant, person, authenticator) => {
            credentials::delete_of(&tenant, person, authenticator)
        }
        Write::CredentialUnchanged(id, rev) => credentials::unchanged(id, rev),
        Write::CredentialTouch(id, at) => credentials::touch(id, at),
        Write::TransactionInsert(transaction) => transactions::insert(transaction)?,
        Write::TransactionReplace(transaction) => transactions::replace(transaction)?,
        Write::TransactionDelete(id, rev) => transactions::delete(id, rev),
        Write::SessionInsert(session) => sessions::insert(session)?,
        Write::SessionReplace(session) => sessions::replace(session)?,
        Write::SessionSeen(id, at) => sessions::seen(id, at),
        Write::SessionDelete(id) => sessions::delete(id),
        Write::SessionsOfPersonDelete { tenant, person, except } => {
            sessions::delete_of_person(&tenant, person, except)
        }
        Write::TokenInsert(token) => tokens::insert(token),
        Write::TokenSpend(hash, at) => tokens::spend(hash, at),
        Write::TokensSpendAll(session, at) => tokens::spend_all(session, at),
        Write::AccessTokensDelete(session) => tokens::delete_access(session),
        Write::CounterForgive(key, rule) => counters::forgive(key, &rule),
        Write::CounterRefund(refund) => counters::refund(&refund),
        Write::CounterClear(key) => counters::clear(key),
        Write::DocumentPut { plugin, tenant, key, expect, value, expires, now } => {
            let put = Put { plugin, tenant, key, value, expires, now };
            match expect {
                None => documents::put_new(put),
                Some(rev) => documents::put_over(put, rev),
            }
        }
        Write::KeyInsert(key) => keys::insert(key),
        Write::KeyRewrap { id, from, to } => keys::rewrap(id, from, to),
        Write::RecordInsert(record) => records::insert(record),
        Write::RecordReplace(record) => records::replace(record),
        Write::RecordDelete(tenant, kind, id, rev) => records::delete(&tenant, kind, id, rev),
        Write::RecordUnchanged(tenant, kind, id, rev) => records::unchanged(&tenant, kind, id, rev),
        Write::RecordsOfDelete(tenant, owner) => records::delete_of(&tenant, owner),
        Write::RecordsOfKindDelete(tenant, kind, owner) => records::delete_kind_of(&tenant, kind, owner),
        Write::LinkInsert(link) => links::insert(link),
        Write::LinkDelete(link) => links::delete(link),
        Write::Audit(_)
        | Write::AuditPrune(..)
        | Write::PersonInsert(..)
        | Write::PersonReplace(..)
        | Write::LinksOfDelete(..) => return Ok(None),
    }))
}
