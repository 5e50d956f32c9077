//! Tenants in the dialect of the vault contract, and who is blocked in them.

use super::admin::{ask, id, person, somebody, try_login, world};
use kit::{Call, Kit, Login, PASSWORD, Reply, Store};
use serde_json::{Value, json};
use std::time::Duration;

async fn send(kit: &Kit, token: &str, method: &str, path: &str, body: Value) -> Reply {
    let call = Call::new(method, &format!("/api/oidc{path}")).bearer(token);
    kit.send(if body.is_null() { call } else { call.json(&body) }).await
}

#[tokio::test]
async fn a_tenant_is_made_shown_and_replaced() {
    let (kit, root) = world().await;
    let made = send(&kit, &root, "POST", "/tenants", json!({"tenant_id": "beta"})).await.expect(201);
    assert_eq!(made.text(), "null");
    let shown = send(&kit, &root, "GET", "/tenants/beta", Value::Null).await.expect(200).json();
    assert_eq!((&shown["display_name"], &shown["patter_size"]), (&json!("beta"), &json!(3)));
    assert_eq!((&shown["use_pin"], &shown["register_enable"]), (&json!(true), &json!(false)));
    assert_eq!(shown["block_config"]["user_attempts_limit"], 10, "the host's");
    assert_eq!(shown["login_order"], json!(["PIN", "PATTERN"]));
    send(&kit, &root, "POST", "/tenants", json!({"tenant_id": "beta"})).await.expect(409);

    let form = json!({
        "display_name": "Beta", "use_pin": false, "pin_size": 4, "login_order": ["PATTERN"],
        "block_config": {"user_attempts_limit": 7}, "liveness_config": {"gesture_set": ["smile"]},
    });
    let said = send(&kit, &root, "PUT", "/tenants/beta", form).await.expect(200);
    assert_eq!(said.text(), "null");
    let shown = send(&kit, &root, "GET", "/tenants/beta", Value::Null).await.expect(200).json();
    assert_eq!((&shown["use_pin"], &shown["pin_size"]), (&json!(false), &json!(4)));
    let block = &shown["block_config"];
    assert_eq!((&block["user_attempts_limit"], &block["ip_attempts_limit"]), (&json!(7), &json!(5)));
    assert_eq!(shown["liveness_config"]["number_steps_min"], 4);

    // What is left out takes its default; the two that stay, stay.
    send(&kit, &root, "PUT", "/tenants/beta", json!({"display_name": "B"})).await.expect(200);
    let shown = send(&kit, &root, "GET", "/tenants/beta", Value::Null).await.expect(200).json();
    assert_eq!((&shown["use_pin"], &shown["pin_size"]), (&json!(true), &json!(6)));
    assert_eq!(shown["block_config"]["user_attempts_limit"], 7);
    assert_eq!((&shown["login_order"], &shown["liveness_config"]), (&json!(["PATTERN"]), &Value::Null));
}

#[tokio::test]
async fn two_factors_are_settled_when_a_tenant_is_made() {
    let (kit, root) = world().await;
    let bank = json!({"tenant_id": "bank", "is_2fa": true, "display_name": "Bank"});
    send(&kit, &root, "POST", "/tenants", bank).await.expect(201);
    person(&kit, "bank", "ann", false).await;
    let more = try_login(&kit, "bank", "ann", PASSWORD).await.expect(200).json();
    assert_eq!(more["status"], "more");
    let weaker = json!({"display_name": "Bank", "is_2fa": false});
    send(&kit, &root, "PUT", "/tenants/bank", weaker).await.expect(422);
    send(&kit, &root, "PUT", "/tenants/bank", json!({"display_name": "B"})).await.expect(200);
    let shown = send(&kit, &root, "GET", "/tenants/bank", Value::Null).await.expect(200).json();
    assert_eq!(shown["is_2fa"], true);
}

