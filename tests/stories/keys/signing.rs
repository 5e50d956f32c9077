//! What the server signs, somebody else verifies: with the set that everybody may fetch.

use super::{by, default_tenant, origin, targets};
use data_encoding::BASE64URL_NOPAD;
use gatewright::background;
use gatewright_core::signing::{Algorithm, KeyState, Rotation, Signer};
use jsonwebtoken::{DecodingKey, Validation, decode, decode_header, jwk::JwkSet};
use kit::{Call, Kit, Store};
use serde_json::{Value, json};
use std::{collections::BTreeMap, time::Duration};

const HOUR: Duration = Duration::from_secs(3_600);
const DAY: Duration = Duration::from_secs(86_400);

/// A JWT as an area would make it.
async fn token(kit: &Kit, algorithm: Algorithm) -> String {
    let key = kit.app.engine.signer().current(&default_tenant(), algorithm).await.unwrap();
    let part = |value: Value| BASE64URL_NOPAD.encode(value.to_string().as_bytes());
    let header = part(json!({"alg": algorithm.as_str(), "kid": key.kid(), "typ": "JWT"}));
    let signed = format!("{header}.{}", part(json!({"sub": "ann"})));
    let signature = key.sign(signed.as_bytes()).unwrap();
    format!("{signed}.{}", BASE64URL_NOPAD.encode(&signature))
}

async fn fetched(kit: &Kit) -> JwkSet {
    serde_json::from_slice(&kit.get("/auth/v1/jwks").await.expect(200).bytes).unwrap()
}

/// Whether it verifies under what is published now.
async fn verifies(kit: &Kit, token: &str) -> bool {
    let _ = jsonwebtoken::crypto::aws_lc::DEFAULT_PROVIDER.install_default();
    let header = decode_header(token).unwrap();
    let set = fetched(kit).await;
    let Some(jwk) = set.find(header.kid.as_deref().unwrap()) else { return false };
    let mut validation = Validation::new(header.alg);
    validation.required_spec_claims.clear();
    validation.validate_exp = false;
    let key = DecodingKey::from_jwk(jwk).unwrap();
    let claims = decode::<BTreeMap<String, String>>(token, &key, &validation);
    claims.is_ok_and(|claims| claims.claims["sub"] == "ann")
}

fn kid(token: &str) -> String {
    decode_header(token).unwrap().kid.unwrap()
}

async fn states(kit: &Kit) -> Vec<KeyState> {
    kit.app.signer.keys(&default_tenant()).await.unwrap().into_iter().map(|key| key.state).collect()
}

async fn at(kit: &Kit, by: Duration) -> Vec<KeyState> {
    kit.advance(by);
    background::move_signing_keys(&kit.app).await;
    states(kit).await
}

#[tokio::test]
async fn all_three_algorithms_verify_elsewhere() {
    let kit = Kit::sqlite().await;
    assert_eq!(fetched(&kit).await.keys.len(), 0, "nothing was signed");
    for (number, algorithm) in Algorithm::ALL.into_iter().enumerate() {
        let token = token(&kit, algorithm).await;
        assert_eq!(
            fetched(&kit).await.keys.len(),
            number + 1,
            "the keys of {algorithm:?} are made when asked for"
        );
        assert!(verifies(&kit, &token).await, "{algorithm:?}");
        let (signed, _) = token.rsplit_once('.').unwrap();
        assert!(!verifies(&kit, &format!("{signed}.{}", BASE64URL_NOPAD.encode(&[7; 64]))).await);
    }
    for key in &fetched(&kit).await.keys {
        let jwk = serde_json::to_value(key).unwrap();
        assert_eq!(jwk["kid"], key.thumbprint(jsonwebtoken::jwk::ThumbprintHash::SHA256).unwrap());
        assert!(jwk.get("d").is_none() && jwk["use"] == "sig", "{jwk}");
    }
    assert_eq!(targets(&kit, "key.made").await.len(), 3);
}

#[tokio::test]
async fn a_stored_signing_key_is_sealed_and_survives_a_restart() {
    let kit = Kit::sqlite().await;
    let before = token(&kit, Algorithm::EdDsa).await;
    let records = kit.app.engine.store().records(&default_tenant(), "signing-key", None, 10).await.unwrap();
    let body: Value = serde_json::from_str(&records[0].body).unwrap();
    // A PKCS #8 key in the clear would begin with these bytes.
    assert!(!body["private"].as_str().unwrap().starts_with("MC4C") && records.len() == 1);
    let kit = Kit::with(Store::Sqlite).folder(kit.stop().await).seed(8).start().await;
    let after = token(&kit, Algorithm::EdDsa).await;
    assert_eq!(kid(&before), kid(&after));
    assert!(verifies(&kit, &before).await && verifies(&kit, &after).await);
}

