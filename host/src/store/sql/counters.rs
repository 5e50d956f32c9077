//! Counters of tries. The arithmetic is [`Counter`]'s, but for [`forgive`], which must be one statement.

use super::{
    row::Row,
    statement::{Statement, args},
};
use gatewright_contract::Timestamp;
use gatewright_core::{
    store::{Stored, Write},
    throttle::{Counter, CounterKey, Rule},
};

/// Where in a commit a write belongs: other writes where they are, counters behind them by name.
pub(super) fn place(write: &Write) -> Option<[u8; 32]> {
    match write {
        Write::CounterForgive(key, _) | Write::CounterClear(key) => Some(key.0.0),
        _ => None,
    }
}

pub(crate) fn by_key(key: CounterKey) -> Statement {
    Statement::any(
        "SELECT failures, window_start, blocked_until, blocks, in_a_row FROM counters WHERE name = $1",
        args![key],
    )
}

pub(crate) fn put(key: CounterKey, c: &Counter, expires: Timestamp) -> Statement {
    Statement::any(
        "INSERT INTO counters (name, failures, window_start, blocked_until, blocks, in_a_row, expires)
         VALUES ($1, $2, $3, $4, $5, $6, $7)
         ON CONFLICT (name) DO UPDATE SET failures = excluded.failures, window_start = excluded.window_start,
           blocked_until = excluded.blocked_until, blocks = excluded.blocks, in_a_row = excluded.in_a_row,
           expires = excluded.expires",
        args![key, c.failures, c.window_start, c.blocked_until, c.blocks, c.in_a_row, expires],
    )
}

/// [`Counter::forgive_one`] in SQL: on the right-hand sides stand the values before the statement. The
/// suite holds the two against each other.
pub(super) fn forgive(key: CounterKey, rule: &Rule) -> Statement {
    Statement::any(
        "UPDATE counters SET
           in_a_row = CASE WHEN in_a_row > 0 THEN in_a_row - 1 ELSE 0 END,
           failures = CASE WHEN failures > 0 THEN failures - 1 WHEN blocked_until > 0 THEN $2 ELSE 0 END,
           blocks = CASE WHEN failures = 0 AND blocked_until > 0 AND blocks > 0 THEN blocks - 1 ELSE blocks END,
           blocked_until = CASE WHEN failures = 0 AND blocked_until > 0 THEN 0 ELSE blocked_until END
         WHERE name = $1",
        args![key, rule.limit.saturating_sub(1)],
    )
}

pub(super) fn clear(key: CounterKey) -> Statement {
    Statement::any("DELETE FROM counters WHERE name = $1", args![key])
}

pub(crate) fn read(row: &impl Row) -> Stored<Counter> {
    Ok(Counter {
        failures: row.u32("failures")?,
        window_start: row.int("window_start")?,
        blocked_until: row.int("blocked_until")?,
        blocks: row.u32("blocks")?,
        in_a_row: row.u32("in_a_row")?,
    })
}
