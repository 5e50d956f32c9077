//! People.

use super::{
    row::Row,
    statement::{Statement, args},
};
use gatewright_contract::{PersonId, TenantId};
use gatewright_core::{
    Person,
    store::{Stored, Subject},
};

/// What [`read`] reads, by name: `SELECT *` would break a running node when a newer one adds a column.
macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, tenant, username, display_name, email, administrator, disabled, created, rev",
            " FROM people ",
            $rest
        )
    };
}

pub(super) fn insert(p: Person, username_key: String) -> Statement {
    Statement::one(
        Subject::Person,
        "INSERT INTO people
           (id, tenant, username, username_key, display_name, email, administrator, disabled, created, rev)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        args![
            p.id,
            &p.tenant,
            p.username,
            username_key,
            p.display_name,
            p.email,
            p.administrator,
            p.disabled,
            p.created,
            p.rev,
        ],
    )
}

pub(super) fn replace(p: Person, username_key: String) -> Statement {
    Statement::one(
        Subject::Person,
        "UPDATE people SET username = $3, username_key = $4, display_name = $5, email = $6, administrator = $7,
           disabled = $8, created = $9, rev = $10
         WHERE id = $1 AND tenant = $2 AND rev = $11",
        args![
            p.id,
            &p.tenant,
            p.username,
            username_key,
            p.display_name,
            p.email,
            p.administrator,
            p.disabled,
            p.created,
            p.rev,
            p.rev.wrapping_sub(1),
        ],
    )
}

/// Writes the row as it is: that makes every database hold it until the end of the transaction.
pub(super) fn unchanged(tenant: &TenantId, id: PersonId, rev: i64) -> Statement {
    Statement::one(
        Subject::Person,
        "UPDATE people SET rev = rev WHERE tenant = $1 AND id = $2 AND rev = $3",
        args![tenant, id, rev],
    )
}

pub(super) fn by_id(tenant: &TenantId, id: PersonId) -> Statement {
    Statement::any(select!("WHERE tenant = $1 AND id = $2"), args![tenant, id])
}

pub(super) fn by_username(tenant: &TenantId, key: &str) -> Statement {
    Statement::any(select!("WHERE tenant = $1 AND username_key = $2"), args![tenant, key])
}

pub(super) fn page(tenant: &TenantId, after: Option<PersonId>, limit: u32) -> Statement {
    match after {
        Some(after) => Statement::any(
            select!("WHERE tenant = $1 AND id > $2 ORDER BY id LIMIT $3"),
            args![tenant, after, limit],
        ),
        None => Statement::any(select!("WHERE tenant = $1 ORDER BY id LIMIT $2"), args![tenant, limit]),
    }
}

pub(super) fn read(row: &impl Row) -> Stored<Person> {
    Ok(Person {
        id: row.id("id")?,
        tenant: row.tenant("tenant")?,
        username: row.text("username")?,
        display_name: row.maybe_text("display_name")?,
        email: row.maybe_text("email")?,
        administrator: row.bool("administrator")?,
        disabled: row.bool("disabled")?,
        created: row.time("created")?,
        rev: row.int("rev")?,
    })
}
