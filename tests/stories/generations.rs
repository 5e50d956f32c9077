//! An authenticator is replaced while people log in with it.

mod documents;
mod unopened;

use super::{
    idaas::{challenge, complete},
    parallel::{all, count},
};
use gatewright_contract::TenantId;
use gatewright_core::{Origin, audit::Filter};
use kit::{Kit, Login, Reply, Store, generation::Generation, shapes::edition};
use serde_json::{Value, json};
use std::sync::Arc;

const WORD: &str = "north";

/// None is in the way of many at once.
const LIMITS: &str = "[login.block_config]\nip_attempts_limit = 100000\nuser_attempts_limit = 1000\n";
/// One wrong answer locks.
const STRICT: &str = "[login.block_config]\nuser_attempts_limit = 1\n";

/// With the first edition, and Ada, who has a word and a password.
async fn kit(store: Store, config: &str) -> Kit {
    let kit = Kit::with(store).authenticator(edition::registration()).config(config).start().await;
    let ada = kit.person("ada").await;
    word(&kit, "ada").await;
    assert_eq!(ada.username, "ada");
    kit
}

async fn word(kit: &Kit, username: &str) {
    let person = kit.app.engine.find_person(&TenantId::default_tenant(), username).await.unwrap().unwrap();
    let chosen = (json!({}), json!({"word": WORD}));
    kit.app.engine.enrol_for(&person, "edition", chosen, &Origin::local("kit")).await.unwrap();
}

fn swap<const N: u32>(kit: &Kit, name: &str) {
    kit.app.swap(edition::generation::<N>(kit.now(), name)).unwrap();
}

/// Begins and asks: the handle and the prompt.
async fn asked_as(kit: &Kit, username: &str, begin: Value) -> (String, Value) {
    let body = json!({"transaction": kit.begin(username).await, "begin": begin});
    let asked = kit.post("/auth/v1/login/edition/challenge", &body).await.expect(200);
    (asked.str("transaction"), asked.json()["prompt"].clone())
}

async fn asked_with(kit: &Kit, begin: Value) -> (String, Value) {
    asked_as(kit, "ada", begin).await
}

async fn asked(kit: &Kit) -> (String, Value) {
    asked_with(kit, json!({})).await
}

async fn says(kit: &Kit, transaction: &str, word: &str) -> Reply {
    kit.answer(transaction, "edition", json!({"word": word})).await
}

/// A whole login; who has asked.
async fn login(kit: &Kit) -> Value {
    let (transaction, prompt) = asked(kit).await;
    Login::of(&says(kit, &transaction, WORD).await);
    prompt["edition"].clone()
}

/// What Ada's credential says about itself: edition and uses.
async fn document(kit: &Kit) -> Value {
    let ada = kit.app.engine.find_person(&TenantId::default_tenant(), "ada").await.unwrap().unwrap();
    let all = kit.app.engine.credentials_of(&ada.tenant, ada.id).await.unwrap();
    all.into_iter().find(|c| c.authenticator == "edition").unwrap().details
}

/// Told to ask anew, in words.
#[track_caller]
fn must_ask_anew(reply: &Reply) {
    assert_eq!(reply.status.as_u16(), 409, "{}", reply.text());
    let problem = reply.json();
    assert_eq!(problem["code"], "step_out_of_order", "{problem}");
    assert!(problem["detail"].as_str().unwrap().contains("Ask anew"), "{problem}");
}

#[tokio::test]
async fn what_was_begun_on_the_old_ends_on_it_and_the_rest_goes_to_the_new() {
    let kit = kit(Store::Sqlite, "").await;
    assert_eq!(login(&kit).await, 1);
    let (begun, prompt) = asked(&kit).await;
    let (typed_wrong, _) = asked(&kit).await;
    swap::<2>(&kit, "two");
    assert_eq!(prompt["edition"], 1);
    says(&kit, &typed_wrong, "south").await.expect(401);
    Login::of(&says(&kit, &begun, WORD).await);
    // The credential is still the old one's, and the new one reads it and brings it along.
    assert_eq!(login(&kit).await, 2);
    assert_eq!(document(&kit).await, json!({"edition": 2, "uses": 3}));
}

