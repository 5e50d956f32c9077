//! One transaction: all or nothing, each statement held against what it expects.

use super::{
    chain,
    connections::{Connections, too_late},
    driver,
};
use crate::store::sql::{statement::Statement, write::Changes};
use gatewright_core::store::{StoreError, Stored};
use sqlx::{Connection, PgConnection};
use std::time::Duration;

/// Tries of a transaction that others were in the way of.
const TRIES: u32 = 8;
/// The first wait between them; each later one is longer by as much.
const PAUSE: Duration = Duration::from_millis(5);

/// What is done within a transaction. May be done again, from the start.
pub(super) trait Work: Sync {
    /// What comes of it.
    type Done: Send;

    /// Does it; the second says whether there is something to keep.
    fn run(
        &self,
        connection: &mut PgConnection,
    ) -> impl Future<Output = Result<(Self::Done, Keep), Failed>> + Send;
}

/// Whether a transaction has changed anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Keep {
    Yes,
    No,
}

/// Why a transaction failed.
pub(super) enum Failed {
    /// A condition did not hold.
    Condition(StoreError),
    /// The database or the way there, before the end was asked for: nothing is written.
    Before(sqlx::Error),
    /// The database or the way there, when the end was asked for.
    AtTheEnd(sqlx::Error),
}

impl From<sqlx::Error> for Failed {
    fn from(error: sqlx::Error) -> Self {
        Self::Before(error)
    }
}

/// Runs all or none of these and links the lines of the audit log; returns how many rows the statements
/// changed.
pub(super) async fn commit(connections: &Connections, changes: &Changes) -> Stored<u64> {
    if changes.is_empty() {
        return Ok(0);
    }
    transact(connections, changes).await
}

impl Work for Changes {
    type Done = u64;

    async fn run(&self, connection: &mut PgConnection) -> Result<(u64, Keep), Failed> {
        let mut changed = 0;
        for statement in &self.statements {
            changed += execute(connection, statement).await?;
        }
        chain::link(connection, &self.events).await?;
        Ok((changed, Keep::Yes))
    }
}

/// Runs one statement and judges it.
pub(super) async fn execute(connection: &mut PgConnection, statement: &Statement) -> Result<u64, Failed> {
    let args = driver::bound(statement)?;
    let done = sqlx::query_with(statement.sql, args).execute(connection).await;
    let done = done.map_err(|error| match driver::conflict(statement, &error) {
        Some(conflict) => Failed::Condition(conflict),
        None => Failed::Before(error),
    })?;
    statement.judge(done.rows_affected()).map_err(Failed::Condition)?;
    Ok(done.rows_affected())
}

/// Does the work in a transaction. It is done anew where the database gave up because others were in the way,
/// and once where the connection was dead, but never when it may have been written.
pub(super) async fn transact<W: Work>(connections: &Connections, work: &W) -> Stored<W::Done> {
    let mut tries = 0;
    let mut lost = false;
    loop {
        match once(connections, work).await {
            Ok(done) => return Ok(done),
            Err(Failed::Condition(error)) => return Err(error),
            Err(Failed::Before(error) | Failed::AtTheEnd(error))
                if driver::is_collision(&error) && tries < TRIES =>
            {
                tries += 1;
                tokio::time::sleep(PAUSE * tries).await;
            }
            Err(Failed::Before(error)) if driver::is_lost(&error) && !driver::is_late(&error) && !lost => {
                lost = true;
            }
            Err(Failed::Before(error) | Failed::AtTheEnd(error)) => return Err(driver::failure(error)),
        }
    }
}

async fn once<W: Work>(connections: &Connections, work: &W) -> Result<W::Done, Failed> {
    let mut lease = connections.lease().await?;
    let doing = within_transaction(&mut lease.connection, work);
    match tokio::time::timeout(connections.deadline, doing).await {
        Ok(Ok(done)) => Ok(done),
        Ok(Err(Failed::Before(error))) => lease.end(Err(error)).map_err(Failed::Before),
        Ok(Err(Failed::AtTheEnd(error))) => lease.end(Err(error)).map_err(Failed::AtTheEnd),
        Ok(Err(condition)) => Err(condition),
        // Nobody knows how far it came.
        Err(_) => lease.end(Err(too_late())).map_err(Failed::AtTheEnd),
    }
}

async fn within_transaction<W: Work>(connection: &mut PgConnection, work: &W) -> Result<W::Done, Failed> {
    let mut transaction = connection.begin().await?;
    // Dropped early, it is rolled back.
    let (done, keep) = work.run(&mut transaction).await?;
    match keep {
        Keep::Yes => transaction.commit().await.map_err(Failed::AtTheEnd)?,
        Keep::No => transaction.rollback().await.map_err(Failed::Before)?,
    }
    Ok(done)
}
