//! Somebody with a password.

use super::{about, challenge, complete, login, opens, query, step};
use kit::{Call, Kit, PASSWORD};
use serde_json::{Value, json};
use std::time::Duration;

fn names(value: &Value) -> Vec<&str> {
    value.as_array().into_iter().flatten().filter_map(Value::as_str).collect()
}

#[tokio::test]
async fn three_calls_log_somebody_in() {
    let kit = Kit::sqlite().await;
    kit.person("Ada").await;
    let asked = query(&kit, "ada", json!({})).await.expect(200).json();
    assert_eq!(asked["authenticationCompleted"], false);
    let firsts = names(&asked["authenticationTypes"]);
    assert_eq!(firsts, ["PASSWORD_AND_SECONDFACTOR", "PASSKEY", "PASSWORD", "FACE"]);
    let seconds = names(&asked["availableSecondFactor"]);
    for second in ["FIDO", "TOKEN", "TOKENPUSH", "GRID", "TEMP_ACCESS_CODE"] {
        assert!(seconds.contains(&second), "{second}: {asked}");
    }
    assert!(names(&asked["otherSecondFactors"]).contains(&"recovery-code"), "{asked}");
    let more = json!({"authToken": asked["token"]});
    let posed = challenge(&kit, "PASSWORD", "ada", more).await.expect(200).json();
    assert_eq!(posed["authenticationCompleted"], false);
    assert_ne!(posed["token"], asked["token"], "each reply has a token of its own");
    let body = json!({"applicationId": "default", "userId": "ada", "response": PASSWORD});
    let done = complete(&kit, "PASSWORD", posed["token"].as_str().unwrap(), body).await.expect(200).json();
    assert_eq!(done["authenticationCompleted"], true);
    assert_eq!(done["userId"], "Ada", "as it is stored, not as it was typed");
    assert_eq!((&done["firstName"], &done["lastName"]), (&json!("Ada"), &json!("Example")));
    assert!(done["expires"].as_i64() > done["time"].as_i64(), "{done}");
    assert!(opens(&kit, done["token"].as_str().unwrap()).await);
}

#[tokio::test]
async fn a_reply_has_no_field_without_a_value() {
    let kit = Kit::memory().await;
    kit.person("ada").await;
    for reply in [
        query(&kit, "ada", json!({})).await,
        query(&kit, "ada", json!({"returnDefaultChallenge": true})).await,
        challenge(&kit, "PASSWORD", "ada", json!({})).await,
        login(&kit, "ada").await,
    ] {
        let body = reply.expect(200).json();
        assert!(body.as_object().unwrap().values().all(|v| !v.is_null()), "{body}");
    }
}

#[tokio::test]
async fn the_token_may_stand_bare_or_after_the_word_bearer() {
    let kit = Kit::memory().await;
    kit.person("ada").await;
    for prefix in ["", "Bearer ", "bearer "] {
        let token = challenge(&kit, "PASSWORD", "ada", json!({})).await.str("token");
        let reply =
            complete(&kit, "PASSWORD", &format!("{prefix}{token}"), json!({"response": PASSWORD})).await;
        assert_eq!(reply.expect(200).json()["authenticationCompleted"], true, "{prefix:?}");
    }
}

#[tokio::test]
async fn the_query_can_ask_at_once_with_what_is_best() {
    let kit = Kit::memory().await;
    kit.person("ada").await;
    let asked = query(&kit, "ada", json!({"returnDefaultChallenge": true})).await.expect(200);
    let body = json!({"response": PASSWORD});
    let done = complete(&kit, "PASSWORD_AND_SECONDFACTOR", &asked.str("token"), body).await.expect(200);
    assert_eq!(done.json()["authenticationCompleted"], true);
}