#[tokio::test]
async fn an_enrolment_begun_on_the_old_ends_on_it() {
    let kit = kit(Store::Memory, "").await;
    let token = kit.login("ada").await.access_token;
    let invited = kit.post_as(&token, "/auth/v1/enrol/edition", &json!({})).await.expect(200);
    let forgotten = kit.post_as(&token, "/auth/v1/enrol/edition", &json!({})).await.expect(200);
    let finish = async |invited: &Reply| {
        let body = json!({"transaction": invited.str("transaction"), "proof": {"word": "west"}});
        kit.post_as(&token, "/auth/v1/enrol/edition/complete", &body).await
    };
    swap::<2>(&kit, "two");
    finish(&invited).await.expect(200);
    assert_eq!(kit.app.engine.catalogue().get("edition").unwrap().generation(), Some("two"));
    let (transaction, _) = asked(&kit).await;
    Login::of(&says(&kit, &transaction, "west").await);
    assert_eq!(document(&kit).await, json!({"edition": 2, "uses": 1}));
    // Migrated since: the old one must not put another in its place.
    must_ask_anew(&finish(&forgotten).await);
    kit.app.engine.forget("edition", Some("one"));
    must_ask_anew(&finish(&forgotten).await);
    assert_eq!(document(&kit).await, json!({"edition": 2, "uses": 1}));
}

#[tokio::test]
async fn a_step_of_one_that_is_gone_is_asked_anew_and_counts_for_nothing() {
    let kit = kit(Store::Memory, STRICT).await;
    let (transaction, _) = asked(&kit).await;
    swap::<2>(&kit, "two");
    kit.app.engine.forget("edition", Some("one"));
    for word in [WORD, "south"] {
        must_ask_anew(&says(&kit, &transaction, word).await);
    }
    let body = json!({"transaction": transaction});
    let again = kit.post("/auth/v1/login/edition/challenge", &body).await.expect(200);
    assert_eq!(again.json()["prompt"]["edition"], 2);
    Login::of(&says(&kit, &again.str("transaction"), WORD).await);
    // One wrong answer would have been enough.
    says(&kit, &asked(&kit).await.0, "south").await.expect(401);
    says(&kit, &asked(&kit).await.0, WORD).await.expect(401);
}

#[tokio::test]
async fn a_document_that_the_new_one_has_migrated_is_not_touched_by_the_old() {
    let kit = kit(Store::Sqlite, STRICT).await;
    let (transaction, _) = asked(&kit).await;
    swap::<2>(&kit, "two");
    assert_eq!(login(&kit).await, 2);
    for word in [WORD, "south"] {
        must_ask_anew(&says(&kit, &transaction, word).await);
    }
    assert_eq!(document(&kit).await, json!({"edition": 2, "uses": 1}));
    let body = json!({"transaction": transaction});
    let again = kit.post("/auth/v1/login/edition/challenge", &body).await.expect(200).str("transaction");
    Login::of(&says(&kit, &again, WORD).await);
}

#[tokio::test]
async fn a_document_newer_than_the_plugin_is_refused_and_stays() {
    let kit = kit(Store::Sqlite, STRICT).await;
    swap::<2>(&kit, "two");
    assert_eq!(login(&kit).await, 2);
    // Somebody puts the old version back.
    swap::<1>(&kit, "three");
    // Left out of a login, as if there were none; other ways in are as they were.
    asked(&kit).await;
    kit.login("ada").await;
    assert_eq!(document(&kit).await, Value::Null);
    swap::<2>(&kit, "four");
    assert_eq!(document(&kit).await, json!({"edition": 2, "uses": 1}));
    assert_eq!(login(&kit).await, 2);
}

