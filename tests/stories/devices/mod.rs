//! Another device of a person has a key and says yes or no.

mod pairing;
mod phone;
mod push;
mod smart_credential;
mod smart_login;

use kit::{Kit, PASSWORD, Reply, Store};
pub(super) use phone::{Algorithm, Phone, of_link};
use serde_json::{Value, json};

/// The reply of a window that waits.
fn pending() -> Value {
    json!({"status": "pending", "retry_after_ms": 2000})
}

/// What the phone is invited with.
async fn invite(kit: &Kit, token: &str, authenticator: &str) -> Reply {
    kit.post_as(token, &format!("/auth/v1/enrol/{authenticator}"), &json!({})).await.expect(200)
}

async fn finish(kit: &Kit, token: &str, authenticator: &str, invited: &Reply, proof: Value) -> Reply {
    let body = json!({"transaction": invited.str("transaction"), "proof": proof});
    kit.post_as(token, &format!("/auth/v1/enrol/{authenticator}/complete"), &body).await
}

/// Pairs a phone with somebody who has a password and is logged in.
pub(super) async fn paired(kit: &Kit, username: &str, phone: &Phone) {
    let token = kit.login(username).await.access_token;
    let invited = invite(kit, &token, phone.authenticator).await;
    let check = phone.pair(kit, &invited.json()["invitation"]).await;
    finish(kit, &token, phone.authenticator, &invited, json!({"check": check})).await.expect(200);
}

/// Somebody after their password: the handle.
async fn half_way(kit: &Kit, username: &str) -> String {
    let begun = kit.begin(username).await;
    let more = kit.answer(&begun, "password", json!({"password": PASSWORD})).await.expect(200);
    assert_eq!(more.json()["status"], "more", "{}", more.text());
    more.str("transaction")
}

/// Asks: handle and prompt.
async fn ask(kit: &Kit, handle: &str, authenticator: &str, begin: Value) -> (String, Value) {
    let body = json!({"transaction": handle, "begin": begin});
    let asked = kit.post(&format!("/auth/v1/login/{authenticator}/challenge"), &body).await.expect(200);
    (asked.str("transaction"), asked.json()["prompt"].clone())
}

/// Ada with a phone, in memory.
async fn ada(config: &str) -> (Kit, Phone) {
    let kit = Kit::with(Store::Memory).config(config).start().await;
    kit.person("ada").await;
    let phone = Phone::new(Algorithm::Ed25519, "push", 1);
    paired(&kit, "ada", &phone).await;
    (kit, phone)
}
