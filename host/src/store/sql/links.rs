//! Links.

use super::{
    records::first,
    row::Row,
    statement::{Statement, args},
};
use gatewright_contract::TenantId;
use gatewright_core::store::{Link, Stored};
use uuid::Uuid;

pub(super) fn insert(link: Link) -> Statement {
    Statement::any(
        "INSERT INTO links (tenant, source, kind, target) VALUES ($1, $2, $3, $4)
         ON CONFLICT (tenant, source, kind, target) DO NOTHING",
        args![&link.tenant, link.from, link.kind, link.to],
    )
}

pub(super) fn delete(link: Link) -> Statement {
    Statement::any(
        "DELETE FROM links WHERE tenant = $1 AND source = $2 AND kind = $3 AND target = $4",
        args![&link.tenant, link.from, link.kind, link.to],
    )
}

/// Two statements, so that each has its index.
pub(super) fn delete_of(tenant: &TenantId, id: Uuid) -> [Statement; 2] {
    [
        Statement::any("DELETE FROM links WHERE tenant = $1 AND source = $2", args![tenant, id]),
        Statement::any("DELETE FROM links WHERE tenant = $1 AND target = $2", args![tenant, id]),
    ]
}

pub(super) fn from(tenant: &TenantId, kind: &str, id: Uuid, after: Option<Uuid>, limit: u32) -> Statement {
    Statement::any(
        "SELECT target AS other FROM links
         WHERE tenant = $1 AND source = $2 AND kind = $3 AND target > $4 ORDER BY target LIMIT $5",
        args![tenant, id, kind, first(after), limit],
    )
}

pub(super) fn to(tenant: &TenantId, kind: &str, id: Uuid, after: Option<Uuid>, limit: u32) -> Statement {
    Statement::any(
        "SELECT source AS other FROM links
         WHERE tenant = $1 AND target = $2 AND kind = $3 AND source > $4 ORDER BY source LIMIT $5",
        args![tenant, id, kind, first(after), limit],
    )
}

pub(super) fn read(row: &impl Row) -> Stored<Uuid> {
    row.id("other")
}
