//! What an operation owes its reader.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{Report, Rule, is_said, response};
use crate::walk::{Operation, entries, items, join, operations, resolve};

pub(super) fn lint(report: &mut Report<'_>) {
    let document = report.document;
    let mut ids = BTreeMap::new();
    for operation in operations(document) {
        id(report, operation, &mut ids);
        tag(report, operation);
        let pointer = operation.pointer();
        let has_summary = is_said(operation.object.get("summary"));
        report.expect(has_summary, Rule::Summary, &pointer, "the operation has no summary");
        security(report, operation, &pointer);
        path_parameters(report, operation, &pointer);
        request_examples(report, operation, &pointer);
        response::lint(report, operation, &pointer);
    }
}

fn id<'a>(report: &mut Report<'_>, operation: Operation<'a>, ids: &mut BTreeMap<&'a str, String>) {
    let pointer = operation.pointer();
    let id = operation.object.get("operationId").and_then(Value::as_str).unwrap_or_default();
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte);
    if id.is_empty() || !id.bytes().all(is_name) {
        report.add(Rule::OperationId, pointer, format!("`{id}` is no operation id"));
    } else if let Some(first) = ids.get(id) {
        report.add(Rule::OperationIdUnique, pointer, format!("`{id}` is already the operation at {first}"));
    } else {
        ids.insert(id, pointer);
    }
}

fn tag(report: &mut Report<'_>, operation: Operation<'_>) {
    let document = report.document;
    let pointer = operation.pointer();
    let tags = items(operation.object.get("tags"));
    let message = format!("the operation has {} tags", tags.len());
    report.expect(tags.len() == 1, Rule::OneTag, &pointer, &message);
    for tag in tags {
        let declared = items(document.get("tags")).iter().any(|declared| declared["name"] == *tag);
        report.expect(declared, Rule::TagDeclared, &pointer, &format!("the tag {tag} is declared nowhere"));
    }
}

fn security(report: &mut Report<'_>, operation: Operation<'_>, pointer: &str) {
    let stated = operation.object.get("security").is_some_and(Value::is_array);
    report.expect(stated, Rule::Security, pointer, "the operation does not say who may call it");
    for scheme in operation.security() {
        let known =
            entries(report.document.pointer("/components/securitySchemes")).any(|(name, _)| name == scheme);
        let message = format!("the security scheme `{scheme}` is not defined");
        report.expect(known, Rule::SecurityKnown, &join(pointer, "security"), &message);
    }
}

fn path_parameters(report: &mut Report<'_>, operation: Operation<'_>, pointer: &str) {
    let document = report.document;
    let in_path: BTreeSet<&str> =
        operation.path.split('{').skip(1).filter_map(|rest| Some(rest.split_once('}')?.0)).collect();
    let shared = document.get("paths").and_then(|paths| paths.get(operation.path)?.get("parameters"));
    let declared: BTreeSet<&str> = items(operation.object.get("parameters"))
        .iter()
        .chain(items(shared))
        .filter_map(|parameter| resolve(document, parameter))
        .filter(|parameter| parameter["in"] == "path" && parameter["required"] == true)
        .filter_map(|parameter| parameter["name"].as_str())
        .collect();
    for name in in_path.difference(&declared) {
        let message = format!("`{{{name}}}` of the path is not among its required path parameters");
        report.add(Rule::PathParameters, pointer, message);
    }
    for name in declared.difference(&in_path) {
        report.add(Rule::PathParameters, pointer, format!("the path has no `{{{name}}}`"));
    }
}

fn request_examples(report: &mut Report<'_>, operation: Operation<'_>, pointer: &str) {
    let document = report.document;
    let Some(body) = operation.object.get("requestBody").and_then(|body| resolve(document, body)) else {
        return;
    };
    for (media_type, description) in entries(body.get("content")) {
        let schema = description.get("schema").and_then(|schema| resolve(document, schema));
        let has_example = description.get("example").is_some()
            || entries(description.get("examples")).next().is_some()
            || schema.is_some_and(|schema| in_schema(document, schema));
        let pointer = join(&join(&join(pointer, "requestBody"), "content"), media_type);
        report.expect(has_example, Rule::RequestExample, &pointer, "the request has no example");
    }
}

/// Whether a schema, or one of those that it is made of, brings an example. Bytes need none.
fn in_schema(document: &Value, schema: &Value) -> bool {
    let made_of = |key| {
        items(schema.get(key))
            .iter()
            .filter(|part| part.get("$ref").is_some())
            .filter_map(|part| resolve(document, part))
            .any(|part| part.get("example").is_some())
    };
    schema.get("example").is_some()
        || schema["format"] == "binary"
        || made_of("oneOf")
        || made_of("anyOf")
        || made_of("allOf")
}
