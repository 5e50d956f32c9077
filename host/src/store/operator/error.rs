//! Why a command on a whole database failed, and what to do.

use crate::store::OpenError;
use std::path::PathBuf;

/// Why a command on a whole database failed. None holds a password or a value of a row.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OperatorError {
    /// It could not be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// It is in memory: there is nothing to work on.
    #[error("a store in `memory` is gone with its host: there is nothing to {0}")]
    Memory(&'static str),
    /// There is no such file.
    #[error("{} is not there; check the path", path.display())]
    Absent {
        /// The file.
        path: PathBuf,
    },
    /// The source has not this program's tables.
    #[error(
        "{place} has schema version {found} and this program copies version {known}; run `gatewright store migrate` on it first"
    )]
    Older {
        /// Which.
        place: String,
        /// Its version.
        found: i64,
        /// The one that can be copied.
        known: i64,
    },
    /// Hosts are connected.
    #[error(
        "{place} is in use by {hosts} connection(s) of gatewright; stop every host first: what they write meanwhile would be lost"
    )]
    HostsConnected {
        /// Which.
        place: String,
        /// How many connections.
        hosts: i64,
    },
    /// Somebody writes, or another command works on it.
    #[error("{place} is being written or copied by somebody else; stop every host and other command first")]
    Busy {
        /// Which.
        place: String,
    },
    /// The destination holds something.
    #[error("{place} is not empty (table {table} has rows); name an empty database, nothing was changed")]
    NotEmpty {
        /// Which.
        place: String,
        /// The first table with rows.
        table: &'static str,
    },
    /// Both are one.
    #[error("source and destination are the same database: {place}")]
    Same {
        /// Which.
        place: String,
    },
    /// The copy is not what the source is.
    #[error(
        "the copy of table {table} is not what the source holds ({source_rows} rows there, {rows} here); the destination stays marked as incomplete: begin anew, and check the disks of both machines"
    )]
    Differs {
        /// The table.
        table: &'static str,
        /// Rows in the source.
        source_rows: u64,
        /// Rows in the destination.
        rows: u64,
    },
    /// The head of a chain is not that of its last line.
    #[error(
        "the audit log of {chains} tenant(s) does not end where its head says; the data was damaged before it was copied: compare with a backup, and keep the source"
    )]
    Chains {
        /// How many.
        chains: i64,
    },
    /// A value can't be read.
    #[error("table {table} of {place} holds what this program never wrote: {source}")]
    Value {
        /// Which database.
        place: String,
        /// The table.
        table: &'static str,
        /// What.
        source: gatewright_core::store::StoreError,
    },
    /// The database said something.
    #[error("{place}: {said}")]
    Database {
        /// Which.
        place: String,
        /// What it said.
        said: String,
    },
    /// A file could not be read or written.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// A backup would take the place of a file.
    #[error("{} is there already and was left as it is; name a file that is not there", path.display())]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// The file is no backup that can be restored.
    #[error("{} can't be restored: {why}; the database was left as it is", path.display())]
    NoBackup {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// PostgreSQL brings its own programs for that.
    #[error("a PostgreSQL database is {what} with its own program:\n\n  {command}\n\nThe keyring is not in it: keep {} as well, apart from it", keyring.display())]
    OwnProgram {
        /// "backed up" or "restored".
        what: &'static str,
        /// The command line.
        command: String,
        /// The keyring.
        keyring: PathBuf,
    },
}

impl OperatorError {
    pub(in crate::store) fn io(path: &std::path::Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { path, source }
    }
}
