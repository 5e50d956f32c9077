//! Documents of plugins.

use super::{
    row::{Row, damaged},
    statement::{Statement, args},
};
use gatewright_contract::{TenantId, Timestamp};
use gatewright_core::store::{Stored, Subject, first_revision};

/// A value and where it goes.
pub(super) struct Put {
    pub(super) plugin: String,
    pub(super) tenant: TenantId,
    pub(super) key: String,
    pub(super) value: Vec<u8>,
    pub(super) expires: Option<Timestamp>,
    pub(super) now: Timestamp,
}

/// Where none is, or an expired one that nobody has swept up yet.
pub(super) fn put_new(d: Put) -> Statement {
    let rev = i64::try_from(first_revision(d.now)).unwrap_or(1);
    Statement::one(
        Subject::Document,
        "INSERT INTO documents (plugin, tenant, key, rev, value, expires) VALUES ($1, $2, $3, $7, $4, $5)
         ON CONFLICT (plugin, tenant, key) DO UPDATE SET rev = excluded.rev, value = excluded.value,
           expires = excluded.expires
         WHERE documents.expires <= $6",
        args![d.plugin, &d.tenant, d.key, d.value, d.expires, d.now, rev],
    )
}

/// In place of one at this revision; an expired one is not there.
pub(super) fn put_over(d: Put, rev: u64) -> Statement {
    // A revision beyond what a column holds is nobody's, and neither is -1.
    let rev = i64::try_from(rev).unwrap_or(-1);
    Statement::one(
        Subject::Document,
        "UPDATE documents SET rev = rev + 1, value = $4, expires = $5
         WHERE plugin = $1 AND tenant = $2 AND key = $3 AND rev = $6 AND (expires IS NULL OR expires > $7)",
        args![d.plugin, &d.tenant, d.key, d.value, d.expires, rev, d.now],
    )
}

pub(super) fn by_key(plugin: &str, tenant: &TenantId, key: &str, now: Timestamp) -> Statement {
    Statement::any(
        "SELECT value, rev FROM documents
         WHERE plugin = $1 AND tenant = $2 AND key = $3 AND (expires IS NULL OR expires > $4)",
        args![plugin, tenant, key, now],
    )
}

pub(super) fn read(row: &impl Row) -> Stored<(Vec<u8>, u64)> {
    let rev = u64::try_from(row.int("rev")?).map_err(|_| damaged("rev"))?;
    Ok((row.blob("value")?, rev))
}
