//! Somebody changes their password, or has to.

use super::admin::{ask, give, login, person, somebody, world};
use kit::{Kit, Login, PASSWORD, Reply, Store};
use serde_json::json;
use std::time::Duration;

const NEW: &str = "quince-Ladder 77 harbour";

async fn with(kit: &Kit, username: &str, password: &str) -> Reply {
    let transaction = kit.begin(username).await;
    kit.answer(&transaction, "password", json!({"password": password})).await
}

/// Sets a new one up, in a session or in the login that demands it.
async fn set(kit: &Kit, invited: Reply, password: &str) -> Reply {
    let body =
        json!({"transaction": invited.expect(200).str("transaction"), "proof": {"password": password}});
    kit.post("/auth/v1/enrol/password/complete", &body).await
}

async fn invited_by(kit: &Kit, login: &Reply) -> Reply {
    assert_eq!(
        login.json()["next"],
        json!({"step": "enrol", "authenticators": ["password"]}),
        "{}",
        login.text()
    );
    kit.post("/auth/v1/enrol/password", &json!({"transaction": login.str("transaction")})).await
}

#[tokio::test]
async fn a_change_ends_all_other_sessions_and_the_person_hears_of_it() {
    let kit = Kit::with(Store::Sqlite).config("history = 2").mailbox().start().await;
    let (_, boss) = somebody(&kit, "default", "boss", true).await;
    let (ann, other) = somebody(&kit, "default", "ann", false).await;
    let path = format!("/people/{}", ann.id);
    ask(&kit, &boss, "PATCH", &path, json!({"email": "ann@example.org"})).await.expect(200);
    let mine = kit.login("ann").await.access_token;
    let refused = set(&kit, kit.post_as(&mine, "/auth/v1/enrol/password", &json!({})).await, PASSWORD).await;
    assert_eq!(refused.expect(422).json()["violations"][0]["code"], "used_before");
    set(&kit, kit.post_as(&mine, "/auth/v1/enrol/password", &json!({})).await, NEW).await.expect(200);
    kit.get_as(&mine, "/auth/v1/me").await.expect(200);
    kit.get_as(&other, "/auth/v1/me").await.expect(401);
    with(&kit, "ann", PASSWORD).await.expect(401);
    with(&kit, "ann", NEW).await.expect(200);
    let sent = kit.mail().await;
    let [notice] = &sent[..] else { panic!("{sent:?}") };
    assert_eq!((notice.to.as_str(), notice.template.as_str()), ("ann@example.org", "notice"));
    assert_eq!((notice.value("what"), notice.value("username")), ("password", "ann"));
}

#[tokio::test]
async fn one_that_has_grown_too_old_is_right_once_more_after_the_second_factor() {
    let kit = Kit::with(Store::Memory).config("max_age_days = 90").start().await;
    kit.person("ann").await;
    let app = kit.enrol_totp(&kit.login("ann").await.access_token).await;
    kit.advance(Duration::from_secs(90 * 86_400));
    let half = with(&kit, "ann", PASSWORD).await.expect(200);
    assert_eq!(half.json()["next"]["step"], "second", "first the second factor");
    // Nobody gets around it with the password alone.
    let handle = json!({"transaction": half.str("transaction")});
    kit.post("/auth/v1/enrol/password", &handle).await.expect(409);
    let due = kit.answer(&half.str("transaction"), "totp", json!({"code": app.code(&kit)})).await.expect(200);
    let invited = invited_by(&kit, &due).await;
    let again = set(&kit, invited.clone(), PASSWORD).await.expect(422);
    assert_eq!(again.json()["violations"][0]["code"], "used_before");
    let done = set(&kit, invited, NEW).await.expect(200);
    assert_eq!(done.json()["login"]["status"], "done");
    let token = done.json()["login"]["access_token"].as_str().unwrap().to_owned();
    kit.get_as(&token, "/auth/v1/me").await.expect(200);
    kit.advance(Duration::from_secs(89 * 86_400));
    assert_eq!(with(&kit, "ann", NEW).await.expect(200).json()["next"]["step"], "second");
}

#[tokio::test]
async fn what_an_administrator_has_set_is_changed_at_the_next_login() {
    for store in [Store::Memory, Store::Sqlite, Store::Postgres] {
        let kit = Kit::with(store).start().await;
        let (_, boss) = somebody(&kit, "default", "boss", true).await;
        let ann = person(&kit, "default", "ann", false).await;
        let path = format!("/people/{}/password", ann.id);
        let body = json!({"password": "medlar-Anvil 13 meadow", "must_change": true});
        ask(&kit, &boss, "PUT", &path, body).await.expect(204);
        with(&kit, "ann", PASSWORD).await.expect(401);
        let due = with(&kit, "ann", "medlar-Anvil 13 meadow").await.expect(200);
        set(&kit, invited_by(&kit, &due).await, NEW).await.expect(200);
        Login::of(&with(&kit, "ann", NEW).await);
    }
}

#[tokio::test]
async fn nobody_says_of_themselves_that_it_must_be_changed() {
    let kit = Kit::memory().await;
    kit.person("ann").await;
    let token = kit.login("ann").await.access_token;
    let invited = kit.post_as(&token, "/auth/v1/enrol/password", &json!({})).await.expect(200);
    let proof = json!({"password": NEW, "must_change": true});
    let body = json!({"transaction": invited.str("transaction"), "proof": proof});
    kit.post("/auth/v1/enrol/password/complete", &body).await.expect(400);
}

#[tokio::test]
async fn who_may_write_people_but_no_credentials_verifies_no_address() {
    let (kit, root) = world().await;
    let pat = person(&kit, "acme", "pat", false).await;
    give(&kit, &root, &pat, "people", &["people.read", "people.write"]).await;
    let (pat, ann) = (login(&kit, "acme", "pat").await, person(&kit, "acme", "ann", false).await);
    let path = format!("/people/{}", ann.id);
    ask(&kit, &pat, "PATCH", &path, json!({"email": "pats@example.org"})).await.expect(200);
    for body in [json!({"email_verified": true}), json!({"email": "p@example.org", "email_verified": true})] {
        ask(&kit, &pat, "PATCH", &path, body).await.expect(403);
    }
    let (_, boss) = somebody(&kit, "acme", "boss", true).await;
    let shown = ask(&kit, &boss, "PATCH", &path, json!({"email_verified": true})).await.expect(200);
    assert_eq!(shown.json()["email_verified"], true);
    // A new address is not the one that was verified.
    let shown = ask(&kit, &pat, "PATCH", &path, json!({"email": "q@example.org"})).await.expect(200);
    assert_eq!(shown.json()["email_verified"], false);
    ask(&kit, &boss, "PATCH", &path, json!({"email": null, "email_verified": true})).await.expect(422);
}
