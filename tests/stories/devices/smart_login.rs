//! `smart-login`: a phone scans the picture of a login that nobody has begun by name.

use super::{Algorithm, Phone, ask, paired, pending, phone::of_link};
use crate::stories::parallel;
use kit::{Kit, Login, Reply, Store};
use serde_json::{Value, json};
use std::{sync::Arc, time::Duration};

const ID: &str = "smart-login";
const POLICY: &str = "[login.policy]\nfirst = [\"password\", \"smart-login\"]\n";

async fn ada() -> (Kit, Phone) {
    let kit = Kit::with(Store::Sqlite).config(POLICY).start().await;
    kit.person("ada").await;
    let phone = Phone::new(Algorithm::Ed25519, ID, 1);
    paired(&kit, "ada", &phone).await;
    (kit, phone)
}

async fn unnamed(kit: &Kit) -> (String, Value) {
    let begun = kit.post("/auth/v1/login", &json!({})).await.expect(200).str("transaction");
    ask(kit, &begun, ID, json!({})).await
}

fn wake(prompt: &Value) -> String {
    of_link(prompt["link"].as_str().unwrap(), "wake")
}

/// What the phone is told of the login that it has scanned.
async fn scanned(kit: &Kit, phone: &Phone, prompt: &Value) -> Value {
    phone.told_of(kit, &wake(prompt)).await.expect(200).json()["prompt"].clone()
}

async fn poll(kit: &Kit, handle: &str) -> Reply {
    kit.answer(handle, ID, json!({})).await
}

#[tokio::test]
async fn a_phone_says_who_it_is_and_the_page_is_logged_in() {
    let (kit, phone) = ada().await;
    let (handle, prompt) = unnamed(&kit).await;
    let link = prompt["link"].as_str().unwrap();
    assert!(
        link.starts_with("gatewright:login?server=") && !link.contains(&format!("={}&", prompt["number"]))
    );
    assert_eq!(poll(&kit, &handle).await.expect(200).json(), pending());
    let told = scanned(&kit, &phone, &prompt).await;
    let shown: Value = serde_json::from_str(told["shown"].as_str().unwrap()).unwrap();
    assert_eq!((&shown["address"], &shown["username"]), (&json!("192.0.2.1"), &Value::Null));
    phone.report(&kit, &phone.decide(&kit, &told, "approve", &prompt["number"])).await.expect(202);
    let login = Login::of(&poll(&kit, &handle).await);
    assert_eq!(login.body["person"]["username"], "ada");
    assert_eq!(login.body["amr"], json!(["pop"]));
    poll(&kit, &handle).await.expect(404);
}

#[tokio::test]
async fn no_wrong_numbers_and_phones_of_nobody() {
    let (kit, phone) = ada().await;
    for decision in ["deny", "concern"] {
        let (handle, prompt) = unnamed(&kit).await;
        let told = scanned(&kit, &phone, &prompt).await;
        phone.report(&kit, &phone.decide(&kit, &told, decision, &Value::Null)).await.expect(202);
        poll(&kit, &handle).await.expect(401);
        poll(&kit, &handle).await.expect(404);
    }
    let (handle, prompt) = unnamed(&kit).await;
    let told = scanned(&kit, &phone, &prompt).await;
    let wrong = 10 + (prompt["number"].as_u64().unwrap() + 1) % 90;
    // A phone that is nobody's, and one that is paired for something else.
    let (stranger, pushing) = (Phone::new(Algorithm::P256, ID, 5), Phone::new(Algorithm::P256, "push", 6));
    paired(&kit, "ada", &pushing).await;
    for other in [&stranger, &pushing] {
        let yes = other.decide(&kit, &told, "approve", &prompt["number"]);
        phone.report(&kit, &yes).await.expect(202);
        assert_eq!(poll(&kit, &handle).await.expect(200).json(), pending());
    }
    assert_eq!(stranger.told_of(&kit, &wake(&prompt)).await.status.as_u16(), 401);
    phone.report(&kit, &phone.decide(&kit, &told, "approve", &json!(wrong))).await.expect(202);
    poll(&kit, &handle).await.expect(401);
}

