//! Several jobs in one transaction, each of which can fail alone.
//!
//! Outer errors (`sqlx::Error`) end the whole group: nothing of it is written. Inner ones are one job's.

use crate::store::{
    reserve::reserve_all,
    sql::{audit, counters, statement::Statement, write::Changes},
    sqlite::{
        batch::{self, Effect, Prologue, Ran},
        driver::{self, Violation},
    },
};
use gatewright_contract::{TenantId, Timestamp};
use gatewright_core::{
    audit::{AuditHead, Event},
    store::{StoreError, Stored, Tried},
    throttle::{CounterKey, Rule},
};
use sqlx::SqliteConnection;
use std::collections::HashMap;

/// Statements in one text at most, so that an import does not make texts of a megabyte.
const TEXT: usize = 24;

const NONE: Prologue = Prologue { sql: "", statements: 0 };
const FIRST_JOB: Prologue = Prologue { sql: "SAVEPOINT job;", statements: 1 };
/// Ends the job before; its savepoint would otherwise make each later one dearer.
const NEXT_JOB: Prologue = Prologue { sql: "RELEASE job;SAVEPOINT job;", statements: 2 };

/// An open transaction. Dropped without [`Group::commit`] it closes the connection, which rolls back.
pub(super) struct Group {
    connection: SqliteConnection,
    /// What comes before the next statement: it opens the savepoint of its job. A job without statements
    /// leaves it to the next one.
    pending: Prologue,
    /// Whether there is a savepoint.
    opened: bool,
    /// Where the chains of the audit log stand after the jobs before. Nobody else moves them while the
    /// transaction is open.
    heads: HashMap<TenantId, AuditHead>,
}

impl Group {
    /// Begins the transaction as a writer, so that no reader's snapshot is made one.
    pub(super) async fn begin(mut connection: SqliteConnection) -> Result<Self, sqlx::Error> {
        sqlx::query("BEGIN IMMEDIATE").execute(&mut connection).await?;
        Ok(Self { connection, pending: NONE, opened: false, heads: HashMap::new() })
    }

    /// Makes it durable.
    pub(super) async fn commit(mut self) -> Result<SqliteConnection, sqlx::Error> {
        sqlx::query("COMMIT").execute(&mut self.connection).await?;
        Ok(self.connection)
    }

    /// The number that SQLite changes for this connection when another one has written
    /// (<https://www.sqlite.org/pragma.html#pragma_data_version>). In this process only this one writes.
    pub(super) async fn outside_changes(&mut self) -> Result<i64, sqlx::Error> {
        sqlx::query_scalar("PRAGMA data_version").fetch_one(&mut self.connection).await
    }

    /// Runs all or none and links the lines of the audit log; returns how many rows the statements changed.
    pub(super) async fn run(&mut self, changes: &mut Changes) -> Result<Stored<u64>, sqlx::Error> {
        self.next_job();
        // Where the chains stand is asked in the same trip.
        let unknown = self.unknown_chains(&changes.events);
        let mut statements = std::mem::take(&mut changes.statements);
        let count = statements.len();
        statements.extend(unknown.iter().flat_map(|tenant| [audit::make_head(tenant), audit::head(tenant)]));
        let effects = match self.continued(&mut statements).await? {
            Ok(effects) => effects,
            Err(refused) => return Ok(Err(refused)),
        };
        let changed = effects.iter().take(count).map(|effect| effect.affected).sum();
        let mut heads = HashMap::new();
        for (tenant, answer) in unknown.into_iter().zip(effects[count..].chunks(2)) {
            match answer[1].rows.first().map(audit::read_head).transpose() {
                Ok(head) => heads.insert(tenant, head.unwrap_or_default()),
                Err(damaged) => return self.undo(Failure::Condition(damaged)).await.map(Err),
            };
        }
        Ok(self.link(std::mem::take(&mut changes.events), heads).await?.map(|()| changed))
    }

    fn unknown_chains(&self, events: &[Event]) -> Vec<TenantId> {
        let mut unknown: Vec<TenantId> = Vec::new();
        for event in events {
            if !self.heads.contains_key(&event.tenant) && !unknown.contains(&event.tenant) {
                unknown.push(event.tenant.clone());
            }
        }
        unknown
    }

