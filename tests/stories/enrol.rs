//! Somebody sets up an authenticator: because they want to, or because they must.

use kit::{Browser, Kit, Login, PASSWORD, Reply, Store, Totp};
use serde_json::json;
use std::time::Duration;

/// A second factor is asked of everybody.
const ALWAYS: &str = "[login.policy]\nsecond_factor = \"always\"\nenrol = [\"totp\"]\n";

async fn complete(kit: &Kit, asked: &Reply, code: &str) -> Reply {
    let body = json!({"transaction": asked.str("transaction"), "proof": {"code": code}});
    kit.post("/auth/v1/enrol/totp/complete", &body).await
}

fn app(asked: &Reply) -> Totp {
    Totp(asked.json()["invitation"].clone())
}

#[tokio::test]
async fn shortly_after_a_login_one_sets_up_an_app_and_it_is_asked_for_from_then_on() {
    for store in [Store::Memory, Store::Sqlite, Store::Postgres] {
        let kit = Kit::with(store).start().await;
        kit.person("ann").await;
        let token = kit.login("ann").await.access_token;
        let asked = kit.post_as(&token, "/auth/v1/enrol/totp", &json!({})).await.expect(200);
        assert!(asked.json()["invitation"]["otpauth_uri"].as_str().unwrap().starts_with("otpauth://totp/"));
        let done = complete(&kit, &asked, &app(&asked).code(&kit)).await.expect(200);
        let list = kit.get_as(&token, "/auth/v1/me/credentials").await.expect(200).json();
        let ids: Vec<_> = list.as_array().unwrap().iter().map(|c| c["id"].clone()).collect();
        assert!(ids.contains(&json!(done.str("credential_id"))), "{list}");

        let transaction = kit.begin("ann").await;
        let more = kit.answer(&transaction, "password", json!({"password": PASSWORD})).await.expect(200);
        assert_eq!(more.json()["next"]["step"], "second");
    }
}

#[tokio::test]
async fn nobody_sets_up_anything_without_a_recent_login() {
    let kit = Kit::memory().await;
    kit.person("ann").await;
    let refused = kit.post("/auth/v1/enrol/totp", &json!({})).await.expect(401);
    assert_eq!(refused.str("code"), "unauthenticated");

    let login = kit.login("ann").await;
    kit.advance(Duration::from_secs(299));
    kit.post_as(&login.access_token, "/auth/v1/enrol/totp", &json!({})).await.expect(200);
    kit.advance(Duration::from_secs(1));
    let new = json!({"session_token": login.session_token});
    let token = kit.post("/auth/v1/session/rotate", &new).await.expect(200).str("access_token");
    let refused = kit.post_as(&token, "/auth/v1/enrol/totp", &json!({})).await.expect(403);
    assert_eq!(refused.str("code"), "elevation_required");
}

#[tokio::test]
async fn a_wrong_code_says_what_is_wrong_and_the_invitation_stays_good() {
    let kit = Kit::memory().await;
    kit.person("ann").await;
    let token = kit.login("ann").await.access_token;
    let asked = kit.post_as(&token, "/auth/v1/enrol/totp", &json!({})).await.expect(200);
    let wrong = complete(&kit, &asked, "000000").await.expect(422).json();
    assert_eq!(wrong["violations"][0]["code"], "code_wrong");
    assert!(wrong["violations"][0]["message"].is_string());
    complete(&kit, &asked, &app(&asked).code(&kit)).await.expect(200);
    complete(&kit, &asked, &app(&asked).code(&kit)).await.expect(404);
}

#[tokio::test]
async fn a_new_password_that_breaks_rules_lists_them() {
    let kit = Kit::memory().await;
    kit.person("ann").await;
    let token = kit.login("ann").await.access_token;
    let asked =
        kit.post_as(&token, "/auth/v1/enrol/password", &json!({})).await.expect(200).str("transaction");
    let proof = |text: &str| json!({"transaction": asked, "proof": {"password": text}});
    let broken = kit.post("/auth/v1/enrol/password/complete", &proof("ann")).await.expect(422).json();
    assert!(!broken["violations"].as_array().unwrap().is_empty(), "{broken}");
    kit.post("/auth/v1/enrol/password/complete", &proof("quiet Harbour 9 violins")).await.expect(200);
    let old = kit.begin("ann").await;
    kit.answer(&old, "password", json!({"password": PASSWORD})).await.expect(401);
}

