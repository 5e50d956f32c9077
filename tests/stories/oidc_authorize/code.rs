//! A person logs in for an application, which gets a code: one.

use super::*;
use std::time::Duration;

#[tokio::test]
async fn somebody_logs_in_agrees_and_the_shop_gets_a_code() {
    let kit = kit_with(&shop()).await;
    let browser = Browser::new(&kit);
    let name = begun(&kit, &[("max_age", "3600")]).await;

    let login = resume(&browser, &name).await.expect(303);
    assert_eq!(location(&login), format!("/ui/default/login?auth_req_id={name}"));
    assert_eq!(login.header("cache-control"), Some("no-store"));
    browser.login("ann").await;
    assert_eq!(page(&resume(&browser, &name).await.expect(303)), "/ui/default/consent");
    agree(&kit, &browser, &name, &["openid", "email"]).await;

    let told = told(&resume(&browser, &name).await.expect(303));
    assert_eq!(told.keys().collect::<Vec<_>>(), ["code", "iss", "state"]);
    assert_eq!((told["iss"].as_str(), told["state"].as_str()), (ISSUER, "st<a>te"));

    let found = kit.app.provider.find_code(&tenant_id(), &told["code"]).await.unwrap().unwrap();
    let (code, session) = (found.code, caller(&kit, &browser).await.session);
    assert_eq!(code.redirect_uri.as_deref(), Some(CALLBACK));
    assert_eq!(code.code_challenge.as_deref(), Some(CHALLENGE));
    let terms = code.terms;
    assert_eq!((terms.client_id.as_str(), terms.person, terms.session), ("shop", session.person, session.id));
    assert_eq!(terms.scopes, ["openid", "email"]);
    assert_eq!((terms.nonce.as_deref(), terms.wants_auth_time, terms.offline), (Some("n-0S6"), true, false));
    assert_eq!(
        (terms.acr.as_str(), terms.amr, terms.auth_time),
        ("aal1", session.amr.clone(), session.authenticated)
    );

    let audited = audited(&kit).await;
    assert_eq!(&audited[..2], ["authorization.granted success", "consent.given success"]);
    let noted = kit.app.engine.store().records_of(&tenant_id(), "oauth-login", session.id.0, None, 9).await;
    assert_eq!(noted.unwrap().len(), 1, "the shop hears of the end of the session");
    assert_eq!(resume(&browser, &name).await.status, 400, "a request is answered once");
}

#[tokio::test]
async fn who_has_agreed_is_asked_again_only_for_more() {
    let kit = kit_with(&shop()).await;
    let browser = logged_in(&kit, "ann").await;
    let first = begun(&kit, &[]).await;
    resume(&browser, &first).await.expect(303);
    agree(&kit, &browser, &first, &["openid", "email"]).await;
    assert!(told(&resume(&browser, &first).await).contains_key("code"));

    let again = begun(&kit, &[("scope", "openid")]).await;
    assert!(told(&resume(&browser, &again).await).contains_key("code"));
    let more = begun(&kit, &[("scope", "openid profile")]).await;
    assert_eq!(page(&resume(&browser, &more).await), "/ui/default/consent");
    let asked = begun(&kit, &[("prompt", "consent")]).await;
    assert_eq!(page(&resume(&browser, &asked).await), "/ui/default/consent");

    kit.person("bob").await;
    let bob = logged_in(&kit, "bob").await;
    let his = begun(&kit, &[]).await;
    assert_eq!(page(&resume(&bob, &his).await), "/ui/default/consent", "each for themselves");
}

#[tokio::test]
async fn less_than_was_asked_for_can_be_agreed_to_but_not_more() {
    let kit = kit_with(&shop()).await;
    let browser = logged_in(&kit, "ann").await;
    let name = begun(&kit, &[("scope", "openid email")]).await;
    agree(&kit, &browser, &name, &["openid", "profile", "admin"]).await;
    let told = told(&resume(&browser, &name).await);
    let found = kit.app.provider.find_code(&tenant_id(), &told["code"]).await.unwrap().unwrap();
    assert_eq!(found.code.terms.scopes, ["openid"]);
}

#[tokio::test]
async fn for_another_resource_a_person_is_asked_again() {
    let kit = kit_with(&shop()).await;
    let browser = logged_in(&kit, "ann").await;
    let api = ("resource", "https://api.shop.example");
    for asking in [&[][..], &[api]] {
        let name = begun(&kit, asking).await;
        assert_eq!(page(&resume(&browser, &name).await), "/ui/default/consent");
        agree(&kit, &browser, &name, &["openid", "email"]).await;
        assert!(told(&resume(&browser, &name).await).contains_key("code"));
    }
    for asking in [&[][..], &[api]] {
        let name = begun(&kit, asking).await;
        assert!(told(&resume(&browser, &name).await).contains_key("code"), "both are remembered");
    }
}

