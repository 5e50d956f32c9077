//! Where asking is the try: whoever is asked learns something to hold guesses against, and need not answer.

mod locks;
mod places;

use super::parallel::{all, count};
use gatewright_contract::{LookupKey, TenantId};
use gatewright_core::{
    Origin,
    audit::Filter,
    engine::{Begin, Progress, Wish},
};
use kit::{Call, Kit, Login, PASSWORD, Reply, Store, shapes};
use serde_json::{Value, json};
use std::{sync::Arc, time::Duration};

const WORD: &str = "north";
const ELSEWHERE: &str = "198.51.100.7";

/// An app in which so many tries are too many; Ada has a word and a password.
async fn world(store: Store, limits: &str) -> Arc<Kit> {
    let limits = format!("[login.block_config]\n{limits}\n");
    let kit = Kit::with(store).mailbox().authenticator(shapes::asked::registration());
    let kit = kit.authenticator(shapes::approve::registration()).config(&limits).start().await;
    let ada = kit.person("ada").await;
    let chosen = (json!({}), json!({"word": WORD}));
    let ada = kit.reread(&ada).await;
    let enrolled = kit.app.engine.enrol_for(&ada, "asked", chosen, &Origin::local("kit")).await;
    enrolled.expect("a word");
    Arc::new(kit)
}

/// A challenge, from an address: its reply.
async fn challenge(kit: &Kit, from: &str, transaction: &str, begin: Value) -> Reply {
    let body = json!({"transaction": transaction, "begin": begin});
    kit.send(Call::post("/auth/v1/login/asked/challenge").from(from).json(&body)).await
}

/// A try, from an address: the handle, and what was learned.
async fn ask_from(kit: &Kit, from: &str, name: &str) -> (String, String) {
    let begun = Call::post("/auth/v1/login").from(from).json(&json!({"username": name}));
    let transaction = kit.send(begun).await.expect(200).str("transaction");
    let asked = challenge(kit, from, &transaction, json!({})).await.expect(200);
    let hint = asked.json()["prompt"]["hint"].as_str().expect("a hint").to_owned();
    (asked.str("transaction"), hint)
}

async fn ask(kit: &Kit, name: &str) -> (String, String) {
    ask_from(kit, "192.0.2.1", name).await
}

async fn answer(kit: &Kit, transaction: &str, word: &str) -> Reply {
    kit.answer(transaction, "asked", json!({"word": word})).await
}

/// A whole login with the word.
async fn login(kit: &Kit, name: &str) -> u16 {
    let (transaction, _) = ask(kit, name).await;
    answer(kit, &transaction, WORD).await.status.as_u16()
}

#[tokio::test]
async fn each_challenge_is_a_try_and_a_lock_looks_the_same_for_all() {
    let kit = world(Store::Memory, "user_attempts_limit = 3").await;
    for name in ["ada", "nobody"] {
        let (_, known) = ask(&kit, name).await;
        for _ in 0..2 {
            assert_eq!(ask(&kit, name).await.1, known, "{name}: nobody has answered");
        }
        let (transaction, other) = ask(&kit, name).await;
        assert_ne!(other, known, "{name} is locked");
        assert_eq!(ask(&kit, name).await.1, other, "{name}: as long as it lasts");
        answer(&kit, &transaction, WORD).await.expect(401);
        kit.advance(Duration::from_secs(61));
        assert_eq!(ask(&kit, name).await.1, known, "{name} is as before");
    }
    assert_eq!(login(&kit, "ada").await, 200);

    let tenant = TenantId::default_tenant();
    let lines = kit.app.engine.store().audit(&tenant, &Filter::default(), 1000).await.unwrap();
    let asked: Vec<_> = lines.iter().filter(|l| l.event.kind == "login.asked").collect();
    let locked = asked.iter().filter(|l| l.event.outcome == "locked").count();
    assert_eq!((asked.len(), locked), (13, 4), "who never answers leaves a trace");
}

#[tokio::test]
async fn whoever_is_locked_by_other_answers_is_not_asked_either() {
    let kit = world(Store::Memory, "user_attempts_limit = 3").await;
    let (_, known) = ask(&kit, "ada").await;
    for _ in 0..2 {
        let transaction = kit.begin("ada").await;
        kit.answer(&transaction, "password", json!({"password": "wrong"})).await.expect(401);
    }
    assert_ne!(ask(&kit, "ada").await.1, known);
    let transaction = kit.begin("ada").await;
    kit.answer(&transaction, "password", json!({"password": PASSWORD})).await.expect(401);
}

