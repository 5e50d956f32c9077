//! Accounts that people make, replace and change themselves where a client carries no transaction. Told at the engine, with
//! passwords, which keep nothing between asking and setting up either: the doors are told of elsewhere.

mod address;
mod lost;
mod own;
mod register;

use gatewright_core::{
    Engine, Origin, PlainToken, Problem,
    admin::PersonChange,
    engine::{Anybody, Progress, Wish},
    session::Caller,
};
use kit::{Kit, PASSWORD, Store};
use serde_json::{Value, json};
use std::time::Duration;

const NEW: &str = "quince-Ladder 77 harbour";

fn door() -> Origin {
    Origin { address: Some([192, 0, 2, 7].into()), ..Origin::local("vault") }
}

fn called(username: &str) -> Anybody {
    let tenant = super::admin::id("default");
    Anybody { tenant, username: username.to_owned(), client: Some("app".to_owned()), request: None }
}

fn proof(password: &str) -> Value {
    json!({"password": password})
}

/// What somebody is told: the status, the word and the text of a refusal.
type Told = Result<(), (u16, &'static str, String)>;

fn told(result: Result<(), Problem>) -> Told {
    result.map_err(|problem| (problem.status, problem.code, problem.detail))
}

fn status(result: Result<(), Problem>) -> Option<u16> {
    result.err().map(|problem| problem.status)
}

async fn logs_in(kit: &Kit, username: &str, password: &str) -> bool {
    let engine: &Engine = &kit.app.engine;
    let begin = gatewright_core::engine::Begin::login(super::admin::id("default"), Some(username.to_owned()));
    let begun = engine.begin(begin, &door()).await.expect("begins");
    let answered = engine.answer(&begun.handle, "password", proof(password), Wish::default(), &door()).await;
    matches!(answered, Ok(Progress::Done(_) | Progress::More(_)))
}

async fn caller(kit: &Kit, token: &str) -> Caller {
    let token = PlainToken::received(token).expect("a token");
    kit.app.engine.check(&token, None).await.expect("a session")
}

/// Their address from now on, known to be theirs.
async fn with_address(kit: &Kit, username: &str, email: &str) {
    let change = PersonChange {
        email: Some(Some(email.to_owned())),
        email_verified: Some(true),
        ..PersonChange::default()
    };
    let (engine, origin) = (&kit.app.engine, Origin::local("kit"));
    let tenant = super::admin::id("default");
    let person = engine.find_person(&tenant, username).await.expect("answers").expect("is there");
    engine.at_the_machine(&origin).change_person(&tenant, person.id, change).await.expect("an address");
}
