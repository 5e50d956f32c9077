//! Service accounts: from their making to their end.

use super::{all, ask, give, grant, somebody, try_login, world};
use kit::{Kit, PASSWORD, Reply, Store};
use serde_json::{Value, json};
use std::time::Duration;

const YEAR: u64 = 31_536_000;

async fn robot(kit: &Kit, token: &str) -> String {
    let body = json!({"username": "robot", "display_name": "Backup"});
    ask(kit, token, "POST", "/service-accounts", body).await.expect(201).str("id")
}

async fn issue(kit: &Kit, token: &str, robot: &str, seconds: u64) -> Reply {
    let body = json!({"name": "host 7", "expires_in_seconds": seconds});
    ask(kit, token, "POST", &format!("/service-accounts/{robot}/tokens"), body).await
}

#[tokio::test]
async fn a_program_gets_a_token_and_may_what_its_roles_allow() {
    for store in [Store::Memory, Store::Sqlite] {
        let kit = Kit::with(store).start().await;
        let (_, root) = somebody(&kit, "default", "root", true).await;
        let robot = robot(&kit, &root).await;
        let issued = issue(&kit, &root, &robot, YEAR).await.expect(201);
        let (token, id) = (issued.str("token"), issued.str("id"));
        assert!(token.starts_with("gwk_"));
        assert_eq!(ask(&kit, &token, "GET", "/me", Value::Null).await.expect(200).str("username"), "robot");
        ask(&kit, &token, "GET", "/people", Value::Null).await.expect(403);
        let body = json!({"role": "administrator", "person": robot});
        ask(&kit, &root, "POST", "/assignments", body).await.expect(201);
        // A program can't prove anew who it is: half a year later it still changes things.
        kit.advance(Duration::from_secs(YEAR / 2));
        ask(&kit, &token, "POST", "/groups", json!({"name": "Made by a program"})).await.expect(201);

        let root = super::login(&kit, "default", "root").await;
        let path = format!("/service-accounts/{robot}/tokens");
        let list = ask(&kit, &root, "GET", &path, Value::Null).await.expect(200);
        assert_eq!((all(&list, "id"), all(&list, "name")), (vec![id.clone()], vec!["host 7".to_owned()]));
        assert!(!list.text().contains(&token), "shown once");
        assert_eq!(list.json()[0]["last_seen_at"].as_str().unwrap()[..4], *"2026");
        ask(&kit, &root, "DELETE", &format!("{path}/{id}"), Value::Null).await.expect(204);
        ask(&kit, &token, "GET", "/me", Value::Null).await.expect(401);
        ask(&kit, &root, "DELETE", &format!("{path}/{id}"), Value::Null).await.expect(404);
    }
}

#[tokio::test]
async fn a_token_ends_with_its_time_and_with_its_account() {
    let (kit, _) = world().await;
    let (_, boss) = somebody(&kit, "acme", "boss", true).await;
    let robot = robot(&kit, &boss).await;
    let short = issue(&kit, &boss, &robot, 60).await.expect(201).str("token");
    let long = issue(&kit, &boss, &robot, YEAR).await.expect(201).str("token");
    for bad in [0, 59, YEAR + 1] {
        issue(&kit, &boss, &robot, bad).await.expect(400);
    }
    kit.advance(Duration::from_secs(60));
    ask(&kit, &short, "GET", "/me", Value::Null).await.expect(401);
    ask(&kit, &long, "GET", "/me", Value::Null).await.expect(200);
    ask(&kit, &boss, "POST", &format!("/people/{robot}/disable"), Value::Null).await.expect(200);
    ask(&kit, &long, "GET", "/me", Value::Null).await.expect(401);
    issue(&kit, &boss, &robot, 60).await.expect(409);
    ask(&kit, &boss, "POST", &format!("/people/{robot}/enable"), Value::Null).await.expect(200);
    ask(&kit, &long, "GET", "/me", Value::Null).await.expect(401);
    let other = issue(&kit, &boss, &robot, YEAR).await.expect(201).str("token");
    ask(&kit, &boss, "DELETE", &format!("/service-accounts/{robot}"), Value::Null).await.expect(204);
    ask(&kit, &other, "GET", "/me", Value::Null).await.expect(401);
    let none = ask(&kit, &boss, "GET", "/service-accounts", Value::Null).await.expect(200);
    assert_eq!(none.json(), json!([]));
}