    /// Writes the lines, each linked to the one before it.
    async fn link(
        &mut self,
        events: Vec<Event>,
        mut heads: HashMap<TenantId, AuditHead>,
    ) -> Result<Stored<()>, sqlx::Error> {
        let mut statements = Vec::with_capacity(events.len() + 1);
        for event in events {
            let tenant = event.tenant.clone();
            let before = heads.get(&tenant).or_else(|| self.heads.get(&tenant)).copied().unwrap_or_default();
            let (head, line) = before.follow(event);
            statements.push(audit::insert(line));
            heads.insert(tenant, head);
        }
        statements.extend(heads.iter().map(|(tenant, head)| audit::put_head(tenant, head)));
        let done = self.continued(&mut statements).await?;
        // Not before: what a job that failed would have written is not the end of any chain.
        Ok(done.map(|_| self.heads.extend(heads)))
    }

    /// Reads the counters, counts, and writes them back.
    pub(super) async fn reserve(
        &mut self,
        wanted: &[(CounterKey, Rule)],
        now: Timestamp,
    ) -> Result<Stored<Tried>, sqlx::Error> {
        self.next_job();
        let mut questions: Vec<Statement> = wanted.iter().map(|(key, _)| counters::by_key(*key)).collect();
        let found = match self.continued(&mut questions).await? {
            Ok(found) => found,
            Err(error) => return Ok(Err(error)),
        };
        let mut stored = HashMap::with_capacity(wanted.len());
        for ((key, _), effect) in wanted.iter().zip(&found) {
            match effect.rows.first().map(counters::read).transpose() {
                Ok(Some(counter)) => stored.insert(*key, counter),
                Ok(None) => None,
                Err(damaged) => return Ok(Err(damaged)),
            };
        }
        let (reservation, counted) = reserve_all(&stored, wanted, now);
        let mut puts: Vec<Statement> =
            counted.iter().map(|(key, counter, expires)| counters::put(*key, counter, *expires)).collect();
        Ok(self.continued(&mut puts).await?.map(|_| reservation))
    }

    /// What follows is another job's.
    fn next_job(&mut self) {
        self.pending = if self.opened { NEXT_JOB } else { FIRST_JOB };
    }

    /// Goes on with the job.
    async fn continued(&mut self, statements: &mut [Statement]) -> Result<Stored<Vec<Effect>>, sqlx::Error> {
        let mut effects = Vec::with_capacity(statements.len());
        for text in statements.chunks_mut(TEXT) {
            let prologue = std::mem::replace(&mut self.pending, NONE);
            let ran = batch::run(&mut self.connection, prologue, text).await?;
            self.opened = true;
            match judge(text, ran) {
                Ok(done) => effects.extend(done),
                Err(failure) => return self.undo(failure).await.map(Err),
            }
        }
        Ok(Ok(effects))
    }

    /// Undoes what the job did and says how to answer it. Where the database has given up the whole
    /// transaction (a full disk), nothing before this job is there any more either: that ends the group.
    async fn undo(&mut self, failure: Failure) -> Result<StoreError, sqlx::Error> {
        let undone = sqlx::query("ROLLBACK TO job").execute(&mut self.connection).await;
        match (failure, undone) {
            (Failure::Condition(error), Ok(_)) => Ok(error),
            (Failure::Condition(_), Err(error)) => Err(error),
            (Failure::Database(error), Ok(_)) => Ok(driver::failure(error)),
            (Failure::Database(error), Err(_)) => Err(error),
        }
    }
}

/// Why a job failed.
enum Failure {
    /// A condition did not hold.
    Condition(StoreError),
    /// Something else that the database said.
    Database(sqlx::Error),
}

/// The first condition that did not hold comes before an error further down.
fn judge(statements: &[Statement], ran: Ran) -> Result<Vec<Effect>, Failure> {
    let held = statements.iter().zip(&ran.effects).try_for_each(|(one, effect)| one.judge(effect.affected));
    held.map_err(Failure::Condition)?;
    let Some(error) = ran.error else { return Ok(ran.effects) };
    let conflict = driver::violation(&error)
        .zip(statements.get(ran.effects.len()))
        .and_then(|(violation, statement)| statement.violated(violation == Violation::ForeignKey));
    Err(conflict.map_or(Failure::Database(error), Failure::Condition))
}
