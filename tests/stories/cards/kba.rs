//! Questions that somebody has answered before.

use super::{Holds, MANY_TRIES, asked, second, seen, with};
use crate::stories::parallel::{all, count, half_way};
use kit::{Kit, Login, PASSWORD, Reply, Store};
use serde_json::{Value, json};
use std::{sync::Arc, time::Duration};

const CHEAP: &str = "[plugins.kba]\nmemory_kib = 1024\niterations = 1\n";
const SECOND: &str = "[login.policy]\nsecond = [\"kba\"]\n";

async fn kit(store: Store, policy: &str) -> Kit {
    Kit::with(store).config(CHEAP).config(MANY_TRIES).config(policy).start().await
}

async fn log_in(kit: &Kit, username: &str, holds: &Holds) -> Reply {
    let (transaction, prompt) = asked(kit, &second(kit, username).await, "kba").await;
    kit.answer(&transaction, "kba", holds.says(kit, &prompt, 0)).await
}

fn wrong(prompt: &Value) -> Value {
    let said = |q: &Value| json!({"id": q["id"], "answer": "something else"});
    json!({"answers": prompt["questions"].as_array().unwrap().iter().map(said).collect::<Vec<_>>()})
}

#[tokio::test]
async fn questions_are_off_until_a_policy_names_them() {
    let kit = Kit::with(Store::Memory).config(CHEAP).start().await;
    with(&kit, "ada", "kba").await;
    let login = kit.login("ada").await;
    assert_eq!(login.body["amr"], json!(["pwd"]), "no second factor is due because of them");
    let transaction = kit.begin("ada").await;
    let body = json!({"transaction": transaction});
    kit.post("/auth/v1/login/kba/challenge", &body).await.expect(400);
}

#[tokio::test]
async fn right_answers_open_the_door_and_are_no_second_kind_of_proof() {
    for store in [Store::Memory, Store::Sqlite] {
        let kit = kit(store, SECOND).await;
        let ada = with(&kit, "ada", "kba").await;
        let login = Login::of(&log_in(&kit, "ada", &ada).await);
        assert_eq!(login.body["acr"], "aal1", "two things that are known are one kind");
        Login::of(&log_in(&kit, "ada", &ada).await);
    }
}

