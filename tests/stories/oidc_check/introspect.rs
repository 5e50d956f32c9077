//! Whoever gets a token asks what it is worth.

use super::*;
use std::time::Duration;

#[tokio::test]
async fn the_client_of_a_token_and_those_whom_it_is_for_are_told_and_nobody_else() {
    let kit = Kit::memory().await;
    for access_token in FORMATS {
        let id = format!("shop-{access_token:?}").to_lowercase();
        register(&kit, &Client { access_token, ..client(&id) }).await;
    }
    let other = Client { resources: words(&["https://other.example/"]), ..client("other") };
    for client in [&client("stock"), &other] {
        register(&kit, client).await;
    }
    for id in ["shop-jwt", "shop-opaque"] {
        let held = tokens(&kit, id, "alice", &["openid", "email"]).await;
        let said = introspected(&kit, id, &held.access).await;
        assert_eq!((&said["active"], &said["scope"]), (&json!(true), &json!("openid email")), "{said}");
        assert_eq!((&said["client_id"], &said["token_type"]), (&json!(id), &json!("Bearer")), "{said}");
        assert_eq!((&said["iss"], &said["aud"]), (&json!(ISSUER), &json!(ISSUER)), "{said}");
        assert_eq!(said["sub"], held.caller.session.person.to_string());
        assert_eq!((said["exp"].as_i64(), &said["acr"]), (Some(kit.now().as_secs() + 600), &json!("aal1")));
        assert!(said.get("grant_id").is_none(), "{said}");
        assert_eq!(introspected(&kit, "other", &held.access).await, json!({"active": false}));
        // For a resource: who is registered for it may know.
        let reply =
            redeem(&kit, id, &held.caller, &["openid", "stock.read"], &["https://stock.example/"], None)
                .await;
        let access = reply.expect(200).str("access_token");
        assert_eq!(introspected(&kit, "stock", &access).await["aud"], "https://stock.example/");
        assert_eq!(introspected(&kit, "other", &access).await, json!({"active": false}));
    }
}

#[tokio::test]
async fn what_is_no_access_token_is_worth_nothing() {
    let kit = Kit::memory().await;
    register(&kit, &client("shop")).await;
    register(&kit, &client("other")).await;
    let held = tokens(&kit, "shop", "alice", &["openid", "offline_access"]).await;
    let engines = kit.login("alice").await.access_token;
    let unsigned = {
        let claims = held.access.split('.').nth(1).unwrap();
        format!("{}.{claims}.", BASE64URL_NOPAD.encode(br#"{"alg":"none","typ":"at+jwt"}"#))
    };
    for token in [&held.id, &engines, &unsigned, "gwo_nothing", "..", "gwr_nothing", "x"] {
        assert_eq!(introspected(&kit, "shop", token).await, json!({"active": false}), "{token}");
    }
    let said = introspected(&kit, "shop", &held.refresh).await;
    assert_eq!((&said["active"], said.get("token_type")), (&json!(true), None), "{said}");
    assert_eq!(introspected(&kit, "other", &held.refresh).await, json!({"active": false}));
    let fields = [("grant_type", "refresh_token"), ("refresh_token", &*held.refresh)];
    ask(&kit, "shop", "token", &fields).await.expect(200);
    assert!(!is_good(&kit, "shop", &held.refresh).await, "another has taken its place");
}

#[tokio::test]
async fn who_asks_proves_who_it_is() {
    let kit = Kit::memory().await;
    register(&kit, &client("shop")).await;
    register(&kit, &public("page")).await;
    let held = tokens(&kit, "shop", "alice", &["openid"]).await;
    let token = ("token", held.access.as_str());
    refused(&kit.send(form_call("introspect", &[token])).await, 401, "invalid_client");
    refused(&kit.send(form_call("introspect", &[token, ("client_id", "page")])).await, 401, "invalid_client");
    let wrong = [token, ("client_id", "shop"), ("client_secret", "guessed")];
    refused(&kit.send(form_call("introspect", &wrong)).await, 401, "invalid_client");
    refused(&ask(&kit, "shop", "introspect", &[]).await, 400, "invalid_request");
    refused(&ask(&kit, "shop", "introspect", &[token, token]).await, 400, "invalid_request");
    let elsewhere =
        Call::post("/api/oidc/nowhere/introspect").raw("application/x-www-form-urlencoded", Vec::new());
    kit.send(elsewhere).await.expect(404);
}

/// What ends a token.
#[derive(Clone, Copy, Debug)]
enum End {
    Time,
    Logout,
    Disabled,
    ClientDisabled,
    ClientGone,
}

#[tokio::test]
async fn a_token_ends_with_what_it_stands_on_in_both_forms() {
    for end in [End::Time, End::Logout, End::Disabled, End::ClientDisabled, End::ClientGone] {
        for access_token in FORMATS {
            let kit = Kit::memory().await;
            register(&kit, &Client { access_token, ..client("shop") }).await;
            // It sees the tokens of the first when that is gone.
            let resource = Client { resources: words(&[ISSUER]), ..client("watcher") };
            register(&kit, &resource).await;
            let held = tokens(&kit, "shop", "alice", &["openid"]).await;
            assert!(is_good(&kit, "watcher", &held.access).await);
            match end {
                End::Time => kit.advance(Duration::from_secs(601)),
                End::Logout => {
                    let session = held.caller.session.id;
                    kit.app.engine.end_own(&held.caller, session, &origin()).await.unwrap();
                }
                End::Disabled => {
                    let person = kit.app.engine.person_of(&held.caller).await.unwrap();
                    kit.disable(&person).await;
                }
                End::ClientDisabled => change(&kit, "shop", |client| client.disabled = true).await,
                End::ClientGone => {
                    let tenant = TenantId::default_tenant();
                    let (_, record) = kit.app.provider.client_record(&tenant, "shop").await.unwrap().unwrap();
                    let delete = Write::RecordDelete(tenant, CLIENT.into(), record.id, record.rev);
                    kit.app.engine.store().commit(vec![delete]).await.unwrap();
                }
            }
            let said = introspected(&kit, "watcher", &held.access).await;
            assert_eq!(said, json!({"active": false}), "{end:?} {access_token:?}");
        }
    }
}

#[tokio::test]
async fn what_was_granted_for_longer_outlives_the_session_but_not_the_person() {
    for access_token in FORMATS {
        let kit = Kit::memory().await;
        register(&kit, &Client { access_token, ..client("shop") }).await;
        let held = tokens(&kit, "shop", "alice", &["openid", "offline_access"]).await;
        let person = kit.app.engine.person_of(&held.caller).await.unwrap();
        kit.app.engine.end_own(&held.caller, held.caller.session.id, &origin()).await.unwrap();
        assert!(is_good(&kit, "shop", &held.access).await && is_good(&kit, "shop", &held.refresh).await);
        kit.disable(&person).await;
        assert!(!is_good(&kit, "shop", &held.access).await);
        assert!(!is_good(&kit, "shop", &held.refresh).await);
    }
}
