//! An application asks who has logged in.

use super::*;
use aws_lc_rs::digest::{SHA256, digest};
use gatewright_oauth::client::SubjectType;
use jsonwebtoken::{Algorithm, EncodingKey};
use rcgen::{KeyPair, PKCS_ED25519};
use std::time::Duration;

const PATH: &str = "/api/oidc/default/userinfo";
const URL: &str = "http://localhost:8080/api/oidc/default/userinfo";

/// What a reply says of the error, in its challenge.
fn challenge(reply: &Reply) -> String {
    let all = reply.headers.get_all("www-authenticate").iter().map(|value| value.to_str().unwrap());
    all.collect::<Vec<_>>().join(" | ")
}

#[track_caller]
fn turned_away(reply: &Reply, status: u16, scheme: &str, word: &str) {
    assert_eq!(reply.status.as_u16(), status, "{}", reply.text());
    let said = challenge(reply);
    assert!(said.starts_with(&format!("{scheme} error=\"{word}\"")), "{said}");
    assert!(reply.json()["detail"].is_string() && reply.header("cache-control") == Some("no-store"));
}

#[tokio::test]
async fn it_is_told_what_the_scopes_cover_by_either_method() {
    let kit = Kit::memory().await;
    for access_token in FORMATS {
        let id = format!("shop-{access_token:?}").to_lowercase();
        register(&kit, &Client { access_token, ..client(&id) }).await;
        let held = tokens(&kit, &id, "alice", &["openid", "profile"]).await;
        let said = kit.get_as(&held.access, PATH).await.expect(200).json();
        assert_eq!(said["sub"], held.caller.session.person.to_string());
        assert_eq!((&said["preferred_username"], &said["name"]), (&json!("alice"), &json!("alice Example")));
        assert!(said.get("email").is_none() && said.get("groups").is_none(), "{said}");
        let posted = form_call("userinfo", &[("access_token", &held.access)]);
        assert_eq!(kit.send(posted).await.expect(200).json(), said);
        let bare = Call::post(PATH).bearer(&held.access);
        assert_eq!(kit.send(bare).await.expect(200).json(), said);
        let least = tokens(&kit, &id, "alice", &["openid"]).await;
        let said = kit.get_as(&least.access, PATH).await.expect(200).json();
        assert_eq!(said.as_object().map(|said| said.len()), Some(1), "{said}");
    }
}

#[tokio::test]
async fn a_token_for_another_resource_is_not_for_this_one() {
    let kit = Kit::memory().await;
    for access_token in FORMATS {
        let id = format!("shop-{access_token:?}").to_lowercase();
        register(&kit, &Client { access_token, ..client(&id) }).await;
        let held = tokens(&kit, &id, "alice", &["openid"]).await;
        let resource = ["https://stock.example/"];
        let other = redeem(&kit, &id, &held.caller, &["openid"], &resource, None).await;
        let other = other.expect(200).str("access_token");
        turned_away(&kit.get_as(&other, PATH).await, 401, "Bearer", "invalid_token");
    }
}

#[tokio::test]
async fn a_person_has_another_name_in_each_sector() {
    let kit = Kit::memory().await;
    for id in ["one", "two"] {
        let sector = Some(format!("{id}.example"));
        register(&kit, &Client { subject_type: SubjectType::Pairwise, sector, ..client(id) }).await;
    }
    let mut names = Vec::new();
    for id in ["one", "two"] {
        let held = tokens(&kit, id, "alice", &["openid"]).await;
        let sub = kit.get_as(&held.access, PATH).await.expect(200).str("sub");
        let claims = held.id.split('.').nth(1).unwrap();
        let claims: Value =
            serde_json::from_slice(&BASE64URL_NOPAD.decode(claims.as_bytes()).unwrap()).unwrap();
        assert_eq!(claims["sub"], sub, "as the ID token has it");
        let person = held.caller.session.person.to_string();
        let inside = held.access.split('.').nth(1).unwrap();
        let inside = String::from_utf8(BASE64URL_NOPAD.decode(inside.as_bytes()).unwrap()).unwrap();
        assert!(sub != person && !inside.contains(&person), "the token does not say it either");
        names.push(sub);
    }
    assert_ne!(names[0], names[1]);
}

