use super::*;
use crate::{Wanted, credential::lookup};
use gatewright_contract::{Identify as _, Purpose};

#[test]
fn the_first_prompt_is_the_same_for_everybody() {
    let passkey = passkey();
    let anna = [kept(&passkey, &mut Key::es256(ORIGIN))];
    for (scope, credentials) in [
        (first(), &anna[..]),
        (first(), &[]),
        (testing::scope(NOON, None), &[]),
        (Scope { purpose: Purpose::Reset, ..first() }, &anna[..]),
    ] {
        let asked =
            ready(passkey.challenge(call(&scope, credentials, Nothing {}))).unwrap().prompt.public_key;
        assert_eq!((asked.allow_credentials.len(), asked.user_verification), (0, Wanted::Required));
        assert_eq!((asked.rp_id.as_str(), asked.timeout), ("id.example.com", 300_000));
    }
}

#[test]
fn the_second_prompt_names_the_keys_and_wants_no_more_than_the_key() {
    let passkey = passkey();
    let anna = [kept(&passkey, &mut Key::es256(ORIGIN))];
    let elevation = Scope { purpose: Purpose::Elevate, ..first() };
    for (scope, verification) in [(second(), Wanted::Preferred), (elevation, Wanted::Required)] {
        let asked = ready(passkey.challenge(call(&scope, &anna, Nothing {}))).unwrap().prompt.public_key;
        assert_eq!(asked.allow_credentials[0].id, anna[0].doc.id);
        assert_eq!(asked.allow_credentials[0].transports, ["internal", "hybrid"]);
        assert_eq!(asked.user_verification, verification);
    }
}

#[test]
fn no_challenge_comes_twice() {
    let passkey = passkey();
    let scope = first();
    let ask = || ready(passkey.challenge(call(&scope, &[], Nothing {}))).unwrap().prompt.public_key.challenge;
    assert_ne!(ask(), ask());
}

#[test]
fn a_yes_says_whether_the_person_was_checked_and_keeps_the_counter() {
    let passkey = passkey();
    let mut key = Key::es256(ORIGIN);
    let anna = [kept(&passkey, &mut key)];
    let verdict = answered(&passkey, &first(), &anna, |prompt| key.assert(prompt)).unwrap();
    let Outcome::Accepted(accepted) = &verdict.outcome else { panic!("refused") };
    assert_eq!((accepted.credential, accepted.user_verified), (Some(anna[0].id), true));
    assert_eq!(replaced(&verdict).unwrap().counter, 2);
    key.flags = flag::PRESENT;
    let verdict = answered(&passkey, &second(), &anna, |prompt| key.assert(prompt)).unwrap();
    let Outcome::Accepted(accepted) = &verdict.outcome else { panic!("refused") };
    assert!(!accepted.user_verified, "a second factor is what one has");
}

#[test]
fn a_key_without_a_counter_changes_nothing() {
    let passkey = passkey();
    let mut key = Key::es256(ORIGIN);
    key.counter = 0;
    key.flags |= flag::ELIGIBLE;
    let anna = [kept(&passkey, &mut key)];
    let verdict = answered(&passkey, &first(), &anna, |prompt| key.assert(prompt)).unwrap();
    assert!(refusal(&verdict).is_none() && replaced(&verdict).is_none());
    key.flags |= flag::BACKED_UP;
    let verdict = answered(&passkey, &first(), &anna, |prompt| key.assert(prompt)).unwrap();
    assert!(replaced(&verdict).unwrap().backed_up, "that it has been copied is kept");
}

#[test]
fn a_key_set_up_without_a_check_of_the_person_is_no_first_factor_until_it_has_been_a_second_with_one() {
    let passkey = passkey();
    let mut key = Key::es256(ORIGIN);
    key.flags = flag::PRESENT;
    let mut anna = [kept(&passkey, &mut key)];
    // Whoever finds the key gives it a PIN.
    key.flags |= flag::VERIFIED;
    let found = answered(&passkey, &first(), &anna, |prompt| key.assert(prompt)).unwrap();
    assert_eq!(refusal(&found), Some(Refusal::Wrong));
    let after_password = answered(&passkey, &second(), &anna, |prompt| key.assert(prompt)).unwrap();
    anna[0].doc = replaced(&after_password).unwrap();
    assert!(anna[0].doc.user_verified);
    let alone = answered(&passkey, &first(), &anna, |prompt| key.assert(prompt)).unwrap();
    assert_eq!(refusal(&alone), None);
}

#[test]
fn of_several_keys_the_one_that_answers_counts() {
    let passkey = passkey();
    let (mut phone, mut stick) = (Key::es256(ORIGIN), Key::rs256(ORIGIN));
    let anna = [
        kept(&passkey, &mut phone),
        Held { id: CredentialId::from_parts(NOON, [2; 10]), ..kept(&passkey, &mut stick) },
    ];
    let verdict = answered(&passkey, &second(), &anna, |prompt| stick.assert(prompt)).unwrap();
    let Outcome::Accepted(accepted) = verdict.outcome else { panic!("refused") };
    assert_eq!(accepted.credential, Some(anna[1].id));
}

#[test]
fn a_key_says_whose_it_is() {
    let passkey = passkey();
    let mut key = Key::es256(ORIGIN);
    kept(&passkey, &mut key);
    let nobody = testing::scope(NOON, None);
    let asked = ready(passkey.challenge(call(&nobody, &[], Nothing {}))).unwrap();
    let answer = key.assert(&serde_json::to_value(&asked.prompt).unwrap());
    let answer: Answer = serde_json::from_value(json!({"credential": answer})).unwrap();
    let found = ready(passkey.identify(call(&nobody, &[], (asked.state, answer)))).unwrap();
    assert_eq!(found.lookup, Some(lookup(&key.id)));
    for odd in ["", "no base64!", &"A".repeat(1365)] {
        let answer = json!({"credential": {"id": odd, "response": {
            "clientDataJSON": "", "authenticatorData": "", "signature": ""}}});
        let answer: Answer = serde_json::from_value(answer).unwrap();
        let found = ready(passkey.identify(call(&nobody, &[], (found_state(&passkey), answer)))).unwrap();
        assert_eq!(found.lookup, None, "{odd:?} names nobody");
    }
}

fn found_state(passkey: &Passkey) -> crate::State {
    ready(passkey.challenge(call(&testing::scope(NOON, None), &[], Nothing {}))).unwrap().state
}
