//! Counters of tries. The arithmetic is [`Counter`]'s, but for [`forgive`] and [`refund`], which must be one statement each.

use super::{
    row::Row,
    statement::{Statement, args},
};
use gatewright_contract::Timestamp;
use gatewright_core::{
    store::{Stored, Write},
    throttle::{Counter, CounterKey, Refund, Rule},
};
use std::collections::BTreeMap;

/// Where in a commit a write belongs: other writes where they are, counters behind them by name; refunds before other
/// counters, since they read what may be cleared.
pub(super) fn place(write: &Write) -> Option<(bool, [u8; 32])> {
    match write {
        Write::CounterRefund(refund) => Some((false, refund.counter.0.0)),
        Write::CounterForgive(key, _) | Write::CounterClear(key) => Some((true, key.0.0)),
        _ => None,
    }
}

/// A refund touches two counters, and what is cleared beside it comes later: whoever has one in a commit holds all of its
/// counters first, in the order of their names, as who counts tries does. Nothing for all other commits.
pub(super) fn hold(writes: &[Write]) -> Vec<Statement> {
    let mut keys = BTreeMap::new();
    let mut refunds = false;
    for write in writes {
        match write {
            Write::CounterRefund(Refund { counter, place, .. }) => {
                refunds = true;
                keys.extend([(counter.0.0, *counter), (place.0.0, *place)]);
            }
            Write::CounterForgive(key, _) | Write::CounterClear(key) => {
                keys.insert(key.0.0, *key);
            }
            _ => {}
        }
    }
    let hold = |key| Statement::any("UPDATE counters SET blocks = blocks WHERE name = $1", args![key]);
    keys.into_values().filter(|_| refunds).map(hold).collect()
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

/// [`Counter::refund`] in SQL, held against it in the same way. No block ends at -1.
pub(super) fn refund(refund: &Refund) -> Statement {
    let Refund { counter, place, rule, most, began } = refund;
    Statement::any(
        "UPDATE counters SET
           in_a_row = CASE WHEN counters.in_a_row > p.in_a_row THEN counters.in_a_row - p.in_a_row ELSE 0 END,
           failures = CASE
             WHEN counters.failures = 0 AND counters.blocked_until = $3 THEN CASE
               WHEN counters.blocks > 1 OR p.window_start < counters.window_start THEN $4 - 1
               WHEN p.failures < $4 THEN $4 - p.failures
               ELSE 0 END
             WHEN p.window_start < counters.window_start OR p.window_start < counters.blocked_until
               THEN counters.failures
             WHEN counters.failures > p.failures THEN counters.failures - p.failures
             ELSE 0 END,
           blocks = CASE WHEN counters.failures = 0 AND counters.blocked_until = $3 AND counters.blocks > 0
             THEN counters.blocks - 1 ELSE counters.blocks END,
           blocked_until = CASE WHEN counters.failures = 0 AND counters.blocked_until = $3
             THEN 0 ELSE counters.blocked_until END
         FROM (SELECT window_start,
             CASE WHEN in_a_row < $5 THEN in_a_row ELSE $5 END AS in_a_row,
             CASE WHEN failures < $5 THEN failures ELSE $5 END AS failures
           FROM counters WHERE name = $2) AS p
         WHERE counters.name = $1",
        args![*counter, *place, began.map_or(-1, |until| until.0), rule.limit.max(1), *most],
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
