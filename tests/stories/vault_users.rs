//! People in the dialect of the vault contract.

mod changes;
mod many;

use super::admin::{ask, give, grant, group, id, login, person, somebody, tenant, try_login, world};
use kit::{Call, Kit, PASSWORD, Reply, Store};
use serde_json::{Value, json};
use std::time::Duration;

async fn send(kit: &Kit, token: &str, method: &str, path: &str, body: Value) -> Reply {
    let call = Call::new(method, &format!("/api/oidc{path}")).bearer(token);
    kit.send(if body.is_null() { call } else { call.json(&body) }).await
}

/// A user of `acme` as a client sends one.
fn user(name: &str) -> Value {
    json!({"user_id": "", "username": name, "email": format!("{name}@example.org"), "tenant_id": "acme"})
}

/// With these members besides.
fn with(mut user: Value, more: Value) -> Value {
    for (name, value) in more.as_object().expect("an object") {
        user[name] = value.clone();
    }
    user
}

fn names(page: &Value) -> Vec<&str> {
    page["data"].as_array().expect("a page").iter().filter_map(|u| u["username"].as_str()).collect()
}

#[tokio::test]
async fn somebody_is_made_found_and_shown() {
    let (kit, root) = world().await;
    let more = json!({"locale": "pt-BR", "external_id": "4711", "is_verified": true, "roles": ["helpdesk"]});
    let made = send(&kit, &root, "POST", "/acme/users", with(user("ann"), more)).await.expect(201).json();
    let id = made["user_id"].as_str().expect("an id");
    assert_eq!((&made["locale"], &made["external_id"]), (&json!("pt-BR"), &json!("4711")));
    assert_eq!((&made["is_verified"], &made["is_disabled"]), (&json!(true), &json!(false)));
    assert_eq!((&made["roles"], &made["tenant_id"]), (&json!(["helpdesk"]), &json!("acme")));
    assert!(made["created_at"].is_string() && made["updated_at"].is_null(), "{made}");
    let shown = send(&kit, &root, "GET", &format!("/acme/users/{id}"), Value::Null).await.expect(200);
    assert_eq!(shown.json(), made);
    let by_name = send(&kit, &root, "GET", "/acme/users/by-name/ANN", Value::Null).await.expect(200);
    assert_eq!(by_name.json(), made, "whatever the capitals");
    for path in ["/acme/users/by-name/bob", "/acme/users/me", "/nowhere/users/by-name/ann"] {
        send(&kit, &root, "GET", path, Value::Null).await.expect(404);
    }
    send(&kit, &root, "POST", "/acme/users", user("Ann")).await.expect(409);
    // Without any credential.
    try_login(&kit, "acme", "ann", PASSWORD).await.expect(401);
}

#[tokio::test]
async fn everybody_sees_themselves() {
    let (kit, root) = world().await;
    let (ann, token) = somebody(&kit, "acme", "ann", false).await;
    let me = send(&kit, &token, "GET", "/users/me", Value::Null).await.expect(200).json();
    assert_eq!((&me["user_id"], &me["roles"], &me["email"]), (&json!(ann.id), &json!([]), &json!("")));
    send(&kit, &token, "GET", &format!("/acme/users/{}", ann.id), Value::Null).await.expect(403);
    let operator = send(&kit, &root, "GET", "/users/me", Value::Null).await.expect(200).json();
    assert_eq!(operator["roles"], json!(["operator"]));
    kit.send(Call::get("/api/oidc/users/me")).await.expect(401);
}

#[tokio::test]
async fn people_are_listed_searched_and_sorted() {
    for store in [Store::Memory, Store::Sqlite, Store::Postgres] {
        let kit = Kit::with(store).start().await;
        let root = kit.administrator().await;
        kit.advance(Duration::from_millis(10));
        let made = [("carol", "z"), ("Bob_1", "y"), ("bobby", "x%"), ("dave", "w")];
        for (name, mail) in made {
            let body = json!({
                "user_id": "", "username": name, "email": format!("{mail}@example.org"), "tenant_id": "default",
            });
            send(&kit, &root, "POST", "/default/users", body).await.expect(201);
            kit.advance(Duration::from_millis(10));
        }
        kit.person("eve").await;
        let service = json!({"username": "robot"});
        let _ = kit.post_as(&root, "/auth/v1/service-accounts", &service).await;
        let list = async |query: &str| {
            let path = format!("/default/users?{query}");
            send(&kit, &root, "GET", &path, Value::Null).await.expect(200).json()
        };
        let all = list("").await;
        assert_eq!(names(&all), ["eve", "dave", "bobby", "Bob_1", "carol", "root"], "the last made first");
        assert_eq!((&all["total_count"], &all["has_next"]), (&json!(6), &json!(false)));
        assert_eq!(
            names(&list("sort_by=username&sort_direction=1&limit=3").await),
            ["Bob_1", "bobby", "carol"]
        );
        let page = list("sort_by=username&sort_direction=1&limit=2&offset=1").await;
        assert_eq!((names(&page), &page["has_next"]), (vec!["bobby", "carol"], &json!(true)));
        let by_mail = list("sort_by=email&sort_direction=-1").await;
        assert_eq!(names(&by_mail)[..4], ["carol", "Bob_1", "bobby", "dave"]);
        assert_eq!(
            names(&list("sort_by=email&sort_direction=1").await)[2..],
            ["dave", "bobby", "Bob_1", "carol"]
        );
        assert_eq!(names(&list("username=BOB").await), ["bobby", "Bob_1"]);
        // Nothing in a filter is a pattern.
        assert_eq!(names(&list("username=b_1").await), ["Bob_1"]);
        assert_eq!(names(&list("username=b%25").await), [""; 0]);
        assert_eq!(names(&list("email=%25").await), ["bobby"]);
        assert_eq!(names(&list("email=example.ORG&username=a&sort_direction=0").await), ["dave", "carol"]);
        for bad in
            ["limit=0", "limit=501", "limit=x", "offset=-1", "offset=10001", "sort_direction=2", "sort_by=id"]
        {
            let path = format!("/default/users?{bad}");
            let refused = send(&kit, &root, "GET", &path, Value::Null).await.expect(422).json();
            assert_eq!(refused["detail"][0]["loc"][0], "query", "{bad}: {refused}");
        }
    }
}

