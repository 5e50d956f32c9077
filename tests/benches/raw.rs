//! The bound of a rotation: the driver, with the two rows that a rotation inserts and nothing else.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a bench may stop")]

use crate::{
    fill,
    inside::Inside,
    rounds::{Turn, cost},
};
use gatewright_core::token::HashedToken;
use sqlx::{
    ConnectOptions, Connection, PgConnection, SqliteConnection,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
};
use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio::{runtime::Runtime, sync::Mutex};

const INSERT: &str = "INSERT INTO tokens (hash, kind, session, tenant, expires, spent, binding)
                      VALUES ($1, $2, $3, 'default', $4, NULL, NULL)";

enum Driver {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

/// Connections, and the rows that come next.
pub(crate) struct Raw {
    drivers: Vec<Arc<Mutex<Driver>>>,
    sessions: Arc<Vec<Vec<u8>>>,
    next: Arc<AtomicUsize>,
}

impl Raw {
    /// On the file of an app that was closed: the same schema, opened as the app opens it.
    pub(crate) async fn sqlite(house: &Inside, sessions: usize) -> Self {
        let options = SqliteConnectOptions::new()
            .filename(fill::file(house))
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(Duration::from_secs(5))
            .pragma("cache_size", "-32768")
            .pragma("wal_autocheckpoint", "8000")
            .disable_statement_logging();
        let connection = options.connect().await.expect("opens");
        Self::new(vec![Driver::Sqlite(connection)], sessions)
    }

    /// The same over 32 connections.
    pub(crate) async fn postgres(url: &str, sessions: usize) -> Self {
        let mut drivers = Vec::new();
        for _ in 0..32 {
            drivers.push(Driver::Postgres(PgConnection::connect(url).await.expect("connects")));
        }
        Self::new(drivers, sessions)
    }

    fn new(drivers: Vec<Driver>, sessions: usize) -> Self {
        let sessions = (0..sessions).map(fill::session_id).collect();
        let drivers = drivers.into_iter().map(|driver| Arc::new(Mutex::new(driver))).collect();
        Self { drivers, sessions: Arc::new(sessions), next: Arc::default() }
    }

    /// The rows of `count` rotations in transactions of so many rotations, on this many connections at once.
    pub(crate) fn turn(&self, runtime: &Runtime, lines: usize, batch: usize, count: usize) -> Turn {
        let each = count.div_ceil(lines);
        cost(each * lines, || {
            runtime.block_on(async {
                let mut running = Vec::new();
                for driver in &self.drivers[..lines] {
                    let (driver, sessions, next) = (driver.clone(), self.sessions.clone(), self.next.clone());
                    running.push(tokio::spawn(async move {
                        let mut driver = driver.lock().await;
                        let mut left = each;
                        while left > 0 {
                            let some = left.min(batch);
                            let first = next.fetch_add(some, Ordering::Relaxed);
                            driver.commit(first..first + some, &sessions).await;
                            left -= some;
                        }
                    }));
                }
                for line in running {
                    line.await.expect("no insert fails");
                }
            });
        })
    }
}

impl Driver {
    async fn commit(&mut self, numbers: std::ops::Range<usize>, sessions: &[Vec<u8>]) {
        macro_rules! inserted {
            ($connection:expr) => {{
                let mut transaction = $connection.begin().await.expect("begins");
                for number in numbers {
                    for kind in ["access", "session"] {
                        let hash = HashedToken::of(format!("{kind}-{number}").as_bytes());
                        sqlx::query(INSERT)
                            .bind(hash.0.to_vec())
                            .bind(kind)
                            .bind(sessions[number % sessions.len()].clone())
                            .bind(4_000_000_000_000_000_i64)
                            .execute(&mut *transaction)
                            .await
                            .expect("is inserted");
                    }
                }
                transaction.commit().await.expect("is durable");
            }};
        }
        match self {
            Self::Sqlite(connection) => inserted!(connection),
            Self::Postgres(connection) => inserted!(connection),
        }
    }
}
