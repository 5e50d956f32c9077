use super::*;
use data_encoding::BASE64URL_NOPAD;

/// Anna's key does something odd in a login that it could have answered.
fn odd(scope: &Scope, change: impl FnOnce(&mut Key)) -> Option<Refusal> {
    let passkey = passkey();
    let mut key = Key::es256(ORIGIN);
    let anna = [kept(&passkey, &mut key)];
    change(&mut key);
    refusal(&answered(&passkey, scope, &anna, |prompt| key.assert(prompt)).unwrap())
}

#[test]
fn whatever_is_not_as_it_was_asked_is_wrong() {
    assert_eq!(odd(&first(), |_| {}), None, "unchanged, it gets in");
    let changes: [fn(&mut Key); 14] = [
        |key| key.origin = "https://evil.example".into(),
        |key| key.origin = "http://id.example.com".into(),
        |key| key.origin = "https://id.example.com/".into(),
        |key| key.origin = "https://id.example.com:444".into(),
        |key| key.rp_id = Some("evil.example".into()),
        |key| key.flags &= !flag::PRESENT,
        |key| key.flags |= flag::ELIGIBLE,
        |key| key.flags |= flag::BACKED_UP,
        |key| key.page = json!({"crossOrigin": true}),
        |key| key.page = json!({"topOrigin": "https://id.example.com"}),
        |key| key.page = json!({"type": "webauthn.create"}),
        |key| key.page = json!({"challenge": "AAAA"}),
        |key| key.handle = Some(vec![1; 16]),
        |key| key.id = vec![1; 32],
    ];
    for (n, change) in changes.into_iter().enumerate() {
        for scope in [first(), second()] {
            assert_eq!(odd(&scope, change), Some(Refusal::Wrong), "change {n}");
        }
    }
}

#[test]
fn the_person_must_be_checked_at_the_first_step() {
    assert_eq!(odd(&first(), |key| key.flags = flag::PRESENT), Some(Refusal::Wrong));
    assert_eq!(odd(&second(), |key| key.flags = flag::PRESENT), None);
}

#[test]
fn a_key_that_was_not_named_must_say_whose_it_is() {
    assert_eq!(odd(&first(), |key| key.handle = None), Some(Refusal::Wrong));
    assert_eq!(odd(&first(), |key| key.handle = Some(Vec::new())), Some(Refusal::Wrong));
    assert_eq!(odd(&second(), |key| key.handle = None), None, "an old key keeps no handle");
}

#[test]
fn backup_eligibility_never_goes_away() {
    let passkey = passkey();
    let mut key = Key::es256(ORIGIN);
    key.flags |= flag::ELIGIBLE | flag::BACKED_UP;
    let anna = [kept(&passkey, &mut key)];
    key.flags = flag::PRESENT | flag::VERIFIED;
    let verdict = answered(&passkey, &first(), &anna, |prompt| key.assert(prompt)).unwrap();
    assert_eq!(refusal(&verdict), Some(Refusal::Wrong));
    key.flags |= flag::ELIGIBLE;
    let verdict = answered(&passkey, &first(), &anna, |prompt| key.assert(prompt)).unwrap();
    assert_eq!(refusal(&verdict), None, "a copy may be taken away");
    assert!(!replaced(&verdict).unwrap().backed_up);
}

#[test]
fn a_counter_that_does_not_grow_is_a_key_that_exists_twice() {
    for counter in [0, 3, 8, 9] {
        let passkey = passkey();
        let mut key = Key::es256(ORIGIN);
        key.counter = 10;
        let anna = [kept(&passkey, &mut key)];
        key.counter = counter;
        let verdict = answered(&passkey, &first(), &anna, |prompt| key.assert(prompt)).unwrap();
        assert_eq!(refusal(&verdict), Some(Refusal::Cloned), "{counter}");
        assert!(verdict.effects.credentials.is_empty());
        // Where the operator says so, it is let in.
        let lenient = made(Config { strict_counter: false, ..Config::default() });
        key.counter = counter;
        let verdict = answered(&lenient, &first(), &anna, |prompt| key.assert(prompt)).unwrap();
        assert_eq!(refusal(&verdict), None, "{counter}");
        assert!(replaced(&verdict).is_none(), "the higher number stays");
        key.origin = "https://evil.example".into();
        let verdict = answered(&lenient, &first(), &anna, |prompt| key.assert(prompt)).unwrap();
        assert_eq!(refusal(&verdict), Some(Refusal::Wrong), "everything else still holds");
    }
}

