//! `push`: a prompt that a phone fetches and decides.

use super::{Algorithm, Phone, ada, ask, half_way, paired, pending};
use crate::stories::parallel;
use kit::{Kit, Login, Store};
use serde_json::{Value, json};
use std::{sync::Arc, time::Duration};

const ID: &str = "push";

#[tokio::test]
async fn a_phone_approves_with_the_number_of_the_page() {
    for algorithm in [Algorithm::Ed25519, Algorithm::P256] {
        let kit = Kit::with(Store::Sqlite).start().await;
        kit.person("ada").await;
        let phone = Phone::new(algorithm, ID, 1);
        paired(&kit, "ada", &phone).await;
        let (handle, prompt) = ask(&kit, &half_way(&kit, "ada").await, ID, json!({})).await;
        for _ in 0..3 {
            assert_eq!(kit.answer(&handle, ID, json!({})).await.expect(200).json(), pending());
        }
        phone.says(&kit, "approve", &prompt["number"]).await;
        assert!(phone.waiting(&kit).await.is_empty(), "what is decided no longer waits");
        let login = Login::of(&kit.answer(&handle, ID, json!({})).await);
        assert_eq!((&login.body["acr"], &login.body["amr"]), (&json!("aal2"), &json!(["pwd", "pop", "mfa"])));
        kit.answer(&handle, ID, json!({})).await.expect(404);
    }
}

#[tokio::test]
async fn no_ends_the_login_and_concern_is_in_the_log() {
    for decision in ["deny", "concern"] {
        let (kit, phone) = ada("").await;
        let (handle, _) = ask(&kit, &half_way(&kit, "ada").await, ID, json!({})).await;
        phone.says(&kit, decision, &Value::Null).await;
        kit.answer(&handle, ID, json!({})).await.expect(401);
        kit.answer(&handle, ID, json!({})).await.expect(404);
        let lines = log(&kit).await;
        let word = if decision == "deny" { "declined" } else { "concern" };
        assert!(lines.iter().any(|l| l == &format!("login.step {word}")), "{lines:?}");
    }
}

async fn log(kit: &Kit) -> Vec<String> {
    let tenant = gatewright_contract::TenantId::default_tenant();
    let filter = gatewright_core::audit::Filter::default();
    let lines = kit.app.engine.store().audit(&tenant, &filter, 100).await.unwrap();
    lines.iter().map(|l| format!("{} {}", l.event.kind, l.event.outcome)).collect()
}

#[tokio::test]
async fn a_wrong_number_is_the_only_guess() {
    let (kit, phone) = ada("").await;
    let (handle, prompt) = ask(&kit, &half_way(&kit, "ada").await, ID, json!({})).await;
    let right = prompt["number"].as_u64().unwrap();
    let told = &phone.waiting(&kit).await[0];
    let wrong = json!(if right == 99 { 10 } else { right + 1 });
    phone.report(&kit, &phone.decide(&kit, told, "approve", &wrong)).await.expect(202);
    phone.report(&kit, &phone.decide(&kit, told, "approve", &json!(right))).await.expect(202);
    kit.answer(&handle, ID, json!({})).await.expect(401);
    // And none at all is no better.
    let (handle, _) = ask(&kit, &handle, ID, json!({})).await;
    phone.says(&kit, "approve", &Value::Null).await;
    kit.answer(&handle, ID, json!({})).await.expect(401);
}

