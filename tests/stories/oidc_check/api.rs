//! Somebody uses the server's own operations through an application.

use super::*;
use gatewright_core::{
    access::{Action, Resource},
    api_keys::NewApiKey,
    engine::Inviter,
};

#[tokio::test]
async fn a_token_opens_what_its_scopes_name_for_as_long_as_its_person_is_logged_in() {
    for access_token in FORMATS {
        let kit = Kit::memory().await;
        register(&kit, &Client { access_token, ..client("shop") }).await;
        kit.administrator().await;
        let tenant = TenantId::default_tenant();
        let admin = tokens(&kit, "shop", "root", &["openid", "admin"]).await;
        let account = tokens(&kit, "shop", "root", &["openid", "account"]).await;
        let login = tokens(&kit, "shop", "root", &["openid"]).await;
        let may = async |token: &str| {
            let caller = kit.app.provider.caller(token).await.unwrap();
            kit.app.engine.allow(&caller, Action::PeopleRead, &Resource::of(&tenant)).await.is_ok()
        };
        assert!(may(&admin.access).await && !may(&account.access).await && !may(&login.access).await);
        let caller = kit.app.provider.caller(&account.access).await.unwrap();
        assert_eq!(caller.session.id, account.caller.session.id);
        assert_eq!(caller.token_expires.as_secs(), kit.now().as_secs() + 600);
        kit.app.engine.end_own(&admin.caller, admin.caller.session.id, &origin()).await.unwrap();
        let refused = kit.app.provider.caller(&admin.access).await.err().map(|problem| problem.status);
        assert_eq!(refused, Some(401), "{access_token:?}");
        assert!(may(&tokens(&kit, "shop", "root", &["admin"]).await.access).await);
    }
}

#[tokio::test]
async fn what_is_for_somebody_else_or_about_nobody_opens_nothing() {
    for access_token in FORMATS {
        let kit = Kit::memory().await;
        register(&kit, &Client { access_token, ..client("shop") }).await;
        let held = tokens(&kit, "shop", "alice", &["openid", "account", "offline_access"]).await;
        let resource = ["https://stock.example/"];
        let other = redeem(&kit, "shop", &held.caller, &["openid", "admin"], &resource, None).await;
        let other = other.expect(200).str("access_token");
        let fields = [("grant_type", "client_credentials"), ("scope", "stock.read")];
        let nobody = ask(&kit, "shop", "token", &fields).await.expect(200).str("access_token");
        assert!(is_good(&kit, "shop", &other).await && is_good(&kit, "shop", &nobody).await);
        for token in [&*other, &*nobody, &*held.id, &*held.refresh, "gwo_x", "..", "a.b.c", ""] {
            let status = kit.app.provider.caller(token).await.err().map(|problem| problem.status);
            assert_eq!(status, Some(401), "{access_token:?} {token}");
        }
        // Of an application, wherever it is shown: not at the engine's own operations.
        kit.get_as(&held.access, "/auth/v1/me").await.expect(401);
        kit.app.provider.caller(&held.access).await.unwrap();
        kit.app.engine.end_own(&held.caller, held.caller.session.id, &origin()).await.unwrap();
        assert!(is_good(&kit, "shop", &held.access).await, "it was granted for longer");
        assert!(kit.app.provider.caller(&held.access).await.is_err(), "nobody is logged in");
    }
}

#[tokio::test]
async fn what_is_limited_to_the_account_does_not_become_its_person() {
    let kit = Kit::memory().await;
    register(&kit, &client("shop")).await;
    kit.administrator().await;
    let engine = &kit.app.engine;
    let through = async |scope: &str| {
        let held = tokens(&kit, "shop", "root", &["openid", scope]).await;
        kit.app.provider.caller(&held.access).await.unwrap()
    };
    let status = |result: gatewright_core::Result<()>| result.err().map(|problem| problem.status);
    let invite = async |caller: &Caller| {
        let inviter = Inviter::Session(caller.clone());
        engine.invite(inviter, "passkey", json!({}), &origin()).await.map(|_| ())
    };
    let key = || NewApiKey { name: "x".to_owned(), scopes: words(&["account"]) };
    let account = through("account").await;
    assert_eq!(status(invite(&account).await), Some(403));
    assert_eq!(status(engine.create_own_key(&account, key(), &origin()).await.map(|_| ())), Some(403));
    assert_eq!(status(engine.change_own_email(&account, "eve@example.org", &origin()).await), Some(403));
    let root = account.session.person;
    for held in engine.credentials_with(&account.session.tenant, root, "password").await.unwrap() {
        assert_eq!(status(engine.remove_credential(&account, held.id, &origin()).await), Some(403));
    }
    let admin = through("admin").await;
    engine.create_own_key(&admin, key(), &origin()).await.unwrap();
    engine.change_own_email(&admin, "root@example.org", &origin()).await.unwrap();
    kit.advance(std::time::Duration::from_secs(400));
    let late = engine.change_own_email(&admin, "eve@example.org", &origin()).await;
    assert_eq!(late.err().map(|problem| problem.code), Some("elevation_required"));
}

#[tokio::test]
async fn all_that_somebody_may_does_not_include_the_host() {
    let kit = Kit::memory().await;
    let scopes = words(&["openid", "admin", "host.tenants"]);
    register(&kit, &Client { scopes, ..client("shop") }).await;
    let root = kit.administrator().await;
    kit.post_as(&root, "/auth/v1/tenants", &json!({"id": "acme", "display_name": "Acme"})).await.expect(201);
    let (home, acme) = (TenantId::default_tenant(), TenantId::parse("acme").unwrap());
    let may = async |scopes: &[&str], action: Action, tenant: &TenantId| {
        let held = tokens(&kit, "shop", "root", scopes).await;
        let caller = kit.app.provider.caller(&held.access).await.unwrap();
        let answer = kit.app.engine.allow(&caller, action, &Resource::of(tenant)).await;
        answer.err().map_or(200, |problem| problem.status)
    };
    let everything = ["admin", "host.tenants"];
    assert_eq!(may(&["admin"], Action::PeopleWrite, &home).await, 200);
    assert_eq!(may(&["admin"], Action::PeopleWrite, &acme).await, 404);
    assert_eq!(may(&["admin"], Action::HostTenants, &home).await, 403);
    assert_eq!(may(&everything, Action::PeopleWrite, &acme).await, 200);
    assert_eq!(may(&["host.tenants"], Action::HostTenants, &home).await, 200);
    assert_eq!(may(&["host.tenants"], Action::PeopleWrite, &acme).await, 403);
}
