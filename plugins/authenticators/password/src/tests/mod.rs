#![allow(clippy::unwrap_used)]

use crate::{Config, Credential, Password, authenticator::Answer};
use gatewright_contract::{
    Authenticator as _, Call, CredentialChange, CredentialId, Enrol as _, Enrolment, Fault, Held, Nothing,
    Outcome, Purpose, Refusal, Scope, Secret, Timestamp,
    testing::{self, Desk, ready},
};
use serde_json::{Value, json};
use std::{sync::Arc, time::Duration};

const NOW: Timestamp = Timestamp::from_secs(1_772_366_400);
const DAY: Duration = Duration::from_secs(86_400);
const CHEAP: Config = Config {
    memory_kib: 1024,
    iterations: 1,
    parallelism: 1,
    min_characters: 8,
    service_words: Vec::new(),
    max_age_days: None,
    history: 0,
};

fn made(config: Config) -> Password {
    Password::new(config, Arc::new(Desk::scattered(NOW))).unwrap()
}

fn scope(purpose: Purpose, now: Timestamp) -> Scope {
    Scope { purpose, now, ..testing::scope(NOW, Some("ann")) }
}

fn held(doc: &Credential) -> Held<Credential> {
    let id = CredentialId::from_parts(NOW, [1; 10]);
    Held { id, label: None, created: NOW, last_used: None, doc: doc.clone() }
}

/// Sets a password in the place of the old one; the codes of the rules that were broken.
fn set(
    plugin: &Password,
    scope: &Scope,
    old: Option<&Credential>,
    proof: Value,
) -> Result<Result<Credential, Vec<String>>, Fault> {
    let credentials: Vec<_> = old.into_iter().map(held).collect();
    let body = (Nothing {}, serde_json::from_value(proof).unwrap());
    Ok(match ready(plugin.enrol(Call { scope, credentials: &credentials, body }))? {
        Enrolment::Enrolled { credential, .. } => Ok(credential),
        Enrolment::Rejected(broken) => Err(broken.into_iter().map(|v| v.code).collect()),
        Enrolment::Pending { .. } => panic!("waits"),
    })
}

fn first(plugin: &Password, password: &str) -> Credential {
    let proof = json!({"password": password});
    set(plugin, &scope(Purpose::Enrol, NOW), None, proof).unwrap().unwrap()
}

fn chosen(plugin: &Password, old: &Credential, password: &str) -> Result<Credential, Vec<String>> {
    set(plugin, &scope(Purpose::Enrol, NOW), Some(old), json!({"password": password})).unwrap()
}

/// Whether it is right, and whether for the last time.
fn login(plugin: &Password, doc: &Credential, password: &str, now: Timestamp) -> Option<bool> {
    let answer = Answer { password: Secret::new(password.to_owned()) };
    let (scope, credentials) = (scope(Purpose::Login, now), [held(doc)]);
    let call = Call { scope: &scope, credentials: &credentials, body: (Nothing {}, answer) };
    match ready(plugin.verify(call)).unwrap().outcome {
        Outcome::Accepted(accepted) => Some(accepted.renew),
        Outcome::Refused(Refusal::Wrong) => None,
        _ => panic!("neither yes nor no"),
    }
}

const WORDS: [&str; 4] =
    ["plum-Orbit 42 lantern", "quince-Ladder 77 harbour", "medlar-Anvil 13 meadow", "damson-Pulley 9 quay"];

#[test]
fn without_a_limit_a_password_stays_good_and_with_one_it_is_right_once_more() {
    let late = NOW.plus(DAY * 90);
    let doc = first(&made(CHEAP), WORDS[0]);
    assert_eq!(login(&made(CHEAP), &doc, WORDS[0], NOW.plus(DAY * 3_650)), Some(false));
    let aging = made(Config { max_age_days: Some(90), ..CHEAP });
    assert_eq!(login(&aging, &doc, WORDS[0], NOW.plus(DAY * 90 - Duration::from_secs(1))), Some(false));
    assert_eq!(login(&aging, &doc, WORDS[0], late), Some(true));
    assert_eq!(login(&aging, &doc, "wrong", late), None);
    // The same one again would be no change.
    let again = set(&aging, &scope(Purpose::Login, late), Some(&doc), json!({"password": WORDS[0]})).unwrap();
    assert_eq!(again.unwrap_err(), ["used_before"]);
    let new = set(&aging, &scope(Purpose::Login, late), Some(&doc), json!({"password": WORDS[1]})).unwrap();
    assert_eq!(login(&aging, &new.unwrap(), WORDS[1], late), Some(false));
}

