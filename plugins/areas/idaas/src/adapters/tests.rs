use super::*;
use crate::names::adapter;
use gatewright_contract::{Abilities, Assurance, Kind, Manifest, Schemas, Steps, Traits};

fn manifest(answer: Value, signal: bool) -> Manifest {
    Manifest {
        id: "any".into(),
        version: "1".into(),
        contract: 1,
        about: String::new(),
        document_version: 1,
        needs: Vec::new(),
        sends: false,
        asking_counts: false,
        assurance: Assurance::Ordinary,
        traits: Traits {
            amr: Vec::new(),
            kind: Kind::Knowledge,
            phishing_resistant: false,
            many: false,
            single_use: false,
            self_service: true,
            steps: Steps { first: true, second: false, fallback: false },
        },
        abilities: Abilities { signal, ..Abilities::default() },
        schemas: Schemas { answer, ..Schemas::default() },
    }
}

fn schema(properties: Value, required: &[&str]) -> Value {
    json!({"type": "object", "properties": properties, "required": required})
}

fn said(response: &str) -> UserAuthenticateParameters {
    UserAuthenticateParameters { response: Some(response.into()), ..Default::default() }
}

#[test]
fn response_fills_the_one_string() {
    let string = json!({"type": "string"});
    let number = json!({"type": "integer"});
    let one = schema(json!({"code": string, "slot": number}), &["code"]);
    let one_needed = schema(json!({"code": string, "label": string}), &["code"]);
    let one_optional = schema(json!({"code": string}), &[]);
    for shape in [one, one_needed, one_optional] {
        assert_eq!(OwnJson.answer(&said("1"), &manifest(shape, false)).ok(), Some(json!({"code": "1"})));
    }
}

#[test]
fn where_there_is_more_than_one_string_the_client_says_it_itself() {
    let string = json!({"type": "string"});
    let two = manifest(schema(json!({"a": string, "b": string}), &["a", "b"]), false);
    assert_eq!(OwnJson.answer(&said("1"), &two).expect_err("refused").status, 400);
    let own = json!({"a": "1", "b": "2"});
    let given = UserAuthenticateParameters { answer: Some(own.clone()), ..Default::default() };
    assert_eq!(OwnJson.answer(&given, &two).ok(), Some(own));
}

#[test]
fn nothing_to_type_is_a_poll_or_an_empty_answer() {
    let nothing = UserAuthenticateParameters::default();
    let code = schema(json!({"code": {"type": "string"}}), &["code"]);
    assert_eq!(OwnJson.answer(&nothing, &manifest(code.clone(), false)).expect_err("refused").status, 400);
    assert_eq!(OwnJson.answer(&nothing, &manifest(code, true)).ok(), Some(json!({})), "a push is polled");
    assert_eq!(OwnJson.answer(&nothing, &manifest(schema(json!({}), &[]), false)).ok(), Some(json!({})));
}

#[test]
fn a_hashed_password_is_refused_and_not_repeated() {
    let given = UserAuthenticateParameters { chap_response: Some(Default::default()), ..said("hunter2") };
    let problem = adapter("password").answer(&given, &manifest(Value::Null, false)).expect_err("refused");
    assert_eq!(problem.status, 400);
    assert!(problem.detail.starts_with("chapResponse") && !problem.detail.contains("hunter2"));
}

#[test]
fn a_prompt_goes_where_the_contract_has_a_field_and_else_as_it_is() {
    let show = |id: &str| {
        let mut reply = AuthenticatedResponse::default();
        adapter(id).show(json!({"hint": 1}), &mut reply);
        poem_openapi::types::ToJSON::to_json(&reply).expect("json")
    };
    assert_eq!(show("password"), json!({}));
    assert_eq!(show("totp"), json!({"tokenChallenge": {"token": []}}));
    assert_eq!(show("temp-access-code"), json!({"tempAccessCodeChallenge": {"enableAdminContact": false}}));
    assert_eq!(show("own"), json!({"challenge": {"hint": 1}}));
}

#[test]
fn what_a_browser_signs_is_said_in_two_ways() {
    let asked = json!({"publicKey": {"challenge": "AAAA", "timeout": 300_000, "rpId": "id.example",
        "allowCredentials": [{"type": "public-key", "id": "BBBB", "transports": ["usb"]}]}});
    let mut reply = AuthenticatedResponse::default();
    adapter("passkey").show(asked, &mut reply);
    let shown = poem_openapi::types::ToJSON::to_json(&reply).expect("json");
    let expected = json!({"fidoChallenge":
        {"challenge": "AAAA", "allowCredentials": ["BBBB"], "timeout": 300, "timeoutMillis": 300_000}});
    assert_eq!(shown, expected);
    let none = adapter("passkey").answer(&said("1"), &manifest(Value::Null, false)).expect_err("refused");
    assert!(none.detail.starts_with("fidoResponse"));
}

#[test]
fn a_sealed_challenge_is_shown_in_two_ways() {
    let sealed = "A".repeat(600);
    let asked = json!({"challenge_data": sealed, "proto_version": "vp1", "purpose": "login", "tenant": "default",
        "username": "ada", "client_id": "", "auth_req_id": "", "keypad": {"pin": 6}});
    let mut reply = AuthenticatedResponse::default();
    adapter("zkp").show(asked.clone(), &mut reply);
    let shown = poem_openapi::types::ToJSON::to_json(&reply).expect("json");
    let expected = json!({"challenge": asked,
        "faceChallenge": {"device": "WEB", "id": "A".repeat(22), "sdkToken": sealed}});
    assert_eq!(shown, expected);
}

#[test]
fn a_proof_comes_as_text_or_as_json() {
    let proof = json!({"challenge_id": "abc", "challenge_data": "def"});
    let of = |given| adapter("zkp").answer(&given, &manifest(Value::Null, false));
    let text =
        |text: &str| UserAuthenticateParameters { face_response: Some(text.into()), ..Default::default() };
    let own = UserAuthenticateParameters { answer: Some(proof.clone()), ..Default::default() };
    assert_eq!(of(text(&proof.to_string())).ok(), Some(proof.clone()));
    assert_eq!(of(own).ok(), Some(proof.clone()));
    let large = json!({"log_data": "x".repeat(40 * 1024)}).to_string();
    let deep = "[".repeat(20_000);
    for bad in ["", "s3cr3t", "[]", "null", "\"text\"", "{\"s3cr3t\": 1} x", large.as_str(), deep.as_str()] {
        let problem = of(text(bad)).expect_err("refused");
        assert_eq!(problem.status, 400);
        assert!(
            problem.detail.starts_with("faceResponse") && !problem.detail.contains("s3cr3t"),
            "{}",
            problem.detail
        );
    }
    assert!(
        of(said("1")).expect_err("refused").detail.starts_with("faceResponse"),
        "a proof is no single string"
    );
}

#[test]
fn what_begins_a_sealed_challenge_passes_as_it_is() {
    let begin = json!({"cipher_key": "A".repeat(87)});
    let asked = UserChallengeParameters { begin: Some(begin.clone()), ..Default::default() };
    assert_eq!(adapter("zkp").begin(&asked), begin);
    assert_eq!(
        adapter("zkp").begin(&UserChallengeParameters::default()),
        json!({}),
        "what is missing, it says itself"
    );
}