#[tokio::test]
async fn what_is_not_good_is_turned_away_with_its_reason() {
    let kit = Kit::memory().await;
    register(&kit, &client("shop")).await;
    let held = tokens(&kit, "shop", "alice", &["openid", "offline_access"]).await;
    let none = kit.get(PATH).await.expect(401);
    assert!(challenge(&none).contains("Bearer realm") && challenge(&none).contains("DPoP algs"));
    assert!(!challenge(&none).contains("error"), "who says nothing hears nothing");
    let elsewhere = format!("{}x", held.access);
    for token in [&*held.id, &*held.refresh, &*elsewhere, "gwo_nothing-of-any-worth_default", "..", "x", ""] {
        turned_away(&kit.get_as(token, PATH).await, 401, "Bearer", "invalid_token");
    }
    // The tenant of the token, and no other.
    let new = Tenant { id: TenantId::parse("acme").unwrap(), ..(*tenant(&kit).await).clone() };
    let new = Tenant { rev: 1, ..new };
    kit.app.engine.store().commit(vec![Write::TenantInsert(new)]).await.unwrap();
    turned_away(&kit.get_as(&held.access, "/api/oidc/acme/userinfo").await, 401, "Bearer", "invalid_token");
    let twice = form_call("userinfo", &[("access_token", &held.access)]).bearer(&held.access);
    turned_away(&kit.send(twice).await, 400, "Bearer", "invalid_request");
    let unbound = Call::get(PATH).header("authorization", &format!("DPoP {}", held.access));
    turned_away(&kit.send(unbound).await, 401, "DPoP", "invalid_token");
    let own = tokens(&kit, "shop", "alice", &["profile"]).await;
    turned_away(&kit.get_as(&own.access, PATH).await, 403, "Bearer", "insufficient_scope");
    let fields = [("grant_type", "client_credentials"), ("scope", "stock.read")];
    let nobody = ask(&kit, "shop", "token", &fields).await.expect(200).str("access_token");
    turned_away(&kit.get_as(&nobody, PATH).await, 401, "Bearer", "invalid_token");
    kit.advance(Duration::from_secs(601));
    turned_away(&kit.get_as(&held.access, PATH).await, 401, "Bearer", "invalid_token");
}

#[tokio::test]
async fn somebody_asks_about_themselves_with_a_token_of_the_server() {
    let kit = Kit::memory().await;
    let alice = kit.person("alice").await;
    let token = kit.login("alice").await.access_token;
    for call in [Call::get(PATH).bearer(&token), Call::get(PATH).header("x-api-key", &token)] {
        let said = kit.send(call).await.expect(200).json();
        assert_eq!(
            (&said["sub"], &said["preferred_username"]),
            (&json!(alice.id.to_string()), &json!("alice"))
        );
    }
    let both = Call::get(PATH).bearer(&token).header("x-api-key", &token);
    turned_away(&kit.send(both).await, 400, "Bearer", "invalid_request");
    kit.disable(&alice).await;
    turned_away(&kit.get_as(&token, PATH).await, 401, "Bearer", "invalid_token");
}

/// A key of an application.
struct Key {
    jwk: Value,
    private: EncodingKey,
}

impl Key {
    fn new() -> Self {
        let _ = jsonwebtoken::crypto::aws_lc::DEFAULT_PROVIDER.install_default();
        let pair = KeyPair::generate_for(&PKCS_ED25519).unwrap();
        let jwk = json!({"kty": "OKP", "crv": "Ed25519", "x": BASE64URL_NOPAD.encode(pair.public_key_raw())});
        Self { jwk, private: EncodingKey::from_ed_der(&pair.serialize_der()) }
    }

