//! Somebody proves who they are with a code that is sent to them.

mod alike;
mod idaas;
mod link;
mod reset;

use gatewright_core::{Origin, Person, admin::PersonChange};
use kit::{Kit, KitBuilder, Login, Mail, PASSWORD, Reply, Store};
use serde_json::{Value, json};
use std::{sync::Arc, time::Duration};

/// Codes may come first and second.
const POLICY: &str = "[login.policy]\nfirst = [\"password\", \"otp\"]\nsecond = [\"totp\", \"otp\"]\n\
                      [plugins.otp]\ndeliveries = [\"email\", \"sms\", \"voice\"]\n";

fn builder(store: Store) -> KitBuilder {
    Kit::with(store).mailbox().config(POLICY)
}

/// The one message that has come.
async fn mail(kit: &Kit) -> Mail {
    let mut all = kit.mail().await;
    assert_eq!(all.len(), 1, "{all:?}");
    all.remove(0)
}

/// Somebody with a password and an address that is known to be theirs.
async fn somebody(kit: &Kit, username: &str) -> Person {
    let person = kit.person(username).await;
    with_address(kit, &person, &format!("{username}@example.org")).await
}

pub(super) async fn with_address(kit: &Kit, person: &Person, address: &str) -> Person {
    let origin = Origin::local("kit");
    let change = PersonChange {
        email: Some(Some(address.to_owned())),
        email_verified: Some(true),
        ..PersonChange::default()
    };
    let machine = kit.app.engine.at_the_machine(&origin);
    machine.change_person(&person.tenant, person.id, change).await.expect("an address")
}

/// A contact, as an administrator sets one up.
async fn with_contact(kit: &Kit, person: &Person, delivery: &str, value: &str) {
    let person = kit.reread(person).await;
    let invite = json!({"delivery": delivery, "value": value, "label": format!("my {delivery}")});
    let set = kit.app.engine.enrol_for(&person, "otp", (invite, json!({})), &Origin::local("kit")).await;
    set.expect("a contact");
}

async fn ask(kit: &Kit, transaction: &str, begin: Value) -> Reply {
    let body = json!({"transaction": transaction, "begin": begin});
    kit.post("/auth/v1/login/otp/challenge", &body).await
}

/// Somebody whose password is right and whose code is asked for.
async fn second(kit: &Kit, username: &str, begin: Value) -> Reply {
    let transaction = kit.begin(username).await;
    let more = kit.answer(&transaction, "password", json!({"password": PASSWORD})).await.expect(200);
    ask(kit, &more.str("transaction"), begin).await.expect(200)
}

async fn answer(kit: &Kit, asked: &Reply, code: &str) -> Reply {
    kit.answer(&asked.str("transaction"), "otp", json!({"code": code})).await
}

/// A code that is not this one.
fn other(code: &str) -> String {
    let first = if code.starts_with('1') { "2" } else { "1" };
    format!("{first}{}", &code[1..])
}

#[tokio::test]
async fn one_sets_up_an_address_with_a_code_and_is_asked_for_one_from_then_on() {
    for store in [Store::Memory, Store::Sqlite, Store::Postgres] {
        let kit = builder(store).start().await;
        kit.person("ann").await;
        let token = kit.login("ann").await.access_token;
        let invite = json!({"invite": {"delivery": "email", "value": " Ann@Example.org ", "label": "work"}});
        let asked = kit.post_as(&token, "/auth/v1/enrol/otp", &invite).await.expect(200);
        assert_eq!(asked.json()["invitation"]["to"], "A***@e***.org");
        let sent = mail(&kit).await;
        assert_eq!(
            (sent.channel, sent.to.as_str(), sent.template.as_str()),
            ("smtp", "Ann@example.org", "otp")
        );
        let code = sent.value("code");
        assert!(code.len() == 6 && !asked.text().contains(code));
        let prove = |code: &str| json!({"transaction": asked.str("transaction"), "proof": {"code": code}});
        kit.post("/auth/v1/enrol/otp/complete", &prove(&other(code))).await.expect(422);
        kit.post("/auth/v1/enrol/otp/complete", &prove(code)).await.expect(200);
        let list = kit.get_as(&token, "/auth/v1/me/credentials").await.expect(200).text();
        assert!(list.contains("A***@e***.org") && !list.contains("Ann@"), "{list}");

        let asked = second(&kit, "ann", json!({})).await;
        let prompt = &asked.json()["prompt"];
        assert_eq!((&prompt["delivery"], &prompt["to"]), (&json!("email"), &json!("A***@e***.org")));
        let code = mail(&kit).await.value("code").to_owned();
        answer(&kit, &asked, &other(&code)).await.expect(401);
        let done = Login::of(&answer(&kit, &asked, &format!(" {}-{} ", &code[..3], &code[3..])).await);
        assert_eq!(done.body["amr"], json!(["pwd", "otp", "mfa"]));
        answer(&kit, &asked, &code).await.expect(404);
    }
}

