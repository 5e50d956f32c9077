//! People, as their administrators see them.

use super::{ORIGIN, all, ask, id, person, somebody, try_login, world};
use gatewright_core::{Origin, Person, store::Write};
use kit::PASSWORD;
use serde_json::{Value, json};

const NEW: &str = "quiet Harbour 9 violins";

#[tokio::test]
async fn somebody_gets_an_account_a_password_and_another_name() {
    let (kit, _) = world().await;
    let (_, boss) = somebody(&kit, "acme", "boss", true).await;
    let body = json!({"username": "Ann", "email": "Ann@Example.org", "display_name": "Ann"});
    let made = ask(&kit, &boss, "POST", "/people", body).await.expect(201);
    let path = format!("/people/{}", made.str("id"));
    try_login(&kit, "acme", "ann", PASSWORD).await.expect(401);
    ask(&kit, &boss, "PUT", &format!("{path}/password"), json!({"password": NEW})).await.expect(204);
    try_login(&kit, "acme", "ann", NEW).await.expect(200);

    let change = json!({"username": "Anna", "display_name": null, "attributes": {"title": "Dr"}});
    let changed = ask(&kit, &boss, "PATCH", &path, change).await.expect(200).json();
    assert_eq!((&changed["username"], &changed["attributes"]["title"]), (&json!("Anna"), &json!("Dr")));
    assert_eq!((changed.get("display_name"), &changed["email"]), (None, &json!("Ann@Example.org")));
    try_login(&kit, "acme", "ann", NEW).await.expect(401);
    try_login(&kit, "acme", "anna", NEW).await.expect(200);
    ask(&kit, &boss, "PATCH", &path, json!({"attributes": [1]})).await.expect(422);

    for query in ["username=ANNA", "email=ann@example.ORG"] {
        let found = ask(&kit, &boss, "GET", &format!("/people?{query}"), Value::Null).await.expect(200);
        assert_eq!(all(&found, "username"), ["Anna"], "{query}");
    }
    let none = ask(&kit, &boss, "GET", "/people?username=ann", Value::Null).await.expect(200);
    assert_eq!(none.json(), json!([]));
}

#[tokio::test]
async fn names_and_addresses_that_look_alike_are_refused() {
    let (kit, _) = world().await;
    let (_, boss) = somebody(&kit, "acme", "boss", true).await;
    let make = async |body: Value| ask(&kit, &boss, "POST", "/people", body).await;
    make(json!({"username": "paypal", "email": "pay@example.org"})).await.expect(201);
    let mixed = make(json!({"username": "p\u{430}ypal"})).await.expect(422).json();
    assert_eq!(mixed["violations"][0]["code"], "username");
    // All Cyrillic, and the same to the eye.
    make(json!({"username": "ace"})).await.expect(201);
    let taken = make(json!({"username": "\u{430}\u{441}\u{435}"})).await.expect(409);
    assert!(taken.str("detail").contains("looks like it"));
    make(json!({"username": "x", "email": "PAY@EXAMPLE.ORG"})).await.expect(409);
    make(json!({"username": "x", "email": "\u{440}\u{430}y@example.org"})).await.expect(422);
    let other = make(json!({"username": "other", "email": "other@example.org"})).await.expect(201).str("id");
    let path = format!("/people/{other}");
    for (change, status) in [
        (json!({"username": "PayPal"}), 409),
        (json!({"username": "p\u{430}ypal"}), 422),
        (json!({"email": "pAy@example.org"}), 409),
        (json!({"email": "no address"}), 422),
        (json!({"username": "Other"}), 200),
        (json!({"email": null}), 200),
    ] {
        ask(&kit, &boss, "PATCH", &path, change.clone()).await.expect(status);
    }
}

#[tokio::test]
async fn a_new_address_is_not_verified() {
    let (kit, _) = world().await;
    let (_, boss) = somebody(&kit, "acme", "boss", true).await;
    let ann = verified(&kit, person(&kit, "acme", "ann", false).await, "ann@example.org").await;
    let path = format!("/people/{}", ann.id);
    let shown = ask(&kit, &boss, "PATCH", &path, json!({"display_name": "A"})).await.expect(200).json();
    assert_eq!(shown["email_verified"], json!(true));
    let shown = ask(&kit, &boss, "PATCH", &path, json!({"email": "a@example.org"})).await.expect(200).json();
    assert_eq!((&shown["email"], &shown["email_verified"]), (&json!("a@example.org"), &json!(false)));
}