#[tokio::test]
async fn whoever_may_not_log_in_is_nobody() {
    let (kit, phone) = ada().await;
    let (handle, prompt) = unnamed(&kit).await;
    let told = scanned(&kit, &phone, &prompt).await;
    let yes = phone.decide(&kit, &told, "approve", &prompt["number"]);
    let ada = kit.app.engine.find_person(&gatewright_contract::TenantId::default_tenant(), "ada").await;
    kit.disable(&ada.unwrap().unwrap()).await;
    phone.report(&kit, &yes).await.expect(202);
    assert_eq!(poll(&kit, &handle).await.expect(200).json(), pending());
    assert_eq!(phone.told_of(&kit, &wake(&prompt)).await.status.as_u16(), 401);
}

#[tokio::test]
async fn who_is_disabled_between_yes_and_poll_stays_out() {
    let (kit, phone) = ada().await;
    let (handle, prompt) = unnamed(&kit).await;
    let told = scanned(&kit, &phone, &prompt).await;
    phone.report(&kit, &phone.decide(&kit, &told, "approve", &prompt["number"])).await.expect(202);
    let ada = kit.app.engine.find_person(&gatewright_contract::TenantId::default_tenant(), "ada").await;
    kit.disable(&ada.unwrap().unwrap()).await;
    poll(&kit, &handle).await.expect(401);
}

#[tokio::test]
async fn a_login_that_was_begun_by_name_is_for_phones_of_that_person() {
    let (kit, phone) = ada().await;
    kit.person("eve").await;
    let eves = Phone::new(Algorithm::Ed25519, ID, 2);
    paired(&kit, "eve", &eves).await;
    let (handle, prompt) = ask(&kit, &kit.begin("ada").await, ID, json!({})).await;
    let told = scanned(&kit, &eves, &prompt).await;
    eves.report(&kit, &eves.decide(&kit, &told, "approve", &prompt["number"])).await.expect(202);
    assert_eq!(poll(&kit, &handle).await.expect(200).json(), pending());
    phone.report(&kit, &phone.decide(&kit, &told, "approve", &prompt["number"])).await.expect(202);
    assert_eq!(Login::of(&poll(&kit, &handle).await).body["person"]["username"], "ada");
}

#[tokio::test]
async fn the_picture_expires_and_a_decision_is_for_one_login() {
    let (kit, phone) = ada().await;
    let ((first, one), (second, two)) = (unnamed(&kit).await, unnamed(&kit).await);
    let told = scanned(&kit, &phone, &one).await;
    let mut yes = phone.decide(&kit, &told, "approve", &one["number"]);
    yes["wake"] = json!(wake(&two));
    phone.report(&kit, &yes).await.expect(202);
    assert_eq!(poll(&kit, &second).await.expect(200).json(), pending());
    kit.advance(Duration::from_secs(90));
    assert_eq!(scanned(&kit, &phone, &one).await, Value::Null);
    assert_eq!(phone.told_of(&kit, &"x".repeat(200)).await.expect(200).json()["prompt"], Value::Null);
    phone.report(&kit, &phone.decide(&kit, &told, "approve", &one["number"])).await.expect(202);
    poll(&kit, &first).await.expect(409);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_yes_lets_one_window_in() {
    let (kit, phone) = ada().await;
    let kit = Arc::new(kit);
    let (handle, prompt) = unnamed(&kit).await;
    let told = scanned(&kit, &phone, &prompt).await;
    phone.report(&kit, &phone.decide(&kit, &told, "approve", &prompt["number"])).await.expect(202);
    let tries = (0..20).map(|_| {
        let (kit, handle) = (kit.clone(), handle.clone());
        async move { kit.answer(&handle, ID, json!({})).await }
    });
    let replies = parallel::all(tries).await;
    assert_eq!(parallel::count(&replies, 200), 1, "{replies:?}");
    assert_eq!(parallel::count(&replies, 404) + parallel::count(&replies, 409), 19, "{replies:?}");
}

#[tokio::test]
async fn it_is_off_unless_a_policy_turns_it_on() {
    let kit = Kit::memory().await;
    let begun = kit.post("/auth/v1/login", &json!({})).await.expect(200).str("transaction");
    let asked = kit.post("/auth/v1/login/smart-login/challenge", &json!({"transaction": begun})).await;
    assert!(asked.status.is_client_error(), "{}", asked.text());
}