#[tokio::test]
async fn mistakes_are_422_and_say_where() {
    let (kit, root) = world().await;
    for bad in [
        json!({}),
        json!({"tenant_id": "users"}),
        json!({"tenant_id": "request-reset-password"}),
        json!({"tenant_id": "A b"}),
        json!({"tenant_id": "x", "pin_size": 7}),
        json!({"tenant_id": "x", "patter_size": 5}),
        json!({"tenant_id": "x", "login_order": ["PIN", "PIN"]}),
        json!({"tenant_id": "x", "block_config": {"user_attempts_limit": 0}}),
        json!({"tenant_id": "x", "liveness_config": {"number_steps_min": 9}}),
    ] {
        let refused = send(&kit, &root, "POST", "/tenants", bad.clone()).await.expect(422).json();
        let detail = &refused["detail"][0];
        assert!(detail["loc"][1].is_string() && detail["msg"].is_string(), "{bad}: {refused}");
    }
    send(&kit, &root, "PUT", "/tenants/acme", json!({"use_pin": true})).await.expect(422);
    send(&kit, &root, "GET", "/tenants/nowhere", Value::Null).await.expect(404);
    let page = send(&kit, &root, "GET", "/acme/blocked-ips?page_size=0", Value::Null).await.expect(422);
    assert_eq!(page.json()["detail"][0]["loc"], json!(["query", "page_size"]));
}

