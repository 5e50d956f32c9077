//! Somebody sets up for somebody else what that person logs in with.

use super::{all, ask, person, somebody, try_login, world};
use crate::stories::factors::Badge;
use kit::{PASSWORD, Store};
use serde_json::{Value, json};

const NEW: &str = "quiet Harbour 9 violins";

#[tokio::test]
async fn a_password_comes_in_the_place_of_the_old_one_and_ends_sessions() {
    let (kit, _) = world().await;
    let (_, boss) = somebody(&kit, "acme", "boss", true).await;
    let (ann, token) = somebody(&kit, "acme", "ann", false).await;
    let path = format!("/people/{}/credentials", ann.id);
    let body = json!({"proof": {"password": NEW}});
    let set = ask(&kit, &boss, "POST", &format!("{path}/password"), body).await.expect(201);
    let listed = ask(&kit, &boss, "GET", &path, Value::Null).await.expect(200);
    assert_eq!(all(&listed, "id"), [set.str("credential_id")]);
    ask(&kit, &token, "GET", "/me", Value::Null).await.expect(401);
    try_login(&kit, "acme", "ann", PASSWORD).await.expect(401);
    try_login(&kit, "acme", "ann", NEW).await.expect(200);
    let log = kit.app.engine.store().audit(&super::id("acme"), &Default::default(), 50).await.expect("a log");
    let line = log.iter().find(|line| line.event.kind == "credential.set").expect("is in the log");
    assert_eq!(line.event.authenticator.as_deref(), Some("password"));
    assert!(line.event.actor.is_some_and(|actor| actor != ann.id) && line.event.session.is_some());
}

#[tokio::test]
async fn of_what_somebody_may_have_several_it_is_one_more_and_nobody_is_thrown_out() {
    for store in [Store::Memory, Store::Sqlite, Store::Postgres] {
        let kit = Badge::kit(store).await;
        let (_, boss) = somebody(&kit, "default", "boss", true).await;
        let (ann, token) = somebody(&kit, "default", "ann", false).await;
        let path = format!("/people/{}/credentials", ann.id);
        for number in ["one", "two"] {
            let body = json!({"invite": {"number": number}});
            let set = ask(&kit, &boss, "POST", &format!("{path}/badge"), body).await.expect(201).json();
            assert_eq!(set["reveal"], json!({"printed": number}), "it is shown once");
        }
        ask(&kit, &token, "GET", "/me", Value::Null).await.expect(200);
        for listed in [
            ask(&kit, &boss, "GET", &path, Value::Null).await.expect(200).json(),
            ask(&kit, &token, "GET", "/me/credentials", Value::Null).await.expect(200).json(),
        ] {
            let mut ends: Vec<&str> =
                listed.as_array().unwrap().iter().filter_map(|c| c["details"]["ends_in"].as_str()).collect();
            ends.sort_unstable();
            assert_eq!((ends, how_many(&listed)), (vec!["ne", "wo"], 3));
        }
    }
}

fn how_many(list: &Value) -> usize {
    list.as_array().map_or(0, Vec::len)
}

#[tokio::test]
async fn what_only_an_administrator_may_set_up_nobody_sets_up_alone() {
    let kit = Badge::kit(Store::Memory).await;
    let (_, ann) = somebody(&kit, "default", "ann", false).await;
    ask(&kit, &ann, "POST", "/enrol/badge", json!({"invite": {"number": "one"}})).await.expect(400);
}

#[tokio::test]
async fn what_breaks_a_rule_or_has_not_the_shape_sets_nothing_up() {
    let (kit, root) = world().await;
    let (_, boss) = somebody(&kit, "acme", "boss", true).await;
    let (ann, token) = somebody(&kit, "acme", "ann", false).await;
    let path = format!("/people/{}/credentials/password", ann.id);
    let weak =
        ask(&kit, &boss, "POST", &path, json!({"proof": {"password": "ann"}})).await.expect(422).json();
    assert!(weak["violations"].as_array().is_some_and(|list| !list.is_empty()), "{weak}");
    for body in [json!({}), json!({"proof": {"password": 7}}), json!({"proof": {}, "extra": 1}), json!([])] {
        ask(&kit, &boss, "POST", &path, body).await.expect(400);
    }
    let good = json!({"proof": {"password": NEW}});
    for (who, path, status) in [
        (&boss, "/people/0/credentials/password".to_owned(), 400),
        (&boss, format!("/people/{}/credentials/nothing", ann.id), 405),
        (&boss, path.clone() + "?tenant=default", 404),
        (&boss, path.clone() + "?tenant=acme&tenant=default", 400),
        (&token, path.clone(), 403),
        (&root, path.clone(), 404),
        (&root, path.clone() + "?tenant=acme", 201),
    ] {
        ask(&kit, who, "POST", &path, good.clone()).await.expect(status);
    }
    try_login(&kit, "acme", "ann", NEW).await.expect(200);
}

#[tokio::test]
async fn who_may_less_sets_nothing_up_for_who_may_more() {
    let (kit, root) = world().await;
    let boss = person(&kit, "acme", "boss", true).await;
    let (help, token) = somebody(&kit, "acme", "help", false).await;
    super::grant(&kit, &root, json!({"role": "helpdesk", "person": help.id})).await.expect(201);
    let path = format!("/people/{}/credentials/password", boss.id);
    let body = json!({"proof": {"password": NEW}});
    ask(&kit, &token, "POST", &path, body).await.expect(403);
    try_login(&kit, "acme", "boss", PASSWORD).await.expect(200);
}
