//! Roles of a tenant's own.

use super::{all, ask, give, grant, somebody, world};
use serde_json::{Value, json};

#[tokio::test]
async fn a_role_is_made_changed_and_deleted_and_everybody_who_has_it_notices() {
    let (kit, root) = world().await;
    let (ann, token) = somebody(&kit, "acme", "ann", false).await;
    let role = give(&kit, &root, &ann, "Front desk", &["people.read"]).await;
    ask(&kit, &token, "GET", "/people", Value::Null).await.expect(200);
    let path = format!("/roles/{role}?tenant=acme");
    let other = json!({"name": "Front desk", "actions": ["groups.read"]});
    ask(&kit, &root, "PUT", &path, other).await.expect(200);
    ask(&kit, &token, "GET", "/people", Value::Null).await.expect(403);
    ask(&kit, &token, "GET", "/groups", Value::Null).await.expect(200);
    ask(&kit, &root, "DELETE", "/roles/front%20desk?tenant=acme", Value::Null).await.expect(204);
    ask(&kit, &token, "GET", "/groups", Value::Null).await.expect(403);
    let left = ask(&kit, &root, "GET", "/assignments?tenant=acme", Value::Null).await.expect(200);
    assert_eq!(left.json(), json!([]));
    // Who has lost it stands in the log, as if it had been taken from each.
    let path = format!("/audit?tenant=acme&kind=role.revoked&person={}", ann.id);
    let lines = ask(&kit, &root, "GET", &path, Value::Null).await.expect(200).json();
    let targets: Vec<&Value> =
        lines["lines"].as_array().unwrap().iter().map(|line| &line["target"]).collect();
    assert_eq!(targets, [&json!(format!("role:{role}"))]);
}

#[tokio::test]
async fn built_in_roles_are_listed_and_stay_as_they_are() {
    let (kit, root) = world().await;
    let names = all(&ask(&kit, &root, "GET", "/roles?tenant=acme", Value::Null).await.expect(200), "name");
    assert_eq!(names, ["administrator", "auditor", "helpdesk"]);
    let names = all(&ask(&kit, &root, "GET", "/roles", Value::Null).await.expect(200), "name");
    assert!(names.contains(&"operator".to_owned()), "{names:?}");
    let shown = ask(&kit, &root, "GET", "/roles/auditor?tenant=acme", Value::Null).await.expect(200).json();
    let by_id = format!("/roles/{}?tenant=acme", shown["id"].as_str().unwrap());
    for path in ["/roles/auditor?tenant=acme", by_id.as_str()] {
        ask(&kit, &root, "DELETE", path, Value::Null).await.expect(409);
        ask(&kit, &root, "PUT", path, json!({"name": "x", "actions": []})).await.expect(409);
    }
}

#[tokio::test]
async fn what_can_not_be_a_role_is_refused_with_words() {
    let (kit, root) = world().await;
    for (name, actions) in [
        ("auditor", json!([])),
        ("Helpdesk", json!([])),
        ("018bcfe5-6800-7000-8000-000000000009", json!([])),
        ("\u{430}uditor", json!([])),
        ("fine", json!(["people.fly"])),
    ] {
        let role = json!({"name": name, "actions": actions});
        let said = ask(&kit, &root, "POST", "/roles?tenant=acme", role).await.expect(422).json();
        assert!(said["violations"][0]["message"].as_str().unwrap().len() > 10, "{said}");
    }
    let both = json!({"role": "auditor"});
    grant(&kit, &root, both).await.expect(400);
    grant(&kit, &root, json!({"role": "no such", "person": uuid()})).await.expect(404);
    grant(&kit, &root, json!({"role": "auditor", "person": uuid()})).await.expect(404);
    grant(&kit, &root, json!({"role": "auditor", "group": uuid()})).await.expect(404);
}

fn uuid() -> &'static str {
    "018bcfe5-6800-7000-8000-000000000009"
}
