//! Bringing the tables to the version of this program: forwards only, a step a transaction.

use super::driver;
use crate::store::OpenError;
use sqlx::{AssertSqlSafe, SqliteConnection};
use std::path::Path;

/// A step. Its version is one more than that of the step before it.
pub(super) struct Step {
    pub(super) version: i64,
    pub(super) sql: &'static str,
}

/// All steps, oldest first. What is released is never changed, only followed by another.
pub(super) const STEPS: &[Step] = &[
    Step { version: 1, sql: include_str!("../migrations/sqlite/0001_begin.sql") },
    Step { version: 2, sql: include_str!("../migrations/sqlite/0002_audit_chain_and_records.sql") },
];

/// "gwrt": tells our databases from those of other programs.
const APPLICATION: i64 = 0x6777_7274;

/// Not a database (<https://www.sqlite.org/rescode.html>).
const SQLITE_NOTADB: i32 = 26;

/// Which steps may be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Steps {
    /// All that are missing.
    All,
    /// None: a host of another version has the file open.
    None,
}

/// Checks whose database it is and how new, and takes the steps that are missing. Nothing is written to
/// a database that is refused.
pub(super) async fn prepare(
    connection: &mut SqliteConnection,
    path: &Path,
    steps: &[Step],
    may: Steps,
) -> Result<(), OpenError> {
    let refused = |error| refused(path, error);
    let known = steps.last().map_or(0, |step| step.version);
    let found = version(connection).await.map_err(refused)?;
    let Some(found) = found else { return Err(OpenError::Foreign { path: path.to_owned() }) };
    if found > known {
        return Err(OpenError::Newer { path: path.to_owned(), found, known });
    }
    if may == Steps::None && found < known {
        return Err(OpenError::InUse { path: path.to_owned(), holder: None });
    }
    let mode: String =
        sqlx::query_scalar("PRAGMA journal_mode = WAL").fetch_one(&mut *connection).await.map_err(refused)?;
    if !mode.eq_ignore_ascii_case("wal") {
        return Err(OpenError::NoSharedMemory { path: path.to_owned() });
    }
    for step in steps.iter().filter(|step| step.version > found) {
        if let Err(error) = take(connection, step).await {
            // Where that fails too, closing the connection does it.
            let _ = sqlx::raw_sql("ROLLBACK").execute(&mut *connection).await;
            return Err(OpenError::Migration {
                path: path.to_owned(),
                version: step.version,
                source: error.into(),
            });
        }
    }
    Ok(())
}

/// What the driver said while the database was opened.
pub(super) fn refused(path: &Path, error: sqlx::Error) -> OpenError {
    let path = path.to_owned();
    match driver::code(&error) {
        Some(SQLITE_NOTADB) => OpenError::NotADatabase { path },
        _ => OpenError::Database { path, source: error.into() },
    }
}

/// The version; 0 for an empty database, none for another program's.
async fn version(connection: &mut SqliteConnection) -> Result<Option<i64>, sqlx::Error> {
    let tables: i64 =
        sqlx::query_scalar("SELECT count(*) FROM sqlite_schema").fetch_one(&mut *connection).await?;
    if tables == 0 {
        return Ok(Some(0));
    }
    let application: i64 = sqlx::query_scalar("PRAGMA application_id").fetch_one(&mut *connection).await?;
    if application != APPLICATION {
        return Ok(None);
    }
    sqlx::query_scalar("SELECT max(version) FROM schema_version").fetch_one(&mut *connection).await.map(Some)
}

async fn take(connection: &mut SqliteConnection, step: &Step) -> Result<(), sqlx::Error> {
    let (version, sql) = (step.version, step.sql);
    let text = format!(
        "BEGIN IMMEDIATE;
         PRAGMA application_id = {APPLICATION};
         CREATE TABLE IF NOT EXISTS schema_version (version INTEGER NOT NULL PRIMARY KEY) STRICT;
         {sql}
         INSERT INTO schema_version (version) VALUES ({version});
         COMMIT;"
    );
    sqlx::raw_sql(AssertSqlSafe(text)).execute(connection).await?;
    Ok(())
}

#[cfg(test)]
mod tests;
