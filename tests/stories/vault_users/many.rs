//! Many at once.

use super::*;

#[tokio::test]
async fn each_of_many_is_made_or_said_why_not() {
    for store in [Store::Memory, Store::Sqlite] {
        let kit = Kit::with(store).start().await;
        let root = kit.administrator().await;
        tenant(&kit, &root, "acme").await;
        person(&kit, "acme", "ann", false).await;
        let body = json!({"users": [
            user("bob"),
            user("ANN"),
            user(" bad name"),
            with(user("elsewhere"), json!({"tenant_id": "default"})),
            with(user("king"), json!({"roles": ["king"]})),
            user("carol"),
            user("Bob"),
        ]});
        let said = send(&kit, &root, "POST", "/acme/users/batch", body).await.expect(201).json();
        assert_eq!(said["success_created_count"], 2, "{said}");
        assert_eq!(said["fail_create_usernames"], json!(["elsewhere", " bad name", "king"]));
        let mut twice: Vec<_> = said["duplicate_usernames"].as_array().unwrap().iter().collect();
        twice.sort_by_key(|name| name.to_string().to_lowercase());
        assert_eq!((twice.len(), twice[0]), (2, &json!("ANN")));
        send(&kit, &root, "GET", "/acme/users/by-name/carol", Value::Null).await.expect(200);
        let many = json!({"users": (0..500).map(|n| user(&format!("u{n}"))).collect::<Vec<_>>()});
        let said = send(&kit, &root, "POST", "/acme/users/batch", many).await.expect(201).json();
        assert_eq!(said["success_created_count"], 500);
        let too_many = json!({"users": (0..501).map(|n| user(&format!("v{n}"))).collect::<Vec<_>>()});
        send(&kit, &root, "POST", "/acme/users/batch", too_many).await.expect(422);
    }
}

#[tokio::test]
async fn many_are_deleted_with_all_that_is_theirs() {
    let (kit, root) = world().await;
    let (_, boss) = somebody(&kit, "acme", "boss", true).await;
    let (ann, token) = somebody(&kit, "acme", "ann", false).await;
    let bob = person(&kit, "acme", "bob", false).await;
    let (will, writer) = somebody(&kit, "acme", "will", false).await;
    give(&kit, &root, &will, "writer", &["people.read", "people.write"]).await;
    let boss_id = kit.app.engine.find_person(&id("acme"), "boss").await.unwrap().unwrap().id;
    let delete = async |token: &str, ids: Value| {
        send(&kit, token, "POST", "/acme/users/batch-delete", json!({"users_ids": ids})).await
    };
    // Nobody is, where one may not be.
    delete(&writer, json!([ann.id, boss_id])).await.expect(403);
    send(&kit, &token, "GET", "/users/me", Value::Null).await.expect(200);
    let nobody = "018bcfe5-6800-7000-8000-000000000009";
    let gone = delete(&boss, json!([ann.id, nobody, "no id", bob.id, ann.id])).await.expect(201);
    assert_eq!(gone.text(), "null");
    send(&kit, &token, "GET", "/users/me", Value::Null).await.expect(401);
    let left = send(&kit, &boss, "GET", "/acme/users?sort_by=username", Value::Null).await.expect(200).json();
    assert_eq!(names(&left), ["will", "boss"]);
    // Oneself comes last.
    let second = person(&kit, "acme", "second", true).await;
    delete(&boss, json!([boss_id, will.id])).await.expect(201);
    let second = login(&kit, "acme", &second.username).await;
    let left = send(&kit, &second, "GET", "/acme/users", Value::Null).await.expect(200).json();
    assert_eq!(names(&left), ["second"]);
}
