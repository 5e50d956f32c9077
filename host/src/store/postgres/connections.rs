//! The connections of a node, and what happens when one is lost.

use super::{config::DatabaseConfig, driver};
use crate::store::sql::statement::Statement;
use gatewright_core::store::Stored;
use sqlx::{
    Executor, PgPool,
    pool::PoolConnection,
    postgres::{PgConnectOptions, PgPoolOptions, PgRow},
};
use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

/// How long closing waits for what is under way.
const CLOSE_WITHIN: Duration = Duration::from_secs(5);

/// A pool whose connections are not asked before each use whether they live. When one turns out dead, those
/// that are as old are not used any more either: a server that was restarted has lost all of them.
#[derive(Clone)]
pub(super) struct Connections {
    pool: PgPool,
    losses: Losses,
    pub(super) deadline: Duration,
}

/// When a connection was found dead last.
#[derive(Clone)]
struct Losses {
    since: Instant,
    /// Microseconds after `since`; 0: never.
    last: Arc<AtomicU64>,
}

impl Losses {
    fn new() -> Self {
        Self { since: Instant::now(), last: Arc::default() }
    }

    fn now(&self) -> u64 {
        u64::try_from(self.since.elapsed().as_micros()).unwrap_or(u64::MAX)
    }

    fn note(&self) {
        self.last.fetch_max(self.now(), Ordering::SeqCst);
    }

    /// Whether a connection of this age is younger than the last loss.
    fn trusts(&self, age: Duration) -> bool {
        let age = u64::try_from(age.as_micros()).unwrap_or(u64::MAX);
        self.now().saturating_sub(age) >= self.last.load(Ordering::SeqCst)
    }
}

impl Connections {
    /// None is opened before it is needed.
    pub(super) fn new(options: PgConnectOptions, config: &DatabaseConfig) -> Self {
        let losses = Losses::new();
        let trusted = losses.clone();
        let settings: Arc<str> = settings(config).into();
        let pool = PgPoolOptions::new()
            .max_connections(config.connections)
            .acquire_timeout(config.acquire())
            .test_before_acquire(false)
            .idle_timeout(Some(Duration::from_secs(600)))
            .max_lifetime(Some(Duration::from_secs(1800)))
            .before_acquire(move |_, about| {
                let trusted = trusted.trusts(about.age);
                Box::pin(async move { Ok(trusted) })
            })
            .after_connect(move |connection, _| {
                let settings = settings.clone();
                Box::pin(async move {
                    connection.execute(sqlx::raw_sql(sqlx::AssertSqlSafe(settings))).await.map(|_| ())
                })
            })
            .connect_lazy_with(options);
        Self { pool, losses, deadline: config.deadline() }
    }

    /// The rows that answer a question. On a dead connection nothing has been asked: once more then.
    pub(super) async fn rows(&self, question: &Statement) -> Stored<Vec<PgRow>> {
        match self.ask(question).await {
            // Who has waited for nothing once need not wait again.
            Err(error) if driver::is_lost(&error) && !driver::is_late(&error) => self.ask(question).await,
            result => result,
        }
        .map_err(driver::failure)
    }

    async fn ask(&self, question: &Statement) -> Result<Vec<PgRow>, sqlx::Error> {
        let args = driver::bound(question)?;
        let mut lease = self.lease().await?;
        let rows = sqlx::query_with(question.sql, args).fetch_all(&mut *lease.connection);
        let result = tokio::time::timeout(self.deadline, rows).await;
        lease.end(result.unwrap_or_else(|_| Err(too_late())))
    }

    /// A connection for one piece of work.
    pub(super) async fn lease(&self) -> Result<Lease, sqlx::Error> {
        Ok(Lease { connection: self.pool.acquire().await?, losses: self.losses.clone() })
    }

    /// Ends when the pool is closed.
    pub(super) async fn closed(&self) {
        self.pool.close_event().await;
    }

    pub(super) fn is_closed(&self) -> bool {
        self.pool.is_closed()
    }

    pub(super) async fn close(&self) {
        if tokio::time::timeout(CLOSE_WITHIN, self.pool.close()).await.is_err() {
            tracing::warn!("connections to the database were still in use when it was closed");
        }
    }
}

/// A connection of the pool, which goes back when its work has ended well.
pub(super) struct Lease {
    pub(super) connection: PoolConnection<sqlx::Postgres>,
    losses: Losses,
}

impl Lease {
    /// Hands on how the work ended. A connection that is lost, or in a state that nobody knows, is closed.
    pub(super) fn end<T>(mut self, result: Result<T, sqlx::Error>) -> Result<T, sqlx::Error> {
        if let Err(error) = &result
            && driver::is_lost(error)
        {
            self.losses.note();
            self.connection.close_on_drop();
        }
        result
    }
}

/// The server did not answer within the deadline: as good as gone.
pub(super) fn too_late() -> sqlx::Error {
    sqlx::Error::Io(std::io::Error::new(std::io::ErrorKind::TimedOut, "the database did not answer in time"))
}

/// What a connection sets for itself: limits of the server, so that what hangs does not hold locks.
fn settings(config: &DatabaseConfig) -> String {
    let limit = config.statement_timeout_ms;
    format!(
        "SET statement_timeout = {limit}; SET lock_timeout = {limit};
         SET idle_in_transaction_session_timeout = {};",
        limit.saturating_mul(2)
    )
}
