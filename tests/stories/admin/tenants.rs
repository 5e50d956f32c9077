//! Tenants.

use super::{all, ask, login, person, somebody, try_login, world};
use gatewright_core::{Origin, admin::NewTenant};
use kit::PASSWORD;
use serde_json::{Value, json};

#[tokio::test]
async fn a_tenant_is_made_changed_and_listed() {
    let (kit, root) = world().await;
    let body = json!({"id": "beta", "display_name": "Beta", "settings": {"pin_size": 4}});
    let made = ask(&kit, &root, "POST", "/tenants", body.clone()).await.expect(201).json();
    assert_eq!((&made["settings"]["pin_size"], &made["settings"]["patter_size"]), (&json!(4), &json!(3)));
    ask(&kit, &root, "POST", "/tenants", body).await.expect(409);
    let change = json!({"display_name": "B", "settings": {"patter_size": 4}});
    let changed = ask(&kit, &root, "PATCH", "/tenants/beta", change).await.expect(200).json();
    assert_eq!(
        (&changed["settings"]["pin_size"], &changed["settings"]["patter_size"]),
        (&json!(4), &json!(4))
    );
    assert_eq!(changed["display_name"], json!("B"));
    let bad = json!({"settings": {"pin_size": 7}});
    ask(&kit, &root, "PATCH", "/tenants/beta", bad).await.expect(400);
    let names = all(&ask(&kit, &root, "GET", "/tenants", Value::Null).await.expect(200), "id");
    assert_eq!(names, ["acme", "beta", "default"]);
    let page = ask(&kit, &root, "GET", "/tenants?after=acme&limit=1", Value::Null).await.expect(200);
    assert_eq!(all(&page, "id"), ["beta"]);
}

#[tokio::test]
async fn a_tenant_settles_by_which_authenticators_and_where_it_is_found() {
    let (kit, root) = world().await;
    ask(&kit, &root, "POST", "/tenants", json!({"id": "beta", "display_name": "Beta"})).await.expect(201);
    let change = |settings: Value| {
        ask(&kit, &root, "PATCH", "/tenants/beta", json!({"settings": {"login": settings}}))
    };
    let settled = json!({
        "first": ["password"], "second": ["totp"], "reset": ["totp"], "site_url": "https://login.beta.example",
        "site_origins": ["https://app.beta.example"], "site_rp_id": "beta.example", "site_name": "Beta Bank",
    });
    let changed = change(settled.clone()).await.expect(200).json();
    for (name, value) in settled.as_object().expect("an object") {
        assert_eq!(&changed["settings"]["login"][name], value, "{name}");
    }
    let kept = change(json!({"reset": []})).await.expect(200).json();
    assert_eq!(kept["settings"]["login"]["second"], json!(["totp"]), "what is left out stays");
    for bad in [
        json!({"second": ["token"]}),
        json!({"first": []}),
        json!({"site_origins": ["https://evil.example"]}),
        json!({"site_url": "http://login.beta.example"}),
        json!({"site_rp_id": "com.example"}),
    ] {
        let reply = change(bad.clone()).await;
        assert_eq!(reply.status.as_u16(), 422, "{bad}: {}", reply.text());
    }
    change(json!({"seconds": []})).await.expect(400);
    let nobody = json!({"settings": {"second_factor": "always", "login": {"second": []}}});
    ask(&kit, &root, "PATCH", "/tenants/beta", nobody).await.expect(422);
}

#[tokio::test]
async fn words_that_paths_need_are_no_tenants() {
    let (kit, root) = world().await;
    for word in ["register", "token", "users", "api-keys", "sign-in", "client-tenant", "tenants"] {
        let body = json!({"id": word, "display_name": "x"});
        ask(&kit, &root, "POST", "/tenants", body).await.expect(422);
    }
    for bad in ["", "A", "a b", "-a", "\u{430}cme"] {
        let body = json!({"id": bad, "display_name": "x"});
        ask(&kit, &root, "POST", "/tenants", body).await.expect(400);
    }
}

