//! Whole databases: how they are, bringing them up to date, moving them.

mod backups;
mod copying;
mod damage;

use super::{
    counters::{RULE, counter},
    sample::{Folder, Sample},
};
use crate::store::{
    Access, StoreUrl, open,
    operator::{migrate, status},
    sql::tables::{Kind, TABLES},
};
use gatewright_core::{
    person::Keys,
    store::{Link, Record, Store, Write},
};
use gatewright_test_postgres::database;
use serde_json::json;
use sqlx::{
    AssertSqlSafe, Connection, PgConnection, Row as _, SqliteConnection, sqlite::SqliteConnectOptions,
};
use std::{path::Path, sync::Arc};

fn sqlite(path: &Path) -> StoreUrl {
    StoreUrl::Sqlite(path.to_owned())
}

fn postgres(url: &str) -> StoreUrl {
    url.parse().expect("an address")
}

async fn connected(path: &Path) -> SqliteConnection {
    SqliteConnection::connect_with(&SqliteConnectOptions::new().filename(path).create_if_missing(true))
        .await
        .expect("connects")
}

async fn raw(path: &Path, sql: &str) {
    let mut connection = connected(path).await;
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut connection).await.expect("runs");
    connection.close().await.expect("closes");
}

/// An instance with something in every table, closed.
pub(super) async fn filled(url: &StoreUrl) -> Sample {
    let s = Sample::new(open(url, Access::Host).await.expect("opens"));
    let two = s.elsewhere();
    for s in [&s, &two] {
        s.put(vec![Write::TenantInsert(s.a_tenant()), Write::KeyInsert(s.key())]).await;
        let on = s.logged_in().await;
        let mut named = s.person("Zoë \u{1f511} O'Neill");
        named.email = Some("zoe@example.com".to_owned());
        let address = Some("zoe@example.com".to_owned());
        let keys = Keys { email: address.clone(), email_look: address, ..Keys::from("zoë".to_owned()) };
        let record =
            Record::new(&s.tenant, "group", on.person.id.0, s.now, &json!({"a": "ü"})).expect("a record");
        s.put(vec![
            Write::PersonInsert(named, keys),
            Write::CredentialInsert(s.credential(&on.person)),
            Write::TransactionInsert(s.waiting("device")),
            Write::TransactionInsert(s.transaction()),
            Write::DocumentPut {
                plugin: "totp".to_owned(),
                tenant: s.tenant.clone(),
                key: "k".to_owned(),
                expect: None,
                value: vec![0, 255],
                expires: None,
                now: s.now,
            },
            Write::RecordInsert(record),
            Write::LinkInsert(Link {
                tenant: s.tenant.clone(),
                kind: "member",
                from: on.person.id.0,
                to: on.session.id.0,
            }),
        ])
        .await;
        for i in 0..5 {
            s.put(vec![Write::Audit(s.event(&format!("test.{i}")))]).await;
        }
        s.store.reserve(&[(counter(), RULE)], s.now).await.expect("counts");
    }
    s.store.close().await;
    Sample { store: Arc::new(crate::store::memory::Memory::default()), ..s }
}

pub(super) async fn at(url: &StoreUrl) -> Arc<dyn Store> {
    open(url, Access::Host).await.expect("opens")
}

