//! What an operator does with a server: see `store::operator`.

use super::{PostgresAddress, Refusal, address, connect, schema};
use crate::store::{
    Access, OpenError,
    operator::{
        OperatorError, Rows, Status, Step,
        link::{Link, Side},
    },
    sql::tables::TABLES,
};
use sqlx::postgres::PgConnectOptions;

/// Above so many rows the database's own estimate will do.
const COUNTED: i64 = 100_000;
/// "gwcp": one copy at a time into a database.
const COPYING: i64 = 0x6777_6370;
/// Who else is connected, other than commands like this one. `$NAME` is the name that hosts give.
const OTHERS: &str = "SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND application_name = current_setting('gatewright.hosts')
      AND pid <> pg_backend_pid()";

/// How it is; changes nothing.
pub(in crate::store) async fn status(address: &PostgresAddress) -> Result<Status, OperatorError> {
    let (mut side, options) = connected(address).await?;
    let found = version(&mut side, &options).await?;
    let known = schema::known();
    let unfinished = side.is_unfinished().await?;
    let database = format!("PostgreSQL {}", side.text("SHOW server_version").await?);
    let bytes = side.number("SELECT pg_database_size(current_database())".to_owned()).await?;
    let in_use = match side.number(OTHERS.to_owned()).await? {
        0 => None,
        connections => Some(format!("by {connections} connection(s) of hosts")),
    };
    let rows = match found == known {
        true => rows(&mut side).await?,
        false => Vec::new(),
    };
    let place = side.place.clone();
    side.close().await;
    let (pending, bytes) = (pending(found), u64::try_from(bytes).ok());
    Ok(Status { place, database, found, known, pending, bytes, in_use, damage: None, unfinished, rows })
}

/// Brings the tables up to date, under the lock that nodes meet at.
pub(in crate::store) async fn migrate(address: &PostgresAddress) -> Result<(i64, i64), OperatorError> {
    let (mut side, options) = connected(address).await?;
    let found = version(&mut side, &options).await?;
    side.close().await;
    super::prepare(&options, Access::Host).await.map_err(|why| refused(&options, why))?;
    Ok((found, schema::known()))
}

/// A database to copy from: a snapshot, and nobody writes until it is closed.
pub(in crate::store) async fn source(address: &PostgresAddress) -> Result<Side, OperatorError> {
    let (mut side, options) = connected(address).await?;
    if side.is_unfinished().await? {
        return Err(refused(&options, Refusal::Unfinished));
    }
    let (found, known) = (version(&mut side, &options).await?, schema::known());
    if found < known {
        return Err(OperatorError::Older { place: side.place, found, known });
    }
    let hosts = side.number(OTHERS.to_owned()).await?;
    if hosts > 0 {
        return Err(OperatorError::HostsConnected { place: side.place, hosts });
    }
    // The locks come before the first question, which is what the snapshot begins with.
    side.run("BEGIN ISOLATION LEVEL REPEATABLE READ; SET LOCAL lock_timeout = 5000".to_owned()).await?;
    let names: Vec<&str> = TABLES.iter().map(|table| table.name).collect();
    match side.run(format!("LOCK TABLE {} IN SHARE MODE", names.join(", "))).await {
        Ok(()) => Ok(side),
        Err(_) => Err(OperatorError::Busy { place: side.place }),
    }
}

/// A database to copy to, with all tables.
pub(in crate::store) async fn destination(address: &PostgresAddress) -> Result<Side, OperatorError> {
    let (mut side, options) = connected(address).await?;
    version(&mut side, &options).await?;
    if side.number(format!("SELECT pg_try_advisory_lock({COPYING})::int::int8")).await? == 0 {
        return Err(OperatorError::Busy { place: side.place });
    }
    let hosts = side.number(OTHERS.to_owned()).await?;
    if hosts > 0 {
        return Err(OperatorError::HostsConnected { place: side.place, hosts });
    }
    if let Link::Postgres(connection) = &mut side.link {
        let prepared = schema::prepare(connection, &options, schema::STEPS, Access::Host).await;
        prepared.map_err(|why| refused(&options, why))?;
    }
    Ok(side)
}

async fn rows(side: &mut Side) -> Result<Vec<Rows>, OperatorError> {
    let mut counted = Vec::with_capacity(TABLES.len());
    for table in TABLES {
        let name = table.name;
        let guess = format!("SELECT reltuples::int8 FROM pg_class WHERE oid = '{name}'::regclass");
        let guess = side.number(guess).await?;
        let estimated = guess > COUNTED;
        let rows = match estimated {
            true => guess,
            false => side.number(format!("SELECT count(*) FROM {name}")).await?,
        };
        counted.push(Rows { table: name, rows, estimated });
    }
    Ok(counted)
}

/// Under another name than a host, and knowing theirs.
async fn connected(of: &PostgresAddress) -> Result<(Side, PgConnectOptions), OperatorError> {
    let options = of.options()?;
    let hosts = options.get_application_name().unwrap_or("gatewright").to_owned();
    let options = options.application_name("gatewright store");
    let own = options.clone().options([("gatewright.hosts", hosts)]);
    let connection = connect(&own).await.map_err(|why| refused(&options, why))?;
    Ok((Side { place: address::place(&options), link: Link::Postgres(connection), lock: None }, options))
}

async fn version(side: &mut Side, options: &PgConnectOptions) -> Result<i64, OperatorError> {
    let Link::Postgres(connection) = &mut side.link else { return Ok(0) };
    let found = schema::version(connection, options).await.map_err(|why| refused(options, why))?;
    let known = schema::known();
    match found > known {
        true => Err(refused(options, Refusal::Newer { found, known })),
        false => Ok(found),
    }
}

fn pending(found: i64) -> Vec<Step> {
    let missing = schema::STEPS.iter().filter(|step| step.version > found);
    missing.map(|step| Step { version: step.version, name: step.name, sql: step.sql }).collect()
}

fn refused(options: &PgConnectOptions, why: Refusal) -> OperatorError {
    OpenError::Postgres { place: address::place(options), why }.into()
}
