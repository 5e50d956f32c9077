//! What a body may hold is what the document says it may: every member that a request schema describes, however
//! deep, refuses other types by name, and unknown members are refused where the schema says so and only there.

use super::schema::{Operation, operations};
use kit::{Call, Kit, Reply};
use serde_json::{Value, json};
use std::collections::BTreeSet;

#[tokio::test]
async fn a_member_of_another_type_is_refused_by_name_and_not_repeated() {
    let kit = Kit::memory().await;
    let token = kit.administrator().await;
    let document = kit.app.document();
    let mut refused = BTreeSet::new();
    for operation in typed(&kit, &document) {
        let (schema, example) = (schema_of(&operation), operation.body_example().expect("an example").1);
        let mut members = Vec::new();
        walk(&document, schema, &mut Vec::new(), &mut members);
        for (steps, kind) in members {
            let name = written(&steps);
            for wrong in others(&kind) {
                let body = put(&document, schema, Some(example), &steps, &wrong);
                let reply = sent(&kit, &token, &operation, &body).await;
                let said = words(&reply);
                let context = format!("{} {body} → {} {said}", operation.id(), reply.status);
                assert!(of_form(&reply), "{context}");
                assert!(said.starts_with(&format!("{name}: must be ")), "{context}");
                assert!(!said.contains(MARK), "repeats what was sent: {context}");
                refused.insert((operation.id().to_owned(), name.clone()));
            }
        }
    }
    // idaas alone has more than that; fewer means that the walk no longer finds them.
    assert!(refused.len() > 100, "only {} members are described", refused.len());
}

#[tokio::test]
async fn a_member_that_is_missing_is_named() {
    let kit = Kit::memory().await;
    let token = kit.administrator().await;
    let document = kit.app.document();
    let mut named = 0;
    for operation in typed(&kit, &document) {
        let schema = resolved(&document, schema_of(&operation));
        for name in required(schema) {
            let mut body = sample(&document, schema);
            body.as_object_mut().expect("an object").remove(name);
            let reply = sent(&kit, &token, &operation, &body).await;
            assert!(of_form(&reply), "{} {body}", operation.id());
            assert_eq!(words(&reply), format!("{name}: is missing."), "{} {body}", operation.id());
            named += 1;
        }
    }
    assert!(named >= 5, "only {named} members are required");
}

#[tokio::test]
async fn a_member_that_nobody_knows_is_refused_where_the_document_says_so_and_only_there() {
    let kit = Kit::memory().await;
    let token = kit.administrator().await;
    let document = kit.app.document();
    let (mut strict, mut open) = (0, 0);
    for operation in operations(&document) {
        let Some(example) = json_example(&operation) else { continue };
        let mut body = example.clone();
        body[MARK] = json!(MARK);
        let reply = sent(&kit, &token, &operation, &body).await;
        let context = format!("{}: {} {}", operation.id(), reply.status, reply.text());
        if resolved(&document, schema_of(&operation))["additionalProperties"] == json!(false) {
            assert!(of_form(&reply), "{context}");
            assert!(words(&reply).starts_with("The body has an unknown member; it may have: "), "{context}");
            assert!(!reply.text().contains(MARK), "repeats what was sent: {context}");
            strict += 1;
        } else {
            let without = sent(&kit, &token, &operation, example).await;
            assert_eq!(reply.status, without.status, "{context}");
            assert!(reply.status.is_success() || words(&reply) == words(&without), "{context}");
            open += 1;
        }
    }
    assert!(strict >= 15 && open >= 4, "{strict} are strict, {open} are not");
}

/// What must not come back.
const MARK: &str = "hunter2";

/// Client metadata: what is wrong with it is said in the words of RFC 7591, section 3.2.2.
const REGISTRATION: [&str; 2] = ["registerClient", "updateRegisteredClient"];

/// Operations whose bodies are Rust types; what an authenticator is sent is its own to judge, and the suite of
/// the authenticators holds it to that.
fn typed<'a>(kit: &Kit, document: &'a Value) -> Vec<Operation<'a>> {
    let authenticators: Vec<String> =
        kit.app.engine.catalogue().iter().map(|a| a.manifest().id.clone()).collect();
    let of_one = |o: &Operation<'_>| authenticators.iter().any(|id| o.value["tags"][0] == json!(id));
    let ours = |o: &Operation<'_>| json_example(o).is_some() && !of_one(o) && !REGISTRATION.contains(&o.id());
    operations(document).into_iter().filter(ours).collect()
}

/// The example of a body that has types; in a form everything is a text.
fn json_example<'a>(operation: &'a Operation<'_>) -> Option<&'a Value> {
    operation.body_example().filter(|(media, _)| media.ends_with("json")).map(|(_, example)| example)
}

