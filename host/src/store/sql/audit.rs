//! The audit log.

use super::{
    row::Row,
    statement::{Statement, args},
};
use gatewright_contract::TenantId;
use gatewright_core::{audit::Event, store::Stored};

/// What [`read`] reads, by name: `SELECT *` would break a running node when a newer one adds a column.
macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT number, tenant, at, kind, person, actor, session, authenticator, outcome, door, address, request_id",
            " FROM audit ",
            $rest
        )
    };
}

/// The database gives the number.
pub(super) fn insert(e: Event) -> Statement {
    Statement::any(
        "INSERT INTO audit
           (tenant, at, kind, person, actor, session, authenticator, outcome, door, address, request_id)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        args![
            &e.tenant,
            e.at,
            e.kind,
            e.person,
            e.actor,
            e.session,
            e.authenticator,
            e.outcome,
            e.door,
            e.address,
            e.request_id,
        ],
    )
}

pub(super) fn page(tenant: &TenantId, before: Option<i64>, limit: u32) -> Statement {
    Statement::any(
        select!("WHERE tenant = $1 AND number < $2 ORDER BY number DESC LIMIT $3"),
        args![tenant, before.unwrap_or(i64::MAX), limit],
    )
}

pub(super) fn read(row: &impl Row) -> Stored<(i64, Event)> {
    let event = Event {
        tenant: row.tenant("tenant")?,
        at: row.time("at")?,
        kind: row.text("kind")?,
        person: row.maybe_id("person")?,
        actor: row.maybe_id("actor")?,
        session: row.maybe_id("session")?,
        authenticator: row.maybe_text("authenticator")?,
        outcome: row.text("outcome")?,
        door: row.text("door")?,
        address: row.maybe_text("address")?,
        request_id: row.text("request_id")?,
    };
    Ok((row.int("number")?, event))
}
