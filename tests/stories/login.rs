//! Somebody logs in, stays logged in, and logs out: in an app.

use kit::{Call, Kit, Login, PASSWORD, Reply, Store};
use serde_json::{Value, json};
use std::time::Duration;

fn password(text: &str) -> Value {
    json!({"password": text})
}

async fn rotate(kit: &Kit, token: &str) -> Reply {
    kit.post("/auth/v1/session/rotate", &json!({"session_token": token})).await
}

#[tokio::test]
async fn a_password_alone_logs_in_and_the_tokens_open_doors() {
    for store in [Store::Memory, Store::Sqlite, Store::Postgres] {
        let kit = Kit::with(store).start().await;
        let ann = kit.person("ann").await;
        let login = kit.login("Ann").await;
        assert_eq!(login.body["person"], json!({"id": ann.id, "username": "ann"}));
        assert_eq!((&login.body["acr"], &login.body["amr"]), (&json!("aal1"), &json!(["pwd"])));
        assert_eq!(login.body["access_expires_at"], "2026-01-01T00:15:00Z");
        assert_eq!(login.body["session_expires_at"], "2026-01-31T00:00:00Z");
        kit.get_as(&login.access_token, "/auth/v1/me").await.expect(200);
        // The session token keeps a session; it opens no door.
        kit.get_as(&login.session_token, "/auth/v1/me").await.expect(401);
    }
}

#[tokio::test]
async fn who_has_a_second_factor_is_asked_for_it() {
    let kit = Kit::memory().await;
    kit.person("ann").await;
    let app = kit.enrol_totp(&kit.login("ann").await.access_token).await;
    kit.advance(Duration::from_secs(60));

    let begun = kit.begin("ann").await;
    let more = kit.answer(&begun, "password", password(PASSWORD)).await.expect(200);
    assert_eq!(more.str("status"), "more");
    assert_eq!(more.json()["next"]["step"], "second");
    assert!(more.json()["next"]["authenticators"].as_array().unwrap().contains(&json!("totp")));
    assert!(more.json().get("access_token").is_none());

    let transaction = more.str("transaction");
    let asked =
        kit.post("/auth/v1/login/totp/challenge", &json!({"transaction": transaction})).await.expect(200);
    assert_eq!(asked.json()["prompt"]["digits"], 6);
    assert_eq!(asked.str("answer_by"), asked.str("expires_at"));

    let wrong = kit.answer(&asked.str("transaction"), "totp", json!({"code": "000000"})).await.expect(401);
    assert_eq!(wrong.str("code"), "authentication_failed");
    let done = kit.answer(&asked.str("transaction"), "totp", json!({"code": app.code(&kit)})).await;
    assert_eq!(Login::of(&done).body["acr"], "aal2");
}

#[tokio::test]
async fn a_wrong_answer_leaves_the_handle_good_and_a_finished_login_does_not() {
    let kit = Kit::memory().await;
    kit.person("ann").await;
    let transaction = kit.begin("ann").await;
    kit.answer(&transaction, "password", password("wrong")).await.expect(401);
    Login::of(&kit.answer(&transaction, "password", password(PASSWORD)).await);
    let again = kit.answer(&transaction, "password", password(PASSWORD)).await.expect(404);
    assert_eq!(again.str("code"), "unknown_transaction");
}

#[tokio::test]
async fn each_step_makes_a_new_handle_and_the_old_one_is_no_longer_good() {
    let kit = Kit::memory().await;
    kit.person("ann").await;
    let old = kit.begin("ann").await;
    let asked = kit.post("/auth/v1/login/password/challenge", &json!({"transaction": old})).await.expect(200);
    assert_ne!(asked.str("transaction"), old);
    kit.answer(&old, "password", password(PASSWORD)).await.expect(404);
    Login::of(&kit.answer(&asked.str("transaction"), "password", password(PASSWORD)).await);
}

#[tokio::test]
async fn asking_what_is_next_changes_nothing_and_giving_up_ends_it() {
    let kit = Kit::memory().await;
    kit.person("ann").await;
    let handle = json!({"transaction": kit.begin("ann").await});
    for _ in 0..2 {
        let next = kit.post("/auth/v1/transaction/next", &handle).await.expect(200).json();
        assert_eq!(next["step"], "first");
        assert!(next["authenticators"].as_array().unwrap().contains(&json!("password")));
    }
    for _ in 0..2 {
        kit.post("/auth/v1/transaction/cancel", &handle).await.expect(204);
    }
    kit.post("/auth/v1/transaction/next", &handle).await.expect(404);
    kit.post("/auth/v1/transaction/cancel", &json!({"transaction": "no such thing"})).await.expect(204);
}

#[tokio::test]
async fn a_login_that_takes_too_long_is_forgotten() {
    let kit = Kit::memory().await;
    kit.person("ann").await;
    let transaction = kit.begin("ann").await;
    kit.advance(Duration::from_secs(600));
    kit.answer(&transaction, "password", password(PASSWORD)).await.expect(404);
}

#[tokio::test]
async fn a_session_token_is_exchanged_once_and_a_second_time_ends_the_session() {
    let kit = Kit::memory().await;
    kit.person("ann").await;
    let login = kit.login("ann").await;
    let new = rotate(&kit, &login.session_token).await.expect(200);
    assert_eq!(new.str("session_id"), login.body["session_id"]);
    kit.get_as(&login.access_token, "/auth/v1/me").await.expect(401);
    kit.get_as(&new.str("access_token"), "/auth/v1/me").await.expect(200);

    // Whoever has a copy of the first token uses it now.
    rotate(&kit, &login.session_token).await.expect(401);
    kit.get_as(&new.str("access_token"), "/auth/v1/me").await.expect(401);
    rotate(&kit, &new.str("session_token")).await.expect(401);
}