#[tokio::test]
async fn the_list_of_tables_is_that_of_both_databases() {
    let listed: Vec<String> = TABLES
        .iter()
        .flat_map(|table| {
            table.columns.iter().enumerate().map(move |(at, (column, kind))| {
                let key = if at < table.key { (at + 1).to_string() } else { "0".to_owned() };
                format!("{} {column} {kind:?} {key}", table.name)
            })
        })
        .collect();
    let folder = Folder::new();
    let path = folder.path("gatewright.db");
    at(&sqlite(&path)).await.close().await;
    let mut file = connected(&path).await;
    let question = "SELECT t.name, c.name, c.type, c.pk FROM pragma_table_list t, pragma_table_info(t.name) c
        WHERE t.schema = 'main' AND t.name NOT LIKE 'sqlite_%' AND t.name <> 'schema_version'";
    let rows = sqlx::query(question).fetch_all(&mut file).await.expect("answers");
    let in_file = rows.iter().map(|row| {
        let kind = match row.get::<&str, _>(2) {
            "INTEGER" => Kind::Int,
            "TEXT" => Kind::Text,
            _ => Kind::Blob,
        };
        format!("{} {} {kind:?} {}", row.get::<&str, _>(0), row.get::<&str, _>(1), row.get::<i64, _>(3))
    });
    same(&listed, in_file.collect());

    let database = database();
    at(&postgres(&database.url())).await.close().await;
    let mut server = PgConnection::connect(&database.url()).await.expect("connects");
    let question = "SELECT c.relname::text, a.attname::text, format_type(a.atttypid, a.atttypmod),
          coalesce((SELECT array_position(i.indkey::int2[], a.attnum) + 1 FROM pg_index i
            WHERE i.indrelid = c.oid AND i.indisprimary), 0)::int8
        FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
        WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace AND a.attnum > 0
          AND NOT a.attisdropped AND c.relname <> 'gatewright_schema'";
    let rows = sqlx::query(question).fetch_all(&mut server).await.expect("answers");
    let in_server = rows.iter().map(|row| {
        let kind = match row.get::<&str, _>(2) {
            "bigint" => Kind::Int,
            "text" => Kind::Text,
            _ => Kind::Blob,
        };
        format!("{} {} {kind:?} {}", row.get::<&str, _>(0), row.get::<&str, _>(1), row.get::<i64, _>(3))
    });
    same(&listed, in_server.collect());
}

/// Whatever the order.
fn same(listed: &[String], mut found: Vec<String>) {
    let mut listed = listed.to_vec();
    listed.sort();
    found.sort();
    let missing: Vec<_> = found.iter().filter(|one| !listed.contains(one)).collect();
    let too_many: Vec<_> = listed.iter().filter(|one| !found.contains(one)).collect();
    assert!(
        missing.is_empty() && too_many.is_empty(),
        "not in the list: {missing:?}; only there: {too_many:?}"
    );
}

#[tokio::test]
async fn how_a_database_is() {
    let folder = Folder::new();
    let path = folder.path("gatewright.db");
    let text = status(&sqlite(&path)).await.expect_err("is not there").to_string();
    assert!(text.ends_with("gatewright.db is not there; check the path") && !path.exists(), "{text}");
    assert_eq!(migrate(&sqlite(&path)).await.expect("is made"), (0, 4));
    assert_eq!(migrate(&sqlite(&path)).await.expect("is there"), (4, 4));
    filled(&sqlite(&path)).await;
    let found = status(&sqlite(&path)).await.expect("answers");
    assert!(found.place.ends_with("gatewright.db") && found.database.starts_with("SQLite 3."), "{found:?}");
    assert_eq!((found.found, found.known, found.pending.len()), (4, 4, 0));
    assert_eq!((found.in_use, found.damage, found.unfinished), (None, None, false));
    assert!(found.bytes.is_some_and(|bytes| bytes > 100_000));
    let rows = |name| found.rows.iter().find(|rows| rows.table == name).map(|rows| rows.rows);
    assert_eq!(
        (rows("tenants"), rows("people"), rows("audit"), found.rows.len()),
        (Some(2), Some(4), Some(10), TABLES.len())
    );

    let host = at(&sqlite(&path)).await;
    let in_use = status(&sqlite(&path)).await.expect("answers beside a host").in_use;
    assert_eq!(in_use, Some(format!("by a host (process {})", std::process::id())));
    let text = migrate(&sqlite(&path)).await.expect_err("a host has it").to_string();
    assert!(text.contains("is in use by another host"), "{text}");
    host.close().await;

    let database = database();
    let server = postgres(&database.tcp_url());
    let found = status(&server).await.expect("answers");
    assert_eq!((found.found, found.pending.len(), found.rows.len()), (0, 4, 0));
    assert_eq!((found.pending[1].version, found.pending[1].name), (2, "audit_chain_and_records"));
    assert!(found.pending[1].sql.contains("CREATE TABLE audit_heads"));
    assert_eq!(migrate(&server).await.expect("is made"), (0, 4));
    let found = status(&server).await.expect("answers");
    assert!(
        found.database.starts_with("PostgreSQL ")
            && !found.place.contains(gatewright_test_postgres::PASSWORD)
    );
    assert_eq!((found.rows.len(), found.in_use), (TABLES.len(), None));
}
