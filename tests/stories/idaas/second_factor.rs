//! Somebody with a second factor.

use super::{challenge, complete, error, login, opens, query, step};
use kit::{Kit, PASSWORD, Reply, Store, Totp};
use serde_json::{Value, json};
use std::{sync::Arc, time::Duration};

const BOTH: &str = "PASSWORD_AND_SECONDFACTOR";

/// Ada with an authenticator app whose code of the enrolment is used up.
async fn ada(kit: &Kit) -> Totp {
    kit.person("ada").await;
    let app = kit.enrol_totp(&login(kit, "ada").await.str("token")).await;
    kit.advance(Duration::from_secs(30));
    app
}

/// The token of a login that waits for a second factor.
async fn half_way(kit: &Kit, path: &str) -> String {
    let more = step(kit, path, "ada", json!({}), json!({"response": PASSWORD})).await.expect(200);
    assert_eq!(more.json()["authenticationCompleted"], false, "{}", more.text());
    assert!(!opens(kit, &more.str("token")).await, "a token is unauthenticated until the end");
    more.str("token")
}

fn second(token: &str, authenticator: &str) -> Value {
    json!({"authToken": token, "secondFactorAuthenticator": authenticator})
}

#[track_caller]
fn completed(reply: Reply) -> String {
    let reply = reply.expect(200);
    assert_eq!(reply.json()["authenticationCompleted"], true, "{}", reply.text());
    reply.str("token")
}

#[tokio::test]
async fn password_and_then_the_code_of_an_app() {
    let kit = Kit::sqlite().await;
    let app = ada(&kit).await;
    let token = half_way(&kit, BOTH).await;
    let posed = challenge(&kit, BOTH, "ada", second(&token, "TOKEN")).await.expect(200);
    assert_eq!(posed.json()["tokenChallenge"], json!({"token": []}));
    let answer = json!({"response": app.code(&kit), "secondFactorAuthenticator": "TOKEN", "userId": "ada"});
    let token = completed(complete(&kit, BOTH, &posed.str("token"), answer).await);
    assert!(opens(&kit, &token).await);
}

#[tokio::test]
async fn a_right_password_alone_is_not_the_end_for_who_has_a_second_factor() {
    let kit = Kit::memory().await;
    let app = ada(&kit).await;
    for path in ["PASSWORD", BOTH] {
        let more = step(&kit, path, "ada", json!({}), json!({"response": PASSWORD})).await.expect(200).json();
        assert_eq!(more["authenticationCompleted"], false, "{path}");
        assert_eq!(more["availableSecondFactor"], json!(["TOKEN"]), "now it may be said what she has");
        assert!(more.get("userId").is_none() && more.get("userRegistrationRequired").is_none(), "{more}");
    }
    let token = half_way(&kit, "PASSWORD").await;
    let answer = json!({"response": app.code(&kit)});
    completed(step(&kit, "TOKEN", "ada", json!({"authToken": token}), answer).await);
}

#[tokio::test]
async fn without_a_name_the_second_factor_is_the_best_that_the_person_has() {
    let kit = Kit::memory().await;
    let app = ada(&kit).await;
    let token = half_way(&kit, BOTH).await;
    let answer = json!({"response": app.code(&kit)});
    completed(step(&kit, BOTH, "ada", json!({"authToken": token}), answer).await);
}

#[tokio::test]
async fn the_path_of_two_steps_ends_after_one_for_who_has_no_second() {
    let kit = Kit::memory().await;
    kit.person("ada").await;
    completed(step(&kit, BOTH, "ada", json!({}), json!({"response": PASSWORD})).await);
}

#[tokio::test]
async fn a_second_factor_comes_second() {
    let kit = Kit::memory().await;
    let app = ada(&kit).await;
    let first = challenge(&kit, "TOKEN", "ada", json!({})).await;
    assert_eq!(error(&first), (400, "unknown_authenticator".to_owned()));
    let token = challenge(&kit, BOTH, "ada", json!({})).await.str("token");
    let code = json!({"response": app.code(&kit), "secondFactorAuthenticator": "TOKEN"});
    let skipped = complete(&kit, "TOKEN", &token, code.clone()).await;
    assert_eq!(error(&skipped).0, 400, "the password can't be skipped by naming another path");
    let taken_for_a_password = complete(&kit, BOTH, &token, code).await;
    assert_eq!(error(&taken_for_a_password), (401, "invalid_user_response".to_owned()));
    let token = half_way(&kit, BOTH).await;
    for name in [BOTH, "GRID", "PASSWORD", "recovery-code", "TOKENCR"] {
        let reply = challenge(&kit, BOTH, "ada", second(&token, name)).await;
        assert_eq!(error(&reply), (400, "unknown_authenticator".to_owned()), "{name}");
    }
    let answer = json!({"response": app.code(&kit)});
    completed(step(&kit, BOTH, "ada", second(&token, "TOKEN"), answer).await);
}