#[tokio::test]
async fn a_key_is_announced_signs_retires_and_goes() {
    use KeyState::{Current, Next, Retired};
    let kit = Kit::sqlite().await;
    let first = token(&kit, Algorithm::EdDsa).await;
    assert_eq!(at(&kit, 89 * DAY - Duration::from_secs(1)).await, [Current]);
    assert_eq!(at(&kit, Duration::from_secs(1)).await, [Current, Next]);
    assert_eq!(fetched(&kit).await.keys.len(), 2, "published ahead");
    let before = token(&kit, Algorithm::EdDsa).await;
    assert_eq!(kid(&before), kid(&first), "and does not sign yet");
    assert_eq!(at(&kit, DAY - Duration::from_secs(1)).await, [Current, Next]);
    assert_eq!(at(&kit, Duration::from_secs(1)).await, [Current, Retired]);
    kit.advance(Duration::from_secs(1));
    let after = token(&kit, Algorithm::EdDsa).await;
    assert_ne!(kid(&after), kid(&first));
    assert!(verifies(&kit, &first).await && verifies(&kit, &before).await && verifies(&kit, &after).await);
    assert_eq!(at(&kit, 48 * HOUR - Duration::from_secs(2)).await, [Current, Retired]);
    assert!(verifies(&kit, &before).await);
    assert_eq!(at(&kit, Duration::from_secs(1)).await, [Current]);
    kit.advance(Duration::from_secs(1));
    assert!(!verifies(&kit, &before).await && verifies(&kit, &after).await);
    for (kind, times) in [("key.made", 1), ("key.announced", 1), ("key.rotated", 1), ("key.removed", 1)] {
        let about = targets(&kit, kind).await;
        assert_eq!(about.len(), times, "{kind}: {about:?}");
        assert!(about.iter().all(|target| target.starts_with("signing-key:")), "{about:?}");
    }
    // And a host that slept for a year goes on where it stopped.
    assert_eq!(at(&kit, 365 * DAY).await, [Current, Next]);
    assert_eq!(at(&kit, DAY).await, [Current, Retired]);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_hosts_that_rotate_at_once_one_does() {
    let kit = Kit::sqlite().await;
    token(&kit, Algorithm::Es256).await;
    let beside = kit.beside().await;
    let (tenant, origin) = (default_tenant(), origin());
    let by = by(&origin);
    for how in [Rotation::Announced, Rotation::AtOnce, Rotation::AtOnce] {
        let (one, two) = tokio::join!(
            kit.app.signer.rotate(&tenant, Algorithm::Es256, how, &by),
            beside.signer.rotate(&tenant, Algorithm::Es256, how, &by)
        );
        let all = kit.app.signer.keys(&tenant).await.unwrap();
        let count = |state| all.iter().filter(|key| key.state == state).count();
        assert_eq!(count(KeyState::Current), 1, "{how:?} {one:?} {two:?}");
        assert!(count(KeyState::Next) <= 1);
    }
    kit.advance(89 * DAY);
    let changed = |done: &Result<u64, _>| *done.as_ref().unwrap();
    let (one, two) = tokio::join!(kit.app.signer.round(), beside.signer.round());
    assert!(changed(&one) + changed(&two) >= 1);
    let count =
        kit.app.signer.keys(&tenant).await.unwrap().iter().filter(|k| k.state == KeyState::Next).count();
    assert_eq!(count, 1);
    background::shut_down(&beside).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn many_who_ask_for_the_first_key_get_the_same() {
    let kit = std::sync::Arc::new(Kit::sqlite().await);
    let asked: Vec<_> = (0..20)
        .map(|_| {
            let kit = kit.clone();
            tokio::spawn(async move {
                kit.app.signer.current(&default_tenant(), Algorithm::EdDsa).await.unwrap().kid().to_owned()
            })
        })
        .collect();
    let mut kids = std::collections::BTreeSet::new();
    for one in asked {
        kids.insert(one.await.unwrap());
    }
    assert_eq!(kids.len(), 1);
}

#[tokio::test]
async fn a_key_that_is_revoked_verifies_nothing_on_any_host() {
    let kit = Kit::sqlite().await;
    let stolen = token(&kit, Algorithm::EdDsa).await;
    let (tenant, origin) = (default_tenant(), origin());
    let by = by(&origin);
    let beside = kit.beside().await;
    assert!(beside.signer.revoke(&tenant, &kid(&stolen), &by).await.unwrap());
    assert!(!beside.signer.revoke(&tenant, &kid(&stolen), &by).await.unwrap(), "once");
    background::shut_down(&beside).await;
    kit.advance(Duration::from_secs(1));
    assert!(!verifies(&kit, &stolen).await);
    let new = token(&kit, Algorithm::EdDsa).await;
    assert!(verifies(&kit, &new).await);

    // One that was announced takes its place, and one that is announced may be revoked itself.
    let next =
        kit.app.signer.rotate(&tenant, Algorithm::EdDsa, Rotation::Announced, &by).await.unwrap().unwrap();
    assert_eq!(
        kit.app.signer.rotate(&tenant, Algorithm::EdDsa, Rotation::Announced, &by).await.unwrap(),
        None
    );
    kit.app.signer.revoke(&tenant, &kid(&new), &by).await.unwrap();
    assert_eq!(kid(&token(&kit, Algorithm::EdDsa).await), next);
    let next =
        kit.app.signer.rotate(&tenant, Algorithm::EdDsa, Rotation::Announced, &by).await.unwrap().unwrap();
    kit.app.signer.revoke(&tenant, &next, &by).await.unwrap();
    assert_eq!(at(&kit, Duration::ZERO).await, [KeyState::Current, KeyState::Next]);
    assert_eq!(targets(&kit, "key.revoked").await.len(), 3);
}

#[tokio::test]
async fn the_set_is_not_sent_twice_to_who_has_it() {
    let kit = Kit::memory().await;
    token(&kit, Algorithm::EdDsa).await;
    let reply = kit.get("/auth/v1/jwks").await.expect(200);
    assert_eq!(reply.header("cache-control"), Some("public, max-age=900"));
    let tag = reply.header("etag").unwrap().to_owned();
    let again = kit.send(Call::get("/auth/v1/jwks?tenant=default").header("if-none-match", &tag)).await;
    assert!(again.expect(304).bytes.is_empty());
    token(&kit, Algorithm::Es256).await;
    kit.send(Call::get("/auth/v1/jwks").header("if-none-match", &tag)).await.expect(200);
    for unknown in ["nobody", "No-Tenant", "a%00b", ""] {
        kit.get(&format!("/auth/v1/jwks?tenant={unknown}")).await.expect(404);
    }
    kit.get("/auth/v1/jwks?tenant=a&tenant=b").await.expect(400);
}