#[tokio::test]
async fn what_is_not_signed_as_it_must_be_changes_nothing() {
    let (kit, phone) = ada("").await;
    kit.person("eve").await;
    let eves = Phone::new(Algorithm::P256, ID, 2);
    paired(&kit, "eve", &eves).await;
    let (handle, prompt) = ask(&kit, &half_way(&kit, "ada").await, ID, json!({})).await;
    let told = &phone.waiting(&kit).await[0];
    let right = phone.decide(&kit, told, "approve", &prompt["number"]);
    let changed = |path: &str, value: Value| {
        let mut event = right.clone();
        *event.pointer_mut(path).unwrap() = value;
        event
    };
    let mut other_text = told.clone();
    other_text["shown"] = json!("something else was on the screen");
    let wrong = [
        // Another person's phone, and one that says it is this one.
        eves.decide(&kit, told, "approve", &prompt["number"]),
        changed(
            "/decide/signature",
            eves.decide(&kit, told, "approve", &prompt["number"])["decide"]["signature"].clone(),
        ),
        // A yes made of a no.
        changed("/decide/decision", json!("deny")),
        changed("/decide/number", json!(10)),
        changed("/decide/at", json!(kit.now().as_secs() + 1)),
        changed("/decide/signature", json!("")),
        changed("/decide/signature", json!("A".repeat(86))),
        phone.decide(&kit, &other_text, "approve", &prompt["number"]),
        changed("/wake", json!("AAAAAAAAAAAAAAAAAAAAAA")),
    ];
    for event in wrong {
        phone.report(&kit, &event).await.expect(202);
        assert_eq!(kit.answer(&handle, ID, json!({})).await.expect(200).json(), pending(), "{event}");
    }
    phone.report(&kit, &right).await.expect(202);
    Login::of(&kit.answer(&handle, ID, json!({})).await);
}

#[tokio::test]
async fn a_decision_is_for_its_transaction_and_for_a_minute() {
    let (kit, phone) = ada("").await;
    let (first, prompt) = ask(&kit, &half_way(&kit, "ada").await, ID, json!({})).await;
    let told = phone.waiting(&kit).await.remove(0);
    let yes = phone.decide(&kit, &told, "approve", &prompt["number"]);
    // The same login asks again: the first prompt is no more.
    let (first, _) = ask(&kit, &first, ID, json!({})).await;
    assert_eq!(phone.waiting(&kit).await.len(), 1, "the later takes the place of the earlier");
    phone.report(&kit, &yes).await.expect(202);
    assert_eq!(kit.answer(&first, ID, json!({})).await.expect(200).json(), pending());
    // Another login: the yes to one is none to the other.
    let (second, prompt) = ask(&kit, &half_way(&kit, "ada").await, ID, json!({})).await;
    let mut both = phone.waiting(&kit).await;
    let yes = phone.decide(&kit, &both.pop().unwrap(), "approve", &prompt["number"]);
    kit.advance(Duration::from_secs(61));
    phone.report(&kit, &yes).await.expect(202);
    assert_eq!(kit.answer(&second, ID, json!({})).await.expect(200).json(), pending(), "signed too long ago");
    let told = phone.waiting(&kit).await.pop().unwrap();
    phone.report(&kit, &phone.decide(&kit, &told, "approve", &prompt["number"])).await.expect(202);
    assert_eq!(kit.answer(&first, ID, json!({})).await.expect(200).json(), pending());
    Login::of(&kit.answer(&second, ID, json!({})).await);
}

