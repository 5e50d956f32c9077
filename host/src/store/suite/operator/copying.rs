//! Moving everything to another database.

use super::{at, connected, filled, postgres, raw, sqlite};
use crate::store::{
    Access, OpenError, StoreUrl, open,
    operator::{OperatorError, Progress, copy, migrate, status},
    sql::tables::TABLES,
    suite::sample::{Folder, Sample},
};
use gatewright_core::store::Write;
use gatewright_test_postgres::database;
use sqlx::AssertSqlSafe;
use std::path::Path;

fn silent(_: Progress) {}

async fn refused(from: &StoreUrl, to: &StoreUrl) -> String {
    match copy(from, to, silent).await {
        Ok(copied) => panic!("copied {copied:?}"),
        Err(error) => error.to_string(),
    }
}

/// Rows of a table that only one of two files has.
async fn differences(one: &Path, other: &Path) -> i64 {
    let mut connection = connected(one).await;
    let attach = format!("ATTACH '{}' AS other", other.display());
    sqlx::raw_sql(AssertSqlSafe(attach)).execute(&mut connection).await.expect("attaches");
    let mut different = 0;
    for table in TABLES.iter().map(|table| table.name) {
        for (a, b) in [("main", "other"), ("other", "main")] {
            let text =
                format!("SELECT count(*) FROM (SELECT * FROM {a}.{table} EXCEPT SELECT * FROM {b}.{table})");
            let rows: i64 =
                sqlx::query_scalar(AssertSqlSafe(text)).fetch_one(&mut connection).await.expect("counts");
            different += rows;
        }
        let rows: i64 = sqlx::query_scalar(AssertSqlSafe(format!("SELECT count(*) FROM {table}")))
            .fetch_one(&mut connection)
            .await
            .expect("counts");
        assert!(rows > 0, "{table} is empty: nothing was tried with it");
    }
    different
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everything_moves_to_a_server_and_back() {
    let folder = Folder::new();
    let (first, last) = (folder.path("first.db"), folder.path("last.db"));
    let database = database();
    let s = filled(&sqlite(&first)).await;
    // More than a page, in number and in bytes.
    raw(
        &first,
        "INSERT INTO leases VALUES ('expire', x'01', 5);
         INSERT INTO counters WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 4500)
           SELECT randomblob(32), i, -i, 0, 0, 0, 9223372036854775807 FROM n;
         INSERT INTO documents WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 7)
           SELECT 'big', 't', 'k' || i, 1, randomblob(1500000), NULL FROM n",
    )
    .await;
    let mut told = Vec::new();
    let copied = copy(&sqlite(&first), &postgres(&database.url()), |how_far| told.push(how_far)).await;
    let copied = copied.expect("is copied");
    assert_eq!(copied.chains, 2);
    assert!(
        copied.tables.contains(&("counters", 4502)) && copied.tables.contains(&("audit", 10)),
        "{copied:?}"
    );
    let pages = told.iter().filter(|t| t.table == "counters" && !t.comparing).count();
    assert!(pages > 2, "{pages}");
    copy(&postgres(&database.url()), &sqlite(&last), silent).await.expect("is copied back");
    assert_eq!(differences(&first, &last).await, 0);

    // A host goes on where the other stopped.
    for url in [postgres(&database.url()), sqlite(&last)] {
        let s = Sample { store: at(&url).await, ..s.clone() };
        let head = s.store.audit_head(&s.tenant).await.expect("answers");
        s.put(vec![Write::Audit(s.event("test.after"))]).await;
        let next = s.store.audit_from(&s.tenant, head.number, 9).await.expect("answers");
        assert_eq!(next, [head.follow(s.event("test.after")).1]);
        assert!(s.store.person_by_email(&s.tenant, "zoe@example.com").await.expect("answers").is_some());
        s.store.close().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_unfinished_copy_is_no_database() {
    let folder = Folder::new();
    let (from, file) = (sqlite(&folder.path("from.db")), sqlite(&folder.path("to.db")));
    filled(&from).await;
    let database = database();
    for to in [file, postgres(&database.url())] {
        let (send, mut stop) = tokio::sync::mpsc::unbounded_channel();
        let until = |how_far: Progress| {
            if how_far.table == "audit" && how_far.done > 0 {
                send.send(()).expect("is heard");
            }
        };
        tokio::select! {
            biased;
            _ = stop.recv() => {}
            done = copy(&from, &to, until) => panic!("was not interrupted: {done:?}"),
        }
        // The lock of the file goes with the connection, in its own time.
        let text = loop {
            match open(&to, Access::Host).await {
                Err(OpenError::InUse { .. }) => tokio::task::yield_now().await,
                Err(error) => break error.to_string(),
                Ok(_) => panic!("a host starts on it"),
            }
        };
        assert!(
            text.contains("is an unfinished copy of another database, and no host starts on it; run `gatewright store copy` again, which begins anew"),
            "{text}"
        );
        let found = status(&to).await.expect("answers");
        assert!(found.unfinished && found.rows.iter().any(|rows| rows.table == "people" && rows.rows > 0));
        let text = migrate(&to).await.expect_err("is refused").to_string();
        assert!(text.contains("unfinished copy"), "{text}");
        let text = refused(&to, &sqlite(&folder.path("third.db"))).await;
        assert!(text.contains("unfinished copy"), "{text}");

        let copied = copy(&from, &to, silent).await.expect("begins anew");
        assert_eq!(copied.chains, 2);
        at(&to).await.close().await;
    }
}

#[tokio::test]
async fn copies_that_are_refused() {
    let folder = Folder::new();
    let (one, two) = (sqlite(&folder.path("one.db")), sqlite(&folder.path("two.db")));
    assert!(refused(&one, &two).await.ends_with("one.db is not there; check the path"));
    filled(&one).await;
    let text = refused(&one, &one).await;
    assert!(text.starts_with("source and destination are the same database: sqlite:"), "{text}");
    assert!(refused(&StoreUrl::Memory, &two).await.contains("nothing to copy"));

    filled(&two).await;
    let text = refused(&one, &two).await;
    assert!(
        text.ends_with("is not empty (table tenants has rows); name an empty database, nothing was changed"),
        "{text}"
    );
    let three = sqlite(&folder.path("three.db"));
    let host = at(&one).await;
    let text = refused(&one, &three).await;
    assert!(text.contains("one.db is in use by another host"), "{text}");
    host.close().await;

    raw(&folder.path("one.db"), "DELETE FROM schema_version WHERE version > 1").await;
    let text = refused(&one, &three).await;
    assert!(
        text.contains("has schema version 1 and this program copies version")
            && text.contains("gatewright store migrate"),
        "{text}"
    );
}

#[tokio::test]
async fn nobody_writes_to_what_is_being_copied() {
    let folder = Folder::new();
    let database = database();
    let server = postgres(&database.url());
    filled(&server).await;
    let host = at(&server).await;
    host.ping().await.expect("is connected");
    let file = sqlite(&folder.path("to.db"));
    let text = refused(&server, &file).await;
    // Those of its pool, and the one that listens.
    assert!(
        text.contains("is in use by ") && text.contains("of gatewright; stop every host first"),
        "{text}"
    );
    let in_use = status(&server).await.expect("answers").in_use.expect("is in use");
    assert!(in_use.ends_with("connection(s) of hosts"), "{in_use}");
    host.close().await;

    // A command that works beside a host can't write either.
    filled(&file).await;
    let to = sqlite(&folder.path("copy.db"));
    let mut source = crate::store::sqlite::operator::source(&folder.path("to.db")).await.expect("is held");
    let mut beside = connected(&folder.path("to.db")).await;
    let write = sqlx::raw_sql("PRAGMA busy_timeout = 0; BEGIN IMMEDIATE").execute(&mut beside).await;
    assert!(write.expect_err("is refused").to_string().contains("database is locked"));
    sqlx::Connection::close(beside).await.expect("closes");
    source.run("ROLLBACK".to_owned()).await.expect("lets go");
    source.close().await;
    copy(&file, &to, silent).await.expect("is copied");
}

/// A disk that stores something else than what it was given.
#[tokio::test]
async fn a_copy_that_differs_is_found() {
    let folder = Folder::new();
    let (from, to) = (sqlite(&folder.path("from.db")), sqlite(&folder.path("to.db")));
    filled(&from).await;
    at(&to).await.close().await;
    raw(
        &folder.path("to.db"),
        "CREATE TABLE unfinished_copy (version BIGINT);
         CREATE TRIGGER bad AFTER INSERT ON counters BEGIN UPDATE counters SET blocks = 7; END",
    )
    .await;
    match copy(&from, &to, silent).await {
        Err(OperatorError::Differs { table: "counters", source_rows: 2, rows: 2 }) => {}
        other => panic!("not found: {other:?}"),
    }
    assert!(matches!(open(&to, Access::Host).await.err(), Some(OpenError::Unfinished { .. })));
    // And a chain that does not end where its head says.
    raw(&folder.path("from.db"), "UPDATE audit_heads SET hash = zeroblob(32)").await;
    raw(&folder.path("to.db"), "DROP TRIGGER bad").await;
    let text = refused(&from, &to).await;
    assert!(text.contains("the audit log of 2 tenant(s) does not end where its head says"), "{text}");
}
