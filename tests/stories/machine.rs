//! A device that proved a second factor once is remembered.

mod browser;
mod forgetting;
mod idaas;

use super::parallel::{all, count, half_way};
use gatewright_core::audit::Filter;
use kit::{Kit, KitBuilder, Login, PASSWORD, Reply, Store, Totp};
use serde_json::{Value, json};
use std::{sync::Arc, time::Duration};

const REMEMBERED: &str = "[login.policy]\nsecond = [\"totp\", \"recovery-code\", \"machine\"]\n[login.block_config]\nuser_attempts_limit = 1000\n";
const CREDENTIALS: &str = "/auth/v1/me/credentials";

fn with(store: Store) -> KitBuilder {
    Kit::with(store).config(REMEMBERED)
}

/// Somebody with an app whose code is used up.
async fn somebody(kit: &Kit, username: &str) -> Totp {
    kit.person(username).await;
    let app = kit.enrol_totp(&kit.login(username).await.access_token).await;
    kit.advance(Duration::from_secs(60));
    app
}

/// A login that waits for the second factor.
async fn waiting(kit: &Kit, username: &str) -> Reply {
    let transaction = kit.begin(username).await;
    let more = kit.answer(&transaction, "password", json!({"password": PASSWORD})).await.expect(200);
    assert_eq!(more.json()["status"], "more", "{}", more.text());
    more
}

/// A login with password and app.
async fn both(kit: &Kit, username: &str, app: &Totp) -> Login {
    kit.advance(Duration::from_secs(60));
    let transaction = waiting(kit, username).await.str("transaction");
    Login::of(&kit.answer(&transaction, "totp", json!({"code": app.code(kit)})).await)
}

/// What a device of this name keeps that is remembered in a session.
async fn remember(kit: &Kit, token: &str, invite: Value) -> Value {
    let asked = kit.post_as(token, "/auth/v1/enrol/machine", &json!({"invite": invite})).await.expect(200);
    let body = json!({"transaction": asked.str("transaction"), "proof": {}});
    let done = kit.post_as(token, "/auth/v1/enrol/machine/complete", &body).await.expect(200);
    nonces(&done.json()["reveal"])
}

fn nonces(reveal: &Value) -> Value {
    json!({"machine_nonce": reveal["machine_nonce"], "sequence_nonce": reveal["sequence_nonce"]})
}

/// Ann with an app and a device.
async fn ann(kit: &Kit) -> (Totp, Value) {
    let app = somebody(kit, "ann").await;
    let login = both(kit, "ann", &app).await;
    let device = remember(kit, &login.access_token, json!({"label": "laptop"})).await;
    (app, device)
}

/// The second step by a device.
async fn by_device(kit: &Kit, username: &str, device: &Value) -> Reply {
    let transaction = kit.begin(username).await;
    let more = kit.answer(&transaction, "password", json!({"password": PASSWORD})).await.expect(200);
    kit.answer(&more.str("transaction"), "machine", device.clone()).await
}

async fn devices(kit: &Kit, token: &str) -> Vec<Value> {
    let list = kit.get_as(token, CREDENTIALS).await.expect(200).json();
    list.as_array().unwrap().iter().filter(|c| c["authenticator"] == "machine").cloned().collect()
}

async fn outcomes(kit: &Kit) -> Vec<String> {
    let log =
        kit.app.engine.store().audit(&super::admin::id("default"), &Filter::default(), 50).await.unwrap();
    let of_device = |e: &gatewright_core::audit::Event| e.authenticator.as_deref() == Some("machine");
    log.into_iter().filter(|l| of_device(&l.event)).map(|l| l.event.outcome.to_string()).collect()
}

#[tokio::test]
async fn a_device_stands_for_the_second_factor_and_gets_another_number_each_time() {
    for store in [Store::Memory, Store::Sqlite, Store::Postgres] {
        let kit = with(store).start().await;
        let (_, mut device) = ann(&kit).await;
        for _ in 0..3 {
            let more = waiting(&kit, "ann").await;
            assert_eq!(more.json()["next"], json!({"step": "second", "authenticators": ["totp", "machine"]}));
            let done = kit.answer(&more.str("transaction"), "machine", device.clone()).await;
            let login = Login::of(&done);
            assert_eq!(login.body["amr"], json!(["pwd", "remembered"]), "nothing was proven now");
            assert_eq!(login.body["acr"], "aal1");
            let next = nonces(&login.body["reveal"]);
            assert_eq!(next["machine_nonce"], device["machine_nonce"]);
            assert_ne!(next["sequence_nonce"], device["sequence_nonce"]);
            device = next;
            let listed = &devices(&kit, &login.access_token).await[0];
            assert_eq!(listed["label"], "laptop");
            assert_eq!(
                listed["details"],
                json!({"expires_at": "2026-01-31T00:02:00Z", "fingerprint": false})
            );
        }
    }
}

