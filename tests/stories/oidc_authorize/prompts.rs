//! What must be proven anew, who must answer, and how well.

use super::*;
use gatewright_core::signing::Algorithm;
use serde_json::{Value, json};
use std::time::Duration;

/// Ann has logged in an hour ago, and her session lives.
async fn an_hour_later<'a>(kit: &'a Kit) -> Browser<'a> {
    let browser = logged_in(kit, "ann").await;
    kit.advance(Duration::from_secs(3_600));
    browser
}

/// Proves anew who is in the session of the browser.
async fn elevate(browser: &Browser<'_>) {
    let begun = browser.post("/auth/v1/login", &json!({"purpose": "elevate"})).await.expect(200);
    let body = json!({"transaction": begun.str("transaction"), "answer": {"password": kit::PASSWORD}});
    browser.post("/auth/v1/login/password", &body).await.expect(200);
}

#[tokio::test]
async fn a_login_is_asked_for_again_and_counts_when_it_came_after() {
    let kit = kit_with(&own_shop()).await;
    let browser = an_hour_later(&kit).await;
    for change in [("prompt", "login"), ("prompt", "select_account"), ("max_age", "600"), ("max_age", "0")] {
        let name = begun(&kit, &[change]).await;
        assert_eq!(page(&resume(&browser, &name).await), "/ui/default/login", "{change:?}");
        assert_eq!(page(&resume(&browser, &name).await), "/ui/default/login", "{change:?}: still");
        elevate(&browser).await;
        assert!(told(&resume(&browser, &name).await).contains_key("code"), "{change:?}");
        kit.advance(Duration::from_secs(3_600));
    }
    let young = begun(&kit, &[("max_age", "3600")]).await;
    assert!(told(&resume(&browser, &young).await).contains_key("code"));
}

#[tokio::test]
async fn no_page_is_shown_where_none_may_be() {
    let kit = kit_with(&shop()).await;
    let none = ("prompt", "none");
    let nobody = begun(&kit, &[none]).await;
    assert_eq!(error(&resume(&Browser::new(&kit), &nobody).await), "login_required");
    let browser = an_hour_later(&kit).await;
    for (change, expected) in [
        (("max_age", "60"), "login_required"),
        (("login_hint", "bob"), "login_required"),
        (("acr_values", "aal2"), "interaction_required"),
        (("claims", r#"{"id_token":{"acr":{"essential":true,"value":"aal2"}}}"#), "interaction_required"),
        (("ui_locales", "de"), "consent_required"),
    ] {
        let name = begun(&kit, &[none, change]).await;
        assert_eq!(error(&resume(&browser, &name).await), expected, "{change:?}");
        assert_eq!(resume(&browser, &name).await.status, 400, "it is answered");
    }
}

#[tokio::test]
async fn assurance_that_is_not_reached_is_said() {
    let kit = kit_with(&own_shop()).await;
    let browser = an_hour_later(&kit).await;
    let essential = ("claims", r#"{"id_token":{"acr":{"essential":true,"values":["aal2","aal3"]}}}"#);
    let name = begun(&kit, &[essential]).await;
    assert_eq!(page(&resume(&browser, &name).await), "/ui/default/login");
    elevate(&browser).await;
    assert_eq!(error(&resume(&browser, &name).await), "unmet_authentication_requirements");

    kit.advance(Duration::from_secs(10));
    let wished = begun(&kit, &[("acr_values", "aal2")]).await;
    assert_eq!(page(&resume(&browser, &wished).await), "/ui/default/login");
    elevate(&browser).await;
    assert!(told(&resume(&browser, &wished).await).contains_key("code"), "a wish is no condition");
}

#[tokio::test]
async fn assurance_that_is_reached_is_told_in_the_words_of_the_client() {
    let kit = kit_with(&own_shop()).await;
    let browser = logged_in(&kit, "ann").await;
    let name = begun(&kit, &[("claims", r#"{"id_token":{"acr":{"essential":true,"value":"aal1"}}}"#)]).await;
    let told = told(&resume(&browser, &name).await);
    let found = kit.app.provider.find_code(&tenant_id(), &told["code"]).await.unwrap().unwrap();
    assert_eq!(found.code.terms.acr, "aal1");
}

/// An ID token of the shop, or something else that the tenant has signed.
async fn signed(kit: &Kit, typ: &str, claims: &Value) -> String {
    kit.app.provider.sign(&tenant_id(), Algorithm::EdDsa, typ, claims).await.unwrap()
}

#[tokio::test]
async fn who_is_hinted_at_must_answer() {
    let kit = kit_with(&own_shop()).await;
    let bob = kit.person("bob").await;
    let browser = an_hour_later(&kit).await;
    // Long over, and still good to say who is meant.
    let claims = json!({"iss": ISSUER, "aud": "shop", "sub": bob.id.to_string(), "exp": 1});
    let hint = signed(&kit, "JWT", &claims).await;

    let quiet = begun(&kit, &[("id_token_hint", &hint), ("prompt", "none")]).await;
    assert_eq!(error(&resume(&browser, &quiet).await), "login_required");
    let name = begun(&kit, &[("id_token_hint", &hint)]).await;
    assert_eq!(page(&resume(&browser, &name).await), "/ui/default/login");
    browser.login("ann").await;
    assert_eq!(error(&resume(&browser, &name).await), "login_required", "ann again");
    let name = begun(&kit, &[("id_token_hint", &hint)]).await;
    browser.login("bob").await;
    assert!(told(&resume(&browser, &name).await).contains_key("code"));
    let same = format!(r#"{{"id_token":{{"sub":{{"value":"{}"}}}}}}"#, bob.id);
    let name = begun(&kit, &[("claims", &same)]).await;
    assert!(told(&resume(&browser, &name).await).contains_key("code"));
}

#[tokio::test]
async fn only_an_id_token_of_the_client_from_here_is_a_hint() {
    let kit = kit_with(&own_shop()).await;
    let good = json!({"iss": ISSUER, "aud": "shop", "sub": "x"});
    for (typ, change) in [
        ("at+jwt", json!({})),
        ("logout+jwt", json!({})),
        ("JWT", json!({"aud": "another"})),
        ("JWT", json!({"aud": []})),
        ("JWT", json!({"iss": "https://evil.example"})),
        ("JWT", json!({"sub": null})),
    ] {
        let mut claims = good.clone();
        claims.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        let hint = signed(&kit, typ, &claims).await;
        assert_eq!(
            error(&send(&kit, &[("id_token_hint", &hint)]).await),
            "invalid_request",
            "{typ} {change}"
        );
    }
    let hint = signed(&kit, "JWT", &json!({"iss": ISSUER, "aud": ["shop"], "sub": "x"})).await;
    begun(&kit, &[("id_token_hint", &hint)]).await;
}

#[tokio::test]
async fn a_long_lasting_refresh_token_takes_a_consent_of_its_own() {
    let kit = kit_with(&shop()).await;
    let browser = logged_in(&kit, "ann").await;
    for (prompt, offline) in [("", false), ("consent", true)] {
        let name = begun(&kit, &[("scope", "openid offline_access"), ("prompt", prompt)]).await;
        agree(&kit, &browser, &name, &["openid", "offline_access"]).await;
        let told = told(&resume(&browser, &name).await);
        let found = kit.app.provider.find_code(&tenant_id(), &told["code"]).await.unwrap().unwrap();
        assert_eq!(found.code.terms.offline, offline);
    }
}
