//! Nobody gives what they have not, or takes over somebody who may more.

use super::{ask, give, grant, group, login, person, somebody, try_login, world};
use kit::{Kit, PASSWORD};
use serde_json::{Value, json};

const NEW: &str = "quiet Harbour 9 violins";

async fn helpdesk(kit: &Kit, root: &str) -> String {
    let (who, token) = somebody(kit, "acme", "hetty", false).await;
    grant(kit, root, json!({"role": "helpdesk", "person": who.id})).await.expect(201);
    token
}

#[tokio::test]
async fn a_helpdesk_helps_people_and_can_not_take_over_an_administrator() {
    let (kit, root) = world().await;
    let (boss, boss_token) = somebody(&kit, "acme", "boss", true).await;
    let (ann, ann_token) = somebody(&kit, "acme", "ann", false).await;
    let hetty = helpdesk(&kit, &root).await;
    let password = json!({"password": NEW});

    let list = ask(&kit, &boss_token, "GET", "/me/credentials", Value::Null).await.json();
    let credential = list[0]["id"].as_str().unwrap();
    for (method, path, body) in [
        ("PUT", "/password".to_owned(), password.clone()),
        ("POST", "/disable".to_owned(), Value::Null),
        ("DELETE", "/sessions".to_owned(), Value::Null),
        ("DELETE", format!("/credentials/{credential}"), Value::Null),
    ] {
        let path = format!("/people/{}{path}", boss.id);
        let refused = ask(&kit, &hetty, method, &path, body).await.expect(403);
        assert_eq!(refused.str("code"), "forbidden", "{method} {path}");
    }
    ask(&kit, &boss_token, "GET", "/me", Value::Null).await.expect(200);
    try_login(&kit, "acme", "boss", PASSWORD).await.expect(200);

    ask(&kit, &hetty, "PUT", &format!("/people/{}/password", ann.id), password).await.expect(204);
    ask(&kit, &ann_token, "GET", "/me", Value::Null).await.expect(401);
    try_login(&kit, "acme", "ann", PASSWORD).await.expect(401);
    try_login(&kit, "acme", "ann", NEW).await.expect(200);
    let weak = json!({"password": "ann"});
    let said = ask(&kit, &hetty, "PUT", &format!("/people/{}/password", ann.id), weak).await.expect(422);
    assert!(!said.json()["violations"].as_array().unwrap().is_empty());
}

#[tokio::test]
async fn power_that_comes_through_a_group_protects_as_well() {
    let (kit, root) = world().await;
    let boss = person(&kit, "acme", "boss", false).await;
    let chiefs = group(&kit, &root, "Chiefs", &[&boss]).await;
    let hetty = helpdesk(&kit, &root).await;
    let path = format!("/people/{}/password", boss.id);
    ask(&kit, &hetty, "PUT", &path, json!({"password": NEW})).await.expect(204);
    grant(&kit, &root, json!({"role": "administrator", "group": chiefs})).await.expect(201);
    ask(&kit, &hetty, "PUT", &path, json!({"password": PASSWORD})).await.expect(403);
}

#[tokio::test]
async fn who_manages_roles_gives_no_more_than_they_have() {
    let (kit, root) = world().await;
    let (rob, token) = somebody(&kit, "acme", "rob", false).await;
    let mine = give(&kit, &root, &rob, "role keeper", &["roles.read", "roles.write", "people.read"]).await;
    for role in ["administrator", "helpdesk", "auditor"] {
        grant(&kit, &token, json!({"role": role, "person": rob.id})).await.expect(403);
    }
    grant(&kit, &token, json!({"role": "operator", "person": rob.id})).await.expect(404);
    let more = json!({"name": "more", "actions": ["people.write"]});
    ask(&kit, &token, "POST", "/roles", more).await.expect(403);
    let wider = json!({"name": "role keeper", "actions": ["roles.read", "roles.write", "keys.write"]});
    ask(&kit, &token, "PUT", &format!("/roles/{mine}"), wider).await.expect(403);
    let root_only = json!({"name": "host", "actions": ["host.tenants"]});
    ask(&kit, &root, "POST", "/roles?tenant=acme", root_only).await.expect(422);

    // What they have they may give, and no administrator is robbed of a role.
    let less = json!({"name": "reader", "actions": ["people.read"]});
    ask(&kit, &token, "POST", "/roles", less).await.expect(201);
    grant(&kit, &token, json!({"role": "reader", "person": rob.id})).await.expect(201);
    grant(&kit, &token, json!({"role": "Reader", "person": rob.id})).await.expect(409);
    let ann = person(&kit, "acme", "ann", false).await;
    let given = grant(&kit, &root, json!({"role": "helpdesk", "person": ann.id})).await.expect(201);
    let path = format!("/assignments/{}", given.str("id"));
    ask(&kit, &token, "DELETE", &path, Value::Null).await.expect(403);
}

