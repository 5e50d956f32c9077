//! Somebody proves a picture, a PIN and a pattern, at the API of our own.

mod alike;
mod bent;
mod dump;
mod enrolling;
mod life;
mod tries;

use gatewright_core::Person;
use kit::{
    Call, Kit, KitBuilder, Login, Reply, Store,
    vp1::{Asking, Secret, Told},
};
use serde_json::{Value, json};
use std::{sync::Arc, time::Duration};

const INVITE: &str = "/auth/v1/enrol/zkp";
const COMPLETE: &str = "/auth/v1/enrol/zkp/complete";
const CHALLENGE: &str = "/auth/v1/login/zkp/challenge";

/// Limits that the tries of a story never reach.
const MANY_TRIES: &str = "[login.block_config]\nip_attempts_limit = 1000000\nuser_attempts_limit = 1000\n\
                          [plugins.oprf]\nevaluations_per_hour = 2000\nevaluations_per_day = 2000\n";

fn many_tries(store: Store) -> KitBuilder {
    Kit::with(store).config(MANY_TRIES)
}

/// Asks for an invitation, in a session.
async fn invited(kit: &Kit, token: &str, secret: &Secret) -> (String, Told) {
    let ask = Asking::enrol(secret);
    let body = json!({"invite": {"cipher_key": ask.cipher_key()}});
    let reply = kit.post_as(token, INVITE, &body).await.expect(200);
    (reply.str("transaction"), ask.told(&reply.json()["invitation"], ""))
}

async fn complete(kit: &Kit, transaction: &str, proof: &Value) -> Reply {
    kit.post(COMPLETE, &json!({"transaction": transaction, "proof": proof})).await
}

/// Sets up this secret in a session.
async fn set_up(kit: &Kit, token: &str, secret: &Secret) {
    let (transaction, told) = invited(kit, token, secret).await;
    complete(kit, &transaction, &told.proof("", "")).await.expect(200);
}

/// Somebody with a password and this secret.
async fn somebody(kit: &Kit, username: &str, secret: &Secret) -> Person {
    let person = kit.person(username).await;
    set_up(kit, &kit.login(username).await.access_token, secret).await;
    person
}

/// Asks for a challenge in a login that has begun.
async fn ask(kit: &Kit, transaction: &str, asking: &Asking) -> Reply {
    let body = json!({"transaction": transaction, "begin": {"cipher_key": asking.cipher_key()}});
    kit.send(Call::post(CHALLENGE).json(&body)).await
}

/// Begins a login and asks for a challenge.
async fn asked(kit: &Kit, username: &str, secret: &Secret) -> (String, Told) {
    let asking = Asking::login(secret);
    let reply = ask(kit, &kit.begin(username).await, &asking).await.expect(200);
    (reply.str("transaction"), asking.told(&reply.json()["prompt"], ""))
}

/// Tries to log in.
async fn attempt(kit: &Kit, username: &str, secret: &Secret) -> Reply {
    let (transaction, told) = asked(kit, username, secret).await;
    kit.answer(&transaction, "zkp", told.answer()).await
}

#[tokio::test]
async fn one_sets_it_up_and_logs_in_with_the_picture_stored_anew() {
    for store in [Store::Memory, Store::Sqlite, Store::Postgres] {
        let kit = Kit::with(store).start().await;
        let secret = Secret::of(1);
        kit.person("ann").await;
        let token = kit.login("ann").await.access_token;
        let (transaction, told) = invited(&kit, &token, &secret).await;
        assert_eq!(told.context.purpose, "register");
        let done = complete(&kit, &transaction, &told.proof("", "")).await.expect(200);
        let list = kit.get_as(&token, "/auth/v1/me/credentials").await.expect(200).json();
        let mine = list.as_array().unwrap().iter().find(|c| c["id"] == done.json()["credential_id"]).unwrap();
        assert_eq!(mine["authenticator"], "zkp", "{mine}");

        let (transaction, told) = asked(&kit, "Ann", &secret.picture(secret.picture.noisy(90))).await;
        assert_eq!(
            (told.context.purpose.as_str(), told.context.username.as_str()),
            ("login", "Ann"),
            "as it was typed"
        );
        let key = told.key().expect("the picture is close enough");
        assert_eq!(key.errors, 90);
        let mut answer = told.answer();
        answer["ber"] = told.ber(key.errors);
        answer["log_data"] = json!({"status": "ok", "evidence": {"gestureCounts": [1, 2]}});
        let done = Login::of(&kit.answer(&transaction, "zkp", answer).await);
        assert_eq!(done.body["amr"], json!(["pin"]));
    }
}

#[tokio::test]
async fn a_wrong_pin_pattern_or_picture_is_one_refusal_and_the_right_ones_go_on_working() {
    let kit = many_tries(Store::Memory).start().await;
    let secret = Secret::of(1);
    somebody(&kit, "ann", &secret).await;
    let wrong = [
        secret.pin("493818"),
        secret.pattern(&[0, 1, 2, 5]),
        secret.pattern(&[8, 5, 2, 1, 0]),
        secret.picture(Secret::of(2).picture),
        secret.picture(secret.picture.noisy(97)),
        Secret { pin: None, ..secret.clone() },
        Secret { pattern: None, ..secret.clone() },
        Secret::of(3),
    ];
    let mut said = Vec::new();
    for secret in &wrong {
        said.push(attempt(&kit, "ann", secret).await.expect(401).text());
    }
    assert!(said.iter().all(|text| *text == said[0]), "{said:?}");
    Login::of(&attempt(&kit, "ann", &secret).await);
    Login::of(&attempt(&kit, "ann", &secret.picture(secret.picture.noisy(96))).await);
}

