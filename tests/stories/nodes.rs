//! Two nodes on one database: whoever comes does not notice which one answers.

use super::parallel::{all, count, half_way};
use kit::{Kit, Login, PASSWORD, Store};
use serde_json::json;
use std::{
    sync::Arc,
    time::{Duration, Instant},
};

/// How long a node may go on letting in whom another has thrown out.
const WITHIN: Duration = Duration::from_secs(1);

async fn two() -> [Arc<Kit>; 2] {
    let limits = "[login.block_config]\nip_attempts_limit = 100000\nuser_attempts_limit = 1000\n";
    // Who waits for a connection on a busy machine hears 503, which is not what is asked here.
    let patient = "[database]\nacquire_timeout_ms = 30000\nstatement_timeout_ms = 60000\n";
    let one = Kit::with(Store::Postgres).config(limits).config(patient).start().await;
    let two = one.second_node().await;
    [Arc::new(one), Arc::new(two)]
}

/// Waits until this token opens nothing on this node any more.
async fn refused(kit: &Kit, token: &str) {
    let begun = Instant::now();
    while kit.get_as(token, "/auth/v1/me").await.status.as_u16() != 401 {
        assert!(begun.elapsed() < WITHIN, "still let in");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_begun_at_one_node_goes_on_at_another() {
    let [one, two] = two().await;
    one.person("ada").await;
    let app = two.enrol_totp(&one.login("ada").await.access_token).await;
    one.advance(Duration::from_secs(60));
    let transaction = one.begin("ada").await;
    let more = two.answer(&transaction, "password", json!({"password": PASSWORD})).await.expect(200);
    let done = one.answer(&more.str("transaction"), "totp", json!({"code": app.code(&two)})).await;
    let login = Login::of(&done);
    for node in [&one, &two] {
        node.get_as(&login.access_token, "/auth/v1/me").await.expect(200);
    }
    let next = two.post("/auth/v1/session/rotate", &json!({"session_token": login.session_token})).await;
    one.get_as(&next.expect(200).str("access_token"), "/auth/v1/me").await.expect(200);
}

/// All nodes come up at the same moment, on an empty database: one of them makes the first account.
#[tokio::test(flavor = "multi_thread")]
async fn of_nodes_that_start_at_once_one_is_the_first() {
    let with_a_keyring = Kit::sqlite().await;
    let database = gatewright_test_postgres::database();
    let starting: Vec<_> = (0..4)
        .map(|_| Kit::with(Store::Postgres).at(&database.url()).folder(with_a_keyring.folder.clone()).start())
        .map(tokio::spawn)
        .collect();
    let mut nodes = Vec::new();
    for node in starting {
        nodes.push(node.await.unwrap());
    }
    assert_eq!(nodes.iter().filter(|node| node.app.is_new).count(), 1);
    nodes[0].person("ada").await;
    let login = nodes[1].login("ada").await;
    nodes[2].get_as(&login.access_token, "/auth/v1/me").await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_outlives_the_node_where_it_began() {
    let [one, two] = two().await;
    one.person("ada").await;
    let app = one.enrol_totp(&one.login("ada").await.access_token).await;
    one.advance(Duration::from_secs(60));
    let transaction = one.begin("ada").await;
    let more = one.answer(&transaction, "password", json!({"password": PASSWORD})).await.expect(200);
    // Gone, without a word.
    drop(one);
    let done = two.answer(&more.str("transaction"), "totp", json!({"code": app.code(&two)})).await;
    two.get_as(&Login::of(&done).access_token, "/auth/v1/me").await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_thrown_out_at_one_node_is_out_at_the_other() {
    let [one, two] = two().await;
    let ada = one.person("ada").await;
    let login = one.login("ada").await;
    two.get_as(&login.access_token, "/auth/v1/me").await.expect(200);
    let ended = json!({"session_token": login.session_token});
    one.post("/auth/v1/session/end", &ended).await.expect(204);
    refused(&two, &login.access_token).await;
    two.post("/auth/v1/session/rotate", &ended).await.expect(401);

    let login = one.login("ada").await;
    two.get_as(&login.access_token, "/auth/v1/me").await.expect(200);
    one.disable(&ada).await;
    refused(&two, &login.access_token).await;
    let transaction = two.begin("ada").await;
    two.answer(&transaction, "password", json!({"password": PASSWORD})).await.expect(401);
}

/// Somebody works at one node for hours and comes back to the other, which remembers an older time.
#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_is_used_at_another_node_is_not_idle() {
    let one = Kit::with(Store::Postgres).config("[login.session]\nidle_seconds = 60\n").start().await;
    let two = one.second_node().await;
    one.person("ada").await;
    let login = one.login("ada").await;
    one.get_as(&login.access_token, "/auth/v1/me").await.expect(200);
    for _ in 0..6 {
        one.advance(Duration::from_secs(20));
        two.get_as(&login.access_token, "/auth/v1/me").await.expect(200);
    }
    one.get_as(&login.access_token, "/auth/v1/me").await.expect(200);
    one.advance(Duration::from_secs(61));
    one.get_as(&login.access_token, "/auth/v1/me").await.expect(401);
    two.get_as(&login.access_token, "/auth/v1/me").await.expect(401);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_totp_code_over_two_nodes_lets_exactly_one_in() {
    let nodes = two().await;
    let [one, _] = &nodes;
    one.person("ada").await;
    let app = one.enrol_totp(&one.login("ada").await.access_token).await;
    one.advance(Duration::from_secs(30));
    let code = app.code(one);
    let tries =
        half_way(one, "ada").await.into_iter().zip(nodes.iter().cycle()).map(|(transaction, node)| {
            let (node, code) = (node.clone(), code.clone());
            async move { node.answer(&transaction, "totp", json!({"code": code})).await }
        });
    let replies = all(tries).await;
    assert_eq!((count(&replies, 200), count(&replies, 401)), (1, 19), "{replies:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_recovery_code_over_two_nodes_lets_exactly_one_in() {
    let nodes = two().await;
    let [one, two] = &nodes;
    one.person("ada").await;
    let token = one.login("ada").await.access_token;
    two.enrol_totp(&token).await;
    let codes = one.enrol_recovery_codes(&token).await;
    let tries =
        half_way(two, "ada").await.into_iter().zip(nodes.iter().cycle()).map(|(transaction, node)| {
            let (node, code) = (node.clone(), codes[0].clone());
            async move { node.answer(&transaction, "recovery-code", json!({"code": code})).await }
        });
    let replies = all(tries).await;
    assert_eq!((count(&replies, 200), count(&replies, 401)), (1, 19), "{replies:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_step_over_two_nodes_moves_a_transaction_once() {
    let nodes = two().await;
    nodes[0].person("ada").await;
    let transaction = nodes[0].begin("ada").await;
    let tries = (0..20).zip(nodes.iter().cycle()).map(|(_, node)| {
        let (node, transaction) = (node.clone(), transaction.clone());
        async move { node.answer(&transaction, "password", json!({"password": PASSWORD})).await }
    });
    let replies = all(tries).await;
    assert_eq!(count(&replies, 200), 1, "{replies:?}");
    assert_eq!(count(&replies, 404) + count(&replies, 409), 19, "{replies:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_session_token_over_two_nodes_is_exchanged_once_and_a_second_use_ends_the_session() {
    let nodes = two().await;
    nodes[0].person("ada").await;
    let login = nodes[0].login("ada").await;
    let tries = (0..20).zip(nodes.iter().cycle()).map(|(_, node)| {
        let (node, token) = (node.clone(), login.session_token.clone());
        async move { node.post("/auth/v1/session/rotate", &json!({"session_token": token})).await }
    });
    let replies = all(tries).await;
    assert_eq!((count(&replies, 200), count(&replies, 401)), (1, 19), "{replies:?}");
    let winner = replies.iter().find(|r| r.status.is_success()).unwrap().str("access_token");
    for node in &nodes {
        refused(node, &winner).await;
        refused(node, &login.access_token).await;
    }
}
