//! The last administrator of a tenant stays.

use super::{all, ask, grant, person, somebody, world};
use kit::Store;
use serde_json::{Value, json};

#[tokio::test]
async fn the_last_administrator_is_not_dismissed_disabled_or_deleted() {
    let (kit, root) = world().await;
    let (boss, token) = somebody(&kit, "acme", "boss", true).await;
    let path = format!("/people/{}", boss.id);
    let dismiss = json!({"administrator": false});
    for who in [&token, &root] {
        let at = |rest: &str| format!("{path}{rest}?tenant=acme");
        ask(&kit, who, "PATCH", &at(""), dismiss.clone()).await.expect(409);
        ask(&kit, who, "POST", &at("/disable"), Value::Null).await.expect(409);
        ask(&kit, who, "DELETE", &at(""), Value::Null).await.expect(409);
    }
    // Another one by a role is one as well; who is one through a group is not counted.
    let ann = person(&kit, "acme", "ann", false).await;
    let given = grant(&kit, &token, json!({"role": "administrator", "person": ann.id})).await.expect(201);
    ask(&kit, &token, "PATCH", &path, dismiss).await.expect(200);
    ask(&kit, &token, "GET", "/people", Value::Null).await.expect(403);
    let given = format!("/assignments/{}?tenant=acme", given.str("id"));
    ask(&kit, &root, "DELETE", &given, Value::Null).await.expect(409);
    ask(&kit, &root, "DELETE", &format!("/people/{}?tenant=acme", ann.id), Value::Null).await.expect(409);
    let again = json!({"administrator": true});
    ask(&kit, &root, "PATCH", &format!("{path}?tenant=acme"), again).await.expect(200);
    ask(&kit, &root, "DELETE", &given, Value::Null).await.expect(204);
}

#[tokio::test]
async fn a_disabled_administrator_and_a_program_do_not_count() {
    let (kit, root) = world().await;
    let (_, token) = somebody(&kit, "acme", "boss", true).await;
    let (ann, _) = somebody(&kit, "acme", "ann", true).await;
    let robot =
        ask(&kit, &token, "POST", "/service-accounts", json!({"username": "robot"})).await.expect(201);
    grant(&kit, &token, json!({"role": "administrator", "person": robot.str("id")})).await.expect(201);
    ask(&kit, &token, "POST", &format!("/people/{}/disable", ann.id), Value::Null).await.expect(200);
    let me = ask(&kit, &token, "GET", "/me", Value::Null).await.str("id");
    ask(&kit, &token, "DELETE", &format!("/people/{me}"), Value::Null).await.expect(409);
    ask(&kit, &root, "DELETE", &format!("/people/{}?tenant=acme", ann.id), Value::Null).await.expect(204);
}

#[tokio::test]
async fn an_operator_by_a_role_is_one_who_stays() {
    let (kit, root) = world().await;
    let dora = person(&kit, "default", "dora", false).await;
    let body = json!({"role": "operator", "person": dora.id});
    let given = ask(&kit, &root, "POST", "/assignments", body).await.expect(201).str("id");
    let me = ask(&kit, &root, "GET", "/me", Value::Null).await.str("id");
    let dismiss = json!({"administrator": false});
    ask(&kit, &root, "PATCH", &format!("/people/{me}"), dismiss).await.expect(200);
    ask(&kit, &root, "GET", "/people?tenant=acme", Value::Null).await.expect(404);
    let dora = super::login(&kit, "default", "dora").await;
    ask(&kit, &dora, "GET", "/people?tenant=acme", Value::Null).await.expect(200);
    ask(&kit, &dora, "DELETE", &format!("/assignments/{given}"), Value::Null).await.expect(409);
}

#[tokio::test]
async fn two_who_delete_each_other_at_once_do_not_both_succeed() {
    for store in [Store::Memory, Store::Sqlite] {
        let kit = kit::Kit::with(store).start().await;
        let (ann, a) = somebody(&kit, "default", "ann", true).await;
        let (bob, b) = somebody(&kit, "default", "bob", true).await;
        let (of_bob, of_ann) = (format!("/people/{}", bob.id), format!("/people/{}", ann.id));
        let (first, second) = tokio::join!(
            ask(&kit, &a, "DELETE", &of_bob, Value::Null),
            ask(&kit, &b, "DELETE", &of_ann, Value::Null),
        );
        let done = [first.status.as_u16(), second.status.as_u16()];
        assert_eq!(done.iter().filter(|status| **status == 204).count(), 1, "{done:?}");
        let token = if first.status == 204 { a } else { b };
        let left = ask(&kit, &token, "GET", "/people", Value::Null).await.expect(200);
        assert_eq!(all(&left, "username").len(), 1);
    }
}

#[tokio::test]
async fn an_administrator_of_the_tenant_default_is_no_operator_who_stays() {
    let (kit, root) = world().await;
    let dora = person(&kit, "default", "dora", false).await;
    let body = json!({"role": "administrator", "person": dora.id});
    ask(&kit, &root, "POST", "/assignments", body).await.expect(201);
    let me = ask(&kit, &root, "GET", "/me", Value::Null).await.str("id");
    let dismiss = json!({"administrator": false});
    ask(&kit, &root, "PATCH", &format!("/people/{me}"), dismiss).await.expect(409);
    ask(&kit, &root, "DELETE", &format!("/people/{me}"), Value::Null).await.expect(409);
}