#[tokio::test]
async fn who_says_no_is_not_asked_again() {
    let kit = kit_with(&shop()).await;
    let browser = logged_in(&kit, "ann").await;
    let name = begun(&kit, &[]).await;
    kit.app.provider.deny(&PlainToken::received(&name).unwrap(), &Origin::local("kit")).await.unwrap();
    let reply = resume(&browser, &name).await.expect(303);
    let told = told(&reply);
    assert_eq!((told["error"].as_str(), told["state"].as_str()), ("access_denied", "st<a>te"));
    assert_eq!(told["iss"], ISSUER);
    assert_eq!(&audited(&kit).await[..2], ["authorization.refused access_denied", "consent.denied success"]);
    assert_eq!(resume(&browser, &name).await.status, 400);
}

#[tokio::test]
async fn of_many_windows_one_gets_the_code() {
    let kit = Kit::sqlite().await;
    kit.person("ann").await;
    register(&kit, &own_shop()).await;
    let browser = logged_in(&kit, "ann").await;
    let name = begun(&kit, &[]).await;
    let (a, b, c) = tokio::join!(resume(&browser, &name), resume(&browser, &name), resume(&browser, &name));
    let mut statuses: Vec<u16> = [&a, &b, &c].iter().map(|reply| reply.status.as_u16()).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [303, 400, 400]);
    let codes = kit.app.engine.store().records(&tenant_id(), "oauth-code", None, 9).await.unwrap();
    assert_eq!(codes.len(), 1);
}

#[tokio::test]
async fn two_windows_of_one_session_may_ask_at_once() {
    let kit = Kit::sqlite().await;
    kit.person("ann").await;
    register(&kit, &own_shop()).await;
    let browser = logged_in(&kit, "ann").await;
    let (one, two) = (begun(&kit, &[]).await, begun(&kit, &[]).await);
    let (a, b) = tokio::join!(resume(&browser, &one), resume(&browser, &two));
    assert!(told(&a).contains_key("code") && told(&b).contains_key("code"));
}

#[tokio::test]
async fn nobody_who_may_not_log_in_gets_a_code() {
    let kit = kit_with(&own_shop()).await;
    let browser = logged_in(&kit, "ann").await;
    let ended = begun(&kit, &[]).await;
    let session = caller(&kit, &browser).await;
    let person = kit.app.engine.person_of(&session).await.unwrap();
    kit.disable(&person).await;
    assert_eq!(page(&resume(&browser, &ended).await), "/ui/default/login");

    kit.person("bob").await;
    let bob = logged_in(&kit, "bob").await;
    let session = caller(&kit, &bob).await;
    kit.app.engine.end_own(&session, session.session.id, &Origin::local("kit")).await.unwrap();
    assert_eq!(page(&resume(&bob, &ended).await), "/ui/default/login");
}

#[tokio::test]
async fn a_request_waits_for_half_an_hour() {
    let kit = kit_with(&own_shop()).await;
    let name = begun(&kit, &[]).await;
    kit.advance(Duration::from_secs(1_799));
    assert_eq!(resume(&Browser::new(&kit), &name).await.status, 303);
    kit.advance(Duration::from_secs(1));
    let reply = resume(&logged_in(&kit, "ann").await, &name).await.expect(400);
    assert!(reply.text().contains("begin anew") && reply.header("location").is_none());
}

#[tokio::test]
async fn a_token_of_an_application_is_no_login() {
    let kit = kit_with(&own_shop()).await;
    let browser = logged_in(&kit, "ann").await;
    let name = PlainToken::received(&begun(&kit, &[]).await).unwrap();
    let mut caller = caller(&kit, &browser).await;
    caller.scopes = Some(Arc::from(["openid".to_owned()]));
    let next = kit.app.provider.proceed(&name, Some(&caller), &Origin::local("kit")).await.unwrap();
    assert!(matches!(next, gatewright_oauth::interact::Next::Login { .. }), "{next:?}");
    assert!(kit.app.provider.agree(&name, &caller, &[], &Origin::local("kit")).await.is_err());
}

#[tokio::test]
async fn a_form_from_anywhere_begins_a_request_as_well() {
    let kit = kit_with(&own_shop()).await;
    let call = form(AUTHORIZE, &asking(&[])).header("origin", "https://elsewhere.example");
    let name = name(&kit.send(call).await.expect(303));
    let browser = logged_in(&kit, "ann").await;
    assert!(told(&resume(&browser, &name).await).contains_key("code"));
    kit.send(Call::post(AUTHORIZE).json(&serde_json::json!(asking(&[])))).await.expect(400);
}
