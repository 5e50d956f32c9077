//! Somebody administers others.

mod escalation;
mod factors;
mod groups;
mod isolation;
mod last;
mod people;
mod roles;
mod services;
mod table;
mod tenants;

use gatewright_contract::TenantId;
use gatewright_core::{Origin, Person, people::NewPerson};
use kit::{Call, Kit, Login, PASSWORD, Reply};
use serde_json::{Value, json};

pub(crate) const ORIGIN: &str = "kit";

pub(crate) fn id(tenant: &str) -> TenantId {
    TenantId::parse(tenant).expect("a tenant")
}

/// Somebody with [`PASSWORD`] in a tenant.
pub(crate) async fn person(kit: &Kit, tenant: &str, username: &str, administrator: bool) -> Person {
    let new = NewPerson {
        tenant: id(tenant),
        username: username.to_owned(),
        display_name: None,
        email: None,
        administrator,
    };
    let engine = &kit.app.engine;
    let person = engine.create_person(new, &Origin::local(ORIGIN)).await.expect("a person");
    kit.set_password(&person, PASSWORD).await;
    person
}

/// Begins a login and answers with a password.
pub(crate) async fn try_login(kit: &Kit, tenant: &str, username: &str, password: &str) -> Reply {
    let begin = json!({"tenant": tenant, "username": username});
    let transaction = kit.post("/auth/v1/login", &begin).await.expect(200).str("transaction");
    kit.answer(&transaction, "password", json!({"password": password})).await
}

/// An access token, fresh.
pub(crate) async fn login(kit: &Kit, tenant: &str, username: &str) -> String {
    Login::of(&try_login(kit, tenant, username, PASSWORD).await).access_token
}

/// Somebody new with a token.
pub(crate) async fn somebody(
    kit: &Kit,
    tenant: &str,
    username: &str,
    administrator: bool,
) -> (Person, String) {
    let person = person(kit, tenant, username, administrator).await;
    (person, login(kit, tenant, username).await)
}

/// Any request with a token.
pub(crate) async fn ask(kit: &Kit, token: &str, method: &str, path: &str, body: Value) -> Reply {
    let call = Call::new(method, &format!("/auth/v1{path}")).bearer(token);
    kit.send(if body.is_null() { call } else { call.json(&body) }).await
}

/// An operator, and a tenant `acme`.
pub(crate) async fn world() -> (Kit, String) {
    let kit = Kit::memory().await;
    let (_, root) = somebody(&kit, "default", "root", true).await;
    tenant(&kit, &root, "acme").await;
    (kit, root)
}

pub(crate) async fn tenant(kit: &Kit, root: &str, name: &str) {
    let body = json!({"id": name, "display_name": name});
    ask(kit, root, "POST", "/tenants", body).await.expect(201);
}

/// Makes a role in `acme` and gives it to somebody.
pub(crate) async fn give(kit: &Kit, root: &str, to: &Person, name: &str, actions: &[&str]) -> String {
    let role = json!({"name": name, "actions": actions});
    let made = ask(kit, root, "POST", "/roles?tenant=acme", role).await.expect(201).str("id");
    grant(kit, root, json!({"role": made, "person": to.id})).await.expect(201);
    made
}

pub(crate) async fn grant(kit: &Kit, token: &str, body: Value) -> Reply {
    ask(kit, token, "POST", "/assignments?tenant=acme", body).await
}

/// A group of `acme` with these people.
pub(crate) async fn group(kit: &Kit, root: &str, name: &str, people: &[&Person]) -> String {
    let made = ask(kit, root, "POST", "/groups?tenant=acme", json!({"name": name})).await.expect(201);
    let group = made.str("id");
    if !people.is_empty() {
        let ids: Vec<_> = people.iter().map(|p| p.id).collect();
        let path = format!("/groups/{group}/members?tenant=acme");
        ask(kit, root, "POST", &path, json!({"people": ids})).await.expect(204);
    }
    group
}

/// What a list holds under a key.
pub(crate) fn all(reply: &Reply, key: &str) -> Vec<String> {
    let list = reply.json();
    let list = list.as_array().unwrap_or_else(|| panic!("no list: {list}"));
    list.iter().map(|item| item[key].as_str().unwrap_or_default().to_owned()).collect()
}
