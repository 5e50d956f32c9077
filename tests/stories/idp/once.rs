//! What is good once is good once, and in one browser.

use super::{SUBJECT, ask, come_back, linked, poll, sent_away};
use kit::{Browser, Call, Reply};
use serde_json::json;
use std::{sync::Arc, time::Duration};

#[tokio::test]
async fn a_response_counts_once() {
    let (kit, provider) = linked().await;
    let browser = Browser::new(&kit);
    let (transaction, url) = sent_away(&browser, json!({})).await;
    let first = provider.authorize(url.as_str().unwrap(), SUBJECT);
    let second = provider.authorize(url.as_str().unwrap(), "somebody else");
    browser.get(&first).await.expect(303);
    browser.get(&first).await.expect(303);
    browser.get(&second).await.expect(303);
    assert_eq!(provider.asked().get("/token"), Some(&1));
    poll(&browser, &transaction).await.expect(200);
    browser.get(&first).await.expect(303);
    poll(&browser, &transaction).await.expect(404);
    assert_eq!(provider.asked().get("/token"), None);
}

#[tokio::test]
async fn the_response_to_an_earlier_redirect_does_not_move_a_later_one() {
    let (kit, provider) = linked().await;
    let browser = Browser::new(&kit);
    let (transaction, url) = sent_away(&browser, json!({})).await;
    let old = provider.authorize(url.as_str().unwrap(), SUBJECT);
    let asked = ask(&browser, &transaction).await.expect(200);
    browser.get(&old).await.expect(303);
    assert_eq!(poll(&browser, &asked.str("transaction")).await.expect(200).json()["status"], "pending");
    // A code of one login in the response to another: the provider knows which was asked for (PKCE), so do we (nonce).
    let new = provider.authorize(asked.json()["prompt"]["url"].as_str().unwrap(), SUBJECT);
    let code = |path: &str| path.split(['?', '&']).find(|p| p.starts_with("code=")).unwrap().to_owned();
    browser.get(&new.replace(&code(&new), &code(&old))).await.expect(303);
    poll(&browser, &asked.str("transaction")).await.expect(401);
}

#[tokio::test]
async fn nobody_is_let_in_by_a_browser_that_is_not_theirs() {
    let (kit, provider) = linked().await;
    let eve = Browser::new(&kit);
    let (transaction, url) = sent_away(&eve, json!({})).await;
    let ada = Browser::new(&kit);
    ada.login("ada").await;
    // Ada follows Eve's link: with cookies of her own, and without any.
    come_back(&ada, &provider, &url, SUBJECT).await;
    come_back(&Browser::new(&kit), &provider, &url, SUBJECT).await;
    assert_eq!(poll(&eve, &transaction).await.expect(200).json()["status"], "pending");
    assert_eq!(provider.asked().get("/token"), None, "the code was not even looked at");
}

#[tokio::test]
async fn what_takes_too_long_is_over() {
    let (kit, provider) = linked().await;
    let browser = Browser::new(&kit);
    let (transaction, url) = sent_away(&browser, json!({})).await;
    kit.advance(Duration::from_secs(601));
    come_back(&browser, &provider, &url, SUBJECT).await;
    assert_eq!(provider.asked().get("/token"), None);
    let over = poll(&browser, &transaction).await.status.as_u16();
    assert!(over == 404 || over == 409, "{over}");
}

#[tokio::test]
async fn no_word_of_the_redirect_is_readable_in_the_store() {
    let (kit, provider) = linked().await;
    let browser = Browser::new(&kit);
    let (_, url) = sent_away(&browser, json!({})).await;
    let words: Vec<String> = url.as_str().unwrap().split(['?', '&', '=']).map(str::to_owned).collect();
    let secret: Vec<&String> = words.iter().filter(|word| word.len() == 43).collect();
    assert_eq!(secret.len(), 3, "state, nonce and code challenge: {url}");
    come_back(&browser, &provider, &url, SUBJECT).await;
    let mut stored = Vec::new();
    for file in std::fs::read_dir(kit.folder.path()).unwrap() {
        stored.extend(std::fs::read(file.unwrap().path()).unwrap());
    }
    for word in secret.into_iter().map(String::as_str).chain([SUBJECT, "a@example.com"]) {
        assert!(!stored.windows(word.len()).any(|w| w == word.as_bytes()), "{word}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_that_is_finished_twenty_times_at_once_is_one() {
    let (kit, provider) = super::house().await;
    let kit = Arc::new(kit);
    let (cookie, transaction) = {
        let browser = Browser::new(&kit);
        browser.login("ada").await;
        let invited = browser.post("/auth/v1/enrol/idp-oidc", &json!({})).await.expect(200);
        come_back(&browser, &provider, &invited.json()["invitation"]["url"], SUBJECT).await;
        (cookies(&browser), invited.str("transaction"))
    };
    let body = json!({"transaction": transaction, "proof": {}});
    let finish = |_| {
        let call = Call::post("/auth/v1/enrol/idp-oidc/complete").json(&body);
        call.header("cookie", &cookie).header("origin", "http://id.example")
    };
    let replies = at_once((0..20).map(finish).collect(), &kit).await;
    assert_eq!(crate::stories::parallel::count(&replies, 200), 1, "{replies:?}");
}

/// The cookies of a browser, for requests that go out at the same time.
fn cookies(browser: &Browser<'_>) -> String {
    format!("gatewright_browser={}", browser.cookie("gatewright_browser").unwrap())
}

async fn at_once(tries: Vec<Call>, kit: &Arc<kit::Kit>) -> Vec<Reply> {
    let tries = tries.into_iter().map(|call| {
        let kit = kit.clone();
        async move { kit.send(call).await }
    });
    crate::stories::parallel::all(tries).await
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_responses_at_once_are_one_and_twenty_polls_let_in_once() {
    let (kit, provider) = linked().await;
    let kit = Arc::new(kit);
    let (cookie, transaction, back) = {
        let browser = Browser::new(&kit);
        let (transaction, url) = sent_away(&browser, json!({})).await;
        (cookies(&browser), transaction, provider.authorize(url.as_str().unwrap(), SUBJECT))
    };
    let responses = (0..20).map(|_| Call::get(&back).header("cookie", &cookie)).collect();
    for reply in at_once(responses, &kit).await {
        assert!(matches!(reply.status.as_u16(), 303 | 409), "{}", reply.text());
    }
    assert_eq!(provider.asked().get("/token"), Some(&1));
    let body = json!({"transaction": transaction, "answer": {}});
    let polls = (0..20).map(|_| {
        Call::post("/auth/v1/login/idp-oidc")
            .json(&body)
            .header("cookie", &cookie)
            .header("origin", "http://id.example")
    });
    let replies = at_once(polls.collect(), &kit).await;
    assert_eq!(crate::stories::parallel::count(&replies, 200), 1, "{replies:?}");
}
