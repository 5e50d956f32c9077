//! Groups and who is in them.

use super::{all, ask, group, person, somebody, world};
use serde_json::{Value, json};

#[tokio::test]
async fn a_group_is_made_renamed_filled_emptied_and_deleted() {
    let (kit, _) = world().await;
    let (_, boss) = somebody(&kit, "acme", "boss", true).await;
    let body = json!({"name": "Sales team", "description": "Those who sell."});
    let made = ask(&kit, &boss, "POST", "/groups", body).await.expect(201);
    let path = format!("/groups/{}", made.str("id"));
    ask(&kit, &boss, "POST", "/groups", json!({"name": "SALES team"})).await.expect(409);
    // Cyrillic among Latin.
    ask(&kit, &boss, "POST", "/groups", json!({"name": "S\u{430}les"})).await.expect(422);
    let renamed = ask(&kit, &boss, "PATCH", &path, json!({"name": "Service"})).await.expect(200).json();
    assert_eq!((&renamed["name"], &renamed["description"]), (&json!("Service"), &json!("Those who sell.")));
    ask(&kit, &boss, "POST", "/groups", json!({"name": "Sales team"})).await.expect(201);

    let (ann, bob) = (person(&kit, "acme", "ann", false).await, person(&kit, "acme", "bob", false).await);
    let members = format!("{path}/members");
    ask(&kit, &boss, "POST", &members, json!({"people": [ann.id, bob.id]})).await.expect(204);
    ask(&kit, &boss, "POST", &members, json!({"people": [ann.id]})).await.expect(204);
    let nobody = "018bcfe5-6800-7000-8000-000000000009";
    ask(&kit, &boss, "POST", &members, json!({"people": [nobody]})).await.expect(404);
    // By id, which within a millisecond is by chance.
    let mut order = [(ann.id, "ann"), (bob.id, "bob")];
    order.sort();
    let first = ask(&kit, &boss, "GET", &format!("{members}?limit=1"), Value::Null).await.expect(200);
    assert_eq!(all(&first, "username"), [order[0].1]);
    let next = format!("{members}?limit=1&after={}", order[0].0);
    assert_eq!(all(&ask(&kit, &boss, "GET", &next, Value::Null).await.expect(200), "username"), [order[1].1]);
    let of_ann = format!("/people/{}/groups", ann.id);
    assert_eq!(all(&ask(&kit, &boss, "GET", &of_ann, Value::Null).await.expect(200), "name"), ["Service"]);

    ask(&kit, &boss, "POST", &format!("{members}/remove"), json!({"people": [ann.id]})).await.expect(204);
    ask(&kit, &boss, "DELETE", &format!("/people/{}", bob.id), Value::Null).await.expect(204);
    assert_eq!(ask(&kit, &boss, "GET", &members, Value::Null).await.expect(200).json(), json!([]));
    ask(&kit, &boss, "DELETE", &path, Value::Null).await.expect(204);
    ask(&kit, &boss, "GET", &members, Value::Null).await.expect(404);
}

#[tokio::test]
async fn what_a_group_gives_goes_with_the_membership() {
    let (kit, root) = world().await;
    let (ann, token) = somebody(&kit, "acme", "ann", false).await;
    let readers = group(&kit, &root, "Readers", &[&ann]).await;
    ask(&kit, &token, "GET", "/people", Value::Null).await.expect(403);
    super::grant(&kit, &root, json!({"role": "auditor", "group": readers})).await.expect(201);
    ask(&kit, &token, "GET", "/people", Value::Null).await.expect(200);
    let path = format!("/groups/{readers}/members/remove?tenant=acme");
    ask(&kit, &root, "POST", &path, json!({"people": [ann.id]})).await.expect(204);
    ask(&kit, &token, "GET", "/people", Value::Null).await.expect(403);
}
