//! Credentials.

use super::{
    row::Row,
    statement::{Statement, args},
};
use gatewright_contract::{CredentialId, LookupKey, PersonId, TenantId, Timestamp};
use gatewright_core::{
    credential::StoredCredential,
    store::{Stored, Subject},
};
use uuid::Uuid;

/// What [`read`] reads, by name: `SELECT *` would break a running node when a newer one adds a column.
macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, tenant, person, authenticator, lookup, label, sealed, document_version, created, last_used, rev",
            " FROM credentials ",
            $rest
        )
    };
}

pub(super) fn insert(c: StoredCredential) -> Statement {
    Statement::one(
        Subject::Credential,
        "INSERT INTO credentials
           (id, tenant, person, authenticator, lookup, label, sealed, document_version, created, last_used, rev)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        args![
            c.id,
            &c.tenant,
            c.person,
            c.authenticator,
            c.lookup,
            c.label,
            c.sealed,
            c.document_version,
            c.created,
            c.last_used,
            c.rev,
        ],
    )
    .referring_to(Subject::Person)
}

/// Whose it is and with which authenticator never changes: the seal is bound to both.
pub(super) fn replace(c: StoredCredential) -> Statement {
    Statement::one(
        Subject::Credential,
        "UPDATE credentials SET lookup = $5, label = $6, sealed = $7, document_version = $8, created = $9,
           last_used = $10, rev = $11
         WHERE id = $1 AND tenant = $2 AND person = $3 AND authenticator = $4 AND rev = $12",
        args![
            c.id,
            &c.tenant,
            c.person,
            c.authenticator,
            c.lookup,
            c.label,
            c.sealed,
            c.document_version,
            c.created,
            c.last_used,
            c.rev,
            c.rev.wrapping_sub(1),
        ],
    )
}

pub(super) fn delete(id: CredentialId, rev: i64) -> Statement {
    Statement::one(Subject::Credential, "DELETE FROM credentials WHERE id = $1 AND rev = $2", args![id, rev])
}

pub(super) fn delete_of(tenant: &TenantId, person: PersonId, authenticator: String) -> Statement {
    Statement::any(
        "DELETE FROM credentials WHERE tenant = $1 AND person = $2 AND authenticator = $3",
        args![tenant, person, authenticator],
    )
}

/// Writes the row as it is: that makes every database hold it until the end of the transaction.
pub(super) fn unchanged(id: CredentialId, rev: i64) -> Statement {
    Statement::one(
        Subject::Credential,
        "UPDATE credentials SET rev = rev WHERE id = $1 AND rev = $2",
        args![id, rev],
    )
}

pub(super) fn touch(id: CredentialId, at: Timestamp) -> Statement {
    Statement::any("UPDATE credentials SET last_used = $2 WHERE id = $1", args![id, at])
}

pub(super) fn of_person(tenant: &TenantId, person: PersonId) -> Statement {
    Statement::any(select!("WHERE tenant = $1 AND person = $2 ORDER BY created, id"), args![tenant, person])
}

pub(super) fn by_lookup(tenant: &TenantId, authenticator: &str, key: &LookupKey) -> Statement {
    Statement::any(
        select!("WHERE tenant = $1 AND authenticator = $2 AND lookup = $3"),
        args![tenant, authenticator, key.0.as_str()],
    )
}

pub(super) fn not_at(
    authenticator: &str,
    version: u32,
    after: Option<CredentialId>,
    limit: u32,
) -> Statement {
    // Nothing has the id of nil.
    let after = after.unwrap_or(CredentialId(Uuid::nil()));
    Statement::any(
        select!("WHERE authenticator = $1 AND document_version <> $2 AND id > $3 ORDER BY id LIMIT $4"),
        args![authenticator, version, after, limit],
    )
}

pub(super) fn read(row: &impl Row) -> Stored<StoredCredential> {
    Ok(StoredCredential {
        id: row.id("id")?,
        tenant: row.tenant("tenant")?,
        person: row.id("person")?,
        authenticator: row.text("authenticator")?,
        lookup: row.maybe_lookup("lookup")?,
        label: row.maybe_text("label")?,
        sealed: row.blob("sealed")?,
        document_version: row.u32("document_version")?,
        created: row.time("created")?,
        last_used: row.maybe_time("last_used")?,
        rev: row.int("rev")?,
    })
}