#[tokio::test]
async fn who_is_deleted_is_gone_with_everything() {
    let (kit, root) = world().await;
    let (_, boss) = somebody(&kit, "acme", "boss", true).await;
    let (ann, token) = somebody(&kit, "acme", "ann", false).await;
    super::grant(&kit, &root, json!({"role": "auditor", "person": ann.id})).await.expect(201);
    let path = format!("/people/{}", ann.id);
    ask(&kit, &boss, "DELETE", &path, Value::Null).await.expect(204);
    ask(&kit, &token, "GET", "/me", Value::Null).await.expect(401);
    ask(&kit, &boss, "GET", &path, Value::Null).await.expect(404);
    ask(&kit, &boss, "DELETE", &path, Value::Null).await.expect(404);
    try_login(&kit, "acme", "ann", PASSWORD).await.expect(401);
    assert_eq!(ask(&kit, &boss, "GET", "/assignments", Value::Null).await.expect(200).json(), json!([]));
    let (_, again) = somebody(&kit, "acme", "ann", false).await;
    ask(&kit, &again, "GET", "/people", Value::Null).await.expect(403);
    let log = kit.app.engine.store().audit(&id("acme"), &Default::default(), 50).await.expect("a log");
    let line = log.iter().find(|line| line.event.kind == "person.deleted").expect("is in the log");
    assert_eq!((line.event.person, line.event.door.as_str()), (Some(ann.id), "admin"));
    assert!(line.event.actor.is_some_and(|actor| actor != ann.id) && line.event.session.is_some());
}

#[tokio::test]
async fn who_is_kept_out_is_out_at_once_and_may_come_back() {
    let (kit, _) = world().await;
    let (_, boss) = somebody(&kit, "acme", "boss", true).await;
    let (ann, token) = somebody(&kit, "acme", "ann", false).await;
    let path = format!("/people/{}", ann.id);
    let sessions = ask(&kit, &boss, "GET", &format!("{path}/sessions"), Value::Null).await.expect(200);
    assert_eq!(all(&sessions, "door"), ["login"]);
    let shown = ask(&kit, &boss, "POST", &format!("{path}/disable"), Value::Null).await.expect(200).json();
    assert_eq!(shown["disabled"], json!(true));
    ask(&kit, &token, "GET", "/me", Value::Null).await.expect(401);
    try_login(&kit, "acme", "ann", PASSWORD).await.expect(401);
    ask(&kit, &boss, "POST", &format!("{path}/enable"), Value::Null).await.expect(200);
    let token = super::login(&kit, "acme", "ann").await;
    let sessions = ask(&kit, &boss, "GET", &format!("{path}/sessions"), Value::Null).await.expect(200);
    let session = format!("{path}/sessions/{}", all(&sessions, "id")[0]);
    ask(&kit, &boss, "DELETE", &session, Value::Null).await.expect(204);
    ask(&kit, &token, "GET", "/me", Value::Null).await.expect(401);
}

#[tokio::test]
async fn where_addresses_are_login_names_a_proven_one_finds_its_owner() {
    let (kit, root) = world().await;
    let change = json!({"settings": {"has_username_and_email": false}});
    ask(&kit, &root, "PATCH", "/tenants/acme", change).await.expect(200);
    let ann = verified(&kit, person(&kit, "acme", "ann", false).await, "ann@example.org").await;
    try_login(&kit, "acme", "Ann@Example.org", PASSWORD).await.expect(200);
    try_login(&kit, "acme", "ann", PASSWORD).await.expect(200);
    // One that is not proven finds nobody, and neither does any where there are login names.
    let boss = super::login(&kit, "default", "root").await;
    let path = format!("/people/{}?tenant=acme", ann.id);
    ask(&kit, &boss, "PATCH", &path, json!({"email": "b@example.org"})).await.expect(200);
    try_login(&kit, "acme", "b@example.org", PASSWORD).await.expect(401);
    let bob = verified(&kit, person(&kit, "default", "bob", false).await, "bob@example.org").await;
    try_login(&kit, "default", bob.email.as_deref().unwrap(), PASSWORD).await.expect(401);
}

#[tokio::test]
async fn a_second_name_gives_no_second_set_of_tries() {
    let (kit, root) = world().await;
    let change = json!({"settings": {"has_username_and_email": false}});
    ask(&kit, &root, "PATCH", "/tenants/acme", change).await.expect(200);
    verified(&kit, person(&kit, "acme", "ann", false).await, "ann@example.org").await;
    for _ in 0..10 {
        try_login(&kit, "acme", "ann", "wrong").await.expect(401);
    }
    try_login(&kit, "acme", "ann@example.org", PASSWORD).await.expect(401);
}

/// As a confirmation by mail leaves it.
async fn verified(kit: &kit::Kit, person: Person, email: &str) -> Person {
    let person = kit.reread(&person).await;
    let proven =
        Person { email: Some(email.to_owned()), email_verified: true, rev: person.rev + 1, ..person };
    let keys = proven.keys().expect("names");
    let event = gatewright_core::audit::Event::new("test", &proven.tenant, kit.now(), &Origin::local(ORIGIN));
    let writes = vec![Write::PersonReplace(proven.clone(), keys), Write::Audit(event)];
    kit.app.engine.store().commit(writes).await.expect("is written");
    proven
}
