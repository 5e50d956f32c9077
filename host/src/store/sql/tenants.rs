//! Tenants.

use super::{
    row::{Row, to_json},
    statement::{Statement, args},
};
use gatewright_contract::TenantId;
use gatewright_core::{
    Tenant,
    store::{Stored, Subject},
};

pub(super) fn insert(t: Tenant) -> Stored<Statement> {
    let settings = t.settings.as_ref().map(to_json).transpose()?;
    Ok(Statement::one(
        Subject::Tenant,
        "INSERT INTO tenants (id, display_name, disabled, created, settings, rev)
         VALUES ($1, $2, $3, $4, $5, $6)",
        args![&t.id, t.display_name, t.disabled, t.created, settings, t.rev],
    ))
}

pub(super) fn replace(t: Tenant) -> Stored<Statement> {
    let settings = t.settings.as_ref().map(to_json).transpose()?;
    Ok(Statement::one(
        Subject::Tenant,
        "UPDATE tenants SET display_name = $2, disabled = $3, created = $4, settings = $5, rev = $6
         WHERE id = $1 AND rev = $7",
        args![&t.id, t.display_name, t.disabled, t.created, settings, t.rev, t.rev.wrapping_sub(1)],
    ))
}

pub(super) fn by_id(id: &TenantId) -> Statement {
    Statement::any(
        "SELECT id, display_name, disabled, created, settings, rev FROM tenants WHERE id = $1",
        args![id],
    )
}

pub(super) fn page(after: Option<&TenantId>, limit: u32) -> Statement {
    Statement::any(
        "SELECT id, display_name, disabled, created, settings, rev FROM tenants
         WHERE id > $1 ORDER BY id LIMIT $2",
        // Nobody is called by no letter.
        args![after.map_or("", TenantId::as_str), limit],
    )
}

pub(super) fn read(row: &impl Row) -> Stored<Tenant> {
    Ok(Tenant {
        id: row.tenant("id")?,
        display_name: row.text("display_name")?,
        disabled: row.bool("disabled")?,
        created: row.time("created")?,
        settings: row.maybe_json("settings")?,
        rev: row.int("rev")?,
    })
}
