//! A code becomes tokens, once, for its client and nobody else.

use super::*;
use gatewright_oauth::client::AccessTokenFormat;
use std::time::Duration;

#[tokio::test]
async fn a_code_becomes_tokens_that_say_who_has_logged_in_and_how() {
    let kit = Kit::memory().await;
    register(&kit, &shop()).await;
    let ada = Agreed::of(&kit, "ada", "shop", &["openid", "profile"]).await;
    let code = ada.code(&kit).await;
    let reply = redeem(&kit, "shop", &code).await.expect(200);
    assert_eq!((reply.header("cache-control"), reply.header("pragma")), (Some("no-store"), Some("no-cache")));
    let body = reply.json();
    assert_eq!((&body["token_type"], &body["expires_in"]), (&"Bearer".into(), &600.into()), "{body}");
    assert_eq!(body["scope"], "openid profile");

    let (header, id) = claims(&kit, &reply.str("id_token")).await;
    assert_eq!(header.typ.as_deref(), Some("JWT"));
    let person = ada.terms.person.to_string();
    let expected =
        [("iss", ISSUER), ("sub", &person), ("aud", "shop"), ("azp", "shop"), ("nonce", "n-0S6_WzA2Mj")];
    for (name, value) in expected {
        assert_eq!(id[name], value, "{name}: {id}");
    }
    assert_eq!(id["sid"], ada.terms.session.to_string());
    assert_eq!((&id["acr"], &id["amr"]), (&"aal1".into(), &serde_json::json!(["pwd"])));
    assert_eq!(id["exp"].as_i64().unwrap() - id["iat"].as_i64().unwrap(), 600);
    assert!(id.get("auth_time").is_none(), "was not asked for");
    assert!(id.get("name").is_none(), "that is told at the userinfo endpoint");
    let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA512, reply.str("access_token").as_bytes());
    assert_eq!(id["at_hash"], BASE64URL_NOPAD.encode(&hash.as_ref()[..32]));

    let (header, access) = claims(&kit, &reply.str("access_token")).await;
    assert_eq!(header.typ.as_deref(), Some("at+jwt"), "no ID token");
    assert_eq!((&access["iss"], &access["aud"]), (&ISSUER.into(), &ISSUER.into()));
    assert_eq!((&access["client_id"], &access["scope"]), (&"shop".into(), &"openid profile".into()));
    assert_eq!((&access["sub"], &access["acr"]), (&id["sub"], &id["acr"]));
    assert_eq!(outcomes(&kit, "grant.begun").await, ["success"]);
}

#[tokio::test]
async fn claims_that_were_asked_for_by_name_are_in_the_id_token() {
    let kit = Kit::memory().await;
    register(&kit, &shop()).await;
    let mut ada = Agreed::of(&kit, "ada", "shop", &["openid", "profile"]).await;
    ada.terms.wants_auth_time = true;
    ada.terms.claims = Some(serde_json::json!({"id_token": {"name": null, "email": null}}));
    let reply = redeem(&kit, "shop", &ada.code(&kit).await).await.expect(200);
    let (_, id) = claims(&kit, &reply.str("id_token")).await;
    assert_eq!(id["auth_time"], ada.terms.auth_time.as_secs());
    assert_eq!(id["name"], "ada Example");
    assert!(id.get("email").is_none(), "nobody has agreed to that");
}

#[tokio::test]
async fn a_code_is_good_once_and_its_second_use_ends_what_the_first_began() {
    let kit = Kit::memory().await;
    register(&kit, &shop()).await;
    let code = Agreed::of(&kit, "ada", "shop", &["openid"]).await.code(&kit).await;
    let first = redeem(&kit, "shop", &code).await.expect(200);
    let alone = [("grant_type", "authorization_code"), ("code", &*code), ("redirect_uri", CALLBACK)];
    refused(&ask(&kit, "shop", &alone).await, 400, "invalid_grant");
    assert!(grant_lives(&kit, &first.str("access_token")).await, "who has the code alone ends nothing");
    refused(&redeem(&kit, "shop", &code).await, 400, "invalid_grant");
    assert!(!grant_lives(&kit, &first.str("access_token")).await);
    refused(&refresh(&kit, "shop", &first.str("refresh_token")).await, 400, "invalid_grant");
    assert_eq!(outcomes(&kit, "grant.ended").await, ["code_used_twice"]);
    kit.advance(Duration::from_secs(1_800));
    refused(&redeem(&kit, "shop", &code).await, 400, "invalid_grant");
}

