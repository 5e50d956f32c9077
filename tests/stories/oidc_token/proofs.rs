//! Proofs are good once, and what is bound to a key is worth nothing without it.

use super::{
    signer::{Signer, unsigned},
    *,
};
use serde_json::json;

const OWN: (&str, &str) = ("grant_type", "client_credentials");

/// Asks with a proof.
async fn proving(kit: &Kit, client_id: &str, proof: &str, fields: &[(&str, &str)]) -> Reply {
    let secret = secret(client_id);
    let mut all = vec![("client_id", client_id)];
    if client_id != "page" {
        all.push(("client_secret", &secret));
    }
    all.extend(fields);
    kit.send(form_call(TOKEN, &all).header("dpop", proof)).await
}

#[tokio::test]
async fn a_proof_binds_the_token_and_is_good_once() {
    let kit = Kit::memory().await;
    register(&kit, &shop()).await;
    let key = Signer::new(1);
    let proof = key.proof(&kit, "one");
    let reply = proving(&kit, "shop", &proof, &[OWN]).await.expect(200);
    assert_eq!(reply.json()["token_type"], "DPoP");
    assert_eq!(claims(&kit, &reply.str("access_token")).await.1["cnf"], json!({"jkt": key.thumbprint()}));
    refused(&proving(&kit, "shop", &proof, &[OWN]).await, 400, "invalid_dpop_proof");
    proving(&kit, "shop", &key.proof(&kit, "two"), &[OWN]).await.expect(200);
    register(&kit, &Client { dpop_bound: true, ..depot() }).await;
    assert!(ask(&kit, "depot", &[OWN]).await.status.is_client_error(), "a client that must bind its tokens");
}

#[tokio::test]
async fn a_code_and_the_refresh_token_of_a_page_take_the_key_of_their_beginning() {
    let kit = Kit::memory().await;
    register(&kit, &page()).await;
    let (key, other) = (Signer::new(1), Signer::new(2));
    let ada = Agreed::of(&kit, "ada", "page", &["openid", "offline_access"]).await;
    let code = ada.code_with(&kit, |code| code.dpop_jkt = Some(key.thumbprint())).await;
    let fields = [
        ("grant_type", "authorization_code"),
        ("code", &*code),
        ("redirect_uri", CALLBACK),
        ("code_verifier", VERIFIER),
    ];
    refused(&ask(&kit, "page", &fields).await, 400, "invalid_grant");
    refused(&proving(&kit, "page", &other.proof(&kit, "a"), &fields).await, 400, "invalid_grant");
    let first = proving(&kit, "page", &key.proof(&kit, "b"), &fields).await.expect(200);
    let token = first.str("refresh_token");
    let fields = [("grant_type", "refresh_token"), ("refresh_token", &*token)];
    refused(&ask(&kit, "page", &fields).await, 400, "invalid_grant");
    refused(&proving(&kit, "page", &other.proof(&kit, "c"), &fields).await, 400, "invalid_grant");
    let second = proving(&kit, "page", &key.proof(&kit, "d"), &fields).await.expect(200);
    assert_eq!(claims(&kit, &second.str("access_token")).await.1["cnf"]["jkt"], key.thumbprint());
}

#[tokio::test]
async fn an_assertion_of_a_client_is_good_once_and_only_as_it_was_signed() {
    let kit = Kit::memory().await;
    let key = Signer::new(3);
    let method = AuthMethod::PrivateKeyJwt;
    register(&kit, &Client { auth_method: method, secrets: Vec::new(), jwks: Some(key.jwks()), ..shop() })
        .await;
    let asserting = |assertion: String| {
        let kit = &kit;
        async move {
            let kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
            let fields = [OWN, ("client_assertion_type", kind), ("client_assertion", &*assertion)];
            form(kit, TOKEN, &fields).await
        }
    };
    let end = kit.now().as_secs() + 60;
    let claims = |jti: &str| json!({"iss": "shop", "sub": "shop", "aud": ISSUER, "exp": end, "jti": jti});
    let good = key.jwt("JWT", &claims("one"));
    asserting(good.clone()).await.expect(200);
    refused(&asserting(good).await, 401, "invalid_client");
    let none = format!("{}.", unsigned(&json!({"alg": "none"}), &claims("two")));
    for bad in [none, key.confused(&claims("three")), Signer::new(4).jwt("JWT", &claims("four"))] {
        refused(&asserting(bad).await, 401, "invalid_client");
    }
    refused(&ask(&kit, "shop", &[OWN]).await, 401, "invalid_client");
}
