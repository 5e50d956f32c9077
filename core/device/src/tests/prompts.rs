use super::{NOW, scope};
use crate::{Asked, Event, Judged, Rules, Waiting, digest, shown};
use gatewright_contract::{Fault, Host, Refusal, testing::Desk};
use serde_json::{Value, json};
use std::{collections::BTreeSet, sync::Arc};

#[test]
fn a_number_has_two_digits_and_is_as_likely_as_any_other() {
    let host: Host = Arc::new(Desk::scattered(NOW));
    let drawn: Vec<u8> = (0..9000).map(|_| Asked::number(&host).unwrap()).collect();
    let different: BTreeSet<u8> = drawn.iter().copied().collect();
    assert_eq!((different.len(), different.first(), different.last()), (90, Some(&10), Some(&99)));
    let most = (10..100).map(|n| drawn.iter().filter(|d| **d == n).count()).max().unwrap();
    assert!(most < 160, "{most} of 9000, where 100 are expected");
}

/// As many prompts as may wait are one document of the host, which is at most 64 KiB long.
#[test]
fn the_longest_prompts_fit_into_one_document() {
    let mut scope = scope();
    for text in ["\"", "\\", "𝔸"] {
        let long = text.repeat(5000);
        scope.context = json!({
            "summary": long, "message": long, "address": long, "browser": long, "os": long,
            "details": vec![json!({"detail": long, "value": long}); 50],
        });
        scope.site.name.clone_from(&long);
        if let Some(person) = &mut scope.person {
            person.username = text.repeat(256 / text.len());
        }
        let shown = shown(&scope, "push", "AAAAAAAAAAAAAAAAAAAAAA", NOW);
        let waiting = Waiting {
            transaction: scope.transaction,
            wake: "AAAAAAAAAAAAAAAAAAAAAA".to_owned(),
            shown,
            number: true,
            expires: NOW,
        };
        let one = serde_json::to_vec(&waiting).unwrap().len();
        assert!(8 * (one + 1) + 1024 < 64 * 1024, "{one} bytes of {text}");
    }
}

#[test]
fn what_the_caller_says_is_marked_as_said() {
    let mut scope = scope();
    scope.context = json!({"summary": "Pay", "username": "eve", "site": "Bank", "details": "none"});
    let told: Value = serde_json::from_str(&shown(&scope, "push", "w", NOW)).unwrap();
    assert_eq!(told["said"], json!({"summary": "Pay"}));
    assert_eq!((&told["username"], &told["site"]), (&json!("ann"), &json!("Example")));
    assert_eq!(digest(""), "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU", "SHA-256 of nothing");
}

#[test]
fn a_decision_has_its_word_in_the_log() {
    let words = [Judged::Approved, Judged::WrongNumber, Judged::Denied, Judged::Concern].map(Judged::refusal);
    assert_eq!(words, [None, Some(Refusal::Wrong), Some(Refusal::Declined), Some(Refusal::Concern)]);
}

#[test]
fn an_event_is_one_thing() {
    let schema = gatewright_contract::schema_of::<Event>();
    let example: Event = serde_json::from_value(schema["example"].clone()).unwrap();
    assert_eq!(example.correlate().unwrap().0, example.wake);
    assert_eq!(example.speaks_for().unwrap().0, example.decide.as_ref().unwrap().device);
    let nothing = Event { wake: "x".to_owned(), pair: None, decide: None };
    assert!(matches!(nothing.correlate(), Err(Fault::BadRequest { .. })));
}

#[test]
fn rules_out_of_bounds_name_their_key() {
    let good =
        Rules { lifetime_seconds: 120, prompts: 5, window_minutes: 10, max_devices: 5, web_push_key: None };
    good.check().unwrap();
    let key = crate::base64url(&[4; 65]);
    Rules { web_push_key: Some(key.clone()), ..good.clone() }.check().unwrap();
    let bad = [
        (Rules { lifetime_seconds: 29, ..good.clone() }, "lifetime_seconds"),
        (Rules { lifetime_seconds: 301, ..good.clone() }, "lifetime_seconds"),
        (Rules { prompts: 0, ..good.clone() }, "prompts"),
        (Rules { prompts: 21, ..good.clone() }, "prompts"),
        (Rules { window_minutes: 0, ..good.clone() }, "window_minutes"),
        (Rules { max_devices: 21, ..good.clone() }, "max_devices"),
        (Rules { web_push_key: Some(key[1..].to_owned()), ..good }, "web_push_key"),
    ];
    for (rules, expected) in bad {
        let Err(Fault::Config { key, .. }) = rules.check() else { panic!("{rules:?}") };
        assert_eq!(key, expected);
    }
}
