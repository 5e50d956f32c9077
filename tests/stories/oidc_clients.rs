//! Somebody looks after the applications that log people in.

mod contract;
mod registration;
mod rights;

use gatewright_contract::{PersonId, SessionId, TenantId};
use gatewright_core::{
    audit::Filter,
    store::{Record, Write},
};
use gatewright_oauth::{
    Credentials, Params,
    grant::{GRANT, Grant, Terms},
};
use kit::{Call, Kit, Reply};
use serde_json::{Value, json};
use std::time::Duration;
use uuid::Uuid;

const PATH: &str = "/auth/v1/tenants/default/clients";

fn default_tenant() -> TenantId {
    TenantId::default_tenant()
}

fn form(name: &str) -> Value {
    json!({
        "client_id": "shop",
        "settings": {
            "name": name,
            "redirect_uris": ["https://shop.example/callback"],
            "scopes": ["openid", "profile"],
        },
    })
}

async fn ask(kit: &Kit, token: &str, method: &str, path: &str, body: Value) -> Reply {
    let call = Call::new(method, path).bearer(token);
    kit.send(if body.is_null() { call } else { call.json(&body) }).await
}

/// Whether the client proves who it is with this secret.
async fn is_let_in(kit: &Kit, client: &str, secret: &str) -> bool {
    let tenant = kit.app.engine.tenant(&default_tenant()).await.unwrap();
    let basic = Some((client.to_owned(), secret.to_owned()));
    let shown = Credentials { basic, form: Params::default(), method: "POST", ..Credentials::default() };
    kit.app.provider.authenticate(&tenant, &shown).await.is_ok()
}

/// What somebody gave a client, as it is stored.
async fn grant(kit: &Kit, client_id: &str, n: u128) {
    let now = kit.now();
    let terms = Terms {
        client_id: client_id.to_owned(),
        person: PersonId(Uuid::from_u128(1)),
        session: SessionId(Uuid::from_u128(2)),
        scopes: vec!["openid".to_owned()],
        resources: Vec::new(),
        nonce: None,
        claims: None,
        auth_time: now,
        wants_auth_time: false,
        acr: "aal1".to_owned(),
        amr: Vec::new(),
        offline: true,
    };
    let grant = json!({"terms": terms, "used": now, "expires": now.plus(Duration::from_secs(3_600))});
    let grant: Grant = serde_json::from_value(grant).unwrap();
    let mut record = Record::new(&default_tenant(), GRANT, Uuid::from_u128(n), now, &grant).unwrap();
    record.owner = Some(Uuid::from_u128(1));
    kit.app.engine.store().commit(vec![Write::RecordInsert(record)]).await.unwrap();
}

async fn grants(kit: &Kit) -> Vec<u128> {
    let all = kit.app.engine.store().records(&default_tenant(), GRANT, None, 2_000).await.unwrap();
    all.into_iter().map(|record| record.id.as_u128()).collect()
}

/// What the audit log has about clients: kind and target, oldest first.
async fn noted(kit: &Kit) -> Vec<(String, String)> {
    let filter = Filter { kind: Some("client.*".to_owned()), ..Filter::default() };
    let lines = kit.app.engine.store().audit(&default_tenant(), &filter, 100).await.unwrap();
    let mut lines: Vec<_> =
        lines.into_iter().map(|line| (line.event.kind, line.event.target.unwrap_or_default())).collect();
    lines.reverse();
    lines
}

#[tokio::test]
async fn a_client_is_registered_shown_replaced_and_deleted() {
    for store in [kit::Store::Memory, kit::Store::Sqlite, kit::Store::Postgres] {
        let kit = Kit::with(store).start().await;
        let root = kit.administrator().await;
        let made = kit.post_as(&root, PATH, &form("Shop")).await.expect(201).json();
        let secret = made["client_secret"].as_str().unwrap().to_owned();
        assert!(secret.starts_with("gwcs_") && secret.len() == 48, "256 bits");
        assert!(is_let_in(&kit, "shop", &secret).await && !is_let_in(&kit, "shop", "gwcs_other").await);
        let shown = kit.get_as(&root, &format!("{PATH}/shop")).await.expect(200);
        assert!(!shown.text().contains("gwcs_") && !shown.text().contains("hash"), "{}", shown.text());
        assert_eq!(
            (&shown.json()["secrets"], &shown.json()["settings"]["name"]),
            (&json!(1), &json!("Shop"))
        );

        let mut settings = shown.json()["settings"].clone();
        settings["name"] = json!("Shop 2");
        settings["scopes"] = json!(["openid"]);
        let path = format!("{PATH}/shop");
        let now = ask(&kit, &root, "PUT", &path, settings).await.expect(200).json();
        assert_eq!((&now["settings"]["name"], &now["secrets"]), (&json!("Shop 2"), &json!(1)));
        assert!(is_let_in(&kit, "shop", &secret).await, "its secret stays");
        kit.post_as(&root, PATH, &form("Other")).await.expect(409);

        for n in 10..12 {
            grant(&kit, "shop", n).await;
        }
        grant(&kit, "another", 12).await;
        ask(&kit, &root, "DELETE", &path, Value::Null).await.expect(204);
        assert_eq!(grants(&kit).await, [12], "what people gave it ends with it");
        assert!(!is_let_in(&kit, "shop", &secret).await);
        kit.get_as(&root, &path).await.expect(404);
        ask(&kit, &root, "DELETE", &path, Value::Null).await.expect(404);
        let kinds: Vec<String> = noted(&kit).await.into_iter().map(|(kind, _)| kind).collect();
        assert_eq!(kinds, ["client.created", "client.changed", "client.deleted"]);
        assert!(noted(&kit).await.iter().all(|(_, target)| target == "client:shop"));
    }
}

