//! Why a store could not be opened, for the person who runs the host: what and where, and what to do.

use super::Refusal;
use std::path::PathBuf;

/// Why a store could not be opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The address is none. It is not repeated: it may hold a password.
    #[error("the address of the store {0}; write `memory`, `sqlite:PATH` or `postgres://USER@HOST/DATABASE`")]
    Address(&'static str),
    /// The folder can't be made.
    #[error("the folder {} can't be made: {source}; make it yourself or choose another place for the database", path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file can't be made, read or written.
    #[error("{} can't be opened for writing: {source}; give the user that runs this program the right to write the file and its folder, or choose another place for the database", path.display())]
    File {
        /// The database, or a file beside it.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Another host has it open.
    #[error("{} is in use by another host{}; stop that one first: a SQLite file serves one host", path.display(), holder.map(|pid| format!(" (process {pid})")).unwrap_or_default())]
    InUse {
        /// The database.
        path: PathBuf,
        /// Its process, where it has said so.
        holder: Option<u32>,
    },
    /// The file is something else.
    #[error("{} is not a SQLite database; name another file, or move this one away to begin with an empty database", path.display())]
    NotADatabase {
        /// The file.
        path: PathBuf,
    },
    /// The database is another program's.
    #[error("{} is a SQLite database of another program and was left as it is; name another file", path.display())]
    Foreign {
        /// The database.
        path: PathBuf,
    },
    /// Pages are missing or not what was written.
    #[error("{} is damaged: {said}; stop, keep the file as it is, and `gatewright restore` the last backup", path.display())]
    Damaged {
        /// The database.
        path: PathBuf,
        /// What is wrong.
        said: String,
    },
    /// A copy from another database that was begun and not ended.
    #[error(
        "{place} is an unfinished copy of another database, and no host starts on it; run `gatewright store copy` again, which begins anew, or name another database"
    )]
    Unfinished {
        /// The database.
        place: String,
    },
    /// The database was written by a newer version of this program.
    #[error("{} has schema version {found} and this program knows versions up to {known}; run the newer program, or go back to a backup from before the upgrade", path.display())]
    Newer {
        /// The database.
        path: PathBuf,
        /// Its version.
        found: i64,
        /// The newest one known here.
        known: i64,
    },
    /// The tables could not be brought to this program's version. Nothing was changed.
    #[error("{}: the step to schema version {version} failed and was undone: {source}; the database is as it was before", path.display())]
    Migration {
        /// The database.
        path: PathBuf,
        /// The version that was to be reached.
        version: i64,
        /// Why.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// Write-ahead logging is not possible, so that readers would wait for writers.
    #[error("{} lies on a file system without shared memory (a network drive?), which SQLite's write-ahead log needs; choose a place on a local disk", path.display())]
    NoSharedMemory {
        /// The database.
        path: PathBuf,
    },
    /// Anything else that the database said.
    #[error("{} can't be opened: {source}", path.display())]
    Database {
        /// The database.
        path: PathBuf,
        /// Why.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A PostgreSQL that could not be opened.
    #[error("{place}: {why}")]
    Postgres {
        /// User, server and database.
        place: String,
        /// Why.
        why: Refusal,
    },
}
