//! Every example in the document is executed, as somebody anonymous and as somebody who is logged in:
//! what comes back is a status that the document has, with a body of the schema that it promises.

use super::schema::{Operation, encoded, operations, validator};
use kit::{Call, Kit, Reply, Store};
use serde_json::{Value, json};

#[tokio::test]
async fn every_example_gets_a_documented_answer() {
    let kit = Kit::with(Store::Memory).mailbox().start().await;
    kit.person("admin").await;
    let document = kit.app.document();
    let mut succeeded = 0;
    for operation in operations(&document) {
        for token in [None, Some(kit.login("admin").await.access_token)] {
            let reply = kit.send(example(&operation, token.as_deref())).await;
            judge(&document, &operation, &reply);
            succeeded += usize::from(reply.status.is_success());
        }
    }
    assert!(succeeded > 15, "only {succeeded} examples succeed");
}

#[tokio::test]
async fn bad_bodies_are_refused_in_the_dialects_own_words() {
    let kit = Kit::memory().await;
    let document = kit.app.document();
    let big = format!("{{\"username\": \"{}\"}}", "x".repeat(1 << 20));
    let bodies: Vec<(&str, Vec<u8>)> = vec![
        ("application/json", b"{".to_vec()),
        ("application/json", b"[]".to_vec()),
        ("application/json", b"null".to_vec()),
        ("application/json", b"\xff\xfe".to_vec()),
        ("application/json", "[".repeat(100_000).into_bytes()),
        ("application/json", big.into_bytes()),
        ("text/plain", b"{}".to_vec()),
        ("application/x-www-form-urlencoded", b"a=b".to_vec()),
    ];
    for operation in operations(&document).iter().filter(|o| o.body_example().is_some()) {
        let wrong_types = wrong_types(operation.body_example().expect("an example").1);
        let all =
            bodies.iter().filter(|(media, _)| !takes_any(operation, media)).map(|(m, b)| (*m, b.clone()));
        for (media, body) in all.chain(wrong_types.into_iter().map(|b| ("application/json", b))) {
            let sent = String::from_utf8_lossy(&body).chars().take(200).collect::<String>();
            let reply =
                kit.send(Call::new(&operation.method, &operation.path_filled()).raw(media, body)).await;
            let (name, said) = (operation.name(), reply.text());
            assert!(reply.status.is_client_error(), "{name}: {sent} → {} {said}", reply.status);
            judge(&document, operation, &reply);
        }
    }
}

/// A form in which nothing must be: clients of OAuth send members that nobody knows (RFC 6749, section 3.1).
fn takes_any(operation: &Operation<'_>, media: &str) -> bool {
    let content = &operation.value["requestBody"]["content"][media];
    media.ends_with("urlencoded")
        && content.is_object()
        && content["schema"]["required"].as_array().is_none_or(Vec::is_empty)
}

/// The example with one member after the other of every other type.
fn wrong_types(example: &Value) -> Vec<Vec<u8>> {
    let mut all = Vec::new();
    for (key, value) in example.as_object().into_iter().flatten() {
        let others = match value {
            Value::String(_) => vec![json!(7), json!(true), json!(["text"]), json!({"an": "object"})],
            Value::Number(_) => vec![json!("7"), json!(true), json!([7])],
            Value::Bool(_) => vec![json!("true"), json!(1), json!([true])],
            _ => vec![json!("text"), json!(7), json!(true)],
        };
        for other in others {
            let mut wrong = example.clone();
            wrong[key] = other;
            all.push(wrong.to_string().into_bytes());
        }
    }
    all
}

fn example(operation: &Operation<'_>, token: Option<&str>) -> Call {
    let mut call = Call::new(&operation.method, &operation.path_filled());
    if let Some(token) = token {
        call = call.bearer(token);
    }
    match operation.body_example() {
        Some((media, body)) => call.raw(media, encoded(media, body)),
        None => call,
    }
}

#[track_caller]
fn judge(document: &Value, operation: &Operation<'_>, reply: &Reply) {
    let name = operation.name();
    let status = reply.status.as_u16();
    assert!(status < 500, "{name}: {status} {}", reply.text());
    let response = &operation.value["responses"][status.to_string()];
    assert!(
        response.is_object(),
        "{name} answers {status}, which the document does not have: {}",
        reply.text()
    );
    let media =
        reply.header("content-type").unwrap_or_default().split(';').next().unwrap_or_default().to_owned();
    let Some(content) = response["content"].as_object() else {
        assert!(reply.bytes.is_empty(), "{name}: {status} has a body that the document does not have");
        return;
    };
    let promised =
        content.get(&media).unwrap_or_else(|| panic!("{name}: {status} is {media}, not in the document"));
    if media.ends_with("/json") || media.ends_with("+json") {
        let body = reply.json();
        let errors: Vec<String> =
            validator(document, &promised["schema"]).iter_errors(&body).map(|e| e.to_string()).collect();
        assert!(errors.is_empty(), "{name}: {status} is not of its schema: {errors:?}\n{body:#}");
    }
}
