//! The five shapes, over HTTP: what the contract must carry, the engine carries.

use gatewright_contract::testing::ready;
use kit::{Browser, Kit, Login, PASSWORD, Reply, Store, shapes};
use serde_json::{Value, json};

/// An app with one of the shapes, and Ada, who is logged in.
async fn with(registration: gatewright_contract::Registration) -> (Kit, String) {
    let kit = Kit::with(Store::Memory).authenticator(registration).start().await;
    kit.person("ada").await;
    let token = kit.login("ada").await.access_token;
    (kit, token)
}

async fn invite(kit: &Kit, token: &str, id: &str) -> Reply {
    kit.post_as(token, &format!("/auth/v1/enrol/{id}"), &json!({})).await.expect(200)
}

async fn complete(kit: &Kit, token: &str, id: &str, invited: &Reply, proof: Value) -> Reply {
    let body = json!({"transaction": invited.str("transaction"), "proof": proof});
    kit.post_as(token, &format!("/auth/v1/enrol/{id}/complete"), &body).await
}

/// Plays the person through an enrolment. Returns invitation and reveal.
async fn enrol(kit: &Kit, token: &str, id: &str) -> (Value, Value) {
    let invited = invite(kit, token, id).await;
    let invitation = invited.json()["invitation"].clone();
    let plugin = kit.app.engine.catalogue().get(id).unwrap();
    let proof = plugin.prove(&invitation, kit.now()).await.unwrap();
    let done = complete(kit, token, id, &invited, proof).await.expect(200).json();
    (invitation, done["reveal"].clone())
}

/// What the person answers to a prompt.
fn says(kit: &Kit, id: &str, (invitation, reveal): &(Value, Value), prompt: &Value) -> Value {
    ready(kit.app.engine.catalogue().get(id).unwrap().answer([invitation, reveal, prompt], kit.now(), 0))
        .unwrap()
}

async fn ask(kit: &Kit, transaction: &str, id: &str) -> (String, Value) {
    let body = json!({"transaction": transaction});
    let asked = kit.post(&format!("/auth/v1/login/{id}/challenge"), &body).await.expect(200);
    (asked.str("transaction"), asked.json()["prompt"].clone())
}

async fn begin_unnamed(kit: &Kit) -> String {
    kit.post("/auth/v1/login", &json!({})).await.expect(200).str("transaction")
}

/// Ada, after her password, where something else is due.
async fn half_way(kit: &Kit) -> String {
    let transaction = kit.begin("ada").await;
    let reply = kit.answer(&transaction, "password", json!({"password": PASSWORD})).await.expect(200);
    assert_eq!(reply.json()["status"], "more", "{}", reply.text());
    reply.str("transaction")
}

#[tokio::test]
async fn a_key_logs_in_without_a_name() {
    let (kit, token) = with(shapes::keyless::registration()).await;
    let mine = enrol(&kit, &token, "keyless").await;
    let (transaction, prompt) = ask(&kit, &begin_unnamed(&kit).await, "keyless").await;
    let answer = says(&kit, "keyless", &mine, &prompt);

    let mut unknown = answer.clone();
    unknown["key"] = json!("key of nobody");
    let nobody = kit.answer(&transaction, "keyless", unknown).await.expect(401);
    let wrong =
        kit.answer(&transaction, "keyless", json!({"key": answer["key"], "signed": "…"})).await.expect(401);
    assert_eq!(nobody.json(), wrong.json());

    let login = Login::of(&kit.answer(&transaction, "keyless", answer.clone()).await);
    assert_eq!(login.body["person"]["username"], "ada");
    assert_eq!(login.body["acr"], "aal3", "the device has checked the person, and is bound to the origin");
    // The same answer to another nonce is worth nothing.
    let (transaction, _) = ask(&kit, &begin_unnamed(&kit).await, "keyless").await;
    kit.answer(&transaction, "keyless", answer).await.expect(401);
}

async fn come_back(browser: &Browser<'_>, url: &Value, reply: &str) {
    let (_, state) = url.as_str().unwrap().split_once('?').unwrap();
    browser.get(&format!("/auth/v1/callback/redirect?{state}&{reply}")).await.expect(303);
}

/// Begins in a browser and is sent to the provider: handle and prompt.
async fn sent_away(browser: &Browser<'_>) -> (String, Value) {
    let begun = browser.post("/auth/v1/login", &json!({"cookie": true})).await.expect(200);
    let handle = json!({"transaction": begun.str("transaction")});
    let asked = browser.post("/auth/v1/login/redirect/challenge", &handle).await.expect(200);
    (asked.str("transaction"), asked.json()["prompt"].clone())
}

async fn poll(browser: &Browser<'_>, transaction: &str) -> Reply {
    browser.post("/auth/v1/login/redirect", &json!({"transaction": transaction, "answer": {}})).await
}

/// Ada has tied the subject "ann" of the provider to her account.
async fn tied(kit: &Kit) -> Browser<'_> {
    let browser = Browser::new(kit);
    browser.login("ada").await;
    let invited = browser.post("/auth/v1/enrol/redirect", &json!({})).await.expect(200);
    let body = json!({"transaction": invited.str("transaction"), "proof": {}});
    browser.post("/auth/v1/enrol/redirect/complete", &body).await.expect(422);
    come_back(&browser, &invited.json()["invitation"]["url"], "code=subject%20ann").await;
    browser.post("/auth/v1/enrol/redirect/complete", &body).await.expect(200);
    browser
}