#[tokio::test]
async fn tokens_of_a_code_that_was_used_twice_open_nothing_whatever_they_are() {
    let kit = Kit::memory().await;
    register(&kit, &Client { access_token: AccessTokenFormat::Opaque, ..shop() }).await;
    register(&kit, &depot()).await;
    let userinfo = "/api/oidc/default/userinfo";
    for (client, begins) in [("shop", "gwo_"), ("depot", "ey")] {
        let who = Agreed::of(&kit, &format!("ada-{client}"), client, &["openid"]).await;
        let code = who.code(&kit).await;
        let first = redeem(&kit, client, &code).await.expect(200);
        let token = first.str("access_token");
        assert!(token.starts_with(begins));
        kit.get_as(&token, userinfo).await.expect(200);
        kit.get_as(&first.str("id_token"), userinfo).await.expect(401);
        refused(&redeem(&kit, client, &code).await, 400, "invalid_grant");
        kit.get_as(&token, userinfo).await.expect(401);
    }
}

#[tokio::test]
async fn of_two_at_the_same_time_one_wins_and_its_tokens_die() {
    let kit = Arc::new(Kit::sqlite().await);
    register(&kit, &shop()).await;
    let ada = Agreed::of(&kit, "ada", "shop", &["openid", "offline_access"]).await;
    for _ in 0..5 {
        let code = ada.code(&kit).await;
        let tries = (0..4).map(|_| {
            let (kit, code) = (kit.clone(), code.clone());
            async move { redeem(&kit, "shop", &code).await }
        });
        let replies = crate::stories::parallel::all(tries).await;
        let won: Vec<&Reply> = replies.iter().filter(|reply| reply.status.as_u16() == 200).collect();
        assert_eq!(won.len(), 1, "one wins");
        let refresh_token = won[0].str("refresh_token");
        assert!(!grant_lives(&kit, &won[0].str("access_token")).await, "and what it got is worth nothing");
        refused(&refresh(&kit, "shop", &refresh_token).await, 400, "invalid_grant");
    }
    assert_eq!(outcomes(&kit, "grant.ended").await, ["code_used_twice"; 5]);
}

#[tokio::test]
async fn a_code_of_another_client_is_good_for_nothing_and_stays_good_for_its_own() {
    let kit = Kit::memory().await;
    register(&kit, &shop()).await;
    register(&kit, &depot()).await;
    let code = Agreed::of(&kit, "ada", "shop", &["openid"]).await.code(&kit).await;
    refused(&redeem(&kit, "depot", &code).await, 400, "invalid_grant");
    assert_eq!(outcomes(&kit, "code.refused").await, ["another_client"]);
    redeem(&kit, "shop", &code).await.expect(200);
    refused(&redeem(&kit, "depot", &code).await, 400, "invalid_grant");
    assert_eq!(outcomes(&kit, "grant.ended").await.len(), 0, "a stranger ends nothing");
}

#[tokio::test]
async fn a_code_is_good_only_with_what_its_request_had() {
    let kit = Kit::memory().await;
    for client in [shop(), page()] {
        register(&kit, &client).await;
    }
    let ada = Agreed::of(&kit, "ada", "shop", &["openid"]).await;
    let good =
        [("grant_type", "authorization_code"), ("redirect_uri", CALLBACK), ("code_verifier", VERIFIER)];
    let other = VERIFIER.replace('d', "e");
    let code = ada.code(&kit).await;
    for (name, wrong) in [
        ("redirect_uri", "https://shop.example/callback/"),
        ("redirect_uri", "https://shop.example/callback?x=1"),
        ("redirect_uri", "https://SHOP.example/callback"),
        ("redirect_uri", ""),
        ("code_verifier", &*other),
        ("code_verifier", CHALLENGE),
        ("code_verifier", ""),
        ("code_verifier", "short"),
        ("code", "gwc_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"),
        ("code", "'; DROP TABLE records; --"),
    ] {
        let mut fields: Vec<(&str, &str)> = good.to_vec();
        fields.push(("code", &code));
        fields.retain(|(known, _)| *known != name);
        fields.push((name, wrong));
        refused(&ask(&kit, "shop", &fields).await, 400, "invalid_grant");
    }
    redeem(&kit, "shop", &code).await.expect(200);
}

