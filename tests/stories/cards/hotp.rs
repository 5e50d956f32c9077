//! A token that counts.

use super::{Holds, MANY_TRIES, asked, second, seen, with};
use crate::stories::parallel::{all, count, half_way};
use kit::{Kit, Login, Reply, Store};
use serde_json::{Value, json};
use std::{sync::Arc, time::Duration};

/// The code of the token after so many presses of its button since it was set up.
fn code(kit: &Kit, token: &Holds, presses: usize) -> Value {
    token.says(kit, &json!({}), presses)["code"].clone()
}

async fn answer(kit: &Kit, username: &str, answer: Value) -> Reply {
    kit.answer(&second(kit, username).await, "hotp", answer).await
}

#[tokio::test]
async fn each_code_opens_the_door_once() {
    for store in [Store::Memory, Store::Sqlite, Store::Postgres] {
        let kit = Kit::with(store).start().await;
        let token = with(&kit, "ada", "hotp").await;
        let first = answer(&kit, "ada", json!({"code": code(&kit, &token, 0)})).await;
        let login = Login::of(&first);
        assert_eq!((&login.body["acr"], &login.body["amr"]), (&json!("aal2"), &json!(["pwd", "otp", "mfa"])));
        answer(&kit, "ada", json!({"code": code(&kit, &token, 0)})).await.expect(401);
        Login::of(&answer(&kit, "ada", json!({"code": code(&kit, &token, 1)})).await);
    }
}

#[tokio::test]
async fn a_button_that_was_pressed_in_vain_is_forgiven_and_what_it_showed_is_gone() {
    let kit = Kit::memory().await;
    let token = with(&kit, "ada", "hotp").await;
    Login::of(&answer(&kit, "ada", json!({"code": code(&kit, &token, 7)})).await);
    for passed in 0..=7 {
        answer(&kit, "ada", json!({"code": code(&kit, &token, passed)})).await.expect(401);
    }
}

