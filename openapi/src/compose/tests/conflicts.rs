//! Every way in which fragments clash.

use serde_json::json;

use super::{fragment, info, with_operation, with_schema};
use crate::compose::compose;
use crate::{Conflict, Fragment};

fn conflicts(fragments: &[Fragment]) -> Vec<Conflict> {
    compose(&info(), fragments).expect_err("a conflict")
}

#[test]
fn a_schema_with_two_shapes_is_a_conflict_of_two_plugins() {
    let a = with_schema("a", "S", json!({ "type": "string" }));
    let b = with_schema("b", "S", json!({ "type": "integer" }));
    let expected = Conflict::Schema { name: "S".into(), first: "a".into(), second: "b".into() };
    assert_eq!(conflicts(&[b, a]), [expected]);
}

#[test]
fn a_security_scheme_with_two_definitions_is_a_conflict() {
    let (mut a, mut b) = (fragment("a"), fragment("b"));
    a.security_schemes.insert("s".into(), json!({ "type": "http", "scheme": "bearer" }));
    b.security_schemes.insert("s".into(), json!({ "type": "http", "scheme": "basic" }));
    let expected = Conflict::SecurityScheme { name: "s".into(), first: "a".into(), second: "b".into() };
    assert_eq!(conflicts(&[a, b]), [expected]);
}

#[test]
fn a_tag_with_two_descriptions_is_a_conflict() {
    let (mut a, mut b) = (fragment("a"), fragment("b"));
    a.tags.push(json!({ "name": "t", "description": "one" }));
    b.tags.push(json!({ "name": "t", "description": "two" }));
    let expected = Conflict::Tag { name: "t".into(), first: "a".into(), second: "b".into() };
    assert_eq!(conflicts(&[a, b]), [expected]);
}

#[test]
fn an_operation_id_at_two_places_is_a_conflict_also_inside_one_plugin() {
    let mut a = fragment("a");
    a.operation("/x", "get", json!({ "operationId": "same" }));
    a.operation("/y", "post", json!({ "operationId": "same" }));
    let expected = Conflict::OperationId {
        id: "same".into(),
        first: "a".into(),
        first_route: "GET /x".into(),
        second: "a".into(),
        second_route: "POST /y".into(),
    };
    assert_eq!(conflicts(&[a]), [expected]);
}

#[test]
fn one_method_at_one_shape_of_path_is_a_conflict() {
    let (a, b) = (with_operation("a", "get", "/cred/{id}"), with_operation("b", "get", "/cred/{name}"));
    let expected = Conflict::Route {
        method: "GET".into(),
        first: "a".into(),
        first_path: "/cred/{id}".into(),
        second: "b".into(),
        second_path: "/cred/{name}".into(),
    };
    assert_eq!(conflicts(&[a, b]), [expected]);
}

#[test]
fn other_methods_at_one_shape_of_path_want_the_same_parameter_names() {
    let (a, b) = (with_operation("a", "get", "/cred/{id}"), with_operation("b", "post", "/cred/{name}"));
    let expected = Conflict::ParameterNames {
        first: "a".into(),
        first_path: "/cred/{id}".into(),
        second: "b".into(),
        second_path: "/cred/{name}".into(),
    };
    assert_eq!(conflicts(&[a, b]), [expected]);
}

#[test]
fn a_reference_to_nothing_is_told_to_the_plugin_that_wrote_it() {
    let mut a = with_schema("a", "A", json!({ "items": { "$ref": "#/components/schemas/Gone" } }));
    a.operation(
        "/x",
        "get",
        json!({ "security": [{ "gone": [] }, { "gone": [] }], "responses": { "200": { "$ref": "#/paths" } } }),
    );
    let dangling = |reference: &str, at: &str| Conflict::DanglingRef {
        plugin: "a".into(),
        reference: reference.into(),
        at: at.into(),
    };
    let expected = [
        dangling("#/components/schemas/Gone", "/components/schemas/A/items/$ref"),
        dangling("#/paths", "/paths/~1x/get/responses/200/$ref"),
        dangling("#/components/securitySchemes/gone", "/paths/~1x/get/security"),
    ];
    assert_eq!(conflicts(&[a]), expected);
}

#[test]
fn nobody_claims_an_operation_for_another() {
    let mut a = fragment("a");
    a.operation("/mine", "get", json!({ "x-plugin": "a" }));
    a.operation("/x", "get", json!({ "x-plugin": "b" }));
    let expected =
        Conflict::ReservedWord { plugin: "a".into(), word: "x-plugin".into(), at: "/paths/~1x/get".into() };
    assert_eq!(conflicts(&[a]), [expected]);
}

#[test]
fn one_media_type_with_two_descriptions_is_a_conflict() {
    let mut a = fragment("a");
    a.operation(
        "/same",
        "get",
        json!({ "requestBody": { "content": {
        "application/json": {}, "application/json; charset=utf-8": {} } } }),
    );
    a.operation(
        "/x",
        "get",
        json!({ "requestBody": { "content": {
        "application/json": { "example": 1 }, "application/json; charset=utf-8": { "example": 2 } } } }),
    );
    let expected = Conflict::MediaType {
        plugin: "a".into(),
        media_type: "application/json".into(),
        at: "/paths/~1x/get/requestBody/content".into(),
    };
    assert_eq!(conflicts(&[a]), [expected]);
}

#[test]
fn what_is_not_openapi_is_refused_with_its_place() {
    let mut a = fragment("a");
    for path in ["no-slash", "/open/{id", "/close/id}", "/early}/{id}", "/empty/{}", "/twice/{a{b}}"] {
        a.operation(path, "get", json!({}));
    }
    a.operation("/x", "GET", json!({}));
    a.operation("/x", "get", json!("a string"));
    a.tags.push(json!("a string"));
    a.schemas.insert("Page<User>".into(), json!({}));
    a.security_schemes.insert("s".into(), json!(1));
    let place = |conflict: Conflict| match conflict {
        Conflict::Malformed { at, .. } => at,
        other => panic!("{other:?}"),
    };
    let mut places: Vec<_> = conflicts(&[a]).into_iter().map(place).collect();
    places.sort();
    let paths = [
        "/close/id}",
        "/early}/{id}",
        "/empty/{}",
        "/open/{id",
        "/twice/{a{b}}",
        "/x, GET",
        "/x, get",
        "no-slash",
    ];
    let components = ["/components/schemas/Page<User>", "/components/securitySchemes/s"];
    let mut expected: Vec<_> = paths.into_iter().chain(components).chain(["tag 0"]).collect();
    expected.sort_unstable();
    assert_eq!(places, expected);
}

#[test]
fn all_conflicts_come_in_one_list_and_each_names_both_plugins() {
    let mut a = with_schema("first-plugin", "S", json!({ "type": "string" }));
    a.operation("/x", "get", json!({ "operationId": "id" }));
    a.tags.push(json!({ "name": "t" }));
    a.security_schemes.insert("s".into(), json!({}));
    let mut b = with_schema("second-plugin", "S", json!({ "type": "integer" }));
    b.operation("/x", "get", json!({ "operationId": "id" }));
    b.tags.push(json!({ "name": "t", "description": "other" }));
    b.security_schemes.insert("s".into(), json!({ "type": "http" }));
    let conflicts = conflicts(&[a, b]);
    assert_eq!(conflicts.len(), 5, "{conflicts:#?}");
    for conflict in conflicts {
        let message = conflict.to_string();
        assert!(message.contains("first-plugin") && message.contains("second-plugin"), "{message}");
        assert!(message.contains(';'), "no advice in: {message}");
    }
}
