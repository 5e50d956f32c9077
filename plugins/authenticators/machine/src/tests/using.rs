use super::*;
use gatewright_contract::{CredentialChange, Outcome, Refusal};

fn accepted(judged: Judged) -> (Credential, Reveal) {
    let Outcome::Accepted(accepted) = judged.outcome else { panic!("{:?}", judged.outcome) };
    let [CredentialChange::Replace { doc, .. }] = &judged.effects.credentials[..] else {
        panic!("no next number")
    };
    (doc.clone(), serde_json::from_value(accepted.reveal.unwrap().0).unwrap())
}

fn refused(judged: &Judged) -> (Refusal, bool) {
    let Outcome::Refused(why) = judged.outcome else { panic!("{:?}", judged.outcome) };
    let gone = match &judged.effects.credentials[..] {
        [] => false,
        [CredentialChange::Remove { .. }] => true,
        other => panic!("{other:?}"),
    };
    (why, gone)
}

#[test]
fn a_device_stands_for_the_second_factor_again_and_again_with_another_number_each_time() {
    let plugin = made(Config::default());
    let (mut doc, mut kept) = enrol(&plugin, None);
    let mut seen = vec![kept.sequence_nonce.clone()];
    for day in 0..5 {
        let now = NOW.plus(DAY * day);
        let (next, reveal) = accepted(judge(&plugin, now, &doc, answer(&kept, None)));
        assert_eq!(reveal.machine_nonce, kept.machine_nonce);
        assert_eq!(reveal.expires_in, u64::from(30 - day) * 86_400, "its end does not move");
        assert!(!seen.contains(&reveal.sequence_nonce));
        seen.push(reveal.sequence_nonce.clone());
        (doc, kept) = (next, reveal);
    }
}

#[test]
fn a_number_that_was_used_or_never_was_one_forgets_the_device() {
    let plugin = made(Config::default());
    let (first, kept) = enrol(&plugin, None);
    let (doc, next) = accepted(judge(&plugin, NOW, &first, answer(&kept, None)));
    assert_eq!(refused(&judge(&plugin, NOW, &doc, answer(&kept, None))), (Refusal::Replayed, true));
    for wrong in ["", "x", &next.sequence_nonce[1..], &next.machine_nonce] {
        let wrong = Answer { sequence_nonce: secret(wrong), ..answer(&next, None) };
        assert_eq!(refused(&judge(&plugin, NOW, &doc, wrong)), (Refusal::Replayed, true));
    }
}

#[test]
fn a_device_that_is_unknown_is_wrong_and_nothing_goes() {
    let plugin = made(Config::default());
    let (doc, kept) = enrol(&plugin, None);
    let (_, other) = enrol(&plugin, None);
    for wrong in [answer(&other, None), Answer { machine_nonce: secret(""), ..answer(&kept, None) }] {
        assert_eq!(refused(&judge(&plugin, NOW, &doc, wrong)), (Refusal::Wrong, false));
    }
    let nobody = judge_in(&plugin, &scope(NOW), &[], answer(&kept, None)).unwrap();
    assert_eq!(refused(&nobody), (Refusal::Wrong, false));
}

#[test]
fn of_several_devices_the_one_that_answers_is_found() {
    let plugin = made(Config::default());
    let all: Vec<_> = (0..3).map(|_| enrol(&plugin, None)).collect();
    let docs: Vec<_> = all.iter().map(|(doc, _)| doc.clone()).collect();
    for (_, kept) in &all {
        accepted(judge_in(&plugin, &scope(NOW), &docs, answer(kept, None)).unwrap());
    }
}

#[test]
fn a_device_is_forgotten_when_its_time_is_over_and_sooner_where_that_is_said_now() {
    let plugin = made(Config::default());
    let (doc, kept) = enrol(&plugin, None);
    let last = NOW.plus(DAY * 30);
    accepted(judge(&plugin, Timestamp(last.0 - 1), &doc, answer(&kept, None)));
    assert_eq!(refused(&judge(&plugin, last, &doc, answer(&kept, None))), (Refusal::Expired, true));
    let strict = made(Config { remember_days: 7, ..Config::default() });
    assert_eq!(
        refused(&judge(&strict, NOW.plus(DAY * 7), &doc, answer(&kept, None))),
        (Refusal::Expired, true)
    );
    let lax = made(Config { remember_days: 60, ..Config::default() });
    assert_eq!(refused(&judge(&lax, last, &doc, answer(&kept, None))), (Refusal::Expired, true));
}

#[test]
fn a_device_that_said_what_it_looks_like_must_look_the_same() {
    let plugin = made(Config::default());
    let (doc, kept) = enrol(&plugin, Some("round and green"));
    accepted(judge(&plugin, NOW, &doc, answer(&kept, Some("round and green"))));
    for other in [None, Some(""), Some("round and red"), Some("round and green ")] {
        assert_eq!(refused(&judge(&plugin, NOW, &doc, answer(&kept, other))), (Refusal::Wrong, false));
    }
    let (doc, kept) = enrol(&plugin, None);
    accepted(judge(&plugin, NOW, &doc, answer(&kept, Some("whatever"))));
}

#[test]
fn it_is_no_first_factor_and_no_proof_of_who_is_there_now() {
    let plugin = made(Config::default());
    let (doc, kept) = enrol(&plugin, None);
    let with = |change: &dyn Fn(&mut Scope)| {
        let mut scope = scope(NOW);
        change(&mut scope);
        refused(&judge_in(&plugin, &scope, std::slice::from_ref(&doc), answer(&kept, None)).unwrap())
    };
    assert_eq!(with(&|scope| scope.first = true), (Refusal::Wrong, false));
    for purpose in [Purpose::Elevate, Purpose::Reset, Purpose::Enrol] {
        assert_eq!(with(&|scope| scope.purpose = purpose), (Refusal::Wrong, false));
    }
}

#[test]
fn what_is_too_long_is_no_answer() {
    let plugin = made(Config::default());
    let (doc, kept) = enrol(&plugin, None);
    let long = |n: usize| secret(&"x".repeat(n));
    for (answer, field) in [
        (Answer { machine_nonce: long(65), ..answer(&kept, None) }, "machine_nonce"),
        (Answer { sequence_nonce: long(65), ..answer(&kept, None) }, "sequence_nonce"),
        (Answer { fingerprint: Some(long(4097)), ..answer(&kept, None) }, "fingerprint"),
    ] {
        let fault = judge_in(&plugin, &scope(NOW), std::slice::from_ref(&doc), answer).unwrap_err();
        assert!(matches!(&fault, Fault::BadRequest { field: named, .. } if named == field), "{fault:?}");
    }
}