#[tokio::test]
async fn an_answer_needs_a_challenge_and_ends_it() {
    let kit = world(Store::Memory, "").await;
    let begun = kit.begin("ada").await;
    answer(&kit, &begun, WORD).await.expect(409);

    let (transaction, _) = ask(&kit, "ada").await;
    answer(&kit, &transaction, "south").await.expect(401);
    answer(&kit, &transaction, WORD).await.expect(409);
    let again = challenge(&kit, "192.0.2.1", &transaction, json!({})).await.expect(200).str("transaction");
    kit.answer(&again, "asked", json!({"nonsense": 1})).await.expect(400);
    Login::of(&answer(&kit, &again, WORD).await);
    answer(&kit, &again, WORD).await.expect(404);

    let (transaction, _) = ask(&kit, "ada").await;
    kit.advance(Duration::from_secs(121));
    answer(&kit, &transaction, WORD).await.expect(409);

    let unnamed = kit.post("/auth/v1/login", &json!({})).await.expect(200).str("transaction");
    challenge(&kit, "192.0.2.1", &unnamed, json!({})).await.expect(409);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_answers_to_one_challenge_exactly_one_is_judged() {
    for store in [Store::Memory, Store::Sqlite, Store::Postgres] {
        let kit = world(store, "").await;
        let (transaction, _) = ask(&kit, "ada").await;
        let tries = (0..12).map(|_| {
            let (kit, transaction) = (kit.clone(), transaction.clone());
            async move { answer(&kit, &transaction, WORD).await }
        });
        let replies = all(tries).await;
        let others = count(&replies, 409) + count(&replies, 404);
        assert_eq!((count(&replies, 200), others), (1, 11), "{store:?}: {replies:?}");

        // Right and wrong ones: whichever is first is the only one.
        let (transaction, _) = ask(&kit, "ada").await;
        let tries = (0..12).map(|i| {
            let (kit, transaction) = (kit.clone(), transaction.clone());
            async move { answer(&kit, &transaction, if i % 2 == 0 { "south" } else { WORD }).await }
        });
        let replies = all(tries).await;
        let judged = count(&replies, 200) + count(&replies, 401);
        let others = count(&replies, 409) + count(&replies, 404);
        assert_eq!((judged, others), (1, 11), "{store:?}: {replies:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_fifty_challenges_at_once_no_more_are_told_than_may_be() {
    let kit = world(Store::Sqlite, "user_attempts_limit = 10").await;
    let (_, known) = ask(&kit, "ada").await;
    let tries = (0..50).map(|_| {
        let kit = kit.clone();
        async move {
            let transaction = kit.begin("ada").await;
            challenge(&kit, "192.0.2.1", &transaction, json!({})).await
        }
    });
    let replies = all(tries).await;
    let told = replies.iter().filter(|r| r.json()["prompt"]["hint"] == json!(known)).count();
    assert_eq!((count(&replies, 200), told), (50, 9));
}

#[tokio::test]
async fn what_fails_before_it_is_asked_is_no_try_and_another_round_is_one() {
    let kit = world(Store::Memory, "user_attempts_limit = 3").await;
    let transaction = kit.begin("ada").await;
    for _ in 0..5 {
        challenge(&kit, "192.0.2.1", &transaction, json!({"fails": "bad"})).await.expect(400);
        challenge(&kit, "192.0.2.1", &transaction, json!({"fails": "down"})).await.expect(503);
    }
    let (_, known) = ask(&kit, "ada").await;
    for _ in 0..2 {
        let (transaction, hint) = ask(&kit, "ada").await;
        assert_eq!(hint, known);
        let more = answer(&kit, &transaction, "more").await.expect(200);
        assert_eq!(more.json()["status"], "continue");
        kit.answer(&more.str("transaction"), "asked", json!({"nonsense": 1})).await.expect(400);
    }
    assert_ne!(ask(&kit, "ada").await.1, known, "neither gave a try back");
}

#[tokio::test]
async fn a_second_factor_that_is_due_does_not_end_the_count() {
    let kit = world(Store::Memory, "user_attempts_limit = 5").await;
    let app = kit.enrol_totp(&kit.login("ada").await.access_token).await;
    let (_, known) = ask_from(&kit, ELSEWHERE, "ada").await;
    for _ in 0..2 {
        kit.advance(Duration::from_secs(30));
        ask_from(&kit, ELSEWHERE, "ada").await;
        let (transaction, hint) = ask(&kit, "ada").await;
        assert_eq!(hint, known);
        let more = answer(&kit, &transaction, WORD).await.expect(200);
        assert_eq!(more.json()["status"], "more");
        Login::of(&kit.answer(&more.str("transaction"), "totp", json!({"code": app.code(&kit)})).await);
    }
    // Three of others, none of Ada's.
    assert_eq!(ask_from(&kit, ELSEWHERE, "ada").await.1, known);
    assert_eq!(ask_from(&kit, ELSEWHERE, "ada").await.1, known);
    assert_ne!(ask_from(&kit, ELSEWHERE, "ada").await.1, known);

    kit.advance(Duration::from_secs(400));
    // Who knows the word guesses second factors no longer than who knows a password.
    for _ in 0..5 {
        let (transaction, _) = ask(&kit, "ada").await;
        let more = answer(&kit, &transaction, WORD).await;
        if more.status.as_u16() == 200 {
            kit.answer(&more.str("transaction"), "totp", json!({"code": "000000"})).await.expect(401);
        }
    }
    assert_ne!(ask(&kit, "ada").await.1, known);
}

#[tokio::test]
async fn an_address_that_asks_for_everybody_is_blocked() {
    let kit = world(Store::Memory, "ip_attempts_limit = 4").await;
    for _ in 0..6 {
        assert_eq!(login(&kit, "ada").await, 200, "who is right is not counted");
    }
    for i in 0..4 {
        ask(&kit, &format!("nobody{i}")).await;
    }
    let transaction = kit.begin("ada").await;
    challenge(&kit, "192.0.2.1", &transaction, json!({})).await.expect(429);
    challenge(&kit, ELSEWHERE, &transaction, json!({})).await.expect(200);
}

#[tokio::test]
async fn a_challenge_is_answered_by_its_key() {
    let kit = world(Store::Memory, "").await;
    let (engine, origin) = (&kit.app.engine, Origin::local("kit"));
    let begin = async |id: &str| {
        let begin = Begin::login(TenantId::default_tenant(), Some("ada".to_owned()));
        let asked = engine.begin_with(begin, id, json!({}), &origin).await.expect("asked");
        LookupKey(asked.prompt["ticket"].as_str().expect("a ticket").to_owned())
    };
    let answer = async |key: &LookupKey, word: &str, origin: &Origin| {
        engine.answer_waiting("asked", key, json!({"word": word}), Wish::default(), origin).await
    };
    let key = begin("asked").await;
    let elsewhere = answer(&key, WORD, &Origin::local("another door")).await.expect_err("another door");
    let unknown = answer(&LookupKey("?".to_owned()), WORD, &origin).await.expect_err("unknown");
    assert_eq!((elsewhere.status, unknown.status), (404, 404));
    let Ok(Progress::Done(grant)) = answer(&key, WORD, &origin).await else { panic!("not done") };
    assert_eq!(grant.person.username, "ada");
    assert_eq!(answer(&key, WORD, &origin).await.expect_err("used").status, 404);

    let key = begin("asked").await;
    assert_eq!(answer(&key, "south", &origin).await.expect_err("wrong").status, 401);
    assert_eq!(answer(&key, WORD, &origin).await.expect_err("used").status, 404);
}

#[tokio::test]
async fn a_key_that_another_device_sees_answers_nothing() {
    let kit = world(Store::Memory, "").await;
    let (key, origin) = (LookupKey("any".to_owned()), Origin::local("kit"));
    let polled = kit.app.engine.answer_waiting("approve", &key, json!({}), Wish::default(), &origin).await;
    assert_eq!(polled.expect_err("refused").status, 404);
}

#[tokio::test]
async fn settings_that_a_plugin_can_not_use_are_refused() {
    let weak = "[login.vault]\nuse_pattern = false\npin_size = 3\n";
    let kit = Kit::with(Store::Memory).authenticator(shapes::asked::registration());
    let error = kit.config(weak).try_start().await.err().expect("refused").to_string();
    let place = error.lines().find(|line| line.contains("pin_size")).unwrap_or_default();
    assert!(place.contains("test.toml:") && error.contains("3 digits alone"), "{error}");

    let kit = world(Store::Memory, "").await;
    let root = kit.administrator().await;
    let made = json!({"id": "beta", "display_name": "Beta", "settings": {"pin_size": 3}});
    kit.post_as(&root, "/auth/v1/tenants", &made).await.expect(201);
    let weaker =
        Call::new("PATCH", "/auth/v1/tenants/beta").json(&json!({"settings": {"use_pattern": false}}));
    let refused = kit.send(weaker.bearer(&root)).await.expect(422);
    assert!(refused.text().contains("3 digits alone"), "{}", refused.text());
    let weak =
        json!({"id": "gamma", "display_name": "Gamma", "settings": {"pin_size": 3, "use_pattern": false}});
    kit.post_as(&root, "/auth/v1/tenants", &weak).await.expect(422);
}
