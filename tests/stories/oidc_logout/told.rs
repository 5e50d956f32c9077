//! However a session ends, the applications that knew it hear of it.

use super::{
    AuthMethod, BYE, CHALLENGE, Client, Kit, LOCAL, Receiver, SECRET, Store, VERIFIER, audited, claims,
    enter, form, heard, house, id_token, is_in, location, log_out, logged_in, register, told_at,
};
use gatewright_core::{Origin, PlainToken, store::Write};
use gatewright_oauth::client::{ClientType, GrantType};
use kit::Browser;
use serde_json::json;
use std::time::Duration;

#[tokio::test]
async fn an_application_logs_its_person_out_and_the_others_hear_of_it() {
    for store in [Store::Memory, Store::Sqlite, Store::Postgres] {
        let kit = house(store).await;
        let (at_shop, at_depot) = (Receiver::start().await, Receiver::start().await);
        register(&kit, &told_at("shop", &at_shop)).await;
        register(&kit, &told_at("depot", &at_depot)).await;
        let (browser, other) = (logged_in(&kit, "ann").await, logged_in(&kit, "ann").await);
        let hint = id_token(&browser, &kit, "shop").await;
        let of_depot = id_token(&browser, &kit, "depot").await;
        // Twice in the same session, and once in another that stays.
        id_token(&browser, &kit, "depot").await;
        id_token(&other, &kit, "depot").await;
        assert!(heard(&kit, &at_depot, "depot").await.is_empty(), "nothing has ended");

        let wish = [("id_token_hint", &*hint), ("post_logout_redirect_uri", BYE), ("state", "a b&c")];
        let reply = log_out(&browser, &wish).await.expect(302);
        assert_eq!(location(&reply), format!("{BYE}&state=a+b%26c"));
        assert_eq!(browser.cookie("gatewright_session"), None);
        assert!(!is_in(&browser).await && is_in(&other).await);

        for (receiver, id, known) in [(&at_shop, "shop", &hint), (&at_depot, "depot", &of_depot)] {
            let told = heard(&kit, receiver, id).await;
            assert_eq!(told.len(), 1, "{id}");
            let (told, known) = (&told[0], claims(known));
            assert_eq!((&told["sub"], &told["sid"]), (&known["sub"], &known["sid"]));
            assert_eq!(told["events"], json!({"http://schemas.openid.net/event/backchannel-logout": {}}));
            assert!(told["jti"].is_string() && told["iat"].is_i64() && told["exp"].is_i64());
            assert!(told.get("nonce").is_none());
            assert!(heard(&kit, receiver, id).await.is_empty(), "once");
        }
    }
}

/// What a logout token says is no ID token, and opens nothing.
#[tokio::test]
async fn what_an_application_is_told_is_good_for_nothing_else() {
    let kit = house(Store::Memory).await;
    let receiver = Receiver::start().await;
    register(&kit, &told_at("shop", &receiver)).await;
    let browser = logged_in(&kit, "ann").await;
    id_token(&browser, &kit, "shop").await;
    kit.disable(
        &kit.app
            .engine
            .find_person(&gatewright_contract::TenantId::default_tenant(), "ann")
            .await
            .unwrap()
            .unwrap(),
    )
    .await;
    gatewright::logouts::round(&kit.app.provider).await;
    let token = receiver.take().remove(0).body.replace("logout_token=", "");
    log_out(&browser, &[("id_token_hint", &token)]).await.expect(400);
    kit.send(kit::Call::get("/api/oidc/default/userinfo").bearer(&token)).await.expect(401);
}

