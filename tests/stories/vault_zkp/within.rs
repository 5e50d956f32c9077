//! The whole of it within an authorization request: from the application and back to it.

use super::*;
use crate::stories::oidc_authorize::{CALLBACK, SECRET, begun, own_shop, register, told as told_client};
use data_encoding::BASE64URL_NOPAD;

/// RFC 7636, appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

async fn shop(kit: &Kit) -> String {
    register(kit, &own_shop()).await;
    begun(kit, &[]).await
}

async fn sign_in(page: &Page<'_>, nonce: &str, request: &str) -> Reply {
    let path = format!("/api/oidc/sign-in?oid_nonce={nonce}&auth_req_id={request}");
    page.browser.send(Call::get(&path).secure()).await
}

async fn exchanged(kit: &Kit, code: &str) -> Value {
    let form = [
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", CALLBACK),
        ("client_id", "shop"),
        ("client_secret", SECRET),
        ("code_verifier", VERIFIER),
    ];
    let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
    let call =
        Call::post("/api/oidc/default/token").raw("application/x-www-form-urlencoded", body.into_bytes());
    kit.send(call).await.expect(200).json()
}

#[tokio::test]
async fn registering_and_logging_in_for_an_application_ends_in_an_id_token() {
    let kit = world().await;
    let request = shop(&kit).await;
    let (page, secret) = (Page::within(&kit, &request, "shop"), Secret::of(1));
    page.register("ann", "ann@example.org", &secret).await.expect(201);
    let login = page.login("ann", &secret).await.expect(200);
    assert!(login.header("set-cookie").is_some_and(|cookie| cookie.contains("HttpOnly")));
    let nonce = login.str("nonce");
    let back = sign_in(&page, &nonce, &request).await.expect(302);
    let tokens = exchanged(&kit, &told_client(&back)["code"]).await;
    let id_token = tokens["id_token"].as_str().expect("an id token");
    let claims = BASE64URL_NOPAD.decode(id_token.split('.').nth(1).unwrap().as_bytes()).unwrap();
    let claims: Value = serde_json::from_slice(&claims).unwrap();
    assert_eq!((&claims["nonce"], &claims["aud"]), (&json!("n-0S6"), &json!("shop")), "{claims}");
    assert_eq!(claims["amr"], json!(["pin"]), "{claims}");
    sign_in(&page, &nonce, &request).await.expect(400);
}

#[tokio::test]
async fn a_challenge_within_a_request_is_for_it_alone() {
    let kit = world().await;
    let secret = ann(&kit).await;
    let one = shop(&kit).await;
    let other = begun(&kit, &[]).await;
    let page = Page::within(&kit, &one, "shop");
    for elsewhere in [Page::within(&kit, &other, "shop"), Page::of(&kit)] {
        let told = page.to_login("ann", &secret).await;
        refused(elsewhere.authenticate(&form(&told)).await);
        // And the other way round.
        let told = elsewhere.to_login("ann", &secret).await;
        refused(page.authenticate(&form(&told)).await);
    }
    let told = page.to_login("ann", &secret).await;
    page.authenticate(&form(&told)).await.expect(200);
}

#[tokio::test]
async fn a_request_that_is_not_there_is_a_mistake_of_form() {
    let kit = world().await;
    let secret = ann(&kit).await;
    let told = Page::of(&kit).to_login("ann", &secret).await;
    for request in ["x", "gwq_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"] {
        let page = Page::within(&kit, request, "shop");
        misshapen(page.ask("ann", &Asking::login(&secret)).await, "query", "auth_req_id");
        misshapen(page.authenticate(&form(&told)).await, "query", "auth_req_id");
        let enrol = Page::of(&kit).to_enrol("bob", &Secret::of(2), "register").await;
        let body = registration(&enrol, "bob", "bob@example.org");
        misshapen(page.post("/register", &body).await, "query", "auth_req_id");
    }
    // Empty is none.
    Page { within: Some((String::new(), "")), ..Page::of(&kit) }.login("ann", &secret).await.expect(200);
}

#[tokio::test]
async fn a_nonce_is_for_its_request_and_its_browser() {
    let kit = world().await;
    let secret = ann(&kit).await;
    let one = shop(&kit).await;
    let other = begun(&kit, &[]).await;
    // A browser that has been here: it has a cookie.
    let mut page = Page::of(&kit);
    page.login("ann", &secret).await.expect(200);
    page.within = Some((one.clone(), "shop"));
    let nonce = page.login("ann", &secret).await.expect(200).str("nonce");
    sign_in(&page, &nonce, &other).await.expect(400);
    signed_in(&page, &nonce).await.expect(400);
    let stranger = Page::of(&kit);
    sign_in(&stranger, &nonce, &one).await.expect(400);
    stranger.login("ann", &secret).await.expect(200);
    sign_in(&stranger, &nonce, &one).await.expect(400);
    assert!(told_client(&sign_in(&page, &nonce, &one).await.expect(302)).contains_key("code"));
}

#[tokio::test]
async fn a_nonce_of_a_browser_that_was_never_here_is_good_in_it_alone_and_for_a_minute() {
    let kit = world().await;
    let secret = ann(&kit).await;
    let request = shop(&kit).await;
    let page = Page::within(&kit, &request, "shop");
    let nonce = page.login("ann", &secret).await.expect(200).str("nonce");
    let program = Page { origin: "", ..Page::within(&kit, &request, "shop") };
    for stranger in [Page::of(&kit), program] {
        sign_in(&stranger, &nonce, &request).await.expect(400);
    }
    assert!(told_client(&sign_in(&page, &nonce, &request).await.expect(302)).contains_key("code"));

    let request = begun(&kit, &[]).await;
    let page = Page::within(&kit, &request, "shop");
    let late = page.login("ann", &secret).await.expect(200).str("nonce");
    kit.advance(Duration::from_secs(60));
    sign_in(&page, &late, &request).await.expect(400);
}

/// What is no browser says no `Origin` and keeps no cookie.
#[tokio::test]
async fn a_program_without_cookies_takes_its_nonce_along() {
    let kit = world().await;
    let secret = ann(&kit).await;
    let request = shop(&kit).await;
    let program = Page { origin: "", ..Page::within(&kit, &request, "shop") };
    let login = program.login("ann", &secret).await.expect(200);
    assert!(login.header("set-cookie").is_none());
    let later = Page::of(&kit);
    let back = sign_in(&later, &login.str("nonce"), &request).await.expect(302);
    assert!(told_client(&back).contains_key("code"));
}