#[tokio::test]
async fn what_the_server_has_no_use_for_does_no_harm() {
    let kit = Kit::memory().await;
    kit.person("ada").await;
    let more = json!({
        "authRequestKey": "0f", "clientIp": "203.0.113.9", "ignoreIPAddressForRBA": true, "locale": "de_AT",
        "machineAuthenticator": {"fingerprint": "x"}, "offlineTVS": false, "origin": "https://app.example",
        "otpDeliveryType": "WHATSAPP", "priority": 9, "pushMutualChallengeEnabled": true, "summary": "Sign in",
        "requestDetail": {"browser": "Firefox", "os": null}, "secondFactorAuthenticator": "TOKEN",
        "transactionDetails": [{"detail": "amount", "usage": ["TVS", "RBA"], "value": "5"}],
        "authToken": null, "somethingOfALaterEdition": {"a": [1, 2]},
    });
    let body = json!({"response": PASSWORD, "newPassword": null, "cancel": null, "applicationInfo": "x", "unknown": 1});
    let done = step(&kit, "PASSWORD", "ada", more, body).await.expect(200);
    assert_eq!(done.json()["authenticationCompleted"], true);
    let empty = json!({"authToken": ""});
    step(&kit, "PASSWORD", "ada", empty, json!({"response": PASSWORD, "userId": ""})).await.expect(200);
}

#[tokio::test]
async fn a_cancelled_login_is_over() {
    let kit = Kit::sqlite().await;
    kit.person("ada").await;
    let token = challenge(&kit, "PASSWORD", "ada", json!({})).await.str("token");
    for _ in 0..2 {
        let cancelled = complete(&kit, "PASSWORD", &token, json!({"cancel": true})).await.expect(200).json();
        assert_eq!(
            (&cancelled["authenticationCompleted"], &cancelled["status"]),
            (&json!(false), &json!("CANCEL"))
        );
        assert!(cancelled.get("token").is_none());
    }
    complete(&kit, "PASSWORD", &token, json!({"response": PASSWORD})).await.expect(401);
    login(&kit, "ada").await;
}

#[tokio::test]
async fn who_is_logged_in_needs_nothing_more_until_it_is_too_long_ago() {
    let kit = Kit::memory().await;
    kit.person("ada").await;
    kit.person("bob").await;
    let token = login(&kit, "ada").await.str("token");
    kit.advance(Duration::from_secs(60));
    let asked = |user: &'static str, more: Value| {
        let more = about(user, more);
        let (kit, token) = (&kit, &token);
        async move {
            let mut more = more;
            more["authToken"] = json!(token);
            query(kit, user, more).await.expect(200).json()
        }
    };
    let good = asked("ADA", json!({})).await;
    assert_eq!((&good["authenticationCompleted"], &good["token"]), (&json!(true), &json!(token)));
    assert_eq!(asked("ada", json!({"maxAge": 60})).await["authenticationCompleted"], true);
    for (user, max_age) in [("ada", json!(59)), ("ada", json!(-1)), ("bob", json!(null))] {
        let reply = asked(user, json!({"maxAge": max_age})).await;
        assert_eq!(reply["authenticationCompleted"], false, "{user} {max_age}");
        assert_ne!(reply["token"], json!(token));
    }
    kit.advance(Duration::from_secs(900));
    assert_eq!(asked("ada", json!({})).await["authenticationCompleted"], false, "the token has expired");
}

#[tokio::test]
async fn a_session_is_proven_anew_with_its_access_token() {
    let kit = Kit::sqlite().await;
    kit.person("ada").await;
    kit.person("bob").await;
    let old = login(&kit, "ada").await.str("token");
    let stale = query(&kit, "ada", json!({"authToken": old, "maxAge": 0})).await.json();
    assert_eq!(stale["authenticationCompleted"], true, "it was this very second");
    kit.advance(Duration::from_secs(60));
    challenge(&kit, "PASSWORD", "bob", json!({"authToken": old})).await.expect(401);
    let answer = json!({"response": PASSWORD, "userId": "ada"});
    let done = step(&kit, "PASSWORD", "ada", json!({"authToken": old}), answer).await.expect(200);
    assert_eq!(done.json()["authenticationCompleted"], true);
    let new = done.str("token");
    assert!(opens(&kit, &new).await && !opens(&kit, &old).await, "the old token has ended with it");
    let sessions = kit.get_as(&new, "/auth/v1/me/sessions").await.expect(200).json();
    let count = sessions.as_array().or(sessions["sessions"].as_array()).map(Vec::len);
    assert_eq!(count, Some(1), "{sessions}");
}

#[tokio::test]
async fn the_language_in_the_body_is_no_way_into_a_header() {
    let kit = Kit::memory().await;
    kit.person("ada").await;
    let body = about("ada", json!({"locale": "en\r\nx: y"}));
    let call = Call::post(&super::challenge_path("PASSWORD")).json(&body).header("accept-language", "fr");
    kit.send(call).await.expect(200);
}
