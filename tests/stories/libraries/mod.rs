//! Authenticators in shared libraries, as people meet them.

mod alike;
mod beside;
mod faults;
mod pool;
mod reload;
mod start;

use gatewright_core::{Origin, Person};
use kit::{Kit, Reply};
use serde_json::{Value, json};

/// One factor is enough, and nobody is in the way of many tries.
const LIMITS: &str = "[login.block_config]\nip_attempts_limit = 1000000\nuser_attempts_limit = 1000\n\
                      [login.policy]\nsecond_factor = \"never\"\n";

/// They have this now. A library with little time may not have it on a busy machine: then they ask once more.
async fn enrol(kit: &Kit, person: &Person, id: &str) {
    let person = kit.reread(person).await;
    for _ in 0..50 {
        let nothing = (json!({}), json!({}));
        match kit.app.engine.enrol_for(&person, id, nothing, &Origin::local("kit")).await {
            Ok(_) => return,
            Err(problem) => assert_eq!(problem.status, 503, "{problem:?}"),
        }
    }
    panic!("{id} enrols nobody");
}

/// Begins a login and asks for a challenge.
async fn asked(kit: &Kit, username: &str, id: &str) -> Reply {
    let body = json!({"transaction": kit.begin(username).await});
    kit.post(&format!("/auth/v1/login/{id}/challenge"), &body).await
}

/// A whole login, and whether it came as far as an answer: the first reply that is no challenge.
async fn tried(kit: &Kit, username: &str, id: &str, answer: Value) -> (bool, Reply) {
    let asked = asked(kit, username, id).await;
    match asked.status.as_u16() {
        200 => (true, kit.answer(&asked.str("transaction"), id, answer).await),
        _ => (false, asked),
    }
}