#[test]
fn a_wrong_signature_is_wrong_and_says_nothing_about_the_counter() {
    let passkey = passkey();
    let (mut key, mut thief) = (Key::es256(ORIGIN), Key::es256(ORIGIN));
    let anna = [kept(&passkey, &mut key)];
    thief.id.clone_from(&key.id);
    thief.handle.clone_from(&key.handle);
    thief.counter = 0;
    let verdict = answered(&passkey, &first(), &anna, |prompt| thief.assert(prompt)).unwrap();
    assert_eq!(refusal(&verdict), Some(Refusal::Wrong));
}

#[test]
fn an_answer_is_good_for_its_own_challenge_only() {
    let passkey = passkey();
    let mut key = Key::es256(ORIGIN);
    let anna = [kept(&passkey, &mut key)];
    let mut old = Value::Null;
    answered(&passkey, &first(), &anna, |prompt| {
        old = key.assert(prompt);
        old.clone()
    })
    .unwrap();
    let again = answered(&passkey, &first(), &anna, |_| old).unwrap();
    assert_eq!(refusal(&again), Some(Refusal::Wrong));
}

#[test]
fn a_key_of_somebody_else_is_wrong() {
    let passkey = passkey();
    let (mut annas, mut bobs) = (Key::es256(ORIGIN), Key::es256(ORIGIN));
    let anna = [kept(&passkey, &mut annas)];
    kept(&passkey, &mut bobs);
    for scope in [first(), second()] {
        let verdict = answered(&passkey, &scope, &anna, |prompt| bobs.assert(prompt)).unwrap();
        assert_eq!(refusal(&verdict), Some(Refusal::Wrong));
    }
}

#[test]
fn a_key_that_was_set_up_after_the_question_does_not_answer_it() {
    let passkey = passkey();
    let (mut old, mut new) = (Key::es256(ORIGIN), Key::es256(ORIGIN));
    let scope = second();
    let held_then = [kept(&passkey, &mut old)];
    let asked = ready(passkey.challenge(call(&scope, &held_then, Nothing {}))).unwrap();
    let answer = new_answer(&passkey, &mut new, &asked.prompt);
    let held_now = [held_then[0].clone(), Held { ..kept(&passkey, &mut new) }];
    let verdict = ready(passkey.verify(call(&scope, &held_now, (asked.state, answer)))).unwrap();
    assert_eq!(refusal(&verdict), Some(Refusal::Wrong), "section 7.2, step 5");
}

fn new_answer(passkey: &Passkey, key: &mut Key, prompt: &Prompt) -> Answer {
    kept(passkey, key);
    let credential = key.assert(&serde_json::to_value(prompt).unwrap());
    serde_json::from_value(json!({"credential": credential})).unwrap()
}

#[test]
fn nobody_is_let_in_by_the_key_of_nobody() {
    // The private key of the decoy is known to everybody; what it signs counts for nothing.
    let passkey = passkey();
    let mut key = Key::es256(ORIGIN);
    kept(&passkey, &mut key);
    for scope in [first(), second(), testing::scope(NOON, None)] {
        let verdict = answered(&passkey, &scope, &[], |prompt| key.assert(prompt)).unwrap();
        assert_eq!(refusal(&verdict), Some(Refusal::NotEnrolled));
    }
}

#[test]
fn truncated_and_oversized_answers_are_no_fault() {
    let passkey = passkey();
    let mut key = Key::es256(ORIGIN);
    let anna = [kept(&passkey, &mut key)];
    let fields = ["clientDataJSON", "authenticatorData", "signature", "userHandle"];
    for field in fields {
        for credentials in [&anna[..], &[]] {
            let cut = answered(&passkey, &first(), credentials, |prompt| {
                let mut answer = key.assert(prompt);
                let whole =
                    BASE64URL_NOPAD.decode(answer["response"][field].as_str().unwrap().as_bytes()).unwrap();
                answer["response"][field] = json!(BASE64URL_NOPAD.encode(&whole[..whole.len() / 2]));
                answer
            });
            assert!(refusal(&cut.unwrap()).is_some(), "{field}");
            let long = answered(&passkey, &first(), credentials, |prompt| {
                let mut answer = key.assert(prompt);
                answer["response"][field] = json!("A".repeat(20_000));
                answer
            });
            assert!(matches!(long, Err(Fault::BadRequest { .. })), "{field}");
        }
    }
}
