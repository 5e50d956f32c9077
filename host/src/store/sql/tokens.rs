//! Tokens of sessions.

use super::{
    row::{Row, damaged},
    sessions,
    statement::{Statement, args},
};
use gatewright_contract::{SessionId, Timestamp};
use gatewright_core::{
    Session,
    session::{StoredToken, TokenKind},
    store::{Stored, Subject},
    token::HashedToken,
};
use std::time::Duration;

/// What [`read`] reads, by name: `SELECT *` would break a running node when a newer one adds a column.
macro_rules! select {
    ($rest:literal) => {
        concat!("SELECT hash, kind, session, tenant, expires, spent, binding", " FROM tokens ", $rest)
    };
}

/// How long a second use of a spent token is told from an unknown token.
pub(crate) const SPENT_STAYS: Duration = Duration::from_secs(24 * 60 * 60);

pub(super) fn insert(t: StoredToken) -> Statement {
    Statement::one(
        Subject::Token,
        "INSERT INTO tokens (hash, kind, session, tenant, expires, spent, binding)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        args![t.hash, t.kind.as_str(), t.session, &t.tenant, t.expires, t.spent, t.binding],
    )
    .referring_to(Subject::Session)
}

/// It stays for a while, so that a second use is noticed, but not as long as the session.
pub(super) fn spend(hash: HashedToken, at: Timestamp) -> Statement {
    Statement::one(
        Subject::Token,
        "UPDATE tokens SET spent = $2, expires = CASE WHEN expires > $3 THEN $3 ELSE expires END
         WHERE hash = $1 AND spent IS NULL",
        args![hash, at, at.plus(SPENT_STAYS)],
    )
}

/// Those that are spent already keep their time.
pub(super) fn spend_all(session: SessionId, at: Timestamp) -> Statement {
    Statement::any("UPDATE tokens SET spent = $2 WHERE session = $1 AND spent IS NULL", args![session, at])
}

pub(super) fn delete_access(session: SessionId) -> Statement {
    Statement::any(
        "DELETE FROM tokens WHERE session = $1 AND kind = $2",
        args![session, TokenKind::Access.as_str()],
    )
}

pub(super) fn by_hash(hash: &HashedToken) -> Statement {
    Statement::any(select!("WHERE hash = $1"), args![*hash])
}

/// [`by_hash`] and the session in one question. What both tables call the same has another name for the token.
pub(super) fn with_session(hash: &HashedToken) -> Statement {
    Statement::any(
        concat!(
            "SELECT hash, kind, session, token_tenant, token_expires, spent, binding, ",
            sessions::columns!(),
            " FROM sessions JOIN (SELECT hash, kind, session, tenant AS token_tenant, expires AS token_expires, spent,
               binding FROM tokens WHERE hash = $1) AS shown ON id = session"
        ),
        args![*hash],
    )
}

pub(super) fn read_with_session(row: &impl Row) -> Stored<(StoredToken, Session)> {
    Ok((read_named(row, "token_tenant", "token_expires")?, sessions::read(row)?))
}

pub(super) fn read(row: &impl Row) -> Stored<StoredToken> {
    read_named(row, "tenant", "expires")
}

fn read_named(row: &impl Row, tenant: &str, expires: &str) -> Stored<StoredToken> {
    let kind = match row.text("kind")?.as_str() {
        word if word == TokenKind::Access.as_str() => TokenKind::Access,
        word if word == TokenKind::Session.as_str() => TokenKind::Session,
        _ => return Err(damaged("kind")),
    };
    Ok(StoredToken {
        hash: row.hash("hash")?,
        kind,
        session: row.id("session")?,
        tenant: row.tenant(tenant)?,
        expires: row.time(expires)?,
        spent: row.maybe_time("spent")?,
        binding: row.maybe_hash("binding")?,
    })
}
