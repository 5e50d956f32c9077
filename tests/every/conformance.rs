//! What every authenticator must do, whoever wrote it: read from the registry, chosen by its declared traits.
//! The shapes of `tests/kit/shapes` are in it, so that the contract itself is tested with every shape.

use gatewright::Plugins;
use gatewright_contract::{Body, Manifest};
use kit::{Kit, Reply, Store, shapes};
use serde_json::{Value, json};
use std::{ops::Deref, path::PathBuf, sync::Arc, time::Duration};

/// Every authenticator that says how a person would act: those that are linked, and the examples in libraries.
async fn rehearsable() -> Vec<Tested> {
    let kit = with_all("password", None, Store::Memory).await;
    let mut all = rehearsing(&kit, None);
    assert!(all.len() >= 6, "{:?}", all.iter().map(|m| &m.id).collect::<Vec<_>>());
    for library in kit::example_libraries() {
        let kit = with_all("password", Some(&library), Store::Memory).await;
        let mut of_it = rehearsing(&kit, Some(&library)).into_iter().filter(|t| t.id == library.0);
        all.push(of_it.next().expect("it rehearses"));
    }
    all
}

fn rehearsing(kit: &Kit, library: Option<&Library>) -> Vec<Tested> {
    let catalogue = kit.app.engine.catalogue();
    let manifests = catalogue.iter().map(|a| a.manifest().clone()).filter(|m| m.abilities.rehearse);
    manifests.map(|manifest| Tested { manifest, library: library.cloned() }).collect()
}