#[tokio::test]
async fn one_chooses_where_the_code_goes() {
    let kit = builder(Store::Memory).start().await;
    let ann = kit.person("ann").await;
    with_contact(&kit, &ann, "sms", "+43 660 123 456 78").await;
    with_contact(&kit, &ann, "email", "ann@example.org").await;
    let asked = second(&kit, "ann", json!({})).await;
    assert_eq!(asked.json()["prompt"]["choices"].as_array().map(Vec::len), Some(2));
    assert_eq!(mail(&kit).await.channel, "smtp", "the first way of the configuration");
    for begin in [json!({"delivery": "sms"}), json!({"contact": "my sms"})] {
        let asked = second(&kit, "ann", begin).await;
        assert_eq!(asked.json()["prompt"]["to"], "***78");
        let sent = mail(&kit).await;
        assert_eq!(
            (sent.channel, sent.to.as_str(), sent.value("kind")),
            ("sms-webhook", "+4366012345678", "sms")
        );
        let done = Login::of(&answer(&kit, &asked, sent.value("code")).await);
        assert_eq!(done.body["amr"], json!(["pwd", "sms", "mfa"]));
    }
    let transaction = kit.begin("ann").await;
    let more = kit.answer(&transaction, "password", json!({"password": PASSWORD})).await.expect(200);
    let handle = more.str("transaction");
    for begin in [
        json!({"delivery": "voice"}),
        json!({"contact": "nothing of mine"}),
        json!({"delivery": "pigeon"}),
        json!({"contact": "x".repeat(5000)}),
        json!({"delivery": "email", "unknown": 1}),
        json!([]),
    ] {
        ask(&kit, &handle, begin).await.expect(400);
    }
    assert!(kit.mail().await.is_empty());
}

#[tokio::test]
async fn a_code_is_good_for_one_person_in_one_login_for_five_minutes() {
    let kit = builder(Store::Memory).start().await;
    for name in ["ann", "bob"] {
        let person = kit.person(name).await;
        with_contact(&kit, &person, "email", &format!("{name}@example.org")).await;
    }
    let mut codes = Vec::new();
    let mut asked = Vec::new();
    for name in ["ann", "ann", "bob"] {
        asked.push(second(&kit, name, json!({})).await);
        codes.push(mail(&kit).await.value("code").to_owned());
    }
    let [first, second_login, bobs] = &asked[..] else { panic!("three") };
    answer(&kit, second_login, &codes[0]).await.expect(401);
    answer(&kit, bobs, &codes[0]).await.expect(401);
    // A new code ends the one before.
    let again = ask(&kit, &first.str("transaction"), json!({})).await.expect(200);
    let new = mail(&kit).await.value("code").to_owned();
    answer(&kit, first, &codes[0]).await.expect(404);
    answer(&kit, &again, &codes[0]).await.expect(401);
    answer(&kit, &again, &new).await.expect(200);
    // Too late.
    kit.advance(Duration::from_secs(299));
    answer(&kit, bobs, &codes[2]).await.expect(200);
    kit.advance(Duration::from_secs(2));
    let late = answer(&kit, second_login, &codes[1]).await.expect(409);
    assert_eq!(late.str("code"), "step_out_of_order");
}

#[tokio::test]
async fn what_is_no_code_is_refused() {
    let kit = builder(Store::Memory).start().await;
    let ann = kit.person("ann").await;
    with_contact(&kit, &ann, "email", "ann@example.org").await;
    let asked = second(&kit, "ann", json!({})).await;
    let code = mail(&kit).await.value("code").to_owned();
    for wrong in [String::new(), code[..5].to_owned(), format!("{code}0"), format!("{code}\0")] {
        answer(&kit, &asked, &wrong).await.expect(401);
    }
    for bad in [json!({"code": 123_456}), json!({}), json!({"code": [code]}), json!({"code": code, "x": 1})] {
        kit.answer(&asked.str("transaction"), "otp", bad).await.expect(400);
    }
    let huge = kit.answer(&asked.str("transaction"), "otp", json!({"code": "1".repeat(60_000)})).await;
    assert!(huge.status.is_client_error());
    for _ in 0..5 {
        answer(&kit, &asked, &other(&code)).await.expect(401);
    }
    // Ten wrong answers, whichever way: the login is over.
    answer(&kit, &asked, &code).await.expect(404);
}

