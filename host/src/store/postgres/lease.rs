//! Who does the work that one node at a time does: a row with an end, by the clock of the database, since those
//! of the nodes may differ.

use crate::store::sql::statement::{Statement, args};
use std::time::Duration;
use uuid::Uuid;

/// The database's clock, in microseconds.
macro_rules! now {
    () => {
        "CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000000 AS BIGINT)"
    };
}

/// Takes the lease where it is free, over or held by this one already; otherwise no row changes.
pub(super) fn lead(task: &str, holder: Uuid, lasting: Duration) -> Statement {
    let micros = i64::try_from(lasting.as_micros()).unwrap_or(i64::MAX / 2);
    Statement::any(
        concat!(
            "INSERT INTO leases (name, holder, until) VALUES ($1, $2, $3 + ",
            now!(),
            ") ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until
             WHERE leases.holder = excluded.holder OR leases.until < ",
            now!()
        ),
        args![task, holder, micros],
    )
}

/// Lets another have it at once.
pub(super) fn release(task: &str, holder: Uuid) -> Statement {
    Statement::any("DELETE FROM leases WHERE name = $1 AND holder = $2", args![task, holder])
}