    /// A proof (RFC 9449, section 4.2).
    fn proof(&self, kit: &Kit, (method, url): (&str, &str), token: Option<&str>, id: &str) -> String {
        let part = |value: &Value| BASE64URL_NOPAD.encode(value.to_string().as_bytes());
        let header = json!({"typ": "dpop+jwt", "alg": "EdDSA", "jwk": self.jwk});
        let mut claims = json!({"htm": method, "htu": url, "iat": kit.now().as_secs(), "jti": id});
        if let Some(token) = token {
            claims["ath"] = json!(BASE64URL_NOPAD.encode(digest(&SHA256, token.as_bytes()).as_ref()));
        }
        let message = format!("{}.{}", part(&header), part(&claims));
        let signature =
            jsonwebtoken::crypto::sign(message.as_bytes(), &self.private, Algorithm::EdDSA).unwrap();
        format!("{message}.{signature}")
    }
}

#[tokio::test]
async fn a_bound_token_is_shown_with_its_key_each_time_anew() {
    let kit = Kit::memory().await;
    for access_token in FORMATS {
        let id = format!("shop-{access_token:?}").to_lowercase();
        register(&kit, &Client { access_token, ..client(&id) }).await;
        let (key, thief) = (Key::new(), Key::new());
        let caller = tokens(&kit, &id, "alice", &["openid"]).await.caller;
        let at_token = format!("{ISSUER}/token");
        let proof = key.proof(&kit, ("POST", &at_token), None, "first");
        let reply = redeem(&kit, &id, &caller, &["openid"], &[], Some(&proof)).await.expect(200);
        assert_eq!(reply.json()["token_type"], "DPoP");
        let token = reply.str("access_token");
        let shown = |proof: Option<&str>| {
            let call = Call::get(PATH).header("authorization", &format!("DPoP {token}"));
            match proof {
                Some(proof) => call.header("dpop", proof),
                None => call,
            }
        };
        let good = key.proof(&kit, ("GET", URL), Some(&token), "second");
        kit.send(shown(Some(&good))).await.expect(200);
        turned_away(&kit.send(shown(Some(&good))).await, 401, "DPoP", "invalid_dpop_proof");
        turned_away(&kit.send(shown(None)).await, 401, "DPoP", "invalid_dpop_proof");
        for (bad, word) in [
            (thief.proof(&kit, ("GET", URL), Some(&token), "a"), "invalid_token"),
            (key.proof(&kit, ("GET", URL), None, "b"), "invalid_dpop_proof"),
            (key.proof(&kit, ("GET", URL), Some("another"), "c"), "invalid_dpop_proof"),
            (key.proof(&kit, ("POST", URL), Some(&token), "d"), "invalid_dpop_proof"),
            (key.proof(&kit, ("GET", &at_token), Some(&token), "e"), "invalid_dpop_proof"),
        ] {
            turned_away(&kit.send(shown(Some(&bad))).await, 401, "DPoP", word);
        }
        // Without its key it is worth nothing, in no place.
        let stolen =
            Call::get(PATH).bearer(&token).header("dpop", &key.proof(&kit, ("GET", URL), Some(&token), "f"));
        turned_away(&kit.send(stolen).await, 401, "Bearer", "invalid_token");
        turned_away(
            &kit.send(form_call("userinfo", &[("access_token", &token)])).await,
            401,
            "Bearer",
            "invalid_token",
        );
        assert!(kit.app.provider.caller(&token).await.is_err());
        let said = introspected(&kit, &id, &token).await;
        assert_eq!((&said["token_type"], said["cnf"]["jkt"].is_string()), (&json!("DPoP"), true), "{said}");
    }
}

#[tokio::test]
async fn a_token_for_somebody_else_says_nothing_of_its_person() {
    let kit = Kit::memory().await;
    for access_token in FORMATS {
        let id = format!("shop-{access_token:?}").to_lowercase();
        register(&kit, &Client { access_token, ..client(&id) }).await;
        let held = tokens(&kit, &id, "alice", &["openid", "profile"]).await;
        kit.get_as(&held.access, PATH).await.expect(200);
        let resources = ["https://stock.example/"];
        let reply = redeem(&kit, &id, &held.caller, &["openid", "profile"], &resources, None).await;
        let token = reply.expect(200).str("access_token");
        assert!(is_good(&kit, &id, &token).await);
        turned_away(&kit.get_as(&token, PATH).await, 401, "Bearer", "invalid_token");
    }
}
