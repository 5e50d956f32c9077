//! An application that has login pages of its own (`docs/decisions/0018-the-seam-for-jwt-idaas.md`).

use super::*;
use std::time::Duration;

const IN_APP: &str = "/api/oidc/default/authorizejwt";

fn pairs(changes: &[(&str, &str)]) -> BTreeMap<String, String> {
    let leave: Vec<_> =
        [("redirect_uri", ""), ("response_type", "")].into_iter().chain(changes.iter().copied()).collect();
    asking(&leave)
}

async fn key(kit: &Kit) -> String {
    let reply = kit.send(form(IN_APP, &pairs(&[]))).await.expect(200);
    assert_eq!(reply.str("applicationId"), "default");
    reply.str("authRequestKey")
}

#[tokio::test]
async fn a_request_is_taken_back_once_by_its_client() {
    let kit = kit_with(&public_shop()).await;
    register(&kit, &Client { client_id: "others".to_owned(), ..public_shop() }).await;
    let (key, tenant) = (key(&kit).await, tenant(&kit).await);
    let provider = &kit.app.provider;
    let client = |id: &'static str| async move { provider.client(&tenant_id(), id).await.unwrap().unwrap() };
    let (shop, others) = (client("shop").await, client("others").await);
    assert!(provider.take_jwt_request(&tenant, &others, &key).await.is_err());
    assert!(provider.take_jwt_request(&tenant, &shop, "gwj_made_up_made_up").await.is_err());

    let taken = provider.take_jwt_request(&tenant, &shop, &key).await.unwrap();
    assert_eq!(taken.request.code_challenge.as_deref(), Some(CHALLENGE));
    let browser = logged_in(&kit, "ann").await;
    let caller = caller(&kit, &browser).await;
    let terms = provider.in_app_terms(&tenant, &shop, &taken, &caller).await.unwrap();
    assert_eq!((terms.client_id.as_str(), terms.session), ("shop", caller.session.id));
    assert_eq!((terms.scopes.join(" "), terms.nonce.as_deref()), ("openid email".to_owned(), Some("n-0S6")));
    let store = kit.app.engine.store();
    store.commit(vec![taken.spend.clone()]).await.unwrap();
    assert!(store.commit(vec![taken.spend]).await.is_err(), "spent");
    assert!(provider.take_jwt_request(&tenant, &shop, &key).await.is_err());
}

#[tokio::test]
async fn a_login_that_is_not_what_was_asked_for_is_no_grant() {
    let kit = kit_with(&public_shop()).await;
    let asked = form(IN_APP, &pairs(&[("acr_values", "aal2")]));
    let key = kit.send(asked).await.expect(200).str("authRequestKey");
    let tenant = tenant(&kit).await;
    let provider = &kit.app.provider;
    let shop = provider.client(&tenant_id(), "shop").await.unwrap().unwrap();
    let taken = provider.take_jwt_request(&tenant, &shop, &key).await.unwrap();
    let browser = logged_in(&kit, "ann").await;
    let refused =
        provider.in_app_terms(&tenant, &shop, &taken, &caller(&kit, &browser).await).await.unwrap_err();
    assert_eq!(refused.code.as_str(), "invalid_grant");
}

#[tokio::test]
async fn what_is_wrong_is_said_at_once() {
    let kit = kit_with(&public_shop()).await;
    for (changes, status, expected) in [
        (&[("client_id", "nobody")][..], 401, "invalid_client"),
        (&[("client_id", "")], 400, "invalid_request"),
        (&[("code_challenge", ""), ("code_challenge_method", "")], 400, "invalid_request"),
        (&[("code_challenge_method", "plain")], 400, "invalid_request"),
        (&[("scope", "openid admin")], 400, "invalid_scope"),
    ] {
        let reply = kit.send(form(IN_APP, &pairs(changes))).await.expect(status);
        assert_eq!(reply.str("error"), expected, "{changes:?}");
    }
    let query = format!("{IN_APP}?{}", encoded(&pairs(&[])));
    kit.send(Call::post(&query)).await.expect(200);
    let kit = kit_with(&Client { grants: vec![GrantType::AuthorizationCode], ..public_shop() }).await;
    let reply = kit.send(form(IN_APP, &pairs(&[]))).await.expect(400);
    assert_eq!(reply.str("error"), "unauthorized_client");
}

#[tokio::test]
async fn a_request_waits_for_ten_minutes() {
    let kit = kit_with(&public_shop()).await;
    let (key, tenant) = (key(&kit).await, tenant(&kit).await);
    let shop = kit.app.provider.client(&tenant_id(), "shop").await.unwrap().unwrap();
    kit.advance(Duration::from_secs(600));
    assert!(kit.app.provider.take_jwt_request(&tenant, &shop, &key).await.is_err());
}
