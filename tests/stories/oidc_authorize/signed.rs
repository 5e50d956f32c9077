//! Requests that the client has signed (RFC 9101).

use super::*;
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use data_encoding::BASE64URL_NOPAD;
use serde_json::{Value, json};

struct Key(Ed25519KeyPair);

impl Key {
    fn new() -> Self {
        Self(Ed25519KeyPair::generate().unwrap())
    }

    fn jwks(&self) -> Value {
        let x = BASE64URL_NOPAD.encode(self.0.public_key().as_ref());
        json!({"keys": [{"kty": "OKP", "crv": "Ed25519", "kid": "k", "x": x}]})
    }

    fn sign(&self, header: &Value, claims: &Value) -> String {
        let part = |value: &Value| BASE64URL_NOPAD.encode(value.to_string().as_bytes());
        let message = format!("{}.{}", part(header), part(claims));
        let signature = BASE64URL_NOPAD.encode(self.0.sign(message.as_bytes()).as_ref());
        format!("{message}.{signature}")
    }
}

fn signing_shop(key: &Key) -> Client {
    Client { jwks: Some(key.jwks()), require_signed_requests: true, ..own_shop() }
}

fn header() -> Value {
    json!({"alg": "EdDSA", "kid": "k", "typ": "oauth-authz-req+jwt"})
}

/// A good request object with these claims changed; null leaves one out.
fn claims(kit: &Kit, changes: Value) -> Value {
    let mut claims = json!(asking(&[]));
    let all = claims.as_object_mut().unwrap();
    let now = kit.now().as_secs();
    let own = json!({"iss": "shop", "aud": ISSUER, "exp": now + 60, "max_age": 3_600});
    all.extend(own.as_object().unwrap().clone());
    all.extend(changes.as_object().unwrap().clone());
    all.retain(|_, value| !value.is_null());
    claims
}

async fn bring(kit: &Kit, object: &str, more: &[(&str, &str)]) -> Reply {
    let pairs = [("client_id", "shop"), ("request", object)].into_iter().chain(more.iter().copied());
    let pairs = pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    kit.get(&format!("{AUTHORIZE}?{}", encoded(&pairs))).await
}

#[tokio::test]
async fn only_what_is_signed_counts() {
    let key = Key::new();
    let kit = kit_with(&signing_shop(&key)).await;
    let object = key.sign(&header(), &claims(&kit, json!({})));
    let more = [("scope", "openid profile"), ("state", "other"), ("redirect_uri", "https://evil.example")];
    let name = name(&bring(&kit, &object, &more).await.expect(302));
    let told = told(&resume(&logged_in(&kit, "ann").await, &name).await);
    let found = kit.app.provider.find_code(&tenant_id(), &told["code"]).await.unwrap().unwrap();
    assert_eq!(found.code.terms.scopes, ["openid", "email"]);
    assert_eq!((told["state"].as_str(), found.code.terms.wants_auth_time), ("st<a>te", true));
}

#[tokio::test]
async fn who_must_sign_can_not_do_without() {
    let key = Key::new();
    let kit = kit_with(&signing_shop(&key)).await;
    assert_eq!(error(&send(&kit, &[]).await.expect(302)), "invalid_request_object");
}

#[tokio::test]
async fn what_is_not_good_is_not_a_request() {
    let (key, other) = (Key::new(), Key::new());
    let kit = kit_with(&signing_shop(&key)).await;
    let now = kit.now().as_secs();
    let good = |changes| claims(&kit, changes);
    let with = |changes| key.sign(&header(), &good(changes));
    let none = BASE64URL_NOPAD.encode(json!({"alg": "none"}).to_string().as_bytes());
    let body = BASE64URL_NOPAD.encode(good(json!({})).to_string().as_bytes());
    let hmac = json!({"alg": "HS256", "kid": "k"});
    let bad = [
        format!("{none}.{body}."),
        other.sign(&header(), &good(json!({}))),
        key.sign(&hmac, &good(json!({}))),
        key.sign(&json!({"alg": "EdDSA", "kid": "k", "typ": "at+jwt"}), &good(json!({}))),
        with(json!({"exp": now})),
        with(json!({"exp": null})),
        with(json!({"nbf": now + 3_600})),
        with(json!({"aud": "https://evil.example"})),
        with(json!({"aud": null})),
        with(json!({"iss": "others"})),
        with(json!({"client_id": "others"})),
        with(json!({"sub": "shop"})),
        with(json!({"request": "e30.e30.e30"})),
        with(json!({"request_uri": "urn:ietf:params:oauth:request_uri:x"})),
    ];
    for object in bad {
        let reply = bring(&kit, &object, &[]).await.expect(400);
        assert!(
            reply.header("location").is_none() && reply.text().contains("invalid_request_object"),
            "{object}"
        );
        let reply = bring(&kit, &object, &[("redirect_uri", CALLBACK)]).await.expect(302);
        assert_eq!(error(&reply), "invalid_request_object");
    }
    let elsewhere = with(json!({"redirect_uri": "https://evil.example"}));
    let reply = bring(&kit, &elsewhere, &[("redirect_uri", CALLBACK)]).await.expect(400);
    assert!(reply.header("location").is_none());
}

#[tokio::test]
async fn a_signed_request_can_be_pushed() {
    let key = Key::new();
    let kit = kit_with(&signing_shop(&key)).await;
    let object = key.sign(&header(), &claims(&kit, json!({})));
    let pairs = [("client_id", "shop"), ("client_secret", SECRET), ("request", &object)];
    let pairs = pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
    kit.send(form("/api/oidc/default/par", &pairs)).await.expect(201);
    let plain = asking(&[("client_secret", SECRET)]);
    let reply = kit.send(form("/api/oidc/default/par", &plain)).await.expect(400);
    assert_eq!(reply.str("error"), "invalid_request_object");
}
