//! A client signs that it comes for somebody. That is its word alone, and gets what it was given before.

use super::{
    signer::{Signer, unsigned},
    *,
};
use gatewright_contract::TransactionId;
use gatewright_oauth::client::SubjectType;
use serde_json::json;
use std::time::Duration;

const GRANT: (&str, &str) = ("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer");

fn signing(key: &Signer) -> Client {
    Client { jwks: Some(key.jwks()), ..shop() }
}

async fn asserting(kit: &Kit, assertion: &str) -> Reply {
    ask(kit, "shop", &[GRANT, ("assertion", assertion)]).await
}

/// What a good one says.
fn about(kit: &Kit, ada: &Agreed, jti: &str) -> Value {
    let (now, sub) = (kit.now().as_secs(), ada.terms.person.to_string());
    json!({"iss": "shop", "sub": sub, "aud": ISSUER, "iat": now, "exp": now + 300, "jti": jti})
}

#[tokio::test]
async fn it_gets_a_token_of_the_grant_that_there_is_and_no_more() {
    let kit = Kit::memory().await;
    let key = Signer::new(1);
    register(&kit, &signing(&key)).await;
    let ada = Agreed::of(&kit, "ada", "shop", &["openid", "profile", "offline_access"]).await;
    let first = redeem(&kit, "shop", &ada.code(&kit).await).await.expect(200);
    let reply = asserting(&kit, &key.jwt("JWT", &about(&kit, &ada, "one"))).await.expect(200);
    let body = reply.json();
    assert!(body.get("refresh_token").is_none() && body.get("id_token").is_none(), "{body}");
    let (_, access) = claims(&kit, &reply.str("access_token")).await;
    let (_, before) = claims(&kit, &first.str("access_token")).await;
    assert_eq!((&access["sub"], &access["grant_id"]), (&before["sub"], &before["grant_id"]));
    assert_eq!(outcomes(&kit, "token.asserted").await, ["success"]);
    let assertion = key.jwt("JWT", &about(&kit, &ada, "two"));
    let more = [GRANT, ("assertion", &*assertion), ("scope", "email")];
    refused(&ask(&kit, "shop", &more).await, 400, "invalid_scope");

    let used = first.str("refresh_token");
    refresh(&kit, "shop", &used).await.expect(200);
    refused(&refresh(&kit, "shop", &used).await, 400, "invalid_grant");
    refused(&asserting(&kit, &key.jwt("JWT", &about(&kit, &ada, "three"))).await, 400, "invalid_grant");
}

#[tokio::test]
async fn for_who_has_given_it_nothing_it_gets_nothing() {
    let kit = Kit::memory().await;
    let key = Signer::new(1);
    register(&kit, &signing(&key)).await;
    register(&kit, &depot()).await;
    let ada = Agreed::of(&kit, "ada", "depot", &["openid", "offline_access"]).await;
    redeem(&kit, "depot", &ada.code(&kit).await).await.expect(200);
    refused(&asserting(&kit, &key.jwt("JWT", &about(&kit, &ada, "one"))).await, 400, "invalid_grant");

    let eve = Agreed::of(&kit, "eve", "shop", &["openid"]).await;
    redeem(&kit, "shop", &eve.code(&kit).await).await.expect(200);
    asserting(&kit, &key.jwt("JWT", &about(&kit, &eve, "two"))).await.expect(200);
    kit.app.engine.store().commit(vec![Write::SessionDelete(eve.terms.session)]).await.unwrap();
    refused(&asserting(&kit, &key.jwt("JWT", &about(&kit, &eve, "three"))).await, 400, "invalid_grant");
}

