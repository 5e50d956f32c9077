//! Several nodes on one database: what one revokes the others no longer let in, within a second at the latest.

use super::sample::{LoggedIn, Sample};
use crate::store::{Access, open};
use gatewright_core::{
    Session, Tenant,
    store::{Record, Store, Write},
};
use gatewright_test_postgres::{Database, database};
use sqlx::{Connection, Executor, PgConnection};
use std::{
    sync::Arc,
    time::{Duration, Instant},
};

/// How old an entry of a cache may be at most.
const WITHIN: Duration = Duration::from_secs(1);

async fn node(url: &str) -> Arc<dyn Store> {
    open(&url.parse().expect("an address"), Access::Host).await.expect("opens")
}

async fn raw(database: &Database<'_>, sql: &'static str) {
    let mut connection = PgConnection::connect(&database.url()).await.expect("connects");
    connection.execute(sqlx::raw_sql(sql)).await.expect("runs");
}

/// Two nodes and somebody who is logged in.
struct Two {
    one: Sample,
    two: Sample,
    on: LoggedIn,
}

impl Two {
    async fn at(url: &str) -> Self {
        let one = Sample::new(node(url).await);
        let two = Sample { store: node(url).await, ..one.clone() };
        one.put(vec![Write::TenantInsert(one.a_tenant())]).await;
        let on = one.logged_in().await;
        Self { one, two, on }
    }

    /// Whether the second node lets in who shows the access token, as the engine asks for it.
    async fn is_let_in(&self) -> bool {
        let token = self.two.store.token(&self.on.access.hash).await.expect("answers");
        let session = self.two.store.session(self.on.session.id).await.expect("answers");
        let tenant = self.two.store.tenant(&self.two.tenant).await.expect("answers");
        token.is_some_and(|t| t.spent.is_none())
            && session.is_some_and(|s| s.acr == "aal2")
            && tenant.is_some_and(|t| !t.disabled)
    }