fn schema_of<'a>(operation: &Operation<'a>) -> &'a Value {
    &operation.value["requestBody"]["content"]
        .as_object()
        .and_then(|content| content.values().next())
        .expect("a body")["schema"]
}

/// As an administrator, where the operation asks who is calling before it looks at the body.
async fn sent(kit: &Kit, token: &str, operation: &Operation<'_>, body: &Value) -> Reply {
    let call = Call::new(&operation.method, &operation.path_filled()).json(body);
    let schemes = operation.value["security"].as_array().map(Vec::as_slice).unwrap_or_default();
    let guarded = !schemes.is_empty() && !schemes.contains(&json!({}));
    kit.send(if guarded { call.bearer(token) } else { call }).await
}

/// The words for a person, in whichever dialect.
fn words(reply: &Reply) -> String {
    let body = reply.json();
    let said = [&body["detail"], &body["errorMessage"], &body["detail"][0]["msg"]];
    said.into_iter().find_map(Value::as_str).unwrap_or_default().to_owned()
}

/// Refused as a mistake of form: 400, and 422 in the dialect of the vault contract.
fn of_form(reply: &Reply) -> bool {
    match reply.status.as_u16() {
        400 => true,
        422 => reply.json()["detail"][0]["loc"].is_array(),
        _ => false,
    }
}

/// The schema behind a reference, or behind one that poem-openapi put beside a description.
fn resolved<'a>(document: &'a Value, schema: &'a Value) -> &'a Value {
    let schema = schema.get("allOf").map_or(schema, |parts| &parts[0]);
    match schema["$ref"].as_str() {
        Some(reference) => document.pointer(reference.trim_start_matches('#')).expect("it resolves"),
        None => schema,
    }
}

fn required(schema: &Value) -> impl Iterator<Item = &str> {
    schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str)
}

/// One step down: into a member, or into the first of a list.
#[derive(Clone)]
enum Step {
    Member(String),
    First,
}

/// What clients say of their own accord: nothing rests on it, so what does not fit is left out and not refused.
const HEARSAY: [&str; 2] = ["log_data", "ber"];

/// All members below a schema, with their types.
fn walk(document: &Value, schema: &Value, at: &mut Vec<Step>, found: &mut Vec<(Vec<Step>, String)>) {
    if let [Step::Member(name)] = &at[..]
        && HEARSAY.contains(&name.as_str())
    {
        return;
    }
    let schema = resolved(document, schema);
    if let Some(kind) = schema["type"].as_str().filter(|_| !at.is_empty()) {
        found.push((at.clone(), kind.to_owned()));
    }
    let members = schema["properties"].as_object().into_iter().flatten();
    let below = members.map(|(name, schema)| (Step::Member(name.clone()), schema));
    for (step, schema) in below.chain(schema.get("items").map(|items| (Step::First, items))) {
        at.push(step);
        walk(document, schema, at, found);
        at.pop();
    }
}

fn written(steps: &[Step]) -> String {
    let mut name = String::new();
    for step in steps {
        match step {
            Step::Member(member) if name.is_empty() => name.push_str(member),
            Step::Member(member) => name.extend([".", member]),
            Step::First => name.push_str("[0]"),
        }
    }
    name
}

/// A valid value, or the example, with another value put in at one place.
fn put(document: &Value, schema: &Value, start: Option<&Value>, steps: &[Step], wrong: &Value) -> Value {
    let schema = resolved(document, schema);
    match steps {
        [] => wrong.clone(),
        [Step::First, rest @ ..] => json!([put(document, &schema["items"], None, rest, wrong)]),
        [Step::Member(name), rest @ ..] => {
            let mut value = start.map_or_else(|| sample(document, schema), Value::clone);
            value[name] = put(document, &schema["properties"][name], None, rest, wrong);
            value
        }
    }
}

/// The plainest valid value.
fn sample(document: &Value, schema: &Value) -> Value {
    let schema = resolved(document, schema);
    match schema["type"].as_str() {
        Some("string") => schema["enum"].get(0).cloned().unwrap_or_else(|| json!("text")),
        Some("integer" | "number") => json!(1),
        Some("boolean") => json!(true),
        Some("array") => json!([]),
        _ => {
            let member = |name: &str| (name.to_owned(), sample(document, &schema["properties"][name]));
            Value::Object(required(schema).map(member).collect())
        }
    }
}

/// Values of other types.
fn others(kind: &str) -> Vec<Value> {
    let all = [
        ("string", json!(MARK)),
        ("integer", json!(7)),
        ("number", json!(7.5)),
        ("boolean", json!(true)),
        ("array", json!([MARK])),
        ("object", json!({MARK: MARK})),
    ];
    // A whole number is a number too.
    let other = |of: &str| of != kind && (of, kind) != ("integer", "number");
    all.into_iter().filter(|(of, _)| other(of)).map(|(_, value)| value).collect()
}