#[tokio::test]
async fn a_number_that_was_used_forgets_the_device_for_the_thief_and_for_the_owner() {
    let kit = with(Store::Sqlite).start().await;
    let (app, stolen) = ann(&kit).await;
    let kept = nonces(&Login::of(&by_device(&kit, "ann", &stolen).await).body["reveal"]);
    by_device(&kit, "ann", &stolen).await.expect(401);
    let more = waiting(&kit, "ann").await;
    assert_eq!(more.json()["next"]["authenticators"], json!(["totp"]), "there is no device any more");
    kit.answer(&more.str("transaction"), "machine", kept).await.expect(400);
    assert_eq!(outcomes(&kit).await[0], "replayed");
    // She proves the second factor again, and has it remembered anew.
    let login = both(&kit, "ann", &app).await;
    let device = remember(&kit, &login.access_token, json!({})).await;
    Login::of(&by_device(&kit, "ann", &device).await);
}

#[tokio::test]
async fn a_device_is_one_persons_in_one_tenant() {
    let kit = with(Store::Memory).start().await;
    let (_, device) = ann(&kit).await;
    let bobs = somebody(&kit, "bob").await;
    let login = both(&kit, "bob", &bobs).await;
    let bobs = remember(&kit, &login.access_token, json!({})).await;
    by_device(&kit, "bob", &device).await.expect(401);
    let mixed = json!({"machine_nonce": bobs["machine_nonce"], "sequence_nonce": "x"});
    by_device(&kit, "ann", &mixed).await.expect(401);
    Login::of(&by_device(&kit, "ann", &device).await);
    Login::of(&by_device(&kit, "bob", &bobs).await);

    let root = kit.administrator().await;
    super::admin::tenant(&kit, &root, "acme").await;
    super::admin::person(&kit, "acme", "ann", false).await;
    let begin = json!({"tenant": "acme", "username": "ann"});
    let transaction = kit.post("/auth/v1/login", &begin).await.expect(200).str("transaction");
    let done = kit.answer(&transaction, "password", json!({"password": PASSWORD})).await;
    assert_eq!(Login::of(&done).body["amr"], json!(["pwd"]));
    let transaction = kit.post("/auth/v1/login", &begin).await.expect(200).str("transaction");
    kit.answer(&transaction, "machine", device).await.expect(400);
}