#[tokio::test]
async fn it_finds_the_newest_grant_however_many_others_there_are() {
    let kit = Kit::memory().await;
    let key = Signer::new(1);
    register(&kit, &signing(&key)).await;
    let ada = Agreed::of(&kit, "ada", "shop", &["openid", "offline_access"]).await;
    redeem(&kit, "shop", &ada.code(&kit).await).await.expect(200);
    let (store, person) = (kit.app.engine.store(), ada.terms.person.0);
    let tenant = TenantId::parse("default").expect("a tenant");
    let mine = store.records_of(&tenant, "oauth-grant", person, None, 10).await.unwrap().remove(0);
    let older = |at: i64| {
        let id = TransactionId::from_parts(Timestamp::from_secs(at), [0; 10]).0;
        let body = mine.body.replace("\"shop\"", "\"depot\"");
        Write::RecordInsert(Record { id, body, ..mine.clone() })
    };
    store.commit((1..=1_100).map(older).collect()).await.expect("other grants");
    asserting(&kit, &key.jwt("JWT", &about(&kit, &ada, "one"))).await.expect(200);
}

#[tokio::test]
async fn one_that_is_not_for_this_or_was_used_is_refused() {
    let kit = Kit::memory().await;
    let key = Signer::new(1);
    register(&kit, &signing(&key)).await;
    let ada = Agreed::of(&kit, "ada", "shop", &["openid", "offline_access"]).await;
    redeem(&kit, "shop", &ada.code(&kit).await).await.expect(200);
    let good = key.jwt("JWT", &about(&kit, &ada, "one"));
    asserting(&kit, &good).await.expect(200);
    refused(&asserting(&kit, &good).await, 400, "invalid_grant");
    let now = kit.now().as_secs();
    for (number, (name, wrong)) in [
        ("iss", json!("depot")),
        ("iss", json!(null)),
        ("sub", json!("ada")),
        ("sub", json!("shop")),
        ("sub", json!(ada.terms.person.to_string().to_uppercase())),
        ("aud", json!("https://elsewhere.example/")),
        ("aud", json!([ISSUER, "https://elsewhere.example/"])),
        ("aud", json!([])),
        ("exp", json!(now - 61)),
        ("exp", json!(now + 3_600)),
        ("exp", json!("9999999999")),
        ("iat", json!(now + 3_600)),
        ("nbf", json!(now + 3_600)),
        ("jti", json!("")),
        ("jti", json!(7)),
        ("jti", json!("x".repeat(256))),
    ]
    .into_iter()
    .enumerate()
    {
        let mut claims = about(&kit, &ada, &format!("bad-{number}"));
        claims[name] = wrong;
        refused(&asserting(&kit, &key.jwt("JWT", &claims)).await, 400, "invalid_grant");
    }
    let claims = about(&kit, &ada, "shaped");
    let none = format!("{}.", unsigned(&json!({"alg": "none"}), &claims));
    let shaped = [
        none,
        key.confused(&claims),
        Signer::new(2).jwt("JWT", &claims),
        key.jwt("oauth-authz-req+jwt", &claims),
        key.signed(&json!({"alg": "EdDSA", "typ": "JWT", "crit": ["x"], "x": 1}), &claims),
        "nonsense".into(),
    ];
    for bad in shaped {
        refused(&asserting(&kit, &bad).await, 400, "invalid_grant");
    }
    kit.advance(Duration::from_secs(3_600));
    refused(&asserting(&kit, &good).await, 400, "invalid_grant");
}

#[tokio::test]
async fn a_client_that_knows_nobody_by_name_names_nobody() {
    let kit = Kit::memory().await;
    let key = Signer::new(1);
    register(&kit, &Client { subject_type: SubjectType::Pairwise, ..signing(&key) }).await;
    let ada = Agreed::of(&kit, "ada", "shop", &["openid", "offline_access"]).await;
    let first = redeem(&kit, "shop", &ada.code(&kit).await).await.expect(200);
    let (_, id) = claims(&kit, &first.str("id_token")).await;
    assert_ne!(id["sub"], ada.terms.person.to_string());
    assert!(
        !serde_json::to_string(&claims(&kit, &first.str("access_token")).await.1)
            .unwrap()
            .contains(&ada.terms.person.to_string())
    );
    refused(&asserting(&kit, &key.jwt("JWT", &about(&kit, &ada, "one"))).await, 400, "unauthorized_client");
}
