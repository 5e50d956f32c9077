//! FACE: a secret picture, proven in the vendor's order of calls.

use super::{challenge, complete, error, opens, query};
use kit::{
    Kit, PASSWORD, Reply, Store,
    vp1::{Asking, Context, Secret, Told},
};
use serde_json::{Value, json};
use std::time::Duration;

const NO: (u16, &str) = (401, "invalid_user_response");

/// Ada has a password and a picture; Bea a password.
async fn world() -> (Kit, Secret) {
    let kit =
        Kit::with(Store::Memory).config("[login.policy]\nfirst = [\"password\", \"zkp\"]\n").start().await;
    kit.person("ada").await;
    kit.person("bea").await;
    let secret = Secret::of(1);
    let token = kit.login("ada").await.access_token;
    let asking = Asking::enrol(&secret);
    let begin = json!({"invite": {"cipher_key": asking.cipher_key()}});
    let invited = kit.post_as(&token, "/auth/v1/enrol/zkp", &begin).await.expect(200);
    let told = asking.told(&invited.json()["invitation"], "");
    let body = json!({"transaction": invited.str("transaction"), "proof": told.proof("", "")});
    kit.post_as(&token, "/auth/v1/enrol/zkp/complete", &body).await.expect(200);
    (kit, secret)
}

async fn ask(kit: &Kit, asking: &Asking, name: &str) -> Reply {
    challenge(kit, "FACE", name, json!({"begin": {"cipher_key": asking.cipher_key()}})).await.expect(200)
}

/// What a client of the contract has: the token for its software, and what the proof names besides.
fn told(asking: &Asking, posed: &Reply) -> Told {
    let posed = posed.json();
    let (shown, face) = (&posed["challenge"], &posed["faceChallenge"]);
    assert_eq!((&face["device"], &face["sdkToken"]), (&json!("WEB"), &shown["challenge_data"]));
    assert!(shown["challenge_data"].as_str().unwrap().starts_with(face["id"].as_str().unwrap()));
    asking.told_in(shown, Context::of(shown, ""))
}

fn as_text(answer: &Value) -> Value {
    json!({"faceResponse": answer.to_string()})
}

#[tokio::test]
async fn a_picture_logs_in_by_either_field_and_its_proof_once() {
    let (kit, secret) = world().await;
    let listed = query(&kit, "ada", json!({})).await.expect(200).json();
    let listed = listed["authenticationTypes"].as_array().expect("a list").clone();
    assert!(listed.contains(&json!("FACE")), "{listed:?}");
    for as_json in [false, true] {
        let asking = Asking::login(&secret);
        let posed = ask(&kit, &asking, "ada").await;
        let answer = told(&asking, &posed).answer();
        let body = if as_json { json!({"answer": answer}) } else { as_text(&answer) };
        let done = complete(&kit, "FACE", &posed.str("token"), body.clone()).await.expect(200);
        assert_eq!(done.json()["authenticationCompleted"], true, "{}", done.text());
        assert!(opens(&kit, &done.str("token")).await);
        assert_eq!(error(&complete(&kit, "FACE", &posed.str("token"), body.clone()).await).0, 401, "twice");
        let other = ask(&kit, &asking, "ada").await;
        let replayed = error(&complete(&kit, "FACE", &other.str("token"), body).await);
        assert_eq!(replayed, (NO.0, NO.1.to_owned()), "an old proof for a new challenge");
    }
}

#[tokio::test]
async fn a_wrong_secret_nobody_and_somebody_without_are_refused_alike() {
    let (kit, secret) = world().await;
    let mut replies = Vec::new();
    let mut wrong_pin = secret.clone();
    wrong_pin.pin = Some("000000".to_owned());
    for (name, secret) in
        [("ada", &Secret::of(2)), ("ada", &wrong_pin), ("bea", &secret), ("nobody", &secret)]
    {
        let asking = Asking::login(secret);
        let posed = ask(&kit, &asking, name).await;
        let told = told(&asking, &posed);
        assert!(told.key().is_none(), "{name}");
        let done = complete(&kit, "FACE", &posed.str("token"), as_text(&told.answer())).await;
        assert_eq!(error(&done), (NO.0, NO.1.to_owned()), "{name}");
        replies.push((posed.bytes.len() - name.len(), done.text()));
    }
    assert!(replies.iter().all(|reply| *reply == replies[0]), "{replies:?}");
}

