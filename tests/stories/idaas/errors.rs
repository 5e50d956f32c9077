//! Requests that make no sense.

use super::{LOGOUT, QUERY, challenge, challenge_path, complete, complete_path, error};
use kit::{Call, Kit, PASSWORD};
use serde_json::{Value, json};

const PASSKEY: &str = "/api/web/v1/authentication/passkey";

#[tokio::test]
async fn an_authenticator_that_is_not_here_is_a_400() {
    let kit = Kit::memory().await;
    kit.person("ada").await;
    let token = challenge(&kit, "PASSWORD", "ada", json!({})).await.str("token");
    for name in ["TOKENCR", "password", "totp", "PASSWORD%00", "nothing"] {
        let posed = challenge(&kit, name, "ada", json!({})).await;
        assert_eq!(error(&posed), (400, "unknown_authenticator".to_owned()), "{name}");
        for body in [json!({"response": PASSWORD}), json!({"cancel": true})] {
            let done = complete(&kit, name, &token, body).await;
            assert_eq!(error(&done), (400, "unknown_authenticator".to_owned()), "{name}");
        }
    }
    complete(&kit, "PASSWORD", &token, json!({"response": PASSWORD})).await.expect(200);
}

#[tokio::test]
async fn the_deprecated_passkey_call_wants_an_application_too() {
    let kit = Kit::memory().await;
    for body in [json!({}), json!({"applicationId": "other"})] {
        let reply = kit.post(PASSKEY, &body).await;
        assert_eq!(error(&reply), (401, "access_denied".to_owned()));
    }
}

#[tokio::test]
async fn a_completion_needs_a_token_and_an_answer() {
    let kit = Kit::memory().await;
    kit.person("ada").await;
    let bare = kit.post(&complete_path("PASSWORD"), &json!({"response": PASSWORD})).await;
    assert_eq!(error(&bare), (401, "access_denied".to_owned()));
    let token = challenge(&kit, "PASSWORD", "ada", json!({})).await.str("token");
    for body in [
        json!({}),
        json!({"response": null}),
        json!({"chapResponse": {}}),
        json!({"answer": {"password": 5}}),
        json!({"answer": "text"}),
        json!({"answer": {}}),
    ] {
        let reply = complete(&kit, "PASSWORD", &token, body.clone()).await;
        assert_eq!(error(&reply), (400, "invalid_request".to_owned()), "{body}");
    }
    complete(&kit, "PASSWORD", &token, json!({"response": PASSWORD})).await.expect(200);
}

#[tokio::test]
async fn a_name_that_nobody_can_have_is_a_400_and_an_empty_one_is_none() {
    let kit = Kit::memory().await;
    for name in ["a\u{0}b", " ada", "ada\u{200b}", &"x".repeat(300)] {
        let posed = challenge(&kit, "PASSWORD", name, json!({})).await;
        assert_eq!(error(&posed), (400, "invalid_request".to_owned()), "{name:?}");
        assert!(!posed.text().contains("xxxx"));
    }
    for body in [json!({"applicationId": "default"}), json!({"applicationId": "default", "userId": ""})] {
        let posed = kit.post(&challenge_path("PASSWORD"), &body).await;
        assert_eq!(error(&posed), (400, "step_out_of_order".to_owned()), "a password says nobody's name");
    }
}

#[tokio::test]
async fn what_is_not_json_of_the_right_shape_is_refused_in_this_dialect() {
    let kit = Kit::memory().await;
    let paths = [QUERY.to_owned(), PASSKEY.to_owned(), challenge_path("PASSWORD"), complete_path("PASSWORD")];
    for path in paths {
        for body in
            ["{", "[]", "null", "\"text\"", "{\"applicationId\": {}}", "{\"applicationId\": [\"default\"]}"]
        {
            let reply = kit.send(Call::post(&path).raw("application/json", body.into())).await;
            assert_eq!(error(&reply), (400, "invalid_request".to_owned()), "{path} {body}");
        }
        let deep = "[".repeat(20_000).into_bytes();
        assert_eq!(error(&kit.send(Call::post(&path).raw("application/json", deep)).await).0, 400, "{path}");
        let typed = kit.send(Call::post(&path).raw("text/plain", b"{}".to_vec())).await;
        assert_eq!(error(&typed).0, 415, "{path}");
    }
}

#[tokio::test]
async fn fields_of_the_wrong_type_do_not_come_back_in_the_error() {
    let kit = Kit::memory().await;
    let secret = "s3cr3t-in-the-wrong-place";
    let wrong: [Value; 5] = [
        json!({"response": {"password": secret}}),
        json!({"response": [secret]}),
        json!({"cancel": secret}),
        json!({"secondFactorAuthenticator": {"x": secret}}),
        json!({"fidoResponse": {"signature": secret}}),
    ];
    for body in wrong {
        let reply = complete(&kit, "PASSWORD", "gwt_01234567890123456789", body.clone()).await;
        assert_eq!(error(&reply).0, 400, "{body}");
        assert!(!reply.text().contains(secret), "{}", reply.text());
    }
    for priority in [-1, 10] {
        let reply = challenge(&kit, "PASSWORD", "ada", json!({"priority": priority})).await;
        assert_eq!(error(&reply).0, 400);
    }
}

#[tokio::test]
async fn a_field_of_a_megabyte_is_refused_and_not_repeated() {
    let kit = Kit::memory().await;
    kit.person("ada").await;
    let big = "x".repeat(1 << 20);
    let token = challenge(&kit, "PASSWORD", "ada", json!({})).await.str("token");
    let all = [
        challenge(&kit, "PASSWORD", &big, json!({})).await,
        challenge(&kit, "PASSWORD", "ada", json!({"summary": big})).await,
        challenge(&kit, "PASSWORD", "ada", json!({"authToken": big})).await,
        complete(&kit, "PASSWORD", &token, json!({"response": big})).await,
        kit.send(Call::post(LOGOUT).raw("application/json", big.into_bytes())).await,
    ];
    for reply in all {
        let (status, _) = error(&reply);
        assert!(matches!(status, 400 | 401 | 413), "{status}");
        assert!(reply.bytes.len() < 1000);
    }
    complete(&kit, "PASSWORD", &token, json!({"response": PASSWORD})).await.expect(200);
}