#[tokio::test]
async fn a_tenant_is_seen_by_those_who_may() {
    let (kit, root) = world().await;
    let (_, boss) = somebody(&kit, "acme", "boss", true).await;
    let (will, reader) = somebody(&kit, "acme", "will", false).await;
    send(&kit, &reader, "GET", "/acme/users", Value::Null).await.expect(403);
    give(&kit, &root, &will, "reader", &["people.read"]).await;
    let seen = send(&kit, &reader, "GET", "/acme/users", Value::Null).await.expect(200).json();
    assert!(seen["data"][0].get("roles").is_none(), "who may not know roles is shown none");
    send(&kit, &reader, "POST", "/acme/users", user("x")).await.expect(403);
    send(&kit, &boss, "GET", "/default/users", Value::Null).await.expect(404);
    let other = with(user("x"), json!({"tenant_id": "default"}));
    send(&kit, &boss, "POST", "/default/users", other).await.expect(404);
}

#[tokio::test]
async fn a_key_that_reads_can_not_write() {
    let (kit, _) = world().await;
    let (_, boss) = somebody(&kit, "acme", "boss", true).await;
    let key = async |scopes: Value| {
        let form = json!({"name": "import", "scopes": scopes, "tenant_id": "acme"});
        send(&kit, &boss, "POST", "/api-keys", form).await.expect(201).str("api_key")
    };
    let reads = key(json!(["USER:READ"])).await;
    send(&kit, &reads, "GET", "/acme/users", Value::Null).await.expect(200);
    send(&kit, &reads, "POST", "/acme/users", user("ann")).await.expect(403);
    send(&kit, &reads, "POST", "/acme/users/batch", json!({"users": []})).await.expect(403);
    send(&kit, &reads, "POST", "/acme/users/batch-delete", json!({"users_ids": []})).await.expect(403);
    send(&kit, &reads, "GET", "/users/me", Value::Null).await.expect(403);
    let writes = key(json!(["USER"])).await;
    send(&kit, &writes, "POST", "/acme/users", user("ann")).await.expect(201);
    // People, and nothing that they may.
    let roles = with(user("eve"), json!({"roles": ["administrator"]}));
    send(&kit, &writes, "POST", "/acme/users", roles).await.expect(403);
    send(&kit, &writes, "GET", "/tenants/acme", Value::Null).await.expect(403);
}

#[tokio::test]
async fn scripts_come_back_as_text() {
    let (kit, root) = world().await;
    let script = "<script>alert(1)</script>";
    let more = json!({"external_id": script});
    let made = send(&kit, &root, "POST", "/acme/users", with(user("ann"), more)).await.expect(201);
    assert_eq!(made.str("external_id"), script);
    assert!(made.header("content-type").is_some_and(|kind| kind.starts_with("application/json")));
    assert_eq!(made.header("x-content-type-options"), Some("nosniff"));
    for (field, text) in [("username", script), ("email", script), ("locale", script)] {
        let bad = with(user("bob"), json!({field: text}));
        let reply = send(&kit, &root, "POST", "/acme/users", bad).await;
        if field == "username" {
            assert_eq!(reply.expect(201).str("username"), script);
            continue;
        }
        let refused = reply.expect(422);
        assert!(!refused.text().contains("alert"), "{field}: {}", refused.text());
    }
    let tenant = json!({"tenant_id": "evil", "display_name": script});
    send(&kit, &root, "POST", "/tenants", tenant).await.expect(201);
    let shown = send(&kit, &root, "GET", "/tenants/evil", Value::Null).await.expect(200);
    assert_eq!(shown.str("display_name"), script);
    let found = send(&kit, &root, "GET", "/acme/users?username=%3Cscript%3E", Value::Null).await;
    assert_eq!(names(&found.expect(200).json()), [script]);
}
