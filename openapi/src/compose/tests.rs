mod conflicts;

use serde_json::{Value, json};

use super::compose;
use crate::{Fragment, Info};

fn info() -> Info {
    Info { title: "T".into(), version: "1".into(), ..Info::default() }
}

fn fragment(plugin: &str) -> Fragment {
    Fragment { plugin: plugin.into(), ..Fragment::default() }
}

fn with_operation(plugin: &str, method: &str, path: &str) -> Fragment {
    let mut fragment = fragment(plugin);
    fragment.operation(path, method, json!({ "operationId": format!("{plugin}_{method}_{path}") }));
    fragment
}

fn with_schema(plugin: &str, name: &str, schema: Value) -> Fragment {
    let mut fragment = fragment(plugin);
    fragment.schemas.insert(name.into(), schema);
    fragment
}

fn document(fragments: &[Fragment]) -> Value {
    compose(&info(), fragments).expect("no conflict")
}

fn keys(value: &Value) -> Vec<&str> {
    value.as_object().into_iter().flatten().map(|(key, _)| key.as_str()).collect()
}

#[test]
fn the_same_fragments_in_any_order_give_the_same_bytes() {
    let mut a = with_operation("a", "post", "/z");
    a.operation("/z", "get", json!({ "operationId": "a_get", "security": [{ "two": [], "one": [] }] }));
    a.tags.push(json!({ "name": "z" }));
    a.security_schemes.insert("one".into(), json!({ "type": "http" }));
    a.security_schemes.insert("two".into(), json!({ "type": "http" }));
    a.operation("/z", "delete", json!({}));
    let mut b = with_operation("b", "delete", "/a");
    b.tags.push(json!({ "name": "a" }));
    b.schemas.insert("B".into(), json!({ "type": "string", "description": "kept in this order" }));

    let one = document(&[a.clone(), b.clone()]);
    assert_eq!(one.to_string(), document(&[b, a]).to_string());
    assert_eq!(keys(&one), ["openapi", "info", "tags", "paths", "components"]);
    assert_eq!(keys(&one["paths"]), ["/a", "/z"]);
    assert_eq!(keys(&one["paths"]["/z"]), ["get", "post", "delete"]);
    assert_eq!(one["tags"], json!([{ "name": "a" }, { "name": "z" }]));
    assert_eq!(keys(&one["components"]), ["schemas", "securitySchemes"]);
    assert_eq!(keys(&one["components"]["schemas"]["B"]), ["type", "description"]);
    assert_eq!(keys(&one["paths"]["/z"]["get"]["security"][0]), ["one", "two"]);
}

#[test]
fn the_head_of_the_document_is_what_info_says() {
    let info = Info {
        title: "Title".into(),
        version: "2.1".into(),
        description: "Words.".into(),
        license_name: "MIT".into(),
        license_url: "https://example.org/l".into(),
        servers: vec!["https://example.org".into()],
    };
    let document = compose(&info, &[]).expect("nothing clashes");
    assert_eq!(document["openapi"], "3.0.3");
    assert_eq!(document["servers"], json!([{ "url": "https://example.org" }]));
    let license = json!({ "name": "MIT", "url": "https://example.org/l" });
    assert_eq!(
        document["info"],
        json!({ "title": "Title", "version": "2.1", "description": "Words.", "license": license })
    );
}

#[test]
fn every_operation_says_whose_it_is() {
    let document = document(&[with_operation("a", "get", "/x"), with_operation("b", "post", "/x")]);
    assert_eq!(document["paths"]["/x"]["get"]["x-plugin"], "a");
    assert_eq!(document["paths"]["/x"]["post"]["x-plugin"], "b");
}

#[test]
fn a_charset_is_taken_off_and_data_is_left_alone() {
    let content = |schema: &str| json!({ "application/json; charset=utf-8": { "example": schema } });
    let mut a = fragment("a");
    a.operation(
        "/x",
        "post",
        json!({
            "requestBody": { "content": content("request") },
            "responses": { "200": {
                "content": content("response"), "headers": { "H": { "content": content("header") } } } },
            "parameters": [{ "content": { "application/json; charset=utf-8": {
                "example": { "content": { "text/html; charset=utf-8": 1 } } } } }]
        }),
    );
    let operation = document(&[a])["paths"]["/x"]["post"].clone();
    assert_eq!(operation["requestBody"]["content"], json!({ "application/json": { "example": "request" } }));
    let response = &operation["responses"]["200"];
    assert_eq!(response["content"], json!({ "application/json": { "example": "response" } }));
    assert_eq!(response["headers"]["H"]["content"], json!({ "application/json": { "example": "header" } }));
    let parameter = &operation["parameters"][0]["content"]["application/json"];
    assert_eq!(parameter["example"]["content"], json!({ "text/html; charset=utf-8": 1 }));
}

#[test]
fn what_two_plugins_say_equally_is_said_once() {
    let mut a = with_schema("a", "S", json!({ "type": "string", "minLength": 1 }));
    a.tags.push(json!({ "name": "t" }));
    a.security_schemes.insert("s".into(), json!({ "type": "http" }));
    let mut b = a.clone();
    b.plugin = "b".into();
    b.schemas.insert("S".into(), json!({ "minLength": 1, "type": "string" }));
    let document = document(&[a, b]);
    assert_eq!(document["tags"], json!([{ "name": "t" }]));
    assert_eq!(keys(&document["components"]["schemas"]), ["S"]);
}

#[test]
fn a_fixed_path_beside_a_template_is_no_conflict() {
    let fragments = ["/cred/{id}", "/cred/me", "/cred/{id}/", "/cred/{id}.json", "/{id}/cred"];
    let fragments: Vec<_> = fragments
        .iter()
        .enumerate()
        .map(|(index, path)| with_operation(&format!("p{index}"), "get", path))
        .collect();
    assert_eq!(keys(&document(&fragments)["paths"]).len(), fragments.len());
}

#[test]
fn a_reference_to_what_another_plugin_brings_is_fine() {
    let a = with_schema("a", "A", json!({ "items": { "$ref": "#/components/schemas/B" } }));
    let b = with_schema("b", "B", json!({}));
    assert_eq!(keys(&document(&[a, b])["components"]["schemas"]), ["A", "B"]);
}
