//! What an operator does with a file: see `store::operator`.

use super::{connect_options, file, schema, writing_options};
use crate::store::{
    Access, OpenError,
    operator::{
        OperatorError, Status, Step,
        link::{Link, Side},
        status::count,
    },
};
use schema::Steps;
use sqlx::{ConnectOptions, Connection, SqliteConnection};
use std::path::{Path, PathBuf};

/// Problems of a file that are told at most.
const TOLD: u32 = 5;

/// How it is; changes nothing.
pub(in crate::store) async fn status(path: &Path) -> Result<Status, OperatorError> {
    let path = existing(path)?;
    let in_use = file::holder(&path).map(|pid| match pid {
        Some(pid) => format!("by a host (process {pid})"),
        None => "by a host".to_owned(),
    });
    let mut side = reading(&path, false).await?;
    let found = version(&mut side, &path).await?;
    let known = schema::known();
    let unfinished = side.is_unfinished().await?;
    let database = format!("SQLite {}", side.text("SELECT sqlite_version()").await?);
    let damage = match &mut side.link {
        Link::Sqlite(connection) => schema::damage(connection, "quick_check", TOLD).await,
        Link::Postgres(_) => None,
    };
    let rows = match (found == known, &damage) {
        (false, _) => Vec::new(),
        (true, None) => count(&mut side).await?,
        // Perhaps they can be counted, perhaps not.
        (true, Some(_)) => count(&mut side).await.unwrap_or_default(),
    };
    side.close().await;
    let log = path.with_file_name(format!("{}-wal", name(&path)));
    let bytes = [&path, &log].into_iter().filter_map(|path| path.metadata().ok()).map(|about| about.len());
    let place = place(&path);
    let bytes = Some(bytes.sum());
    Ok(Status {
        place,
        database,
        found,
        known,
        pending: pending(found),
        bytes,
        in_use,
        damage,
        unfinished,
        rows,
    })
}

/// Brings the tables up to date, alone.
pub(in crate::store) async fn migrate(path: &Path) -> Result<(i64, i64), OperatorError> {
    let (mut side, path) = alone(path).await?;
    let found = match side.is_unfinished().await? {
        true => return Err(OpenError::Unfinished { place: side.place }.into()),
        false => version(&mut side, &path).await?,
    };
    if let Link::Sqlite(connection) = &mut side.link {
        schema::prepare(connection, &path, schema::STEPS, Steps::All).await?;
    }
    side.close().await;
    Ok((found, schema::known()))
}

/// A file to copy from, which nobody writes to until it is closed.
pub(in crate::store) async fn source(path: &Path) -> Result<Side, OperatorError> {
    let (mut side, path) = alone(&existing(path)?).await?;
    if side.is_unfinished().await? {
        return Err(OpenError::Unfinished { place: side.place }.into());
    }
    let (found, known) = (version(&mut side, &path).await?, schema::known());
    if found < known {
        return Err(OperatorError::Older { place: side.place, found, known });
    }
    // Keeps out commands too, which work beside a host.
    side.run("BEGIN IMMEDIATE".to_owned()).await?;
    Ok(side)
}

/// A file to copy to, with all tables.
pub(in crate::store) async fn destination(path: &Path) -> Result<Side, OperatorError> {
    let (mut side, path) = alone(path).await?;
    if let Link::Sqlite(connection) = &mut side.link {
        schema::prepare(connection, &path, schema::STEPS, Steps::All).await?;
    }
    Ok(side)
}

/// Writes everything that is in the file at this moment into another one, which is empty; a host may go on.
pub(in crate::store) async fn vacuum_into(path: &Path, into: &Path) -> Result<(), OperatorError> {
    let path = existing(path)?;
    let mut side = reading(&path, false).await?;
    version(&mut side, &path).await?;
    if side.is_unfinished().await? {
        return Err(OpenError::Unfinished { place: side.place }.into());
    }
    let Some(into) = into.to_str() else {
        let not_a_text = std::io::Error::other("its name is not UTF-8, which SQLite needs");
        return Err(OperatorError::io(into)(not_a_text));
    };
    let done = match &mut side.link {
        Link::Sqlite(connection) => sqlx::query("VACUUM INTO $1").bind(into).execute(connection).await,
        Link::Postgres(_) => return Ok(()),
    };
    done.map_err(|error| OperatorError::from(schema::refused(&path, error)))?;
    side.close().await;
    Ok(())
}