#[tokio::test]
async fn what_is_asked_stays_until_it_is_answered() {
    let kit = kit(Store::Memory, SECOND).await;
    let ada = with(&kit, "ada", "kba").await;
    let (transaction, first) = asked(&kit, &second(&kit, "ada").await, "kba").await;
    kit.answer(&transaction, "kba", wrong(&first)).await.expect(401);
    for _ in 0..10 {
        kit.advance(Duration::from_secs(3600));
        assert_eq!(asked(&kit, &second(&kit, "ada").await, "kba").await.1, first);
    }
    Login::of(&log_in(&kit, "ada", &ada).await);
    let mut others = 0;
    for _ in 0..5 {
        let (transaction, next) = asked(&kit, &second(&kit, "ada").await, "kba").await;
        others += u32::from(next != first);
        Login::of(&kit.answer(&transaction, "kba", ada.says(&kit, &next, 0)).await);
    }
    assert!(others > 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_answers_in_twenty_logins_let_exactly_one_in() {
    let kit = Arc::new(kit(Store::Sqlite, SECOND).await);
    let ada = with(&kit, "ada", "kba").await;
    let mut waiting = Vec::new();
    for transaction in half_way(&kit, "ada").await {
        waiting.push(asked(&kit, &transaction, "kba").await);
    }
    let first = waiting[0].1.clone();
    let said = ada.says(&kit, &first, 0);
    let tries = waiting.into_iter().map(|(transaction, _)| {
        let (kit, said) = (kit.clone(), said.clone());
        async move { kit.answer(&transaction, "kba", said).await }
    });
    let replies = all(tries).await;
    assert_eq!((count(&replies, 200), count(&replies, 401)), (1, 19), "{replies:?}");
}

#[tokio::test]
async fn who_has_no_questions_is_asked_all_the_same_and_refused_alike() {
    let kit = kit(Store::Memory, "[login.policy]\nfirst = [\"password\", \"kba\"]\n").await;
    let ada = with(&kit, "ada", "kba").await;
    kit.person("without").await;
    let disabled = kit.person("disabled").await;
    kit.disable(&disabled).await;
    let mut refusals = Vec::new();
    for name in ["ada", "without", "disabled", "nobody"] {
        let (transaction, prompt) = asked(&kit, &kit.begin(name).await, "kba").await;
        let questions = prompt["questions"].as_array().unwrap();
        assert_eq!(questions.len(), 3, "{name}");
        let list = ada.invitation["questions"].as_array().unwrap();
        assert!(questions.iter().all(|q| list.contains(&q["question"])), "{name}: {prompt}");
        assert_eq!(asked(&kit, &kit.begin(name).await, "kba").await.1, prompt, "{name}");
        refusals.push(seen(&kit.answer(&transaction, "kba", wrong(&prompt)).await));
        if name != "ada" {
            let (transaction, prompt) = asked(&kit, &kit.begin(name).await, "kba").await;
            refusals.push(seen(&kit.answer(&transaction, "kba", ada.says(&kit, &prompt, 0)).await));
        }
    }
    assert_eq!(refusals[0].0, 401);
    assert!(refusals.iter().all(|refusal| *refusal == refusals[0]), "{refusals:?}");
}

#[tokio::test]
async fn new_answers_take_the_place_of_the_old_and_end_what_was_begun_with_them() {
    let kit = kit(Store::Memory, SECOND).await;
    let ada = with(&kit, "ada", "kba").await;
    let (waiting, prompt) = asked(&kit, &second(&kit, "ada").await, "kba").await;
    let said = ada.says(&kit, &prompt, 0);
    let token = Login::of(&log_in(&kit, "ada", &ada).await).access_token;
    let invited = kit.post_as(&token, "/auth/v1/enrol/kba", &json!({})).await.expect(200);
    let questions = invited.json()["invitation"]["questions"].as_array().unwrap()[5..10].to_vec();
    let fresh = |(at, q): (usize, &Value)| json!({"question": q, "answer": format!("quite another {at}")});
    let answers: Vec<Value> = questions.iter().enumerate().map(fresh).collect();
    let body = json!({"transaction": invited.str("transaction"), "proof": {"answers": answers}});
    kit.post_as(&token, "/auth/v1/enrol/kba/complete", &body).await.expect(200);
    kit.answer(&waiting, "kba", said).await.expect(401);
    let (_, now) = asked(&kit, &second(&kit, "ada").await, "kba").await;
    assert!(now["questions"].as_array().unwrap().iter().all(|q| questions.contains(&q["question"])), "{now}");
}

#[tokio::test]
async fn questions_that_were_never_asked_and_logins_that_are_over_take_no_answers() {
    let kit = kit(Store::Memory, SECOND).await;
    let ada = with(&kit, "ada", "kba").await;
    let (transaction, prompt) = asked(&kit, &second(&kit, "ada").await, "kba").await;
    let said = ada.says(&kit, &prompt, 0);
    let unasked = second(&kit, "ada").await;
    kit.answer(&unasked, "kba", said.clone()).await.expect(409);
    kit.advance(Duration::from_secs(601));
    kit.answer(&transaction, "kba", said).await.expect(404);
}

#[tokio::test]
async fn what_is_too_long_or_of_another_shape_is_no_answer() {
    let kit = kit(Store::Memory, SECOND).await;
    with(&kit, "ada", "kba").await;
    let (transaction, prompt) = asked(&kit, &second(&kit, "ada").await, "kba").await;
    let id = &prompt["questions"][0]["id"];
    for bad in [
        json!({}),
        json!({"answers": "alder grove"}),
        json!({"answers": []}),
        json!({"answers": [{"id": id}]}),
        json!({"answers": [{"id": id, "answer": "x".repeat(257)}]}),
        json!({"answers": vec![json!({"id": id, "answer": "x"}); 1000]}),
    ] {
        let reply = kit.answer(&transaction, "kba", bad).await;
        assert!(matches!(reply.status.as_u16(), 400 | 401), "{}", reply.text());
    }
}

#[tokio::test]
async fn rules_that_are_broken_are_told_and_no_answer_is_repeated() {
    let kit = kit(Store::Memory, "").await;
    kit.person("ada").await;
    let reply = kit.begin("ada").await;
    let token = Login::of(&kit.answer(&reply, "password", json!({"password": PASSWORD})).await).access_token;
    let invited = kit.post_as(&token, "/auth/v1/enrol/kba", &json!({})).await.expect(200);
    let answers = json!([{"question": "Which tree did you fall out of?", "answer": "the s3cret one"}]);
    let body = json!({"transaction": invited.str("transaction"), "proof": {"answers": answers}});
    let broken = kit.post_as(&token, "/auth/v1/enrol/kba/complete", &body).await.expect(422);
    let codes: Vec<_> =
        broken.json()["violations"].as_array().unwrap().iter().map(|v| v["code"].clone()).collect();
    assert_eq!(codes, ["too_few", "unknown_question"]);
    assert!(!broken.text().contains("s3cret"));
}
