//! An administrator replaces signing keys over HTTP.

use super::{default_tenant, targets};
use gatewright_core::signing::{Algorithm, Replace, Signer};
use kit::Kit;
use serde_json::{Value, json};
use std::time::Duration;

async fn list(kit: &Kit, token: &str) -> Vec<Value> {
    kit.get_as(token, "/auth/v1/keys").await.expect(200).json().as_array().unwrap().clone()
}

#[tokio::test]
async fn an_administrator_sees_and_replaces_keys() {
    let kit = Kit::memory().await;
    let root = kit.administrator().await;
    assert_eq!(list(&kit, &root).await, Vec::<Value>::new());
    let first = kit.app.signer.current(&default_tenant(), Algorithm::EdDsa).await.unwrap().kid().to_owned();
    let keys = list(&kit, &root).await;
    assert_eq!((&keys[0]["kid"], &keys[0]["state"]), (&json!(first), &json!("current")));
    assert_eq!(
        (&keys[0]["algorithm"], &keys[0]["due_at"]),
        (&json!("EdDSA"), &json!("2026-03-31T00:00:00Z"))
    );

    let rotate = async |body: Value| kit.post_as(&root, "/auth/v1/keys/rotate", &body).await;
    let states = |reply: &kit::Reply| -> Vec<String> {
        reply.json().as_array().unwrap().iter().map(|k| k["state"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(states(&rotate(json!({})).await.expect(200)), ["current", "next"]);
    assert_eq!(states(&rotate(json!({"algorithm": "ES256"})).await.expect(200)), ["current", "next"]);
    let done = rotate(json!({"algorithm": "EdDSA", "at_once": true})).await.expect(200);
    assert_eq!(states(&done), ["current", "retired"]);
    assert_eq!(done.json()[1]["kid"], json!(first));
    assert_eq!(states(&rotate(json!({"revoke": first})).await.expect(200)), ["current"]);
    rotate(json!({"revoke": first})).await.expect(404);
    rotate(json!({"revoke": first, "at_once": true})).await.expect(400);
    rotate(json!({"algorithm": "none"})).await.expect(400);
    rotate(json!({"algoritm": "EdDSA"})).await.expect(400);
    kit.post_as(&root, "/auth/v1/keys/rotate?tenant=nobody", &json!({})).await.expect(404);
    assert_eq!(targets(&kit, "key.revoked").await, [format!("signing-key:{first}")]);
}

#[tokio::test]
async fn nobody_else_does_and_not_long_after_a_login() {
    let kit = Kit::memory().await;
    let root = kit.administrator().await;
    kit.person("ann").await;
    let ann = kit.login("ann").await.access_token;
    let first = kit.app.signer.current(&default_tenant(), Algorithm::EdDsa).await.unwrap().kid().to_owned();
    for body in [json!({}), json!({"at_once": true}), json!({"revoke": first})] {
        kit.post_as(&ann, "/auth/v1/keys/rotate", &body).await.expect(403);
        kit.post("/auth/v1/keys/rotate", &body).await.expect(401);
    }
    kit.get_as(&ann, "/auth/v1/keys").await.expect(403);
    kit.get("/auth/v1/keys").await.expect(401);
    kit.advance(Duration::from_secs(600));
    let late = kit.post_as(&root, "/auth/v1/keys/rotate", &json!({"at_once": true})).await.expect(403);
    assert_eq!(late.str("code"), "elevation_required");
    assert_eq!(list(&kit, &root).await.len(), 1);
}

#[tokio::test]
async fn a_session_that_was_ended_meanwhile_replaces_no_key() {
    let kit = Kit::memory().await;
    let root = kit.administrator().await;
    let first = kit.app.signer.current(&default_tenant(), Algorithm::EdDsa).await.unwrap().kid().to_owned();
    let (engine, origin) = (&kit.app.engine, gatewright_core::Origin::local("kit"));
    let shown = gatewright_core::token::PlainToken::received(&root).unwrap();
    let caller = engine.check(&shown, None).await.unwrap();
    engine.end_all(&caller, true, &origin).await.unwrap();
    let announced = Replace::default();
    let at_once = Replace { at_once: true, ..Replace::default() };
    let revoked = Replace { revoke: Some(first), ..Replace::default() };
    for wish in [announced, at_once, revoked] {
        let done = engine.replace_signing_keys(&caller, &default_tenant(), &wish, &origin).await;
        assert_eq!(done.map_err(|problem| problem.status), Err(409), "{wish:?}");
    }
    assert_eq!(kit.app.signer.keys(&default_tenant()).await.unwrap().len(), 1);
}
