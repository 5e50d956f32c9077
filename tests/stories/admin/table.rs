//! Each role can do what it should and nothing else: every operation of the area, as each role.

use super::{ask, give, grant, login, person, somebody, world};
use crate::every::schema::{Operation, operations};
use gatewright_core::access::{Action, BuiltIn};
use kit::{Call, Kit, Reply};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// What each operation takes. A new operation without a line fails the test.
const RULES: &[(&str, Action)] = &[
    ("admin_tenants", Action::HostTenants),
    ("admin_create_tenant", Action::HostTenants),
    ("admin_disable_tenant", Action::HostTenants),
    ("admin_enable_tenant", Action::HostTenants),
    ("admin_tenant", Action::TenantRead),
    ("admin_change_tenant", Action::TenantWrite),
    ("admin_people", Action::PeopleRead),
    ("admin_person", Action::PeopleRead),
    ("admin_members", Action::PeopleRead),
    ("admin_create_person", Action::PeopleWrite),
    ("admin_change_person", Action::PeopleWrite),
    ("admin_delete_person", Action::PeopleWrite),
    ("admin_unblock_person", Action::PeopleWrite),
    ("admin_disable_person", Action::PeopleDisable),
    ("admin_enable_person", Action::PeopleDisable),
    ("admin_sessions", Action::SessionsWrite),
    ("admin_end_session", Action::SessionsWrite),
    ("admin_end_sessions", Action::SessionsWrite),
    ("admin_credentials", Action::CredentialsWrite),
    ("admin_remove_credential", Action::CredentialsWrite),
    ("admin_set_password", Action::CredentialsWrite),
    ("admin_groups", Action::GroupsRead),
    ("admin_group", Action::GroupsRead),
    ("admin_groups_of_person", Action::GroupsRead),
    ("admin_create_group", Action::GroupsWrite),
    ("admin_change_group", Action::GroupsWrite),
    ("admin_delete_group", Action::GroupsWrite),
    ("admin_add_members", Action::GroupsWrite),
    ("admin_remove_members", Action::GroupsWrite),
    ("admin_roles", Action::RolesRead),
    ("admin_role", Action::RolesRead),
    ("admin_assignments", Action::RolesRead),
    ("admin_create_role", Action::RolesWrite),
    ("admin_change_role", Action::RolesWrite),
    ("admin_delete_role", Action::RolesWrite),
    ("admin_grant", Action::RolesWrite),
    ("admin_revoke", Action::RolesWrite),
    ("admin_services", Action::ServicesWrite),
    ("admin_service", Action::ServicesWrite),
    ("admin_create_service", Action::ServicesWrite),
    ("admin_delete_service", Action::ServicesWrite),
    ("admin_tokens", Action::ServicesWrite),
    ("admin_issue_token", Action::ServicesWrite),
    ("admin_revoke_token", Action::ServicesWrite),
];

/// One for each authenticator that can be set up.
const SETS: &str = "admin_set_credential_";

fn rule(operation: &str) -> (&str, Action) {
    match operation.starts_with(SETS) {
        true => (SETS, Action::CredentialsWrite),
        false => {
            *RULES.iter().find(|(id, _)| *id == operation).unwrap_or_else(|| panic!("no rule: {operation}"))
        }
    }
}

/// The operations of the area.
pub(super) fn of_the_area(document: &Value) -> Vec<Operation<'_>> {
    let all: Vec<_> = operations(document).into_iter().filter(|o| o.id().starts_with("admin_")).collect();
    let known: BTreeSet<&str> = RULES.iter().map(|(id, _)| *id).chain([SETS]).collect();
    let served: BTreeSet<&str> = all.iter().map(|operation| rule(operation.id()).0).collect();
    assert_eq!(known, served, "operations and rules are not the same");
    all
}

