use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{Finding, Rule, lint};

/// A document in which nothing is missing.
fn sound() -> Value {
    let error = json!({ "description": "Refused.", "content": { "application/problem+json": {
        "schema": { "$ref": "#/components/schemas/Problem" } } } });
    json!({
        "openapi": "3.0.3",
        "info": { "title": "T", "version": "1" },
        "tags": [{ "name": "t", "description": "All of it." }],
        "paths": { "/users/{id}": { "put": {
            "operationId": "put_user",
            "tags": ["t"],
            "summary": "Replace a user",
            "security": [{ "key": [] }],
            "parameters": [{ "name": "id", "in": "path", "required": true, "schema": { "type": "string" } }],
            "requestBody": { "content": { "application/json": { "schema": { "$ref": "#/components/schemas/User" } } } },
            "responses": { "204": { "description": "Done." }, "404": error, "default": error }
        } } },
        "components": {
            "schemas": {
                "User": { "type": "object", "example": { "name": "ann" }, "properties": {
                    "example": { "$ref": "#/components/schemas/Name" } } },
                "Name": { "type": "string" },
                "Problem": { "type": "object" }
            },
            "securitySchemes": { "key": { "type": "http", "scheme": "bearer" } }
        }
    })
}

const PUT: &str = "/paths/~1users~1{id}/put";

/// The document with one place set to something else; `Null` takes the place away.
fn with(pointer: &str, value: Value) -> Value {
    let mut document = sound();
    let (holder, key) = pointer.rsplit_once('/').expect("a pointer");
    let key = key.replace("~1", "/");
    let holder = document.pointer_mut(holder).expect("a place").as_object_mut().expect("an object");
    if value.is_null() {
        assert!(holder.shift_remove(&key).is_some(), "{pointer} is not there");
    } else {
        holder.insert(key, value);
    }
    document
}

fn put(member: &str, value: Value) -> Value {
    with(&format!("{PUT}/{member}"), value)
}

/// Every rule with the ways to break it that are to be found, and where.
fn breaches() -> Vec<(Rule, &'static str, Value)> {
    let second = |id: &str| {
        let mut operation = sound().pointer(PUT).expect("the operation").clone();
        operation["operationId"] = id.into();
        operation
    };
    vec![
        (Rule::OperationId, PUT, put("operationId", Value::Null)),
        (Rule::OperationId, PUT, put("operationId", json!("put user"))),
        // The second in the order of the document: methods stand as they are written.
        (
            Rule::OperationIdUnique,
            "/paths/~1users~1{id}/post",
            with("/paths/~1users~1{id}/post", second("put_user")),
        ),
        (Rule::OneTag, PUT, put("tags", json!([]))),
        (Rule::OneTag, PUT, put("tags", json!(["t", "t"]))),
        (Rule::TagDeclared, PUT, put("tags", json!(["u"]))),
        (Rule::TagDescription, "/tags/0", with("/tags", json!([{ "name": "t", "description": " " }]))),
        (Rule::Summary, PUT, put("summary", Value::Null)),
        (
            Rule::Security,
            PUT,
            with("/paths/~1users~1{id}/get", {
                let mut operation = second("get_user");
                operation.as_object_mut().expect("an object").remove("security");
                operation
            }),
        ),
        (
            Rule::SecurityKnown,
            "/paths/~1users~1{id}/put/security",
            put("security", json!([{ "key": [] }, { "no": [] }])),
        ),
        (Rule::PathParameters, PUT, put("parameters", Value::Null)),
        (Rule::PathParameters, PUT, put("parameters", json!([{ "name": "id", "in": "path" }]))),
        (
            Rule::PathParameters,
            PUT,
            put(
                "parameters",
                json!([
            { "name": "id", "in": "path", "required": true }, { "name": "more", "in": "path", "required": true }]),
            ),
        ),
        (
            Rule::RequestExample,
            "/paths/~1users~1{id}/put/requestBody/content/application~1json",
            with("/components/schemas/User/example", Value::Null),
        ),
        (Rule::SuccessResponse, PUT, put("responses/204", Value::Null)),
        (
            Rule::ErrorSchema,
            "/paths/~1users~1{id}/put/responses/404",
            put("responses/404", json!({ "description": "No." })),
        ),
        (
            Rule::ErrorSchema,
            "/paths/~1users~1{id}/put/responses/default",
            put("responses/default", json!({ "description": "No.", "content": { "application/json": {} } })),
        ),
        (
            Rule::ResponseDescription,
            "/paths/~1users~1{id}/put/responses/204",
            put("responses/204", json!({})),
        ),
        (
            Rule::RefResolves,
            "/paths/~1users~1{id}/put/responses/409/$ref",
            put("responses/409", json!({ "$ref": "#/components/responses/Gone" })),
        ),
        (
            Rule::UnusedComponent,
            "/components/schemas/Circle",
            with("/components/schemas/Circle", json!({ "items": { "$ref": "#/components/schemas/Circle" } })),
        ),
        (
            Rule::UnusedComponent,
            "/components/securitySchemes/other",
            with("/components/securitySchemes/other", json!({ "type": "http" })),
        ),
        (
            Rule::Schema30,
            "/components/schemas/Name/$schema",
            with("/components/schemas/Name/$schema", json!("x")),
        ),
        (
            Rule::Schema30,
            "/components/schemas/Name/const",
            with("/components/schemas/Name/const", json!("x")),
        ),
        (
            Rule::Schema30,
            "/components/schemas/Name/examples",
            with("/components/schemas/Name/examples", json!(["x"])),
        ),
        (
            Rule::Schema30,
            "/components/schemas/Name/type",
            with("/components/schemas/Name/type", json!(["string", "null"])),
        ),
        (
            Rule::Schema30,
            "/components/schemas/Name/exclusiveMinimum",
            with("/components/schemas/Name/exclusiveMinimum", json!(1)),
        ),
        (
            Rule::Schema30,
            "/components/schemas/Name/items/anyOf/0/const",
            with("/components/schemas/Name/items", json!({ "anyOf": [{ "const": 1 }] })),
        ),
        (
            Rule::Schema30,
            "/components/schemas/Name/items",
            with("/components/schemas/Name/items", json!(true)),
        ),
        (
            Rule::Schema30,
            "/paths/~1users~1{id}/put/parameters/0/schema/const",
            put(
                "parameters",
                json!([{ "name": "id", "in": "path", "required": true, "schema": { "const": 1 } }]),
            ),
        ),
    ]
}

