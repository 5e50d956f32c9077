//! What becomes of a secret while the account, the settings and the host change.

use super::{CHALLENGE, asked, attempt, many_tries, set_up, somebody};
use data_encoding::BASE64;
use gatewright_core::{Origin, admin::PersonChange};
use kit::{
    Call, Kit, KitBuilder, Login, Store,
    vp1::{Asking, Secret},
};
use serde_json::json;
use std::time::Duration;

#[tokio::test]
async fn a_renamed_person_still_logs_in_and_the_old_name_is_nobody() {
    let kit = many_tries(Store::Memory).start().await;
    let secret = Secret::of(1);
    let ann = somebody(&kit, "ann", &secret).await;
    let origin = Origin::local("kit");
    let change = PersonChange { username: Some("anna".to_owned()), ..PersonChange::default() };
    kit.app.engine.at_the_machine(&origin).change_person(&ann.tenant, ann.id, change).await.expect("renamed");
    Login::of(&attempt(&kit, "anna", &secret).await);
    attempt(&kit, "ann", &secret).await.expect(401);
    // Who takes the old name gets nothing of what was under it.
    somebody(&kit, "ann", &Secret::of(2)).await;
    attempt(&kit, "ann", &secret).await.expect(401);
    Login::of(&attempt(&kit, "ann", &Secret::of(2)).await);
    Login::of(&attempt(&kit, "anna", &secret).await);
}

#[tokio::test]
async fn two_people_with_one_secret_have_two_keys() {
    let kit = many_tries(Store::Memory).start().await;
    let secret = Secret::of(1);
    somebody(&kit, "ann", &secret).await;
    somebody(&kit, "bob", &secret).await;
    let (_, ann) = asked(&kit, "ann", &secret).await;
    let (_, bob) = asked(&kit, "bob", &secret).await;
    let public = |told: &kit::vp1::Told| told.key().expect("the right secret").public();
    assert_ne!(public(&ann), public(&bob));
    assert_ne!(ann.sealed.helper, bob.sealed.helper);
}

#[tokio::test]
async fn a_credential_that_was_taken_away_lets_nobody_in() {
    let kit = many_tries(Store::Memory).start().await;
    let secret = Secret::of(1);
    somebody(&kit, "ann", &secret).await;
    let (waiting, told) = asked(&kit, "ann", &secret).await;
    let token = kit.login("ann").await.access_token;
    let list = kit.get_as(&token, "/auth/v1/me/credentials").await.expect(200).json();
    let mine = list.as_array().unwrap().iter().find(|c| c["authenticator"] == "zkp").unwrap();
    let path = format!("/auth/v1/me/credentials/{}", mine["id"].as_str().unwrap());
    let gone = kit.delete_as(&token, &path).await;
    assert!(gone.status.is_success(), "{}", gone.text());
    kit.answer(&waiting, "zkp", told.answer()).await.expect(401);
    attempt(&kit, "ann", &secret).await.expect(401);
    set_up(&kit, &kit.login("ann").await.access_token, &secret).await;
    Login::of(&attempt(&kit, "ann", &secret).await);
}

/// A host whose seed is this one.
fn seeded(first: u8) -> KitBuilder {
    let (mut key, mut seed) = ([0; 32], [0; 64]);
    (key[0], seed[0]) = (1, first);
    many_tries(Store::Sqlite)
        .env("GATEWRIGHT_KEK", &BASE64.encode(&key))
        .env("GATEWRIGHT_KEYS__SEED", &BASE64.encode(&seed))
}

/// The same, and the operator means it.
fn reseeded(first: u8) -> KitBuilder {
    seeded(first).env("GATEWRIGHT_KEYS__ACCEPT_NEW_SEED", "true")
}

#[tokio::test]
async fn under_another_seed_nobody_has_a_secret_until_it_is_set_up_anew() {
    let secret = Secret::of(1);
    let kit = seeded(1).start().await;
    somebody(&kit, "ann", &secret).await;
    let (_, before) = asked(&kit, "ann", &secret).await;

    let kit = reseeded(2).folder(kit.stop().await).seed(8).start().await;
    let (_, after) = asked(&kit, "ann", &secret).await;
    assert_ne!(after.sealed.helper, before.sealed.helper, "what was kept is not handed out for nothing");
    attempt(&kit, "ann", &secret).await.expect(401);

    let kit = reseeded(1).folder(kit.stop().await).seed(9).start().await;
    Login::of(&attempt(&kit, "ann", &secret).await);

    let kit = reseeded(2).folder(kit.stop().await).seed(10).start().await;
    set_up(&kit, &kit.login("ann").await.access_token, &secret).await;
    Login::of(&attempt(&kit, "ann", &secret).await);
}

#[tokio::test]
async fn without_a_seed_it_says_that_it_is_not_available_and_takes_no_try() {
    let kit = Kit::with(Store::Memory)
        .env("GATEWRIGHT_KEK", &BASE64.encode(&[[1; 16], [2; 16]].concat()))
        .start()
        .await;
    kit.person("ann").await;
    for _ in 0..20 {
        let body = json!({
            "transaction": kit.begin("ann").await,
            "begin": {"cipher_key": Asking::login(&Secret::of(1)).cipher_key()},
        });
        kit.send(Call::post(CHALLENGE).json(&body)).await.expect(503);
    }
    // Everything else works.
    kit.login("ann").await;
}

#[tokio::test]
async fn a_login_survives_a_restart_between_challenge_and_answer() {
    let secret = Secret::of(1);
    let kit = many_tries(Store::Sqlite).start().await;
    somebody(&kit, "ann", &secret).await;
    let (transaction, told) = asked(&kit, "ann", &secret).await;
    kit.advance(Duration::from_secs(1));
    let again = many_tries(Store::Sqlite).folder(kit.stop().await).seed(8).start().await;
    Login::of(&again.answer(&transaction, "zkp", told.answer()).await);
}

#[tokio::test]
async fn a_challenge_of_one_node_is_answered_at_another() {
    let secret = Secret::of(1);
    let one = many_tries(Store::Postgres).start().await;
    somebody(&one, "ann", &secret).await;
    let two = one.second_node().await;
    let (transaction, told) = asked(&one, "ann", &secret).await;
    Login::of(&two.answer(&transaction, "zkp", told.answer()).await);
    let token = two.login("ann").await.access_token;
    let (transaction, told) = super::invited(&one, &token, &Secret::of(2)).await;
    super::complete(&two, &transaction, &told.proof("", "")).await.expect(200);
    Login::of(&attempt(&two, "ann", &Secret::of(2)).await);
}