#[tokio::test]
async fn it_raises_a_session_to_what_a_login_allows() {
    let kit = Kit::memory().await;
    let secret = Secret::of(1);
    somebody(&kit, "ann", &secret).await;
    let old = Login::of(&attempt(&kit, "ann", &secret).await);
    kit.advance(Duration::from_secs(400));
    let rotated = kit.post("/auth/v1/session/rotate", &json!({"session_token": old.session_token})).await;
    let token = rotated.expect(200).str("access_token");
    kit.post_as(&token, "/auth/v1/enrol/totp", &json!({})).await.expect(403);

    let begun = kit.post_as(&token, "/auth/v1/login", &json!({"purpose": "elevate"})).await.expect(200);
    let asking = Asking::login(&secret);
    let reply = ask(&kit, &begun.str("transaction"), &asking).await.expect(200);
    let told = asking.told(&reply.json()["prompt"], "");
    assert_eq!((told.context.purpose.as_str(), told.context.username.as_str()), ("elevate", "ann"));
    let mut login = told.clone();
    login.context.purpose = "login".to_owned();
    kit.answer(&reply.str("transaction"), "zkp", login.answer()).await.expect(401);

    let begun = kit.post_as(&token, "/auth/v1/login", &json!({"purpose": "elevate"})).await.expect(200);
    let reply = ask(&kit, &begun.str("transaction"), &asking).await.expect(200);
    let told = asking.told(&reply.json()["prompt"], "");
    let done = Login::of(&kit.answer(&reply.str("transaction"), "zkp", told.answer()).await);
    kit.post_as(&done.access_token, "/auth/v1/enrol/totp", &json!({})).await.expect(200);
}

#[tokio::test]
async fn a_proof_is_good_once_and_for_its_own_challenge() {
    let kit = many_tries(Store::Memory).start().await;
    let secret = Secret::of(1);
    somebody(&kit, "ann", &secret).await;
    let (transaction, told) = asked(&kit, "ann", &secret).await;
    let answer = told.answer();
    Login::of(&kit.answer(&transaction, "zkp", answer.clone()).await);
    kit.answer(&transaction, "zkp", answer.clone()).await.expect(404);

    let (transaction, told) = asked(&kit, "ann", &secret).await;
    kit.answer(&transaction, "zkp", answer.clone()).await.expect(401);
    let (other, new) = asked(&kit, "ann", &secret).await;
    let mut old_proof = new.answer();
    old_proof["challenge_data"] = answer["challenge_data"].clone();
    kit.answer(&other, "zkp", old_proof).await.expect(401);
    assert_ne!(told.sealed.nonce, new.sealed.nonce);

    // A wrong answer has ended the challenge: the right one comes too late.
    let late = kit.answer(&transaction, "zkp", told.answer()).await;
    assert_ne!(late.status.as_u16(), 200, "{}", late.text());
    let late = kit.answer(&other, "zkp", new.answer()).await;
    assert_ne!(late.status.as_u16(), 200, "{}", late.text());
}

#[tokio::test]
async fn nobody_answers_what_was_not_asked() {
    let kit = Kit::memory().await;
    let secret = Secret::of(1);
    somebody(&kit, "ann", &secret).await;
    let (_, told) = asked(&kit, "ann", &secret).await;
    let refused = kit.answer(&kit.begin("ann").await, "zkp", told.answer()).await;
    assert_eq!(refused.expect(409).str("code"), "step_out_of_order");
}

#[tokio::test]
async fn a_challenge_is_good_for_two_minutes() {
    let kit = Kit::memory().await;
    let secret = Secret::of(1);
    somebody(&kit, "ann", &secret).await;
    let (transaction, told) = asked(&kit, "ann", &secret).await;
    assert_eq!((told.sealed.ttl, told.sealed.issued), (120, u64::try_from(kit.now().as_secs()).unwrap()));
    kit.advance(Duration::from_secs(119));
    Login::of(&kit.answer(&transaction, "zkp", told.answer()).await);

    let (transaction, told) = asked(&kit, "ann", &secret).await;
    kit.advance(Duration::from_secs(121));
    let late = kit.answer(&transaction, "zkp", told.answer()).await;
    assert!([401, 409].contains(&late.status.as_u16()), "{}", late.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_answers_at_once_exactly_one_lets_in() {
    for store in [Store::Memory, Store::Sqlite, Store::Postgres] {
        let kit = Arc::new(many_tries(store).start().await);
        let secret = Secret::of(1);
        somebody(&kit, "ann", &secret).await;
        for _ in 0..5 {
            let (transaction, told) = asked(&kit, "ann", &secret).await;
            let key = told.key();
            // Two proofs, both right, and different.
            let tries = [told.prove(key.as_ref(), b""), told.prove(key.as_ref(), b"")].map(|proof| {
                let (kit, transaction, answer) = (kit.clone(), transaction.clone(), told.answer_of(&proof));
                async move { kit.answer(&transaction, "zkp", answer).await }
            });
            let replies = super::parallel::all(tries.into_iter()).await;
            assert_eq!(super::parallel::count(&replies, 200), 1, "{replies:?}");
            assert_eq!(
                replies.iter().filter(|r| (400..500).contains(&r.status.as_u16())).count(),
                1,
                "{replies:?}"
            );
        }
    }
}