#[tokio::test]
async fn a_challenge_that_was_taken_out_is_missed() {
    let kit = Kit::memory().await;
    for client in [shop(), page()] {
        register(&kit, &client).await;
    }
    let ada = Agreed::of(&kit, "ada", "shop", &["openid"]).await;
    // The client sent a challenge, and somebody took it out on the way.
    let code = ada.code_with(&kit, |code| code.code_challenge = None).await;
    refused(&redeem(&kit, "shop", &code).await, 400, "invalid_grant");
    let bare = [("grant_type", "authorization_code"), ("code", &*code), ("redirect_uri", CALLBACK)];
    ask(&kit, "shop", &bare).await.expect(200);
    // A client that anybody can be has nothing but the verifier.
    let ada = Agreed::again(&kit, "ada", "page", &["openid"]).await;
    let code = ada.code_with(&kit, |code| code.code_challenge = None).await;
    let bare = [("grant_type", "authorization_code"), ("code", &*code), ("redirect_uri", CALLBACK)];
    refused(&ask(&kit, "page", &bare).await, 400, "invalid_grant");
}

#[tokio::test]
async fn a_code_ends_with_its_time_its_session_and_its_person() {
    let kit = Kit::memory().await;
    register(&kit, &shop()).await;
    let ada = Agreed::of(&kit, "ada", "shop", &["openid", "offline_access"]).await;
    let code = ada.code(&kit).await;
    kit.advance(Duration::from_secs(60));
    refused(&redeem(&kit, "shop", &code).await, 400, "invalid_grant");

    let eve = Agreed::of(&kit, "eve", "shop", &["openid"]).await;
    let code = eve.code(&kit).await;
    let write = Write::SessionDelete(eve.terms.session);
    kit.app.engine.store().commit(vec![write]).await.unwrap();
    refused(&redeem(&kit, "shop", &code).await, 400, "invalid_grant");

    let code = ada.code(&kit).await;
    let person = kit.app.engine.store().person(&tenant_id(), ada.terms.person).await.unwrap().unwrap();
    kit.disable(&person).await;
    refused(&redeem(&kit, "shop", &code).await, 400, "invalid_grant");
}

#[tokio::test]
async fn a_token_is_for_the_resources_of_its_request_or_fewer() {
    let kit = Kit::memory().await;
    register(&kit, &shop()).await;
    let mut ada = Agreed::of(&kit, "ada", "shop", &["openid"]).await;
    ada.terms.resources = words(&["https://stock.example/", "https://mail.example/"]);
    let code = ada.code(&kit).await;
    let redeeming = |resource| {
        [
            ("grant_type", "authorization_code"),
            ("code", &*code),
            ("redirect_uri", CALLBACK),
            ("code_verifier", VERIFIER),
            ("resource", resource),
        ]
    };
    refused(&ask(&kit, "shop", &redeeming("https://other.example/")).await, 400, "invalid_target");
    let reply = ask(&kit, "shop", &redeeming("https://mail.example/")).await.expect(200);
    assert_eq!(claims(&kit, &reply.str("access_token")).await.1["aud"], "https://mail.example/");
    let fields = [("grant_type", "refresh_token"), ("refresh_token", &*reply.str("refresh_token"))];
    let reply = ask(&kit, "shop", &fields).await.expect(200);
    let aud = &claims(&kit, &reply.str("access_token")).await.1["aud"];
    assert_eq!(*aud, serde_json::json!(["https://stock.example/", "https://mail.example/"]));
}

#[tokio::test]
async fn a_login_for_somebody_elses_door_is_an_id_token_alone() {
    let kit = Kit::memory().await;
    for client in [shop(), page()] {
        register(&kit, &client).await;
    }
    let ada = Agreed::of(&kit, "ada", "shop", &["2fa", "2fa_link", "profile"]).await;
    let reply = redeem(&kit, "shop", &ada.code(&kit).await).await.expect(200);
    let body = reply.json();
    assert!(body.get("access_token").is_none() && body.get("refresh_token").is_none(), "{body}");
    assert_eq!(body["token_type"], "Bearer");
    let (_, id) = claims(&kit, &reply.str("id_token")).await;
    assert_eq!((&id["aud"], &id["name"]), (&"shop".into(), &"ada Example".into()), "there is no other place");
    assert!(id.get("at_hash").is_none());
    for (client, scopes) in [("shop", &["openid", "2fa_link"][..]), ("page", &["2fa", "2fa_link"])] {
        let again = Agreed::again(&kit, "ada", client, scopes).await;
        refused(&redeem(&kit, client, &again.code(&kit).await).await, 400, "invalid_scope");
    }
}
