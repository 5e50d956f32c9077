//! SQLite: one file, one task that writes, some connections that read beside it.

mod batch;
mod driver;
mod file;
pub(super) mod operator;
mod schema;
mod writer;

use super::{
    Access, OpenError,
    sql::{Backend, SqlStore, statement::Statement, write::Changes},
};
use async_trait::async_trait;
use gatewright_contract::Timestamp;
use gatewright_core::{
    store::{Stored, Tried},
    throttle::{CounterKey, Rule},
};
use schema::Steps;
use sqlx::{
    ConnectOptions, SqlitePool,
    sqlite::{SqliteArguments, SqliteConnectOptions, SqlitePoolOptions, SqliteRow, SqliteSynchronous},
};
use std::{path::Path, time::Duration};
use writer::Writer;

pub(super) use driver::bind;

/// Connections that read. SQLite readers do not wait for each other, but each is a thread.
const READERS: u32 = 4;
/// How long a question waits for a free connection before the caller hears that it is too much.
const READER_WAIT: Duration = Duration::from_secs(5);
/// How long another program (a backup) may hold the file.
const BUSY: Duration = Duration::from_secs(5);

/// A SQLite file.
pub(super) struct Sqlite {
    writer: Writer,
    readers: SqlitePool,
}

/// Opens the file, makes it where it is not there, and brings its tables up to date.
pub(super) async fn open(path: &Path, access: Access) -> Result<SqlStore<Sqlite>, OpenError> {
    let held = file::hold(path, access)?;
    let refused = |error| schema::refused(&held.path, error);
    let writing = writing_options(&held.path);
    let mut connection = writing.connect().await.map_err(refused)?;
    if held.left_open {
        schema::look_over(&mut connection, &held.path).await?;
    }
    schema::refuse_unfinished(&mut connection, &held.path).await?;
    let steps = if held.lock.is_some() { Steps::All } else { Steps::None };
    schema::prepare(&mut connection, &held.path, schema::STEPS, steps).await?;
    let reading = connect_options(&held.path).read_only(true).pragma("cache_size", "-16384");
    let readers = SqlitePoolOptions::new()
        .max_connections(READERS)
        .test_before_acquire(false)
        .acquire_timeout(READER_WAIT)
        .idle_timeout(None)
        .max_lifetime(None)
        .connect_with(reading)
        .await
        .map_err(refused)?;
    Ok(SqlStore(Sqlite { writer: Writer::start(connection, writing, held.lock), readers }))
}

fn writing_options(path: &Path) -> SqliteConnectOptions {
    connect_options(path)
        .synchronous(SqliteSynchronous::Full)
        .pragma("cache_size", "-32768")
        .pragma("wal_autocheckpoint", "8000")
        .pragma("journal_size_limit", "67108864")
}

fn connect_options(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .foreign_keys(true)
        .busy_timeout(BUSY)
        .statement_cache_capacity(256)
        .disable_statement_logging()
}

impl Sqlite {
    /// A number that is another one after another program has written to the file.
    pub(super) async fn outside_changes(&self) -> Stored<i64> {
        self.writer.outside_changes().await
    }
}

#[async_trait]
impl Backend for Sqlite {
    type Row = SqliteRow;

    async fn rows(&self, question: Statement) -> Stored<Vec<SqliteRow>> {
        let mut args = SqliteArguments::default();
        bind(&mut args, question.args).map_err(driver::failure)?;
        sqlx::query_with(question.sql, args).fetch_all(&self.readers).await.map_err(driver::failure)
    }

    async fn run(&self, changes: Changes) -> Stored<u64> {
        self.writer.run(changes).await
    }

    async fn reserve(&self, counters: &[(CounterKey, Rule)], now: Timestamp) -> Stored<Tried> {
        self.writer.reserve(counters.to_vec(), now).await
    }

    async fn ping(&self) -> Stored<()> {
        let rows = self.rows(Statement::any("SELECT version FROM schema_version", Vec::new())).await?;
        // The writer too: an empty job waits its turn.
        self.writer.run(Changes::default()).await?;
        drop(rows);
        Ok(())
    }

    async fn close(&self) {
        // The last connection to close empties the log into the file, which a reader could not.
        self.readers.close().await;
        self.writer.close().await;
    }
}