#[tokio::test]
async fn any_completion_ends_the_challenge() {
    let (kit, secret) = world().await;
    let asking = Asking::login(&secret);
    let posed = ask(&kit, &asking, "ada").await;
    let told = told(&asking, &posed);
    let token = posed.str("token");
    let wrong = told.answer_of(&told.prove(None, b""));
    assert_eq!(error(&complete(&kit, "FACE", &token, as_text(&wrong)).await).0, 401);
    let late = complete(&kit, "FACE", &token, as_text(&told.answer())).await;
    assert!(matches!(error(&late).0, 400 | 401), "{}", late.text());
}

#[tokio::test]
async fn what_is_no_key_and_no_proof_is_a_400() {
    let (kit, secret) = world().await;
    let key = Asking::login(&secret).cipher_key();
    let enrolling = Asking::enrol(&secret).cipher_key();
    for begin in [
        json!({}),
        json!({"cipher_key": ""}),
        json!({"cipher_key": &key[1..]}),
        json!({"cipher_key": enrolling}),
    ] {
        let posed = challenge(&kit, "FACE", "ada", json!({"begin": begin})).await;
        assert_eq!(error(&posed), (400, "invalid_request".to_owned()), "{begin}");
    }
    assert_eq!(error(&challenge(&kit, "FACE", "ada", json!({})).await).0, 400);
    let asking = Asking::login(&secret);
    let posed = ask(&kit, &asking, "ada").await;
    let right = told(&asking, &posed).answer();
    let large = json!({"challenge_id": "x".repeat(50_000)}).to_string();
    for body in [
        json!({"response": PASSWORD}),
        json!({"faceResponse": "run-1"}),
        json!({"faceResponse": "[]"}),
        json!({"faceResponse": large}),
    ] {
        let done = complete(&kit, "FACE", &posed.str("token"), body).await;
        assert_eq!(error(&done), (400, "invalid_request".to_owned()));
    }
    // Nothing of it was an answer.
    complete(&kit, "FACE", &posed.str("token"), as_text(&right)).await.expect(200);
}

/// The software that opens the challenge may answer by itself; whoever waits for it asks how it stands.
#[tokio::test]
async fn without_an_answer_it_is_asked_how_it_stands_and_that_counts_for_nothing() {
    let (kit, secret) = world().await;
    let mut replies = Vec::new();
    for name in ["ada", "bea", "nobody"] {
        let posed = ask(&kit, &Asking::login(&secret), name).await;
        let poll = complete(&kit, "FACE", &posed.str("token"), json!({})).await.expect(200);
        assert_eq!((poll.str("status"), poll.str("token")), ("NO_RESPONSE".to_owned(), posed.str("token")));
        assert_eq!(poll.json()["authenticationCompleted"], false);
        replies.push(poll.json().as_object().expect("an object").keys().cloned().collect::<Vec<_>>());
    }
    assert!(replies.iter().all(|keys| *keys == replies[0]), "{replies:?}");
    let asking = Asking::login(&secret);
    let posed = ask(&kit, &asking, "ada").await;
    for _ in 0..20 {
        complete(&kit, "FACE", &posed.str("token"), json!({})).await.expect(200);
    }
    let done = complete(&kit, "FACE", &posed.str("token"), as_text(&told(&asking, &posed).answer())).await;
    assert_eq!(done.expect(200).json()["authenticationCompleted"], true);
    let ended = complete(&kit, "FACE", &posed.str("token"), json!({})).await;
    assert!(matches!(error(&ended).0, 400 | 401), "{}", ended.text());
    let posed = ask(&kit, &asking, "ada").await;
    kit.advance(Duration::from_secs(121));
    let late = complete(&kit, "FACE", &posed.str("token"), json!({})).await;
    assert!(matches!(error(&late).0, 400 | 401), "{}", late.text());
}