#[tokio::test]
async fn who_names_none_gets_a_client_id() {
    let kit = Kit::memory().await;
    let root = kit.administrator().await;
    let mut form = form("Shop");
    form.as_object_mut().unwrap().remove("client_id");
    let ids: Vec<String> = [
        kit.post_as(&root, PATH, &form).await.expect(201).json(),
        kit.post_as(&root, PATH, &form).await.expect(201).json(),
    ]
    .iter()
    .map(|made| made["client"]["client_id"].as_str().unwrap().to_owned())
    .collect();
    assert_ne!(ids[0], ids[1]);
    let page = kit.get_as(&root, &format!("{PATH}?skip=1&limit=1")).await.expect(200).json();
    assert_eq!(page.as_array().unwrap().len(), 1);
    // Made in the same moment, so either may be the older.
    assert!(ids.iter().any(|id| page[0]["client_id"] == json!(id)), "{page}");
}

#[tokio::test]
async fn everything_that_is_wrong_is_said_at_once() {
    let kit = Kit::memory().await;
    let root = kit.administrator().await;
    let bad = json!({"client_id": "../up", "settings": {
        "name": "A\u{202e}B",
        "redirect_uris": ["javascript:alert(1)", "https://shop.example/#x"],
        "about": {"logo_uri": "http://shop.example/logo.png"},
        "client_type": "public",
        "auth_method": "client_secret_basic",
    }});
    let said = kit.post_as(&root, PATH, &bad).await.expect(422).json();
    let mut codes: Vec<&str> =
        said["violations"].as_array().unwrap().iter().map(|v| v["code"].as_str().unwrap()).collect();
    codes.sort_unstable();
    assert_eq!(codes, ["auth_method", "client_id", "logo_uri", "name", "redirect_uris", "redirect_uris"]);
    assert!(!said.to_string().contains("alert"), "what was sent is not repeated");
}

#[tokio::test]
async fn a_new_secret_comes_and_the_old_one_goes_when_it_was_said() {
    let kit = Kit::memory().await;
    let root = kit.administrator().await;
    let first = kit.post_as(&root, PATH, &form("Shop")).await.expect(201).str("client_secret");
    let path = format!("{PATH}/shop/secret");
    let made = kit.post_as(&root, &path, &json!({"keep_old_seconds": 100})).await.expect(200);
    let second = made.str("client_secret");
    assert_eq!(made.json()["client"]["secrets"], json!(2));
    assert_eq!(made.json()["client"]["old_secret_until"], "2026-01-01T00:01:40Z");
    assert!(is_let_in(&kit, "shop", &first).await && is_let_in(&kit, "shop", &second).await);
    kit.advance(Duration::from_secs(100));
    assert!(!is_let_in(&kit, "shop", &first).await && is_let_in(&kit, "shop", &second).await);
    let third = kit.post_as(&root, &path, &json!({})).await.expect(200).str("client_secret");
    assert!(!is_let_in(&kit, "shop", &second).await && is_let_in(&kit, "shop", &third).await);
    kit.post_as(&root, &path, &json!({"keep_old_seconds": 2_592_001})).await.expect(400);
    // Who has none gets none.
    let mut public = form("Page");
    public["client_id"] = json!("page");
    public["settings"]["client_type"] = json!("public");
    let made = kit.post_as(&root, PATH, &public).await.expect(201).json();
    assert_eq!((made.get("client_secret"), &made["client"]["secrets"]), (None, &json!(0)));
    kit.post_as(&root, &format!("{PATH}/page/secret"), &json!({})).await.expect(422);
}

#[tokio::test]
async fn one_that_is_disabled_gets_nothing_and_a_locked_one_stays() {
    let kit = Kit::memory().await;
    let root = kit.administrator().await;
    let made = kit.post_as(&root, PATH, &form("Shop")).await.expect(201);
    let (secret, mut settings) = (made.str("client_secret"), made.json()["client"]["settings"].clone());
    // More than a page of them.
    for n in 1..=600 {
        grant(&kit, if n % 2 == 0 { "shop" } else { "other" }, n).await;
    }
    let path = format!("{PATH}/shop");
    settings["disabled"] = json!(true);
    ask(&kit, &root, "PUT", &path, settings.clone()).await.expect(200);
    assert!(!is_let_in(&kit, "shop", &secret).await);
    assert_eq!(grants(&kit).await.len(), 300);
    kit.get("/api/oidc/client?client_id=shop&tenant_id=default").await.expect(404);
    settings["disabled"] = json!(false);
    settings["locked"] = json!(true);
    ask(&kit, &root, "PUT", &path, settings).await.expect(200);
    assert!(is_let_in(&kit, "shop", &secret).await);
    ask(&kit, &root, "DELETE", &path, Value::Null).await.expect(409);
    let kinds: Vec<String> = noted(&kit).await.into_iter().map(|(kind, _)| kind).collect();
    assert_eq!(kinds, ["client.created", "client.disabled", "client.enabled"]);
}

#[tokio::test]
async fn of_two_at_once_one_wins() {
    for store in [kit::Store::Memory, kit::Store::Sqlite] {
        let kit = Kit::with(store).start().await;
        let root = kit.administrator().await;
        let (one, two) = (form("One"), form("Two"));
        let (a, b) = tokio::join!(kit.post_as(&root, PATH, &one), kit.post_as(&root, PATH, &two));
        let mut statuses = [a.status.as_u16(), b.status.as_u16()];
        statuses.sort_unstable();
        assert_eq!(statuses, [201, 409]);
        let page = kit.get_as(&root, PATH).await.expect(200).json();
        assert_eq!(page.as_array().unwrap().len(), 1);
    }
}
