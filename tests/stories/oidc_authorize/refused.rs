//! Requests that are not good: those that nobody but the person hears of, and those that the client hears of.

use super::*;

#[tokio::test]
async fn a_redirect_uri_that_is_not_registered_gets_a_page_and_no_redirect() {
    let kit = kit_with(&own_shop()).await;
    let bad = [
        "https://shop.example/callback/",
        "https://shop.example/callback/../evil",
        "https://shop.example/x/../callback",
        "https://shop.example/%63allback",
        "https://shop.example/callback%2e",
        "https://shop.example/callback%2f",
        "https://shop.example@evil.example/callback",
        "https://evil.example@shop.example/callback",
        "https://evil.example\\@shop.example/callback",
        "https://shop.example\\callback",
        "https://shop.example/callback?x=1",
        "https://SHOP.example/callback",
        "https://shop.example./callback",
        "https://shop.example:443/callback",
        "https://shop.example.evil.example/callback",
        "https://shop.example/callback#f",
        "http://shop.example/callback",
        "//shop.example/callback",
        "javascript:alert(1)//shop.example/callback",
        "http://127.0.0.1:80@evil.example/app",
        "http://localhost/app",
        "https://shop.example/callback\r\nX: y",
    ];
    for uri in bad {
        let reply = send(&kit, &[("redirect_uri", uri)]).await;
        assert_eq!(reply.status, 400, "{uri}");
        assert_eq!(reply.header("location"), None, "{uri}");
        assert!(reply.header("content-type").is_some_and(|kind| kind.starts_with("text/html")), "{uri}");
    }
    let mut twice = encoded(&asking(&[]));
    twice.push_str("&redirect_uri=https%3A%2F%2Fevil.example");
    let reply = kit.get(&format!("{AUTHORIZE}?{twice}")).await.expect(400);
    assert_eq!(reply.header("location"), None);
}

#[tokio::test]
async fn an_unknown_application_is_told_to_the_person() {
    let kit = kit_with(&own_shop()).await;
    for id in ["nobody", "SHOP", "shop ", "<script>alert(1)</script>", &"x".repeat(300)] {
        let reply = send(&kit, &[("client_id", id)]).await.expect(400);
        assert!(reply.header("location").is_none() && !reply.text().contains("<script>"), "{id}");
    }
    send(&kit, &[("client_id", "")]).await.expect(422);
    send(&kit, &[("redirect_uri", "")]).await.expect(422);
    let reply = kit.get(&format!("/api/oidc/nowhere/authorize?{}", encoded(&asking(&[])))).await.expect(404);
    assert!(reply.header("location").is_none());
}

#[tokio::test]
async fn a_client_that_is_switched_off_is_unknown_at_every_step() {
    let kit = kit_with(&own_shop()).await;
    let browser = logged_in(&kit, "ann").await;
    let name = begun(&kit, &[]).await;
    let (_, record) = kit.app.provider.client_record(&tenant_id(), "shop").await.unwrap().unwrap();
    let off = Client { disabled: true, ..own_shop() };
    kit.app.engine.store().commit(vec![Write::RecordReplace(record.next(&off).unwrap())]).await.unwrap();
    assert_eq!(send(&kit, &[]).await.status, 400);
    assert_eq!(resume(&browser, &name).await.status, 400);
}

#[tokio::test]
async fn a_redirect_uri_that_was_taken_from_its_client_gets_nothing_more() {
    let kit = kit_with(&own_shop()).await;
    let browser = logged_in(&kit, "ann").await;
    let name = begun(&kit, &[]).await;
    let (_, record) = kit.app.provider.client_record(&tenant_id(), "shop").await.unwrap().unwrap();
    let moved = Client { redirect_uris: vec!["https://new.example/callback".to_owned()], ..own_shop() };
    kit.app.engine.store().commit(vec![Write::RecordReplace(record.next(&moved).unwrap())]).await.unwrap();
    let reply = resume(&browser, &name).await.expect(400);
    assert!(reply.header("location").is_none());
}

#[tokio::test]
async fn scripts_stay_text() {
    let kit = kit_with(&own_shop()).await;
    let script = "%3Cscript%3Ealert(1)%3C%2Fscript%3E";
    let twice = format!("{AUTHORIZE}?client_id=shop&{script}=1&{script}=2");
    let reply = kit.get(&twice).await.expect(400);
    assert!(
        reply.text().contains("&lt;script&gt;") && !reply.text().contains("<script>"),
        "{}",
        reply.text()
    );
    let policy = reply.header("content-security-policy").unwrap();
    assert!(!policy.contains("script-src") && policy.contains("default-src 'none'"), "{policy}");
    let reply = kit.get(&format!("{AUTHORIZE}/resume?auth_req_id={script}")).await.expect(400);
    assert!(!reply.text().contains("<script>"));
}

