//! Plays the host: no server, no runtime, a clock that stands and random bytes that come again with each run.

use super::*;
use gatewright_sdk::{
    CredentialId, Effects, Outcome,
    testing::{Desk, ready, scope},
};
use std::sync::Arc;

const NOW: Timestamp = Timestamp::from_secs(1_772_366_400);

fn factor() -> {{Type}} {
    {{Type}}::new(Config::default(), Arc::new(Desk::scattered(NOW))).unwrap()
}

/// The codes as they were shown, and what the host holds.
fn enrol(it: &{{Type}}) -> (Vec<String>, Vec<Held<Sheet>>) {
    let scope = scope(NOW, Some("ada"));
    let call = Call { scope: &scope, credentials: &[], body: (Nothing {}, Nothing {}) };
    let Enrolment::Enrolled { credential: doc, reveal, .. } = ready(it.enrol(call)).unwrap() else {
        panic!("not enrolled");
    };
    let id = CredentialId::from_parts(NOW, [1; 10]);
    (reveal.codes, vec![Held { id, label: None, created: NOW, last_used: None, doc }])
}

fn asked(it: &{{Type}}, credentials: &[Held<Sheet>]) -> usize {
    let scope = scope(NOW, Some("ada"));
    let call = Call { scope: &scope, credentials, body: Nothing {} };
    let challenge = ready(it.challenge(call)).unwrap();
    assert_eq!(challenge.expires_in, Some(Duration::from_secs(300)));
    assert_eq!(challenge.prompt.position, challenge.state.position);
    challenge.prompt.position
}

/// The reason of a no; a yes changes what is held.
fn judge(
    it: &{{Type}},
    credentials: &mut [Held<Sheet>],
    position: usize,
    code: &str,
) -> Result<(), Refusal> {
    let scope = scope(NOW, Some("ada"));
    let body = (Position { position }, Answer { code: Secret::new(code.to_owned()) });
    let verdict = ready(it.verify(Call { scope: &scope, credentials, body })).unwrap();
    let Effects { credentials: changes, .. } = verdict.effects;
    for change in changes {
        let gatewright_sdk::CredentialChange::Replace { id, doc } = change else {
            panic!("{change:?}");
        };
        let held = credentials.iter_mut().find(|held| held.id == id).unwrap();
        held.doc = doc;
    }
    match verdict.outcome {
        Outcome::Accepted(accepted) => {
            assert_eq!(accepted.credential, Some(credentials[0].id));
            Ok(())
        }
        Outcome::Refused(why) => Err(why),
        other => panic!("{other:?}"),
    }
}

#[test]
fn each_code_is_good_once() {
    let it = factor();
    let (codes, mut held) = enrol(&it);
    assert_eq!(codes.len(), CODES);
    for left in (0..CODES).rev() {
        let position = asked(&it, &held);
        let code = &codes[position - 1];
        assert_eq!(judge(&it, &mut held, position, code), Ok(()));
        assert_eq!({{Type}}::describe(&held[0].doc), json!({"left": left}));
        let again = if left > 0 { Refusal::Replayed } else { Refusal::NotEnrolled };
        assert_eq!(judge(&it, &mut held, position, code), Err(again));
    }
}

#[test]
fn another_code_is_wrong() {
    let it = factor();
    let (codes, mut held) = enrol(&it);
    let position = asked(&it, &held);
    for code in [&codes[position % CODES], "00000000", "", "--------"] {
        assert_eq!(judge(&it, &mut held, position, code), Err(Refusal::Wrong), "{code}");
    }
    for position in [0, CODES + 1] {
        assert!(judge(&it, &mut held, position, &codes[0]).is_err());
    }
}

#[test]
fn nobody_is_shown_what_somebody_is_shown() {
    let it = factor();
    let (_, held) = enrol(&it);
    assert_eq!(asked(&it, &[]), asked(&it, &held));
    for code in ["00000000", "--------"] {
        assert_eq!(judge(&it, &mut [], 1, code), Err(Refusal::NotEnrolled));
    }
}

#[test]
fn what_is_stored_comes_back_and_is_not_printed() {
    let (codes, held) = enrol(&factor());
    let sheet = held[0].doc.without(2);
    let stored = gatewright_sdk::serde_json::to_string(&sheet).unwrap();
    let sheet: Sheet = gatewright_sdk::serde_json::from_str(&stored).unwrap();
    assert!(sheet.code(1).unwrap().is(&codes[0]) && sheet.code(2).is_none());
    assert_eq!(format!("{:?}", sheet.code(1).unwrap().digits), "***");
}

#[test]
fn a_person_answers_by_what_was_shown() {
    let reveal = Reveal::example();
    let answer = |prompt| {{Type}}::answer(&Nothing {}, &reveal, &prompt, NOW, 0);
    assert_eq!(answer(json!({"position": 3})), Some(json!({"code": "27182812"})));
    assert_eq!(answer(json!({"position": 0})), None);
    assert_eq!(answer(json!({})), None);
}
