//! What ends nothing and redirects nobody.

use super::{BYE, Kit, Store, app, claims, enter, house, is_in, log_out, logged_in, register};
use data_encoding::BASE64URL_NOPAD;
use gatewright_contract::TenantId;
use gatewright_core::{Tenant, signing::Algorithm, store::Write};
use gatewright_oauth::client::LogoutUris;
use kit::Browser;
use serde_json::{Value, json};

#[track_caller]
fn is_refused(reply: &super::Reply, what: &str) {
    assert_eq!(reply.status.as_u16(), 400, "{what}: {}", reply.text());
    assert_eq!(reply.header("location"), None, "{what}");
    assert_eq!(reply.header("refresh"), None, "{what}");
    assert_eq!(reply.header("set-cookie"), None, "{what}");
}

async fn everything_stays(browser: &Browser<'_>, wish: &[(&str, &str)], what: &str) {
    let reply = log_out(browser, wish).await;
    is_refused(&reply, what);
    assert!(is_in(browser).await, "{what}");
}

#[tokio::test]
async fn to_another_address_than_a_registered_one() {
    let kit = house(Store::Memory).await;
    register(&kit, &app("shop", LogoutUris::default())).await;
    register(&kit, &app("depot", LogoutUris::default())).await;
    let browser = logged_in(&kit, "ann").await;
    let tokens = enter(&browser, &kit, "shop").await;
    let hint = tokens["id_token"].as_str().unwrap();
    for uri in [
        "https://evil.example/",
        "https://depot.example/bye?from=here",
        "https://shop.example/bye",
        "https://shop.example/bye?from=here&more=1",
        "https://shop.example/bye?from=here#x",
        "https://shop.example/../bye?from=here",
        "https://shop.example/%62ye?from=here",
        "https://SHOP.example/bye?from=here",
        "https://shop.example./bye?from=here",
        "https://shop.example@evil.example/bye?from=here",
        "https://shop.example\\@evil.example/bye?from=here",
        "http://shop.example/bye?from=here",
        "//shop.example/bye?from=here",
        "javascript:alert(1)",
    ] {
        let wish = [("id_token_hint", hint), ("post_logout_redirect_uri", uri)];
        everything_stays(&browser, &wish, uri).await;
        everything_stays(&browser, &[("client_id", "shop"), ("post_logout_redirect_uri", uri)], uri).await;
    }
    everything_stays(&browser, &[("post_logout_redirect_uri", BYE)], "of nobody").await;
    everything_stays(&browser, &[("client_id", "x"), ("post_logout_redirect_uri", BYE)], "of a stranger")
        .await;
    everything_stays(&browser, &[("id_token_hint", hint), ("client_id", "depot")], "the hint of another")
        .await;
    everything_stays(&browser, &[("id_token_hint", hint), ("id_token_hint", hint)], "twice").await;
    let markup = log_out(&browser, &[("post_logout_redirect_uri", "\"><script>alert(1)</script>")]).await;
    is_refused(&markup, "markup");
    assert!(!markup.text().contains("<script>"));
}

/// Claims with the signature of this tenant.
async fn signed(kit: &Kit, tenant: &TenantId, typ: &str, claims: &Value) -> String {
    kit.app.provider.sign(tenant, Algorithm::EdDsa, typ, claims).await.unwrap()
}

#[tokio::test]
async fn with_a_hint_that_is_no_id_token_from_here() {
    let kit = house(Store::Memory).await;
    register(&kit, &app("shop", LogoutUris::default())).await;
    let browser = logged_in(&kit, "ann").await;
    let tokens = enter(&browser, &kit, "shop").await;
    let (hint, access) = (tokens["id_token"].as_str().unwrap(), tokens["access_token"].as_str().unwrap());
    let said = claims(hint);
    let elsewhere = TenantId::parse("elsewhere").unwrap();
    let tenant = Tenant {
        id: elsewhere.clone(),
        ..(*kit.app.engine.tenant(&TenantId::default_tenant()).await.unwrap()).clone()
    };
    kit.app.engine.store().commit(vec![Write::TenantInsert(Tenant { rev: 1, ..tenant })]).await.unwrap();
    let none = format!(
        "{}.{}.",
        BASE64URL_NOPAD.encode(br#"{"alg":"none","typ":"JWT"}"#),
        BASE64URL_NOPAD.encode(said.to_string().as_bytes())
    );
    let cut = hint.rsplit_once('.').unwrap().0;
    let wrong_issuer =
        json!({"iss": "https://evil.example", "sub": said["sub"], "aud": "shop", "sid": said["sid"]});
    for (what, token) in [
        ("alg none", none),
        ("without a signature", format!("{cut}.")),
        ("an access token", access.to_owned()),
        ("signed by another tenant", signed(&kit, &elsewhere, "JWT", &said).await),
        ("a logout token", signed(&kit, &TenantId::default_tenant(), "logout+jwt", &said).await),
        ("of another issuer", signed(&kit, &TenantId::default_tenant(), "JWT", &wrong_issuer).await),
        ("nonsense", "a.b.c".to_owned()),
        ("long", "a".repeat(3_000)),
    ] {
        everything_stays(&browser, &[("id_token_hint", &token)], what).await;
    }
    // And of no use where an access token is asked for.
    kit.send(super::Call::get("/api/oidc/default/userinfo").bearer(hint)).await.expect(401);
}