#[tokio::test]
async fn an_event_finds_the_one_that_waits_for_it() {
    let kit = kit(Store::Memory, "").await;
    let (old, prompt) = asked_with(&kit, json!({"rings": true})).await;
    swap::<2>(&kit, "two");
    let (new, newer) = asked_with(&kit, json!({"rings": true})).await;
    let pending = kit.answer(&old, "edition", json!({})).await.expect(200).json();
    assert_eq!(pending["status"], "pending");
    for event in [&newer, &prompt] {
        kit.post("/auth/v1/callback/edition", event).await.expect(202);
    }
    Login::of(&says(&kit, &old, WORD).await);
    Login::of(&says(&kit, &new, WORD).await);
    // The new one can't tell, and nothing waits on the old one: whoever sent it must send it again.
    let torn = json!({"edition": 1, "ticket": edition::TORN});
    kit.post("/auth/v1/callback/edition", &torn).await.expect(503);
    let of_nobody = json!({"edition": 9, "ticket": "00"});
    kit.post("/auth/v1/callback/edition", &of_nobody).await.expect(400);
}

#[tokio::test]
async fn an_event_for_one_that_is_gone_is_noted() {
    let kit = kit(Store::Memory, "").await;
    let (old, _) = asked_with(&kit, json!({"rings": true})).await;
    // A newer one that understands the same events.
    swap::<1>(&kit, "two");
    kit.app.engine.forget("edition", Some("one"));
    must_ask_anew(&kit.answer(&old, "edition", json!({})).await);
    let (_, prompt) = asked_with(&kit, json!({"rings": true})).await;
    swap::<1>(&kit, "three");
    kit.app.engine.forget("edition", Some("two"));
    kit.post("/auth/v1/callback/edition", &prompt).await.expect(202);
    let tenant = TenantId::default_tenant();
    let lines = kit.app.engine.store().audit(&tenant, &Filter::default(), 10).await.unwrap();
    let line = lines.iter().find(|l| l.event.kind == "login.signal").unwrap();
    assert_eq!(line.event.outcome, "superseded");
}

#[tokio::test]
async fn the_idaas_door_goes_the_same_way() {
    let kit = kit(Store::Memory, STRICT).await;
    let ask = async || challenge(&kit, "edition", "ada", json!({})).await.expect(200);
    let answer = async |token: &str, word: &str| {
        complete(&kit, "edition", token, json!({"answer": {"word": word}})).await
    };
    let (begun, late) = (ask().await, ask().await);
    swap::<2>(&kit, "two");
    assert_eq!(begun.json()["challenge"]["edition"], 1);
    let done = answer(&begun.str("token"), WORD).await.expect(200);
    assert_eq!(done.json()["authenticationCompleted"], true, "{}", done.text());
    let new = ask().await;
    assert_eq!(new.json()["challenge"]["edition"], 2);
    answer(&new.str("token"), WORD).await.expect(200);
    for gone in [false, true] {
        if gone {
            kit.app.engine.forget("edition", Some("one"));
        }
        let stale = answer(&late.str("token"), WORD).await.expect(400);
        assert_eq!(stale.str("errorCode"), "step_out_of_order");
        assert!(stale.str("errorMessage").contains("Ask anew"), "{}", stale.text());
    }
    let again = challenge(&kit, "edition", "ada", json!({"authToken": late.str("token")})).await.expect(200);
    answer(&again.str("token"), WORD).await.expect(200);
}

#[tokio::test]
async fn the_document_follows() {
    let kit = kit(Store::Memory, "").await;
    let tag = async || kit.get("/openapi.json").await.expect(200).header("etag").unwrap().to_owned();
    let old = tag().await;
    assert!(kit.get("/openapi/plugins/login.json").await.text().contains("Generation one."));
    swap::<2>(&kit, "two");
    assert_ne!(tag().await, old);
    for path in ["/openapi.json", "/openapi.yaml", "/openapi/plugins/login.json"] {
        let text = kit.get(path).await.expect(200).text();
        assert!(text.contains("Generation two.") && !text.contains("Generation one."), "{path}");
    }
    assert_eq!(kit.get("/openapi.json").await.json(), *kit.app.document());
    assert_eq!(gatewright_openapi::lint(&kit.app.document()), []);
    let wrong = kit.send(kit::Call::new("DELETE", "/auth/v1/login/edition")).await.expect(405);
    assert_eq!(wrong.header("allow"), Some("POST"));
}

