//! The server: what opening it says and does, what a lost connection does, and what waits for what.

use super::{
    counters::{RULE, counter},
    sample::Sample,
};
use crate::store::{Access, DatabaseConfig, OpenError, StoreUrl, open};
use gatewright_core::{
    credential::StoredCredential,
    store::{Reserved, Store, StoreError, Write},
    throttle::Rule,
};
use gatewright_test_postgres::{Builder, Database, PASSWORD, Server, USER, database};
use sqlx::{Connection, Executor, PgConnection};
use std::{
    sync::Arc,
    time::{Duration, Instant},
};

async fn at(url: &str) -> Result<Arc<dyn Store>, OpenError> {
    open(&url.parse().expect("an address"), Access::Host).await
}

/// Why it does not open; says where, and nothing of the password.
async fn said(url: &str) -> String {
    let text = match at(url).await {
        Ok(_) => panic!("opened"),
        Err(error) => error.to_string(),
    };
    assert!(text.contains("postgres://") && !text.contains("sesame") && !text.contains(PASSWORD), "{text}");
    text
}

async fn raw(database: &Database<'_>, sql: &'static str) {
    let mut connection = PgConnection::connect(&database.url()).await.expect("connects");
    connection.execute(sqlx::raw_sql(sql)).await.expect("runs");
    connection.close().await.expect("closes");
}

#[tokio::test]
async fn reopening_keeps_everything() {
    let database = database();
    let s = Sample::new(at(&database.tcp_url()).await.expect("opens with a password"));
    let on = s.logged_in().await;
    s.put(vec![Write::Audit(s.event("test.happened")), Write::TokenSpend(on.keep.hash, s.now)]).await;
    s.store.close().await;
    let closed = s.commit(vec![Write::Audit(s.event("late"))]).await;
    assert!(matches!(closed, Err(StoreError::Unavailable(_))), "{closed:?}");

    let url: StoreUrl = database.tcp_url().replace(PASSWORD, "wrong").parse().expect("an address");
    let password = crate::config::SecretValue::new(PASSWORD);
    let url = url.with(DatabaseConfig { password: Some(password), ..DatabaseConfig::default() });
    let store = open(&url, Access::Command).await.expect("opens with the password of the table");
    let s = Sample { store, ..s };
    assert_eq!(s.store.person(&s.tenant, on.person.id).await.expect("answers"), Some(on.person));
    let token = s.store.token(&on.keep.hash).await.expect("answers").expect("is there");
    assert_eq!(token.spent, Some(s.now));
    s.store.close().await;
}

#[tokio::test]
async fn what_can_not_be_opened_says_what_to_do() {
    let database = database();
    let text = said(&database.tcp_url().replace(PASSWORD, "sesame")).await;
    assert!(text.contains("does not let gatewright in") && text.contains("database.password"), "{text}");
    let text = said(&database.url().replace(database.name(), "nowhere")).await;
    assert!(text.contains("CREATE DATABASE nowhere OWNER gatewright"), "{text}");
    let text = said(&format!("postgres://{USER}:sesame@127.0.0.1:1/x")).await;
    assert!(text.contains("no server answers") && text.contains("127.0.0.1:1/x"), "{text}");
    let text = said("postgres://gatewright@%2Fnowhere/x").await;
    assert!(text.contains("no server answers"), "{text}");
    let text = said(&format!("{}?sslmode=require", database.tcp_url())).await;
    assert!(text.contains("could not be protected") && text.contains("sslmode"), "{text}");
    // A user without rights, on a database that is another's.
    let server = database.server();
    server
        .run("DO $$ BEGIN CREATE ROLE guest LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$")
        .expect("a role");
    let text = said(&database.url().replacen(USER, "guest", 1)).await;
    assert!(text.contains("lacks rights"), "{text}");
}

