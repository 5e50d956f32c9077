//! API keys and sessions of the vault contract.

use super::admin::{ask, give, person, somebody, world};
use gatewright_contract::SessionId;
use gatewright_core::store::Write;
use kit::{Call, Kit, Reply, Store};
use serde_json::{Value, json};
use std::time::Duration;

const OWN: &str = "/api/oidc/users/me/api-keys";
const ALL: &str = "/api/oidc/api-keys";

fn form(scopes: &[&str]) -> Value {
    json!({"name": "nightly import", "scopes": scopes, "tenant_id": "default"})
}

async fn with_key(kit: &Kit, method: &str, path: &str, key: &str) -> Reply {
    kit.send(Call::new(method, path).header("x-api-key", key)).await
}

#[tokio::test]
async fn a_key_is_made_used_made_anew_and_gone() {
    for store in [Store::Memory, Store::Sqlite] {
        let kit = Kit::with(store).start().await;
        let ann = kit.person("ann").await;
        let token = kit.login("ann").await.access_token;
        let made = kit.post_as(&token, OWN, &form(&["admin"])).await.expect(201).json();
        let (id, first) = (made["key_id"].as_str().unwrap(), made["api_key"].as_str().unwrap());
        assert_eq!((&made["user_id"], &made["is_active"]), (&json!(ann.id), &json!(true)));
        assert_eq!(made["key_hash"].as_str().unwrap().len(), 64);

        // In its own header and as a bearer.
        let list = with_key(&kit, "GET", OWN, first).await.expect(200);
        assert!(!list.text().contains(first), "shown once");
        assert_eq!(list.json()["api_keys"][0]["username"], "ann");
        kit.advance(Duration::from_secs(3_600));
        assert_eq!(
            kit.get_as(first, "/api/oidc/sessions").await.expect(200).json()["total"],
            1,
            "the login's"
        );
        let list = with_key(&kit, "GET", OWN, first).await.expect(200).json();
        assert_eq!(list["api_keys"][0]["last_use_at"]["at"], "2026-01-01T01:00:00Z");

        let anew = with_key(&kit, "POST", &format!("{OWN}/{id}/regenerate"), first).await.expect(200).json();
        assert_eq!((&anew["key_id"], anew["key_hash"] == made["key_hash"]), (&made["key_id"], false));
        let second = anew["api_key"].as_str().unwrap();
        with_key(&kit, "GET", OWN, first).await.expect(401);
        with_key(&kit, "GET", OWN, second).await.expect(200);
        kit.disable(&ann).await;
        with_key(&kit, "GET", OWN, second).await.expect(401);
    }
}

#[tokio::test]
async fn a_key_changes_nothing_of_how_its_person_gets_in() {
    let kit = Kit::memory().await;
    let ann = kit.person("ann").await;
    let token = kit.login("ann").await.access_token;
    let made = async |scope: &str| kit.post_as(&token, OWN, &form(&[scope])).await.expect(201);
    let (account, admin) = (made("account").await, made("admin").await);
    let id = account.str("key_id");
    let mail = json!({"challenge_id": "", "challenge_data": "", "email": "mallory@example.org"});
    let mail_path = format!("/api/oidc/default/users/{}/email", ann.id);
    for key in [account.str("api_key"), admin.str("api_key")] {
        with_key(&kit, "GET", OWN, &key).await.expect(200);
        with_key(&kit, "GET", "/api/oidc/sessions", &key).await.expect(200);
        with_key(&kit, "GET", "/api/oidc/passkeys/register/options", &key).await.expect(403);
        kit.send(Call::new("PUT", &mail_path).header("x-api-key", &key).json(&mail)).await.expect(403);
    }
    // For the account alone it makes no other key either: that one would outlive it.
    let make = |key: &str, scope: &str| Call::post(OWN).header("x-api-key", key).json(&form(&[scope]));
    let (account, admin) = (account.str("api_key"), admin.str("api_key"));
    kit.send(make(&account, "account")).await.expect(403);
    with_key(&kit, "POST", &format!("{OWN}/{id}/regenerate"), &account).await.expect(403);
    kit.send(make(&admin, "account")).await.expect(201);
    kit.send(make(&admin, "host.tenants")).await.expect(403);
    with_key(&kit, "POST", &format!("{OWN}/{id}/regenerate"), &admin).await.expect(200);
    kit.get_as(&token, "/api/oidc/passkeys/register/options").await.expect(200);
}

