//! PostgreSQL, and what speaks its protocol: many nodes on one database.
//!
//! A node keeps nothing of its own but a pool of connections. One commit is one transaction; what two nodes
//! want at once the database decides, by the conditions of the statements.

mod address;
mod chain;
mod commit;
mod config;
mod connections;
mod driver;
mod lease;
mod listener;
pub(super) mod operator;
mod refusal;
mod reserve;
mod schema;

pub use address::PostgresAddress;
pub use config::DatabaseConfig;
pub use refusal::Refusal;

pub(super) use driver::{bind, said};

use super::{
    Access, OpenError,
    cache::{Caches, Node, announcement},
    sql::{Backend, SqlStore, statement::Statement, write::Changes},
};
use async_trait::async_trait;
use connections::Connections;
use gatewright_contract::Timestamp;
use gatewright_core::{
    store::{StoreError, Stored, Tried, Write},
    throttle::{CounterKey, Rule},
};
use listener::Ear;
use sqlx::{
    Connection, Executor, PgConnection,
    postgres::{PgConnectOptions, PgRow},
};
use std::{sync::Weak, time::Duration};
use uuid::Uuid;

/// How long the first connection and the steps of the schema may take, waiting for another node included.
const OPEN_WITHIN: Duration = Duration::from_secs(120);
/// How long a server may think about the first connection.
const CONNECT_WITHIN: Duration = Duration::from_secs(10);

/// A PostgreSQL database.
#[derive(Clone)]
pub(super) struct Postgres {
    connections: Connections,
    options: PgConnectOptions,
    node: Node,
    /// Whether the server knows LISTEN and NOTIFY.
    notifies: bool,
}

/// Connects, and brings the tables up to date.
pub(super) async fn open(address: &PostgresAddress, access: Access) -> Result<SqlStore<Postgres>, OpenError> {
    let options = address.options()?;
    let refused = |why| OpenError::Postgres { place: address::place(&options), why };
    address::warn_of_readers(&options);
    let notifies = tokio::time::timeout(OPEN_WITHIN, prepare(&options, access))
        .await
        .map_err(|_| {
            refused(Refusal::Other("another node has been changing the tables for minutes".to_owned()))
        })?
        .map_err(refused)?;
    if !notifies {
        tracing::warn!(
            "the database server can't tell one node what another revokes; it is asked more often instead"
        );
    }
    let mut node = [0; 16];
    aws_lc_rs::rand::fill(&mut node).map_err(|_| refused(Refusal::Other("no randomness".to_owned())))?;
    let node = Node(uuid::Builder::from_random_bytes(node).into_uuid());
    let connections = Connections::new(options.clone(), &address.config);
    Ok(SqlStore(Postgres { connections, options, node, notifies }))
}

async fn connect(options: &PgConnectOptions) -> Result<PgConnection, Refusal> {
    match tokio::time::timeout(CONNECT_WITHIN, PgConnection::connect_with(options)).await {
        Ok(connected) => connected.map_err(|error| Refusal::of(&error, options)),
        Err(_) => Err(Refusal::NoRoute("not within ten seconds".to_owned())),
    }
}

/// Also says whether the server knows LISTEN and NOTIFY.
async fn prepare(options: &PgConnectOptions, access: Access) -> Result<bool, Refusal> {
    let mut connection = connect(options).await?;
    schema::refuse_unfinished(&mut connection, options).await?;
    schema::prepare(&mut connection, options, schema::STEPS, access).await?;
    let told = sqlx::query("SELECT pg_notify('gatewright_probe', '')").execute(&mut connection).await;
    let listened = connection.execute("LISTEN gatewright_probe").await;
    let _ = connection.close().await;
    Ok(told.is_ok() && listened.is_ok())
}

/// Does it in a task of its own: what was begun is done, also when the caller hangs up.
async fn detached<T: Send + 'static>(work: impl Future<Output = Stored<T>> + Send + 'static) -> Stored<T> {
    tokio::spawn(work).await.unwrap_or_else(|error| {
        Err(StoreError::Broken("the task of a commit ended early".to_owned(), Some(Box::new(error))))
    })
}

impl Postgres {
    /// Forgets in these caches what other nodes make stale. To be spawned.
    pub(super) fn listening(&self, caches: Weak<Caches>) -> impl Future<Output = ()> + use<> {
        let ear = Ear {
            node: self.node,
            options: self.options.clone(),
            store: self.clone(),
            notifies: self.notifies,
            caches,
        };
        ear.listen()
    }
}

#[async_trait]
impl Backend for Postgres {
    type Row = PgRow;

    async fn rows(&self, question: Statement) -> Stored<Vec<PgRow>> {
        self.connections.rows(&question).await
    }

    async fn run(&self, changes: Changes) -> Stored<u64> {
        let connections = self.connections.clone();
        detached(async move { commit::commit(&connections, &changes).await }).await
    }

    fn announcement(&self, writes: &[Write]) -> Option<Statement> {
        let text = self.notifies.then(|| announcement(self.node, writes))?;
        text.map(listener::notify)
    }

    async fn reserve(&self, counters: &[(CounterKey, Rule)], now: Timestamp) -> Stored<Tried> {
        let (connections, counters) = (self.connections.clone(), counters.to_vec());
        detached(async move { reserve::reserve(&connections, &counters, now).await }).await
    }

    async fn ping(&self) -> Stored<()> {
        use super::sql::row::Row;
        let question = Statement::any(
            "SELECT current_setting('transaction_read_only') AS read_only FROM gatewright_schema LIMIT 1",
            Vec::new(),
        );
        match self.rows(question).await?.first().map(|row| row.text("read_only")).transpose()?.as_deref() {
            Some("off") => Ok(()),
            _ => Err(StoreError::Unavailable("the database server only reads: it is a standby".into())),
        }
    }

    async fn lead(&self, task: &str, holder: Uuid, lasting: Duration) -> Stored<bool> {
        let statements = vec![lease::lead(task, holder, lasting)];
        Ok(self.run(Changes { statements, ..Changes::default() }).await? == 1)
    }

    async fn release(&self, task: &str, holder: Uuid) -> Stored<()> {
        let statements = vec![lease::release(task, holder)];
        self.run(Changes { statements, ..Changes::default() }).await.map(|_| ())
    }

    async fn close(&self) {
        self.connections.close().await;
    }
}
