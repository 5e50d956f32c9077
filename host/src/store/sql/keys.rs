//! Wrapped data keys.

use super::{
    row::Row,
    statement::{Statement, args},
};
use gatewright_contract::TenantId;
use gatewright_core::store::{Stored, Subject, WrappedKey};

/// The first key of a tenant: generation 1, which only one can be.
pub(super) fn insert(k: WrappedKey) -> Statement {
    Statement::one(
        Subject::Key,
        "INSERT INTO data_keys (id, tenant, generation, wrapped, created) VALUES ($1, $2, 1, $3, $4)",
        args![k.id, &k.tenant, k.wrapped, k.created],
    )
}

pub(super) fn of_tenant(tenant: &TenantId) -> Statement {
    Statement::any(
        "SELECT id, tenant, wrapped, created FROM data_keys WHERE tenant = $1 ORDER BY generation DESC",
        args![tenant],
    )
}

pub(super) fn read(row: &impl Row) -> Stored<WrappedKey> {
    Ok(WrappedKey {
        id: row.id("id")?,
        tenant: row.tenant("tenant")?,
        wrapped: row.blob("wrapped")?,
        created: row.time("created")?,
    })
}
