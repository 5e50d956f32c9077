//! The key alone.

use super::{answer, asked, at_site, challenged, enrol, kit, log_in, person};
use crate::stories::parallel::{all, count};
use authenticator_passkey::soft::Key;
use gatewright_core::audit::Filter;
use kit::{Kit, Login, Store};
use serde_json::json;
use std::{sync::Arc, time::Duration};

#[tokio::test]
async fn who_has_a_passkey_types_nothing_at_all() {
    let kit = kit().await;
    let mut key = person(&kit, "ada").await;
    let login = log_in(&kit, &mut key).await;
    assert_eq!(login.body["person"]["username"], "ada");
    assert_eq!(login.body["amr"], json!(["pop", "mfa"]), "the device has checked her: two factors");
    assert_eq!(login.body["acr"], "aal3");
    kit.get_as(&login.access_token, "/auth/v1/me").await.expect(200);
}

#[tokio::test]
async fn or_types_a_name_first() {
    let kit = kit().await;
    let mut key = person(&kit, "ada").await;
    let (transaction, prompt) = asked(&kit, json!({"username": "Ada"})).await;
    Login::of(&answer(&kit, &transaction, key.assert(&prompt)).await);
}

#[tokio::test]
async fn the_prompt_is_the_same_for_everybody() {
    let kit = kit().await;
    person(&kit, "ada").await;
    kit.person("bob").await;
    let mut seen = Vec::new();
    for begin in
        [json!({"username": "ada"}), json!({"username": "bob"}), json!({"username": "nobody"}), json!({})]
    {
        let (_, mut prompt) = asked(&kit, begin).await;
        assert_eq!(prompt["publicKey"]["challenge"].as_str().unwrap().len(), 43);
        prompt["publicKey"]["challenge"] = json!("");
        seen.push(prompt);
    }
    assert!(seen.iter().all(|prompt| *prompt == seen[0]), "{seen:#?}");
    let expected = json!({"publicKey": {"challenge": "", "timeout": 300_000, "rpId": "id.example",
        "allowCredentials": [], "userVerification": "required"}});
    assert_eq!(seen[0], expected);
}

#[tokio::test]
async fn somebody_unknown_is_somebody_with_a_wrong_key() {
    let kit = kit().await;
    let mut key = person(&kit, "ada").await;
    kit.person("bob").await;
    let mut strange = Key::es256(super::ORIGIN);
    strange.handle.clone_from(&key.handle);
    let mut replies = Vec::new();
    for begin in
        [json!({"username": "ada"}), json!({"username": "bob"}), json!({"username": "nobody"}), json!({})]
    {
        let (transaction, prompt) = asked(&kit, begin).await;
        replies.push(answer(&kit, &transaction, strange.assert(&prompt)).await.expect(401));
    }
    let (transaction, prompt) = asked(&kit, json!({"username": "ada"})).await;
    key.origin = "https://evil.example".into();
    replies.push(answer(&kit, &transaction, key.assert(&prompt)).await.expect(401));
    let bodies: Vec<_> = replies
        .iter()
        .map(|reply| {
            let mut body = reply.json();
            body.as_object_mut().unwrap().remove("request_id");
            body
        })
        .collect();
    assert!(bodies.iter().all(|body| *body == bodies[0]), "{bodies:#?}");
}