#[tokio::test]
async fn a_contact_that_is_gone_proves_nothing() {
    let kit = builder(Store::Memory).start().await;
    let ann = kit.person("ann").await;
    with_contact(&kit, &ann, "email", "ann@example.org").await;
    with_contact(&kit, &ann, "sms", "+4366012345678").await;
    let asked = second(&kit, "ann", json!({})).await;
    let code = mail(&kit).await.value("code").to_owned();
    let held = kit.app.engine.credentials_of(&ann.tenant, ann.id).await.unwrap();
    let gone = held.iter().find(|c| c.label.as_deref() == Some("my email")).unwrap().id;
    let origin = Origin::local("kit");
    kit.app.engine.at_the_machine(&origin).remove_credential(&ann.tenant, ann.id, gone).await.unwrap();
    answer(&kit, &asked, &code).await.expect(401);
}

#[tokio::test]
async fn no_more_than_five_codes_are_sent_in_ten_minutes_and_nobody_sees_it() {
    let kit = builder(Store::Sqlite).start().await;
    let ann = kit.person("ann").await;
    with_contact(&kit, &ann, "email", "ann@example.org").await;
    for sent in [1, 1, 1, 1, 1, 0, 0] {
        let asked = ask(&kit, &kit.begin("ann").await, json!({})).await.expect(200);
        assert_eq!(asked.json()["prompt"], json!({"delivery": "email", "digits": 6, "life_seconds": 300}));
        assert_eq!(kit.mail().await.len(), sent);
    }
    // What strangers ask for does not use up what is asked for after the password.
    let asked = second(&kit, "ann", json!({})).await;
    let code = mail(&kit).await.value("code").to_owned();
    answer(&kit, &asked, &code).await.expect(200);
    kit.advance(Duration::from_secs(600));
    ask(&kit, &kit.begin("ann").await, json!({})).await.expect(200);
    mail(&kit).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_code_at_the_same_time_lets_exactly_one_in() {
    let kit = Arc::new(builder(Store::Sqlite).start().await);
    let ann = kit.person("ann").await;
    with_contact(&kit, &ann, "email", "ann@example.org").await;
    let asked = second(&kit, "ann", json!({})).await;
    let code = mail(&kit).await.value("code").to_owned();
    let tries = (0..10).map(|_| {
        let (kit, asked, code) = (kit.clone(), asked.clone(), code.clone());
        async move { answer(&kit, &asked, &code).await }
    });
    let replies = super::parallel::all(tries).await;
    assert_eq!(super::parallel::count(&replies, 200), 1, "{replies:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_requests_at_the_same_time_send_no_more_than_five_codes() {
    let kit = Arc::new(builder(Store::Sqlite).start().await);
    let ann = kit.person("ann").await;
    with_contact(&kit, &ann, "email", "ann@example.org").await;
    let tries = (0..20).map(|_| {
        let kit = kit.clone();
        async move { ask(&kit, &kit.begin("ann").await, json!({})).await }
    });
    let replies = super::parallel::all(tries).await;
    assert_eq!(super::parallel::count(&replies, 200), 20, "{replies:?}");
    let sent = kit.mail().await.len();
    assert!((1..=5).contains(&sent), "{sent}");
}

#[tokio::test]
async fn it_is_off_until_a_policy_turns_it_on() {
    let kit = Kit::with(Store::Memory).mailbox().start().await;
    let ann = somebody(&kit, "ann").await;
    with_contact(&kit, &ann, "email", "ann@example.org").await;
    ask(&kit, &kit.begin("ann").await, json!({})).await.expect(400);
    // Nor does it make a second factor due.
    kit.login("ann").await;
    let begun = kit.post("/auth/v1/login", &json!({"username": "ann", "purpose": "reset"})).await;
    assert_eq!(begun.expect(409).str("code"), "step_out_of_order");
    assert!(kit.mail().await.is_empty());
}
