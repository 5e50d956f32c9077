//! Counting tries, with many nodes that count at once.

use super::{
    commit::{Failed, Keep, Work, execute, transact},
    connections::Connections,
    driver,
};
use crate::store::{
    reserve::reserve_all,
    sql::{
        counters,
        statement::{Statement, args},
    },
};
use gatewright_contract::Timestamp;
use gatewright_core::{
    store::{Reserved, Stored, Tried},
    throttle::{CounterKey, Rule},
};
use sqlx::PgConnection;
use std::collections::{BTreeMap, HashMap};

/// Counts a try on each, in one transaction that holds all of their rows.
pub(super) async fn reserve(
    connections: &Connections,
    wanted: &[(CounterKey, Rule)],
    now: Timestamp,
) -> Stored<Tried> {
    if wanted.is_empty() {
        return Ok(Tried { result: Reserved::Granted, begun: Vec::new() });
    }
    transact(connections, &Tries { wanted, now }).await
}

struct Tries<'w> {
    wanted: &'w [(CounterKey, Rule)],
    now: Timestamp,
}

impl Work for Tries<'_> {
    type Done = Tried;

    async fn run(&self, connection: &mut PgConnection) -> Result<(Tried, Keep), Failed> {
        // In one order for all who count, so that no two wait for each other.
        let names: BTreeMap<[u8; 32], CounterKey> =
            self.wanted.iter().map(|(key, _)| (key.0.0, *key)).collect();
        let mut stored = HashMap::with_capacity(names.len());
        for key in names.values() {
            // A row that is not there can't be held: two would both begin at nothing.
            execute(connection, &make(*key, self.now)).await?;
            let held = hold(*key);
            let row =
                sqlx::query_with(held.sql, driver::bound(&held)?).fetch_optional(&mut *connection).await?;
            if let Some(row) = row {
                stored.insert(*key, counters::read(&row).map_err(Failed::Condition)?);
            }
        }
        let (reservation, counted) = reserve_all(&stored, self.wanted, self.now);
        for (key, counter, expires) in &counted {
            execute(connection, &counters::put(*key, counter, *expires)).await?;
        }
        // Who is blocked at once leaves no rows behind.
        Ok((reservation, if counted.is_empty() { Keep::No } else { Keep::Yes }))
    }
}

/// A counter at nothing, where there is none. Nobody will miss it.
fn make(key: CounterKey, now: Timestamp) -> Statement {
    Statement::any(
        "INSERT INTO counters (name, failures, window_start, blocked_until, blocks, in_a_row, expires)
         VALUES ($1, 0, 0, 0, 0, 0, $2) ON CONFLICT (name) DO NOTHING",
        args![key, now],
    )
}

/// Until the end of the transaction.
fn hold(key: CounterKey) -> Statement {
    Statement::any(
        "SELECT failures, window_start, blocked_until, blocks, in_a_row FROM counters WHERE name = $1
         FOR UPDATE",
        args![key],
    )
}
