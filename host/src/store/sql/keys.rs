//! Wrapped data keys.

use super::{
    row::Row,
    statement::{Statement, args},
};
use gatewright_contract::TenantId;
use gatewright_core::store::{Stored, Subject, WrappedKey};
use uuid::Uuid;

/// Of two nodes that make the same generation at once, one fails.
pub(super) fn insert(k: WrappedKey) -> Statement {
    Statement::one(
        Subject::Key,
        "INSERT INTO data_keys (id, tenant, generation, wrapped, created) VALUES ($1, $2, $3, $4, $5)",
        args![k.id, &k.tenant, k.generation, k.wrapped, k.created],
    )
}

pub(super) fn rewrap(id: Uuid, from: Vec<u8>, to: Vec<u8>) -> Statement {
    Statement::one(
        Subject::Key,
        "UPDATE data_keys SET wrapped = $3 WHERE id = $1 AND wrapped = $2",
        args![id, from, to],
    )
}

pub(super) fn of_tenant(tenant: &TenantId) -> Statement {
    Statement::any(
        "SELECT id, tenant, generation, wrapped, created FROM data_keys WHERE tenant = $1 ORDER BY generation DESC",
        args![tenant],
    )
}

pub(super) fn read(row: &impl Row) -> Stored<WrappedKey> {
    Ok(WrappedKey {
        id: row.id("id")?,
        tenant: row.tenant("tenant")?,
        generation: row.int("generation")?,
        wrapped: row.blob("wrapped")?,
        created: row.time("created")?,
    })
}
