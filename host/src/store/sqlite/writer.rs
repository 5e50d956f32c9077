//! The one task that writes. Jobs that wait while the disk is busy share the next transaction: what costs
//! is making it durable, and that is paid once for all of them.

mod group;

use super::driver;
use crate::store::sql::write::Changes;
use gatewright_contract::Timestamp;
use gatewright_core::{
    store::{StoreError, Stored, Tried},
    throttle::{CounterKey, Rule},
};
use group::Group;
use sqlx::{ConnectOptions, Connection, SqliteConnection, sqlite::SqliteConnectOptions};
use std::{fs::File, sync::Arc};
use tokio::sync::{mpsc, oneshot};

/// Jobs in one transaction at most.
const GROUP: usize = 64;
/// Jobs that wait at most; beyond that the caller hears at once that it is too much.
const QUEUE: usize = 1024;

/// Something to write, and where to say how it went.
struct Job {
    work: Work,
    reply: oneshot::Sender<Stored<Answer>>,
}

enum Work {
    /// All or none of these.
    Run(Changes),
    /// Whether another program has written.
    OutsideChanges,
    /// A try on each of these counters.
    Reserve(Vec<(CounterKey, Rule)>, Timestamp),
    /// No more after what waits now.
    Close,
}

enum Answer {
    /// So many rows changed.
    Changed(u64),
    /// A number that is another one after another program has written.
    OutsideChanges(i64),
    /// What came of the tries.
    Reserved(Tried),
    /// Everything before is written.
    Closing,
}

/// The way to the task. When it is dropped the task ends.
pub(super) struct Writer {
    jobs: mpsc::Sender<Job>,
}

impl Writer {
    /// Starts the task. `lock` is held until the connection is closed.
    pub(super) fn start(
        connection: SqliteConnection,
        options: SqliteConnectOptions,
        lock: Option<File>,
    ) -> Self {
        let (jobs, waiting) = mpsc::channel(QUEUE);
        tokio::spawn(
            Task { _lock: lock, waiting, connection: Some(connection), options, replaced: 0 }.work(),
        );
        Self { jobs }
    }

    /// Runs all or none of these; returns how many rows changed.
    pub(super) async fn run(&self, changes: Changes) -> Stored<u64> {
        match self.give(Work::Run(changes)).await? {
            Answer::Changed(rows) => Ok(rows),
            _ => Err(wrong_answer()),
        }
    }

    /// A number that is another one after another program has written.
    pub(super) async fn outside_changes(&self) -> Stored<i64> {
        match self.give(Work::OutsideChanges).await? {
            Answer::OutsideChanges(number) => Ok(number),
            _ => Err(wrong_answer()),
        }
    }

    /// Counts a try on each.
    pub(super) async fn reserve(&self, counters: Vec<(CounterKey, Rule)>, now: Timestamp) -> Stored<Tried> {
        match self.give(Work::Reserve(counters, now)).await? {
            Answer::Reserved(reservation) => Ok(reservation),
            _ => Err(wrong_answer()),
        }
    }

    /// Waits until everything that was given before is written, the connection closed and the lock let go.
    pub(super) async fn close(&self) {
        let (reply, _) = oneshot::channel();
        // Fails only where it is closed already.
        let _ = self.jobs.send(Job { work: Work::Close, reply }).await;
        self.jobs.closed().await;
    }

    /// A job that was given is done even if nobody waits for the answer any more.
    async fn give(&self, work: Work) -> Stored<Answer> {
        let (reply, answer) = oneshot::channel();
        self.jobs.try_send(Job { work, reply }).map_err(|refused| match refused {
            mpsc::error::TrySendError::Full(_) => unavailable("too much waits to be written"),
            mpsc::error::TrySendError::Closed(_) => unavailable("the store is closed"),
        })?;
        answer.await.unwrap_or_else(|_| Err(unavailable("the store was closed meanwhile")))
    }
}

fn unavailable(why: &'static str) -> StoreError {
    StoreError::Unavailable(why.into())
}

fn wrong_answer() -> StoreError {
    StoreError::Broken("the writer answered another question".to_owned(), None)
}

struct Task {
    /// First, so that it is let go before the closed queue tells that the task has ended.
    _lock: Option<File>,
    waiting: mpsc::Receiver<Job>,
    /// None after an error that leaves open what state it is in.
    connection: Option<SqliteConnection>,
    options: SqliteConnectOptions,
    /// How many connections came after the first: each counts outside changes from anew.
    replaced: i64,
}

impl Task {
    async fn work(mut self) {
        let mut jobs = Vec::with_capacity(GROUP);
        let mut closing = false;
        while !closing && self.waiting.recv_many(&mut jobs, GROUP).await > 0 {
            closing = jobs.iter().any(|job| matches!(job.work, Work::Close));
            self.write(&mut jobs).await;
        }
        if let Some(connection) = self.connection.take()
            && let Err(error) = connection.close().await
        {
            tracing::warn!(%error, "the database did not close in order; nothing is lost");
        }
    }

    /// Writes a group in one transaction and answers when it is durable. Where that fails every one of the
    /// group hears it, also who was refused: the reason may have been a change that did not happen.
    async fn write(&mut self, jobs: &mut Vec<Job>) {
        match self.in_one_transaction(jobs).await {
            Ok(answers) => {
                for (job, answer) in jobs.drain(..).zip(answers) {
                    // Fails when nobody waits any more.
                    let _ = job.reply.send(answer);
                }
            }
            Err(error) => {
                tracing::error!(%error, jobs = jobs.len(), "changes were not written");
                let error = Arc::new(error);
                for job in jobs.drain(..) {
                    let _ = job.reply.send(Err(driver::shared(&error)));
                }
            }
        }
    }

    async fn in_one_transaction(&mut self, jobs: &mut [Job]) -> Result<Vec<Stored<Answer>>, sqlx::Error> {
        // Taken out: after an error it is dropped, which rolls back.
        let connection = match self.connection.take() {
            Some(connection) => connection,
            None => {
                self.replaced += 1;
                self.options.connect().await?
            }
        };
        let mut group = Group::begin(connection).await?;
        let mut answers = Vec::with_capacity(jobs.len());
        for job in jobs {
            answers.push(match &mut job.work {
                Work::Run(changes) => group.run(changes).await?.map(Answer::Changed),
                Work::Reserve(counters, now) => group.reserve(counters, *now).await?.map(Answer::Reserved),
                Work::OutsideChanges => {
                    let seen = group.outside_changes().await?;
                    Ok(Answer::OutsideChanges(seen.wrapping_add(self.replaced << 32)))
                }
                Work::Close => Ok(Answer::Closing),
            });
        }
        self.connection = Some(group.commit().await?);
        Ok(answers)
    }
}

#[cfg(test)]
mod tests;
