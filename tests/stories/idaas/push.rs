//! TOKENPUSH: the page polls while a phone decides.

use super::{challenge, complete, opens, step};
use crate::stories::devices::{Algorithm, Phone, paired};
use kit::{Kit, PASSWORD, Store};
use serde_json::{Value, json};

const BOTH: &str = "PASSWORD_AND_SECONDFACTOR";

async fn ada(config: &str) -> (Kit, Phone) {
    let kit = Kit::with(Store::Memory).config(config).start().await;
    kit.person("ada").await;
    let phone = Phone::new(Algorithm::P256, "push", 1);
    paired(&kit, "ada", &phone).await;
    (kit, phone)
}

/// After the password, asks the phone: the token and the reply.
async fn asked(kit: &Kit, more: Value) -> (String, Value) {
    let half = step(kit, BOTH, "ada", json!({}), json!({"response": PASSWORD})).await.expect(200);
    assert_eq!(half.json()["availableSecondFactor"], json!(["TOKENPUSH"]));
    let mut body = json!({"authToken": half.str("token"), "secondFactorAuthenticator": "TOKENPUSH"});
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let posed = challenge(kit, BOTH, "ada", body).await.expect(200);
    (posed.str("token"), posed.json())
}

async fn poll(kit: &Kit, token: &str) -> Value {
    let body = json!({"secondFactorAuthenticator": "TOKENPUSH"});
    complete(kit, BOTH, token, body).await.expect(200).json()
}

#[tokio::test]
async fn the_completion_without_a_response_polls_until_the_phone_confirms() {
    let (kit, phone) = ada("").await;
    let said = json!({
        "pushMutualChallengeEnabled": true, "summary": "Pay 5", "clientIp": "198.51.100.7",
        "requestDetail": {"browser": "Firefox"}, "transactionDetails": [{"detail": "To", "value": "Bob"}],
    });
    let (token, reply) = asked(&kit, said).await;
    assert_eq!(reply["pushMutualChallenge"], reply["tokenPushMutualChallenge"]);
    for _ in 0..2 {
        let waits = poll(&kit, &token).await;
        assert_eq!(
            (&waits["status"], &waits["authenticationCompleted"]),
            (&json!("NO_RESPONSE"), &json!(false))
        );
        assert_eq!(waits["token"], json!(token));
    }
    let told = phone.waiting(&kit).await.remove(0);
    let shown: Value = serde_json::from_str(told["shown"].as_str().unwrap()).unwrap();
    let expected = json!({
        "summary": "Pay 5", "address": "198.51.100.7", "browser": "Firefox", "details": [{"detail": "To", "value": "Bob"}],
    });
    assert_eq!(shown["said"], expected);
    let number: u64 = reply["pushMutualChallenge"].as_str().unwrap().parse().unwrap();
    phone.report(&kit, &phone.decide(&kit, &told, "approve", &json!(number))).await.expect(202);
    let done = poll(&kit, &token).await;
    assert_eq!((&done["status"], &done["authenticationCompleted"]), (&json!("CONFIRM"), &json!(true)));
    assert!(opens(&kit, done["token"].as_str().unwrap()).await);
}

#[tokio::test]
async fn no_and_concern_and_cancel_end_it() {
    for (decision, status) in [("deny", "CANCEL"), ("concern", "CONCERN")] {
        let (kit, phone) = ada("").await;
        let (token, _) = asked(&kit, json!({})).await;
        phone.says(&kit, decision, &Value::Null).await;
        let told = poll(&kit, &token).await;
        assert_eq!((&told["status"], &told["authenticationCompleted"]), (&json!(status), &json!(false)));
        complete(&kit, BOTH, &token, json!({})).await.expect(401);
    }
    let (kit, phone) = ada("").await;
    let (token, reply) = asked(&kit, json!({})).await;
    let cancelled = complete(&kit, BOTH, &token, json!({"cancel": true})).await.expect(200).json();
    assert_eq!(cancelled["status"], "CANCEL");
    let number: u64 = reply["pushMutualChallenge"].as_str().unwrap().parse().unwrap();
    phone.says(&kit, "approve", &json!(number)).await;
    complete(&kit, BOTH, &token, json!({})).await.expect(401);
}

#[tokio::test]
async fn a_client_that_can_show_no_number_gets_none_where_the_operator_allows_it() {
    let (kit, phone) = ada("[plugins.push]\nnumber_matching = \"asked\"\n").await;
    let (token, reply) = asked(&kit, json!({})).await;
    assert!(reply.get("pushMutualChallenge").is_none(), "{reply}");
    phone.says(&kit, "approve", &Value::Null).await;
    assert_eq!(poll(&kit, &token).await["status"], "CONFIRM");
    for field in ["pushMutualChallengeEnabled", "tokenPushMutualChallengeEnabled"] {
        let (_, reply) = asked(&kit, json!({field: true})).await;
        assert!(reply["pushMutualChallenge"].is_string(), "{field}: {reply}");
    }
}

#[tokio::test]
async fn a_stranger_looks_like_somebody_who_does_not_answer() {
    let policy = "[login.policy]\nfirst = [\"push\", \"password\"]\n";
    let (kit, _) = ada(policy).await;
    let mut seen = Vec::new();
    for name in ["ada", "nobody"] {
        let posed = challenge(&kit, "TOKENPUSH", name, json!({})).await.expect(200);
        let waits = complete(&kit, "TOKENPUSH", &posed.str("token"), json!({})).await.expect(200).json();
        seen.push((posed.json()["pushMutualChallenge"].is_string(), waits["status"].clone()));
    }
    assert_eq!(seen[0], seen[1]);
    assert_eq!(seen[0], (true, json!("NO_RESPONSE")));
}
