//! A provider that does not answer, that changes its keys, that somebody has said no at; and what it is asked.

use super::{SUBJECT, ask, come_back, house, linked, log_in, poll, sent_away};
use kit::{Browser, Kit, Store};
use serde_json::json;
use std::time::Duration;

#[tokio::test]
async fn a_provider_that_is_down_says_nothing_about_anybody() {
    let (kit, provider) = house().await;
    provider.down(true);
    let mut seen = Vec::new();
    for name in ["ada", "nobody"] {
        let browser = Browser::new(&kit);
        let begun = browser.post("/auth/v1/login", &json!({"username": name, "cookie": true})).await;
        let refused = ask(&browser, &begun.expect(200).str("transaction")).await.expect(503);
        seen.push(refused.json());
    }
    assert_eq!(seen[0], seen[1]);
    assert_eq!(provider.asked().values().sum::<usize>(), 1, "it is left alone for a moment");
    provider.down(false);
    kit.advance(Duration::from_secs(5));
    sent_away(&Browser::new(&kit), json!({})).await;
}

#[tokio::test]
async fn a_provider_that_goes_down_in_between_is_no_refusal() {
    let (kit, provider) = linked().await;
    let browser = Browser::new(&kit);
    let (transaction, url) = sent_away(&browser, json!({})).await;
    provider.down(true);
    come_back(&browser, &provider, &url, SUBJECT).await;
    poll(&browser, &transaction).await.expect(503);
    provider.down(false);
    let asked = ask(&browser, &transaction).await.expect(200);
    come_back(&browser, &provider, &asked.json()["prompt"]["url"], SUBJECT).await;
    poll(&browser, &asked.str("transaction")).await.expect(200);
}

#[tokio::test]
async fn who_says_no_there_ends_the_login_and_nothing_is_linked() {
    let (kit, provider) = linked().await;
    let no = |url: &serde_json::Value| {
        let back = provider.authorize(url.as_str().unwrap(), SUBJECT);
        back.replace("code=", "error=access_denied&was=")
    };
    let browser = Browser::new(&kit);
    let (transaction, url) = sent_away(&browser, json!({})).await;
    browser.get(&no(&url)).await.expect(303);
    poll(&browser, &transaction).await.expect(401);
    poll(&browser, &transaction).await.expect(404);

    browser.login("ada").await;
    let invited = browser.post("/auth/v1/enrol/idp-oidc", &json!({})).await.expect(200);
    browser.get(&no(&invited.json()["invitation"]["url"])).await.expect(303);
    let refused = super::complete(&browser, &invited.str("transaction")).await.expect(422);
    assert_eq!(refused.json()["violations"][0]["code"], "declined");
}

#[tokio::test]
async fn document_and_keys_are_fetched_once_and_a_new_key_is_looked_for() {
    let (kit, provider) = house().await;
    let browser = Browser::new(&kit);
    browser.login("ada").await;
    super::link(&browser, &provider, SUBJECT).await.expect(200);
    for _ in 0..3 {
        log_in(&kit, &provider, json!({}), SUBJECT).await.expect(200);
    }
    let asked = provider.asked();
    assert_eq!((asked["/.well-known/openid-configuration"], asked["/keys"], asked["/token"]), (1, 1, 4));

    provider.rotate("second");
    // Not more often than twice a minute: the keys are seconds old.
    log_in(&kit, &provider, json!({}), SUBJECT).await.expect(401);
    assert_eq!(provider.asked().get("/keys"), None);
    kit.advance(Duration::from_secs(30));
    provider.advance(30);
    log_in(&kit, &provider, json!({}), SUBJECT).await.expect(200);
    log_in(&kit, &provider, json!({}), SUBJECT).await.expect(200);
    let asked = provider.asked();
    assert_eq!((asked.get("/.well-known/openid-configuration"), asked.get("/keys")), (None, Some(&1)));

    kit.advance(Duration::from_secs(3600));
    provider.advance(3600);
    log_in(&kit, &provider, json!({}), SUBJECT).await.expect(200);
    let asked = provider.asked();
    assert_eq!((asked["/.well-known/openid-configuration"], asked["/keys"]), (1, 1));
}

