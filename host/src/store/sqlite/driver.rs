//! Between our types and the SQLite driver's.

use crate::store::sql::{
    row::{Row, damaged},
    statement::Arg,
};
use gatewright_core::store::{StoreError, Stored};
use sqlx::{
    Decode, Row as _, Sqlite, Type,
    sqlite::{SqliteArguments, SqliteRow},
};
use std::{error::Error, sync::Arc};

impl Row for SqliteRow {
    fn maybe_int(&self, column: &str) -> Stored<Option<i64>> {
        get(self, column)
    }

    fn maybe_text(&self, column: &str) -> Stored<Option<String>> {
        get(self, column)
    }

    fn maybe_blob(&self, column: &str) -> Stored<Option<Vec<u8>>> {
        get(self, column)
    }
}

fn get<'r, T: Decode<'r, Sqlite> + Type<Sqlite>>(row: &'r SqliteRow, column: &str) -> Stored<Option<T>> {
    row.try_get(column).map_err(|error| match error {
        sqlx::Error::ColumnDecode { .. } => damaged(column),
        other => failure(other),
    })
}

/// Adds arguments after those that are there.
pub(in crate::store) fn bind(to: &mut SqliteArguments, args: Vec<Arg>) -> Result<(), sqlx::Error> {
    use sqlx::Arguments;
    for arg in args {
        match arg {
            Arg::Int(value) => to.add(value),
            Arg::Text(value) => to.add(value),
            Arg::Blob(value) => to.add(value),
        }
        .map_err(sqlx::Error::Encode)?;
    }
    Ok(())
}

/// A constraint that did not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Violation {
    Unique,
    ForeignKey,
}

/// Whether the error is that a constraint did not hold.
pub(super) fn violation(error: &sqlx::Error) -> Option<Violation> {
    let database = error.as_database_error()?;
    match () {
        () if database.is_unique_violation() => Some(Violation::Unique),
        () if database.is_foreign_key_violation() => Some(Violation::ForeignKey),
        () => None,
    }
}

/// SQLite's result code without its details (<https://www.sqlite.org/rescode.html>).
pub(super) fn code(error: &sqlx::Error) -> Option<i32> {
    error.as_database_error()?.code()?.parse::<i32>().ok().map(|code| code & 0xff)
}

/// Result codes that may be other tomorrow: busy, locked, no memory, read-only, I/O, full, can't open.
const PASSING: [i32; 7] = [5, 6, 7, 8, 10, 13, 14];

/// What an error of the driver means for the caller.
pub(super) fn failure(error: sqlx::Error) -> StoreError {
    classify(is_passing(&error), Box::new(error))
}

/// The same error for each of several jobs.
pub(super) fn shared(error: &Arc<sqlx::Error>) -> StoreError {
    classify(is_passing(error), Box::new(Arc::clone(error)))
}

fn is_passing(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Database(_) => code(error).is_some_and(|code| PASSING.contains(&code)),
        sqlx::Error::Io(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed => true,
        _ => false,
    }
}

fn classify(passing: bool, source: Box<dyn Error + Send + Sync>) -> StoreError {
    if passing {
        StoreError::Unavailable(source)
    } else {
        StoreError::Broken(format!("the database refused a statement: {source}"), Some(source))
    }
}