#[tokio::test]
async fn tables_that_are_refused_stay_as_they_are() {
    let other = database();
    raw(&other, "CREATE TABLE schema_version (version INTEGER)").await;
    assert!(said(&other.url()).await.contains("another program"));
    let newer = database();
    at(&newer.url()).await.expect("opens").close().await;
    raw(&newer, "INSERT INTO gatewright_schema (version) VALUES (999)").await;
    let text = said(&newer.url()).await;
    assert!(text.contains("schema version 999") && text.contains("run the newer program"), "{text}");
    raw(&newer, "DELETE FROM gatewright_schema WHERE version = 999").await;
    at(&newer.url()).await.expect("opens").close().await;
}

/// All connections of a node are dead and none knows.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dead_connection_is_not_noticed() {
    let database = database();
    let s = Sample::new(at(&database.url()).await.expect("opens"));
    let people = async |s: &Sample| s.store.people(&s.tenant, None, 99).await.expect("answers").len();
    let mut expected = 0;
    for kind in 0..3 {
        // Several connections at once, so that several die.
        let mut tasks = tokio::task::JoinSet::new();
        for _ in 0..6 {
            let s = s.clone();
            tasks.spawn(async move { s.somebody().await });
        }
        expected += tasks.join_all().await.len();
        raw(
            &database,
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
             WHERE datname = current_database() AND pid <> pg_backend_pid()",
        )
        .await;
        match kind {
            0 => assert_eq!(people(&s).await, expected),
            1 => {
                s.somebody().await;
                expected += 1;
            }
            _ => {
                let granted = s.store.reserve(&[(counter(), RULE)], s.now).await.expect("counts").result;
                assert_eq!(granted, Reserved::Granted);
            }
        }
        assert_eq!(people(&s).await, expected, "each is there once");
    }
    s.store.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_is_away_is_unavailable_and_comes_back() {
    let server = Server::start();
    let database = server.database();
    let url: StoreUrl = database.url().parse().expect("an address");
    let config = DatabaseConfig { acquire_timeout_ms: 300, ..DatabaseConfig::default() };
    let s = Sample::new(open(&url.with(config), Access::Host).await.expect("opens"));
    let person = s.somebody().await;
    for down in [Server::stop, Server::crash] {
        down(&server);
        let begun = Instant::now();
        let refused = s.commit(vec![Write::Audit(s.event("lost"))]).await;
        assert!(matches!(refused, Err(StoreError::Unavailable(_))), "{refused:?}");
        let refused = s.store.person(&s.tenant, person.id).await;
        assert!(matches!(refused, Err(StoreError::Unavailable(_))), "{refused:?}");
        assert!(matches!(s.store.ping().await, Err(StoreError::Unavailable(_))));
        assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
        server.start_again();
        assert_eq!(s.store.person(&s.tenant, person.id).await.expect("answers"), Some(person.clone()));
        s.put(vec![Write::Audit(s.event("back"))]).await;
        s.store.ping().await.expect("answers");
    }
    server
        .run(&format!("ALTER DATABASE {} SET default_transaction_read_only = on", database.name()))
        .expect("sets");
    server.crash();
    server.start_again();
    assert!(matches!(s.store.ping().await, Err(StoreError::Unavailable(_))), "a standby");
    let refused = s.commit(vec![Write::Audit(s.event("lost"))]).await;
    assert!(matches!(refused, Err(StoreError::Unavailable(_))), "{refused:?}");
    s.store.close().await;
}

