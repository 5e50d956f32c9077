//! `examples/own-authenticator-c` in a server: a code sheet from a shared library, like any other second factor.

use super::parallel::{all, count, half_way};
use kit::{Kit, Login, PASSWORD, Store, code_sheet};
use serde_json::{Value, json};
use std::{sync::Arc, time::Duration};

const ID: &str = "code-sheet";

async fn kit(more: &str) -> Arc<Kit> {
    let limits = "[login.block_config]\nip_attempts_limit = 100000\nuser_attempts_limit = 1000\n";
    Arc::new(Kit::with(Store::Sqlite).config(limits).library(ID, &code_sheet(), more).start().await)
}

/// The sheet of somebody who makes one.
async fn sheet(kit: &Kit, username: &str) -> Vec<String> {
    let token = kit.login(username).await.access_token;
    let asked = kit.post_as(&token, "/auth/v1/enrol/code-sheet", &json!({})).await.expect(200);
    let body = json!({"transaction": asked.str("transaction"), "proof": {}});
    let done = kit.post_as(&token, "/auth/v1/enrol/code-sheet/complete", &body).await.expect(200);
    serde_json::from_value(done.json()["reveal"]["codes"].clone()).unwrap()
}

/// A transaction with the code asked for, and which.
async fn challenged(kit: &Kit, transaction: &str) -> (String, usize) {
    let body = json!({"transaction": transaction});
    let asked = kit.post("/auth/v1/login/code-sheet/challenge", &body).await.expect(200);
    let position = asked.json()["prompt"]["position"].as_u64().unwrap();
    (asked.str("transaction"), usize::try_from(position).unwrap())
}

async fn after_password(kit: &Kit, username: &str) -> (String, usize) {
    let transaction = kit.begin(username).await;
    let more = kit.answer(&transaction, "password", json!({"password": PASSWORD})).await.expect(200);
    assert_eq!(more.json()["status"], "more");
    challenged(kit, &more.str("transaction")).await
}

#[tokio::test(flavor = "multi_thread")]
async fn each_code_of_a_sheet_lets_in_once() {
    let kit = kit("").await;
    kit.person("ada").await;
    let codes = sheet(&kit, "ada").await;
    assert_eq!(codes.len(), 10);
    let mut asked = Vec::new();
    for used in 0..10 {
        let (transaction, position) = after_password(&kit, "ada").await;
        assert!(!asked.contains(&position), "a code was asked for twice");
        asked.push(position);
        let wrong = json!({"code": codes[position % 10]});
        let refused = kit.answer(&transaction, ID, wrong).await;
        assert_eq!(refused.status.as_u16(), 401, "the code of another position");
        let reply = kit.answer(&transaction, ID, json!({"code": codes[position - 1]})).await;
        let login = Login::of(&reply);
        assert_eq!(login.body["amr"], json!(["pwd", "otp", "mfa"]));
        let seen = kit.get_as(&login.access_token, "/auth/v1/me/credentials").await.expect(200);
        assert!(seen.text().contains(&format!("\"left\":{}", 9 - used)), "{}", seen.text());
    }
    // None is left: asked all the same, and refused like a wrong one.
    let (transaction, position) = after_password(&kit, "ada").await;
    kit.answer(&transaction, ID, json!({"code": codes[position - 1]})).await.expect(401);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_code_in_twenty_logins_lets_exactly_one_in() {
    let kit = kit("").await;
    kit.person("ada").await;
    let codes = sheet(&kit, "ada").await;
    let mut tries = Vec::new();
    for waiting in half_way(&kit, "ada").await {
        let (transaction, position) = challenged(&kit, &waiting).await;
        let (kit, code) = (kit.clone(), codes[position - 1].clone());
        tries.push(async move { kit.answer(&transaction, ID, json!({"code": code})).await });
    }
    let replies = all(tries.into_iter()).await;
    assert_eq!((count(&replies, 200), count(&replies, 401)), (1, 19), "{replies:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_asked_what_somebody_with_a_new_sheet_is_asked() {
    let kit = kit("[login.policy]\nfirst = [\"password\", \"code-sheet\"]\n").await;
    kit.person("ada").await;
    kit.person("grace").await;
    // The same at each try, and after the sheet has been made: it comes from the name alone.
    let mut before = Vec::new();
    for name in ["ada", "grace", "nobody"] {
        before.push(challenged(&kit, &kit.begin(name).await).await.1);
    }
    let codes = sheet(&kit, "ada").await;
    for (name, position) in ["ada", "grace", "nobody"].into_iter().zip(before) {
        let (transaction, again) = challenged(&kit, &kit.begin(name).await).await;
        assert_eq!(again, position, "{name}");
        let wrong = json!({"code": codes[again % 10]});
        let reply = kit.answer(&transaction, ID, wrong).await.expect(401);
        assert_eq!(reply.json()["code"], "authentication_failed", "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn its_table_its_limits_and_its_document_are_those_of_its_manifest() {
    let kit = kit("answer_seconds = 30\n").await;
    kit.person("ada").await;
    let codes = sheet(&kit, "ada").await;
    let (transaction, position) = after_password(&kit, "ada").await;
    let code = json!({"code": codes[position - 1]});
    let reply = kit.answer(&transaction, ID, json!({"code": "1234"})).await.expect(400);
    assert!(reply.text().contains("code"), "{}", reply.text());
    kit.advance(Duration::from_secs(31));
    kit.answer(&transaction, ID, code).await.expect(409);
    let document: Value = kit.get("/openapi.json").await.expect(200).json();
    assert!(document["paths"]["/auth/v1/login/code-sheet"]["post"].is_object());
    assert!(document["components"].to_string().contains("\"^[0-9]{8}$\""));

    let wrong = Kit::with(Store::Memory).library(ID, &code_sheet(), "answer_seconds = 29\n");
    let Err(error) = wrong.try_start().await else { panic!("it has started") };
    assert!(error.to_string().contains("answer_seconds"), "{error}");
}
