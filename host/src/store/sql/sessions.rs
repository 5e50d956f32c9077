//! Sessions.

use super::{
    row::{Row, to_json},
    statement::{Statement, args},
};
use gatewright_contract::{PersonId, SessionId, TenantId, Timestamp};
use gatewright_core::{
    Session,
    store::{Stored, Subject},
};
use std::time::Duration;

/// What [`read`] reads, by name: `SELECT *` would break a running node when a newer one adds a column.
macro_rules! columns {
    () => {
        "id, tenant, person, created, authenticated, last_seen, expires, acr, amr, door, client, address, user_agent, \
         idle_seconds, rev, second_factor"
    };
}
pub(super) use columns;

macro_rules! select {
    ($rest:literal) => {
        concat!("SELECT ", columns!(), " FROM sessions ", $rest)
    };
}

/// How many [`gatewright_core::store::Sessions::sessions_of`] shows.
pub(crate) const SHOWN: u32 = 200;

/// When it is over unless it is used again: what [`Session::is_over`] says, as a column.
pub(crate) fn ends(s: &Session) -> Timestamp {
    s.expires.min(s.last_seen.plus(Duration::from_secs(u64::from(s.idle_seconds))))
}

pub(super) fn insert(s: Session) -> Stored<Statement> {
    let (ends, amr) = (ends(&s), to_json(&s.amr)?);
    Ok(Statement::one(
        Subject::Session,
        "INSERT INTO sessions (id, tenant, person, created, authenticated, last_seen, expires, ends, acr, amr,
           door, client, address, user_agent, idle_seconds, rev, second_factor)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)",
        args![
            s.id,
            &s.tenant,
            s.person,
            s.created,
            s.authenticated,
            s.last_seen,
            s.expires,
            ends,
            s.acr,
            amr,
            s.door,
            s.client,
            s.address,
            s.user_agent,
            s.idle_seconds,
            s.rev,
            s.second_factor,
        ],
    )
    .referring_to(Subject::Person))
}

/// Whose it is never changes.
pub(super) fn replace(s: Session) -> Stored<Statement> {
    let (ends, amr) = (ends(&s), to_json(&s.amr)?);
    Ok(Statement::one(
        Subject::Session,
        "UPDATE sessions SET created = $4, authenticated = $5, last_seen = $6, expires = $7, ends = $8, acr = $9,
           amr = $10, door = $11, client = $12, address = $13, user_agent = $14, idle_seconds = $15, rev = $16,
           second_factor = $18
         WHERE id = $1 AND tenant = $2 AND person = $3 AND rev = $17",
        args![
            s.id,
            &s.tenant,
            s.person,
            s.created,
            s.authenticated,
            s.last_seen,
            s.expires,
            ends,
            s.acr,
            amr,
            s.door,
            s.client,
            s.address,
            s.user_agent,
            s.idle_seconds,
            s.rev,
            s.rev.wrapping_sub(1),
            s.second_factor,
        ],
    ))
}

/// Forwards only, with the end by idleness that follows: [`ends`] in SQL, which the suite holds against it.
pub(super) fn seen(id: SessionId, at: Timestamp) -> Statement {
    Statement::one(
        Subject::Session,
        "UPDATE sessions SET rev = rev + 1,
           last_seen = CASE WHEN last_seen < $2 THEN $2 ELSE last_seen END,
           ends = CASE WHEN last_seen >= $2 THEN ends
             WHEN $2 + idle_seconds * 1000000 < expires THEN $2 + idle_seconds * 1000000 ELSE expires END
         WHERE id = $1",
        args![id, at],
    )
}

/// Changes nothing: a condition.
pub(super) fn there(id: SessionId) -> Statement {
    Statement::one(Subject::Session, "UPDATE sessions SET rev = rev WHERE id = $1", args![id])
}

/// Its tokens go with it.
pub(super) fn delete(id: SessionId) -> Statement {
    Statement::any("DELETE FROM sessions WHERE id = $1", args![id])
}

pub(super) fn delete_of_person(tenant: &TenantId, person: PersonId, except: Option<SessionId>) -> Statement {
    match except {
        Some(except) => Statement::any(
            "DELETE FROM sessions WHERE tenant = $1 AND person = $2 AND id <> $3",
            args![tenant, person, except],
        ),
        None => {
            Statement::any("DELETE FROM sessions WHERE tenant = $1 AND person = $2", args![tenant, person])
        }
    }
}

pub(super) fn by_id(id: SessionId) -> Statement {
    Statement::any(select!("WHERE id = $1"), args![id])
}

pub(super) fn of_person(tenant: &TenantId, person: PersonId) -> Statement {
    Statement::any(
        select!("WHERE tenant = $1 AND person = $2 ORDER BY created DESC, id DESC LIMIT $3"),
        args![tenant, person, SHOWN],
    )
}

pub(super) fn read(row: &impl Row) -> Stored<Session> {
    Ok(Session {
        id: row.id("id")?,
        tenant: row.tenant("tenant")?,
        person: row.id("person")?,
        created: row.time("created")?,
        authenticated: row.time("authenticated")?,
        last_seen: row.time("last_seen")?,
        expires: row.time("expires")?,
        acr: row.text("acr")?,
        amr: row.json("amr")?,
        second_factor: row.bool("second_factor")?,
        door: row.text("door")?,
        client: row.maybe_text("client")?,
        address: row.maybe_text("address")?,
        user_agent: row.maybe_text("user_agent")?,
        idle_seconds: row.u32("idle_seconds")?,
        rev: row.int("rev")?,
    })
}
