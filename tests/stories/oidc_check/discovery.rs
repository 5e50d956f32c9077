//! A client library is given the issuer and nothing else.

use super::*;
use gatewright_core::{Settings, oidc::Registration, signing::Algorithm};

const OPENID: &str = "/api/oidc/default/.well-known/openid-configuration";
const OAUTH: &str = "/.well-known/oauth-authorization-server/api/oidc/default";

/// Changes what the tenant has settled.
async fn settle(kit: &Kit, change: impl FnOnce(&mut Settings)) {
    let now = tenant(kit).await;
    let mut settings = now.settings.clone().unwrap_or_else(|| kit.app.engine.defaults().clone());
    change(&mut settings);
    let next = Tenant { settings: Some(settings), rev: now.rev + 1, ..(*now).clone() };
    kit.app.engine.store().commit(vec![Write::TenantReplace(next)]).await.unwrap();
}

#[tokio::test]
async fn the_document_names_what_is_there_and_nothing_else() {
    let kit = Kit::memory().await;
    let reply = kit.get(OPENID).await.expect(200);
    assert_eq!(reply.header("content-type"), Some("application/json"));
    let said = reply.json();
    assert_eq!(kit.get(OAUTH).await.expect(200).json(), said);
    assert_eq!(said["issuer"], ISSUER);
    let served = kit.app.document();
    let (mut endpoints, members) = (0, said.as_object().unwrap());
    for (name, url) in members.iter().filter(|(name, _)| name.ends_with("_endpoint") || *name == "jwks_uri") {
        let path = url.as_str().unwrap().strip_prefix("http://localhost:8080/api/oidc/default/").unwrap();
        let path = format!("/api/oidc/{{tenant_id}}/{path}");
        assert!(served["paths"].get(&path).is_some(), "{name}: {path}");
        endpoints += 1;
    }
    assert!(endpoints >= 6, "{said:#}");
    assert_eq!(said["jwks_uri"], format!("{ISSUER}/.well-known/jwks"));
    assert_eq!(said["code_challenge_methods_supported"], json!(["S256"]));
    assert_eq!(said["authorization_response_iss_parameter_supported"], true);
    assert_eq!(said["acr_values_supported"], json!(["aal1", "aal2", "aal3"]));
    assert_eq!(said["subject_types_supported"], json!(["public", "pairwise"]));
    assert_eq!(said["id_token_signing_alg_values_supported"], json!(["EdDSA", "ES256", "RS256"]));
    let of = |name: &str, word: &str| said[name].as_array().unwrap().contains(&json!(word));
    assert!(of("response_modes_supported", "form_post") && !of("response_modes_supported", "fragment"));
    assert!(of("token_endpoint_auth_methods_supported", "none"));
    assert!(!of("introspection_endpoint_auth_methods_supported", "none"));
    for word in ["implicit", "password"] {
        assert!(!of("grant_types_supported", word), "{word}");
    }
    for name in ["dpop_signing_alg_values_supported", "request_object_signing_alg_values_supported"] {
        assert!(!of(name, "none") && !of(name, "HS256"), "{name}");
    }
    assert!(said.get("registration_endpoint").is_none(), "it is off");
    assert!(said.get("mtls_endpoint_aliases").is_none());
    kit.get("/api/oidc/nowhere/.well-known/openid-configuration").await.expect(404);
    kit.get("/api/oidc/NO WHERE/.well-known/openid-configuration".replace(' ', "%20").as_str())
        .await
        .expect(404);
}

#[tokio::test]
async fn who_has_it_is_not_sent_it_again_until_it_changes() {
    let kit = Kit::memory().await;
    let reply = kit.get(OPENID).await.expect(200);
    let tag = reply.header("etag").unwrap().to_owned();
    assert!(reply.header("cache-control").unwrap().contains("public"));
    let again = kit.send(Call::get(OPENID).header("if-none-match", &tag)).await.expect(304);
    assert!(again.bytes.is_empty());
    settle(&kit, |settings| {
        settings.oidc.registration = Registration::Token;
        settings.oidc.require_pushed_requests = true;
        settings.policy.levels.truncate(1);
    })
    .await;
    let changed = kit.send(Call::get(OPENID).header("if-none-match", &tag)).await.expect(200).json();
    assert_eq!(changed["require_pushed_authorization_requests"], true);
    assert_eq!(changed["acr_values_supported"], json!(["aal1"]));
    let there = kit.app.document()["paths"].get("/api/oidc/{tenant_id}/register").is_some();
    assert_eq!(changed.get("registration_endpoint").is_some(), there);
}

#[tokio::test]
async fn a_key_of_rsa_is_published_in_a_certificate_too() {
    let kit = Kit::memory().await;
    let reply = kit.get("/api/oidc/default/.well-known/jwks").await.expect(200);
    assert_eq!(kit.get("/auth/v1/jwks").await.expect(200).bytes, reply.bytes);
    let set = reply.json();
    let keys = set["keys"].as_array().unwrap();
    assert_eq!(keys.len(), 3, "{set}");
    for key in keys {
        let is_rsa = key["kty"] == "RSA";
        assert_eq!(key.get("x5c").is_some(), is_rsa, "{key}");
        if is_rsa {
            let der = data_encoding::BASE64.decode(key["x5c"][0].as_str().unwrap().as_bytes()).unwrap();
            let n = BASE64URL_NOPAD.decode(key["n"].as_str().unwrap().as_bytes()).unwrap();
            assert!(der.windows(n.len()).any(|part| part == n), "the certificate holds the key");
        }
    }
    // Who keeps the set from before anything was signed can verify by it.
    for algorithm in Algorithm::ALL {
        let key = kit.app.engine.signer().current(&TenantId::default_tenant(), algorithm).await.unwrap();
        assert!(keys.iter().any(|published| published["kid"] == key.kid()), "{algorithm:?}");
    }
}
