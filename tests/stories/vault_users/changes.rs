//! Replacing an account.

use super::*;

async fn put(kit: &Kit, token: &str, body: &Value) -> Reply {
    let path = format!("/acme/users/{}", body["user_id"].as_str().expect("an id"));
    send(kit, token, "PUT", &path, body.clone()).await
}

async fn made(kit: &Kit, token: &str, body: Value) -> Value {
    send(kit, token, "POST", "/acme/users", body).await.expect(201).json()
}

#[tokio::test]
async fn replacing_sets_all_that_can_be_set() {
    for store in [Store::Memory, Store::Sqlite] {
        let kit = Kit::with(store).start().await;
        let root = kit.administrator().await;
        tenant(&kit, &root, "acme").await;
        let ann = made(&kit, &root, with(user("ann"), json!({"locale": "de", "external_id": "1"}))).await;
        let same = put(&kit, &root, &ann).await.expect(200).json();
        assert_eq!(with(same, json!({"updated_at": null})), with(ann.clone(), json!({"updated_at": null})));

        let mut other = with(ann.clone(), json!({"username": "anna", "email": "", "roles": ["auditor"]}));
        for left_out in ["locale", "external_id", "created_at", "updated_at"] {
            other.as_object_mut().unwrap().remove(left_out);
        }
        let now = put(&kit, &root, &other).await.expect(200).json();
        assert_eq!((&now["username"], &now["email"]), (&json!("anna"), &json!("")));
        assert_eq!((&now["locale"], &now["external_id"]), (&Value::Null, &Value::Null));
        assert_eq!((&now["roles"], &now["created_at"]), (&json!(["auditor"]), &ann["created_at"]));
        assert!(now["updated_at"].is_string());
        send(&kit, &root, "GET", "/acme/users/by-name/ann", Value::Null).await.expect(404);
    }
}

#[tokio::test]
async fn the_path_wins_and_another_id_in_the_body_is_a_mistake() {
    let (kit, root) = world().await;
    let ann = made(&kit, &root, user("ann")).await;
    let path = format!("/acme/users/{}", ann["user_id"].as_str().unwrap());
    for (field, other) in [("user_id", "018bcfe5-6800-7000-8000-000000000009"), ("tenant_id", "default")] {
        let body = with(ann.clone(), json!({field: other}));
        let refused = send(&kit, &root, "PUT", &path, body).await.expect(422).json();
        assert_eq!(refused["detail"][0]["loc"], json!(["body", field]));
    }
    let elsewhere = with(user("bob"), json!({"tenant_id": "default"}));
    send(&kit, &root, "POST", "/acme/users", elsewhere).await.expect(422);
    let nobody = with(ann, json!({"user_id": "018bcfe5-6800-7000-8000-000000000009"}));
    put(&kit, &root, &nobody).await.expect(404);
}

#[tokio::test]
async fn who_is_kept_out_is_out_at_once() {
    let (kit, root) = world().await;
    let (ann, token) = somebody(&kit, "acme", "ann", false).await;
    let shown = send(&kit, &root, "GET", &format!("/acme/users/{}", ann.id), Value::Null).await.json();
    send(&kit, &token, "GET", "/users/me", Value::Null).await.expect(200);
    let out = put(&kit, &root, &with(shown, json!({"is_disabled": true}))).await.expect(200).json();
    assert_eq!(out["is_disabled"], true);
    send(&kit, &token, "GET", "/users/me", Value::Null).await.expect(401);
    try_login(&kit, "acme", "ann", PASSWORD).await.expect(401);
    put(&kit, &root, &with(out, json!({"is_disabled": false}))).await.expect(200);
    try_login(&kit, "acme", "ann", PASSWORD).await.expect(200);
}

#[tokio::test]
async fn roles_are_given_and_taken_by_who_has_them() {
    let (kit, root) = world().await;
    let (_, boss) = somebody(&kit, "acme", "boss", true).await;
    let ann = made(&kit, &boss, with(user("ann"), json!({"roles": ["auditor", "helpdesk"]}))).await;
    let fewer = put(&kit, &boss, &with(ann.clone(), json!({"roles": ["helpdesk"]}))).await.expect(200).json();
    assert_eq!(fewer["roles"], json!(["helpdesk"]));
    let mut silent = fewer.clone();
    silent.as_object_mut().unwrap().remove("roles");
    let kept = put(&kit, &boss, &silent).await.expect(200).json();
    assert_eq!(kept["roles"], json!(["helpdesk"]), "left out, they stay");
    put(&kit, &boss, &with(fewer.clone(), json!({"roles": ["king"]}))).await.expect(422);

    // A role that is limited to a group is neither shown nor taken.
    let group = group(&kit, &root, "Sales", &[]).await;
    let limited = json!({"role": "auditor", "person": ann["user_id"], "scope": group});
    grant(&kit, &root, limited).await.expect(201);
    put(&kit, &boss, &with(fewer.clone(), json!({"roles": []}))).await.expect(200);
    let path = format!("/assignments?tenant=acme&of={}", ann["user_id"].as_str().unwrap());
    let left = ask(&kit, &root, "GET", &path, Value::Null).await;
    assert_eq!(left.expect(200).json().as_array().map(Vec::len), Some(1));

    // Somebody who may change people and nothing else.
    let (will, writer) = somebody(&kit, "acme", "will", false).await;
    give(&kit, &root, &will, "writer", &["people.read", "people.write"]).await;
    made(&kit, &root, user("cora")).await;
    let now = send(&kit, &writer, "GET", "/acme/users/by-name/cora", Value::Null).await.expect(200).json();
    put(&kit, &writer, &with(now.clone(), json!({"locale": "fr"}))).await.expect(200);
    for more in [
        json!({"roles": ["administrator"]}),
        json!({"is_verified": true}),
        json!({"is_disabled": true}),
        json!({"username": "mallory"}),
    ] {
        put(&kit, &writer, &with(now.clone(), more.clone())).await.expect(403);
    }
    let chief = send(&kit, &root, "GET", "/acme/users/by-name/boss", Value::Null).await.expect(200).json();
    put(&kit, &writer, &with(chief, json!({"email": "evil@example.org"}))).await.expect(403);
}