#[tokio::test]
async fn a_recovery_code_has_no_name_here_and_works_by_its_id() {
    let kit = Kit::sqlite().await;
    kit.person("ada").await;
    let token = login(&kit, "ada").await.str("token");
    kit.enrol_totp(&token).await;
    let codes = kit.enrol_recovery_codes(&token).await;
    let token = half_way(&kit, BOTH).await;
    let answer = json!({"response": codes[0], "secondFactorAuthenticator": "recovery-code"});
    completed(step(&kit, BOTH, "ada", second(&token, "recovery-code"), answer).await);
    let token = half_way(&kit, "PASSWORD").await;
    let answer = json!({"answer": {"code": codes[1]}});
    completed(step(&kit, "recovery-code", "ada", json!({"authToken": token}), answer).await);
}

#[tokio::test]
async fn an_authenticator_from_outside_passes_as_its_own_json() {
    let kit = Kit::memory().await;
    kit.person("ada").await;
    let session = login(&kit, "ada").await.str("token");
    let invited = kit.post_as(&session, "/auth/v1/enrol/hmac-key", &json!({})).await.expect(200);
    let invitation = invited.json()["invitation"].clone();
    let outside = kit.app.engine.catalogue().get("hmac-key").unwrap();
    let proof = outside.prove(&invitation, kit.now()).await.unwrap();
    let body = json!({"transaction": invited.str("transaction"), "proof": proof});
    kit.post_as(&session, "/auth/v1/enrol/hmac-key/complete", &body).await.expect(200);
    let listed = query(&kit, "ada", json!({})).await.json();
    assert!(listed["otherSecondFactors"].as_array().unwrap().contains(&json!("hmac-key")), "{listed}");
    let token = half_way(&kit, BOTH).await;
    let posed = challenge(&kit, BOTH, "ada", second(&token, "hmac-key")).await.expect(200);
    let answer =
        outside.answer([&invitation, &json!({}), &posed.json()["challenge"]], kit.now(), 0).await.unwrap();
    let body = json!({"response": answer["mac"], "secondFactorAuthenticator": "hmac-key"});
    completed(complete(&kit, BOTH, &posed.str("token"), body).await);
}

#[tokio::test]
async fn who_must_set_one_up_first_is_told_so() {
    let kit = Kit::with(Store::Memory).config("[login.policy]\nsecond_factor = \"always\"\n").start().await;
    kit.person("ada").await;
    let more =
        step(&kit, "PASSWORD", "ada", json!({}), json!({"response": PASSWORD})).await.expect(200).json();
    assert_eq!(more["authenticationCompleted"], false);
    assert_eq!(more["userRegistrationRequired"], true);
    let token = more["token"].as_str().unwrap();
    let further = challenge(&kit, "TOKEN", "ada", json!({"authToken": token})).await;
    assert_eq!(error(&further), (400, "step_out_of_order".to_owned()));
}

#[tokio::test]
async fn no_second_factor_is_advertised_where_the_policy_never_asks_for_one() {
    let kit = Kit::with(Store::Memory).config("[login.policy]\nsecond_factor = \"never\"\n").start().await;
    let asked = query(&kit, "ada", json!({})).await.expect(200).json();
    assert_eq!(asked["authenticationTypes"], json!(["PASSKEY", "PASSWORD", "FACE"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_code_sent_twenty_times_at_once_lets_in_once() {
    let limits = "[login.block_config]\nip_attempts_limit = 100000\nuser_attempts_limit = 1000\n";
    let kit = Arc::new(Kit::with(Store::Sqlite).config(limits).start().await);
    let app = ada(&kit).await;
    let token = half_way(&kit, BOTH).await;
    let posed = challenge(&kit, BOTH, "ada", second(&token, "TOKEN")).await.expect(200).str("token");
    let code = app.code(&kit);
    let tries: Vec<_> = (0..20)
        .map(|_| {
            let (kit, token, code) = (kit.clone(), posed.clone(), code.clone());
            tokio::spawn(async move {
                let answer = json!({"response": code, "secondFactorAuthenticator": "TOKEN"});
                complete(&kit, BOTH, &token, answer).await
            })
        })
        .collect();
    let mut winners = 0;
    for task in tries {
        let reply = task.await.unwrap();
        match reply.status.as_u16() {
            200 => winners += 1,
            _ => assert!(matches!(error(&reply).0, 400 | 401), "{}", reply.text()),
        }
    }
    assert_eq!(winners, 1);
}
