//! Records.

use super::{
    row::Row,
    statement::{Statement, args},
};
use gatewright_contract::{TenantId, Timestamp};
use gatewright_core::store::{Record, Stored, Subject};
use uuid::Uuid;

/// What [`read`] reads, by name: `SELECT *` would break a running node when a newer one adds a column.
macro_rules! select {
    ($rest:literal) => {
        concat!("SELECT id, tenant, kind, key, owner, due, body, created, rev", " FROM records ", $rest)
    };
}

pub(super) fn insert(r: Record) -> Statement {
    Statement::one(
        Subject::Record,
        "INSERT INTO records (id, tenant, kind, key, owner, due, body, created, rev)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        args![r.id, &r.tenant, r.kind, r.key, r.owner, r.due, r.body, r.created, r.rev],
    )
}

pub(super) fn replace(r: Record) -> Statement {
    Statement::one(
        Subject::Record,
        "UPDATE records SET key = $4, owner = $5, due = $6, body = $7, created = $8, rev = $9
         WHERE id = $1 AND tenant = $2 AND kind = $3 AND rev = $10",
        args![
            r.id,
            &r.tenant,
            r.kind,
            r.key,
            r.owner,
            r.due,
            r.body,
            r.created,
            r.rev,
            r.rev.wrapping_sub(1),
        ],
    )
}

pub(super) fn delete(tenant: &TenantId, kind: String, id: Uuid, rev: i64) -> Statement {
    Statement::one(
        Subject::Record,
        "DELETE FROM records WHERE id = $1 AND tenant = $2 AND kind = $3 AND rev = $4",
        args![id, tenant, kind, rev],
    )
}

/// Writes the row as it is: that makes every database hold it until the end of the transaction.
pub(super) fn unchanged(tenant: &TenantId, kind: String, id: Uuid, rev: i64) -> Statement {
    Statement::one(
        Subject::Record,
        "UPDATE records SET rev = rev WHERE id = $1 AND tenant = $2 AND kind = $3 AND rev = $4",
        args![id, tenant, kind, rev],
    )
}

pub(super) fn delete_of(tenant: &TenantId, owner: Uuid) -> Statement {
    Statement::any("DELETE FROM records WHERE tenant = $1 AND owner = $2", args![tenant, owner])
}

pub(super) fn delete_kind_of(tenant: &TenantId, kind: String, owner: Uuid) -> Statement {
    Statement::any(
        "DELETE FROM records WHERE tenant = $1 AND owner = $2 AND kind = $3",
        args![tenant, owner, kind],
    )
}

pub(super) fn by_id(tenant: &TenantId, kind: &str, id: Uuid) -> Statement {
    Statement::any(select!("WHERE id = $1 AND tenant = $2 AND kind = $3"), args![id, tenant, kind])
}

pub(super) fn by_key(tenant: &TenantId, kind: &str, key: &str) -> Statement {
    Statement::any(select!("WHERE tenant = $1 AND kind = $2 AND key = $3"), args![tenant, kind, key])
}

pub(super) fn page(tenant: &TenantId, kind: &str, after: Option<Uuid>, limit: u32) -> Statement {
    Statement::any(
        select!("WHERE tenant = $1 AND kind = $2 AND id > $3 ORDER BY id LIMIT $4"),
        args![tenant, kind, first(after), limit],
    )
}

pub(super) fn page_of(
    tenant: &TenantId,
    kind: &str,
    owner: Uuid,
    after: Option<Uuid>,
    limit: u32,
) -> Statement {
    Statement::any(
        select!("WHERE tenant = $1 AND owner = $2 AND kind = $3 AND id > $4 ORDER BY id LIMIT $5"),
        args![tenant, owner, kind, first(after), limit],
    )
}

pub(super) fn newest_of(
    tenant: &TenantId,
    kind: &str,
    owner: Uuid,
    before: Option<Uuid>,
    limit: u32,
) -> Statement {
    // Nothing has the id of only ones either.
    let before = before.unwrap_or(Uuid::max());
    Statement::any(
        select!("WHERE tenant = $1 AND owner = $2 AND kind = $3 AND id < $4 ORDER BY id DESC LIMIT $5"),
        args![tenant, owner, kind, before, limit],
    )
}

pub(super) fn one_after(tenant: &TenantId, kind: &str, count: u32) -> Statement {
    Statement::any(
        "SELECT id FROM records WHERE tenant = $1 AND kind = $2 ORDER BY id LIMIT 1 OFFSET $3",
        args![tenant, kind, count],
    )
}

pub(super) fn page_everywhere(kind: &str, after: Option<Uuid>, limit: u32) -> Statement {
    Statement::any(
        select!("WHERE kind = $1 AND id > $2 ORDER BY id LIMIT $3"),
        args![kind, first(after), limit],
    )
}

pub(super) fn due(kind: &str, now: Timestamp, limit: u32) -> Statement {
    Statement::any(
        select!("WHERE kind = $1 AND due <= $2 ORDER BY due, id LIMIT $3"),
        args![kind, now, limit],
    )
}

/// Nothing has the id of only zeros.
pub(super) fn first(after: Option<Uuid>) -> Uuid {
    after.unwrap_or_default()
}

pub(super) fn read(row: &impl Row) -> Stored<Record> {
    Ok(Record {
        tenant: row.tenant("tenant")?,
        kind: row.text("kind")?,
        id: row.id("id")?,
        key: row.maybe_text("key")?,
        owner: row.maybe_id("owner")?,
        due: row.maybe_time("due")?,
        body: row.text("body")?,
        created: row.time("created")?,
        rev: row.int("rev")?,
    })
}
