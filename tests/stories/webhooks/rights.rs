//! Who may have what sent where, and how many.

use super::*;

#[tokio::test]
async fn only_who_may_and_only_what_can_be() {
    let (kit, token) = house(Store::Memory).await;
    kit.person("ann").await;
    let ann = kit.login("ann").await.access_token;
    let body = json!({"url": "https://example.org/", "kinds": ["*"]});
    kit.post_as(&ann, PATH, &body).await.expect(403);
    kit.get_as(&ann, PATH).await.expect(403);
    kit.get_as(&ann, &format!("{PATH}?tenant=other")).await.expect(404);
    for wrong in [
        json!({"url": "ftp://example.org/", "kinds": ["*"]}),
        json!({"url": "https://a:b@example.org/", "kinds": ["*"]}),
        json!({"url": "https://example.org/", "kinds": ["Person"]}),
    ] {
        kit.post_as(&token, PATH, &wrong).await.expect(422);
    }
    kit.post_as(&token, PATH, &json!({"url": "https://example.org/", "kinds": []})).await.expect(400);
    let (path, _) = hook(&kit, &token, "https://example.org/", &["*"]).await;
    patch(&kit, &token, &path, &json!({"kinds": ["x"]})).await.expect(422);
    let changed = json!({"description": "shop", "url": "https://example.org/b", "enabled": false});
    let shown = patch(&kit, &token, &path, &changed).await.expect(200).json();
    assert_eq!((&shown["description"], &shown["url"]), (&json!("shop"), &json!("https://example.org/b")));
    for _ in 1..50 {
        hook(&kit, &token, "https://example.org/", &["*"]).await;
    }
    kit.post_as(&token, PATH, &body).await.expect(409);
    // Long after the login: what goes out of the house needs a fresh one.
    kit.advance(Duration::from_secs(800));
    kit.get_as(&token, PATH).await.expect(200);
    assert_eq!(kit.post_as(&token, PATH, &body).await.expect(403).str("code"), "elevation_required");
    patch(&kit, &token, &path, &json!({"enabled": true})).await.expect(403);
}

/// Somebody with a role of these actions.
async fn with_role(kit: &Kit, root: &str, name: &str, actions: &[&str]) -> String {
    let person = kit.person(name).await;
    let role = json!({"name": name, "actions": actions});
    kit.post_as(root, "/auth/v1/roles", &role).await.expect(201);
    kit.post_as(root, "/auth/v1/assignments", &json!({"role": name, "person": person.id})).await.expect(201);
    kit.login(name).await.access_token
}

#[tokio::test]
async fn who_may_not_read_the_log_has_none_of_it_sent() {
    let (kit, root) = house(Store::Memory).await;
    let receiver = Receiver::start().await;
    let (path, _) = hook(&kit, &root, &receiver.url(), &["person.created"]).await;
    let hank = with_role(&kit, &root, "hank", &["webhooks.write"]).await;
    kit.get_as(&hank, PATH).await.expect(200);
    for (method, at, body) in [
        ("POST", PATH.to_owned(), json!({"url": receiver.url(), "kinds": ["*"]})),
        ("PATCH", path.clone(), json!({"kinds": ["*"]})),
        ("PATCH", path.clone(), json!({"url": "http://127.0.0.1:1/"})),
        ("POST", format!("{path}/rotate-secret"), json!({})),
    ] {
        let refused = kit.send(Call::new(method, &at).json(&body).bearer(&hank)).await.expect(403);
        assert!(refused.text().contains("`audit.read`"), "{method} {at}: {}", refused.text());
    }
    let both = with_role(&kit, &root, "both", &["webhooks.write", "audit.read"]).await;
    hook(&kit, &both, &receiver.url(), &["*"]).await;
}

#[tokio::test]
async fn what_is_done_in_a_session_does_not_outlive_it() {
    let (kit, token) = house(Store::Memory).await;
    let receiver = Receiver::start().await;
    let (path, _) = hook(&kit, &token, &receiver.url(), &["*"]).await;
    let id = path.rsplit('/').next().and_then(|id| id.parse().ok()).expect("an id");
    let (engine, origin, tenant) = (&kit.app.engine, Origin::local("kit"), TenantId::default_tenant());
    // The request was let in, and then the session was ended elsewhere.
    let shown = PlainToken::received(&token).expect("a token");
    let caller = engine.check(&shown, None).await.expect("is good");
    engine.end_all(&caller, true, &origin).await.expect("ends");

    let new = NewWebhook { url: receiver.url(), description: None, kinds: vec!["*".to_owned()] };
    let made = engine.create_webhook(&caller, &tenant, new, &origin).await.map(|_| ());
    let change = Change::default();
    let changed = engine.change_webhook(&caller, &tenant, id, change, &origin).await.map(|_| ());
    let rotated = engine.rotate_webhook_secret(&caller, &tenant, id, &origin).await.map(|_| ());
    let tested = engine.test_webhook(&caller, (&tenant, id), &origin).await.map(|_| ());
    let deleted = engine.delete_webhook(&caller, &tenant, id, &origin).await;
    let statuses = [made, changed, rotated, tested, deleted].map(|done| done.map_err(|p| p.status));
    assert_eq!(statuses, [Err(401); 5]);
}

#[tokio::test]
async fn many_that_are_made_at_once_are_no_more_than_a_tenant_may_have() {
    let (kit, token) = house(Store::Sqlite).await;
    let body = json!({"url": "http://127.0.0.1:1/", "kinds": ["*"]});
    for _ in 0..45 {
        kit.post_as(&token, PATH, &body).await.expect(201);
    }
    let shown = PlainToken::received(&token).expect("a token");
    let caller = kit.app.engine.check(&shown, None).await.expect("is good");
    let mut at_once = tokio::task::JoinSet::new();
    for _ in 0..20 {
        let (engine, caller) = (kit.app.engine.clone(), caller.clone());
        at_once.spawn(async move {
            let url = "http://127.0.0.1:1/".to_owned();
            let new = NewWebhook { url, description: None, kinds: vec!["*".to_owned()] };
            let (tenant, origin) = (TenantId::default_tenant(), Origin::local("kit"));
            engine.create_webhook(&caller, &tenant, new, &origin).await.is_ok()
        });
    }
    let mut made = 45 + at_once.join_all().await.into_iter().filter(|made| *made).count();
    assert!(made <= 50, "{made}");
    while kit.post_as(&token, PATH, &body).await.status.as_u16() == 201 {
        made += 1;
    }
    assert_eq!(made, 50);
    let shown = kit.get_as(&token, PATH).await.expect(200).json();
    assert_eq!(shown.as_array().or(shown["webhooks"].as_array()).map(Vec::len), Some(50));
}
