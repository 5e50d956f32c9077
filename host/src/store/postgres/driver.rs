//! Between our types and the PostgreSQL driver's, and what its errors mean.

use crate::store::sql::{
    row::{Row, damaged},
    statement::{Arg, Statement},
};
use gatewright_core::store::{StoreError, Stored};
use sqlx::{
    Arguments, Decode, Postgres, Row as _, Type,
    postgres::{PgArguments, PgRow},
};

impl Row for PgRow {
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

fn get<'r, T: Decode<'r, Postgres> + Type<Postgres>>(row: &'r PgRow, column: &str) -> Stored<Option<T>> {
    row.try_get(column).map_err(|error| match error {
        sqlx::Error::ColumnDecode { .. } => damaged(column),
        other => failure(other),
    })
}

/// The arguments of a statement, which may have to be run again.
pub(super) fn bound(statement: &Statement) -> Result<PgArguments, sqlx::Error> {
    bind(&statement.args)
}

/// Arguments in this order.
pub(in crate::store) fn bind(args: &[Arg]) -> Result<PgArguments, sqlx::Error> {
    let mut to = PgArguments::default();
    for arg in args {
        match arg {
            Arg::Int(value) => to.add(*value),
            Arg::Text(value) => to.add(value.as_deref()),
            Arg::Blob(value) => to.add(value.as_deref()),
        }
        .map_err(sqlx::Error::Encode)?;
    }
    Ok(to)
}

/// The conflict behind an error of this statement.
pub(super) fn conflict(statement: &Statement, error: &sqlx::Error) -> Option<StoreError> {
    let database = error.as_database_error()?;
    match () {
        () if database.is_unique_violation() => statement.violated(false),
        () if database.is_foreign_key_violation() => statement.violated(true),
        () => None,
    }
}

/// The SQLSTATE (<https://www.postgresql.org/docs/current/errcodes-appendix.html>).
pub(super) fn code(error: &sqlx::Error) -> Option<String> {
    error.as_database_error()?.code().map(|code| code.into_owned())
}

/// What went wrong in one line. The driver's own text for a database error has nothing of a row in it; the
/// detail, which has, is left out.
pub(in crate::store) fn said(error: &sqlx::Error) -> String {
    match error {
        sqlx::Error::Database(database) => database.message().to_owned(),
        sqlx::Error::Io(error) => error.to_string(),
        other => other.to_string(),
    }
}

/// Nothing was done because others were in the way; the same again may well succeed.
pub(super) fn is_collision(error: &sqlx::Error) -> bool {
    matches!(code(error).as_deref(), Some("40001" | "40P01"))
}

/// Nobody answered in time.
pub(super) fn is_late(error: &sqlx::Error) -> bool {
    matches!(error, sqlx::Error::Io(error) if error.kind() == std::io::ErrorKind::TimedOut)
}

/// The connection is gone, or goes.
pub(super) fn is_lost(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_) => true,
        sqlx::Error::Database(_) => code(error).is_some_and(|code| {
            matches!(code.as_str(), "57P01" | "57P02" | "57P03" | "57P05" | "25P03") || code.starts_with("08")
        }),
        _ => false,
    }
}

/// Codes of what may be other tomorrow: connection, resources (a full disk, too many connections), a limit of
/// time or of waiting for a lock, an operator's intervention, collisions, a server that only reads.
pub(super) fn is_passing_code(code: &str) -> bool {
    matches!(code, "25006" | "25P03" | "40001" | "40P01" | "55P03" | "58030")
        || ["08", "53", "57"].iter().any(|class| code.starts_with(class))
}

/// What an error of the driver means for the caller.
pub(super) fn failure(error: sqlx::Error) -> StoreError {
    let passing = match &error {
        sqlx::Error::Database(_) => code(&error).is_some_and(|code| is_passing_code(&code)),
        sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed => true,
        _ => false,
    };
    if passing {
        return StoreError::Unavailable(Box::new(error));
    }
    StoreError::Broken(format!("the database refused a statement: {}", said(&error)), Some(Box::new(error)))
}
