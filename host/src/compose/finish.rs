//! What the frame adds to a plugin's part of the document: its prefix, the errors that the frame itself
//! answers, and whose it is.

use gatewright_openapi::Fragment;
use gatewright_plugin::{Besides, Mount};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// Statuses that the front door or the dialect answers for any operation.
const ALWAYS: &[u16] = &[400, 429, 500, 503];
/// And for one with a body.
const WITH_BODY: &[u16] = &[408, 413, 415];

pub(super) fn fragment(plugin: &str, mount: &Mount, mut fragment: Fragment) -> Fragment {
    plugin.clone_into(&mut fragment.plugin);
    fragment.schemas.insert(mount.dialect.schema_name.to_owned(), (mount.dialect.schema)());
    let besides = (mount.dialect.besides)();
    for (name, schema) in besides.iter().flat_map(|one| &one.schemas) {
        fragment.schemas.insert((*name).to_owned(), schema.clone());
    }
    if mount.strict {
        close_bodies(&mut fragment);
    }
    let paths = std::mem::take(&mut fragment.paths).into_iter();
    fragment.paths = paths
        .map(|(path, mut operations)| {
            operations.values_mut().for_each(|operation| lift_example(operation, &fragment.schemas));
            (join(mount.prefix, &path), finished(mount, &besides, operations))
        })
        .collect();
    fragment
}

/// poem-openapi leaves the example of a body in its schema; readers (and the test that executes every example)
/// look for it at the body.
fn lift_example(operation: &mut Value, schemas: &BTreeMap<String, Value>) {
    let Some(content) = operation.pointer_mut("/requestBody/content").and_then(Value::as_object_mut) else {
        return;
    };
    for media in content.values_mut().filter(|m| m.get("example").is_none()) {
        let name = media["schema"]["$ref"].as_str().and_then(|r| r.rsplit('/').next());
        let schema = name.and_then(|name| schemas.get(name)).unwrap_or(&media["schema"]);
        if let Some(example) = schema.get("example").cloned() {
            media["example"] = example;
        }
    }
}

/// poem-openapi's document does not say that a type refuses unknown members. Only the body itself is closed, and not
/// what it holds: whether the message of an authenticator refuses them is that one's word.
fn close_bodies(fragment: &mut Fragment) {
    let Fragment { paths, schemas, .. } = fragment;
    for operation in paths.values_mut().flat_map(|operations| operations.values_mut()) {
        let content = operation.pointer_mut("/requestBody/content").and_then(Value::as_object_mut);
        for media in content.into_iter().flat_map(|content| content.values_mut()) {
            let schema = &mut media["schema"];
            let name = schema["$ref"].as_str().and_then(|r| r.rsplit('/').next());
            let named = name.and_then(|name| schemas.get_mut(name));
            let object =
                named.unwrap_or(schema).as_object_mut().filter(|o| o.get("type") == Some(&json!("object")));
            if let Some(object) = object {
                object.entry("additionalProperties").or_insert(Value::Bool(false));
            }
        }
    }
}

/// Prefix and path; a path that is only `/` adds nothing.
pub(super) fn join(prefix: &str, path: &str) -> String {
    match (prefix, path.trim_start_matches('/')) {
        ("", "") => "/".to_owned(),
        (prefix, "") => prefix.to_owned(),
        (prefix, path) => format!("{prefix}/{path}"),
    }
}

fn finished(mount: &Mount, besides: &[Besides], operations: Map<String, Value>) -> Map<String, Value> {
    let finished = |(method, operation)| (method, operation_of(mount, besides, operation));
    operations.into_iter().map(finished).collect()
}

fn operation_of(mount: &Mount, besides: &[Besides], mut operation: Value) -> Value {
    let id = operation["operationId"].as_str().unwrap_or_default().to_owned();
    let with_body = operation.get("requestBody").is_some();
    let own = (mount.answers)(&id);
    let bodies: &[u16] = if with_body { WITH_BODY } else { &[] };
    if !operation["responses"].is_object() {
        operation["responses"] = json!({});
    }
    for one in besides {
        let key = one.status.to_string();
        if operation["responses"].get(&key).is_none() {
            operation["responses"][key] = error_response(mount, one.status, one.schema_name);
        }
    }
    for status in ALWAYS.iter().chain(bodies).chain(own) {
        let key = status.to_string();
        if operation["responses"].get(&key).is_none() {
            operation["responses"][key] = error_response(mount, *status, mount.dialect.schema_name);
        }
    }
    if operation.get("security").is_none() {
        operation["security"] = json!([]);
    }
    operation
}

fn error_response(mount: &Mount, status: u16, schema: &str) -> Value {
    let reference = format!("#/components/schemas/{schema}");
    let mut response = json!({
        "description": words(status),
        "content": {mount.dialect.media_type: {"schema": {"$ref": reference}}},
    });
    if matches!(status, 429 | 503) {
        response["headers"] = json!({"Retry-After": {
            "description": "Seconds until another try makes sense.",
            "schema": {"type": "integer", "format": "int32"},
        }});
    }
    response
}

fn words(status: u16) -> &'static str {
    match status {
        400 => "The request is not valid.",
        401 => "Not authenticated, or the answer was not accepted.",
        403 => "Known, but not allowed.",
        404 => "There is no such thing.",
        408 => "The body came too slowly.",
        409 => "Not due now, or changed in the meantime.",
        413 => "The body is too large.",
        415 => "The body has not the right media type.",
        422 => "Rules were broken that the person can do something about.",
        429 => "Too many attempts.",
        503 => "The server can't do this right now.",
        _ => "Something went wrong.",
    }
}
