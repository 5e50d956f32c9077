//! Login transactions.

use super::{
    row::{Row, damaged, to_json},
    statement::{Statement, args},
};
use gatewright_contract::{LookupKey, Timestamp, TransactionId};
use gatewright_core::{
    store::{Stored, Subject},
    token::HashedToken,
    transaction::Transaction,
};

/// What [`read`] reads, by name: `SELECT *` would break a running node when a newer one adds a column.
macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, tenant, handle, wake_authenticator, wake_key, expires, rev, body",
            " FROM transactions ",
            $rest
        )
    };
}

pub(super) fn insert(t: Transaction) -> Stored<Statement> {
    let body = to_json(&t.body)?;
    let (wake_authenticator, wake_key) = t.wake.unzip();
    Ok(Statement::one(
        Subject::Transaction,
        "INSERT INTO transactions (id, tenant, handle, wake_authenticator, wake_key, expires, rev, body)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        args![t.id, &t.tenant, t.handle, wake_authenticator, wake_key, t.expires, t.rev, body],
    ))
}

pub(super) fn replace(t: Transaction) -> Stored<Statement> {
    let body = to_json(&t.body)?;
    let (wake_authenticator, wake_key) = t.wake.unzip();
    let before = t.rev.wrapping_sub(1);
    Ok(Statement::one(
        Subject::Transaction,
        "UPDATE transactions SET handle = $3, wake_authenticator = $4, wake_key = $5, expires = $6, rev = $7,
           body = $8
         WHERE id = $1 AND tenant = $2 AND rev = $9",
        args![t.id, &t.tenant, t.handle, wake_authenticator, wake_key, t.expires, t.rev, body, before],
    ))
}

pub(super) fn delete(id: TransactionId, rev: i64) -> Statement {
    Statement::one(
        Subject::Transaction,
        "DELETE FROM transactions WHERE id = $1 AND rev = $2",
        args![id, rev],
    )
}

pub(super) fn by_handle(handle: &HashedToken) -> Statement {
    Statement::any(select!("WHERE handle = $1"), args![*handle])
}

/// Where several wait under one name, the newest: an older one has been given up.
pub(super) fn by_wake(authenticator: &str, key: &LookupKey, now: Timestamp) -> Statement {
    Statement::any(
        select!("WHERE wake_authenticator = $1 AND wake_key = $2 AND expires > $3 ORDER BY id DESC LIMIT 1"),
        args![authenticator, key.0.as_str(), now],
    )
}

pub(super) fn read(row: &impl Row) -> Stored<Transaction> {
    let wake = match (row.maybe_text("wake_authenticator")?, row.maybe_lookup("wake_key")?) {
        (Some(authenticator), Some(key)) => Some((authenticator, key)),
        (None, None) => None,
        _ => return Err(damaged("wake_key")),
    };
    Ok(Transaction {
        id: row.id("id")?,
        tenant: row.tenant("tenant")?,
        handle: row.hash("handle")?,
        wake,
        expires: row.time("expires")?,
        rev: row.int("rev")?,
        body: row.json("body")?,
    })
}
