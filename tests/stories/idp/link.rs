//! Linking an account, and logging in with it.

use super::{SUBJECT, come_back, complete, house, link, linked, linked_second, log_in, poll, sent_away};
use gatewright_core::Origin;
use kit::{Browser, PASSWORD};
use serde_json::{Value, json};

#[tokio::test]
async fn who_has_linked_an_account_logs_in_with_it() {
    let (kit, provider) = house().await;
    let browser = Browser::new(&kit);
    browser.login("ada").await;
    let invited = browser.post("/auth/v1/enrol/idp-oidc", &json!({"invite": {"label": "Work"}})).await;
    let invited = invited.expect(200);
    assert_eq!(invited.json()["invitation"]["name"], "Example Corp");
    let waiting = complete(&browser, &invited.str("transaction")).await.expect(202).json();
    assert_eq!(waiting, json!({"status": "pending", "retry_after_ms": 2000}));
    come_back(&browser, &provider, &invited.json()["invitation"]["url"], SUBJECT).await;
    complete(&browser, &invited.str("transaction")).await.expect(200);
    let mine = browser.get("/auth/v1/me/credentials").await.expect(200).json().to_string();
    assert!(mine.contains("\"Work\"") && mine.contains("idp-oidc"), "{mine}");

    let browser = Browser::new(&kit);
    let (transaction, url) = sent_away(&browser, json!({})).await;
    assert_eq!(poll(&browser, &transaction).await.expect(200).json()["status"], "pending");
    come_back(&browser, &provider, &url, SUBJECT).await;
    let done = poll(&browser, &transaction).await.expect(200).json();
    assert_eq!((&done["status"], &done["person"]["username"]), (&json!("done"), &json!("ada")));
    assert_eq!((&done["acr"], &done["amr"]), (&json!("aal1"), &json!(["fed"])));
    assert!(browser.cookie("gatewright_session").is_some());
}

#[tokio::test]
async fn with_the_name_or_without_it_and_never_as_somebody_else() {
    let (kit, provider) = linked().await;
    kit.person("bob").await;
    let done = log_in(&kit, &provider, json!({"username": "ada"}), SUBJECT).await.expect(200);
    assert_eq!(done.json()["person"]["username"], "ada");
    let nobody = log_in(&kit, &provider, json!({}), "another subject").await.expect(401);
    for (begin, subject) in [
        (json!({"username": "bob"}), SUBJECT),
        (json!({"username": "nobody at all"}), SUBJECT),
        (json!({"username": "ada"}), "another subject"),
    ] {
        let refused = log_in(&kit, &provider, begin.clone(), subject).await.expect(401);
        assert_eq!(refused.json(), nobody.json(), "{begin}");
    }
}

#[tokio::test]
async fn somebody_disabled_stays_out() {
    let (kit, provider) = linked().await;
    let ada = kit.app.engine.find_person(&gatewright_contract::TenantId::default_tenant(), "ada").await;
    kit.disable(&ada.unwrap().unwrap()).await;
    let wrong = log_in(&kit, &provider, json!({}), "another subject").await.expect(401);
    let refused = log_in(&kit, &provider, json!({}), SUBJECT).await.expect(401);
    assert_eq!(refused.json(), wrong.json());
}

#[tokio::test]
async fn an_account_is_linked_once() {
    let (kit, provider) = linked().await;
    let ada = Browser::new(&kit);
    ada.login("ada").await;
    let again = link(&ada, &provider, SUBJECT).await.expect(422).json();
    assert_eq!(again["violations"][0]["code"], "already_linked");
    link(&ada, &provider, "another").await.expect(200);
    kit.person("bob").await;
    let bob = Browser::new(&kit);
    bob.login("bob").await;
    let taken = link(&bob, &provider, SUBJECT).await.expect(409);
    assert!(taken.text().contains("belongs to another account already"), "{}", taken.text());
    let done = log_in(&kit, &provider, json!({}), SUBJECT).await.expect(200);
    assert_eq!(done.json()["person"]["username"], "ada");
}