/// A plugin that was not there when the host started.
#[tokio::test]
async fn one_more_authenticator_gets_its_routes() {
    let kit = Kit::memory().await;
    kit.person("ada").await;
    kit.post("/auth/v1/enrol/edition", &json!({})).await.expect(404);
    swap::<1>(&kit, "one");
    let token = kit.login("ada").await.access_token;
    let invited = kit.post_as(&token, "/auth/v1/enrol/edition", &json!({})).await.expect(200);
    let body = json!({"transaction": invited.str("transaction"), "proof": {"word": WORD}});
    kit.post_as(&token, "/auth/v1/enrol/edition/complete", &body).await.expect(200);
    assert_eq!(login(&kit).await, 1);
}

#[tokio::test]
async fn one_that_clashes_leaves_the_old_serving() {
    let kit = kit(Store::Memory, "").await;
    let (begun, _) = asked(&kit).await;
    let (document, tag) =
        (kit.app.document(), kit.get("/openapi.json").await.header("etag").map(str::to_owned));
    // Its answer would be called as another one's challenge is.
    let clash = Generation::called(edition::generation::<2>(kit.now(), "x"), "edition-challenge", "two");
    let errors = kit.app.swap(clash).unwrap_err();
    assert!(errors.iter().any(|e| e.to_string().contains("login_edition_challenge")), "{errors:?}");
    assert!(kit.app.engine.catalogue().get("edition-challenge").is_err());
    assert!(Arc::ptr_eq(&document, &kit.app.document()));
    assert_eq!(kit.get("/openapi.json").await.header("etag").map(str::to_owned), tag);
    Login::of(&says(&kit, &begun, WORD).await);
    kit.app.recompose().unwrap();
    assert_eq!(*document, *kit.app.document());
}

/// Two versions take turns while many log in; each login ends on the one that it began on.
#[tokio::test(flavor = "multi_thread")]
async fn nobody_notices_ten_swaps() {
    let kit = Arc::new(kit(Store::Sqlite, LIMITS).await);
    let names: Vec<String> = (0..40).map(|n| format!("bob{n}")).collect();
    for name in &names {
        kit.person_without_password(name).await;
        word(&kit, name).await;
    }
    let logins = names.into_iter().map(|name| {
        let kit = kit.clone();
        async move {
            let mut last = None;
            for _ in 0..5 {
                let (transaction, _) = asked_as(&kit, &name, json!({})).await;
                tokio::task::yield_now().await;
                last = Some(says(&kit, &transaction, WORD).await.expect(200));
            }
            last.unwrap()
        }
    });
    let swapping = async {
        for turn in 0..10 {
            swap::<1>(&kit, if turn % 2 == 0 { "two" } else { "one" });
            tokio::task::yield_now().await;
        }
    };
    let (replies, ()) = tokio::join!(all(logins), swapping);
    assert_eq!(count(&replies, 200), 40, "{replies:?}");
    assert_eq!(kit.app.engine.catalogue().generations("edition").count(), 2);
}

/// The node that asked has the new version, the other one not yet.
#[tokio::test(flavor = "multi_thread")]
async fn another_node_that_has_not_followed_yet_says_so() {
    let one = kit(Store::Postgres, "").await;
    let two = one.second_node().await;
    let (begun, _) = asked(&two).await;
    swap::<2>(&one, "two");
    Login::of(&says(&one, &begun, WORD).await);
    let (transaction, prompt) = asked(&one).await;
    assert_eq!(prompt["edition"], 2);
    must_ask_anew(&says(&two, &transaction, WORD).await);
    swap::<2>(&two, "two");
    Login::of(&says(&two, &transaction, WORD).await);
}
