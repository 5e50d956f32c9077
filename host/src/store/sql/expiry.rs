//! Deleting what is over, a little at a time, so that nobody waits long behind it.

use super::statement::{Statement, args};
use gatewright_contract::Timestamp;

/// One statement a sort of row. Tokens come before sessions: what a session takes along is not counted.
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
    .collect()
}
