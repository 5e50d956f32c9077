//! Several statements in one trip to the connection's thread.
//!
//! A trip costs about as much as a small statement, and a job has half a dozen. The driver runs a text of
//! many statements one after the other, prepared and kept like any other; their `$1..$n` are numbered on
//! through the whole text. Should the driver give that up, [`run`] becomes a loop and nothing else changes.

use super::driver;
use crate::store::sql::statement::Statement;
use futures_util::TryStreamExt;
use sqlx::{
    AssertSqlSafe, Either, Executor, SqliteConnection,
    sqlite::{SqliteArguments, SqliteRow},
};

/// What one statement did.
#[derive(Default)]
pub(super) struct Effect {
    pub(super) affected: u64,
    pub(super) rows: Vec<SqliteRow>,
}

/// What the statements did up to the first error.
pub(super) struct Ran {
    /// One for each that ran through.
    pub(super) effects: Vec<Effect>,
    /// The error of the next one.
    pub(super) error: Option<sqlx::Error>,
}

/// Statements that come first, without arguments and without interest in what they do.
#[derive(Clone, Copy)]
pub(super) struct Prologue {
    pub(super) sql: &'static str,
    pub(super) statements: usize,
}

/// Runs the prologue and then the statements, up to the first error. Takes their arguments.
///
/// # Errors
/// Those of the prologue and of the connection.
pub(super) async fn run(
    connection: &mut SqliteConnection,
    prologue: Prologue,
    statements: &mut [Statement],
) -> Result<Ran, sqlx::Error> {
    let (sql, args) = one_text(prologue, statements)?;
    // The text is made of constants of `store::sql` and of numbers.
    let mut steps = connection.fetch_many(sqlx::query_with(AssertSqlSafe(sql), args));
    let mut effects = Vec::with_capacity(statements.len());
    let mut effect = Effect::default();
    let mut to_skip = prologue.statements;
    loop {
        match steps.try_next().await {
            Ok(None) => return Ok(Ran { effects, error: None }),
            Ok(Some(Either::Left(_))) if to_skip > 0 => to_skip -= 1,
            Ok(Some(Either::Left(result))) => {
                effect.affected = result.rows_affected();
                effects.push(std::mem::take(&mut effect));
            }
            Ok(Some(Either::Right(row))) => effect.rows.push(row),
            Err(error) if to_skip > 0 => return Err(error),
            Err(error) => return Ok(Ran { effects, error: Some(error) }),
        }
    }
}

fn one_text(
    prologue: Prologue,
    statements: &mut [Statement],
) -> Result<(String, SqliteArguments), sqlx::Error> {
    let mut sql = String::with_capacity(256 * (statements.len() + 1));
    let mut args = SqliteArguments::default();
    sql.push_str(prologue.sql);
    let mut bound = 0;
    for statement in statements {
        renumbered(statement.sql, bound, &mut sql);
        sql.push(';');
        bound += statement.args.len();
        driver::bind(&mut args, std::mem::take(&mut statement.args))?;
    }
    Ok((sql, args))
}

/// Appends `sql` with each `$n` made `$(n + by)`. No text of ours has a `$` for anything else.
fn renumbered(sql: &str, by: usize, into: &mut String) {
    use std::fmt::Write;
    if by == 0 {
        into.push_str(sql);
        return;
    }
    let mut parts = sql.split('$');
    into.push_str(parts.next().unwrap_or_default());
    for part in parts {
        let digits = part.bytes().take_while(u8::is_ascii_digit).count();
        let number: usize = part[..digits].parse().unwrap_or_default();
        // Writing to a string does not fail.
        let _ = write!(into, "${}", number + by);
        into.push_str(&part[digits..]);
    }
}

#[cfg(test)]
mod tests {
    use super::renumbered;

    #[test]
    fn arguments_are_numbered_on() {
        let mut text = String::from("a = $1;");
        renumbered("b = $1 AND c IN ($2, $10)", 3, &mut text);
        assert_eq!(text, "a = $1;b = $4 AND c IN ($5, $13)");
    }
}
