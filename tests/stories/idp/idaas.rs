//! The same at the door of IDaaS: IDP, and IDP_AND_SECONDFACTOR.

use super::{SUBJECT, come_back, linked, linked_second};
use kit::{Browser, Call, Kit, PASSWORD, Reply, Store};
use serde_json::{Value, json};
use std::time::Duration;

const BOTH: &str = "IDP_AND_SECONDFACTOR";
const ORIGIN: (&str, &str) = ("origin", "http://id.example");

fn challenge_call(name: &str, more: &Value) -> Call {
    let mut body = json!({"applicationId": "default"});
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    Call::post(&format!("/api/web/v2/authentication/users/authenticate/{name}")).json(&body)
}

async fn challenge(browser: &Browser<'_>, name: &str, more: Value) -> Reply {
    browser.send(challenge_call(name, &more).header(ORIGIN.0, ORIGIN.1)).await
}

async fn complete(browser: &Browser<'_>, name: &str, token: &str, body: Value) -> Reply {
    let path = format!("/api/web/v1/authentication/users/authenticate/{name}/complete");
    let call = Call::post(&path).header("authorization", token).json(&body);
    browser.send(call.header(ORIGIN.0, ORIGIN.1)).await
}

#[tokio::test]
async fn the_browser_is_sent_away_and_the_completion_polled() {
    let (kit, provider) = linked().await;
    for who in [json!({"userId": "ada"}), json!({}), json!({"userId": ""})] {
        let browser = Browser::new(&kit);
        let posed = challenge(&browser, "IDP", who.clone()).await.expect(200);
        assert!(browser.cookie("gatewright_browser").is_some(), "it is known again");
        assert_eq!(posed.json()["authenticationCompleted"], false);
        assert!(posed.json().get("challenge").is_none(), "{}", posed.text());
        let token = posed.str("token");
        let waiting = complete(&browser, "IDP", &token, json!({})).await.expect(200).json();
        assert_eq!((&waiting["status"], &waiting["token"]), (&json!("NO_RESPONSE"), &json!(token)));
        come_back(&browser, &provider, &posed.json()["redirectUrl"], SUBJECT).await;
        let done = complete(&browser, "IDP", &token, json!({})).await.expect(200).json();
        assert_eq!(
            (&done["authenticationCompleted"], &done["userId"]),
            (&json!(true), &json!("ada")),
            "{who}"
        );
        kit.get_as(done["token"].as_str().unwrap(), "/auth/v1/me").await.expect(200);
    }
}

#[tokio::test]
async fn a_program_that_is_no_browser_is_told_so() {
    let (kit, provider) = linked().await;
    let refused = kit.send(challenge_call("IDP", &json!({"userId": "ada"}))).await.expect(400);
    let said = refused.json();
    assert_eq!(said["errorCode"], "step_out_of_order");
    assert!(said["errorMessage"].as_str().unwrap().contains("the browser itself must ask"), "{said}");
    assert_eq!(provider.asked().len(), 0);
}

#[tokio::test]
async fn another_browser_neither_answers_nor_polls() {
    let (kit, provider) = linked().await;
    let eve = Browser::new(&kit);
    let posed = challenge(&eve, "IDP", json!({})).await.expect(200);
    let (token, url) = (posed.str("token"), posed.json()["redirectUrl"].clone());
    // Ada follows Eve's link.
    let ada = Browser::new(&kit);
    ada.login("ada").await;
    come_back(&ada, &provider, &url, SUBJECT).await;
    let waiting = complete(&eve, "IDP", &token, json!({})).await.expect(200).json();
    assert_eq!(waiting["status"], "NO_RESPONSE");
    complete(&ada, "IDP", &token, json!({})).await.expect(401);
    complete(&Browser::new(&kit), "IDP", &token, json!({})).await.expect(401);
}

#[tokio::test]
async fn a_wrong_answer_looks_like_nobody() {
    let (kit, provider) = linked().await;
    let end = async |who: &str, subject: &str| {
        let browser = Browser::new(&kit);
        let posed = challenge(&browser, "IDP", json!({"userId": who})).await.expect(200);
        come_back(&browser, &provider, &posed.json()["redirectUrl"], subject).await;
        complete(&browser, "IDP", &posed.str("token"), json!({})).await.expect(401).json()
    };
    let nobody = end("nobody", SUBJECT).await;
    assert_eq!(nobody["errorCode"], "invalid_user_response");
    assert_eq!(end("ada", "another").await, nobody);
    // Who asks about Bob is not told that it is Ada.
    let browser = Browser::new(&kit);
    let posed = challenge(&browser, "IDP", json!({})).await.expect(200);
    come_back(&browser, &provider, &posed.json()["redirectUrl"], SUBJECT).await;
    let other = complete(&browser, "IDP", &posed.str("token"), json!({"userId": "bob"})).await.expect(401);
    assert_eq!(other.json(), nobody);
}