#[tokio::test]
async fn somebody_disabled_is_refused_like_a_stranger() {
    let kit = kit().await;
    let ada = kit.person("ada").await;
    let mut key = Key::es256(super::ORIGIN);
    enrol(&kit, &kit.login("ada").await.access_token, &mut key, "").await.expect(200);
    kit.disable(&ada).await;
    let (transaction, prompt) = asked(&kit, json!({})).await;
    answer(&kit, &transaction, key.assert(&prompt)).await.expect(401);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_answer_at_twenty_doors_opens_one() {
    let limits = "[login.block_config]\nip_attempts_limit = 100000\nuser_attempts_limit = 1000\n";
    let kit = Arc::new(at_site(Store::Sqlite).config(limits).start().await);
    let mut key = person(&kit, "ada").await;
    let (transaction, prompt) = asked(&kit, json!({})).await;
    let credential = key.assert(&prompt);
    let tries = (0..20).map(|_| {
        let (kit, transaction, credential) = (kit.clone(), transaction.clone(), credential.clone());
        async move { answer(&kit, &transaction, credential).await }
    });
    let replies = all(tries).await;
    assert_eq!(count(&replies, 200), 1, "{replies:?}");
    assert_eq!(count(&replies, 404) + count(&replies, 409) + count(&replies, 401), 19, "{replies:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copied_key_gets_in_once_however_many_try_with_the_same_counter() {
    let limits = "[login.block_config]\nip_attempts_limit = 100000\nuser_attempts_limit = 1000\n";
    let kit = Arc::new(at_site(Store::Sqlite).config(limits).start().await);
    let mut key = person(&kit, "ada").await;
    let mut answers = Vec::new();
    for _ in 0..10 {
        let (transaction, prompt) = asked(&kit, json!({})).await;
        key.counter = 5;
        answers.push((transaction, key.assert(&prompt)));
    }
    let tries = answers.into_iter().map(|(transaction, credential)| {
        let kit = kit.clone();
        async move { answer(&kit, &transaction, credential).await }
    });
    let replies = all(tries).await;
    assert_eq!((count(&replies, 200), count(&replies, 401)), (1, 9), "{replies:?}");
    let tenant = gatewright_contract::TenantId::default_tenant();
    let log = kit.app.engine.store().audit(&tenant, &Filter::default(), 1000).await.unwrap();
    assert_eq!(log.iter().filter(|line| line.event.outcome == "cloned").count(), 9);
}

#[tokio::test]
async fn a_challenge_is_good_for_its_transaction_once_and_for_five_minutes() {
    let kit = kit().await;
    let mut key = person(&kit, "ada").await;
    let (transaction, prompt) = asked(&kit, json!({})).await;
    let (other, _) = asked(&kit, json!({})).await;
    let credential = key.assert(&prompt);
    answer(&kit, &other, credential.clone()).await.expect(401);
    kit.advance(Duration::from_secs(301));
    answer(&kit, &transaction, credential).await.expect(409);
    let (transaction, prompt) = asked(&kit, json!({})).await;
    let credential = key.assert(&prompt);
    answer(&kit, &transaction, credential.clone()).await.expect(200);
    answer(&kit, &transaction, credential.clone()).await.expect(404);
    let (later, _) = asked(&kit, json!({})).await;
    answer(&kit, &later, credential).await.expect(401);
}

#[tokio::test]
async fn without_a_challenge_there_is_nothing_to_answer() {
    let kit = kit().await;
    let mut key = person(&kit, "ada").await;
    let (_, prompt) = asked(&kit, json!({})).await;
    let transaction = kit.post("/auth/v1/login", &json!({})).await.str("transaction");
    answer(&kit, &transaction, key.assert(&prompt)).await.expect(409);
}

#[tokio::test]
async fn each_tenant_has_its_own_keys() {
    let kit = kit().await;
    let mut key = person(&kit, "ada").await;
    crate::stories::admin::tenant(&kit, &kit.administrator().await, "other").await;
    let (transaction, prompt) = asked(&kit, json!({"tenant": "other"})).await;
    answer(&kit, &transaction, key.assert(&prompt)).await.expect(401);
    log_in(&kit, &mut key).await;
}

#[tokio::test]
async fn a_session_is_proven_anew_by_a_key_that_may_be_named() {
    let kit = kit().await;
    let (mut adas, mut bobs) = (person(&kit, "ada").await, person(&kit, "bob").await);
    let token = log_in(&kit, &mut adas).await.access_token;
    kit.advance(Duration::from_secs(800));
    let begun = kit.post_as(&token, "/auth/v1/login", &json!({"purpose": "elevate"})).await.expect(200);
    let (transaction, prompt) = challenged(&kit, &begun.str("transaction")).await;
    assert_eq!(prompt["publicKey"]["allowCredentials"].as_array().map(Vec::len), Some(1));
    answer(&kit, &transaction, bobs.assert(&prompt)).await.expect(401);
    let raised = Login::of(&answer(&kit, &transaction, adas.assert(&prompt)).await);
    assert_eq!(raised.body["person"]["username"], "ada");
}

#[tokio::test]
async fn two_nodes_share_challenges() {
    let one = at_site(Store::Postgres).start().await;
    let two: Kit = one.second_node().await;
    let mut key = person(&one, "ada").await;
    let (transaction, prompt) = asked(&one, json!({})).await;
    Login::of(&answer(&two, &transaction, key.assert(&prompt)).await);
}