#[tokio::test]
async fn a_new_secret_for_somebody_elses_key_takes_what_setting_their_credentials_takes() {
    let (kit, root) = world().await;
    let (ann, token) = somebody(&kit, "acme", "ann", false).await;
    let of_acme = |scope: &str| json!({"name": "import", "scopes": [scope], "tenant_id": "acme"});
    let made = kit.post_as(&token, OWN, &of_acme("admin")).await.expect(201).str("key_id");
    let (joe, keeper) = somebody(&kit, "acme", "joe", false).await;
    let anew = format!("{ALL}/{made}/regenerate");
    give(&kit, &root, &joe, "Keys", &["api-keys.write", "clients.read"]).await;
    kit.post_as(&keeper, &anew, &Value::Null).await.expect(403);
    // Their own takes no more than before.
    let own = kit.post_as(&keeper, ALL, &of_acme("account")).await.expect(201).str("key_id");
    kit.post_as(&keeper, &format!("{ALL}/{own}/regenerate"), &Value::Null).await.expect(200);
    give(&kit, &root, &joe, "Helps", &["credentials.write"]).await;
    kit.post_as(&keeper, &anew, &Value::Null).await.expect(200);
    // A key of theirs that has not all of their powers is not good for who has as many as they.
    let limited =
        json!({"name": "x", "scopes": ["api-keys.write", "credentials.write"], "tenant_id": "acme"});
    let limited = kit.post_as(&keeper, ALL, &limited).await.expect(201).str("api_key");
    with_key(&kit, "POST", &anew, &limited).await.expect(403);
    give(&kit, &root, &ann, "Reads", &["people.read"]).await;
    kit.post_as(&keeper, &anew, &Value::Null).await.expect(403);
    ask(&kit, &root, "DELETE", &format!("/people/{}?tenant=acme", ann.id), Value::Null).await.expect(204);
    kit.post_as(&keeper, &anew, &Value::Null).await.expect(404);
}

#[tokio::test]
async fn nobody_gives_what_their_key_has_not() {
    let (kit, _) = world().await;
    let boss = person(&kit, "acme", "boss", true).await;
    let token = super::admin::login(&kit, "acme", "boss").await;
    let form = json!({"name": "x", "scopes": ["USER", "roles.write", "roles.read"], "tenant_id": "acme"});
    let key = kit.post_as(&token, ALL, &form).await.expect(201).str("api_key");
    let users = "/api/oidc/acme/users";
    let user = |name: &str, roles: Value| json!({"user_id": "", "username": name, "email": "", "tenant_id": "acme", "roles": roles});
    let send = |body: &Value| Call::post(users).header("x-api-key", &key).json(body);
    kit.send(send(&user("eve", json!(["administrator"])))).await.expect(403);
    kit.send(send(&user("eve", json!([])))).await.expect(201);
    // Nor changes who may more, be it its own person.
    let mut chief = kit.get_as(&key, &format!("{users}/{}", boss.id)).await.expect(200).json();
    chief["email"] = json!("mallory@example.org");
    let put = Call::new("PUT", &format!("{users}/{}", boss.id)).header("x-api-key", &key).json(&chief);
    kit.send(put).await.expect(403);
}

#[tokio::test]
async fn a_key_is_good_for_its_scopes_and_nowhere_else() {
    let kit = Kit::memory().await;
    let root = kit.administrator().await;
    let made = kit.post_as(&root, ALL, &form(&["API_KEY:READ"])).await.expect(201);
    let key = made.str("api_key");
    with_key(&kit, "GET", &format!("{ALL}?tenant_id=default"), &key).await.expect(200);
    // Its person may all of this; the key may not.
    let id = made.str("key_id");
    with_key(&kit, "POST", &format!("{ALL}/{id}/regenerate"), &key).await.expect(403);
    with_key(&kit, "GET", OWN, &key).await.expect(403);
    with_key(&kit, "GET", "/api/oidc/sessions", &key).await.expect(403);
    for path in ["/auth/v1/me", "/auth/v1/people", "/auth/v1/me/sessions"] {
        kit.get_as(&key, path).await.expect(401);
    }
    // A key makes none that is good for more.
    let writer = kit.post_as(&root, ALL, &form(&["API_KEY", "account"])).await.expect(201).str("api_key");
    let call = |scopes: &[&str]| Call::post(ALL).header("x-api-key", &writer).json(&form(scopes));
    kit.send(call(&["admin"])).await.expect(403);
    kit.send(call(&["API_KEY"])).await.expect(201);
}

