//! Asking is the try: who asks learns whether a guess is right without ever answering.

use super::{CHALLENGE, ask, attempt, set_up, somebody};
use kit::{
    Call, Kit, Login, Reply, Store,
    vp1::{Asking, Secret},
};
use serde_json::json;
use std::time::Duration;

/// Limits of which one is told.
fn limited(to: u32, more: &str) -> String {
    format!("[login.block_config]\nip_attempts_limit = 1000000\nuser_attempts_limit = {to}\n{more}")
}

/// Asks for a challenge and goes away.
async fn only_ask(kit: &Kit, username: &str, from: &str) -> Reply {
    let begun = Call::post("/auth/v1/login").json(&json!({"username": username})).from(from);
    let transaction = kit.send(begun).await.expect(200).str("transaction");
    let body = json!({"transaction": transaction, "begin": {"cipher_key": Asking::login(&Secret::of(9)).cipher_key()}});
    kit.send(Call::post(CHALLENGE).json(&body).from(from)).await
}

const ELSEWHERE: &str = "198.51.100.7";

#[tokio::test]
async fn the_sixteenth_challenge_is_one_of_nobody_and_a_minute_later_it_is_not() {
    for store in [Store::Memory, Store::Sqlite, Store::Postgres] {
        let kit = Kit::with(store).config(&limited(15, "")).start().await;
        let secret = Secret::of(1);
        somebody(&kit, "ann", &secret).await;
        for _ in 0..15 {
            only_ask(&kit, "ann", ELSEWHERE).await.expect(200);
        }
        attempt(&kit, "ann", &secret).await.expect(401);
        kit.advance(Duration::from_secs(61));
        Login::of(&attempt(&kit, "ann", &secret).await);
    }
}

#[tokio::test]
async fn what_was_asked_in_a_lock_stays_refused_after_it() {
    let kit = Kit::with(Store::Memory).config(&limited(5, "")).start().await;
    let secret = Secret::of(1);
    somebody(&kit, "ann", &secret).await;
    for _ in 0..5 {
        only_ask(&kit, "ann", ELSEWHERE).await.expect(200);
    }
    let (transaction, told) = super::asked(&kit, "ann", &secret).await;
    kit.advance(Duration::from_secs(61));
    kit.answer(&transaction, "zkp", told.answer()).await.expect(401);
}

#[tokio::test]
async fn the_owners_logins_take_back_their_own_tries_and_not_those_of_others() {
    let kit = Kit::with(Store::Memory).config(&limited(5, "")).start().await;
    let secret = Secret::of(1);
    somebody(&kit, "ann", &secret).await;
    // Mistyped three times, then right, and again: never locked out.
    for _ in 0..3 {
        for _ in 0..3 {
            attempt(&kit, "ann", &secret.pin("000000")).await.expect(401);
        }
        Login::of(&attempt(&kit, "ann", &secret).await);
    }
    for _ in 0..4 {
        only_ask(&kit, "ann", ELSEWHERE).await.expect(200);
    }
    Login::of(&attempt(&kit, "ann", &secret).await);
    only_ask(&kit, "ann", ELSEWHERE).await.expect(200);
    attempt(&kit, "ann", &secret).await.expect(401);
    kit.advance(Duration::from_secs(61));
    Login::of(&attempt(&kit, "ann", &secret).await);
}

#[tokio::test]
async fn a_hundred_in_a_row_are_enough_until_another_secret_is_set_up() {
    let kit = Kit::with(Store::Memory)
        .mailbox()
        .config(&limited(
            100,
            "[plugins.oprf]\nevaluations_per_hour = 2000\n[login.policy]\nreset = [\"otp\"]\n",
        ))
        .start()
        .await;
    let secret = Secret::of(1);
    somebody(&kit, "ann", &secret).await;
    for _ in 0..100 {
        only_ask(&kit, "ann", ELSEWHERE).await.expect(200);
    }
    for days in [1, 10, 300] {
        kit.advance(Duration::from_secs(days * 86_400));
        attempt(&kit, "ann", &secret).await.expect(401);
    }
    // Those tries are also of the one throttle that all doors have: a block there ends by itself.
    kit.advance(Duration::from_secs(3 * 86_400));
    let token = kit.login("ann").await.access_token;
    set_up(&kit, &token, &secret).await;
    Login::of(&attempt(&kit, "ann", &secret).await);
}

#[tokio::test]
async fn an_address_that_asks_about_everybody_is_stopped() {
    let few = "[login.block_config]\nip_attempts_limit = 5\n";
    let kit = Kit::with(Store::Memory).config(few).start().await;
    for number in 0..5 {
        only_ask(&kit, &format!("nobody-{number}"), ELSEWHERE).await.expect(200);
    }
    only_ask(&kit, "nobody-6", ELSEWHERE).await.expect(429);
    only_ask(&kit, "nobody-6", "192.0.2.9").await.expect(200);
}

#[tokio::test]
async fn a_challenge_that_can_not_be_made_is_no_try() {
    let kit = Kit::with(Store::Memory).config(&limited(3, "")).start().await;
    let secret = Secret::of(1);
    somebody(&kit, "ann", &secret).await;
    for _ in 0..10 {
        let body = json!({"transaction": kit.begin("ann").await, "begin": {"cipher_key": "x".repeat(87)}});
        kit.send(Call::post(CHALLENGE).json(&body)).await.expect(400);
    }
    Login::of(&attempt(&kit, "ann", &secret).await);
}

#[tokio::test]
async fn the_key_of_an_enrolment_has_a_limit_of_its_own_behind_the_throttle() {
    let few = limited(1000, "[plugins.oprf]\nevaluations_per_hour = 4\n");
    let kit = Kit::with(Store::Memory).config(&few).start().await;
    let secret = Secret::of(1);
    somebody(&kit, "ann", &secret).await;
    for _ in 0..4 {
        only_ask(&kit, "ann", ELSEWHERE).await.expect(200);
    }
    let (transaction, told) = super::asked(&kit, "ann", &secret).await;
    assert!(told.key().is_none(), "the picture fits nothing: PIN and pattern look wrong");
    kit.answer(&transaction, "zkp", told.answer()).await.expect(401);
    kit.advance(Duration::from_secs(3_601));
    Login::of(&attempt(&kit, "ann", &secret).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_at_one_moment_no_more_are_asked_than_may_be() {
    let kit = std::sync::Arc::new(Kit::with(Store::Sqlite).config(&limited(5, "")).start().await);
    let secret = Secret::of(1);
    somebody(&kit, "ann", &secret).await;
    let salt = salt_of(&kit, &secret).await;
    let waiting = (0..20).map(|_| {
        let kit = kit.clone();
        async move {
            let asking = Asking::login(&Secret::of(9));
            let reply = ask(&kit, &kit.begin("ann").await, &asking).await.expect(200);
            asking.told(&reply.json()["prompt"], "").sealed.helper[..16] == salt
        }
    });
    let tasks: Vec<_> = waiting.map(tokio::spawn).collect();
    let mut own = 0;
    for task in tasks {
        own += u32::from(task.await.unwrap());
    }
    assert_eq!(own, 4, "and the one before");
}

async fn salt_of(kit: &Kit, secret: &Secret) -> [u8; 16] {
    let (_, told) = super::asked(kit, "ann", secret).await;
    told.sealed.helper[..16].try_into().unwrap()
}
