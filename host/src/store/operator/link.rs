//! One connection to a database of either kind, for work on whole tables.

use super::{OperatorError, UNFINISHED};
use crate::store::{
    postgres,
    sql::{
        row::Row,
        statement::Arg,
        tables::{Kind, Table},
    },
    sqlite,
};
use futures_util::TryStreamExt;
use sqlx::{AssertSqlSafe, Connection, PgConnection, SqliteConnection};
use std::fs::File;

/// A row in the order of the table's columns.
pub(super) type Values = Vec<Arg>;

/// Bytes of values in a page, roughly: what is in memory at a time.
const PAGE_BYTES: usize = 4 << 20;
/// Rows in a page at most.
const PAGE_ROWS: usize = 2_000;
/// Arguments in one statement at most; both databases take thousands.
const ARGUMENTS: usize = 600;

/// A database that a command works on.
pub(in crate::store) struct Side {
    /// Its address, without a password.
    pub(in crate::store) place: String,
    pub(in crate::store) link: Link,
    /// What keeps hosts away from a file, until this is dropped.
    pub(in crate::store) lock: Option<File>,
}

/// A connection.
pub(in crate::store) enum Link {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

impl Side {
    /// Runs statements without arguments, made of constants of this program.
    pub(in crate::store) async fn run(&mut self, sql: String) -> Result<(), OperatorError> {
        let text = sqlx::raw_sql(AssertSqlSafe(sql));
        let done = match &mut self.link {
            Link::Sqlite(connection) => text.execute(connection).await.map(|_| ()),
            Link::Postgres(connection) => text.execute(connection).await.map(|_| ()),
        };
        done.map_err(|error| self.failed(error))
    }

    /// The one number that answers.
    pub(in crate::store) async fn number(&mut self, sql: String) -> Result<i64, OperatorError> {
        let text = AssertSqlSafe(sql);
        let answer = match &mut self.link {
            Link::Sqlite(connection) => sqlx::query_scalar(text).fetch_one(connection).await,
            Link::Postgres(connection) => sqlx::query_scalar(text).fetch_one(connection).await,
        };
        answer.map_err(|error| self.failed(error))
    }

    /// The one text that answers.
    pub(in crate::store) async fn text(&mut self, sql: &'static str) -> Result<String, OperatorError> {
        let answer = match &mut self.link {
            Link::Sqlite(connection) => sqlx::query_scalar(sql).fetch_one(connection).await,
            Link::Postgres(connection) => sqlx::query_scalar(sql).fetch_one(connection).await,
        };
        answer.map_err(|error| self.failed(error))
    }

    /// Whether a copy to it was begun and not ended.
    pub(in crate::store) async fn is_unfinished(&mut self) -> Result<bool, OperatorError> {
        let known = match &self.link {
            Link::Sqlite(_) => format!("SELECT count(*) FROM sqlite_schema WHERE name = '{UNFINISHED}'"),
            Link::Postgres(_) => {
                format!("SELECT (to_regclass('{UNFINISHED}') IS NOT NULL)::int::int8")
            }
        };
        Ok(self.number(known).await? > 0)
    }

    /// The next rows after this one, in the order of the key; none when there are no more.
    pub(in crate::store) async fn page(
        &mut self,
        table: &Table,
        after: Option<&Values>,
    ) -> Result<Vec<Values>, OperatorError> {
        let sql = table.page(after.is_none(), PAGE_ROWS);
        let key = after.map(|row| row[..table.key].to_vec()).unwrap_or_default();
        let done = match &mut self.link {
            Link::Sqlite(connection) => {
                let mut args = sqlx::sqlite::SqliteArguments::default();
                match sqlite::bind(&mut args, key) {
                    Ok(()) => read(sqlx::query_with(AssertSqlSafe(sql), args).fetch(connection), table).await,
                    Err(error) => Err(error.into()),
                }
            }
            Link::Postgres(connection) => match postgres::bind(&key) {
                Ok(args) => read(sqlx::query_with(AssertSqlSafe(sql), args).fetch(connection), table).await,
                Err(error) => Err(error.into()),
            },
        };
        done.map_err(|error| match error {
            Unread::Driver(error) => self.failed(error),
            Unread::Value(source) => {
                OperatorError::Value { place: self.place.clone(), table: table.name, source }
            }
        })
    }

    /// Adds rows, in one transaction.
    pub(in crate::store) async fn put(
        &mut self,
        table: &Table,
        rows: &[Values],
    ) -> Result<(), OperatorError> {
        self.run("BEGIN".to_owned()).await?;
        for some in rows.chunks((ARGUMENTS / table.columns.len()).max(1)) {
            let sql = AssertSqlSafe(table.insert(some.len()));
            let values: Vec<Arg> = some.iter().flatten().cloned().collect();
            let done = match &mut self.link {
                Link::Sqlite(connection) => {
                    let mut args = sqlx::sqlite::SqliteArguments::default();
                    match sqlite::bind(&mut args, values) {
                        Ok(()) => sqlx::query_with(sql, args).execute(connection).await.map(|_| ()),
                        Err(error) => Err(error),
                    }
                }
                Link::Postgres(connection) => match postgres::bind(&values) {
                    Ok(args) => sqlx::query_with(sql, args).execute(connection).await.map(|_| ()),
                    Err(error) => Err(error),
                },
            };
            done.map_err(|error| self.failed(error))?;
        }
        self.run("COMMIT".to_owned()).await
    }

    /// Closes the connection in order and lets go of the file.
    pub(in crate::store) async fn close(self) {
        // What was to be durable is; at worst the write-ahead log stays beside the file.
        match self.link {
            Link::Sqlite(connection) => drop(connection.close().await),
            Link::Postgres(connection) => drop(connection.close().await),
        }
        drop(self.lock);
    }

    pub(in crate::store) fn failed(&self, error: sqlx::Error) -> OperatorError {
        // The driver's own text has the detail of PostgreSQL in it, and so values of rows.
        let said = match &self.link {
            Link::Sqlite(_) => error.to_string(),
            Link::Postgres(_) => postgres::said(&error),
        };
        OperatorError::Database { place: self.place.clone(), said }
    }
}

enum Unread {
    Driver(sqlx::Error),
    Value(gatewright_core::store::StoreError),
}

impl From<sqlx::Error> for Unread {
    fn from(error: sqlx::Error) -> Self {
        Self::Driver(error)
    }
}

/// Reads up to the bytes of a page.
async fn read<R: Row>(
    mut rows: impl futures_util::Stream<Item = Result<R, sqlx::Error>> + Unpin,
    table: &Table,
) -> Result<Vec<Values>, Unread> {
    let (mut page, mut bytes) = (Vec::new(), 0);
    while bytes < PAGE_BYTES
        && let Some(row) = rows.try_next().await?
    {
        let mut values = Values::with_capacity(table.columns.len());
        for (name, kind) in table.columns {
            let value = match kind {
                Kind::Int => row.maybe_int(name).map(Arg::Int),
                Kind::Text => row.maybe_text(name).map(Arg::Text),
                Kind::Blob => row.maybe_blob(name).map(Arg::Blob),
            };
            let value = value.map_err(Unread::Value)?;
            bytes += size(&value);
            values.push(value);
        }
        page.push(values);
    }
    Ok(page)
}

fn size(value: &Arg) -> usize {
    match value {
        Arg::Text(Some(text)) => text.len() + 32,
        Arg::Blob(Some(bytes)) => bytes.len() + 32,
        _ => 32,
    }
}
