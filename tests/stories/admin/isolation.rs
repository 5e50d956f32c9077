//! Another tenant does not exist.

use super::{ask, group, somebody, table::of_the_area, tenant, world};
use kit::{Call, Kit, Reply};
use serde_json::{Value, json};

/// What is in tenant `beta`, by the names that paths have for it.
struct Beta {
    person: String,
    places: Vec<(&'static str, String)>,
}

async fn beta(kit: &Kit, root: &str) -> Beta {
    tenant(kit, root, "beta").await;
    let (person, token) = somebody(kit, "beta", "ben", false).await;
    let made = |path: &'static str, body: Value| async move {
        ask(kit, root, "POST", &format!("{path}?tenant=beta"), body).await.expect(201).str("id")
    };
    let group = made("/groups", json!({"name": "Sales"})).await;
    let role = made("/roles", json!({"name": "desk", "actions": ["people.read"]})).await;
    let service = made("/service-accounts", json!({"username": "robot"})).await;
    let assignment = made("/assignments", json!({"role": "desk", "person": person.id})).await;
    let path = format!("/service-accounts/{service}/tokens?tenant=beta");
    let body = json!({"name": "t", "expires_in_seconds": 3600});
    let issued = ask(kit, root, "POST", &path, body).await.expect(201).str("id");
    let first = |reply: Reply| reply.json()[0]["id"].as_str().unwrap().to_owned();
    let session = first(ask(kit, &token, "GET", "/me/sessions", Value::Null).await);
    let credential = first(ask(kit, &token, "GET", "/me/credentials", Value::Null).await);
    let person = person.id.to_string();
    let places = vec![
        ("person_id", person.clone()),
        ("group_id", group),
        ("role", role),
        ("service_id", service),
        ("assignment_id", assignment),
        ("token_id", issued),
        ("session_id", session),
        ("credential_id", credential),
        ("tenant_id", "beta".to_owned()),
    ];
    Beta { person, places }
}

impl Beta {
    fn fill(&self, path: &str) -> String {
        let mut path = path.to_owned();
        for (name, value) in &self.places {
            path = path.replace(&format!("{{{name}}}"), value);
        }
        path
    }

    /// Everything that an operator sees there.
    async fn state(&self, kit: &Kit, root: &str) -> Vec<String> {
        let mut all = Vec::new();
        for path in [
            "/people?tenant=beta",
            "/groups?tenant=beta",
            "/roles?tenant=beta",
            "/assignments?tenant=beta",
            "/service-accounts?tenant=beta",
            "/tenants/beta",
            &self.fill("/people/{person_id}/sessions?tenant=beta"),
            &self.fill("/people/{person_id}/credentials?tenant=beta"),
            &self.fill("/groups/{group_id}/members?tenant=beta"),
            &self.fill("/service-accounts/{service_id}/tokens?tenant=beta"),
        ] {
            all.push(ask(kit, root, "GET", path, Value::Null).await.expect(200).text());
        }
        all
    }
}

async fn send(kit: &Kit, token: &str, method: &str, path: &str, body: Option<(&str, &Value)>) -> Reply {
    let call = Call::new(method, path).bearer(token);
    kit.send(match body {
        Some((media, body)) => call.raw(media, body.to_string().into_bytes()),
        None => call,
    })
    .await
}

#[tokio::test]
async fn an_administrator_finds_nothing_of_another_tenant_and_changes_nothing() {
    let (kit, root) = world().await;
    let beta = beta(&kit, &root).await;
    let (_, boss) = somebody(&kit, "acme", "boss", true).await;
    let before = beta.state(&kit, &root).await;
    let document = kit.app.document();
    let mut asked = 0;
    for operation in of_the_area(&document) {
        let (method, body) = (operation.method.as_str(), operation.body_example());
        let path = beta.fill(operation.path);
        assert!(!path.contains('{'), "{path}: a place that is not known");
        let name = operation.id();
        if operation.path.contains("{tenant_id}") {
            let there = send(&kit, &boss, method, &path, body).await.expect(404);
            let absent = send(&kit, &boss, method, &path.replace("beta", "nowhere"), body).await.expect(404);
            assert_eq!(there.text(), absent.text(), "{name} tells that there is a tenant");
        } else if !operation.path.starts_with("/auth/v1/tenants") {
            let there = send(&kit, &boss, method, &format!("{path}?tenant=beta"), body).await.expect(404);
            let absent = send(&kit, &boss, method, &format!("{path}?tenant=nowhere"), body).await.expect(404);
            assert_eq!(there.text(), absent.text(), "{name} tells that there is a tenant");
        }
        let of_somebody = operation.path.contains('{') && !operation.path.contains("{tenant_id}");
        if of_somebody {
            // Their ids, as if they were of the caller's own tenant.
            send(&kit, &boss, method, &path, body).await.expect(404);
        }
        asked += 1;
    }
    assert!(asked > 40);
    assert_eq!(before, beta.state(&kit, &root).await);
}

#[tokio::test]
async fn people_of_another_tenant_get_no_role_and_are_in_no_group() {
    let (kit, root) = world().await;
    let beta = beta(&kit, &root).await;
    let (_, boss) = somebody(&kit, "acme", "boss", true).await;
    let ours = group(&kit, &root, "Ours", &[]).await;
    let at = |name: &str| beta.places.iter().find(|(n, _)| *n == name).unwrap().1.clone();
    for body in [
        json!({"role": "helpdesk", "person": beta.person}),
        json!({"role": "helpdesk", "group": at("group_id")}),
        json!({"role": at("role"), "group": ours}),
        json!({"role": "helpdesk", "group": ours, "scope": at("group_id")}),
    ] {
        ask(&kit, &boss, "POST", "/assignments", body).await.expect(404);
    }
    let path = format!("/groups/{ours}/members");
    ask(&kit, &boss, "POST", &path, json!({"people": [beta.person]})).await.expect(404);
    assert_eq!(ask(&kit, &boss, "GET", &path, Value::Null).await.expect(200).json(), json!([]));
    let given = ask(&kit, &boss, "GET", "/assignments", Value::Null).await.expect(200);
    assert_eq!(given.json(), json!([]));
}
