//! The audit log: lines, and where the chain of each tenant stands.
//!
//! A line is linked to the one before it inside the transaction that writes it: the backend reads the head
//! ([`head`]), follows it ([`AuditHead::follow`]) and writes both ([`insert`], [`put_head`]).

use super::{
    row::{Row, damaged},
    statement::{Statement, args},
};
use gatewright_contract::TenantId;
use gatewright_core::{
    audit::{AuditHead, Event, Filter, Hash, Logged},
    store::{Stored, Subject},
};

/// What [`read`] reads, by name: `SELECT *` would break a running node when a newer one adds a column.
macro_rules! select {
    ($($rest:expr),*) => {
        concat!(
            "SELECT number, tenant, at, kind, person, actor, session, authenticator, target, outcome, door,",
            " address, request_id, hash FROM audit ",
            $($rest),*
        )
    };
}

/// The rest of a filter; a part that is null lets everything through.
macro_rules! filtered {
    ($first:literal) => {
        select!(
            $first,
            " AND ($3 IS NULL OR person = $3) AND ($4 IS NULL OR actor = $4) AND ($5 IS NULL OR kind = $5)
              AND ($6 IS NULL OR substr(kind, 1, length($6)) = $6) AND ($7 IS NULL OR outcome = $7)
              AND ($8 IS NULL OR at >= $8) AND ($9 IS NULL OR at < $9)
              ORDER BY number DESC LIMIT $10"
        )
    };
}

pub(crate) fn insert(line: Logged) -> Statement {
    let e = line.event;
    Statement::any(
        "INSERT INTO audit (tenant, number, at, kind, person, actor, session, authenticator, target, outcome, door,
           address, request_id, hash)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
        args![
            &e.tenant,
            line.number,
            e.at,
            e.kind,
            e.person,
            e.actor,
            e.session,
            e.authenticator,
            e.target,
            e.outcome,
            e.door,
            e.address,
            e.request_id,
            line.hash.map(|hash| hash.to_vec()),
        ],
    )
}

/// Makes the row of a tenant that has none, so that [`head`] finds (and holds) one.
pub(crate) fn make_head(tenant: &TenantId) -> Statement {
    let none = AuditHead::default();
    Statement::any(
        "INSERT INTO audit_heads (tenant, number, hash, anchor, anchor_hash) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (tenant) DO NOTHING",
        args![tenant, none.number, none.hash.to_vec(), none.anchor, none.anchor_hash.to_vec()],
    )
}

pub(crate) fn put_head(tenant: &TenantId, head: &AuditHead) -> Statement {
    Statement::any(
        "UPDATE audit_heads SET number = $2, hash = $3 WHERE tenant = $1",
        args![tenant, head.number, head.hash.to_vec()],
    )
}

pub(crate) fn head(tenant: &TenantId) -> Statement {
    Statement::any(
        "SELECT number, hash, anchor, anchor_hash FROM audit_heads WHERE tenant = $1",
        args![tenant],
    )
}

/// Moves the anchor to a line that is there and belongs to the chain (or is older than it), and deletes up to it.
pub(super) fn prune(tenant: &TenantId, number: i64) -> [Statement; 2] {
    [
        Statement::one(
            Subject::Audit,
            "UPDATE audit_heads SET anchor = $2,
               anchor_hash = (SELECT hash FROM audit WHERE tenant = $1 AND number = $2)
             WHERE tenant = $1 AND anchor < $2
               AND EXISTS (SELECT 1 FROM audit WHERE tenant = $1 AND number = $2 AND hash IS NOT NULL)",
            args![tenant, number],
        ),
        Statement::any("DELETE FROM audit WHERE tenant = $1 AND number <= $2", args![tenant, number]),
    ]
}

/// Each text begins with what the index of its first part is for.
pub(super) fn page(tenant: &TenantId, filter: &Filter, limit: u32) -> Statement {
    let Filter { before, person, actor, kind, outcome, from, until } = filter.clone();
    let sql = match (person, actor, &kind) {
        (Some(_), ..) => filtered!("WHERE tenant = $1 AND person = $3 AND number < $2"),
        (_, Some(_), _) => filtered!("WHERE tenant = $1 AND actor = $4 AND number < $2"),
        (.., Some(kind)) if !kind.ends_with(".*") => {
            filtered!("WHERE tenant = $1 AND kind = $5 AND number < $2")
        }
        _ => filtered!("WHERE tenant = $1 AND number < $2"),
    };
    let (kind, noun) = match kind {
        Some(kind) => match kind.strip_suffix('*').filter(|noun| noun.ends_with('.')) {
            Some(noun) => (None, Some(noun.to_owned())),
            None => (Some(kind), None),
        },
        None => (None, None),
    };
    let before = before.unwrap_or(i64::MAX);
    Statement::any(sql, args![tenant, before, person, actor, kind, noun, outcome, from, until, limit])
}

pub(super) fn page_from(tenant: &TenantId, after: i64, limit: u32) -> Statement {
    Statement::any(
        select!("WHERE tenant = $1 AND number > $2 ORDER BY number LIMIT $3"),
        args![tenant, after, limit],
    )
}

pub(super) fn read(row: &impl Row) -> Stored<Logged> {
    let event = Event {
        tenant: row.tenant("tenant")?,
        at: row.time("at")?,
        kind: row.text("kind")?,
        person: row.maybe_id("person")?,
        actor: row.maybe_id("actor")?,
        session: row.maybe_id("session")?,
        authenticator: row.maybe_text("authenticator")?,
        target: row.maybe_text("target")?,
        outcome: row.text("outcome")?,
        door: row.text("door")?,
        address: row.maybe_text("address")?,
        request_id: row.text("request_id")?,
    };
    let hash = row.maybe_blob("hash")?.map(|bytes| to_hash("hash", &bytes)).transpose()?;
    Ok(Logged { number: row.int("number")?, event, hash })
}

pub(crate) fn read_head(row: &impl Row) -> Stored<AuditHead> {
    Ok(AuditHead {
        number: row.int("number")?,
        hash: to_hash("hash", &row.blob("hash")?)?,
        anchor: row.int("anchor")?,
        anchor_hash: to_hash("anchor_hash", &row.blob("anchor_hash")?)?,
    })
}

fn to_hash(column: &str, bytes: &[u8]) -> Stored<Hash> {
    bytes.try_into().map_err(|_| damaged(column))
}
