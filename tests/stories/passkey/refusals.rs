//! What must not get in.

use super::{answer, asked, kit, log_in, person};
use authenticator_passkey::soft::{Key, flag};
use serde_json::{Value, json};

#[tokio::test]
async fn whatever_is_not_as_it_should_be_is_a_wrong_answer() {
    type Change = fn(&mut Key);
    let changes: [(&str, Change); 7] = [
        ("wrong origin", |key| key.origin = "https://evil.example".into()),
        ("wrong relying party", |key| key.rp_id = Some("evil.example".into())),
        ("nobody was checked", |key| key.flags = flag::PRESENT),
        ("in a frame", |key| key.page = json!({"crossOrigin": true, "topOrigin": "https://evil.example"})),
        ("the counter went back", |key| key.counter = 0),
        ("somebody else's", |key| key.handle = Some(vec![7; 16])),
        ("nobody's", |key| key.handle = None),
    ];
    for (what, change) in changes {
        let kit = kit().await;
        let mut key = person(&kit, "ada").await;
        log_in(&kit, &mut key).await;
        let (transaction, prompt) = asked(&kit, json!({})).await;
        let counter = key.counter;
        change(&mut key);
        let refused = answer(&kit, &transaction, key.assert(&prompt)).await;
        assert_eq!(refused.status.as_u16(), 401, "{what}: {}", refused.text());
        key.counter = counter;
    }
}

#[tokio::test]
async fn a_key_says_nothing_for_the_name_that_was_typed() {
    let kit = kit().await;
    let mut adas = person(&kit, "ada").await;
    person(&kit, "bob").await;
    let (transaction, prompt) = asked(&kit, json!({"username": "bob"})).await;
    answer(&kit, &transaction, adas.assert(&prompt)).await.expect(401);
}

#[tokio::test]
async fn nonsense_is_no_fault() {
    let kit = kit().await;
    let mut key = person(&kit, "ada").await;
    let right = |key: &mut Key, prompt: &Value| key.assert(prompt);
    let mut spoiled: Vec<(&str, Value)> = vec![
        ("/credential", json!(null)),
        ("/credential", json!([])),
        ("/credential/id", json!("x".repeat(2000))),
        ("/credential/id", json!("")),
        ("/credential/id", json!("\u{0}")),
        ("/credential/response", json!({})),
    ];
    for field in ["clientDataJSON", "authenticatorData", "signature", "userHandle"] {
        let path: &'static str = Box::leak(format!("/credential/response/{field}").into_boxed_str());
        for value in [json!("A".repeat(20_000)), json!("AA"), json!("é"), json!(7), json!({}), json!("e30")]
        {
            spoiled.push((path, value));
        }
    }
    for (path, value) in spoiled {
        let (transaction, prompt) = asked(&kit, json!({})).await;
        let mut body = json!({"credential": right(&mut key, &prompt)});
        *body.pointer_mut(path).unwrap() = value.clone();
        let reply = kit.answer(&transaction, "passkey", body).await;
        assert!(reply.status.is_client_error(), "{path} {value}: {} {}", reply.status, reply.text());
    }
    log_in(&kit, &mut key).await;
}
