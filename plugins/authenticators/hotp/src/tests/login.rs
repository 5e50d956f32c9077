use super::*;
use crate::Answer;
use gatewright_contract::{CredentialChange, Nothing, Outcome, Refusal, Verdict};
use serde_json::json;

type Judged = Verdict<crate::Prompt, Nothing, Credential>;

fn judge(config: &Config, credentials: &[Held<Credential>], code: &str, next: Option<&str>) -> Judged {
    let answer = Answer {
        code: Secret::new(code.to_owned()),
        next_code: next.map(|code| Secret::new(code.to_owned())),
    };
    ready(made(config.clone()).verify(call(&scope(), credentials, (Nothing {}, answer)))).unwrap()
}

/// The counter after a right answer, or why not; a refusal changes nothing.
fn outcome(verdict: &Judged) -> Result<u64, Refusal> {
    match (&verdict.outcome, verdict.effects.credentials.as_slice()) {
        (Outcome::Accepted(by), [CredentialChange::Replace { id, doc }]) => {
            assert_eq!(by.credential, Some(*id));
            Ok(doc.counter)
        }
        (Outcome::Refused(why), []) => Err(*why),
        other => panic!("{other:?}"),
    }
}

fn anna(counter: u64) -> Credential {
    credential(b"anna's very own secret bytes", Algorithm::Sha1, 6).moved_to(counter)
}

fn code(counter: u64) -> String {
    anna(0).code_at(counter).unwrap()
}

fn tried(counter: u64, code: &str) -> Result<u64, Refusal> {
    outcome(&judge(&Config::default(), &[held(1, anna(counter))], code, None))
}

#[test]
fn codes_up_to_the_look_ahead_count_and_no_further() {
    assert_eq!(tried(1000, &code(1000)), Ok(1001));
    assert_eq!(tried(1000, &code(1010)), Ok(1011));
    assert_eq!(tried(1000, &code(1011)), Err(Refusal::Wrong));
    let strict = Config { look_ahead: 0, ..Config::default() };
    assert_eq!(outcome(&judge(&strict, &[held(1, anna(5))], &code(5), None)), Ok(6));
    assert_eq!(outcome(&judge(&strict, &[held(1, anna(5))], &code(6), None)), Err(Refusal::Wrong));
}

#[test]
fn the_counter_never_goes_back() {
    for (counter, at) in [(1, 0), (1000, 999), (1000, 990)] {
        assert_eq!(tried(counter, &code(at)), Err(Refusal::Replayed), "{at} at {counter}");
    }
    assert_eq!(tried(1000, &code(989)), Err(Refusal::Wrong), "passed long ago");
    // What lies between the counter and the code that was used is passed by as well.
    let after = tried(1000, &code(1007)).unwrap();
    assert_eq!(tried(after, &code(1003)), Err(Refusal::Replayed));
    let pair = judge(&Config::default(), &[held(1, anna(1000))], &code(998), Some(&code(999)));
    assert_eq!(outcome(&pair), Err(Refusal::Wrong));
    let half = judge(&Config::default(), &[held(1, anna(1000))], &code(999), Some(&code(1000)));
    assert_eq!(outcome(&half), Err(Refusal::Wrong), "the first of the two has been used");
}

#[test]
fn two_codes_in_a_row_bring_a_token_back_that_has_run_ahead() {
    let pair = |first: u64, second: u64| {
        outcome(&judge(&Config::default(), &[held(1, anna(1000))], &code(first), Some(&code(second))))
    };
    assert_eq!(pair(1050, 1051), Ok(1052));
    assert_eq!(pair(1000, 1001), Ok(1002));
    assert_eq!(pair(1100, 1101), Ok(1102), "the last of the window");
    assert_eq!(pair(1101, 1102), Err(Refusal::Wrong), "beyond it");
    assert_eq!(pair(1050, 1052), Err(Refusal::Wrong), "not in a row");
    assert_eq!(pair(1051, 1050), Err(Refusal::Wrong), "the wrong way round");
    assert_eq!(pair(1050, 1050), Err(Refusal::Wrong), "the same twice");
    // A second code that is wrong is not overlooked because the first alone would do.
    let wrong = judge(&Config::default(), &[held(1, anna(1000))], &code(1000), Some("000000"));
    assert_eq!(outcome(&wrong), Err(Refusal::Wrong));
    let empty = judge(&Config::default(), &[held(1, anna(1000))], &code(1000), Some(""));
    assert_eq!(outcome(&empty), Err(Refusal::Wrong));
}

#[test]
fn of_several_tokens_the_one_that_fits_moves_on() {
    let other = credential(b"another secret, another token", Algorithm::Sha512, 8);
    let both = [held(1, anna(3)), held(2, other.clone())];
    let verdict = judge(&Config::default(), &both, &other.code_at(4).unwrap(), None);
    let [CredentialChange::Replace { id, doc }] = verdict.effects.credentials.as_slice() else { panic!() };
    assert_eq!((*id, doc.counter), (both[1].id, 5));
}

#[test]
fn a_code_may_be_typed_with_spaces_and_with_nothing_else() {
    let right = code(7);
    let (left, rest) = right.split_at(3);
    for good in [format!("{left} {rest}"), format!(" {left}\u{a0}{rest}\n")] {
        assert_eq!(tried(7, &good), Ok(8), "{good:?}");
    }
    let long = format!("{right}{}", " ".repeat(100));
    for bad in ["", "+12345", "12345a", &format!("{left}-{rest}"), &format!("0{right}"), &right[..5], &long] {
        assert_eq!(tried(7, bad), Err(Refusal::Wrong), "{bad:?}");
    }
}

#[test]
fn nobody_is_refused_and_changes_nothing() {
    assert_eq!(outcome(&judge(&Config::default(), &[], "123456", None)), Err(Refusal::NotEnrolled));
    // Not even with the codes of the decoy.
    let decoy = credential(&[0; 20], Algorithm::Sha1, 6);
    let (one, two) = (decoy.code_at(0).unwrap(), decoy.code_at(1).unwrap());
    assert_eq!(outcome(&judge(&Config::default(), &[], &one, None)), Err(Refusal::NotEnrolled));
    assert_eq!(outcome(&judge(&Config::default(), &[], &one, Some(&two))), Err(Refusal::NotEnrolled));
}

#[test]
fn the_prompt_is_the_same_for_everybody() {
    let hotp = made(Config::default());
    let prompt = |credentials: &[Held<Credential>]| {
        let asked = ready(hotp.challenge(call(&scope(), credentials, Nothing {}))).unwrap();
        serde_json::to_value(&asked.prompt).unwrap()
    };
    assert_eq!(prompt(&[]), json!({"digits": 6}));
    assert_eq!(prompt(&[held(1, credential(&[7; 32], Algorithm::Sha256, 8))]), prompt(&[]));
}

#[test]
fn at_the_last_counter_and_with_a_damaged_document_nothing_panics() {
    assert_eq!(tried(u64::MAX, "000000").err(), Some(Refusal::Wrong));
    let end = judge(&Config::default(), &[held(1, anna(u64::MAX))], "000000", Some("000001"));
    assert_eq!(outcome(&end), Err(Refusal::Wrong));
    let damaged = Credential { digits: 40, ..anna(0) };
    let answer = Answer { code: Secret::new("1".repeat(40)), next_code: None };
    let verdict =
        ready(made(Config::default()).verify(call(&scope(), &[held(1, damaged)], (Nothing {}, answer))));
    assert!(matches!(verdict, Err(Fault::Internal { .. })));
}