#[tokio::test]
async fn a_program_does_not_log_in_and_sets_nothing_up() {
    let (kit, _) = world().await;
    let (_, boss) = somebody(&kit, "acme", "boss", true).await;
    let robot = robot(&kit, &boss).await;
    let unknown = try_login(&kit, "acme", "nobody at all", PASSWORD).await.expect(401);
    let refused = try_login(&kit, "acme", "robot", PASSWORD).await.expect(401);
    assert_eq!(refused.text(), unknown.text());
    let path = format!("/people/{robot}/password");
    ask(&kit, &boss, "PUT", &path, json!({"password": PASSWORD})).await.expect(409);
    let token = issue(&kit, &boss, &robot, 3600).await.expect(201).str("token");
    for authenticator in ["password", "totp", "recovery-code"] {
        ask(&kit, &token, "POST", &format!("/enrol/{authenticator}"), json!({})).await.expect(401);
    }
    let elevate = json!({"purpose": "elevate", "tenant": "acme"});
    let begun = ask(&kit, &token, "POST", "/login", elevate).await.expect(200).str("transaction");
    kit.answer(&begun, "password", json!({"password": PASSWORD})).await.expect(401);
    ask(&kit, &boss, "PATCH", &format!("/people/{robot}"), json!({"administrator": true})).await.expect(409);
}

#[tokio::test]
async fn nobody_borrows_the_power_of_a_program() {
    let (kit, root) = world().await;
    let (_, boss) = somebody(&kit, "acme", "boss", true).await;
    let (sam, token) = somebody(&kit, "acme", "sam", false).await;
    give(&kit, &root, &sam, "services", &["services.write"]).await;
    let weak = robot(&kit, &token).await;
    let stolen = issue(&kit, &token, &weak, 3600).await.expect(201).str("id");
    grant(&kit, &boss, json!({"role": "administrator", "person": weak})).await.expect(201);
    issue(&kit, &token, &weak, 3600).await.expect(403);
    let path = format!("/service-accounts/{weak}");
    ask(&kit, &token, "DELETE", &format!("{path}/tokens/{stolen}"), Value::Null).await.expect(403);
    ask(&kit, &token, "DELETE", &path, Value::Null).await.expect(403);
    ask(&kit, &boss, "DELETE", &format!("{path}/tokens/{stolen}"), Value::Null).await.expect(204);
    // A person is no service account.
    issue(&kit, &boss, &sam.id.to_string(), 3600).await.expect(404);
    ask(&kit, &boss, "GET", &format!("/service-accounts/{}", sam.id), Value::Null).await.expect(404);
}

#[tokio::test]
async fn tokens_that_are_issued_at_once_are_no_more_than_are_listed() {
    let kit = Kit::sqlite().await;
    let (_, root) = somebody(&kit, "default", "root", true).await;
    let robot = robot(&kit, &root).await;
    for _ in 0..45 {
        issue(&kit, &root, &robot, YEAR).await.expect(201);
    }
    let shown = gatewright_core::PlainToken::received(&root).unwrap();
    let caller = kit.app.engine.check(&shown, None).await.unwrap();
    let mut at_once = tokio::task::JoinSet::new();
    for _ in 0..20 {
        let (engine, caller) = (kit.app.engine.clone(), caller.clone());
        let account = gatewright_contract::PersonId(robot.parse().unwrap());
        at_once.spawn(async move {
            let new = gatewright_core::admin::NewToken { name: "x".to_owned(), lifetime: 60 };
            let origin = gatewright_core::Origin::local("kit");
            engine.admin(&caller, &origin).issue_token(&super::id("default"), account, new).await.is_ok()
        });
    }
    let made = 45 + at_once.join_all().await.into_iter().filter(|made| *made).count();
    assert!(made <= 50, "{made}");
}