#[tokio::test]
async fn a_tenant_that_is_switched_off_lets_nobody_in_from_this_moment() {
    let (kit, root) = world().await;
    person(&kit, "acme", "ann", false).await;
    let done = try_login(&kit, "acme", "ann", PASSWORD).await.expect(200);
    let (token, session) = (done.str("access_token"), done.str("session_token"));
    ask(&kit, &token, "GET", "/me", Value::Null).await.expect(200);
    let begin = json!({"tenant": "acme", "username": "ann"});
    let half = kit.post("/auth/v1/login", &begin).await.expect(200).str("transaction");
    ask(&kit, &root, "POST", "/tenants/acme/disable", Value::Null).await.expect(200);
    ask(&kit, &token, "GET", "/me", Value::Null).await.expect(401);
    kit.post("/auth/v1/session/rotate", &json!({"session_token": session})).await.expect(401);
    kit.answer(&half, "password", json!({"password": PASSWORD})).await.expect(404);
    let off = kit.post("/auth/v1/login", &begin).await.expect(404);
    let absent = json!({"tenant": "nowhere", "username": "ann"});
    assert_eq!(off.text(), kit.post("/auth/v1/login", &absent).await.expect(404).text());
    // The operator still sees it, and switches it on.
    ask(&kit, &root, "GET", "/people?tenant=acme", Value::Null).await.expect(200);
    ask(&kit, &root, "POST", "/tenants/acme/enable", Value::Null).await.expect(200);
    ask(&kit, &token, "GET", "/me", Value::Null).await.expect(200);
    ask(&kit, &root, "POST", "/tenants/default/disable", Value::Null).await.expect(409);
}

#[tokio::test]
async fn two_factors_settled_at_the_beginning_are_settled_for_good() {
    let (kit, root) = world().await;
    let body = json!({"id": "bank", "display_name": "Bank", "is_2fa": true});
    let made = ask(&kit, &root, "POST", "/tenants", body).await.expect(201).json();
    assert_eq!(
        (&made["settings"]["is_2fa"], &made["settings"]["second_factor"]),
        (&json!(true), &json!("always"))
    );
    person(&kit, "bank", "ann", false).await;
    let more = try_login(&kit, "bank", "ann", PASSWORD).await.expect(200).json();
    assert_eq!((&more["status"], &more["next"]["step"]), (&json!("more"), &json!("enrol")));
    let weaker = json!({"settings": {"second_factor": "never"}});
    ask(&kit, &root, "PATCH", "/tenants/bank", weaker).await.expect(422);
}

#[tokio::test]
async fn an_administrator_changes_their_own_tenant_and_switches_off_none() {
    let (kit, _) = world().await;
    let (_, boss) = somebody(&kit, "acme", "boss", true).await;
    let change = json!({"display_name": "Acme Ltd"});
    ask(&kit, &boss, "PATCH", "/tenants/acme", change).await.expect(200);
    ask(&kit, &boss, "POST", "/tenants/acme/disable", Value::Null).await.expect(403);
    ask(&kit, &boss, "GET", "/tenants", Value::Null).await.expect(403);
    ask(&kit, &boss, "GET", "/tenants/default", Value::Null).await.expect(404);
    let again = login(&kit, "acme", "boss").await;
    ask(&kit, &again, "GET", "/tenants/acme", Value::Null).await.expect(200);
}

/// Nothing is made for a tenant before somebody needs it.
#[tokio::test]
async fn thousands_of_tenants_are_as_many_rows() {
    let (kit, root) = world().await;
    let origin = Origin::local("test");
    let machine = kit.app.engine.at_the_machine(&origin);
    for number in 0..2_000 {
        let id = super::id(&format!("t{number:05}"));
        let new = NewTenant { id: id.clone(), display_name: id.to_string(), settings: None };
        machine.create_tenant(new).await.expect("a tenant");
        if number % 500 == 0 {
            assert!(kit.app.engine.store().keys(&id).await.expect("answers").is_empty(), "{id} has a key");
        }
    }
    let page = ask(&kit, &root, "GET", "/tenants?after=t01998&limit=200", Value::Null).await.expect(200);
    assert_eq!(all(&page, "id"), ["t01999"]);
}