#[test]
fn in_a_sound_document_nothing_is_found() {
    assert_eq!(lint(&sound()), []);
}

#[test]
fn each_breach_is_found_at_its_place_and_nothing_else_is() {
    for (rule, pointer, document) in breaches() {
        let found = lint(&document);
        let is_expected = |finding: &&Finding| finding.rule == rule;
        let pointers: Vec<_> =
            found.iter().filter(is_expected).map(|finding| finding.pointer.as_str()).collect();
        if rule == Rule::Security {
            assert_eq!(pointers, ["/paths/~1users~1{id}/get"]);
        } else {
            assert_eq!(pointers, [pointer], "{rule}: {found:#?}");
        }
        // Two breaches cannot be made alone: an operation without tag or with a duplicate one still has the others.
        assert!(found.iter().all(|finding| finding.rule == rule), "{rule}: {found:#?}");
    }
}

#[test]
fn each_rule_has_a_breach() {
    let broken: BTreeSet<Rule> = breaches().into_iter().map(|(rule, ..)| rule).collect();
    assert_eq!(broken, Rule::ALL.iter().copied().collect());
    let names: BTreeSet<&str> = Rule::ALL.iter().map(|rule| rule.name()).collect();
    assert_eq!(names.len(), Rule::ALL.len(), "two rules have one name");
}

#[test]
fn an_example_may_stand_in_the_media_type_or_in_a_variant() {
    let body =
        |media_type: Value| put("requestBody", json!({ "content": { "application/json": media_type } }));
    let user = json!({ "$ref": "#/components/schemas/User" });
    let unused = |finding: &Finding| finding.rule == Rule::UnusedComponent;
    for media_type in [
        json!({ "example": 1 }),
        json!({ "examples": { "one": { "value": 1 } } }),
        json!({ "schema": { "type": "string", "example": "x" } }),
        json!({ "schema": { "type": "string", "format": "binary" } }),
        json!({ "schema": { "oneOf": [{ "$ref": "#/components/schemas/Name" }, user] } }),
        json!({ "schema": { "anyOf": [{ "$ref": "#/components/schemas/Name" }, user] } }),
        json!({ "schema": { "allOf": [user, { "description": "with more" }] } }),
        json!({ "example": { "schema": { "const": "data may look like a schema" } } }),
    ] {
        let found = lint(&body(media_type.clone()));
        assert!(found.iter().all(unused), "{media_type}: {found:#?}");
    }
    let found = lint(&body(json!({ "examples": {} })));
    assert!(found.iter().any(|finding| finding.rule == Rule::RequestExample), "{found:#?}");
}

#[test]
fn parameters_of_the_whole_path_count_for_each_operation() {
    let mut document = sound();
    let item = document.pointer_mut("/paths/~1users~1{id}").and_then(Value::as_object_mut).expect("the path");
    let parameters =
        item["put"].as_object_mut().and_then(|put| put.remove("parameters")).expect("parameters");
    item.insert("parameters".into(), parameters);
    assert_eq!(lint(&document), []);
}

#[test]
fn security_of_the_whole_document_counts_as_use() {
    let mut document = with("/components/securitySchemes/other", json!({ "type": "http" }));
    document["security"] = json!([{ "other": [] }]);
    assert_eq!(lint(&document), []);
}

#[test]
fn a_head_operation_answers_errors_without_a_body() {
    let mut document = sound();
    let item = document.pointer_mut("/paths/~1users~1{id}").and_then(Value::as_object_mut).expect("the path");
    let mut head = item["put"].clone();
    head["operationId"] = "head_user".into();
    head["responses"]["404"] = json!({ "description": "No." });
    item.insert("head".into(), head);
    assert_eq!(lint(&document), []);
}

#[test]
fn a_finding_says_where_what_and_by_which_rule() {
    let findings = lint(&put("summary", Value::Null));
    assert_eq!(findings[0].to_string(), format!("{PUT}: the operation has no summary (summary)"));
    let as_json = serde_json::to_value(&findings).expect("JSON");
    assert_eq!(as_json[0]["rule"], "summary");
}