#[tokio::test]
async fn nobody_makes_themselves_an_administrator() {
    let (kit, root) = world().await;
    let (pat, token) = somebody(&kit, "acme", "pat", false).await;
    give(&kit, &root, &pat, "people", &["people.read", "people.write", "groups.read", "groups.write"]).await;
    let me = format!("/people/{}", pat.id);
    ask(&kit, &token, "PATCH", &me, json!({"administrator": true})).await.expect(403);
    let boss = json!({"username": "sock", "administrator": true});
    ask(&kit, &token, "POST", "/people", boss).await.expect(403);
    ask(&kit, &token, "PATCH", &me, json!({"display_name": "Pat"})).await.expect(200);

    let chiefs = group(&kit, &root, "Chiefs", &[]).await;
    grant(&kit, &root, json!({"role": "administrator", "group": chiefs})).await.expect(201);
    let path = format!("/groups/{chiefs}/members");
    ask(&kit, &token, "POST", &path, json!({"people": [pat.id]})).await.expect(403);
    ask(&kit, &token, "DELETE", &format!("/groups/{chiefs}"), Value::Null).await.expect(403);

    // A tenant's own administrator does not become an operator.
    let (_, own) = somebody(&kit, "acme", "own", true).await;
    ask(&kit, &own, "GET", "/roles/operator", Value::Null).await.expect(404);
    let (dora, delegated) = somebody(&kit, "default", "dora", false).await;
    let body = json!({"role": "administrator", "person": dora.id});
    ask(&kit, &root, "POST", "/assignments", body).await.expect(201);
    let wish = json!({"role": "operator", "person": dora.id});
    ask(&kit, &delegated, "POST", "/assignments", wish).await.expect(403);
    let path = format!("/people/{}", dora.id);
    ask(&kit, &delegated, "PATCH", &path, json!({"administrator": true})).await.expect(403);
    ask(&kit, &delegated, "GET", "/people?tenant=acme", Value::Null).await.expect(404);
}