#[tokio::test]
async fn a_person_can_not_say_it_in_words_but_an_administrator_can() {
    let (kit, provider) = house().await;
    let browser = Browser::new(&kit);
    browser.login("ada").await;
    let invited = browser.post("/auth/v1/enrol/idp-oidc", &json!({})).await.expect(200);
    let body = json!({"transaction": invited.str("transaction"), "proof": {"subject": SUBJECT}});
    browser.post("/auth/v1/enrol/idp-oidc/complete", &body).await.expect(400);

    let bob = kit.person("bob").await;
    let engine = &kit.app.engine;
    let said = async |invite: Value, proof: Value| {
        let bob = kit.reread(&bob).await;
        engine.enrol_for(&bob, "idp-oidc", (invite, proof), &Origin::local("kit")).await
    };
    let other = json!({"issuer": "https://other.example", "subject": SUBJECT});
    assert_eq!(said(json!({}), other).await.expect_err("refused").status, 400);
    assert_eq!(said(json!({}), json!({})).await.expect_err("refused").status, 400);
    said(json!({}), json!({"issuer": provider.issuer, "subject": SUBJECT})).await.expect("linked");
    said(json!({"provider": "corp"}), json!({"subject": "second"})).await.expect("linked");
    for subject in [SUBJECT, "second"] {
        let done = log_in(&kit, &provider, json!({}), subject).await.expect(200);
        assert_eq!(done.json()["person"]["username"], "bob");
    }
}

/// The cookie of a login is gone after ten minutes; the session is fresh for longer, and whoever asks is a browser.
#[tokio::test]
async fn a_browser_that_asks_to_link_is_known_again() {
    let (kit, provider) = house().await;
    let token = kit.login("ada").await.access_token;
    let browser = Browser::new(&kit);
    let call = kit::Call::post("/auth/v1/enrol/idp-oidc").json(&json!({})).bearer(&token);
    kit.send(kit::Call::post("/auth/v1/enrol/idp-oidc").json(&json!({})).bearer(&token)).await.expect(409);
    let invited = browser.send(call.header("origin", "http://id.example")).await.expect(200);
    assert!(browser.cookie("gatewright_browser").is_some());
    come_back(&browser, &provider, &invited.json()["invitation"]["url"], SUBJECT).await;
    complete(&browser, &invited.str("transaction")).await.expect(200);
}

#[tokio::test]
async fn a_session_is_proven_anew_by_a_fresh_login_there_only() {
    let (kit, provider) = linked().await;
    let browser = Browser::new(&kit);
    let (transaction, url) = sent_away(&browser, json!({})).await;
    come_back(&browser, &provider, &url, SUBJECT).await;
    poll(&browser, &transaction).await.expect(200);
    let elevate = json!({"purpose": "elevate"});
    let (transaction, url) = sent_away(&browser, elevate.clone()).await;
    assert!(url.as_str().unwrap().contains("&max_age=0"), "{url}");
    // The provider ignores it: its session is 100 s old.
    come_back(&browser, &provider, &url, SUBJECT).await;
    poll(&browser, &transaction).await.expect(401);
    provider.lie(|token| token.claims["auth_time"] = token.claims["iat"].clone());
    let (transaction, url) = sent_away(&browser, elevate).await;
    come_back(&browser, &provider, &url, SUBJECT).await;
    poll(&browser, &transaction).await.expect(200);
}

#[tokio::test]
async fn as_a_second_factor_after_a_password() {
    let (kit, provider) = linked_second().await;
    let browser = Browser::new(&kit);
    let begun = browser.post("/auth/v1/login", &json!({"username": "ada", "cookie": true})).await.expect(200);
    let body = json!({"transaction": begun.str("transaction"), "answer": {"password": PASSWORD}});
    let more = browser.post("/auth/v1/login/password", &body).await.expect(200).json();
    assert_eq!(more["next"], json!({"step": "second", "authenticators": ["idp-oidc"]}));
    let asked = super::ask(&browser, more["transaction"].as_str().unwrap()).await.expect(200);
    come_back(&browser, &provider, &asked.json()["prompt"]["url"], SUBJECT).await;
    let done = poll(&browser, &asked.str("transaction")).await.expect(200).json();
    assert_eq!((&done["status"], &done["acr"]), (&json!("done"), &json!("aal2")));
}
