//! Somebody looks after their own account.

use kit::{Call, Kit, Store};
use serde_json::{Value, json};
use std::time::Duration;

async fn list(kit: &Kit, token: &str, what: &str) -> Vec<Value> {
    let reply = kit.get_as(token, &format!("/auth/v1/me/{what}")).await.expect(200);
    reply.json().as_array().unwrap().clone()
}

#[tokio::test]
async fn i_see_who_i_am_and_how_i_logged_in() {
    let kit = Kit::memory().await;
    let ann = kit.person("ann").await;
    let login = kit.login("ann").await;
    let me = kit.get_as(&login.access_token, "/auth/v1/me").await.expect(200).json();
    assert_eq!(me["id"], json!(ann.id));
    assert_eq!((&me["username"], &me["display_name"]), (&json!("ann"), &json!("ann Example")));
    assert_eq!((&me["tenant"], &me["administrator"]), (&json!("default"), &json!(false)));
    assert_eq!(me.get("email"), None);
    assert_eq!(me["session"]["id"], login.body["session_id"]);
    assert_eq!(me["session"]["authenticated_at"], "2026-01-01T00:00:00Z");
}

#[tokio::test]
async fn i_see_where_i_am_logged_in_and_log_out_in_one_place() {
    for store in [Store::Memory, Store::Sqlite, Store::Postgres] {
        let kit = Kit::with(store).start().await;
        kit.person("ann").await;
        let lost = kit.login("ann").await;
        kit.advance(Duration::from_secs(90));
        let body = json!({"username": "ann", "client": "mail"});
        let begun = Call::post("/auth/v1/login").json(&body).from("198.51.100.4");
        let transaction = kit.send(begun).await.expect(200).str("transaction");
        let answer = json!({"transaction": transaction, "answer": {"password": kit::PASSWORD}});
        let call = Call::post("/auth/v1/login/password").json(&answer).from("198.51.100.4");
        let here = kit.send(call.header("user-agent", "Mail/1.0")).await.expect(200).str("access_token");

        let sessions = list(&kit, &here, "sessions").await;
        assert_eq!(sessions.len(), 2);
        assert_eq!((&sessions[0]["current"], &sessions[1]["current"]), (&json!(true), &json!(false)));
        assert_eq!(
            (&sessions[0]["client"], &sessions[0]["user_agent"]),
            (&json!("mail"), &json!("Mail/1.0"))
        );
        assert_eq!(
            (&sessions[0]["address"], &sessions[0]["door"]),
            (&json!("198.51.100.4"), &json!("login"))
        );

        let path = format!("/auth/v1/me/sessions/{}", sessions[1]["id"].as_str().unwrap());
        kit.delete_as(&here, &path).await.expect(204);
        kit.get_as(&lost.access_token, "/auth/v1/me").await.expect(401);
        kit.delete_as(&here, &path).await.expect(404);
        assert_eq!(list(&kit, &here, "sessions").await.len(), 1);
    }
}

#[tokio::test]
async fn i_log_out_everywhere_else_or_everywhere() {
    let kit = Kit::memory().await;
    kit.person("ann").await;
    let (other, here) = (kit.login("ann").await.access_token, kit.login("ann").await.access_token);
    kit.delete_as(&here, "/auth/v1/me/sessions?keep_current=true").await.expect(204);
    kit.get_as(&other, "/auth/v1/me").await.expect(401);
    kit.get_as(&here, "/auth/v1/me").await.expect(200);
    kit.delete_as(&here, "/auth/v1/me/sessions").await.expect(204);
    kit.get_as(&here, "/auth/v1/me").await.expect(401);
}

#[tokio::test]
async fn what_is_somebody_elses_does_not_exist() {
    let kit = Kit::memory().await;
    kit.person("ann").await;
    kit.person("bob").await;
    let (ann, bob) = (kit.login("ann").await.access_token, kit.login("bob").await.access_token);
    for what in ["sessions", "credentials"] {
        let id = list(&kit, &ann, what).await[0]["id"].as_str().unwrap().to_owned();
        kit.delete_as(&bob, &format!("/auth/v1/me/{what}/{id}")).await.expect(404);
        kit.delete_as(&bob, &format!("/auth/v1/me/{what}/not-an-id")).await.expect(400);
        assert_eq!(list(&kit, &ann, what).await.len(), 1);
    }
}

#[tokio::test]
async fn i_remove_an_app_but_not_the_last_way_in() {
    let kit = Kit::memory().await;
    kit.person("ann").await;
    let token = kit.login("ann").await.access_token;
    kit.enrol_totp(&token).await;
    let credentials = list(&kit, &token, "credentials").await;
    let path = |authenticator: &str| {
        let found = credentials.iter().find(|c| c["authenticator"] == authenticator).unwrap();
        format!("/auth/v1/me/credentials/{}", found["id"].as_str().unwrap())
    };
    kit.delete_as(&token, &path("password")).await.expect(409);
    kit.delete_as(&token, &path("totp")).await.expect(204);
    kit.delete_as(&token, &path("totp")).await.expect(404);
    kit.login("ann").await;
}

#[tokio::test]
async fn long_after_a_login_i_must_prove_anew_before_i_remove_something() {
    let kit = Kit::memory().await;
    kit.person("ann").await;
    let login = kit.login("ann").await;
    kit.enrol_totp(&login.access_token).await;
    kit.advance(Duration::from_secs(900));
    let body = json!({"session_token": login.session_token});
    let token = kit.post("/auth/v1/session/rotate", &body).await.expect(200).str("access_token");
    let credentials = list(&kit, &token, "credentials").await;
    let app = credentials.iter().find(|c| c["authenticator"] == "totp").unwrap();
    let path = format!("/auth/v1/me/credentials/{}", app["id"].as_str().unwrap());
    let refused = kit.delete_as(&token, &path).await.expect(403);
    assert_eq!(refused.str("code"), "elevation_required");
}

#[tokio::test]
async fn nothing_secret_of_a_credential_is_shown() {
    let kit = Kit::memory().await;
    kit.person("ann").await;
    let token = kit.login("ann").await.access_token;
    let app = kit.enrol_totp(&token).await;
    let shown = kit.get_as(&token, "/auth/v1/me/credentials").await.expect(200);
    assert!(!shown.text().contains(app.0["secret_base32"].as_str().unwrap()));
    let list = shown.json();
    let password = list.as_array().unwrap().iter().find(|c| c["authenticator"] == "password").unwrap();
    let mut keys: Vec<&String> = password.as_object().unwrap().keys().collect();
    keys.sort();
    assert_eq!(keys, ["authenticator", "created_at", "id", "last_used_at"]);
}

#[tokio::test]
async fn somebody_who_is_disabled_is_out_at_once() {
    let kit = Kit::memory().await;
    let ann = kit.person("ann").await;
    let token = kit.login("ann").await.access_token;
    kit.disable(&ann).await;
    for path in ["", "/sessions", "/credentials"] {
        kit.get_as(&token, &format!("/auth/v1/me{path}")).await.expect(401);
    }
}
