use super::*;
use gatewright_contract::{Accepted, CredentialChange, Outcome, Refusal, Registration, Rehearse as _};
use serde_json::json;

fn accepted(verdict: Verdict<Nothing, Nothing, Credential>) -> Option<Credential> {
    match (verdict.outcome, verdict.effects.credentials.into_iter().next()) {
        (
            Outcome::Accepted(Accepted { credential: Some(_), .. }),
            Some(CredentialChange::Replace { doc, .. }),
        ) => Some(doc),
        (Outcome::Refused(Refusal::Wrong | Refusal::NotEnrolled), None) => None,
        other => panic!("{other:?}"),
    }
}

#[test]
fn each_code_is_good_once_and_in_any_order() {
    let plugin = made(Config::default());
    let (mut doc, Reveal { codes }) = enrol(&plugin);
    assert_eq!((codes.len(), doc.counts()), (10, (10, 0)));
    for (n, at) in [9, 0, 5, 4, 8, 1, 7, 2, 6, 3].into_iter().enumerate() {
        let next = accepted(judge(&plugin, Some(&doc), &codes[at])).unwrap();
        assert_eq!(next.counts(), (9 - n, u32::try_from(n).unwrap() + 1));
        assert!(accepted(judge(&plugin, Some(&next), &codes[at])).is_none(), "used");
        doc = next;
    }
    assert!(codes.iter().all(|c| accepted(judge(&plugin, Some(&doc), c)).is_none()));
}

#[test]
fn a_new_list_ends_the_old_one() {
    let plugin = made(Config::default());
    assert!(!plugin.traits().many, "the host replaces the credential");
    let (_, old) = enrol(&plugin);
    let (doc, new) = enrol(&plugin);
    assert!(old.codes.iter().all(|c| accepted(judge(&plugin, Some(&doc), c)).is_none()));
    assert!(accepted(judge(&plugin, Some(&doc), &new.codes[0])).is_some());
}

#[test]
fn a_code_is_taken_however_it_is_written() {
    let plugin = made(Config::default());
    let (doc, Reveal { codes }) = enrol(&plugin);
    let code = &codes[3];
    for written in
        [code.to_lowercase(), code.replace('-', " "), code.replace('-', ""), code.replace('0', "o")]
    {
        assert!(accepted(judge(&plugin, Some(&doc), &written)).is_some(), "{written}");
    }
    for wrong in ["", "-", &code[1..], &format!("{code}0"), &format!("{code}\0"), &"0".repeat(5000)] {
        assert!(accepted(judge(&plugin, Some(&doc), wrong)).is_none(), "{wrong:?}");
    }
}

#[test]
fn nobody_is_refused() {
    let plugin = made(Config::default());
    let verdict = judge(&plugin, None, "7K3M-9QTV-2HXB-E0PZ");
    assert!(matches!(verdict.outcome, Outcome::Refused(Refusal::NotEnrolled)));
    assert!(verdict.effects.credentials.is_empty());
}

/// A list that was made for more or fewer codes than are settled today still works.
#[test]
fn a_list_from_before_a_change_of_the_configuration_stays_good() {
    let (doc, Reveal { codes }) = enrol(&made(Config { count: 12, length: 20, group: 5 }));
    assert_eq!(codes[0].len(), 23);
    let today = made(Config { count: 3, ..Config::default() });
    assert_eq!(accepted(judge(&today, Some(&doc), &codes[11])).unwrap().counts(), (11, 1));
}

#[test]
fn neither_a_code_nor_its_digest_is_printed_and_no_code_is_stored() {
    let (doc, Reveal { codes }) = enrol(&made(Config::default()));
    let stored = serde_json::to_value(&doc).unwrap();
    let printed = format!("{doc:?}");
    let text = stored.to_string();
    for code in codes {
        assert!(!text.contains(&code.replace('-', "")) && !text.contains(&code));
    }
    assert!(!printed.contains(stored["codes"][0].as_str().unwrap()), "{printed}");
    let back: Credential = serde_json::from_value(stored.clone()).unwrap();
    assert_eq!(serde_json::to_value(&back).unwrap(), stored);
    assert_eq!(stored["used"], json!(0));
    assert!(serde_json::from_value::<Credential>(json!({"salt": "AAAA", "codes": [], "used": 0})).is_err());
}

#[test]
fn the_rehearsal_uses_the_list_from_the_top() {
    let plugin = made(Config { count: 2, ..Config::default() });
    let (mut doc, reveal) = enrol(&plugin);
    for turn in 0..2 {
        let answer = RecoveryCode::answer(&Nothing {}, &reveal, &json!({}), NOW, turn).unwrap();
        doc = accepted(judge(&plugin, Some(&doc), answer["code"].as_str().unwrap())).unwrap();
    }
    assert!(RecoveryCode::answer(&Nothing {}, &reveal, &json!({}), NOW, 2).is_none());
}

#[test]
fn it_is_registered_as_a_second_factor_that_only_falls_back() {
    let linked = Registration::linked();
    let [registered] = linked.as_slice() else { panic!("{linked:?}") };
    let made = (registered.make)(json!({}), Arc::new(Desk::scattered(NOW))).unwrap();
    let traits = &made.manifest().traits;
    assert_eq!(made.manifest().id, "recovery-code");
    assert!(!traits.steps.first && traits.steps.second && traits.steps.fallback);
}
