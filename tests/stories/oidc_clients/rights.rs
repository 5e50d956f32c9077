//! Who may look after clients.

use super::{PATH, ask, form};
use crate::stories::admin::{give, login, somebody, world};
use kit::{Call, Kit};
use serde_json::{Value, json};
use std::time::Duration;

const ACME: &str = "/auth/v1/tenants/acme/clients";
const OIDC: &str = "/api/oidc/clients?tenant_id=acme";

#[tokio::test]
async fn it_takes_the_permission_the_tenant_and_a_recent_login() {
    let (kit, root) = world().await;
    let (ann, token) = somebody(&kit, "acme", "ann", false).await;
    for (method, path, body) in [
        ("GET", ACME, Value::Null),
        ("POST", ACME, form("Shop")),
        ("DELETE", "/auth/v1/tenants/acme/clients/shop", Value::Null),
        ("GET", OIDC, Value::Null),
    ] {
        ask(&kit, &token, method, path, body.clone()).await.expect(403);
        kit.send(Call::new(method, path).json(&body)).await.expect(401);
    }
    give(&kit, &root, &ann, "Looks", &["clients.read"]).await;
    ask(&kit, &token, "GET", ACME, Value::Null).await.expect(200);
    ask(&kit, &token, "GET", OIDC, Value::Null).await.expect(200);
    ask(&kit, &token, "POST", ACME, form("Shop")).await.expect(403);
    give(&kit, &root, &ann, "Keeps", &["clients.write"]).await;
    ask(&kit, &token, "POST", ACME, form("Shop")).await.expect(201);
    // Another tenant is one that is not there.
    ask(&kit, &token, "GET", PATH, Value::Null).await.expect(404);
    ask(&kit, &token, "POST", PATH, form("Shop")).await.expect(404);
    ask(&kit, &token, "GET", "/auth/v1/tenants/%2e%2e/clients", Value::Null).await.expect(404);

    kit.advance(Duration::from_secs(400));
    let late =
        ask(&kit, &token, "DELETE", "/auth/v1/tenants/acme/clients/shop", Value::Null).await.expect(403);
    assert_eq!(late.str("code"), "elevation_required");
    ask(&kit, &token, "GET", ACME, Value::Null).await.expect(200);
    let again = login(&kit, "acme", "ann").await;
    ask(&kit, &again, "DELETE", "/auth/v1/tenants/acme/clients/shop", Value::Null).await.expect(204);
}

#[tokio::test]
async fn nobody_gives_a_client_what_they_do_not_have() {
    let (kit, root) = world().await;
    let (ann, token) = somebody(&kit, "acme", "ann", false).await;
    give(&kit, &root, &ann, "Keeps", &["clients.write", "clients.read", "people.read"]).await;
    let with = |id: &str, scope: &str| {
        let mut form = form("Shop");
        form["client_id"] = json!(id);
        form["settings"]["scopes"] = json!(["openid", scope]);
        form
    };
    for scope in ["admin", "people.write", "USER", "TENANT:READ", "account", "host.tenants"] {
        ask(&kit, &token, "POST", ACME, with("more", scope)).await.expect(403);
    }
    for (id, scope) in [("less", "USER:READ"), ("theirs", "invoices.read")] {
        ask(&kit, &token, "POST", ACME, with(id, scope)).await.expect(201);
    }
    // Who sets credentials may let people manage theirs through an application.
    let (joe, other) = somebody(&kit, "acme", "joe", false).await;
    give(&kit, &root, &joe, "Helps", &["clients.write", "credentials.write"]).await;
    ask(&kit, &other, "POST", ACME, with("own", "account")).await.expect(201);
    ask(&kit, &token, "POST", &format!("{ACME}/own/secret"), json!({})).await.expect(403);
    // Nor takes over a client that has more.
    let admin = login_of_administrator(&kit).await;
    ask(&kit, &admin, "POST", ACME, with("console", "admin")).await.expect(201);
    let path = format!("{ACME}/console");
    ask(&kit, &token, "PUT", &path, with("x", "email")["settings"].clone()).await.expect(403);
    ask(&kit, &token, "POST", &format!("{path}/secret"), json!({})).await.expect(403);
    // And people are asked, whoever made it.
    for scope in ["admin", "account"] {
        let mut silent = with("silent", scope);
        silent["settings"]["consent"] = json!("skip");
        let said = ask(&kit, &admin, "POST", ACME, silent).await.expect(422).json();
        assert_eq!(said["violations"][0]["code"], "consent", "{scope}");
        let silent = json!({"client_id": "silent", "name": "Shop", "tenant_id": "acme", "consent": "skip",
                            "redirect_uris": ["https://shop.example/callback"], "allowed_scopes": [scope]});
        ask(&kit, &admin, "POST", "/api/oidc/clients", silent).await.expect(422);
    }
}

async fn login_of_administrator(kit: &Kit) -> String {
    somebody(kit, "acme", "boss", true).await.1
}

#[tokio::test]
async fn an_api_key_may_what_its_scopes_say() {
    let kit = Kit::memory().await;
    let root = kit.administrator().await;
    let key = async |scopes: &[&str]| {
        let body = json!({"name": "deploy", "scopes": scopes, "tenant_id": "default"});
        kit.post_as(&root, "/api/oidc/api-keys", &body).await.expect(201).str("api_key")
    };
    let (reads, writes) = (key(&["CLIENT:READ"]).await, key(&["CLIENT"]).await);
    let call = |method: &str, key: &str| Call::new(method, "/api/oidc/clients").header("x-api-key", key);
    let list = Call::get("/api/oidc/clients?tenant_id=default").header("x-api-key", &reads);
    kit.send(list).await.expect(200);
    let shop = json!({"client_id": "shop", "name": "Shop", "tenant_id": "default",
                      "redirect_uris": ["https://shop.example/callback"]});
    kit.send(call("POST", &reads).json(&shop)).await.expect(403);
    kit.send(call("POST", &writes).json(&shop)).await.expect(200);
    // Its person may all of this; the key gives no client what it has not itself.
    for scope in ["admin", "account", "people.read"] {
        let mut more = shop.clone();
        more["client_id"] = json!("more");
        more["allowed_scopes"] = json!([scope]);
        kit.send(call("POST", &writes).json(&more)).await.expect(403);
    }
    // A program can't prove anew who it is: its key is enough, an hour later too.
    kit.advance(Duration::from_secs(3_600));
    let mut other = shop.clone();
    other["client_id"] = json!("other");
    kit.send(call("POST", &writes).json(&other)).await.expect(200);
}