#[tokio::test]
async fn a_role_that_is_limited_to_a_group_holds_for_its_people_alone() {
    let (kit, root) = world().await;
    let (ann, bob) = (person(&kit, "acme", "ann", false).await, person(&kit, "acme", "bob", false).await);
    let sales = group(&kit, &root, "Sales", &[&ann]).await;
    let (hal, token) = somebody(&kit, "acme", "hal", false).await;
    grant(&kit, &root, json!({"role": "helpdesk", "person": hal.id, "scope": sales})).await.expect(201);
    give(&kit, &root, &hal, "grouper", &["groups.write", "roles.write"]).await;

    let permissions = ask(&kit, &token, "GET", "/me/permissions", Value::Null).await.expect(200).json();
    assert_eq!(permissions["within"][0]["group"], json!(sales));
    let at = |id, rest: &str| format!("/people/{id}{rest}");
    ask(&kit, &token, "GET", &at(ann.id, ""), Value::Null).await.expect(200);
    ask(&kit, &token, "GET", &at(bob.id, ""), Value::Null).await.expect(403);
    ask(&kit, &token, "GET", "/people", Value::Null).await.expect(403);
    let members =
        ask(&kit, &token, "GET", &format!("/groups/{sales}/members"), Value::Null).await.expect(200);
    assert_eq!(super::all(&members, "username"), ["ann"]);
    let password = json!({"password": NEW});
    ask(&kit, &token, "PUT", &at(ann.id, "/password"), password.clone()).await.expect(204);
    ask(&kit, &token, "PUT", &at(bob.id, "/password"), password.clone()).await.expect(403);

    // Bob is not pulled into reach, and the limit is not given away.
    let path = format!("/groups/{sales}/members");
    ask(&kit, &token, "POST", &path, json!({"people": [bob.id]})).await.expect(403);
    grant(&kit, &token, json!({"role": "helpdesk", "person": bob.id})).await.expect(403);
    grant(&kit, &token, json!({"role": "helpdesk", "person": bob.id, "scope": sales})).await.expect(201);
    let bob_token = login(&kit, "acme", "bob").await;
    ask(&kit, &bob_token, "GET", &at(ann.id, ""), Value::Null).await.expect(200);

    // With the group goes the role that was limited to it.
    ask(&kit, &root, "DELETE", &format!("/groups/{sales}?tenant=acme"), Value::Null).await.expect(204);
    ask(&kit, &bob_token, "GET", &at(ann.id, ""), Value::Null).await.expect(403);
    let left = ask(&kit, &root, "GET", &format!("/assignments?tenant=acme&of={}", bob.id), Value::Null).await;
    assert_eq!(left.expect(200).json(), json!([]));
}

#[tokio::test]
async fn a_role_limited_to_a_group_counts_however_many_there_are() {
    let (kit, root) = world().await;
    let (eve, token) = somebody(&kit, "acme", "eve", false).await;
    give(&kit, &root, &eve, "group keeper", &["groups.write"]).await;
    let team = group(&kit, &root, "Team", &[]).await;
    let origin = gatewright_core::Origin::local(super::ORIGIN);
    for n in 0..500 {
        let new = gatewright_core::people::NewPerson {
            tenant: super::id("acme"),
            username: format!("other-{n}"),
            display_name: None,
            email: None,
            administrator: false,
        };
        let other = kit.app.engine.create_person(new, &origin).await.unwrap().id;
        grant(&kit, &root, json!({"role": "group keeper", "person": other, "scope": team})).await.expect(201);
    }
    kit.advance(std::time::Duration::from_secs(1));
    grant(&kit, &root, json!({"role": "helpdesk", "person": eve.id, "scope": team})).await.expect(201);
    // Eve may set the passwords of this group's people: whom she puts in, she takes over.
    let ann = person(&kit, "acme", "ann", false).await;
    let path = format!("/groups/{team}/members");
    ask(&kit, &token, "POST", &path, json!({"people": [ann.id]})).await.expect(403);
}

#[tokio::test]
async fn a_name_and_a_policy_take_what_a_password_takes() {
    let (kit, root) = world().await;
    let ann = person(&kit, "acme", "ann", false).await;
    let (will, writer) = somebody(&kit, "acme", "will", false).await;
    give(&kit, &root, &will, "writer", &["people.read", "people.write"]).await;
    let (sue, settler) = somebody(&kit, "acme", "sue", false).await;
    give(&kit, &root, &sue, "settler", &["tenant.read", "tenant.write"]).await;

    let path = format!("/people/{}", ann.id);
    ask(&kit, &writer, "PATCH", &path, json!({"display_name": "Ann A."})).await.expect(200);
    // Under another name it may be the account of somebody in a directory.
    ask(&kit, &writer, "PATCH", &path, json!({"username": "mallory"})).await.expect(403);
    let change =
        |settings: Value| ask(&kit, &settler, "PATCH", "/tenants/acme", json!({"settings": settings}));
    change(json!({"pin_size": 5})).await.expect(200);
    change(json!({"login": {"second": ["totp"]}})).await.expect(403);
    change(json!({"second_factor": "never"})).await.expect(403);
    change(json!({"login": {"site_url": "https://evil.example"}})).await.expect(403);
}
