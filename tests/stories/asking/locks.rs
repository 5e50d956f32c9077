//! What begins after a hundred challenges in a row without a right answer, and how it ends.

use super::{ELSEWHERE, WORD, ask, ask_from, login, world};
use gatewright_contract::TenantId;
use gatewright_core::{Origin, admin::Wanted, audit::Filter};
use kit::{Call, Kit, PASSWORD, Reply, Store};
use serde_json::json;
use std::{sync::Arc, time::Duration};

/// People can set up another secret by themselves.
const RESET: &str = "[login.policy]\nreset = [\"otp\"]";
const HOUR: u64 = 3_600;

/// Somebody has asked for Ada, slowly; what they were told.
async fn asked_a_hundred_times(policy: &str) -> (Arc<Kit>, String) {
    let limits = format!("user_attempts_limit = 1000\nip_attempts_limit = 100000\n{policy}");
    let kit = world(Store::Memory, &limits).await;
    let (_, known) = ask(&kit, "ada").await;
    for _ in 0..99 {
        assert_eq!(ask_from(&kit, ELSEWHERE, "ada").await.1, known);
        kit.advance(Duration::from_secs(HOUR));
    }
    (kit, known)
}

#[tokio::test]
async fn after_a_hundred_in_a_row_only_another_secret_helps_where_people_can_set_one_up() {
    let (kit, known) = asked_a_hundred_times(RESET).await;
    kit.advance(Duration::from_secs(80 * 86_400));
    assert_eq!(login(&kit, "ada").await, 401);
    assert_ne!(ask(&kit, "ada").await.1, known);
    // With what can't be guessed so, people still get in, and that changes nothing for the word.
    let token = kit.login("ada").await.access_token;
    assert_eq!(login(&kit, "ada").await, 401);
    let invited = kit.post_as(&token, "/auth/v1/enrol/asked", &json!({})).await.expect(200);
    let body = json!({"transaction": invited.str("transaction"), "proof": {"word": WORD}});
    kit.post_as(&token, "/auth/v1/enrol/asked/complete", &body).await.expect(200);
    assert_eq!(login(&kit, "ada").await, 200);
}

#[tokio::test]
async fn where_people_can_not_the_longest_block_begins_with_each_further_try() {
    let (kit, known) = asked_a_hundred_times("").await;
    // An hour of two days is over.
    kit.advance(Duration::from_secs(46 * HOUR));
    assert_ne!(ask(&kit, "ada").await.1, known);
    assert_eq!(login(&kit, "ada").await, 401);
    kit.advance(Duration::from_secs(HOUR));
    for _ in 0..3 {
        assert_eq!(login(&kit, "ada").await, 200, "and a right answer ends the one that it begins");
    }
    for _ in 0..2 {
        assert_eq!(ask_from(&kit, ELSEWHERE, "ada").await.1, known);
        kit.advance(Duration::from_secs(47 * HOUR));
        assert_ne!(ask(&kit, "ada").await.1, known);
        kit.advance(Duration::from_secs(HOUR));
    }
    assert_eq!(login(&kit, "ada").await, 200);
}

async fn unblock(kit: &Kit, token: &str, person: &str) -> Reply {
    kit.send(Call::post(&format!("/auth/v1/people/{person}/unblock")).bearer(token)).await
}

#[tokio::test]
async fn an_administrator_lets_in_again_who_was_kept_out_for_good() {
    let (kit, known) = asked_a_hundred_times(RESET).await;
    kit.advance(Duration::from_secs(300 * 24 * HOUR));
    assert_eq!(login(&kit, "ada").await, 401);
    let (engine, tenant, origin) = (&kit.app.engine, TenantId::default_tenant(), Origin::local("kit"));
    let blocked = async || {
        let all = Wanted { offset: 0, limit: 10, newest_first: false };
        engine.at_the_machine(&origin).blocked_people(&tenant, all).await.expect("a list").total
    };
    assert_eq!(blocked().await, 1);

    let root = kit.administrator().await;
    let ada = engine.at_the_machine(&origin).find_people(&tenant, Some("ada"), None).await.expect("a list");
    let ada = ada[0].id.to_string();
    unblock(&kit, &kit.login("ada").await.access_token, &ada).await.expect(403);
    unblock(&kit, &root, "018bcfe5-6800-7000-8000-0000000000ff").await.expect(404);
    assert_eq!(login(&kit, "ada").await, 401);
    unblock(&kit, &root, &ada).await.expect(204);
    assert_eq!(blocked().await, 0);
    assert_eq!(ask(&kit, "ada").await.1, known);
    assert_eq!(login(&kit, "ada").await, 200);
    unblock(&kit, &root, &ada).await.expect(204);

    let lines = engine.store().audit(&tenant, &Filter::default(), 1000).await.expect("the log");
    let said: Vec<_> = lines.iter().filter(|line| line.event.kind == "person.unblocked").collect();
    assert_eq!(said.len(), 2);
    assert!(said.iter().all(|line| line.event.person.is_some_and(|id| id.to_string() == ada)));
    assert!(said.iter().all(|line| line.event.actor.is_some()), "and who did it");
}

#[tokio::test]
async fn so_is_who_was_blocked_by_wrong_passwords() {
    let kit = world(Store::Memory, "user_attempts_limit = 3").await;
    let root = kit.administrator().await;
    let attempt = async |password: &str| {
        let transaction = kit.begin("ada").await;
        kit.answer(&transaction, "password", json!({"password": password})).await
    };
    for _ in 0..3 {
        attempt("wrong").await.expect(401);
    }
    attempt(PASSWORD).await.expect(401);
    let found = kit.send(Call::get("/auth/v1/people?username=ada").bearer(&root)).await.expect(200).json();
    unblock(&kit, &root, found[0]["id"].as_str().expect("an id")).await.expect(204);
    attempt(PASSWORD).await.expect(200);
}