#[tokio::test]
async fn a_document_of_somebody_else_or_with_open_addresses_is_not_used() {
    let (kit, provider) = house().await;
    let begin = async |kit: &Kit| {
        let browser = Browser::new(kit);
        let begun = browser.post("/auth/v1/login", &json!({"cookie": true})).await.expect(200);
        ask(&browser, &begun.str("transaction")).await
    };
    let issuer = provider.issuer.clone();
    for (name, bad, good) in [
        ("issuer", format!("{issuer}/"), issuer.clone()),
        ("token_endpoint", "ftp://127.0.0.1/token".to_owned(), format!("{issuer}/token")),
        ("authorization_endpoint", "javascript:alert(1)".to_owned(), format!("{issuer}/authorize?kept=1")),
        ("jwks_uri", "not a URL".to_owned(), format!("{issuer}/keys")),
    ] {
        provider.say(name, json!(bad));
        begin(&kit).await.expect(503);
        provider.say(name, json!(good));
        kit.advance(Duration::from_secs(5));
    }
    begin(&kit).await.expect(200);
}

#[tokio::test]
async fn without_a_provider_or_without_a_way_out_there_is_nothing_to_choose() {
    let policy = "[login.policy]\nfirst = [\"password\", \"idp-oidc\"]\n";
    let kit = Kit::with(Store::Memory).config(policy).start().await;
    let browser = Browser::new(&kit);
    let begun = browser.post("/auth/v1/login", &json!({"cookie": true})).await.expect(200);
    let refused = ask(&browser, &begun.str("transaction")).await.expect(400);
    assert!(refused.text().contains("no provider is configured"), "{}", refused.text());

    let provider = super::provider::Provider::start().await;
    let kit = Kit::with(Store::Memory).config(policy).config(&provider.table("corp", "")).start().await;
    let browser = Browser::new(&kit);
    let begun = browser.post("/auth/v1/login", &json!({"cookie": true})).await.expect(200);
    ask(&browser, &begun.str("transaction")).await.expect(503);
    assert_eq!(provider.asked().len(), 0, "this machine is not public");

    // Where no policy names it, it is not there.
    let kit = Kit::with(Store::Memory).config(&provider.table("corp", "")).start().await;
    let browser = Browser::new(&kit);
    let begun = browser.post("/auth/v1/login", &json!({"cookie": true})).await.expect(200);
    assert!(!begun.text().contains("idp-oidc"));
    ask(&browser, &begun.str("transaction")).await.expect(400);
}

#[tokio::test]
async fn a_mistake_in_the_table_of_a_provider_stops_the_start_with_its_line() {
    let table = "[plugins.idp-oidc.providers.corp]\nclient_id = \"us\"\nissuer = \"http://corp.example\"\n";
    let stopped =
        Kit::with(Store::Memory).config(table).try_start().await.err().expect("a mistake").to_string();
    assert!(stopped.contains("plugins.idp-oidc.providers.corp.issuer"), "{stopped}");
    assert!(stopped.contains("test.toml:") && stopped.contains("allow_http"), "{stopped}");
}

#[tokio::test]
async fn the_secret_of_a_provider_may_stand_in_a_variable() {
    let provider = super::provider::Provider::start().await;
    let given = format!("\"{}\"", super::provider::SECRET);
    let table = provider.table("corp", "").replace(&given, "{ env = \"CORP_SECRET\" }");
    assert!(!table.contains(super::provider::SECRET), "{table}");
    let kit = Kit::with(Store::Memory).config(super::SETTINGS).config(&table);
    let kit = kit.env("CORP_SECRET", super::provider::SECRET).start().await;
    kit.person("ada").await;
    let browser = Browser::new(&kit);
    browser.login("ada").await;
    super::link(&browser, &provider, SUBJECT).await.expect(200);
}

#[tokio::test]
async fn a_tenant_sees_the_providers_that_are_open_to_it() {
    let provider = super::provider::Provider::start().await;
    let table = provider.table("corp", "tenants = [\"other\"]");
    let kit = Kit::with(Store::Memory).config(super::SETTINGS).config(&table).start().await;
    let browser = Browser::new(&kit);
    let begun = browser.post("/auth/v1/login", &json!({"cookie": true})).await.expect(200);
    let refused = ask(&browser, &begun.str("transaction")).await.expect(400);
    assert!(!refused.text().contains("corp"), "{}", refused.text());
}