#[tokio::test]
async fn an_invitation_ends_with_the_session_in_which_it_was_asked_for() {
    let kit = Kit::memory().await;
    kit.person("ann").await;
    let token = kit.login("ann").await.access_token;
    let asked = kit.post_as(&token, "/auth/v1/enrol/totp", &json!({})).await.expect(200);
    kit.delete_as(&token, "/auth/v1/me/sessions").await.expect(204);
    complete(&kit, &asked, &app(&asked).code(&kit)).await.expect(401);
}

#[tokio::test]
async fn a_login_that_demands_a_second_factor_goes_on_when_it_is_set_up() {
    let kit = Kit::with(Store::Memory).config(ALWAYS).start().await;
    kit.person("ann").await;
    let transaction = kit.begin("ann").await;
    // Nothing is set up for somebody who has proven nothing.
    let early = kit.post("/auth/v1/enrol/totp", &json!({"transaction": transaction})).await.expect(409);
    assert_eq!(early.str("code"), "step_out_of_order");

    let more = kit.answer(&transaction, "password", json!({"password": PASSWORD})).await.expect(200);
    assert_eq!(more.json()["next"], json!({"step": "enrol", "authenticators": ["totp"]}));
    let handle = json!({"transaction": more.str("transaction")});
    kit.post("/auth/v1/enrol/recovery-code", &handle).await.expect(409);
    let asked = kit.post("/auth/v1/enrol/totp", &handle).await.expect(200);
    complete(&kit, &asked, "000000").await.expect(422);
    let done = complete(&kit, &asked, &app(&asked).code(&kit)).await.expect(200).json();
    assert_eq!((&done["login"]["status"], &done["login"]["acr"]), (&json!("done"), &json!("aal2")));
    let token = done["login"]["access_token"].as_str().unwrap();
    assert!(done["login"]["session_token"].is_string());
    kit.get_as(token, "/auth/v1/me").await.expect(200);
}

#[tokio::test]
async fn a_forced_enrolment_in_a_browser_ends_with_the_cookie() {
    let kit = Kit::with(Store::Memory).config(ALWAYS).start().await;
    kit.person("ann").await;
    let browser = Browser::new(&kit);
    let begun = browser.post("/auth/v1/login", &json!({"username": "ann", "cookie": true})).await.expect(200);
    let answer = json!({"transaction": begun.str("transaction"), "answer": {"password": PASSWORD}});
    let more = browser.post("/auth/v1/login/password", &answer).await.expect(200);
    let handle = json!({"transaction": more.str("transaction")});
    kit.post("/auth/v1/enrol/totp", &handle).await.expect(404);
    let asked = browser.post("/auth/v1/enrol/totp", &handle).await.expect(200);
    let code = app(&asked).code(&kit);
    let proof = json!({"transaction": asked.str("transaction"), "proof": {"code": code}});
    let done = browser.post("/auth/v1/enrol/totp/complete", &proof).await.expect(200).json();
    assert_eq!(done["login"].get("session_token"), None);
    browser.get("/auth/v1/me").await.expect(200);
}

#[tokio::test]
async fn recovery_codes_are_shown_once_and_each_opens_the_door_once() {
    let kit = Kit::memory().await;
    kit.person("ann").await;
    let token = kit.login("ann").await.access_token;
    kit.enrol_totp(&token).await;
    let codes = kit.enrol_recovery_codes(&token).await;
    for (code, status) in [(&codes[0], 200), (&codes[0], 401), (&codes[1], 200)] {
        let transaction = kit.begin("ann").await;
        let more = kit.answer(&transaction, "password", json!({"password": PASSWORD})).await.expect(200);
        let reply = kit.answer(&more.str("transaction"), "recovery-code", json!({"code": code})).await;
        let reply = reply.expect(status);
        if status == 200 {
            Login::of(&reply);
        }
    }
}

#[tokio::test]
async fn what_was_not_asked_for_can_not_be_completed() {
    let kit = Kit::memory().await;
    kit.person("ann").await;
    let token = kit.login("ann").await.access_token;
    let asked = kit.post_as(&token, "/auth/v1/enrol/totp", &json!({})).await.expect(200).str("transaction");
    let other = json!({"transaction": asked, "proof": {"password": "quiet Harbour 9 violins"}});
    kit.post("/auth/v1/enrol/password/complete", &other).await.expect(409);
    let missing = kit.post("/auth/v1/enrol/totp/complete", &json!({"transaction": asked})).await.expect(400);
    assert!(missing.str("detail").contains("proof"));
    let unknown = kit.post_as(&token, "/auth/v1/enrol/totp", &json!({"label": "phone"})).await.expect(400);
    assert!(unknown.str("detail").contains("transaction, invite"), "{}", unknown.text());
}