#[tokio::test]
async fn a_provider_says_who_it_is() {
    let (kit, _) = with(shapes::redirect::registration()).await;
    let browser = tied(&kit).await;
    let (transaction, prompt) = sent_away(&browser).await;
    assert_eq!(poll(&browser, &transaction).await.expect(200).json()["status"], "pending");
    come_back(&browser, &prompt["url"], "code=nonsense").await;
    come_back(&browser, &prompt["url"], "code=subject%20ann&iss=x").await;
    come_back(&browser, &prompt["url"], "code=subject%20eve").await;
    let done = poll(&browser, &transaction).await.expect(200).json();
    assert_eq!((&done["status"], &done["person"]["username"]), (&json!("done"), &json!("ada")));

    for reply in ["code=subject%20eve", "error=access_denied"] {
        let (transaction, prompt) = sent_away(&browser).await;
        come_back(&browser, &prompt["url"], reply).await;
        poll(&browser, &transaction).await.expect(401);
    }
}

#[tokio::test]
async fn who_makes_somebody_else_follow_the_link_is_not_let_in_as_them() {
    let (kit, _) = with(shapes::redirect::registration()).await;
    let ada = tied(&kit).await;
    let eve = Browser::new(&kit);
    let (transaction, prompt) = sent_away(&eve).await;
    // Ada follows Eve's link: in a browser of hers, and in one without cookies.
    come_back(&ada, &prompt["url"], "code=subject%20ann").await;
    come_back(&Browser::new(&kit), &prompt["url"], "code=subject%20ann").await;
    assert_eq!(poll(&eve, &transaction).await.expect(200).json()["status"], "pending");
    // And without cookies nobody is sent away at all.
    let begun = begin_unnamed(&kit).await;
    kit.post("/auth/v1/login/redirect/challenge", &json!({"transaction": begun})).await.expect(409);
}

#[tokio::test]
async fn another_device_says_yes_or_no() {
    let (kit, token) = with(shapes::approve::registration()).await;
    let invited = invite(&kit, &token, "approve").await;
    let key = invited.json()["invitation"]["key"].clone();
    complete(&kit, &token, "approve", &invited, json!({"key": key})).await.expect(200);

    let decide = async |prompt: &Value, key: &Value, number: Value, decision: &str| {
        let event = json!({"ticket": prompt["ticket"], "key": key, "number": number, "decision": decision});
        kit.post("/auth/v1/callback/approve", &event).await.expect(202);
    };
    let (transaction, prompt) = ask(&kit, &half_way(&kit).await, "approve").await;
    decide(&prompt, &json!("another key"), prompt["number"].clone(), "approve").await;
    decide(&prompt, &key, json!(9), "approve").await;
    decide(&json!({"ticket": "another"}), &key, prompt["number"].clone(), "approve").await;
    let poll = kit.answer(&transaction, "approve", json!({})).await.expect(200).json();
    assert_eq!(poll, json!({"status": "pending", "retry_after_ms": 2000}));
    decide(&prompt, &key, prompt["number"].clone(), "approve").await;
    Login::of(&kit.answer(&transaction, "approve", json!({})).await);

    for no in ["deny", "concern"] {
        let (transaction, prompt) = ask(&kit, &half_way(&kit).await, "approve").await;
        decide(&prompt, &key, Value::Null, no).await;
        decide(&prompt, &key, prompt["number"].clone(), "approve").await;
        kit.answer(&transaction, "approve", json!({})).await.expect(401);
        kit.answer(&transaction, "approve", json!({})).await.expect(404);
    }
}

#[tokio::test]
async fn two_rounds_tell_nothing_after_the_first() {
    let (kit, token) = with(shapes::rounds::registration()).await;
    enrol(&kit, &token, "rounds").await;
    let cases = [
        ("ada", "north", "south", true),
        ("ada", "east", "south", false),
        ("ada", "north", "west", false),
        ("eve", "north", "south", false),
    ];
    for (name, first, second, good) in cases {
        let (transaction, prompt) = ask(&kit, &kit.begin(name).await, "rounds").await;
        assert_eq!(prompt, json!({"round": 1}));
        let reply = kit.answer(&transaction, "rounds", json!({"word": first})).await.expect(200);
        assert_eq!(
            (&reply.json()["status"], &reply.json()["prompt"]),
            (&json!("continue"), &json!({"round": 2}))
        );
        let end = kit.answer(&reply.str("transaction"), "rounds", json!({"word": second})).await;
        assert_eq!(end.status.as_u16(), if good { 200 } else { 401 }, "{name} {first} {second}");
    }
}

#[tokio::test]
async fn a_card_is_asked_for_the_same_cells_until_they_are_answered() {
    let (kit, token) = with(shapes::cells::registration()).await;
    let card = enrol(&kit, &token, "cells").await;
    let (_, prompt) = ask(&kit, &half_way(&kit).await, "cells").await;
    let (transaction, again) = ask(&kit, &half_way(&kit).await, "cells").await;
    assert_eq!(prompt, again);
    kit.answer(&transaction, "cells", json!({"letters": "???"})).await.expect(401);
    Login::of(&kit.answer(&transaction, "cells", says(&kit, "cells", &card, &prompt)).await);
    let (_, next) = ask(&kit, &half_way(&kit).await, "cells").await;
    assert_ne!(prompt, next);
}
