//! A card with cells.

use super::{Holds, MANY_TRIES, asked, second, seen, with};
use crate::stories::parallel::{all, count, half_way};
use kit::{Kit, Login, Reply, Store};
use serde_json::{Value, json};
use std::{sync::Arc, time::Duration};

const FIRST: &str = "[login.policy]\nfirst = [\"password\", \"grid\"]\n";

/// Answers what is asked for now.
async fn log_in(kit: &Kit, username: &str, card: &Holds) -> Reply {
    let (transaction, prompt) = asked(kit, &second(kit, username).await, "grid").await;
    kit.answer(&transaction, "grid", card.says(kit, &prompt, 0)).await
}

#[tokio::test]
async fn a_card_is_shown_once_and_opens_the_door() {
    for store in [Store::Memory, Store::Sqlite, Store::Postgres] {
        let kit = Kit::with(store).start().await;
        let card = with(&kit, "ada", "grid").await;
        assert!(card.reveal["text"].as_str().unwrap().lines().count() == 6, "{}", card.reveal);
        assert!(card.reveal["pdf_base64"].as_str().unwrap().starts_with("JVBERi0"), "%PDF-");
        let login = Login::of(&log_in(&kit, "ada", &card).await);
        assert_eq!(login.body["acr"], "aal2");
        Login::of(&log_in(&kit, "ada", &card).await);
    }
}

#[tokio::test]
async fn what_is_asked_for_stays_until_it_is_answered() {
    let kit = Kit::with(Store::Sqlite).config(MANY_TRIES).start().await;
    let card = with(&kit, "ada", "grid").await;
    let transaction = second(&kit, "ada").await;
    let (transaction, first) = asked(&kit, &transaction, "grid").await;
    kit.answer(&transaction, "grid", json!({"characters": "AAAAAA"})).await.expect(401);
    let (_, again) = asked(&kit, &transaction, "grid").await;
    assert_eq!(again, first, "asked again in the same login");
    for _ in 0..20 {
        kit.advance(Duration::from_secs(3600));
        let (_, elsewhere) = asked(&kit, &second(&kit, "ada").await, "grid").await;
        assert_eq!(elsewhere, first, "asked in another login");
    }
    Login::of(&log_in(&kit, "ada", &card).await);
    let (_, next) = asked(&kit, &second(&kit, "ada").await, "grid").await;
    let was_there = |cell: &Value| first["cells"].as_array().unwrap().contains(cell);
    assert!(!next["cells"].as_array().unwrap().iter().any(was_there), "{first} {next}");
}