#[tokio::test]
async fn everything_else_is_told_to_the_client() {
    let kit = kit_with(&own_shop()).await;
    let deep = format!("{{\"id_token\":{{\"a\":{}{}}}}}", "[".repeat(40), "]".repeat(40));
    let long = "x".repeat(2_000);
    let cases: &[(&[(&str, &str)], &str)] = &[
        (&[("response_type", "")], "invalid_request"),
        (&[("response_type", "token")], "unsupported_response_type"),
        (&[("response_type", "id_token")], "unsupported_response_type"),
        (&[("response_type", "code id_token")], "unsupported_response_type"),
        (&[("response_type", "none")], "unsupported_response_type"),
        (&[("response_mode", "fragment")], "invalid_request"),
        (&[("response_mode", "query.jwt")], "invalid_request"),
        (&[("scope", "")], "invalid_scope"),
        (&[("scope", "openid admin")], "invalid_scope"),
        (&[("scope", "openid phone")], "invalid_scope"),
        (&[("prompt", "none login")], "invalid_request"),
        (&[("prompt", "something")], "invalid_request"),
        (&[("max_age", "-1")], "invalid_request"),
        (&[("max_age", "1e3")], "invalid_request"),
        (&[("claims", "[]")], "invalid_request"),
        (&[("claims", &deep)], "invalid_request"),
        (&[("nonce", &long)], "invalid_request"),
        (&[("code_challenge_method", "plain")], "invalid_request"),
        (&[("code_challenge_method", "")], "invalid_request"),
        (&[("code_challenge", "short")], "invalid_request"),
        (&[("code_challenge", "")], "invalid_request"),
        (&[("code_challenge", ""), ("code_challenge_method", ""), ("nonce", "")], "invalid_request"),
        (&[("resource", "https://api.elsewhere.example")], "invalid_target"),
        (&[("resource", "https://api.shop.example#f")], "invalid_target"),
        (&[("resource", "relative")], "invalid_target"),
        (&[("request_uri", "https://evil.example/request")], "request_uri_not_supported"),
        (&[("request", "e30.e30.")], "invalid_request_object"),
        (&[("registration", "{}")], "invalid_request"),
        (&[("id_token_hint", "eyJhbGciOiJub25lIn0.e30.")], "invalid_request"),
        (&[("dpop_jkt", "x")], "invalid_request"),
        (&[("acr_values", "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17")], "invalid_request"),
    ];
    for (changes, expected) in cases {
        let reply = send(&kit, changes).await.expect(302);
        let told = told(&reply);
        assert_eq!(told["error"], *expected, "{changes:?}: {told:?}");
        assert_eq!((told["state"].as_str(), told["iss"].as_str()), ("st<a>te", ISSUER), "{changes:?}");
        assert!(!told["error_description"].is_empty());
    }
}

#[tokio::test]
async fn a_client_without_a_secret_must_show_where_its_code_comes_from() {
    let kit = kit_with(&public_shop()).await;
    let none: &[(&str, &str)] = &[("code_challenge", ""), ("code_challenge_method", "")];
    assert_eq!(error(&send(&kit, none).await), "invalid_request");
    begun(&kit, &[]).await;

    let kit = kit_with(&own_shop()).await;
    begun(&kit, none).await;
}

#[tokio::test]
async fn an_app_chooses_its_port_and_may_have_a_scheme_of_its_own() {
    let kit = kit_with(&public_shop()).await;
    let browser = logged_in(&kit, "ann").await;
    for uri in ["http://127.0.0.1:51004/app", "com.example.shop:/cb"] {
        let quiet = begun(&kit, &[("redirect_uri", uri), ("prompt", "none")]).await;
        assert!(location(&resume(&browser, &quiet).await).contains("error=consent_required"), "{uri}");
        // Any program of the device could listen there: the person is asked, each time.
        let name = begun(&kit, &[("redirect_uri", uri)]).await;
        assert_eq!(page(&resume(&browser, &name).await), "/ui/default/consent");
        agree(&kit, &browser, &name, &["openid", "email"]).await;
        let at = location(&resume(&browser, &name).await.expect(303));
        assert!(at.starts_with(&format!("{uri}?code=gwc_")), "{at}");
    }
    let reply = send(&kit, &[("redirect_uri", "com.example.shop:/cb"), ("response_mode", "form_post")]).await;
    assert!(location(&reply).contains("error=invalid_request"), "a form needs an origin");
}

#[tokio::test]
async fn a_client_with_another_grant_gets_no_code() {
    let kit = kit_with(&Client { grants: vec![GrantType::ClientCredentials], ..own_shop() }).await;
    assert_eq!(error(&send(&kit, &[]).await), "unauthorized_client");
}
