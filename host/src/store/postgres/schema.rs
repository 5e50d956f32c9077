//! Bringing the tables to the version of this program: forwards only, a step a transaction, by one of the
//! nodes that start at once.

use super::{driver, refusal::Refusal};
use crate::store::{Access, operator::UNFINISHED};
use sqlx::{AssertSqlSafe, PgConnection, postgres::PgConnectOptions};
use std::time::Duration;

/// A step. Its version is one more than that of the step before it.
pub(super) struct Step {
    pub(super) version: i64,
    pub(super) name: &'static str,
    pub(super) sql: &'static str,
}

/// All steps, oldest first. What is released is never changed, only followed by another.
pub(super) const STEPS: &[Step] = &[
    Step { version: 1, name: "begin", sql: include_str!("../migrations/postgres/0001_begin.sql") },
    Step {
        version: 2,
        name: "audit_chain_and_records",
        sql: include_str!("../migrations/postgres/0002_audit_chain_and_records.sql"),
    },
    Step {
        version: 3,
        name: "credentials_by_authenticator",
        sql: include_str!("../migrations/postgres/0003_credentials_by_authenticator.sql"),
    },
    Step {
        version: 4,
        name: "what_sessions_own",
        sql: include_str!("../migrations/postgres/0004_what_sessions_own.sql"),
    },
];

/// "gwrt": the lock that the nodes of a database meet at.
const LOCK: i64 = 0x6777_7274;
/// How often a step that another node is taking too is looked at again. The lock makes this rare; where
/// advisory locks do nothing, the version row decides, and the others come here.
const ROUNDS: u32 = 50;
const BETWEEN_ROUNDS: Duration = Duration::from_millis(100);

/// The version that this program brings the tables to.
pub(super) fn known() -> i64 {
    STEPS.last().map_or(0, |step| step.version)
}

/// Checks whose database it is and how new, and takes the steps that are missing. Nothing is written to
/// a database that is refused.
pub(super) async fn prepare(
    connection: &mut PgConnection,
    options: &PgConnectOptions,
    steps: &[Step],
    access: Access,
) -> Result<(), Refusal> {
    let refused = |error: sqlx::Error| Refusal::of(&error, options);
    sqlx::query("SELECT pg_advisory_lock($1)").bind(LOCK).execute(&mut *connection).await.map_err(refused)?;
    let done = take_missing(connection, options, steps, access).await;
    // Where this fails the lock goes with the connection.
    let _ = sqlx::query("SELECT pg_advisory_unlock($1)").bind(LOCK).execute(&mut *connection).await;
    done
}

async fn take_missing(
    connection: &mut PgConnection,
    options: &PgConnectOptions,
    steps: &[Step],
    access: Access,
) -> Result<(), Refusal> {
    let known = steps.last().map_or(0, |step| step.version);
    let mut rounds = 0;
    loop {
        let found = version(connection, options).await?;
        if found > known {
            return Err(Refusal::Newer { found, known });
        }
        let Some(step) = steps.iter().find(|step| step.version > found) else { return Ok(()) };
        if access == Access::Command && found > 0 {
            return Err(Refusal::Older { found, known });
        }
        let Err(error) = take(connection, step).await else { continue };
        let _ = sqlx::raw_sql("ROLLBACK").execute(&mut *connection).await;
        rounds += 1;
        if !is_anothers(&error) || rounds == ROUNDS {
            return Err(match driver::code(&error).as_deref() {
                Some("42501") => Refusal::of(&error, options),
                _ => Refusal::Step { version: step.version, said: driver::said(&error) },
            });
        }
        tokio::time::sleep(BETWEEN_ROUNDS).await;
    }
}

/// A copy that was begun and not ended is no database.
pub(super) async fn refuse_unfinished(
    connection: &mut PgConnection,
    options: &PgConnectOptions,
) -> Result<(), Refusal> {
    let found: bool = sqlx::query_scalar("SELECT to_regclass($1) IS NOT NULL")
        .bind(UNFINISHED)
        .fetch_one(connection)
        .await
        .map_err(|error| Refusal::of(&error, options))?;
    match found {
        false => Ok(()),
        true => Err(Refusal::Unfinished),
    }
}

/// The version; 0 for a schema without tables.
pub(super) async fn version(
    connection: &mut PgConnection,
    options: &PgConnectOptions,
) -> Result<i64, Refusal> {
    let refused = |error: sqlx::Error| Refusal::of(&error, options);
    let schema: Option<String> =
        sqlx::query_scalar("SELECT current_schema()").fetch_one(&mut *connection).await.map_err(refused)?;
    let Some(schema) = schema else { return Err(Refusal::NoSchema) };
    let tables: Vec<String> = sqlx::query_scalar(
        "SELECT table_name::text FROM information_schema.tables
         WHERE table_schema = $1 AND table_type = 'BASE TABLE'",
    )
    .bind(&schema)
    .fetch_all(&mut *connection)
    .await
    .map_err(refused)?;
    if tables.is_empty() {
        return Ok(0);
    }
    if !tables.iter().any(|name| name == "gatewright_schema") {
        return Err(Refusal::Foreign { schema });
    }
    let version: Option<i64> = sqlx::query_scalar("SELECT max(version) FROM gatewright_schema")
        .fetch_one(&mut *connection)
        .await
        .map_err(refused)?;
    Ok(version.unwrap_or(0))
}

/// The version row comes first: of two that take the same step one waits there, and then hears that it came
/// too late.
pub(super) async fn take(connection: &mut PgConnection, step: &Step) -> Result<(), sqlx::Error> {
    let (version, sql) = (step.version, step.sql);
    let text = format!(
        "BEGIN;
         CREATE TABLE IF NOT EXISTS gatewright_schema (version BIGINT NOT NULL PRIMARY KEY);
         INSERT INTO gatewright_schema (version) VALUES ({version});
         {sql}
         COMMIT;"
    );
    sqlx::raw_sql(AssertSqlSafe(text)).execute(connection).await?;
    Ok(())
}

/// Whether another node is taking, or has taken, the same step: its row or its tables are there.
fn is_anothers(error: &sqlx::Error) -> bool {
    matches!(driver::code(error).as_deref(), Some("23505" | "42P07" | "42710" | "40001" | "40P01"))
}

#[cfg(test)]
mod tests;