#[tokio::test]
async fn a_device_is_remembered_for_thirty_days() {
    let kit = with(Store::Memory).start().await;
    let (app, device) = ann(&kit).await;
    kit.advance(Duration::from_secs(29 * 86_400));
    let device = nonces(&Login::of(&by_device(&kit, "ann", &device).await).body["reveal"]);
    kit.advance(Duration::from_secs(86_400));
    by_device(&kit, "ann", &device).await.expect(401);
    assert_eq!(outcomes(&kit).await[0], "expired");
    let login = both(&kit, "ann", &app).await;
    assert_eq!(devices(&kit, &login.access_token).await, Vec::<Value>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn one_number_in_twenty_logins_lets_exactly_one_in() {
    let limits = "ip_attempts_limit = 100000\n";
    let kit = Arc::new(Kit::with(Store::Sqlite).config(&format!("{REMEMBERED}{limits}")).start().await);
    let (_, device) = ann(&kit).await;
    let tries = half_way(&kit, "ann").await.into_iter().map(|transaction| {
        let (kit, device) = (kit.clone(), device.clone());
        async move { kit.answer(&transaction, "machine", device).await }
    });
    let replies = all(tries).await;
    // Who comes when the device is forgotten finds that it is not due.
    assert_eq!(count(&replies, 200), 1, "{replies:?}");
    assert_eq!(count(&replies, 401) + count(&replies, 400), 19, "{replies:?}");
    let more = waiting(&kit, "ann").await;
    assert_eq!(more.json()["next"]["authenticators"], json!(["totp"]));
}

#[tokio::test]
async fn an_answer_counts_in_its_own_login_and_is_bounded() {
    let kit = with(Store::Memory).start().await;
    let (_, device) = ann(&kit).await;
    let (one, two) = (waiting(&kit, "ann").await, waiting(&kit, "ann").await);
    let long = |key: &str, n: usize| {
        let mut device = device.clone();
        device[key] = "x".repeat(n).into();
        device
    };
    let (fingerprint, machine) = (long("fingerprint", 4097), long("machine_nonce", 65));
    for body in [json!({}), json!([]), json!({"machine_nonce": 1, "sequence_nonce": 2}), fingerprint, machine]
    {
        kit.answer(&one.str("transaction"), "machine", body).await.expect(400);
    }
    for cut in ["machine_nonce", "sequence_nonce"] {
        let mut device = device.clone();
        device.as_object_mut().unwrap().remove(cut);
        kit.answer(&one.str("transaction"), "machine", device).await.expect(400);
    }
    let login = Login::of(&kit.answer(&one.str("transaction"), "machine", device.clone()).await);
    kit.answer(&one.str("transaction"), "machine", nonces(&login.body["reveal"])).await.expect(404);
    Login::of(&kit.answer(&two.str("transaction"), "machine", nonces(&login.body["reveal"])).await);
}

#[tokio::test]
async fn only_a_session_that_has_seen_a_second_factor_remembers_a_device() {
    let kit = with(Store::Memory).start().await;
    let invite = async |token: &str| kit.post_as(token, "/auth/v1/enrol/machine", &json!({})).await;
    kit.person("bob").await;
    let bob = kit.login("bob").await.access_token;
    assert_eq!(invite(&bob).await.expect(403).str("code"), "elevation_required");
    let (_, device) = ann(&kit).await;
    // One that a device has spared it is none: a thief of the device must not make himself another.
    let spared = Login::of(&by_device(&kit, "ann", &device).await).access_token;
    assert_eq!(invite(&spared).await.expect(403).str("code"), "elevation_required");
    let app = devices(&kit, &spared).await[0]["id"].as_str().unwrap().to_owned();
    kit.delete_as(&spared, &format!("{CREDENTIALS}/{app}")).await.expect(403);

    // Nobody else can do it for her, and no tenant that remembers none.
    let (root, ann) = (kit.administrator().await, kit.get_as(&spared, "/auth/v1/me").await.json());
    let path = format!("/auth/v1/people/{}/credentials/machine", ann["id"].as_str().unwrap());
    kit.post_as(&root, &path, &json!({})).await.expect(409);
    let strict = Kit::memory().await;
    let app = somebody(&strict, "ann").await;
    let token = both(&strict, "ann", &app).await.access_token;
    strict.post_as(&token, "/auth/v1/enrol/machine", &json!({})).await.expect(400);
}

#[tokio::test]
async fn a_device_is_no_first_factor_and_proves_nothing_anew() {
    let kit = with(Store::Memory).start().await;
    let (app, device) = ann(&kit).await;
    let transaction = kit.begin("ann").await;
    kit.answer(&transaction, "machine", device.clone()).await.expect(400);
    let spared = Login::of(&by_device(&kit, "ann", &device).await);
    let device = nonces(&spared.body["reveal"]);
    let elevate = json!({"purpose": "elevate"});
    let begun = kit.post_as(&spared.access_token, "/auth/v1/login", &elevate).await.expect(200);
    let more =
        kit.answer(&begun.str("transaction"), "password", json!({"password": PASSWORD})).await.expect(200);
    assert_eq!(more.json()["next"]["authenticators"], json!(["totp"]));
    kit.answer(&more.str("transaction"), "machine", device.clone()).await.expect(400);
    kit.advance(Duration::from_secs(60));
    let raised = kit.answer(&more.str("transaction"), "totp", json!({"code": app.code(&kit)})).await;
    remember(&kit, &Login::of(&raised).access_token, json!({})).await;
    Login::of(&by_device(&kit, "ann", &device).await);
}

#[tokio::test]
async fn the_device_that_was_not_used_for_longest_makes_room() {
    let kit = with(Store::Sqlite).start().await;
    let (app, first) = ann(&kit).await;
    let first = nonces(&Login::of(&by_device(&kit, "ann", &first).await).body["reveal"]);
    let token = both(&kit, "ann", &app).await.access_token;
    let second = remember(&kit, &token, json!({})).await;
    let mut last = Value::Null;
    for _ in 0..19 {
        kit.advance(Duration::from_secs(1));
        last = remember(&kit, &token, json!({})).await;
    }
    assert_eq!(devices(&kit, &token).await.len(), 20);
    by_device(&kit, "ann", &first).await.expect(401);
    Login::of(&by_device(&kit, "ann", &second).await);
    Login::of(&by_device(&kit, "ann", &last).await);
}
