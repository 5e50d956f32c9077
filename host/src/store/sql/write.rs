//! Every [`Write`] as one statement.

use super::{
    audit, counters, credentials,
    documents::{self, Put},
    keys, people, sessions,
    statement::Statement,
    tenants, tokens, transactions,
};
use gatewright_core::store::{StoreError, Stored, Write};

/// The statement that does it.
///
/// # Errors
/// When a text holds U+0000, which not every database can store.
pub(crate) fn statement(write: Write) -> Stored<Statement> {
    let statement = unchecked(write)?;
    if statement.has_nul() {
        return Err(StoreError::Broken("a text with the character U+0000 can't be stored".to_owned(), None));
    }
    Ok(statement)
}

fn unchecked(write: Write) -> Stored<Statement> {
    Ok(match write {
        Write::TenantInsert(tenant) => tenants::insert(tenant)?,
        Write::TenantReplace(tenant) => tenants::replace(tenant)?,
        Write::PersonInsert(person, username_key) => people::insert(person, username_key),
        Write::PersonReplace(person, username_key) => people::replace(person, username_key),
        Write::SessionThere(id) => sessions::there(id),
        Write::PersonUnchanged(tenant, id, rev) => people::unchanged(&tenant, id, rev),
        Write::CredentialInsert(credential) => credentials::insert(credential),
        Write::CredentialReplace(credential) => credentials::replace(credential),
        Write::CredentialDelete(id, rev) => credentials::delete(id, rev),
        Write::CredentialUnchanged(id, rev) => credentials::unchanged(id, rev),
        Write::CredentialTouch(id, at) => credentials::touch(id, at),
        Write::TransactionInsert(transaction) => transactions::insert(transaction)?,
        Write::TransactionReplace(transaction) => transactions::replace(transaction)?,
        Write::TransactionDelete(id, rev) => transactions::delete(id, rev),
        Write::SessionInsert(session) => sessions::insert(session)?,
        Write::SessionReplace(session) => sessions::replace(session)?,
        Write::SessionDelete(id) => sessions::delete(id),
        Write::SessionsOfPersonDelete { tenant, person, except } => {
            sessions::delete_of_person(&tenant, person, except)
        }
        Write::TokenInsert(token) => tokens::insert(token),
        Write::TokenSpend(hash, at) => tokens::spend(hash, at),
        Write::TokensSpendAll(session, at) => tokens::spend_all(session, at),
        Write::AccessTokensDelete(session) => tokens::delete_access(session),
        Write::CounterForgive(key, rule) => counters::forgive(key, &rule),
        Write::CounterClear(key) => counters::clear(key),
        Write::DocumentPut { plugin, tenant, key, expect, value, expires, now } => {
            let put = Put { plugin, tenant, key, value, expires, now };
            match expect {
                None => documents::put_new(put),
                Some(rev) => documents::put_over(put, rev),
            }
        }
        Write::KeyInsert(key) => keys::insert(key),
        Write::Audit(event) => audit::insert(event),
    })
}
