//! A program that speaks the IDaaS Authentication API logs people in.

mod cards;
mod errors;
mod face;
mod login;
mod passkey;
mod push;
mod second_factor;
mod session;
mod smart_login;
mod strangers;

use kit::{Call, Kit, Reply};
use serde_json::{Value, json};

const QUERY: &str = "/api/web/v2/authentication/users";
const LOGOUT: &str = "/api/web/v1/authentication/logout";

fn challenge_path(authenticator: &str) -> String {
    format!("/api/web/v2/authentication/users/authenticate/{authenticator}")
}

fn complete_path(authenticator: &str) -> String {
    format!("/api/web/v1/authentication/users/authenticate/{authenticator}/complete")
}

/// The body of a call about somebody, with more fields.
fn about(user: &str, more: Value) -> Value {
    let mut body = json!({"applicationId": "default", "userId": user});
    for (key, value) in more.as_object().into_iter().flatten() {
        body[key] = value.clone();
    }
    body
}

pub(super) async fn query(kit: &Kit, user: &str, more: Value) -> Reply {
    kit.post(QUERY, &about(user, more)).await
}

pub(super) async fn challenge(kit: &Kit, authenticator: &str, user: &str, more: Value) -> Reply {
    kit.post(&challenge_path(authenticator), &about(user, more)).await
}

/// As public clients do: the bare token in the header.
pub(super) async fn complete(kit: &Kit, authenticator: &str, token: &str, body: Value) -> Reply {
    let call = Call::post(&complete_path(authenticator)).header("authorization", token).json(&body);
    kit.send(call).await
}

/// Challenge and completion, each of which must be answered with 200.
pub(super) async fn step(kit: &Kit, authenticator: &str, user: &str, more: Value, answer: Value) -> Reply {
    let token = challenge(kit, authenticator, user, more).await.expect(200).str("token");
    complete(kit, authenticator, &token, answer).await
}

/// Logs in with the password and nothing else.
async fn login(kit: &Kit, user: &str) -> Reply {
    let done = step(kit, "PASSWORD", user, json!({}), json!({"response": kit::PASSWORD})).await.expect(200);
    assert_eq!(done.json()["authenticationCompleted"], true, "{}", done.text());
    done
}

/// Whether an access token opens a door of the server.
async fn opens(kit: &Kit, token: &str) -> bool {
    kit.get_as(token, "/auth/v1/me").await.status.is_success()
}

/// Status and code of an error, which must have the dialect's shape.
#[track_caller]
fn error(reply: &Reply) -> (u16, String) {
    let body = reply.json();
    let keys: Vec<&String> = body.as_object().expect("an object").keys().collect();
    assert_eq!(keys, ["errorCode", "errorMessage", "parameters"], "{body}");
    assert!(body["parameters"].is_array(), "{body}");
    assert_eq!(reply.header("content-type").map(|t| t.split(';').next()), Some(Some("application/json")));
    (reply.status.as_u16(), reply.str("errorCode"))
}

fn denied(reply: &Reply) -> bool {
    error(reply) == (401, "access_denied".to_owned())
}
