//! Requests that the client sends itself, and the browser only names.

use super::*;
use std::time::Duration;

const PAR: &str = "/api/oidc/default/par";

async fn push(kit: &Kit, changes: &[(&str, &str)]) -> Reply {
    let mut pairs = asking(&[("client_secret", SECRET)]);
    pairs.extend(changes.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    pairs.retain(|_, value| !value.is_empty());
    kit.send(form(PAR, &pairs)).await
}

async fn pushed(kit: &Kit) -> String {
    let reply = push(kit, &[]).await.expect(201);
    assert_eq!(reply.json()["expires_in"], 60);
    let uri = reply.str("request_uri");
    assert!(uri.starts_with("urn:ietf:params:oauth:request_uri:gwp_"), "{uri}");
    uri
}

/// The browser comes with a name.
async fn come(kit: &Kit, client: &str, uri: &str) -> Reply {
    let pairs = [("client_id".to_owned(), client.to_owned()), ("request_uri".to_owned(), uri.to_owned())];
    kit.get(&format!("{AUTHORIZE}?{}", encoded(&BTreeMap::from(pairs)))).await
}

#[tokio::test]
async fn a_pushed_request_is_good_once_and_for_a_minute() {
    let kit = kit_with(&own_shop()).await;
    let uri = pushed(&kit).await;
    let browser = logged_in(&kit, "ann").await;
    let name = name(&come(&kit, "shop", &uri).await.expect(302));
    assert!(told(&resume(&browser, &name).await).contains_key("code"));
    let again = come(&kit, "shop", &uri).await.expect(400);
    assert!(again.header("location").is_none() && again.text().contains("invalid_request_uri"));

    let late = pushed(&kit).await;
    kit.advance(Duration::from_secs(60));
    come(&kit, "shop", &late).await.expect(400);
}

#[tokio::test]
async fn of_two_browsers_at_once_one_comes_in() {
    let kit = Kit::sqlite().await;
    register(&kit, &own_shop()).await;
    let uri = pushed(&kit).await;
    let (a, b) = tokio::join!(come(&kit, "shop", &uri), come(&kit, "shop", &uri));
    let mut statuses = [a.status.as_u16(), b.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [302, 400]);
}

#[tokio::test]
async fn another_client_gets_nothing_of_it() {
    let kit = kit_with(&own_shop()).await;
    register(&kit, &Client { client_id: "others".to_owned(), ..own_shop() }).await;
    let uri = pushed(&kit).await;
    come(&kit, "others", &uri).await.expect(400);
    let guessed = format!("{}x", &uri[..uri.len() - 1]);
    come(&kit, "shop", &guessed).await.expect(400);
    come(&kit, "shop", &uri).await.expect(302);
}

#[tokio::test]
async fn the_browser_adds_nothing_to_what_was_pushed() {
    let kit = kit_with(&own_shop()).await;
    let uri = pushed(&kit).await;
    let more = asking(&[("request_uri", &uri), ("scope", "openid profile"), ("state", "other")]);
    let name = name(&kit.get(&format!("{AUTHORIZE}?{}", encoded(&more))).await.expect(302));
    let told = told(&resume(&logged_in(&kit, "ann").await, &name).await);
    let found = kit.app.provider.find_code(&tenant_id(), &told["code"]).await.unwrap().unwrap();
    assert_eq!(
        (told["state"].as_str(), found.code.terms.scopes.join(" ")),
        ("st<a>te", "openid email".to_owned())
    );
}

#[tokio::test]
async fn what_is_wrong_is_told_to_the_client_itself() {
    let kit = kit_with(&own_shop()).await;
    for (change, status, expected) in [
        (("client_secret", "wrong"), 401, "invalid_client"),
        (("client_secret", ""), 401, "invalid_client"),
        (("redirect_uri", "https://evil.example"), 400, "invalid_request"),
        (("scope", "openid admin"), 400, "invalid_scope"),
        (("request_uri", "urn:ietf:params:oauth:request_uri:x"), 400, "invalid_request"),
        (("response_type", "token"), 400, "unsupported_response_type"),
    ] {
        let reply = push(&kit, &[change]).await.expect(status);
        assert_eq!(reply.str("error"), expected, "{change:?}");
        assert!(!reply.text().contains("evil.example"), "nothing of it is repeated");
    }
}

#[tokio::test]
async fn who_must_push_can_not_do_without() {
    let kit = kit_with(&Client { require_pushed_requests: true, ..own_shop() }).await;
    assert_eq!(error(&send(&kit, &[]).await.expect(302)), "invalid_request");
    let uri = pushed(&kit).await;
    come(&kit, "shop", &uri).await.expect(302);

    let strict =
        Kit::with(kit::Store::Memory).config("[login.oidc]\nrequire_pushed_requests = true").start().await;
    register(&strict, &own_shop()).await;
    assert_eq!(error(&send(&strict, &[]).await.expect(302)), "invalid_request");
}

#[tokio::test]
async fn a_login_before_the_browser_came_does_not_count_as_new() {
    let kit = kit_with(&own_shop()).await;
    let uri = push(&kit, &[("prompt", "login")]).await.expect(201).str("request_uri");
    kit.advance(Duration::from_secs(5));
    let browser = logged_in(&kit, "ann").await;
    kit.advance(Duration::from_secs(5));
    let name = name(&come(&kit, "shop", &uri).await.expect(302));
    assert_eq!(page(&resume(&browser, &name).await), "/ui/default/login");
}

#[tokio::test]
async fn the_reply_is_as_the_document_says() {
    let kit = kit_with(&own_shop()).await;
    let reply = push(&kit, &[]).await.expect(201);
    assert_eq!(reply.header("cache-control"), Some("no-store"));
    let names = ["request_uri", "expires_in"];
    let reply = reply.json();
    assert_eq!(reply.as_object().map(|members| members.len()), Some(names.len()), "{reply}");
    assert!(names.iter().all(|name| reply.get(name).is_some()), "{reply}");
}
