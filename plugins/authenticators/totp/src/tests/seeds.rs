use super::*;
use crate::{Draft, Invite, Proof, Seed};
use gatewright_contract::{Enrol as _, Enrolment, LookupKey, Nothing, Purpose};
use serde_json::{Value, json};

fn seed(changed: &[(&str, Value)]) -> Value {
    let mut seed = json!({
        "secret_base32": "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", "digits": 6, "period_seconds": 60, "serial": "7-31",
    });
    for (key, value) in changed {
        seed[key] = value.clone();
    }
    seed
}

fn invited() -> Draft {
    ready(made(Config::default()).invite(call(&scope(NOON), &[], Invite::default()))).unwrap().state
}

fn bring(purpose: Purpose, seed: Value) -> Result<Enrolment<Credential, Nothing>, Fault> {
    let draft = invited();
    let proof: Proof = serde_json::from_value(json!({"seed": seed})).unwrap();
    let scope = Scope { purpose, ..scope(NOON) };
    ready(made(Config::default()).enrol(call(&scope, &[], (draft, proof))))
}

#[test]
fn the_host_brings_a_seed_with_its_period_and_serial_number() {
    let done = bring(Purpose::Provision, seed(&[])).unwrap();
    let Enrolment::Enrolled { credential, lookup, .. } = done else { panic!() };
    assert_eq!(credential.secret.expose(), b"12345678901234567890");
    assert_eq!(
        (credential.period_seconds, credential.digits, credential.algorithm),
        (60, 6, Algorithm::Sha1)
    );
    assert_eq!(credential.last_step, 0, "no code has been used");
    assert_eq!(lookup, Some(LookupKey("serial:7-31".to_owned())));
    assert_eq!(Totp::describe(&credential), json!({"serial": "7-31", "digits": 6, "algorithm": "sha1"}));
}

#[test]
fn nobody_else_brings_one() {
    for purpose in [Purpose::Enrol, Purpose::Login, Purpose::Reset] {
        assert!(matches!(bring(purpose, seed(&[])), Err(Fault::BadRequest { .. })), "{purpose:?}");
    }
}

#[test]
fn a_seed_that_can_not_be_is_said_in_words_and_not_repeated() {
    let bad = [
        ("secret_base32", json!("not base 32")),
        ("secret_base32", json!("GEZDGNBVGY3TQOJQ")),
        ("secret_base32", json!("GEZDGNBV".repeat(20))),
        ("digits", json!(7)),
        ("period_seconds", json!(45)),
        ("serial", json!("")),
        ("serial", json!("two words")),
        ("serial", json!("x".repeat(65))),
    ];
    for (key, value) in bad {
        let done = bring(Purpose::Provision, seed(&[(key, value.clone())])).unwrap();
        let Enrolment::Rejected(violations) = done else { panic!("{key}: {value}") };
        assert_eq!(violations[0].code, "bad_seed");
        assert!(!violations[0].message.contains("GEZD"), "{}", violations[0].message);
    }
    let printed = format!("{:?}", serde_json::from_value::<Seed>(seed(&[])).unwrap());
    assert!(!printed.contains("GEZD"), "{printed}");
}
