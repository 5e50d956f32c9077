//! PASSKEY and FIDO.

use super::{challenge, challenge_path, complete, error, opens, query};
use crate::stories::passkey::{at_site, person};
use authenticator_passkey::soft::{Key, flag};
use kit::{Kit, PASSWORD, Reply, Store};
use serde_json::{Value, json};

const DEPRECATED: &str = "/api/web/v1/authentication/passkey";

/// What a public client does with `fidoChallenge` and the browser: it knows the relying party from its own page.
fn response(key: &mut Key, posed: &Value) -> Value {
    let asked = &posed["fidoChallenge"];
    let options = json!({"publicKey": {"challenge": asked["challenge"], "rpId": "id.example"}});
    let said = key.assert(&options);
    let mut fido = said["response"].clone();
    fido["credentialId"] = said["id"].clone();
    json!({"fidoResponse": fido})
}

async fn kit() -> Kit {
    at_site(Store::Sqlite).start().await
}

/// A login in which nobody is named.
async fn unnamed(kit: &Kit) -> Reply {
    kit.post(&challenge_path("PASSKEY"), &json!({"applicationId": "default"})).await.expect(200)
}

#[track_caller]
fn completed(reply: Reply) -> Reply {
    let reply = reply.expect(200);
    assert_eq!(reply.json()["authenticationCompleted"], true, "{}", reply.text());
    reply
}

#[tokio::test]
async fn without_a_user_id_the_key_says_who_it_is() {
    let kit = kit().await;
    let mut key = person(&kit, "ada").await;
    let posed = unnamed(&kit).await;
    let asked = posed.json()["fidoChallenge"].clone();
    assert_eq!((&asked["timeout"], &asked["timeoutMillis"]), (&json!(300), &json!(300_000)));
    assert!(asked.get("allowCredentials").is_none(), "absent: any");
    let done =
        completed(complete(&kit, "PASSKEY", &posed.str("token"), response(&mut key, &posed.json())).await);
    assert_eq!(done.json()["userId"], "ada");
    assert!(opens(&kit, &done.str("token")).await);
}

#[tokio::test]
async fn the_deprecated_call_gives_the_same_challenge_and_is_finished_with_passkey() {
    let kit = kit().await;
    let mut key = person(&kit, "ada").await;
    let posed = kit.post(DEPRECATED, &json!({"applicationId": "default"})).await.expect(200);
    let keys: Vec<String> = posed.json().as_object().unwrap().keys().cloned().collect();
    assert_eq!(keys, ["expires", "fidoChallenge", "time", "token"]);
    let answer = response(&mut key, &posed.json());
    completed(complete(&kit, "PASSKEY", &posed.str("token"), answer).await);
}

#[tokio::test]
async fn with_a_user_id_the_prompt_is_the_same_for_everybody() {
    let kit = kit().await;
    let mut key = person(&kit, "ada").await;
    let shapes = |reply: &Reply| {
        let mut body = reply.json();
        body["fidoChallenge"]["challenge"] =
            json!(body["fidoChallenge"]["challenge"].as_str().unwrap().len());
        body["token"] = json!(body["token"].as_str().unwrap().len());
        body
    };
    let known = challenge(&kit, "PASSKEY", "ada", json!({})).await.expect(200);
    let unknown = challenge(&kit, "PASSKEY", "nobody", json!({})).await.expect(200);
    assert_eq!(shapes(&known), shapes(&unknown));
    let answer = response(&mut key, &unknown.json());
    let refused = complete(&kit, "PASSKEY", &unknown.str("token"), answer).await;
    assert_eq!(error(&refused), (401, "invalid_user_response".to_owned()));
    let answer = response(&mut key, &known.json());
    completed(complete(&kit, "PASSKEY", &known.str("token"), answer).await);
}

#[tokio::test]
async fn a_completion_about_somebody_else_logs_in_nobody() {
    let kit = kit().await;
    let mut key = person(&kit, "ada").await;
    kit.person("bob").await;
    let posed = unnamed(&kit).await;
    let mut answer = response(&mut key, &posed.json());
    answer["userId"] = json!("bob");
    let refused = complete(&kit, "PASSKEY", &posed.str("token"), answer).await;
    assert_eq!(error(&refused).0, 401);
}

#[tokio::test]
async fn fido_after_the_password() {
    let kit = kit().await;
    let mut key = person(&kit, "ada").await;
    let asked = query(&kit, "ada", json!({})).await.expect(200).json();
    let has = |list: &Value, name: &str| list.as_array().unwrap().contains(&json!(name));
    assert!(has(&asked["authenticationTypes"], "PASSKEY") && has(&asked["availableSecondFactor"], "FIDO"));
    let both = "PASSWORD_AND_SECONDFACTOR";
    let begun = challenge(&kit, both, "ada", json!({})).await.expect(200);
    let more = complete(&kit, both, &begun.str("token"), json!({"response": PASSWORD})).await.expect(200);
    assert_eq!(more.json()["availableSecondFactor"], json!(["FIDO"]));
    let second = json!({"authToken": more.str("token"), "secondFactorAuthenticator": "FIDO"});
    let posed = challenge(&kit, both, "ada", second).await.expect(200);
    let named = posed.json()["fidoChallenge"]["allowCredentials"].clone();
    assert_eq!(named.as_array().map(Vec::len), Some(1), "now it may be said which key");
    key.flags = flag::PRESENT;
    let mut answer = response(&mut key, &posed.json());
    answer["secondFactorAuthenticator"] = json!("FIDO");
    completed(complete(&kit, both, &posed.str("token"), answer).await);
}

#[tokio::test]
async fn without_a_response_or_with_a_wrong_one_it_is_no_login() {
    let kit = kit().await;
    let mut key = person(&kit, "ada").await;
    let posed = unnamed(&kit).await;
    assert_eq!(error(&complete(&kit, "PASSKEY", &posed.str("token"), json!({})).await).0, 400);
    let mut answer = response(&mut key, &posed.json());
    answer["fidoResponse"]["signature"] = json!("A".repeat(9000));
    assert_eq!(error(&complete(&kit, "PASSKEY", &posed.str("token"), answer).await).0, 400);
    let mut answer = response(&mut key, &posed.json());
    answer["fidoResponse"]["userHandle"] = json!("AAAA");
    assert_eq!(error(&complete(&kit, "PASSKEY", &posed.str("token"), answer).await).0, 401);
    let cancelled = complete(&kit, "PASSKEY", &posed.str("token"), json!({"cancel": true})).await.expect(200);
    assert_eq!(cancelled.json()["status"], "CANCEL");
    let answer = response(&mut key, &posed.json());
    assert_eq!(error(&complete(&kit, "PASSKEY", &posed.str("token"), answer).await).0, 401);
}
