//! Many people who are logged in, put straight into the tables: a million logins would take hours.
//!
//! This is the only SQL outside the host's store. It names each column that it fills and holds the names against the
//! tables that the app has made: a schema that changes stops the bench.
#![allow(dead_code, reason = "each bench uses a part")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a bench may stop")]

use crate::inside::{Inside, Place};
use data_encoding::HEXLOWER;
use gatewright_contract::{PersonId, SessionId, TenantId, Timestamp};
use gatewright_core::{
    session::TokenKind,
    token::{HashedToken, PlainToken},
};
use sqlx::{
    Arguments, AssertSqlSafe, ConnectOptions, Connection, Executor, PgConnection, Row, SqliteConnection,
    sqlite::{SqliteArguments, SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
};
use std::{fmt::Write, ops::Range, path::PathBuf, time::Duration};

/// People in one transaction.
const CHUNK: usize = 10_000;
/// Rows in one statement of SQLite, which takes 32 766 arguments at most.
const ROWS: usize = 100;
const A_MONTH: Duration = Duration::from_secs(30 * 86_400);
const A_DAY: Duration = Duration::from_secs(86_400);

/// When all of them logged in, and what time it is in a house that was filled.
pub(crate) const THEN: Timestamp = Timestamp(2_000_000_000_000_000);

/// When this person was made: one a millisecond, as if they had come one after the other.
pub(crate) fn made(number: usize) -> Timestamp {
    let month = i64::try_from(A_MONTH.as_micros()).unwrap();
    Timestamp(THEN.0 - month + i64::try_from(number).unwrap() * 1_000)
}

/// Any of so many, always the same for a number: uniform, and in no order (the mixing of SplitMix64).
pub(crate) fn any_of(count: usize, number: usize) -> usize {
    let mut z = (number as u64).wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    usize::try_from((z ^ (z >> 31)) % count as u64).unwrap()
}

/// The login name of a person who is filled in.
pub(crate) fn username(number: usize) -> String {
    format!("somebody-{number}")
}

/// The access token of their session. What is stored is its hash, so that their order in the table is none.
pub(crate) fn access_token(number: usize) -> String {
    format!("gwa_{number:043}")
}

/// The token that keeps their session.
pub(crate) fn session_token(number: usize) -> PlainToken {
    PlainToken::received(&format!("gws_{number:043}")).expect("a token")
}

/// The bytes of their session's id.
pub(crate) fn session_id(number: usize) -> Vec<u8> {
    ids(number).1.as_bytes().to_vec()
}

enum Cell {
    Int(i64),
    Text(String),
    Blob(Vec<u8>),
    Null,
}

use Cell::{Blob, Int, Null, Text};

type Named = Vec<(&'static str, Cell)>;

/// People of these numbers, each with a session and its two tokens; `tenant` says whose they are.
pub(crate) async fn fill(house: &Inside, numbers: Range<usize>, tenant: impl Fn(usize) -> TenantId) {
    house.world.hold(THEN);
    let now = THEN;
    let mut tables = Tables::of(house).await;
    for first in numbers.clone().step_by(CHUNK) {
        let chunk = first..numbers.end.min(first + CHUNK);
        let each = |make: fn(usize, TenantId, Timestamp) -> Vec<Named>| {
            let made = chunk.clone().map(|number| make(number, tenant(number), now));
            made.flatten().collect::<Vec<_>>()
        };
        tables.begin().await;
        tables.put("people", each(person)).await;
        tables.put("sessions", each(session)).await;
        tables.put("tokens", each(tokens)).await;
        tables.end().await;
    }
    tables.done().await;
}

fn ids(number: usize) -> (PersonId, SessionId) {
    let made = made(number);
    let random = HashedToken::of(&number.to_be_bytes()).0[..10].try_into().unwrap();
    (PersonId::from_parts(made, random), SessionId::from_parts(made, random))
}

fn person(number: usize, tenant: TenantId, now: Timestamp) -> Vec<Named> {
    let name = username(number);
    let (id, _) = ids(number);
    vec![vec![
        ("id", Blob(id.as_bytes().to_vec())),
        ("tenant", Text(tenant.to_string())),
        ("username", Text(name.clone())),
        ("username_key", Text(name.clone())),
        ("username_look", Text(name)),
        ("display_name", Text(format!("Somebody {number}"))),
        ("email", Null),
        ("administrator", Int(0)),
        ("disabled", Int(0)),
        ("service", Int(0)),
        ("email_verified", Int(0)),
        ("attributes", Null),
        ("created", Int(now.0)),
        ("changed", Int(now.0)),
        ("rev", Int(1)),
    ]]
}

fn session(number: usize, tenant: TenantId, now: Timestamp) -> Vec<Named> {
    let (person, id) = ids(number);
    let expires = now.plus(A_MONTH);
    vec![vec![
        ("id", Blob(id.as_bytes().to_vec())),
        ("tenant", Text(tenant.to_string())),
        ("person", Blob(person.as_bytes().to_vec())),
        ("created", Int(now.0)),
        ("authenticated", Int(now.0)),
        ("last_seen", Int(now.0)),
        ("expires", Int(expires.0)),
        ("ends", Int(now.plus(A_DAY).0)),
        ("acr", Text("aal1".to_owned())),
        ("amr", Text("[\"pwd\"]".to_owned())),
        ("door", Text("login".to_owned())),
        ("client", Null),
        ("address", Text("192.0.2.1".to_owned())),
        ("user_agent", Null),
        ("idle_seconds", Int(i64::try_from(A_DAY.as_secs()).unwrap())),
        ("rev", Int(1)),
        ("second_factor", Int(0)),
    ]]
}

fn tokens(number: usize, tenant: TenantId, now: Timestamp) -> Vec<Named> {
    let (_, session) = ids(number);
    let one = |kind: TokenKind, token: &PlainToken| {
        vec![
            ("hash", Blob(token.hashed().0.to_vec())),
            ("kind", Text(kind.as_str().to_owned())),
            ("session", Blob(session.as_bytes().to_vec())),
            ("tenant", Text(tenant.to_string())),
            ("expires", Int(now.plus(A_MONTH).0)),
            ("spent", Null),
            ("binding", Null),
        ]
    };
    let access = PlainToken::received(&access_token(number)).expect("a token");
    vec![one(TokenKind::Access, &access), one(TokenKind::Session, &session_token(number))]
}

/// The file of an app on SQLite.
pub(crate) fn file(house: &Inside) -> PathBuf {
    house.folder.path().join("gatewright.db")
}

/// Beside the app, without its care for what is durable.
enum Tables {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

impl Tables {
    async fn of(house: &Inside) -> Self {
        match &house.place {
            Place::Memory => panic!("there are no tables in memory"),
            Place::Sqlite => {
                let options = SqliteConnectOptions::new()
                    .filename(file(house))
                    .journal_mode(SqliteJournalMode::Wal)
                    .synchronous(SqliteSynchronous::Off)
                    .busy_timeout(Duration::from_secs(60))
                    .foreign_keys(false)
                    .pragma("cache_size", "-1048576")
                    .disable_statement_logging();
                Self::Sqlite(options.connect().await.expect("opens"))
            }
            Place::Postgres(url) => {
                let mut connection = PgConnection::connect(url).await.expect("connects");
                // No triggers: foreign keys hold by the way the rows are made.
                let quickly = "SET synchronous_commit = off; SET session_replication_role = replica;";
                connection.execute(sqlx::raw_sql(quickly)).await.expect("is set");
                Self::Postgres(connection)
            }
        }
    }

    async fn run(&mut self, sql: &'static str) {
        match self {
            Self::Sqlite(connection) => drop(connection.execute(sqlx::raw_sql(sql)).await.expect(sql)),
            Self::Postgres(connection) => drop(connection.execute(sqlx::raw_sql(sql)).await.expect(sql)),
        }
    }

    async fn begin(&mut self) {
        match self {
            // As a writer from the start: the app may write in between.
            Self::Sqlite(_) => self.run("BEGIN IMMEDIATE").await,
            Self::Postgres(_) => self.run("BEGIN").await,
        }
    }

    async fn end(&mut self) {
        self.run("COMMIT").await;
    }

    /// Leaves the tables as they are after some days of use.
    async fn done(mut self) {
        match &self {
            Self::Sqlite(_) => self.run("PRAGMA wal_checkpoint(TRUNCATE)").await,
            Self::Postgres(_) => {
                self.run("VACUUM ANALYZE").await;
                self.run("CHECKPOINT").await;
            }
        }
        match self {
            Self::Sqlite(connection) => connection.close().await.expect("closes"),
            Self::Postgres(connection) => connection.close().await.expect("closes"),
        }
    }

    async fn put(&mut self, table: &str, rows: Vec<Named>) {
        let columns = self.columns(table).await;
        let rows: Vec<Vec<Cell>> = rows.into_iter().map(|row| arranged(table, &columns, row)).collect();
        let columns = columns.join(", ");
        match self {
            Self::Sqlite(connection) => insert(connection, table, &columns, rows).await,
            Self::Postgres(connection) => copy(connection, table, &columns, &rows).await,
        }
    }

    /// As the schema has them.
    async fn columns(&mut self, table: &str) -> Vec<String> {
        match self {
            Self::Sqlite(connection) => {
                let sql = "SELECT name FROM pragma_table_info($1) ORDER BY cid";
                let rows = sqlx::query(sql).bind(table).fetch_all(connection).await;
                rows.expect("a table").iter().map(|row| row.get(0)).collect()
            }
            Self::Postgres(connection) => {
                let sql = "SELECT column_name::TEXT FROM information_schema.columns
                           WHERE table_schema = current_schema() AND table_name = $1 ORDER BY ordinal_position";
                let rows = sqlx::query(sql).bind(table).fetch_all(connection).await;
                rows.expect("a table").iter().map(|row| row.get(0)).collect()
            }
        }
    }
}

/// The cells of a row in the order of the table. A column too many or too few stops the bench.
fn arranged(table: &str, columns: &[String], mut row: Named) -> Vec<Cell> {
    let take = |column: &String| {
        let place = row.iter().position(|(name, _)| name == column);
        let place = place.unwrap_or_else(|| panic!("{table}.{column} is new: benches/fill.rs must fill it"));
        row.swap_remove(place).1
    };
    let cells = columns.iter().map(take).collect();
    assert!(row.is_empty(), "{table}.{} is gone: benches/fill.rs fills it", row[0].0);
    cells
}

async fn insert(connection: &mut SqliteConnection, table: &str, columns: &str, mut rows: Vec<Vec<Cell>>) {
    while !rows.is_empty() {
        let some: Vec<Vec<Cell>> = rows.drain(..ROWS.min(rows.len())).collect();
        let one = format!("({})", vec!["?"; some[0].len()].join(", "));
        let all = vec![one; some.len()].join(", ");
        let mut args = SqliteArguments::default();
        for cell in some.into_iter().flatten() {
            match cell {
                Int(value) => args.add(value),
                Text(value) => args.add(value),
                Blob(value) => args.add(value),
                Null => args.add(None::<i64>),
            }
            .expect("an argument");
        }
        let sql = AssertSqlSafe(format!("INSERT INTO {table} ({columns}) VALUES {all}"));
        sqlx::query_with(sql, args).execute(&mut *connection).await.expect("is inserted");
    }
}

/// In the text format of COPY (<https://www.postgresql.org/docs/current/sql-copy.html>).
async fn copy(connection: &mut PgConnection, table: &str, columns: &str, rows: &[Vec<Cell>]) {
    let mut text = String::new();
    for row in rows {
        for (at, cell) in row.iter().enumerate() {
            text.push_str(if at == 0 { "" } else { "\t" });
            match cell {
                Int(value) => write!(text, "{value}").unwrap(),
                Text(value) => {
                    assert!(!value.contains(['\\', '\t', '\n', '\r']), "{value} would have to be escaped");
                    text.push_str(value);
                }
                Blob(value) => write!(text, "\\\\x{}", HEXLOWER.encode(value)).unwrap(),
                Null => text.push_str("\\N"),
            }
        }
        text.push('\n');
    }
    let sql = format!("COPY {table} ({columns}) FROM STDIN");
    let mut sink = connection.copy_in_raw(&sql).await.expect("takes rows");
    sink.send(text.into_bytes()).await.expect("takes rows");
    let taken = sink.finish().await.expect("took them");
    assert_eq!(taken, rows.len() as u64, "{table}");
}