/// Whether a file can take the place of the database: its version, or why not.
pub(in crate::store) async fn check_backup(path: &Path) -> Result<i64, String> {
    let said = |error: OperatorError| match error {
        OperatorError::Open(OpenError::NotADatabase { .. }) => "it is not a SQLite database".to_owned(),
        OperatorError::Open(OpenError::Foreign { .. }) => "it is a database of another program".to_owned(),
        OperatorError::Open(OpenError::Damaged { said, .. }) => format!("it is damaged: {said}"),
        OperatorError::Open(OpenError::Newer { found, known, .. }) => {
            format!("it has schema version {found} and this program knows versions up to {known}")
        }
        other => other.to_string(),
    };
    file::check_head(path).map_err(|error| said(error.into()))?;
    let mut side = reading(path, true).await.map_err(said)?;
    let found = version(&mut side, path).await.map_err(said)?;
    if found == 0 {
        return Err("it is an empty database".to_owned());
    }
    if side.is_unfinished().await.map_err(said)? {
        return Err("it is an unfinished copy of another database".to_owned());
    }
    let Link::Sqlite(connection) = &mut side.link else { return Ok(found) };
    if let Some(damage) = schema::damage(connection, "integrity_check", TOLD).await {
        return Err(format!("it is damaged: {damage}"));
    }
    let strays = sqlx::query("PRAGMA foreign_key_check").fetch_optional(connection).await;
    if strays.map_err(|error| error.to_string())?.is_some() {
        return Err("it is damaged: a row belongs to another one that is not there".to_owned());
    }
    side.close().await;
    Ok(found)
}

/// Empties the write-ahead log into the file, where that is possible.
pub(in crate::store) async fn empty_log(path: &Path) {
    if let Ok(mut connection) = writing_options(path).connect().await {
        let _ = sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(&mut connection).await;
        let _ = connection.close().await;
    }
}

/// The place of a database and the lock that keeps hosts away; makes no database.
pub(in crate::store) fn held(path: &Path) -> Result<file::Held, OperatorError> {
    Ok(file::take_place(path, Access::Host)?)
}

async fn alone(path: &Path) -> Result<(Side, PathBuf), OperatorError> {
    let held = file::hold(path, Access::Host)?;
    let connection = writing_options(&held.path).connect().await;
    let connection = connection.map_err(|error| OperatorError::from(schema::refused(&held.path, error)))?;
    let mut side = side(connection, &held.path);
    side.lock = held.lock;
    Ok((side, held.path))
}

/// A connection that changes nothing. `untouched`: nobody else has the file open, and nothing is made beside it.
async fn reading(path: &Path, untouched: bool) -> Result<Side, OperatorError> {
    let options = connect_options(path).read_only(true).immutable(untouched);
    let connection = options.connect().await;
    Ok(side(connection.map_err(|error| OperatorError::from(schema::refused(path, error)))?, path))
}

/// The version of tables that are ours, and not newer than this program.
async fn version(side: &mut Side, path: &Path) -> Result<i64, OperatorError> {
    let Link::Sqlite(connection) = &mut side.link else { return Ok(0) };
    let found = schema::version(connection).await.map_err(|error| schema::refused(path, error))?;
    let (path, known) = (path.to_owned(), schema::known());
    match found {
        None => Err(OpenError::Foreign { path }.into()),
        Some(found) if found > known => Err(OpenError::Newer { path, found, known }.into()),
        Some(found) => Ok(found),
    }
}

fn pending(found: i64) -> Vec<Step> {
    let missing = schema::STEPS.iter().filter(|step| step.version > found);
    missing.map(|step| Step { version: step.version, name: step.name, sql: step.sql }).collect()
}

fn side(connection: SqliteConnection, path: &Path) -> Side {
    Side { place: place(path), link: Link::Sqlite(connection), lock: None }
}

fn place(path: &Path) -> String {
    format!("sqlite:{}", path.display())
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// The one name of a file that is there.
fn existing(path: &Path) -> Result<PathBuf, OperatorError> {
    match path.canonicalize() {
        Ok(path) if path.is_file() => Ok(path),
        _ => Err(OperatorError::Absent { path: path.to_owned() }),
    }
}
