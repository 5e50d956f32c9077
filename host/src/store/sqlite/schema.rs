//! Bringing the tables to the version of this program: forwards only, a step a transaction.

use super::driver;
use crate::store::{OpenError, operator::UNFINISHED, sql::tables::TABLES};
use sqlx::{AssertSqlSafe, SqliteConnection};
use std::path::Path;

/// A step. Its version is one more than that of the step before it.
pub(super) struct Step {
    pub(super) version: i64,
    pub(super) name: &'static str,
    pub(super) sql: &'static str,
}

/// All steps, oldest first. What is released is never changed, only followed by another.
pub(super) const STEPS: &[Step] = &[
    Step { version: 1, name: "begin", sql: include_str!("../migrations/sqlite/0001_begin.sql") },
    Step {
        version: 2,
        name: "audit_chain_and_records",
        sql: include_str!("../migrations/sqlite/0002_audit_chain_and_records.sql"),
    },
    Step {
        version: 3,
        name: "credentials_by_authenticator",
        sql: include_str!("../migrations/sqlite/0003_credentials_by_authenticator.sql"),
    },
    Step {
        version: 4,
        name: "what_sessions_own",
        sql: include_str!("../migrations/sqlite/0004_what_sessions_own.sql"),
    },
];

/// "gwrt": tells our databases from those of other programs.
const APPLICATION: i64 = 0x6777_7274;

/// Damaged, and not a database (<https://www.sqlite.org/rescode.html>).
const SQLITE_CORRUPT: i32 = 11;
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
        Some(SQLITE_CORRUPT) => OpenError::Damaged { path, said: said(&error) },
        _ => OpenError::Database { path, source: error.into() },
    }
}

/// What the database said, without the code.
fn said(error: &sqlx::Error) -> String {
    error.as_database_error().map_or_else(|| error.to_string(), |said| said.message().to_owned())
}

/// The version that this program brings the tables to.
pub(super) fn known() -> i64 {
    STEPS.last().map_or(0, |step| step.version)
}

/// What is wrong with the pages of the file, as one of SQLite's own checks says it: `quick_check` or
/// `integrity_check`. Reads all of it.
pub(super) async fn damage(connection: &mut SqliteConnection, check: &str, told: u32) -> Option<String> {
    match checked(connection, format!("PRAGMA {check}({told})")).await {
        Ok(damage) => damage,
        // The check itself could not go on: then the tables one by one, to say which.
        Err(error) => {
            let mut all = vec![said(&error)];
            for table in TABLES.iter().map(|table| table.name) {
                match checked(connection, format!("PRAGMA {check}({table})")).await {
                    Ok(None) => {}
                    Ok(Some(damage)) => all.push(damage),
                    Err(_) => all.push(format!("table {table} can't be read")),
                }
            }
            Some(all.join("; "))
        }
    }
}

async fn checked(connection: &mut SqliteConnection, check: String) -> Result<Option<String>, sqlx::Error> {
    let lines: Vec<String> = sqlx::query_scalar(AssertSqlSafe(check)).fetch_all(connection).await?;
    Ok((lines != ["ok"]).then(|| lines.join("; ").replace('\n', "; ")))
}

/// After a host that did not end in order: a file that a power cut or a bad disk has damaged is found before
/// anything is written to it.
pub(super) async fn look_over(connection: &mut SqliteConnection, path: &Path) -> Result<(), OpenError> {
    tracing::info!(path = %path.display(), "the last host did not close the database; looking it over");
    match damage(connection, "quick_check", 5).await {
        None => Ok(()),
        Some(said) => Err(OpenError::Damaged { path: path.to_owned(), said }),
    }
}

/// A copy that was begun and not ended is no database.
pub(super) async fn refuse_unfinished(
    connection: &mut SqliteConnection,
    path: &Path,
) -> Result<(), OpenError> {
    let found: i64 = sqlx::query_scalar("SELECT count(*) FROM sqlite_schema WHERE name = $1")
        .bind(UNFINISHED)
        .fetch_one(connection)
        .await
        .map_err(|error| refused(path, error))?;
    match found {
        0 => Ok(()),
        _ => Err(OpenError::Unfinished { place: format!("sqlite:{}", path.display()) }),
    }
}

/// The version; 0 for an empty database, none for another program's.
pub(super) async fn version(connection: &mut SqliteConnection) -> Result<Option<i64>, sqlx::Error> {
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
