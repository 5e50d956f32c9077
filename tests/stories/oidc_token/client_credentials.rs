//! An application on its own behalf.

use super::*;
use gatewright_core::signing::Algorithm;
use gatewright_oauth::client::AccessTokenFormat;

const OWN: (&str, &str) = ("grant_type", "client_credentials");

#[tokio::test]
async fn it_gets_a_token_that_is_about_itself_and_nobody() {
    let kit = Kit::memory().await;
    register(&kit, &shop()).await;
    let reply = ask(&kit, "shop", &[OWN]).await.expect(200);
    let body = reply.json();
    assert_eq!(body["scope"], "stock.read", "what is about people is not its own");
    assert!(body.get("refresh_token").is_none() && body.get("id_token").is_none(), "{body}");
    let (header, access) = claims(&kit, &reply.str("access_token")).await;
    assert_eq!(header.typ.as_deref(), Some("at+jwt"));
    assert_eq!((&access["sub"], &access["client_id"]), (&"shop".into(), &"shop".into()));
    assert!(access.get("grant_id").is_none() && access.get("acr").is_none(), "{access}");
    let fields = [OWN, ("resource", "https://stock.example/"), ("scope", "stock.read")];
    let reply = ask(&kit, "shop", &fields).await.expect(200);
    assert_eq!(claims(&kit, &reply.str("access_token")).await.1["aud"], "https://stock.example/");
}

#[tokio::test]
async fn each_algorithm_that_a_client_is_registered_with_signs_its_tokens() {
    let kit = Kit::memory().await;
    for algorithm in Algorithm::ALL {
        let id = format!("shop-{}", algorithm.as_str());
        let secrets = vec![ClientSecret {
            hash: HEXLOWER.encode(&HashedToken::of(secret(&id).as_bytes()).0),
            created: Timestamp(0),
            expires: None,
        }];
        register(&kit, &Client { client_id: id.clone(), secrets, algorithm, ..shop() }).await;
        let reply = ask(&kit, &id, &[OWN]).await.expect(200);
        let (header, _) = claims(&kit, &reply.str("access_token")).await;
        assert_eq!(format!("{:?}", header.alg).to_uppercase(), algorithm.as_str().to_uppercase());
    }
}

#[tokio::test]
async fn an_opaque_token_is_stored_as_its_hash_and_goes_with_its_client() {
    let kit = Kit::memory().await;
    register(&kit, &Client { access_token: AccessTokenFormat::Opaque, ..shop() }).await;
    let token = ask(&kit, "shop", &[OWN]).await.expect(200).str("access_token");
    assert!(token.starts_with("gwo_") && token.ends_with("_default"), "{token}");
    let key = HEXLOWER.encode(&HashedToken::of(token.as_bytes()).0);
    let store = kit.app.engine.store();
    let kind = gatewright_oauth::access::TOKEN;
    let record = store.record_by_key(&tenant_id(), kind, &key).await.unwrap().expect("is stored");
    assert!(!record.body.contains(&token));
    let (_, client) = kit.app.provider.client_record(&tenant_id(), "shop").await.unwrap().unwrap();
    assert_eq!(record.owner, Some(client.id));
    store.commit(vec![Write::RecordsOfDelete(tenant_id(), client.id)]).await.unwrap();
    assert!(store.record_by_key(&tenant_id(), kind, &key).await.unwrap().is_none());
}

#[tokio::test]
async fn it_gets_nothing_that_is_not_its_own() {
    let kit = Kit::memory().await;
    let public = Client { grants: shop().grants, ..page() };
    let plain = Client { grants: vec![GrantType::AuthorizationCode], ..depot() };
    for client in [&shop(), &public, &plain] {
        register(&kit, client).await;
    }
    for scope in ["openid", "offline_access", "stock.read profile", "stock.write", "admin"] {
        refused(&ask(&kit, "shop", &[OWN, ("scope", scope)]).await, 400, "invalid_scope");
    }
    for resource in ["https://other.example/", "https://stock.example", "https://STOCK.example/", "nonsense"]
    {
        refused(&ask(&kit, "shop", &[OWN, ("resource", resource)]).await, 400, "invalid_target");
    }
    refused(&ask(&kit, "page", &[OWN]).await, 400, "unauthorized_client");
    refused(&ask(&kit, "depot", &[OWN]).await, 400, "unauthorized_client");
}