/// Two nodes count on the same counters, named in either order, and forgive them beside other writes.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twenty_tries_over_two_nodes_are_twenty_counted() {
    let database = database();
    let url: StoreUrl = database.url().parse().expect("an address");
    let patient = url.with(DatabaseConfig { acquire_timeout_ms: 30_000, ..DatabaseConfig::default() });
    let one = Sample::new(open(&patient, Access::Host).await.expect("opens"));
    let two = Sample { store: open(&patient, Access::Host).await.expect("opens"), ..one.clone() };
    let (a, b) = (counter(), counter());
    let rule = Rule { limit: 20, in_a_row: None, ..RULE };
    let begun = Instant::now();
    let mut tasks = tokio::task::JoinSet::new();
    for i in 0..24 {
        let s = if i % 2 == 0 { one.clone() } else { two.clone() };
        let wanted = if i % 4 < 2 { [(a, rule), (b, rule)] } else { [(b, rule), (a, rule)] };
        tasks.spawn(async move { s.store.reserve(&wanted, s.now).await.expect("answers").result });
    }
    let granted = tasks.join_all().await.into_iter().filter(|r| *r == Reserved::Granted).count();
    assert_eq!(granted, 20);
    let mut tasks = tokio::task::JoinSet::new();
    for i in 0..24 {
        let s = if i % 2 == 0 { one.clone() } else { two.clone() };
        let (first, second) = if i % 4 < 2 { (a, b) } else { (b, a) };
        let writes = vec![
            Write::CounterForgive(first, rule),
            Write::Audit(s.event("test.happened")),
            Write::CounterForgive(second, rule),
        ];
        tasks.spawn(async move { s.put(writes).await });
    }
    tasks.join_all().await;
    // Whoever waits for a deadlock to be found waits a second.
    assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
    one.store.close().await;
    two.store.close().await;
}

/// Commits that want two rows in either order: PostgreSQL gives one of them up, and it is done again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deadlock_is_nobodys() {
    let database = database();
    let url: StoreUrl = database.url().parse().expect("an address");
    // Each is found after a second, one after the other.
    let config = DatabaseConfig { statement_timeout_ms: 60_000, ..DatabaseConfig::default() };
    let s = Sample::new(open(&url.with(config), Access::Host).await.expect("opens"));
    let person = s.somebody().await;
    let (a, b) = (s.credential(&person), s.credential(&person));
    s.put(vec![Write::CredentialInsert(a.clone()), Write::CredentialInsert(b.clone())]).await;
    let mut tasks = tokio::task::JoinSet::new();
    for i in 0..6_i64 {
        let s = s.clone();
        let (first, second) = if i % 2 == 0 { (a.id, b.id) } else { (b.id, a.id) };
        tasks.spawn(async move {
            s.put(vec![
                Write::CredentialTouch(first, s.at(i)),
                Write::Audit(s.event("test.happened")),
                Write::CredentialTouch(second, s.at(i)),
            ])
            .await;
        });
    }
    tasks.join_all().await;
    assert_eq!(
        s.store
            .audit(&s.tenant, &gatewright_core::audit::Filter::default(), 99)
            .await
            .expect("answers")
            .len(),
        6,
        "each once"
    );
    let found: Vec<StoredCredential> = s.store.credentials(&s.tenant, person.id).await.expect("answers");
    assert_eq!(found[0].last_used, found[1].last_used);
    s.store.close().await;
}

/// A server that proves who it is, and one that only says so.
#[tokio::test]
async fn over_tls_the_server_has_to_be_the_one_that_is_meant() {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
    let server = Builder::default().tls(&made.cert.pem(), &made.signing_key.serialize_pem()).start();
    let database = server.database();
    let folder = super::Folder::new();
    let (own, other) = (folder.path("own.pem"), folder.path("other.pem"));
    let stranger = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
    std::fs::write(&own, made.cert.pem()).expect("writes");
    std::fs::write(&other, stranger.cert.pem()).expect("writes");
    let url = |host: &str, root: &std::path::Path| {
        let url = database.tcp_url().replace("127.0.0.1", host);
        format!("{url}?sslmode=verify-full&sslrootcert={}", root.display())
    };
    let store = at(&url("localhost", &own)).await.expect("opens");
    store.ping().await.expect("answers");
    store.close().await;
    for refused in [url("localhost", &other), url("127.0.0.1", &own)] {
        let text = said(&refused).await;
        assert!(text.contains("could not be protected") && text.contains("sslrootcert"), "{text}");
    }
}