    /// Commits on the first node and says how long the second went on.
    async fn revoke(&self, write: Write) -> Duration {
        assert!(self.is_let_in().await && self.is_let_in().await, "{write:?}");
        self.one.put(vec![write.clone()]).await;
        let answered = Instant::now();
        while self.is_let_in().await {
            assert!(answered.elapsed() < WITHIN, "still let in: {write:?}");
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        answered.elapsed()
    }

    async fn close(self) {
        self.one.store.close().await;
        self.two.store.close().await;
    }
}

fn revocations(s: &Sample, on: &LoggedIn) -> Vec<Write> {
    let (tenant, person) = (s.tenant.clone(), on.person.id);
    vec![
        Write::TokenSpend(on.access.hash, s.now),
        Write::TokensSpendAll(on.session.id, s.now),
        Write::AccessTokensDelete(on.session.id),
        Write::SessionReplace(Session { acr: "aal1".to_owned(), rev: 2, ..on.session.clone() }),
        Write::SessionDelete(on.session.id),
        Write::SessionsOfPersonDelete { tenant, person, except: None },
        Write::TenantReplace(Tenant { disabled: true, rev: 2, ..s.a_tenant() }),
    ]
}

/// Waits until the second node hears again: then it need not wait for the end of trust.
async fn hears(two: &Two) {
    let until = Instant::now() + Duration::from_secs(10);
    loop {
        let on = two.one.logged_in().await;
        let probe = Two { one: two.one.clone(), two: two.two.clone(), on };
        if probe.revoke(Write::SessionDelete(probe.on.session.id)).await < Duration::from_millis(100) {
            return;
        }
        assert!(Instant::now() < until, "never hears");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_one_revokes_the_other_no_longer_lets_in() {
    let database = database();
    let mut two = Two::at(&database.url()).await;
    hears(&two).await;
    let mut took = Vec::new();
    for i in 0..revocations(&two.one, &two.on).len() {
        two.on = two.one.logged_in().await;
        took.push(two.revoke(revocations(&two.one, &two.on).swap_remove(i)).await);
    }
    took.sort();
    #[allow(clippy::print_stdout, reason = "a measurement, for who runs this with --nocapture")]
    {
        println!(
            "a revocation on another node: median {:?}, at most {:?}",
            took[took.len() / 2],
            took[took.len() - 1]
        );
    }
    assert!(took[took.len() / 2] < Duration::from_millis(300), "heard, and not only forgotten: {took:?}");
    two.close().await;
}

/// An application's token, kept at the second node, and all that a person has granted.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn records_that_one_takes_away_the_other_no_longer_has() {
    let database = database();
    let two = Two::at(&database.url()).await;
    hears(&two).await;
    let Sample { tenant, now, .. } = &two.one;
    let owner = two.on.person.id.0;
    let id = || uuid::Uuid::from_slice(&super::sample::unique()[..16]).expect("16 bytes");
    for by_owner in [false, true] {
        let record =
            Record::new(tenant, "oauth-grant", id(), *now, &serde_json::json!({})).expect("a record");
        let record = Record { owner: Some(owner), ..record };
        two.one.put(vec![Write::RecordInsert(record.clone())]).await;
        let there =
            async || two.two.store.record(tenant, "oauth-grant", record.id).await.expect("answers").is_some();
        assert!(there().await && there().await);
        two.one
            .put(vec![match by_owner {
                true => Write::RecordsOfDelete(tenant.clone(), owner),
                false => Write::RecordDelete(tenant.clone(), record.kind.clone(), record.id, 1),
            }])
            .await;
        let answered = Instant::now();
        while there().await {
            assert!(answered.elapsed() < WITHIN, "still there, by owner: {by_owner}");
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }
    two.close().await;
}

/// A command does one thing and is gone; the node hears it all the same.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_command_revokes_a_node_no_longer_lets_in() {
    let database = database();
    let two = Two::at(&database.url()).await;
    hears(&two).await;
    let url = database.url().parse().expect("an address");
    let command = open(&url, Access::Command).await.expect("opens beside nodes");
    let two = Two { one: Sample { store: command, ..two.one.clone() }, ..two };
    let took = two.revoke(Write::SessionDelete(two.on.session.id)).await;
    assert!(took < Duration::from_millis(300), "{took:?}");
    two.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn more_than_fits_into_one_message() {
    let database = database();
    let two = Two::at(&database.url()).await;
    assert!(two.is_let_in().await);
    let person = two.one.somebody().await;
    let mut writes: Vec<Write> =
        (0..300).map(|_| Write::SessionDelete(two.one.session(&person).id)).collect();
    writes.push(Write::SessionDelete(two.on.session.id));
    two.one.put(writes).await;
    let answered = Instant::now();
    while two.is_let_in().await {
        assert!(answered.elapsed() < WITHIN);
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    two.close().await;
}

/// Whatever state the listening connection is in, nobody is let in for longer than a second.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_that_no_longer_hears_is_noticed() {
    let database = database();
    let mut two = Two::at(&database.url()).await;
    for _ in 0..3 {
        hears(&two).await;
        two.on = two.one.logged_in().await;
        assert!(two.is_let_in().await);
        raw(
            &database,
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
             WHERE datname = current_database() AND query IN ('LISTEN \"gatewright\"', 'SELECT 1')",
        )
        .await;
        two.revoke(Write::SessionDelete(two.on.session.id)).await;
    }
    hears(&two).await;
    two.close().await;
}

/// As what speaks the protocol and has no NOTIFY.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_tells_nothing_is_asked_more_often() {
    let database = database();
    raw(
        &database,
        "DO $$ BEGIN CREATE ROLE plain LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$;
         REVOKE EXECUTE ON FUNCTION pg_notify(text, text) FROM PUBLIC;
         GRANT CREATE, USAGE ON SCHEMA public TO plain;",
    )
    .await;
    let mut two = Two::at(&database.url().replacen("gatewright@", "plain@", 1)).await;
    for write in 0..revocations(&two.one, &two.on).len() {
        two.on = two.one.logged_in().await;
        two.revoke(revocations(&two.one, &two.on).swap_remove(write)).await;
    }
    two.close().await;
}

/// What is no revocation is not told: commits that tell something wait for each other.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn use_is_noted_in_silence_and_seen_past_the_cache() {
    let database = database();
    let two = Two::at(&database.url()).await;
    let mut other = sqlx::postgres::PgListener::connect(&database.url()).await.expect("connects");
    other.listen("gatewright").await.expect("listens");
    assert!(two.is_let_in().await);
    two.one.put(vec![Write::SessionSeen(two.on.session.id, two.one.at(77))]).await;
    two.one.put(vec![Write::SessionInsert(two.one.session(&two.on.person))]).await;
    let uncached =
        two.two.store.session_uncached(two.on.session.id).await.expect("answers").expect("is there");
    assert_eq!((uncached.last_seen, uncached.rev), (two.one.at(77), 2));
    let cached = two.two.store.session(two.on.session.id).await.expect("answers").expect("is there");
    assert_eq!(cached, uncached, "and that is what is kept");
    // Words of the listeners themselves go first; they name nothing.
    two.one.put(vec![Write::SessionDelete(two.on.session.id)]).await;
    loop {
        let heard = other.recv().await.expect("hears");
        if heard.payload().contains(' ') {
            assert!(
                heard.payload().ends_with(&two.on.session.id.0.simple().to_string()),
                "{}",
                heard.payload()
            );
            break;
        }
    }
    two.close().await;
}
