use super::*;
use crate::Answer;
use gatewright_contract::{Accepted, CredentialChange, Nothing, Outcome, Refusal, Verdict};

type Judged = Verdict<crate::Prompt, Nothing, Credential>;

fn judge(config: &Config, credentials: &[Held<Credential>], now: Timestamp, code: &str) -> Judged {
    let answer = Answer { code: Secret::new(code.to_owned()) };
    ready(made(config.clone()).verify(call(&scope(now), credentials, (Nothing {}, answer)))).unwrap()
}

fn refusal(verdict: &Judged) -> Option<Refusal> {
    assert!(verdict.effects.credentials.is_empty() || matches!(verdict.outcome, Outcome::Accepted(_)));
    match &verdict.outcome {
        Outcome::Refused(why) => Some(*why),
        Outcome::Accepted(_) => None,
        other => panic!("{other:?}"),
    }
}

fn anna() -> Credential {
    credential(b"anna's very own secret bytes", Algorithm::Sha1, 6)
}

fn code(at: Timestamp) -> String {
    anna().code_at(at).unwrap()
}

#[test]
fn one_step_to_either_side_counts_and_two_do_not() {
    let config = Config::default();
    let now = after(15);
    let tries = [(-60, false), (-30, true), (0, true), (30, true), (60, false)];
    for (shift, good) in tries {
        let verdict = judge(&config, &[held(1, anna())], now, &code(after(15 + shift)));
        assert_eq!(refusal(&verdict), (!good).then_some(Refusal::Wrong), "{shift} s");
    }
    let strict = Config { skew_steps: 0, ..config };
    assert_eq!(refusal(&judge(&strict, &[held(1, anna())], now, &code(after(-15)))), Some(Refusal::Wrong));
    assert_eq!(refusal(&judge(&strict, &[held(1, anna())], now, &code(now))), None);
}

#[test]
fn a_step_is_accepted_once_and_no_earlier_one_after_it() {
    let config = Config::default();
    let present = code(after(0));
    let verdict = judge(&config, &[held(1, anna())], after(0), &present);
    let Outcome::Accepted(Accepted { credential: Some(id), .. }) = &verdict.outcome else { panic!() };
    let [CredentialChange::Replace { id: changed, doc }] = verdict.effects.credentials.as_slice() else {
        panic!()
    };
    assert_eq!(id, changed);
    assert_eq!(doc.last_step, u64::try_from(NOON.as_secs()).unwrap() / 30);

    let spent = [held(1, doc.clone())];
    for (now, typed) in [(after(0), &present), (after(29), &present), (after(30), &present)] {
        assert_eq!(refusal(&judge(&config, &spent, now, typed)), Some(Refusal::Replayed));
    }
    assert_eq!(refusal(&judge(&config, &spent, after(0), &code(after(-30)))), Some(Refusal::Replayed));
    assert_eq!(refusal(&judge(&config, &spent, after(0), &code(after(30)))), None);
}

#[test]
fn of_several_apps_the_one_that_fits_is_used_up() {
    let other = credential(b"another secret, another phone", Algorithm::Sha512, 8);
    let both = [held(1, anna()), held(2, other.clone())];
    let verdict = judge(&Config::default(), &both, NOON, &other.code_at(NOON).unwrap());
    let [CredentialChange::Replace { id, .. }] = verdict.effects.credentials.as_slice() else { panic!() };
    assert_eq!(*id, both[1].id);
    assert_eq!(refusal(&verdict), None);
}

#[test]
fn a_code_may_be_typed_with_spaces_and_with_nothing_else() {
    let right = code(NOON);
    let (left, rest) = right.split_at(3);
    let me = [held(1, anna())];
    for good in [format!("{left} {rest}"), format!(" {left}\u{a0}{rest}\n"), format!("{left}\t {rest}")] {
        assert_eq!(refusal(&judge(&Config::default(), &me, NOON, &good)), None, "{good:?}");
    }
    let long = format!("{right}{}", " ".repeat(100));
    for bad in ["", "+12345", "12345a", &format!("{left}-{rest}"), &format!("0{right}"), &right[..5], &long] {
        assert_eq!(refusal(&judge(&Config::default(), &me, NOON, bad)), Some(Refusal::Wrong), "{bad:?}");
    }
}

#[test]
fn nobody_is_refused_and_changes_nothing() {
    let verdict = judge(&Config::default(), &[], NOON, "123456");
    assert_eq!(refusal(&verdict), Some(Refusal::NotEnrolled));
    // Not even with the code of the decoy.
    let decoy = credential(&[0; 20], Algorithm::Sha1, 6).code_at(NOON).unwrap();
    assert_eq!(refusal(&judge(&Config::default(), &[], NOON, &decoy)), Some(Refusal::NotEnrolled));
}

#[test]
fn the_prompt_is_the_same_for_everybody() {
    let totp = made(Config::default());
    let prompt = |credentials: &[Held<Credential>]| {
        let asked = ready(totp.challenge(call(&scope(NOON), credentials, Nothing {}))).unwrap();
        serde_json::to_string(&asked.prompt).unwrap()
    };
    assert_eq!(prompt(&[]), r#"{"digits":6,"period_seconds":30}"#);
    assert_eq!(prompt(&[held(1, credential(&[7; 32], Algorithm::Sha256, 8))]), prompt(&[]));
}

#[test]
fn before_1970_and_with_a_damaged_document_nothing_panics() {
    let early = Timestamp::from_secs(-5);
    assert_eq!(
        refusal(&judge(&Config::default(), &[held(1, anna())], early, "000000")),
        Some(Refusal::Wrong)
    );
    let damaged = Credential { digits: 40, ..anna() };
    let answer = Answer { code: Secret::new("1".repeat(40)) };
    let verdict =
        ready(made(Config::default()).verify(call(&scope(NOON), &[held(1, damaged)], (Nothing {}, answer))));
    assert!(matches!(verdict, Err(Fault::Internal { .. })));
}
