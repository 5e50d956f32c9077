//! Deleting what is over, a little at a time, so that nobody waits long behind it.

use super::statement::{Statement, args};
use gatewright_contract::Timestamp;
use gatewright_core::store::EXPIRING;

/// One statement a sort of row, and a kind of record. Tokens come before sessions: what a session takes along is not counted.
pub(super) fn expire(now: Timestamp, limit: u32) -> Vec<Statement> {
    [
        "DELETE FROM transactions WHERE id IN
           (SELECT id FROM transactions WHERE expires <= $1 ORDER BY expires LIMIT $2)",
        "DELETE FROM tokens WHERE hash IN
           (SELECT hash FROM tokens WHERE expires <= $1 ORDER BY expires LIMIT $2)",
        "DELETE FROM sessions WHERE id IN
           (SELECT id FROM sessions WHERE ends <= $1 ORDER BY ends LIMIT $2)",
        "DELETE FROM counters WHERE name IN
           (SELECT name FROM counters WHERE expires <= $1 ORDER BY expires LIMIT $2)",
        "DELETE FROM documents WHERE (plugin, tenant, key) IN
           (SELECT plugin, tenant, key FROM documents WHERE expires <= $1 ORDER BY expires LIMIT $2)",
    ]
    .into_iter()
    .map(|sql| Statement::any(sql, args![now, limit]))
    .chain(EXPIRING.iter().map(|kind| records(kind, now, limit)))
    .collect()
}

fn records(kind: &str, now: Timestamp, limit: u32) -> Statement {
    Statement::any(
        "DELETE FROM records WHERE id IN
           (SELECT id FROM records WHERE kind = $1 AND due <= $2 ORDER BY due, id LIMIT $3)",
        args![kind, now, limit],
    )
}
