//! Somebody holds a token that counts, a card with cells, or the answers to questions.

mod grid;
mod hotp;
mod import;
mod kba;

use gatewright_contract::testing::ready;
use kit::{Kit, PASSWORD, Reply};
use serde_json::{Value, json};

/// Limits that the tries of these stories never reach.
const MANY_TRIES: &str = "[login.block_config]\nip_attempts_limit = 100000\nuser_attempts_limit = 1000\n\
                          [login.session]\ntransaction_attempts = 100\n";

/// What somebody was shown when it was set up.
struct Holds {
    id: &'static str,
    invitation: Value,
    reveal: Value,
}

impl Holds {
    /// Sets it up over HTTP, in a fresh session.
    async fn new(kit: &Kit, token: &str, id: &'static str) -> Self {
        let invited = kit.post_as(token, &format!("/auth/v1/enrol/{id}"), &json!({})).await.expect(200);
        let invitation = invited.json()["invitation"].clone();
        let proof = kit.app.engine.catalogue().get(id).unwrap().prove(&invitation, kit.now()).await.unwrap();
        let body = json!({"transaction": invited.str("transaction"), "proof": proof});
        let done = kit.post_as(token, &format!("/auth/v1/enrol/{id}/complete"), &body).await.expect(200);
        Self { id, invitation, reveal: done.json()["reveal"].clone() }
    }

    /// What the person answers to a prompt, `turn` answers later.
    fn says(&self, kit: &Kit, prompt: &Value, turn: usize) -> Value {
        let plugin = kit.app.engine.catalogue().get(self.id).unwrap();
        ready(plugin.answer([&self.invitation, &self.reveal, prompt], kit.now(), turn)).unwrap()
    }
}

/// Somebody with a password and this.
async fn with(kit: &Kit, username: &str, id: &'static str) -> Holds {
    kit.person(username).await;
    let token = kit.login(username).await.access_token;
    Holds::new(kit, &token, id).await
}

/// After the password, where something else is due.
async fn second(kit: &Kit, username: &str) -> String {
    let transaction = kit.begin(username).await;
    let reply = kit.answer(&transaction, "password", json!({"password": PASSWORD})).await.expect(200);
    assert_eq!(reply.json()["status"], "more", "{}", reply.text());
    reply.str("transaction")
}

/// Asks for a challenge.
async fn asked(kit: &Kit, transaction: &str, id: &str) -> (String, Value) {
    let body = json!({"transaction": transaction});
    let reply = kit.post(&format!("/auth/v1/login/{id}/challenge"), &body).await.expect(200);
    (reply.str("transaction"), reply.json()["prompt"].clone())
}

/// Status and body: all that a caller sees of a refusal.
fn seen(reply: &Reply) -> (u16, String) {
    (reply.status.as_u16(), reply.text())
}