#[tokio::test]
async fn a_token_that_has_run_far_ahead_comes_back_with_two_codes_in_a_row() {
    let kit = Kit::with(Store::Memory).config(MANY_TRIES).start().await;
    let token = with(&kit, "ada", "hotp").await;
    let pair =
        |first, next| json!({"code": code(&kit, &token, first), "next_code": code(&kit, &token, next)});
    answer(&kit, "ada", json!({"code": code(&kit, &token, 60)})).await.expect(401);
    answer(&kit, "ada", pair(60, 62)).await.expect(401);
    answer(&kit, "ada", pair(300, 301)).await.expect(401);
    Login::of(&answer(&kit, "ada", pair(60, 61)).await);
    answer(&kit, "ada", pair(60, 61)).await.expect(401);
    Login::of(&answer(&kit, "ada", json!({"code": code(&kit, &token, 62)})).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_code_in_twenty_logins_lets_exactly_one_in() {
    let kit = Arc::new(Kit::with(Store::Sqlite).config(MANY_TRIES).start().await);
    let token = with(&kit, "ada", "hotp").await;
    let single = json!({"code": code(&kit, &token, 0)});
    let pair = json!({"code": code(&kit, &token, 40), "next_code": code(&kit, &token, 41)});
    for sent in [single, pair] {
        let tries = half_way(&kit, "ada").await.into_iter().map(|transaction| {
            let (kit, sent) = (kit.clone(), sent.clone());
            async move { kit.answer(&transaction, "hotp", sent).await }
        });
        let replies = all(tries).await;
        assert_eq!((count(&replies, 200), count(&replies, 401)), (1, 19), "{replies:?}");
    }
}

#[tokio::test]
async fn whoever_does_not_get_in_sees_the_same() {
    let policy = "[login.policy]\nfirst = [\"password\", \"hotp\"]\n";
    let kit = Kit::with(Store::Memory).config(MANY_TRIES).config(policy).start().await;
    let (ada, bob) = (with(&kit, "ada", "hotp").await, with(&kit, "bob", "hotp").await);
    kit.person("without").await;
    let mut refusals = Vec::new();
    for (name, sent) in [
        ("ada", json!({"code": "000000"})),
        ("ada", json!({"code": code(&kit, &bob, 0)})),
        ("ada", json!({"code": code(&kit, &bob, 0), "next_code": code(&kit, &bob, 1)})),
        ("ada", json!({"code": "1".repeat(64)})),
        ("bob", json!({"code": code(&kit, &ada, 0)})),
        ("without", json!({"code": code(&kit, &ada, 0)})),
        ("nobody", json!({"code": code(&kit, &ada, 0)})),
    ] {
        let (transaction, prompt) = asked(&kit, &kit.begin(name).await, "hotp").await;
        assert_eq!(prompt, json!({"digits": 6}), "{name}");
        refusals.push(seen(&kit.answer(&transaction, "hotp", sent).await));
    }
    assert_eq!(refusals[0].0, 401);
    assert!(refusals.iter().all(|refusal| *refusal == refusals[0]), "{refusals:?}");
}

#[tokio::test]
async fn a_login_that_is_over_takes_no_code() {
    let kit = Kit::memory().await;
    let token = with(&kit, "ada", "hotp").await;
    let transaction = second(&kit, "ada").await;
    kit.advance(Duration::from_secs(601));
    let sent = json!({"code": code(&kit, &token, 0)});
    kit.answer(&transaction, "hotp", sent.clone()).await.expect(404);
    let transaction = second(&kit, "ada").await;
    Login::of(&kit.answer(&transaction, "hotp", sent.clone()).await);
    kit.answer(&transaction, "hotp", sent).await.expect(404);
}

#[tokio::test]
async fn what_is_too_long_or_of_another_shape_is_no_answer() {
    let kit = Kit::memory().await;
    with(&kit, "ada", "hotp").await;
    let transaction = second(&kit, "ada").await;
    for bad in [
        json!({}),
        json!({"code": 755_224}),
        json!({"code": "1".repeat(65)}),
        json!({"code": "755224", "next_code": "1".repeat(65)}),
        json!({"code": "755224", "next_code": ["287082"]}),
        json!({"code": "755224", "seed": {}}),
    ] {
        let reply = kit.answer(&transaction, "hotp", bad.clone()).await;
        assert!(matches!(reply.status.as_u16(), 400 | 401), "{bad}: {}", reply.text());
    }
}

#[tokio::test]
async fn nobody_brings_a_seed_of_their_own() {
    let kit = Kit::memory().await;
    kit.person("ada").await;
    let token = kit.login("ada").await.access_token;
    for (id, more) in [("hotp", json!({"counter": 0})), ("totp", json!({"period_seconds": 30}))] {
        let invited = kit.post_as(&token, &format!("/auth/v1/enrol/{id}"), &json!({})).await.expect(200);
        let mut seed = json!({"secret_base32": "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", "digits": 6});
        seed.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let body = json!({"transaction": invited.str("transaction"), "proof": {"seed": seed}});
        kit.post_as(&token, &format!("/auth/v1/enrol/{id}/complete"), &body).await.expect(400);
    }
}

#[tokio::test]
async fn an_administrator_sets_up_a_hardware_token_for_one_person_only() {
    let kit = Kit::memory().await;
    let boss = kit.administrator().await;
    let (ada, bob) = (kit.person("ada").await, kit.person("bob").await);
    let secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
    let seed = json!({"secret_base32": secret, "digits": 6, "counter": 5, "serial": "40718253"});
    let body = json!({"proof": {"seed": seed}});
    let path = |id| format!("/auth/v1/people/{id}/credentials/hotp");
    kit.post_as(&boss, &path(ada.id), &body).await.expect(201);
    let taken = kit.post_as(&boss, &path(bob.id), &body).await;
    assert!(taken.status.is_client_error() && !taken.text().contains(secret), "{}", taken.text());
    // RFC 4226, appendix D.
    answer(&kit, "ada", json!({"code": "338314"})).await.expect(401);
    Login::of(&answer(&kit, "ada", json!({"code": "254676"})).await);
    let listed = kit.get_as(&boss, &format!("/auth/v1/people/{}/credentials", ada.id)).await.expect(200);
    assert!(listed.text().contains("40718253") && !listed.text().contains(secret), "{}", listed.text());
}