#[test]
fn what_an_administrator_sets_may_have_to_be_changed_and_only_they_may_say_so() {
    let plugin = made(CHEAP);
    let proof = json!({"password": WORDS[0], "must_change": true});
    let by_administrator =
        set(&plugin, &scope(Purpose::Provision, NOW), None, proof.clone()).unwrap().unwrap();
    assert_eq!(login(&plugin, &by_administrator, WORDS[0], NOW), Some(true));
    assert_eq!(chosen(&plugin, &by_administrator, WORDS[0]).unwrap_err(), ["used_before"]);
    let own = chosen(&plugin, &by_administrator, WORDS[1]).unwrap();
    assert_eq!(login(&plugin, &own, WORDS[1], NOW), Some(false));
    for purpose in [Purpose::Enrol, Purpose::Reset, Purpose::Login] {
        let refused = set(&plugin, &scope(purpose, NOW), None, proof.clone());
        assert!(matches!(refused, Err(Fault::BadRequest { .. })), "{purpose:?}");
    }
}

#[test]
fn as_many_as_configured_are_not_taken_again() {
    let plugin = made(Config { history: 3, ..CHEAP });
    let mut doc = first(&plugin, WORDS[0]);
    for next in &WORDS[1..] {
        assert_eq!(chosen(&plugin, &doc, WORDS[0]).unwrap_err(), ["used_before"], "{next}");
        doc = chosen(&plugin, &doc, next).unwrap();
    }
    assert_eq!(doc.old.len(), 2);
    for recent in &WORDS[1..] {
        assert_eq!(chosen(&plugin, &doc, recent).unwrap_err(), ["used_before"]);
    }
    chosen(&plugin, &doc, WORDS[0]).unwrap();
    // An administrator is told nothing of what was before.
    let proof = json!({"password": WORDS[2]});
    set(&plugin, &scope(Purpose::Provision, NOW), Some(&doc), proof).unwrap().unwrap();
    // A shorter memory forgets, none remembers nothing.
    let forgetful = made(CHEAP);
    assert!(chosen(&forgetful, &doc, WORDS[3]).unwrap().old.is_empty());
}

#[test]
fn what_is_kept_holds_no_password_and_is_not_printed() {
    let plugin = made(Config { history: 3, ..CHEAP });
    let doc = chosen(&plugin, &first(&plugin, WORDS[0]), WORDS[1]).unwrap();
    let stored = serde_json::to_value(&doc).unwrap();
    assert!(stored["old"][0].as_str().unwrap().starts_with("$argon2id$"));
    assert!(!format!("{doc:?}").contains("argon2"));
    assert!(WORDS.iter().all(|word| !stored.to_string().contains(word)));
}

#[test]
fn a_password_from_before_is_read_and_a_rehash_keeps_what_is_known_of_it() {
    let plugin = made(Config { history: 3, ..CHEAP });
    let doc = chosen(&plugin, &first(&plugin, WORDS[0]), WORDS[1]).unwrap();
    let stored = serde_json::to_value(&doc).unwrap();
    let old = json!({"hash": stored["hash"], "set": stored["set"]});
    let read: Credential = serde_json::from_value(Password::migrate(1, old).unwrap()).unwrap();
    assert_eq!(login(&plugin, &read, WORDS[1], NOW), Some(false));
    assert!(Password::migrate(2, stored.clone()).is_err() && Password::migrate(0, stored).is_err());

    let costlier = made(Config { iterations: 2, history: 3, ..CHEAP });
    let answer = Answer { password: Secret::new(WORDS[1].to_owned()) };
    let (scope, credentials) = (scope(Purpose::Login, NOW.plus(DAY)), [held(&doc)]);
    let call = Call { scope: &scope, credentials: &credentials, body: (Nothing {}, answer) };
    let mut changes = ready(costlier.verify(call)).unwrap().effects.credentials;
    let Some(CredentialChange::Replace { doc: rehashed, .. }) = changes.pop() else { panic!("not rehashed") };
    assert_eq!((rehashed.set, rehashed.old.len(), rehashed.must_change), (NOW, 1, false));
    assert_ne!(rehashed.hash.expose(), doc.hash.expose());
}

#[test]
fn bounds_hold_without_the_schema() {
    for bad in [Config { history: 11, ..CHEAP }, Config { max_age_days: Some(0), ..CHEAP }] {
        assert!(bad.check().is_err());
    }
}