#[tokio::test]
async fn an_answer_that_somebody_has_watched_is_spent() {
    let kit = Kit::memory().await;
    let card = with(&kit, "ada", "grid").await;
    let (hers, prompt) = asked(&kit, &second(&kit, "ada").await, "grid").await;
    let (thiefs, _) = asked(&kit, &second(&kit, "ada").await, "grid").await;
    let said = card.says(&kit, &prompt, 0);
    Login::of(&kit.answer(&hers, "grid", said.clone()).await);
    kit.answer(&thiefs, "grid", said.clone()).await.expect(401);
    kit.answer(&hers, "grid", said).await.expect(404);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_answer_in_twenty_logins_lets_exactly_one_in() {
    let kit = Arc::new(Kit::with(Store::Sqlite).config(MANY_TRIES).start().await);
    let card = with(&kit, "ada", "grid").await;
    let mut waiting = Vec::new();
    for transaction in half_way(&kit, "ada").await {
        waiting.push(asked(&kit, &transaction, "grid").await);
    }
    let said = card.says(&kit, &waiting[0].1, 0);
    let tries = waiting.into_iter().map(|(transaction, _)| {
        let (kit, said) = (kit.clone(), said.clone());
        async move { kit.answer(&transaction, "grid", said).await }
    });
    let replies = all(tries).await;
    assert_eq!((count(&replies, 200), count(&replies, 401)), (1, 19), "{replies:?}");
}

#[tokio::test]
async fn who_has_no_card_is_asked_all_the_same_and_refused_alike() {
    let kit = Kit::with(Store::Memory).config(MANY_TRIES).config(FIRST).start().await;
    let (ada, _) = (with(&kit, "ada", "grid").await, with(&kit, "bob", "grid").await);
    kit.person("without").await;
    let disabled = kit.person("disabled").await;
    kit.disable(&disabled).await;
    let (_, hers) = asked(&kit, &kit.begin("ada").await, "grid").await;
    let right = ada.says(&kit, &hers, 0);
    let mut refusals = Vec::new();
    for name in ["ada", "bob", "without", "disabled", "nobody"] {
        let (transaction, prompt) = asked(&kit, &kit.begin(name).await, "grid").await;
        let keys = |v: &Value| v.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
        assert_eq!(keys(&prompt), keys(&hers), "{name}");
        assert_eq!(prompt["cards"], json!([]), "{name}: nothing is told before something is proven");
        assert_eq!(prompt["cells"].as_array().unwrap().len(), 3);
        let (transaction, again) = asked(&kit, &transaction, "grid").await;
        assert_eq!(again, prompt, "{name}");
        assert_eq!(asked(&kit, &kit.begin(name).await, "grid").await.1, prompt, "{name}");
        let sent = if name == "ada" { json!({"characters": "AAAAAA"}) } else { right.clone() };
        refusals.push(seen(&kit.answer(&transaction, "grid", sent).await));
    }
    assert_eq!(refusals[0].0, 401);
    assert!(refusals.iter().all(|refusal| *refusal == refusals[0]), "{refusals:?}");
    let (transaction, prompt) = asked(&kit, &kit.begin("ada").await, "grid").await;
    assert_eq!(prompt, hers, "wrong answers change nothing");
    let reply = kit.answer(&transaction, "grid", right).await.expect(200);
    assert_eq!(reply.json()["status"], "done", "{}", reply.text());
}

#[tokio::test]
async fn cells_that_were_never_shown_are_not_answered() {
    let kit = Kit::memory().await;
    let card = with(&kit, "ada", "grid").await;
    let (_, prompt) = asked(&kit, &second(&kit, "ada").await, "grid").await;
    let unasked = second(&kit, "ada").await;
    kit.answer(&unasked, "grid", card.says(&kit, &prompt, 0)).await.expect(409);
}

#[tokio::test]
async fn a_login_that_takes_too_long_is_over_and_so_is_a_card_in_the_end() {
    let kit = Kit::with(Store::Memory).config("[plugins.grid]\nvalid_days = 2\n").start().await;
    let card = with(&kit, "ada", "grid").await;
    let (transaction, prompt) = asked(&kit, &second(&kit, "ada").await, "grid").await;
    kit.advance(Duration::from_secs(601));
    kit.answer(&transaction, "grid", card.says(&kit, &prompt, 0)).await.expect(404);
    Login::of(&log_in(&kit, "ada", &card).await);
    let (transaction, prompt) = asked(&kit, &second(&kit, "ada").await, "grid").await;
    let said = card.says(&kit, &prompt, 0);
    assert_eq!(prompt["cards"][0]["serial"], card.reveal["serial"]);
    kit.advance(Duration::from_secs(590));
    Login::of(&kit.answer(&transaction, "grid", said).await);
    kit.advance(Duration::from_secs(2 * 24 * 3600));
    let (transaction, prompt) = asked(&kit, &second(&kit, "ada").await, "grid").await;
    assert_eq!(prompt["cards"], json!([]));
    kit.answer(&transaction, "grid", card.says(&kit, &prompt, 0)).await.expect(401);
}

#[tokio::test]
async fn an_administrator_makes_a_card_for_somebody_else() {
    let kit = Kit::memory().await;
    let boss = kit.administrator().await;
    let ada = kit.person("ada").await;
    let path = format!("/auth/v1/people/{}/credentials", ada.id);
    let body = json!({"invite": {"label": "From the desk"}});
    let made = kit.post_as(&boss, &format!("{path}/grid"), &body).await.expect(201).json();
    let card = Holds { id: "grid", invitation: json!({}), reveal: made["reveal"].clone() };
    let login = Login::of(&log_in(&kit, "ada", &card).await);
    let listed = kit.get_as(&login.access_token, "/auth/v1/me/credentials").await.expect(200).json();
    let shown = listed.as_array().unwrap().iter().find(|c| c["authenticator"] == "grid").unwrap();
    assert_eq!(
        (&shown["label"], &shown["details"]["serial"]),
        (&json!("From the desk"), &card.reveal["serial"])
    );
}

#[tokio::test]
async fn what_is_too_long_or_of_another_shape_is_no_answer() {
    let kit = Kit::memory().await;
    with(&kit, "ada", "grid").await;
    let (transaction, _) = asked(&kit, &second(&kit, "ada").await, "grid").await;
    for bad in [
        json!({}),
        json!({"characters": ["A"]}),
        json!({"characters": "A".repeat(97)}),
        json!({"characters": "AAAAAA", "cells": []}),
    ] {
        let reply = kit.answer(&transaction, "grid", bad.clone()).await;
        assert!(matches!(reply.status.as_u16(), 400 | 401), "{bad}: {}", reply.text());
    }
}