#[tokio::test]
async fn the_last_administrator_stays() {
    let (kit, root) = world().await;
    let (_, boss) = somebody(&kit, "acme", "boss", true).await;
    let chief = send(&kit, &boss, "GET", "/acme/users/by-name/boss", Value::Null).await.expect(200).json();
    assert_eq!(chief["roles"], json!(["administrator"]));
    for less in [json!({"roles": []}), json!({"is_disabled": true})] {
        put(&kit, &boss, &with(chief.clone(), less.clone())).await.expect(409);
        put(&kit, &root, &with(chief.clone(), less)).await.expect(409);
    }
    let ids = json!({"users_ids": [chief["user_id"]]});
    send(&kit, &root, "POST", "/acme/users/batch-delete", ids).await.expect(409);
    let second = with(user("second"), json!({"roles": ["administrator"]}));
    let second = made(&kit, &boss, second).await;
    let less = put(&kit, &root, &with(chief, json!({"roles": []}))).await.expect(200).json();
    assert_eq!(less["roles"], json!([]));
    put(&kit, &root, &with(second, json!({"roles": []}))).await.expect(409);
}

#[tokio::test]
async fn the_old_address_is_told_once_if_it_was_proven() {
    let kit = Kit::with(Store::Memory).mailbox().start().await;
    let root = kit.administrator().await;
    tenant(&kit, &root, "acme").await;
    let (ann, token) = somebody(&kit, "acme", "ann", false).await;
    let proven = gatewright_core::admin::PersonChange {
        email: Some(Some("ann@example.org".to_owned())),
        email_verified: Some(true),
        ..Default::default()
    };
    let local = gatewright_core::Origin::local("kit");
    kit.app.engine.at_the_machine(&local).change_person(&ann.tenant, ann.id, proven).await.expect("is set");
    let path = format!("/acme/users/{}/email", ann.id);
    for email in ["ann@example.net", "ann@example.com"] {
        let form = json!({"challenge_id": "", "challenge_data": "", "email": email});
        send(&kit, &token, "PUT", &path, form).await.expect(200);
    }
    let mail = kit.mail().await;
    assert_eq!(mail.len(), 1, "nobody has proven the second one");
    assert_eq!((mail[0].to.as_str(), mail[0].template.as_str()), ("ann@example.org", "notice"));
    assert_eq!((mail[0].value("what"), mail[0].value("username")), ("e-mail address", "ann"));
}

#[tokio::test]
async fn an_address_is_changed_by_its_owner_and_by_administrators() {
    let (kit, root) = world().await;
    let (ann, token) = somebody(&kit, "acme", "ann", false).await;
    let bob = made(&kit, &root, user("bob")).await;
    let form = |email: &str| json!({"challenge_id": "", "challenge_data": "", "email": email});
    let path = format!("/acme/users/{}/email", ann.id);
    let said = send(&kit, &token, "PUT", &path, form("ann@example.net")).await.expect(200);
    assert_eq!(said.text(), "null");
    let me = send(&kit, &token, "GET", "/users/me", Value::Null).await.expect(200).json();
    assert_eq!((&me["email"], &me["is_verified"]), (&json!("ann@example.net"), &json!(false)));
    send(&kit, &token, "PUT", &path, form("bob@example.org")).await.expect(409);
    for bad in ["", "no address", "a@b\r\nBcc: x@y"] {
        send(&kit, &token, "PUT", &path, form(bad)).await.expect(422);
    }
    // A proof that nobody has asked for proves nothing.
    for (id, proof) in [("1", "x"), ("AAECAwQFBgcICQoLDA0ODw", ""), (&"A".repeat(22), &"A".repeat(87))] {
        let proof = json!({"challenge_id": id, "challenge_data": proof, "email": "ann@example.com"});
        send(&kit, &token, "PUT", &path, proof).await.expect(422);
    }
    let others = format!("/acme/users/{}/email", bob["user_id"].as_str().unwrap());
    send(&kit, &token, "PUT", &others, form("x@example.org")).await.expect(403);
    send(&kit, &root, "PUT", &others, form("x@example.org")).await.expect(200);
    kit.advance(Duration::from_secs(600));
    send(&kit, &token, "PUT", &path, form("late@example.org")).await.expect(403);
    let log = kit.app.engine.store().audit(&id("acme"), &Default::default(), 50).await.expect("a log");
    assert!(log.iter().any(|l| l.event.kind == "person.email-changed" && l.event.person == Some(ann.id)));
}