#[tokio::test]
async fn a_no_at_the_provider_is_a_cancel() {
    let (kit, provider) = linked().await;
    let browser = Browser::new(&kit);
    let posed = challenge(&browser, "IDP", json!({})).await.expect(200);
    let back = provider.authorize(posed.json()["redirectUrl"].as_str().unwrap(), SUBJECT);
    browser.get(&back.replace("code=", "error=access_denied&was=")).await.expect(303);
    let ended = complete(&browser, "IDP", &posed.str("token"), json!({})).await.expect(200).json();
    assert_eq!((&ended["status"], &ended["authenticationCompleted"]), (&json!("CANCEL"), &json!(false)));
    complete(&browser, "IDP", &posed.str("token"), json!({})).await.expect(401);
}

#[tokio::test]
async fn a_second_factor_comes_after_it() {
    let (kit, provider) = linked().await;
    let app = kit.enrol_totp(&kit.login("ada").await.access_token).await;
    kit.advance(Duration::from_secs(30));
    let browser = Browser::new(&kit);
    let posed = challenge(&browser, BOTH, json!({"userId": "ada"})).await.expect(200);
    come_back(&browser, &provider, &posed.json()["redirectUrl"], SUBJECT).await;
    let more = complete(&browser, BOTH, &posed.str("token"), json!({})).await.expect(200).json();
    assert_eq!(more["authenticationCompleted"], false);
    assert_eq!(more["availableSecondFactor"], json!(["TOKEN"]), "{more}");
    let second = json!({"userId": "ada", "authToken": more["token"], "secondFactorAuthenticator": "TOKEN"});
    let posed = challenge(&browser, BOTH, second).await.expect(200);
    let answer = json!({"response": app.code(&kit), "secondFactorAuthenticator": "TOKEN"});
    let done = complete(&browser, BOTH, &posed.str("token"), answer).await.expect(200).json();
    assert_eq!((&done["authenticationCompleted"], &done["userId"]), (&json!(true), &json!("ada")));
}

/// A login that began without a browser is bound to the one that is sent away.
#[tokio::test]
async fn after_the_password_and_after_a_query() {
    let (kit, provider) = linked_second().await;
    let browser = Browser::new(&kit);
    let query = json!({"applicationId": "default", "userId": "ada", "returnDefaultChallenge": true});
    let asked = browser.post("/api/web/v2/authentication/users", &query).await.expect(200).json();
    assert_eq!(asked["authenticationTypes"], json!(["PASSWORD_AND_SECONDFACTOR", BOTH, "PASSWORD", "IDP"]));
    assert!(browser.cookie("gatewright_browser").is_none());
    let first = json!({"userId": "ada", "authToken": asked["token"]});
    let posed = challenge(&browser, "PASSWORD", first).await.expect(200);
    let more = complete(&browser, "PASSWORD", &posed.str("token"), json!({"response": PASSWORD})).await;
    let more = more.expect(200).json();
    assert_eq!(more["availableSecondFactor"], json!(["IDP"]));
    let posed = challenge(&browser, "IDP", json!({"authToken": more["token"]})).await.expect(200);
    come_back(&browser, &provider, &posed.json()["redirectUrl"], SUBJECT).await;
    complete(&Browser::new(&kit), "IDP", &posed.str("token"), json!({})).await.expect(401);
    let done = complete(&browser, "IDP", &posed.str("token"), json!({})).await.expect(200).json();
    assert_eq!(done["authenticationCompleted"], true);
}

/// The reply of a query has no place for the address.
#[tokio::test]
async fn a_query_does_not_begin_a_redirect() {
    let provider = super::provider::Provider::start().await;
    let settings = super::SETTINGS.replace("[\"password\", \"idp-oidc\"]", "[\"idp-oidc\"]");
    let kit = Kit::with(Store::Memory).config(&settings).config(&provider.table("corp", "")).start().await;
    let query = json!({"applicationId": "default", "userId": "ada", "returnDefaultChallenge": true});
    let asked = kit.post("/api/web/v2/authentication/users", &query).await.expect(200).json();
    assert_eq!(asked["authenticationTypes"][0], BOTH);
    assert_eq!(provider.asked().len(), 0);
    let browser = Browser::new(&kit);
    let posed = challenge(&browser, "IDP", json!({"userId": "ada", "authToken": asked["token"]})).await;
    assert!(posed.expect(200).json()["redirectUrl"].is_string());
}
