//! Linking lines of the audit log. The end of a tenant's chain is one row that a transaction holds until it is
//! over, so it is taken last and held for no more than the lines themselves.

use super::{
    commit::{Failed, execute},
    driver,
};
use crate::store::sql::{
    audit,
    statement::{Statement, args},
};
use gatewright_contract::TenantId;
use gatewright_core::audit::{AuditHead, Event};
use sqlx::PgConnection;
use std::collections::BTreeMap;

/// Writes the lines, each linked to the one before it.
pub(super) async fn link(connection: &mut PgConnection, events: &[Event]) -> Result<(), Failed> {
    let mut heads: BTreeMap<&TenantId, AuditHead> = BTreeMap::new();
    for event in events {
        heads.entry(&event.tenant).or_default();
    }
    // In the order of the tenants for all, so that no two wait for each other.
    for (tenant, head) in &mut heads {
        *head = held(connection, tenant).await?;
    }
    for event in events {
        let Some(head) = heads.get_mut(&event.tenant) else { continue };
        let (next, line) = head.follow(event.clone());
        execute(connection, &audit::insert(line)).await?;
        *head = next;
    }
    for (tenant, head) in &heads {
        execute(connection, &audit::put_head(tenant, head)).await?;
    }
    Ok(())
}

async fn held(connection: &mut PgConnection, tenant: &TenantId) -> Result<AuditHead, Failed> {
    if let Some(head) = hold(connection, tenant).await? {
        return Ok(head);
    }
    execute(connection, &audit::make_head(tenant)).await?;
    Ok(hold(connection, tenant).await?.unwrap_or_default())
}

async fn hold(connection: &mut PgConnection, tenant: &TenantId) -> Result<Option<AuditHead>, Failed> {
    let question = Statement::any(
        "SELECT number, hash, anchor, anchor_hash FROM audit_heads WHERE tenant = $1 FOR UPDATE",
        args![tenant],
    );
    let args = driver::bound(&question)?;
    let row = sqlx::query_with(question.sql, args).fetch_optional(connection).await?;
    row.as_ref().map(audit::read_head).transpose().map_err(Failed::Condition)
}
