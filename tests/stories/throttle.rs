//! One throttle for all doors.

use kit::{Call, Kit, PASSWORD, Store};
use serde_json::json;
use std::time::Duration;

async fn guess(kit: &Kit, username: &str) -> u16 {
    let transaction = kit.begin(username).await;
    kit.answer(&transaction, "password", json!({"password": "a wrong guess"})).await.status.as_u16()
}

async fn idaas_login(kit: &Kit, username: &str, password: &str) -> (u16, bool) {
    let body = json!({"applicationId": "default", "userId": username});
    let begun = kit.post("/api/web/v2/authentication/users/authenticate/PASSWORD", &body).await.expect(200);
    let call = Call::post("/api/web/v1/authentication/users/authenticate/PASSWORD/complete")
        .header("authorization", &begun.str("token"))
        .json(&json!({"applicationId": "default", "response": password}));
    let reply = kit.send(call).await;
    (reply.status.as_u16(), reply.json()["authenticationCompleted"] == true)
}

#[tokio::test]
async fn failures_at_one_door_lock_all_doors_and_a_block_ends_by_itself() {
    let kit = Kit::memory().await;
    kit.person("ada").await;
    for i in 0..10 {
        match i % 2 {
            0 => assert_eq!(guess(&kit, "ada").await, 401),
            _ => assert_eq!(idaas_login(&kit, "ada", "a wrong guess").await, (401, false)),
        }
    }
    let transaction = kit.begin("ada").await;
    kit.answer(&transaction, "password", json!({"password": PASSWORD})).await.expect(401);
    assert_eq!(idaas_login(&kit, "ada", PASSWORD).await, (401, false));
    kit.advance(Duration::from_secs(61));
    assert_eq!(idaas_login(&kit, "ada", PASSWORD).await, (200, true));
    kit.login("ada").await;
}

#[tokio::test]
async fn a_password_that_is_right_does_not_reset_the_count_of_second_factors() {
    let kit =
        Kit::with(Store::Memory).config("[login.block_config]\nuser_attempts_limit = 5\n").start().await;
    kit.person("ada").await;
    let app = kit.enrol_totp(&kit.login("ada").await.access_token).await;
    kit.advance(Duration::from_secs(30));
    for _ in 0..5 {
        let transaction = kit.begin("ada").await;
        let more = kit.answer(&transaction, "password", json!({"password": PASSWORD})).await;
        if more.status.as_u16() == 200 {
            kit.answer(&more.str("transaction"), "totp", json!({"code": "000000"})).await.expect(401);
        }
    }
    let transaction = kit.begin("ada").await;
    kit.answer(&transaction, "password", json!({"password": PASSWORD})).await.expect(401);
    kit.advance(Duration::from_secs(61));
    let transaction = kit.begin("ada").await;
    let more = kit.answer(&transaction, "password", json!({"password": PASSWORD})).await.expect(200);
    kit.answer(&more.str("transaction"), "totp", json!({"code": app.code(&kit)})).await.expect(200);
}

#[tokio::test]
async fn an_address_that_tries_everybody_is_blocked_and_others_are_not() {
    let kit = Kit::with(Store::Memory).config("[login.block_config]\nip_attempts_limit = 5\n").start().await;
    kit.person("ada").await;
    for i in 0..5 {
        assert_eq!(guess(&kit, &format!("nobody{i}")).await, 401);
    }
    let transaction = kit.begin("ada").await;
    let blocked = kit.answer(&transaction, "password", json!({"password": PASSWORD})).await.expect(429);
    let wait: u64 = blocked.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=60).contains(&wait), "{wait}");
    let from_elsewhere = Call::post("/auth/v1/login/password")
        .from("198.51.100.7")
        .json(&json!({"transaction": transaction, "answer": {"password": PASSWORD}}));
    kit.send(from_elsewhere).await.expect(200);
}

#[tokio::test]
async fn a_transaction_dies_after_too_many_wrong_answers() {
    let kit = Kit::with(Store::Memory).config("[login.session]\ntransaction_attempts = 3\n").start().await;
    kit.person("ada").await;
    let transaction = kit.begin("ada").await;
    for _ in 0..3 {
        kit.answer(&transaction, "password", json!({"password": "wrong"})).await.expect(401);
    }
    kit.answer(&transaction, "password", json!({"password": PASSWORD})).await.expect(404);
    kit.login("ada").await;
}

#[tokio::test]
async fn what_a_tenant_settles_changes_nothing_for_the_others() {
    let limits = "[login.block_config]\nip_attempts_limit = 3\n";
    let kit = Kit::with(Store::Memory).config(limits).start().await;
    let acme = gatewright_contract::TenantId::parse("acme").unwrap();
    let (engine, origin) = (&kit.app.engine, gatewright_core::Origin::local("kit"));
    let mut own = engine.defaults().clone();
    (own.block_config.ip_attempts_reset_minutes, own.block_config.max_block_time_minutes) = (1, 1);
    own.block_config.ip_attempts_limit = 1_000;
    let new =
        gatewright_core::admin::NewTenant { id: acme, display_name: "Acme".to_owned(), settings: Some(own) };
    engine.at_the_machine(&origin).create_tenant(new).await.unwrap();
    let at_acme = async || {
        let begin = json!({"tenant": "acme", "username": "x"});
        let transaction = kit.post("/auth/v1/login", &begin).await.expect(200).str("transaction");
        kit.answer(&transaction, "password", json!({"password": "a wrong guess"})).await.expect(401);
    };
    assert_eq!((guess(&kit, "ada").await, guess(&kit, "bob").await), (401, 401));
    kit.advance(Duration::from_secs(61));
    // A minute is over, which is the window there and not here.
    at_acme().await;
    assert_eq!((guess(&kit, "cid").await, guess(&kit, "dan").await), (401, 429));
    at_acme().await;
}