/// Ends the session of this browser in one of the ways that there are.
async fn end(kit: &Kit, browser: &Browser<'_>, way: &str) {
    let cookie = PlainToken::received(&browser.cookie("gatewright_session").unwrap()).unwrap();
    let engine = &kit.app.engine;
    let caller = engine.check_session(&cookie).await.unwrap();
    let (tenant, person) = (caller.session.tenant.clone(), caller.session.person);
    match way {
        "by its owner" => engine.end_own(&caller, caller.session.id, &Origin::local("kit")).await.unwrap(),
        "by a token" => engine.end_by_token(&cookie, &Origin::local("kit")).await.unwrap(),
        "with all others" => engine.end_all(&caller, true, &Origin::local("kit")).await.unwrap(),
        "by an administrator" => {
            let token = kit.administrator().await;
            let path = format!("/auth/v1/people/{person}/sessions/{}", caller.session.id);
            kit.send(kit::Call::new("DELETE", &path).bearer(&token)).await.expect(204);
        }
        "because its person is switched off" => {
            kit.disable(&engine.store().person(&tenant, person).await.unwrap().unwrap()).await;
        }
        "because its person is gone" => {
            let person = engine.store().person(&tenant, person).await.unwrap().unwrap();
            engine.store().commit(vec![Write::PersonDelete(tenant, person.id, person.rev)]).await.unwrap();
        }
        "because its token was stolen" => {
            engine.rotate(&cookie, &Origin::local("kit")).await.unwrap();
            engine.rotate(&cookie, &Origin::local("kit")).await.unwrap_err();
        }
        "because it is over" => {
            kit.advance(Duration::from_secs(90_000));
            engine.store().expire(engine.now(), 1_000).await.unwrap();
        }
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn whoever_ends_a_session_they_hear_of_it() {
    for way in [
        "by its owner",
        "by a token",
        "with all others",
        "by an administrator",
        "because its person is switched off",
        "because its person is gone",
        "because its token was stolen",
        "because it is over",
    ] {
        let kit = house(Store::Sqlite).await;
        let receiver = Receiver::start().await;
        register(&kit, &told_at("shop", &receiver)).await;
        let browser = logged_in(&kit, "ann").await;
        let known = claims(&id_token(&browser, &kit, "shop").await);
        end(&kit, &browser, way).await;
        let told = heard(&kit, &receiver, "shop").await;
        assert_eq!(told.len(), 1, "{way}");
        assert_eq!(told[0]["sid"], known["sid"], "{way}");
    }
}

#[tokio::test]
async fn an_application_that_is_away_is_told_later_and_one_that_refuses_is_left_alone() {
    let kit = house(Store::Sqlite).await;
    let (away, refuses) = (Receiver::start().await, Receiver::start().await);
    register(&kit, &told_at("shop", &away)).await;
    register(&kit, &told_at("depot", &refuses)).await;
    let browser = logged_in(&kit, "ann").await;
    enter(&browser, &kit, "shop").await;
    let hint = id_token(&browser, &kit, "depot").await;
    away.answer(503);
    refuses.answer(400);
    log_out(&browser, &[("id_token_hint", &hint)]).await.expect(200);
    let first = heard(&kit, &away, "shop").await;
    assert_eq!((first.len(), refuses.take().len()), (1, 1));
    assert!(heard(&kit, &away, "shop").await.is_empty(), "not before it is time");
    assert!(audited(&kit).await.contains(&"logout.untold refused".to_owned()));

    kit.advance(Duration::from_secs(6));
    let second = heard(&kit, &away, "shop").await;
    assert_eq!(second.len(), 1);
    assert_ne!(second[0]["jti"], first[0]["jti"], "each try has a token of its own");
    away.answer(200);
    kit.advance(Duration::from_secs(61));
    assert_eq!(heard(&kit, &away, "shop").await.len(), 1);
    kit.advance(Duration::from_secs(100_000));
    assert!(heard(&kit, &away, "shop").await.is_empty() && refuses.take().is_empty());

    // One that never comes back is given up after a day, and that is noted.
    let browser = logged_in(&kit, "ann").await;
    let hint = id_token(&browser, &kit, "shop").await;
    away.answer(500);
    log_out(&browser, &[("id_token_hint", &hint)]).await.expect(200);
    let mut tries = 0;
    for wait in [0, 6, 61, 601, 3_601, 21_601, 57_601, 57_601, 57_601] {
        kit.advance(Duration::from_secs(wait));
        tries += heard(&kit, &away, "shop").await.len();
    }
    assert_eq!(tries, 7);
    assert!(audited(&kit).await.contains(&"logout.untold unreachable".to_owned()));
}

/// Of two nodes one tells; and one that has not been told to send to this machine sends nothing.
#[tokio::test]
async fn one_node_tells_and_nobody_sends_into_the_house() {
    let kit = house(Store::Postgres).await;
    let receiver = Receiver::start().await;
    register(&kit, &told_at("shop", &receiver)).await;
    let browser = logged_in(&kit, "ann").await;
    let hint = id_token(&browser, &kit, "shop").await;
    log_out(&browser, &[("id_token_hint", &hint)]).await.expect(200);
    let second = kit.second_node().await;
    tokio::join!(
        gatewright::logouts::round(&kit.app.provider),
        gatewright::logouts::round(&second.app.provider)
    );
    assert_eq!(receiver.take().len(), 1);
    drop(second);

    let closed = Kit::with(Store::Memory).config(LOCAL.lines().next().unwrap()).start().await;
    closed.person("ann").await;
    register(&closed, &told_at("shop", &receiver)).await;
    let browser = logged_in(&closed, "ann").await;
    let hint = id_token(&browser, &closed, "shop").await;
    log_out(&browser, &[("id_token_hint", &hint)]).await.expect(200);
    gatewright::logouts::round(&closed.app.provider).await;
    assert!(receiver.take().is_empty());
}

/// Who came without a code: a device, and an application with login pages of its own.
#[tokio::test]
async fn an_application_hears_however_it_has_got_its_tokens() {
    let kit = house(Store::Sqlite).await;
    let (at_tv, at_sdk) = (Receiver::start().await, Receiver::start().await);
    let tv = Client { grants: vec![GrantType::DeviceCode], ..told_at("tv", &at_tv) };
    register(&kit, &tv).await;
    let (client_type, auth_method) = (ClientType::Public, AuthMethod::None);
    let grants = vec![GrantType::JwtIdaas];
    let sdk = Client { client_type, auth_method, secrets: Vec::new(), grants, ..told_at("sdk", &at_sdk) };
    register(&kit, &sdk).await;
    let login = kit.login("ann").await;
    let jwt = PlainToken::received(&login.access_token).expect("a token");
    let caller = kit.app.engine.check(&jwt, None).await.expect("logged in");

    let own = [("client_id", "tv"), ("client_secret", SECRET)];
    let mut codes = Vec::new();
    for _ in 0..2 {
        let asking = [&own[..], &[("scope", "openid")]].concat();
        let call = form("/api/oidc/default/device_authorization", &asking);
        let shown = kit.send(call).await.expect(200);
        let (tenant, origin) = (gatewright_contract::TenantId::default_tenant(), Origin::local("kit"));
        let code = shown.str("user_code");
        kit.app.provider.device_decide(&tenant, &code, &caller, true, &origin).await.expect("allowed");
        codes.push(shown.str("device_code"));
    }
    let redeem = async |code: &str| {
        let grant = ("grant_type", "urn:ietf:params:oauth:grant-type:device_code");
        let asking = [&own[..], &[grant, ("device_code", code)]].concat();
        kit.send(form("/api/oidc/default/token", &asking)).await.expect(200)
    };
    // Two at once: both get their tokens, and the session is noted once.
    tokio::join!(redeem(&codes[0]), redeem(&codes[1]));

    let asking = [
        ("client_id", "sdk"),
        ("scope", "openid"),
        ("nonce", "n-1"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ];
    let key = kit.send(form("/api/oidc/default/authorizejwt", &asking)).await.expect(200);
    let asking = [
        ("client_id", "sdk"),
        ("grant_type", "jwt_idaas"),
        ("code", &key.str("authRequestKey")),
        ("jwt", &login.access_token),
        ("code_verifier", VERIFIER),
    ];
    kit.send(form("/api/oidc/default/token", &asking)).await.expect(200);

    kit.app.engine.end_all(&caller, true, &Origin::local("kit")).await.expect("ended");
    for (receiver, id) in [(&at_tv, "tv"), (&at_sdk, "sdk")] {
        let told = heard(&kit, receiver, id).await;
        assert_eq!(told.len(), 1, "{id}");
        assert_eq!(told[0]["sid"], caller.session.id.to_string());
    }
}