#[tokio::test]
async fn logging_out_takes_any_token_of_the_session_and_says_when_there_is_none() {
    let kit = Kit::memory().await;
    kit.person("ann").await;
    let (one, two) = (kit.login("ann").await, kit.login("ann").await);
    kit.post("/auth/v1/session/end", &json!({"session_token": one.session_token})).await.expect(204);
    kit.get_as(&one.access_token, "/auth/v1/me").await.expect(401);
    // A body and its media type may be left out.
    let end = || Call::post("/auth/v1/session/end");
    kit.send(end().bearer(&two.access_token)).await.expect(204);
    for over in [end().bearer(&two.access_token), end(), end().json(&json!({"session_token": "short"}))] {
        assert_eq!(kit.send(over).await.expect(401).str("code"), "unauthenticated");
    }
    kit.send(Call::post("/auth/v1/session/rotate")).await.expect(401);
    kit.send(end().raw("text/plain", b"x".to_vec())).await.expect(415);
}

#[tokio::test]
async fn proving_anew_raises_the_session_and_ends_its_old_tokens() {
    let kit = Kit::memory().await;
    kit.person("ann").await;
    let old = kit.login("ann").await;
    kit.advance(Duration::from_secs(800));
    let token = rotate(&kit, &old.session_token).await.expect(200).str("access_token");
    kit.advance(Duration::from_secs(200));
    let refused = kit.post_as(&token, "/auth/v1/enrol/totp", &json!({})).await.expect(403);
    assert_eq!(refused.str("code"), "elevation_required");

    let elevate = json!({"purpose": "elevate"});
    kit.post("/auth/v1/login", &elevate).await.expect(401);
    let begun = kit.post_as(&token, "/auth/v1/login", &elevate).await.expect(200);
    let done = Login::of(&kit.answer(&begun.str("transaction"), "password", password(PASSWORD)).await);
    assert_eq!(done.body["session_id"], old.body["session_id"]);
    kit.get_as(&token, "/auth/v1/me").await.expect(401);
    kit.post_as(&done.access_token, "/auth/v1/enrol/totp", &json!({})).await.expect(200);
}

#[tokio::test]
async fn somebody_else_can_not_raise_my_session_with_their_own_password() {
    let kit = Kit::memory().await;
    kit.person("ann").await;
    let bob = kit.person("bob").await;
    kit.set_password(&bob, "another Lantern 7 walks").await;
    let ann = kit.login("ann").await.access_token;
    let body = json!({"purpose": "elevate", "username": "bob"});
    let begun = kit.post_as(&ann, "/auth/v1/login", &body).await.expect(200).str("transaction");
    kit.answer(&begun, "password", password("another Lantern 7 walks")).await.expect(401);
}

#[tokio::test]
async fn what_can_not_be_right_is_refused_with_its_place() {
    let kit = Kit::memory().await;
    let long = "x".repeat(300);
    for (body, word) in [
        (json!({"username": long}), "username"),
        (json!({"username": ""}), "username"),
        (json!({"tenant": "Not A Tenant"}), "tenant"),
        (json!({"client": long}), "client"),
        (json!({"context": "x".repeat(5000), "username": "ann"}), "context"),
        (json!({"purpose": "steal"}), "purpose: must be one of login, elevate"),
        (json!({"nonsense": 1}), "unknown member; it may have: tenant, username"),
    ] {
        let refused = kit.post("/auth/v1/login", &body).await.expect(400);
        assert!(refused.str("detail").contains(word), "{word}: {}", refused.text());
        assert!(!refused.text().contains(&long));
    }
    kit.post("/auth/v1/login", &json!({"tenant": "nobody-s"})).await.expect(404);
    for path in ["login/password", "login/password/challenge", "enrol/password/complete", "transaction/next"]
    {
        let refused = kit.post(&format!("/auth/v1/{path}"), &json!({"transaction": long})).await.expect(400);
        assert!(refused.str("detail").contains("transaction"), "{}", refused.text());
    }
}

#[tokio::test]
async fn an_authenticator_that_is_not_due_or_needs_a_name_is_refused() {
    let kit = Kit::memory().await;
    kit.person("ann").await;
    let early = kit.answer(&kit.begin("ann").await, "totp", json!({"code": "123456"})).await.expect(400);
    assert_eq!(early.str("code"), "unknown_authenticator");
    let nameless = kit.post("/auth/v1/login", &json!({})).await.expect(200).str("transaction");
    let refused = kit.answer(&nameless, "password", password(PASSWORD)).await.expect(409);
    assert_eq!(refused.str("code"), "step_out_of_order");
}

#[tokio::test]
async fn everybody_may_see_what_can_be_asked_for() {
    let kit = Kit::memory().await;
    let list = kit.get("/auth/v1/authenticators").await.expect(200).json();
    let ids: Vec<&str> = list.as_array().unwrap().iter().map(|a| a["id"].as_str().unwrap()).collect();
    assert!(["password", "recovery-code", "totp"].iter().all(|id| ids.contains(id)), "{ids:?}");
    let password = list.as_array().unwrap().iter().find(|a| a["id"] == "password").unwrap();
    assert_eq!((&password["kind"], &password["can_enrol"]), (&json!("knowledge"), &json!(true)));
    assert_eq!(password["steps"], json!({"first": true, "second": false, "fallback": false}));
}