#[tokio::test]
async fn everybody_sees_the_tenants_that_are_theirs() {
    let (kit, root) = world().await;
    let names = async |token: &str| {
        let list = send(&kit, token, "GET", "/tenants", Value::Null).await.expect(200).json();
        let all = list["tenants"].as_array().unwrap().iter();
        all.map(|t| t["tenant_id"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(names(&root).await, ["acme", "default"]);
    let (_, boss) = somebody(&kit, "acme", "boss", true).await;
    assert_eq!(names(&boss).await, ["acme"]);
    send(&kit, &boss, "GET", "/tenants/default", Value::Null).await.expect(404);
    send(&kit, &boss, "POST", "/tenants", json!({"tenant_id": "mine"})).await.expect(403);
    let (_, ann) = somebody(&kit, "acme", "ann", false).await;
    send(&kit, &ann, "GET", "/tenants", Value::Null).await.expect(403);
    let change = json!({"display_name": "Mine"});
    send(&kit, &ann, "PUT", "/tenants/acme", change.clone()).await.expect(403);
    kit.send(Call::get("/api/oidc/tenants")).await.expect(401);
    // Changing takes a fresh login.
    kit.advance(Duration::from_secs(600));
    send(&kit, &boss, "PUT", "/tenants/acme", change).await.expect(403);
}

async fn guess(kit: &Kit, tenant: &str, username: &str, from: &str) -> u16 {
    let begin = json!({"tenant": tenant, "username": username});
    let begun = kit.send(Call::post("/auth/v1/login").from(from).json(&begin)).await.expect(200);
    let body = json!({"transaction": begun.str("transaction"), "answer": {"password": "a wrong guess"}});
    kit.send(Call::post("/auth/v1/login/password").from(from).json(&body)).await.status.as_u16()
}

#[tokio::test]
async fn who_is_blocked_is_listed_until_the_block_is_over() {
    for store in [Store::Memory, Store::Sqlite, Store::Postgres] {
        let config = "[login.block_config]\nuser_attempts_limit = 3\nip_attempts_limit = 7\n";
        let kit = Kit::with(store).config(config).start().await;
        let root = kit.administrator().await;
        let (ann, bob) = (kit.person("ann").await, kit.person("bob").await);
        let list = async |path: &str| {
            send(&kit, &root, "GET", &format!("/{path}"), Value::Null).await.expect(200).json()
        };
        for _ in 0..3 {
            assert_eq!(guess(&kit, "default", "ann", "2001:db8:1:2::9").await, 401);
        }
        kit.advance(Duration::from_secs(1));
        // A name that nobody has is blocked like any other, and listed nowhere.
        for name in ["nobody", "bob"] {
            for _ in 0..3 {
                guess(&kit, "default", name, "198.51.100.7").await;
            }
        }
        let users = list("tenants/default/blocked-users").await;
        let names = |page: &Value| {
            let all = page["data"].as_array().unwrap().iter();
            all.map(|one| one["username"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!((names(&users), &users["total_count"]), (vec!["bob".into(), "ann".into()], &json!(2)));
        assert_eq!(users["data"][0]["user_id"], json!(bob.id));
        assert_eq!((&users["data"][1]["user_id"], &users["data"][1]["email"]), (&json!(ann.id), &json!("")));
        assert_eq!(users["data"][0]["block_time_seconds"], 60);
        assert_eq!(users, list("default/blocked-users").await, "the second path");
        let first = list("default/blocked-users?page_size=1&sort_direction=1").await;
        assert_eq!((names(&first), &first["has_next"]), (vec!["ann".into()], &json!(true)));
        let second = list("default/blocked-users?page=1&page_size=1&sort_direction=1").await;
        assert_eq!((names(&second), &second["has_next"]), (vec!["bob".into()], &json!(false)));

        assert_eq!(list("tenants/default/blocked-ips").await["total_count"], 0);
        // The seventh, at somebody who is blocked already.
        assert_eq!(guess(&kit, "default", "bob", "198.51.100.7").await, 401);
        assert_eq!(guess(&kit, "default", "bob", "198.51.100.7").await, 429);
        kit.advance(Duration::from_secs(1));
        for _ in 0..4 {
            guess(&kit, "default", "ann", "2001:db8:1:2::9").await;
        }
        let ips = list("tenants/default/blocked-ips?sort_direction=1").await;
        let addresses: Vec<_> = ips["data"].as_array().unwrap().iter().map(|ip| &ip["ip"]).collect();
        assert_eq!(addresses, ["198.51.100.7", "2001:db8:1:2::/64"]);
        assert_eq!(ips, list("default/blocked-ips?sort_direction=1").await);

        kit.advance(Duration::from_secs(62));
        assert_eq!(list("default/blocked-users").await["total_count"], 0);
        assert_eq!(list("default/blocked-ips").await["data"], json!([]));
    }
}

#[tokio::test]
async fn a_right_answer_that_comes_last_blocks_nobody() {
    let (kit, root) = world().await;
    let (_, boss) = somebody(&kit, "acme", "boss", true).await;
    person(&kit, "acme", "ann", false).await;
    for _ in 0..9 {
        guess(&kit, "acme", "ann", "192.0.2.1").await;
    }
    Login::of(&try_login(&kit, "acme", "ann", PASSWORD).await);
    let users = send(&kit, &boss, "GET", "/acme/blocked-users", Value::Null).await.expect(200).json();
    assert_eq!(users["total_count"], 0);
    // Who is deleted is on no list.
    let eve = person(&kit, "acme", "eve", false).await;
    for _ in 0..10 {
        guess(&kit, "acme", "eve", "192.0.2.1").await;
    }
    let list = async || send(&kit, &boss, "GET", "/acme/blocked-users", Value::Null).await.json();
    assert_eq!(list().await["data"][0]["username"], "eve");
    let path = format!("/people/{}", eve.id);
    ask(&kit, &boss, "DELETE", &path, Value::Null).await.expect(204);
    assert_eq!(list().await["total_count"], 0);
    // Nobody sees those of another tenant, but the operator.
    send(&kit, &boss, "GET", "/default/blocked-users", Value::Null).await.expect(404);
    send(&kit, &root, "GET", "/acme/blocked-ips", Value::Null).await.expect(200);
    let (_, ann) = (id("acme"), Login::of(&try_login(&kit, "acme", "ann", PASSWORD).await).access_token);
    send(&kit, &ann, "GET", "/acme/blocked-users", Value::Null).await.expect(403);
    send(&kit, &ann, "GET", "/acme/blocked-ips", Value::Null).await.expect(403);
}