#[tokio::test]
async fn people_without_a_role_see_and_change_their_own_only() {
    let kit = Kit::memory().await;
    let root = kit.administrator().await;
    let theirs = kit.post_as(&root, OWN, &form(&["admin"])).await.expect(201).str("key_id");
    kit.person("ann").await;
    let ann = kit.login("ann").await.access_token;
    kit.get_as(&ann, &format!("{ALL}?tenant_id=default")).await.expect(403);
    kit.post_as(&ann, ALL, &form(&["account"])).await.expect(403);
    kit.post_as(&ann, &format!("{OWN}/{theirs}/regenerate"), &Value::Null).await.expect(404);
    kit.post_as(&ann, &format!("{ALL}/{theirs}/regenerate"), &Value::Null).await.expect(403);
    // Whatever her key says, she may not.
    let key = kit.post_as(&ann, OWN, &form(&["admin"])).await.expect(201).str("api_key");
    with_key(&kit, "GET", &format!("{ALL}?tenant_id=default"), &key).await.expect(403);
    kit.get(OWN).await.expect(401);
    kit.get_as("gwak_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", OWN).await.expect(401);
}

#[tokio::test]
async fn what_is_not_in_the_document_is_said_as_fastapi_does() {
    let kit = Kit::memory().await;
    kit.person("ann").await;
    let ann = kit.login("ann").await.access_token;
    for bad in [
        json!({}),
        form(&["everything"]),
        form(&[]),
        json!({"name": "", "scopes": ["account"], "tenant_id": "default"}),
    ] {
        let reply = kit.post_as(&ann, OWN, &bad).await.expect(422).json();
        assert!(reply["detail"][0]["msg"].is_string(), "{reply}");
        assert!(reply["detail"][0]["loc"].is_array() && reply["detail"][0]["type"].is_string(), "{reply}");
    }
    let elsewhere = json!({"name": "x", "scopes": ["account"], "tenant_id": "other"});
    assert!(kit.post_as(&ann, OWN, &elsewhere).await.expect(404).json()["detail"].is_string());
    let old = kit.login("ann").await.access_token;
    kit.advance(Duration::from_secs(600));
    kit.post_as(&old, OWN, &form(&["account"])).await.expect(403);
}

#[tokio::test]
async fn a_key_that_was_ended_leaves_nothing_and_makes_room() {
    for store in [Store::Memory, Store::Sqlite] {
        let kit = Kit::with(store).start().await;
        let ann = kit.person("ann").await;
        let token = kit.login("ann").await.access_token;
        let mut made = Vec::new();
        for _ in 0..50 {
            made.push(kit.post_as(&token, OWN, &form(&["account"])).await.expect(201).str("key_id"));
        }
        kit.post_as(&token, OWN, &form(&["account"])).await.expect(409);
        let store = kit.app.engine.store();
        let first = SessionId::parse(&made[0]).expect("an id");
        store.commit(vec![Write::SessionDelete(first)]).await.expect("is ended");
        let ids = async || {
            let list = kit.get_as(&token, OWN).await.expect(200).json();
            let keys = list["api_keys"].as_array().expect("a list");
            keys.iter().map(|key| key["key_id"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(ids().await, made[1..]);
        kit.post_as(&token, &format!("{OWN}/{first}/regenerate"), &Value::Null).await.expect(404);
        made.push(kit.post_as(&token, OWN, &form(&["account"])).await.expect(201).str("key_id"));
        assert_eq!(ids().await, made[1..], "oldest first");
        assert!(store.record(&ann.tenant, "api-key", first.0).await.expect("answers").is_some());
        store.expire(kit.now(), 100).await.expect("is swept up");
        assert!(store.record(&ann.tenant, "api-key", first.0).await.expect("answers").is_none());
    }
}
