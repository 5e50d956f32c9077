//! A library is used like what is linked: nobody can tell from outside.

use crate::stories::{
    admin::{ask, somebody},
    idaas,
};
use gatewright::Plugins;
use kit::{Call, Kit, KitBuilder, Login, PASSWORD, Reply, Store, cargo_library, code_sheet};
use serde_json::{Value, json};
use std::time::Duration;

const SHEET: &str = "code-sheet";
/// Enough for every step here; nobody is in the way.
const TRIES: &str = "[login.block_config]\nip_attempts_limit = 1000000\nuser_attempts_limit = 1000\n";

/// The key in a file, in a library instead of linked.
fn with_own_library(more: &str) -> KitBuilder {
    let library = cargo_library("own-authenticator-dylib");
    Kit::with(Store::Sqlite).plugins(Plugins::linked().without(kit::OWN)).library(kit::OWN, &library, more)
}

/// Somebody who has set it up, and what they saw.
struct Holder<'a> {
    kit: &'a Kit,
    id: &'a str,
    invitation: Value,
    reveal: Value,
}

impl<'a> Holder<'a> {
    async fn ada(kit: &'a Kit, id: &'a str) -> Self {
        kit.person("ada").await;
        let token = kit.login("ada").await.access_token;
        let invited = kit.post_as(&token, &format!("/auth/v1/enrol/{id}"), &json!({})).await.expect(200);
        let invitation = invited.json()["invitation"].clone();
        let it = kit.app.engine.catalogue().get(id).unwrap();
        let proof = it.prove(&invitation, kit.now()).await.expect("a proof");
        let body = json!({"transaction": invited.str("transaction"), "proof": proof});
        let path = format!("/auth/v1/enrol/{id}/complete");
        let done = kit.post_as(&token, &path, &body).await.expect(200);
        let reveal = done.json()["reveal"].clone();
        Self { kit, id, invitation, reveal }
    }

    async fn answer(&self, prompt: &Value) -> Value {
        let it = self.kit.app.engine.catalogue().get(self.id).unwrap();
        it.answer([&self.invitation, &self.reveal, prompt], self.kit.now(), 0).await.expect("an answer")
    }

    /// After the password: who is asked what.
    async fn challenged(&self) -> (String, Value) {
        let transaction = self.kit.begin("ada").await;
        let more = self.kit.answer(&transaction, "password", json!({"password": PASSWORD})).await.expect(200);
        assert_eq!(more.json()["status"], "more", "{}", more.text());
        let body = json!({"transaction": more.str("transaction")});
        let path = format!("/auth/v1/login/{}/challenge", self.id);
        let asked = self.kit.post(&path, &body).await.expect(200);
        (asked.str("transaction"), asked.json()["prompt"].clone())
    }

    async fn says(&self, transaction: &str, answer: Value) -> Reply {
        self.kit.answer(transaction, self.id, answer).await
    }
}

/// All that people do with a second factor, at every door.
async fn a_life_with(kit: &Kit, id: &str) {
    let ada = Holder::ada(kit, id).await;
    let (transaction, prompt) = ada.challenged().await;
    let login = Login::of(&ada.says(&transaction, ada.answer(&prompt).await).await);
    ada.says(&transaction, ada.answer(&prompt).await).await.expect(404);
    let mine = kit.get_as(&login.access_token, "/auth/v1/me/credentials").await.expect(200).json();
    let mine = mine.as_array().unwrap().iter().find(|c| c["authenticator"] == id).unwrap().clone();
    let details = if id == SHEET { json!({"left": 9}) } else { Value::Null };
    assert_eq!(mine["details"], details, "{mine}");

    at_the_idaas_door(&ada).await;
    what_breaks_the_schema(&ada).await;

    // An administrator gives it to somebody.
    let (_, boss) = somebody(kit, "default", "boss", true).await;
    let bob = kit.person("bob").await;
    let path = format!("/people/{}/credentials/{id}", bob.id);
    let given = ask(kit, &boss, "POST", &path, json!({"proof": {}})).await;
    match id {
        SHEET => assert_eq!(given.expect(201).json()["reveal"]["codes"].as_array().map(Vec::len), Some(10)),
        // Without the key nobody can answer the nonce that goes with it.
        _ => assert!(given.status.is_client_error(), "{}", given.text()),
    }
}

