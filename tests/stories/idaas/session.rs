//! After the login.

use super::{LOGOUT, challenge, complete, complete_path, denied, login, opens, query};
use kit::{Browser, Call, Kit, PASSWORD};
use serde_json::json;

const COOKIE: &str = "INTELLITRUST_SESSION_ID";

async fn logout(kit: &Kit, authorization: &str) -> kit::Reply {
    kit.send(Call::post(LOGOUT).header("authorization", authorization)).await
}

#[tokio::test]
async fn who_logs_out_is_out() {
    let kit = Kit::sqlite().await;
    kit.person("ada").await;
    for prefix in ["", "Bearer "] {
        let token = login(&kit, "ada").await.str("token");
        let authorization = format!("{prefix}{token}");
        let done = logout(&kit, &authorization).await.expect(200);
        assert!(done.bytes.is_empty(), "{}", done.text());
        assert!(!opens(&kit, &token).await);
        assert!(denied(&logout(&kit, &authorization).await), "twice");
    }
}

#[tokio::test]
async fn only_an_access_token_logs_out() {
    let kit = Kit::memory().await;
    kit.person("ada").await;
    assert!(denied(&kit.send(Call::post(LOGOUT)).await));
    let waiting = challenge(&kit, "PASSWORD", "ada", json!({})).await.str("token");
    let native = kit.login("ada").await;
    for bad in ["", "Bearer", "Basic YWRhOmFkYQ==", "gwa_0123456789012345", &waiting, &native.session_token] {
        assert!(denied(&logout(&kit, bad).await), "{bad:?}");
    }
    complete(&kit, "PASSWORD", &waiting, json!({"response": PASSWORD})).await.expect(200);
    logout(&kit, &native.access_token).await.expect(200);
}

#[tokio::test]
async fn a_token_can_be_bound_to_a_cookie_that_every_later_call_must_bring() {
    let kit = Kit::sqlite().await;
    kit.person("ada").await;
    let browser = Browser::new(&kit);
    let waiting = challenge(&kit, "PASSWORD", "ada", json!({})).await.str("token");
    let call = Call::post(&complete_path("PASSWORD"))
        .header("authorization", &waiting)
        .json(&json!({"response": PASSWORD, "enableWebSession": true}))
        .secure();
    let done = browser.send(call).await.expect(200);
    let set = done.header("set-cookie").expect("a cookie").to_owned();
    for attribute in ["HttpOnly", "SameSite=Lax", "Path=/", "Secure"] {
        assert!(set.contains(attribute), "{set}");
    }
    assert!(browser.cookie(COOKIE).is_some());
    let token = done.str("token");
    assert!(!opens(&kit, &token).await, "the token alone opens nothing");
    let without = query(&kit, "ada", json!({"authToken": token})).await.expect(200).json();
    assert_eq!(without["authenticationCompleted"], false);
    assert!(denied(&challenge(&kit, "PASSWORD", "ada", json!({"authToken": token})).await));
    assert!(denied(&logout(&kit, &token).await));
    let body = json!({"applicationId": "default", "userId": "ada", "authToken": token});
    let with = browser.post(super::QUERY, &body).await.expect(200).json();
    assert_eq!(with["authenticationCompleted"], true, "{with}");
    let call = Call::post(LOGOUT).bearer(&token).header("origin", "http://id.example");
    browser.send(call).await.expect(200);
    assert_eq!(browser.cookie(COOKIE), None, "and the cookie is taken back");
    let gone = browser.post(super::QUERY, &body).await.expect(200).json();
    assert_eq!(gone["authenticationCompleted"], false);
}

#[tokio::test]
async fn without_the_wish_there_is_no_cookie() {
    let kit = Kit::memory().await;
    kit.person("ada").await;
    for wish in [json!(null), json!(false)] {
        let waiting = challenge(&kit, "PASSWORD", "ada", json!({})).await.str("token");
        let body = json!({"response": PASSWORD, "enableWebSession": wish});
        let done = complete(&kit, "PASSWORD", &waiting, body).await.expect(200);
        assert_eq!(done.header("set-cookie"), None);
        assert!(opens(&kit, &done.str("token")).await);
    }
}

#[tokio::test]
async fn the_token_of_a_program_is_no_login() {
    let kit = Kit::memory().await;
    let root = kit.administrator().await;
    let made =
        kit.post_as(&root, "/auth/v1/service-accounts", &json!({"username": "robot"})).await.expect(201);
    let path = format!("/auth/v1/service-accounts/{}/tokens", made.str("id"));
    let wish = json!({"name": "job", "expires_in_seconds": 3600});
    let token = kit.post_as(&root, &path, &wish).await.expect(201).str("token");
    assert!(opens(&kit, &token).await);
    let asked = query(&kit, "robot", json!({"authToken": token})).await.expect(200).json();
    assert_eq!(asked["authenticationCompleted"], false);
}
