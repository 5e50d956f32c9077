//! People who log in with a key instead of a word.

mod login;
mod manage;
mod refusals;
mod second;

use authenticator_passkey::soft::Key;
use kit::{Kit, KitBuilder, Login, Reply, Store};
use serde_json::{Value, json};

pub(super) const ORIGIN: &str = "https://id.example";
const CHALLENGE: &str = "/auth/v1/login/passkey/challenge";

/// A tenant that is found at [`ORIGIN`].
pub(super) fn at_site(store: Store) -> KitBuilder {
    Kit::with(store).config(&format!("[login.site]\nurl = \"{ORIGIN}\"\n"))
}

async fn kit() -> Kit {
    at_site(Store::Sqlite).start().await
}

/// Finishes what the session asks for: sets up this key.
pub(super) async fn enrol(kit: &Kit, token: &str, key: &mut Key, label: &str) -> Reply {
    let asked =
        kit.post_as(token, "/auth/v1/enrol/passkey", &json!({"invite": {"label": label}})).await.expect(200);
    let proof = json!({"credential": key.register(&asked.json()["invitation"])});
    let body = json!({"transaction": asked.str("transaction"), "proof": proof});
    kit.post_as(token, "/auth/v1/enrol/passkey/complete", &body).await
}

/// Somebody with a password and this key.
pub(super) async fn person(kit: &Kit, name: &str) -> Key {
    kit.person(name).await;
    let mut key = Key::es256(ORIGIN);
    enrol(kit, &kit.login(name).await.access_token, &mut key, "Laptop").await.expect(200);
    key
}

/// Begins, with a name or without, and asks for a challenge: transaction and prompt.
async fn asked(kit: &Kit, begin: Value) -> (String, Value) {
    let transaction = kit.post("/auth/v1/login", &begin).await.expect(200).str("transaction");
    challenged(kit, &transaction).await
}

async fn challenged(kit: &Kit, transaction: &str) -> (String, Value) {
    let posed = kit.post(CHALLENGE, &json!({"transaction": transaction})).await.expect(200);
    (posed.str("transaction"), posed.json()["prompt"].clone())
}

async fn answer(kit: &Kit, transaction: &str, credential: Value) -> Reply {
    kit.answer(transaction, "passkey", json!({"credential": credential})).await
}

/// A whole login without a name.
async fn log_in(kit: &Kit, key: &mut Key) -> Login {
    let (transaction, prompt) = asked(kit, json!({})).await;
    Login::of(&answer(kit, &transaction, key.assert(&prompt)).await)
}