async fn at_the_idaas_door(ada: &Holder<'_>) {
    let (kit, id) = (ada.kit, ada.id);
    let more = idaas::step(kit, "PASSWORD", "ada", json!({}), json!({"response": PASSWORD})).await;
    let named = json!({"authToken": more.expect(200).str("token"), "secondFactorAuthenticator": id});
    let posed = idaas::challenge(kit, "PASSWORD_AND_SECONDFACTOR", "ada", named).await.expect(200);
    let answer = ada.answer(&posed.json()["challenge"]).await;
    let body = json!({"answer": answer, "secondFactorAuthenticator": id});
    let done = idaas::complete(kit, "PASSWORD_AND_SECONDFACTOR", &posed.str("token"), body).await.expect(200);
    assert_eq!(done.json()["authenticationCompleted"], true, "{id}: {}", done.text());
}

async fn what_breaks_the_schema(ada: &Holder<'_>) {
    let (transaction, prompt) = ada.challenged().await;
    let right = ada.answer(&prompt).await;
    let mut more = right.clone();
    more["administrator"] = json!(true);
    let key = right.as_object().unwrap().keys().next().unwrap().clone();
    for wrong in [json!({}), json!([]), json!({key.clone(): 7}), more] {
        let refused = ada.says(&transaction, wrong.clone()).await.expect(400);
        assert_eq!(refused.header("content-type"), Some("application/problem+json"), "{wrong}");
        assert!(!refused.str("detail").is_empty(), "{wrong}");
    }
    let begin = json!({"transaction": transaction, "begin": {"surprise": 1}});
    ada.kit.post(&format!("/auth/v1/login/{}/challenge", ada.id), &begin).await.expect(400);
    let large = json!({"transaction": transaction, "answer": {key: "9".repeat(2 << 20)}});
    let call = Call::post(&format!("/auth/v1/login/{}", ada.id)).json(&large);
    ada.kit.send(call).await.expect(413);
    // None of it was an attempt of the library's: the right answer is still good.
    Login::of(&ada.says(&transaction, right).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_life_with_one_in_rust_linked_or_not() {
    let linked = Kit::with(Store::Sqlite).config(TRIES).start().await;
    a_life_with(&linked, kit::OWN).await;
    a_life_with(&with_own_library("").config(TRIES).start().await, kit::OWN).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_life_with_one_in_c() {
    let kit = Kit::with(Store::Sqlite).config(TRIES).library(SHEET, &code_sheet(), "").start().await;
    a_life_with(&kit, SHEET).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_document_is_the_same_byte_for_byte() {
    let linked = Kit::memory().await;
    let library = with_own_library("").start().await;
    for path in
        ["/openapi.json", "/openapi.yaml", "/openapi/plugins/login.json", "/openapi/plugins/enrol.json"]
    {
        let (one, other) =
            (linked.get(path).await.expect(200).text(), library.get(path).await.expect(200).text());
        assert!(one.contains(kit::OWN), "{path}");
        assert!(one == other, "{path}: {}", difference(&one, &other));
    }
    // It is not the linked one that has answered.
    let of = |kit: &Kit| kit.app.engine.catalogue().get(kit::OWN).unwrap().generation().is_some();
    assert_eq!((of(&linked), of(&library)), (false, true));
}

/// Where two texts begin to differ.
fn difference(one: &str, other: &str) -> String {
    let at = one.bytes().zip(other.bytes()).take_while(|(a, b)| a == b).count();
    let part = |text: &str| text.chars().skip(at.saturating_sub(200)).take(400).collect::<String>();
    format!("{}\n---\n{}", part(one), part(other))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mistake_in_its_own_keys_is_told_with_its_line() {
    for (line, key, why) in [
        ("answer_seconds = 4", "answer_seconds", "at least 5"),
        ("answer_seconds = \"soon\"", "answer_seconds", "a whole number from 5 to 600"),
        ("answer_secs = 60", "answer_secs", "did you mean answer_seconds"),
        ("slots = 0", "slots", "at least 1"),
        ("mode = \"thread\"", "mode", "isolated"),
    ] {
        let builder = with_own_library(line);
        let Err(error) = builder.try_start().await else { panic!("{line}: it has started") };
        let error = error.to_string();
        let told = error.lines().find(|told| told.contains(&format!("plugins.hmac-key.{key}:")));
        let told = told.unwrap_or_else(|| panic!("{line}: {error}"));
        assert!(told.starts_with("test.toml:") && told.contains(why), "{told}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn its_own_keys_reach_it() {
    let kit = with_own_library("answer_seconds = 5\n").config(TRIES).start().await;
    let ada = Holder::ada(&kit, kit::OWN).await;
    let (transaction, prompt) = ada.challenged().await;
    kit.advance(Duration::from_secs(6));
    ada.says(&transaction, ada.answer(&prompt).await).await.expect(409);
}