/// Id and file.
type Library = (&'static str, PathBuf);

/// One of them.
struct Tested {
    manifest: Manifest,
    library: Option<Library>,
}

impl Deref for Tested {
    type Target = Manifest;
    fn deref(&self) -> &Manifest {
        &self.manifest
    }
}

/// An app in which this authenticator alone is enough; where it is in a library, that takes the place of a linked one.
async fn with_all(id: &str, library: Option<&Library>, store: Store) -> Kit {
    let mut plugins = Plugins::linked();
    for registration in shapes::registrations() {
        plugins = plugins.with_authenticator(registration);
    }
    let policy = format!(
        "[login.policy]\nfirst = [\"password\", \"{id}\"]\nsecond_factor = \"never\"\n\
         [login.block_config]\nuser_attempts_limit = 1000\nip_attempts_limit = 100000\n\
         [login.session]\ntransaction_attempts = 100\n"
    );
    let builder = Kit::with(store).config(&policy);
    let builder = match library {
        Some((id, file)) => builder.plugins(plugins.without(id)).library(id, file, "timeout_ms = 20000\n"),
        None => builder.plugins(plugins),
    };
    builder.start().await
}

/// Somebody who has set it up.
struct Enrolled {
    kit: Kit,
    id: String,
    names_person: bool,
    invitation: Value,
    reveal: Value,
}

impl Enrolled {
    async fn new(tested: &Tested, store: Store) -> Self {
        let manifest = &tested.manifest;
        let kit = with_all(&manifest.id, tested.library.as_ref(), store).await;
        kit.person("ada").await;
        let token = kit.login("ada").await.access_token;
        let asked =
            kit.post_as(&token, &format!("/auth/v1/enrol/{}", manifest.id), &json!({})).await.expect(200);
        let invitation = asked.json()["invitation"].clone();
        let proof = plugin(&kit, &manifest.id).prove(&invitation, kit.now()).await.expect("a proof");
        let body = json!({"transaction": asked.str("transaction"), "proof": proof});
        let done =
            kit.post_as(&token, &format!("/auth/v1/enrol/{}/complete", manifest.id), &body).await.expect(200);
        let reveal = done.json()["reveal"].clone();
        // A code that finished the enrolment is used: the next one comes later.
        kit.advance(Duration::from_secs(61));
        let names_person = manifest.abilities.identify;
        Self { kit, id: manifest.id.clone(), names_person, invitation, reveal }
    }

    /// A login of somebody that has been asked.
    async fn asked(&self, username: &str) -> (String, Value) {
        let begin = if self.names_person { json!({}) } else { json!({"username": username}) };
        let transaction = self.kit.post("/auth/v1/login", &begin).await.expect(200).str("transaction");
        let path = format!("/auth/v1/login/{}/challenge", self.id);
        let reply = self.kit.post(&path, &json!({"transaction": transaction})).await.expect(200);
        (reply.str("transaction"), reply.json()["prompt"].clone())
    }

    async fn right(&self, prompt: &Value, turn: usize) -> Value {
        let plugin = plugin(&self.kit, &self.id);
        plugin
            .answer([&self.invitation, &self.reveal, prompt], self.kit.now(), turn)
            .await
            .expect("an answer")
    }

    async fn answer(&self, transaction: &str, answer: Value) -> Reply {
        self.kit.answer(transaction, &self.id, answer).await
    }

    async fn lookups(&self) -> Vec<String> {
        let engine = &self.kit.app.engine;
        let tenant = gatewright_contract::TenantId::default_tenant();
        let person = engine.find_person(&tenant, "ada").await.unwrap().expect("ada");
        let credentials = engine.store().credentials(&tenant, person.id).await.unwrap();
        credentials.into_iter().filter_map(|c| c.lookup).map(|key| key.0).collect()
    }

    /// Goes on through further rounds, if there are any.
    async fn finish(&self, mut reply: Reply) -> Reply {
        while reply.json()["status"] == "continue" {
            let (transaction, prompt) = (reply.str("transaction"), reply.json()["prompt"].clone());
            let next = self.right(&prompt, 0).await;
            reply = self.answer(&transaction, next).await;
        }
        reply
    }
}

fn plugin(kit: &Kit, id: &str) -> Arc<dyn gatewright_contract::DynAuthenticator> {
    kit.app.engine.catalogue().get(id).expect("it is there")
}

fn is_in(reply: &Reply) -> bool {
    reply.status.as_u16() == 200
        && matches!(reply.json()["status"].as_str(), Some("done" | "continue" | "more"))
}

#[tokio::test]
async fn who_has_set_it_up_gets_in_and_a_single_use_answer_works_once() {
    for manifest in rehearsable().await {
        let ada = Enrolled::new(&manifest, Store::Sqlite).await;
        let (transaction, prompt) = ada.asked("ada").await;
        let right = ada.right(&prompt, 0).await;
        let reply = ada.answer(&transaction, right.clone()).await;
        let reply = ada.finish(reply).await;
        assert_eq!(reply.json()["status"], "done", "{}: {}", manifest.id, reply.text());
        assert_eq!(reply.json()["person"]["username"], "ada", "{}", manifest.id);
        ada.answer(&transaction, right.clone()).await.expect(404);
        if manifest.traits.single_use {
            let (transaction, _) = ada.asked("ada").await;
            let again = ada.answer(&transaction, right).await;
            assert!(!is_in(&again), "{}: an answer worked twice", manifest.id);
        }
    }
}

#[tokio::test]
async fn an_answer_lets_in_nobody_else() {
    for manifest in rehearsable().await.iter().filter(|m| !m.abilities.identify) {
        let ada = Enrolled::new(manifest, Store::Memory).await;
        ada.kit.person("grace").await;
        for name in ["grace", "nobody"] {
            let (_, prompt) = ada.asked("ada").await;
            let right = ada.right(&prompt, 0).await;
            let (transaction, _) = ada.asked(name).await;
            let reply = ada.answer(&transaction, right).await;
            // Several rounds may end in one refusal.
            let reply = ada.finish(reply).await;
            // A password is everybody's to choose: both chose the one of the kit.
            if !(manifest.id == "password" && name == "grace") {
                assert_eq!(reply.status.as_u16(), 401, "{} as {name}: {}", manifest.id, reply.text());
            }
        }
    }
}

#[tokio::test]
async fn a_prompt_does_not_say_whether_somebody_is_there() {
    for manifest in rehearsable().await.iter().filter(|m| !m.abilities.identify) {
        let ada = Enrolled::new(manifest, Store::Memory).await;
        let (_, known) = ada.asked("ada").await;
        let (_, unknown) = ada.asked("nobody").await;
        assert_eq!(shape(&known), shape(&unknown), "{}: {known} {unknown}", manifest.id);
    }
}

#[tokio::test]
async fn whatever_is_answered_it_is_no_fault_and_no_way_in() {
    for manifest in rehearsable().await {
        let ada = Enrolled::new(&manifest, Store::Memory).await;
        let (_, prompt) = ada.asked("ada").await;
        for wrong in spoiled(&ada.right(&prompt, 0).await) {
            let (transaction, _) = ada.asked("ada").await;
            let reply = ada.answer(&transaction, wrong.clone()).await;
            let reply = ada.finish(reply).await;
            let shown = wrong.to_string().chars().take(120).collect::<String>();
            assert!(
                reply.status.is_client_error(),
                "{}: {shown} → {} {}",
                manifest.id,
                reply.status,
                reply.text()
            );
        }
        let (transaction, prompt) = ada.asked("ada").await;
        let right = ada.right(&prompt, 0).await;
        let reply = ada.answer(&transaction, right).await;
        assert!(is_in(&reply), "{}: the right answer no longer works: {}", manifest.id, reply.text());
    }
}

#[tokio::test]
async fn nothing_that_a_person_was_shown_is_readable_in_the_store() {
    for manifest in rehearsable().await {
        let ada = Enrolled::new(&manifest, Store::Sqlite).await;
        let mut shown = Vec::new();
        texts(&ada.invitation, &mut shown);
        texts(&ada.reveal, &mut shown);
        let (_, prompt) = ada.asked("ada").await;
        texts(&ada.right(&prompt, 0).await, &mut shown);
        // The name under which a credential is found can't be sealed, and is no secret.
        let lookups = ada.lookups().await;
        let mut stored = Vec::new();
        for file in std::fs::read_dir(ada.kit.folder.path()).unwrap() {
            stored.extend(std::fs::read(file.unwrap().path()).unwrap());
        }
        for text in
            shown.iter().filter(|t| t.len() >= 10 && t.len() < 200 && !lookups.iter().any(|l| l.contains(*t)))
        {
            let found = stored.windows(text.len()).any(|w| w == text.as_bytes());
            assert!(!found, "{}: {text:?} is in the store in clear", manifest.id);
        }
    }
}

#[tokio::test]
async fn every_manifest_says_what_it_must() {
    let library = kit::example_libraries().into_iter().next_back();
    let kit = with_all("password", library.as_ref(), Store::Memory).await;
    for authenticator in kit.app.engine.catalogue().iter() {
        let m = authenticator.manifest();
        assert!(!m.traits.amr.is_empty(), "{}: no amr (RFC 8176)", m.id);
        assert!(m.about.starts_with("# "), "{}: its README has no title", m.id);
        for (key, property) in m.schemas.config["properties"].as_object().into_iter().flatten() {
            assert!(property["description"].is_string(), "{}: the setting {key} is not explained", m.id);
            assert!(
                m.schemas.config_default.get(key).is_some(),
                "{}: the setting {key} has no default",
                m.id
            );
        }
        let migrated = authenticator.migrate(m.document_version + 1, Body(json!({}))).await;
        assert!(migrated.is_err(), "{}: takes documents of the future", m.id);
    }
}

/// The right answer with one thing after the other made wrong.
fn spoiled(right: &Value) -> Vec<Value> {
    let mut all = vec![json!(null), json!([]), json!("text"), json!(7), nested(100)];
    for (key, value) in right.as_object().into_iter().flatten() {
        let mut put = |other: Value| {
            let mut copy = right.clone();
            copy[key] = other;
            all.push(copy);
        };
        put(json!({"an": "object"}));
        put(json!(-1.5e300));
        put(nested(50));
        if let Value::String(text) = value {
            put(json!(""));
            put(json!("\0"));
            put(json!(format!("{text}\0")));
            put(json!("x".repeat(60_000)));
            put(json!("é\u{202e}\u{feff}"));
            put(json!(changed(text)));
        }
        let mut without = right.clone();
        without.as_object_mut().expect("an object").remove(key);
        all.push(without);
    }
    all
}

/// The text with its first letter or digit changed for another of the same sort.
fn changed(text: &str) -> String {
    let other = |c: char| match c {
        '0'..='8' => char::from_u32(c as u32 + 1).unwrap_or('0'),
        '9' => '0',
        'a'..='y' | 'A'..='Y' => char::from_u32(c as u32 + 1).unwrap_or('a'),
        'z' => 'a',
        _ => 'B',
    };
    let mut chars = text.chars();
    chars.next().map(other).into_iter().chain(chars).collect()
}

fn nested(depth: usize) -> Value {
    (0..depth).fold(json!(0), |inner, _| json!([inner]))
}

fn shape(value: &Value) -> Value {
    match value {
        Value::Object(map) => map.iter().map(|(k, v)| (k.clone(), shape(v))).collect(),
        Value::Array(items) => json!({"items": items.len(), "of": items.first().map(shape)}),
        // Words for people (a question of a list) may be any of several.
        Value::String(text) if text.contains(' ') => json!("words"),
        Value::String(text) => json!({"text": text.len()}),
        Value::Number(_) => json!("number"),
        Value::Bool(_) => json!("bool"),
        Value::Null => json!("null"),
    }
}

fn texts(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::String(text) => found.push(text.clone()),
        Value::Array(items) => items.iter().for_each(|v| texts(v, found)),
        Value::Object(map) => map.values().for_each(|v| texts(v, found)),
        _ => {}
    }
}