#[tokio::test]
async fn a_prompt_that_nobody_decides_expires() {
    let (kit, phone) = ada("[plugins.push]\nlifetime_seconds = 30\n").await;
    let (handle, prompt) = ask(&kit, &half_way(&kit, "ada").await, ID, json!({})).await;
    assert_eq!(prompt["expires_in_seconds"], 30);
    let told = phone.waiting(&kit).await.remove(0);
    kit.advance(Duration::from_secs(30));
    assert!(phone.waiting(&kit).await.is_empty());
    let late = phone.decide(&kit, &told, "approve", &prompt["number"]);
    phone.report(&kit, &late).await.expect(202);
    kit.answer(&handle, ID, json!({})).await.expect(409);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_twenty_windows_that_wait_for_one_yes_exactly_one_gets_in() {
    let kit = Arc::new(Kit::with(Store::Sqlite).start().await);
    kit.person("ada").await;
    let phone = Phone::new(Algorithm::Ed25519, ID, 1);
    paired(&kit, "ada", &phone).await;
    let (handle, prompt) = ask(&kit, &half_way(&kit, "ada").await, ID, json!({})).await;
    phone.says(&kit, "approve", &prompt["number"]).await;
    let tries = (0..20).map(|_| {
        let (kit, handle) = (kit.clone(), handle.clone());
        async move { kit.answer(&handle, ID, json!({})).await }
    });
    let replies = parallel::all(tries).await;
    assert_eq!(parallel::count(&replies, 200), 1, "{replies:?}");
    assert_eq!(parallel::count(&replies, 404) + parallel::count(&replies, 409), 19, "{replies:?}");
}

#[tokio::test]
async fn too_many_prompts_look_the_same_and_reach_nobody() {
    let (kit, phone) = ada("[plugins.push]\nprompts = 2\nwindow_minutes = 5\n").await;
    for _ in 0..3 {
        let (handle, prompt) = ask(&kit, &half_way(&kit, "ada").await, ID, json!({})).await;
        assert!(prompt["number"].is_u64(), "{prompt}");
        assert_eq!(kit.answer(&handle, ID, json!({})).await.expect(200).json(), pending());
    }
    assert_eq!(phone.waiting(&kit).await.len(), 2);
    kit.advance(Duration::from_secs(300));
    ask(&kit, &half_way(&kit, "ada").await, ID, json!({})).await;
    assert_eq!(phone.waiting(&kit).await.len(), 1, "the window is over");
}

#[tokio::test]
async fn who_is_not_there_looks_like_somebody_who_does_not_decide() {
    let policy = "[login.policy]\nfirst = [\"password\", \"push\"]\n";
    let (kit, _) = ada(policy).await;
    kit.person("grace").await;
    let eve = kit.person("eve").await;
    paired(&kit, "eve", &Phone::new(Algorithm::Ed25519, ID, 9)).await;
    kit.disable(&eve).await;
    let mut seen = Vec::new();
    for name in ["ada", "grace", "eve", "nobody"] {
        let (handle, mut prompt) = ask(&kit, &kit.begin(name).await, ID, json!({})).await;
        prompt["number"] = json!("some");
        let waits = kit.answer(&handle, ID, json!({})).await;
        kit.advance(Duration::from_secs(120));
        let late = kit.answer(&handle, ID, json!({})).await;
        seen.push((prompt, waits.status, waits.json(), late.status, late.json()["detail"].clone()));
    }
    assert!(seen.iter().all(|one| *one == seen[0]), "{seen:#?}");
}

#[tokio::test]
async fn what_is_shown_is_bounded_and_clean() {
    let (kit, phone) = ada("").await;
    let begin = json!({"username": "ada", "context": {
        "summary": format!("Pay\u{202e}\n 5 {}", "x".repeat(1000)), "details": vec![json!({"detail": "To", "value": "Bob\u{0}"}); 50],
        "browser": {"not": "a text"}, "address": "\u{200b}",
    }});
    let begun = kit.post("/auth/v1/login", &begin).await;
    if begun.status.as_u16() != 200 {
        panic!("{}", begun.text());
    }
    let password = json!({"password": kit::PASSWORD});
    let more = kit.answer(&begun.str("transaction"), "password", password).await.expect(200);
    ask(&kit, &more.str("transaction"), ID, json!({})).await;
    let told = phone.waiting(&kit).await.remove(0);
    let shown: Value = serde_json::from_str(told["shown"].as_str().unwrap()).unwrap();
    assert_eq!((&shown["username"], &shown["address"]), (&json!("ada"), &json!("192.0.2.1")));
    assert_eq!((&shown["tenant"], &shown["for"]), (&json!("default"), &json!("push")));
    let said = shown["said"].as_object().unwrap();
    let summary = said["summary"].as_str().unwrap();
    assert!(summary.starts_with("Pay  5 xxx") && summary.chars().count() == 200, "{summary}");
    assert_eq!(said["details"].as_array().unwrap().len(), 6);
    assert_eq!(said["details"][0], json!({"detail": "To", "value": "Bob"}));
    assert_eq!(said.len(), 2, "{said:?}");
    assert!(told.as_object().unwrap().values().all(|v| v.as_u64() != Some(42)) && told["number"] == true);
}

#[tokio::test]
async fn an_ask_counts_once_while_it_is_fresh_and_from_who_signed_it() {
    let (kit, phone) = ada("").await;
    ask(&kit, &half_way(&kit, "ada").await, ID, json!({})).await;
    let now = kit.now().as_millis();
    let good = phone.ask_at(now, None);
    phone.ask(&kit, &good).await.expect(200);
    let refused = phone.ask(&kit, &good).await.expect(401);
    let stranger = Phone::new(Algorithm::Ed25519, ID, 77);
    let mut forged = phone.ask_at(now + 1, None);
    forged["ask"]["signature"] = stranger.ask_at(now + 1, None)["ask"]["signature"].clone();
    let earlier = phone.ask_at(now - 1, None);
    let wrong = [
        forged,
        earlier,
        stranger.ask_at(now + 1, None),
        phone.ask_at(now + 60_001, None),
        phone.ask_at(now - 60_001, None),
        phone.ask_at(i64::MAX, None),
        phone.ask_at(i64::MIN, None),
    ];
    for ask in wrong {
        let reply = phone.ask(&kit, &ask).await.expect(401);
        assert_eq!(reply.json()["code"], refused.json()["code"], "{ask}");
    }
    // Long after it is still not good again.
    kit.advance(Duration::from_secs(59));
    phone.ask(&kit, &good).await.expect(401);
    kit.advance(Duration::from_secs(3600));
    phone.ask(&kit, &good).await.expect(401);
    phone.ask(&kit, &phone.ask_at(kit.now().as_millis(), None)).await.expect(200);
}

#[tokio::test]
async fn without_a_number_only_where_the_operator_allows_it() {
    let (kit, phone) = ada("[plugins.push]\nnumber_matching = \"asked\"\n").await;
    let (handle, prompt) = ask(&kit, &half_way(&kit, "ada").await, ID, json!({"number": false})).await;
    assert_eq!(prompt["number"], Value::Null);
    assert_eq!(phone.waiting(&kit).await[0]["number"], false);
    phone.says(&kit, "approve", &Value::Null).await;
    Login::of(&kit.answer(&handle, ID, json!({})).await);
    let (kit, _) = ada("").await;
    let (_, prompt) = ask(&kit, &half_way(&kit, "ada").await, ID, json!({"number": false})).await;
    assert!(prompt["number"].is_u64());
}

#[tokio::test]
async fn a_phone_that_was_removed_decides_nothing() {
    let (kit, phone) = ada("").await;
    let (handle, prompt) = ask(&kit, &half_way(&kit, "ada").await, ID, json!({})).await;
    phone.says(&kit, "approve", &prompt["number"]).await;
    let (tenant, person) = (gatewright_contract::TenantId::default_tenant(), "ada");
    let ada = kit.app.engine.find_person(&tenant, person).await.unwrap().unwrap();
    let held = kit.app.engine.store().credentials(&tenant, ada.id).await.unwrap();
    let device = held.iter().find(|c| c.authenticator == ID).unwrap();
    let gone = gatewright_core::store::Write::CredentialDelete(device.id, device.rev);
    kit.app.engine.store().commit(vec![gone]).await.unwrap();
    let reply = kit.answer(&handle, ID, json!({})).await;
    assert_ne!(reply.status.as_u16(), 200, "{}", reply.text());
    phone.ask(&kit, &phone.ask_at(kit.now().as_millis() + 500, None)).await.expect(401);
}

#[tokio::test]
async fn nonsense_is_refused() {
    let (kit, phone) = ada("").await;
    let (_, prompt) = ask(&kit, &half_way(&kit, "ada").await, ID, json!({})).await;
    let told = phone.waiting(&kit).await.remove(0);
    let right = phone.decide(&kit, &told, "approve", &prompt["number"]);
    let both = json!({"wake": "x", "pair": {"key": phone.jwk(), "name": "x", "signature": "x"}, "decide": right["decide"]});
    for event in [
        json!({"wake": "x"}),
        both,
        json!({"wake": "x".repeat(65), "decide": right["decide"]}),
        json!({"wake": right["wake"], "decide": {"device": "x"}}),
        json!({"wake": right["wake"], "decide": right["decide"], "more": 1}),
    ] {
        phone.report(&kit, &event).await.expect(400);
    }
    let mut big = right.clone();
    big["decide"]["signature"] = json!("x".repeat(60_000));
    let reply = phone.report(&kit, &big).await;
    assert!(reply.status.as_u16() == 202 || reply.status.is_client_error(), "{}", reply.status);
    kit.post("/auth/v1/device/push", &json!({"ask": {"device": "x", "at_ms": "1", "signature": ""}}))
        .await
        .expect(400);
    kit.post("/auth/v1/device/totp", &json!({"ask": {}})).await.expect(404);
}