async fn send(kit: &Kit, token: &str, operation: &Operation<'_>) -> Reply {
    let path = operation.path_filled().replace("/tenants/sample", "/tenants/acme");
    let call = Call::new(&operation.method, &path).bearer(token);
    kit.send(match operation.body_example() {
        Some((media, body)) => call.raw(media, body.to_string().into_bytes()),
        None => call,
    })
    .await
}

/// Asks for everything, and holds each answer to what the role allows.
async fn may_only(kit: &Kit, who: &str, token: &str, allowed: &BTreeSet<Action>) {
    let document = kit.app.document();
    for operation in of_the_area(&document) {
        let action = rule(operation.id()).1;
        let reply = send(kit, token, &operation).await;
        let said = reply.text();
        let lacks = reply.status == 403 && said.contains(&format!("`{}`", action.as_str()));
        let name = operation.id();
        assert_eq!(lacks, !allowed.contains(&action), "{who}: {name} → {} {said}", reply.status);
        assert!(
            lacks || !said.contains("which your roles do not give you"),
            "{who}: {name} takes more: {said}"
        );
    }
}

#[tokio::test]
async fn a_built_in_role_allows_what_it_says_and_nothing_else() {
    let (kit, root) = world().await;
    let (_, nobody) = somebody(&kit, "acme", "nobody", false).await;
    may_only(&kit, "nobody", &nobody, &BTreeSet::new()).await;
    for role in [BuiltIn::Auditor, BuiltIn::Helpdesk, BuiltIn::Administrator] {
        let (who, token) = somebody(&kit, "acme", role.name(), false).await;
        grant(&kit, &root, json!({"role": role.name(), "person": who.id})).await.expect(201);
        may_only(&kit, role.name(), &token, &role.actions()).await;
    }
}

#[tokio::test]
async fn one_permission_opens_its_operations_and_no_other() {
    let (kit, root) = world().await;
    for action in Action::ALL.iter().filter(|action| **action != Action::HostTenants) {
        let (who, token) = somebody(&kit, "acme", action.as_str(), false).await;
        give(&kit, &root, &who, action.as_str(), &[action.as_str()]).await;
        may_only(&kit, action.as_str(), &token, &[*action].into()).await;
    }
}

#[tokio::test]
async fn an_operator_may_everything_everywhere() {
    let (kit, root) = world().await;
    let permissions = ask(&kit, &root, "GET", "/me/permissions", Value::Null).await.expect(200).json();
    assert_eq!(permissions["operator"], json!(true));
    assert_eq!(permissions["everywhere"].as_array().unwrap().len(), Action::ALL.len());
    ask(&kit, &root, "GET", "/people?tenant=acme", Value::Null).await.expect(200);

    // The same mark in another tenant is an administrator's.
    let (_, boss) = somebody(&kit, "acme", "boss", true).await;
    let permissions = ask(&kit, &boss, "GET", "/me/permissions", Value::Null).await.expect(200).json();
    assert_eq!(permissions["operator"], json!(false));
    assert_eq!(permissions["everywhere"].as_array().unwrap().len(), Action::ALL.len() - 1);
}

#[tokio::test]
async fn changing_takes_a_recent_login_and_ending_sessions_does_not() {
    let (kit, _) = world().await;
    person(&kit, "acme", "boss", true).await;
    let ann = person(&kit, "acme", "ann", false).await;
    let boss = login(&kit, "acme", "boss").await;
    kit.advance(std::time::Duration::from_secs(301));
    let document = kit.app.document();
    for operation in of_the_area(&document) {
        let reply = send(&kit, &boss, &operation).await;
        let stale = reply.status == 403 && reply.json()["code"] == "elevation_required";
        let reads = operation.method == "GET" || operation.id().starts_with("admin_end_session");
        let of_host = RULES.contains(&(operation.id(), Action::HostTenants));
        assert_eq!(stale, !reads && !of_host, "{} → {} {}", operation.id(), reply.status, reply.text());
    }
    let path = format!("/people/{}/sessions", ann.id);
    ask(&kit, &boss, "DELETE", &path, Value::Null).await.expect(204);
}
