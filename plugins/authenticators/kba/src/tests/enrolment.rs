use super::*;
use crate::normal::normal;
use gatewright_contract::Registration;

/// The answers that anna gives, with one changed.
fn changed(kba: &Kba, at: usize, question: Option<&str>, answer: Option<&str>) -> Value {
    let mut proof = Kba::prove(&kba.invitation(), NOON);
    for (key, text) in [("question", question), ("answer", answer)] {
        if let Some(text) = text {
            proof["answers"][at][key] = json!(text);
        }
    }
    proof
}

fn codes(kba: &Kba, proof: Value) -> Vec<String> {
    match kba.set_up(proof) {
        Enrolment::Rejected(violations) => violations.into_iter().map(|v| v.code).collect(),
        _ => Vec::new(),
    }
}

#[test]
fn each_rule_has_its_word() {
    let kba = made(Config { own_questions: true, ..cheap() });
    let long = "x".repeat(257);
    let cases: [(Option<&str>, Option<&str>, &[&str]); 10] = [
        (None, Some("Rex the 2nd"), &[]),
        (Some("Which tree did you fall out of?"), None, &[]),
        (None, Some("abc"), &["too_short"]),
        (None, Some("- . - ! ?"), &["too_short"]),
        (None, Some(&long), &["too_long"]),
        (None, Some("first PET"), &["in_question"]),
        (None, Some("Birch-Lane!"), &["repeated_answer"]),
        (Some("Too short"), None, &["question_length"]),
        (Some("With a \u{7} that rings in it?"), None, &["question_length"]),
        (Some("What was the first dish that you learned to cook"), None, &["repeated_question"]),
    ];
    for (question, answer, expected) in cases {
        // The other one of a pair is the one that is told.
        let mut found = codes(&kba, changed(&kba, 0, question, answer));
        found.dedup();
        assert_eq!(found, expected, "{question:?} {answer:?}");
    }
    let listed = made(cheap());
    let own = changed(&listed, 0, Some("Which tree did you fall out of?"), None);
    assert_eq!(codes(&listed, own), ["unknown_question"]);
}

#[test]
fn all_mistakes_are_told_at_once_and_none_repeats_an_answer() {
    let kba = made(cheap());
    let mut proof = changed(&kba, 0, Some("Which tree did you fall out of?"), Some("s3cret"));
    proof["answers"][1]["answer"] = json!("s3cret");
    proof["answers"][2]["answer"] = json!("x");
    proof["answers"].as_array_mut().unwrap().truncate(4);
    let Enrolment::Rejected(violations) = kba.set_up(proof) else { panic!() };
    let codes: Vec<_> = violations.iter().map(|v| v.code.as_str()).collect();
    assert_eq!(codes, ["too_few", "unknown_question", "repeated_answer", "too_short"]);
    assert!(violations.iter().all(|v| !v.message.contains("s3cret")), "{violations:?}");
}

#[test]
fn neither_too_few_nor_too_many_questions() {
    let kba = made(cheap());
    let questions = kba.invitation().questions;
    let many = |n: usize| {
        let pairs = questions.iter().cycle().take(n).enumerate();
        json!({"answers": pairs.map(|(i, q)| json!({"question": q, "answer": format!("answer number {i}")})).collect::<Vec<_>>()})
    };
    assert_eq!(codes(&kba, many(0)), ["too_few"]);
    assert_eq!(codes(&kba, many(4)), ["too_few"]);
    assert!(codes(&kba, many(5)).is_empty());
    assert!(codes(&kba, many(10)).is_empty());
    assert_eq!(codes(&kba, many(11)), ["too_many"]);
    assert_eq!(codes(&kba, many(5000)), ["too_many"]);
}

#[test]
fn answers_are_one_however_they_are_written() {
    for (one, other) in [
        ("St. John's", "st johns"),
        ("Straße 5", "STRASSE 5"),
        ("Ｒｅｘ", "rex"),
        ("caf\u{e9}", "cafe\u{301}"),
        ("ﬁne  wine", "Fine-Wine"),
        ("ΟΔΟΣ", "οδος"),
        ("दिल्ली", " दिल्ली "),
    ] {
        assert_eq!(*normal(one), *normal(other), "{one} {other}");
    }
    assert_ne!(*normal("cafe"), *normal("caf\u{e9}"));
    assert_ne!(*normal("rex 1"), *normal("rex 2"));
}

#[test]
fn no_answer_is_kept_that_could_be_read() {
    let kba = made(cheap());
    let [anna] = kba.anna();
    let json = serde_json::to_string(&anna.doc).unwrap();
    for said in ["alder", "birch", "cedar"] {
        assert!(!json.to_lowercase().contains(said), "{json}");
    }
    let back: Credential = serde_json::from_str(&json).unwrap();
    let (prompt, state) = kba.ask(&scope(NOON), &held(back.clone()));
    assert_eq!(refusal(&kba.judge(&held(back), &state, &kba.right(&prompt))), None);
    let salts: std::collections::BTreeSet<_> = serde_json::to_value(&anna.doc).unwrap()["questions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|q| q["answer"]["salt"].to_string())
        .collect();
    assert_eq!(salts.len(), 5, "a salt of its own for each");
}

#[test]
fn it_is_registered_and_off_unless_a_policy_names_it() {
    let linked = Registration::linked();
    let [kba] = linked.as_slice() else { panic!("{linked:?}") };
    let made = (kba.make)(json!({}), Arc::new(Desk::counting(NOON))).unwrap();
    let manifest = made.manifest();
    assert_eq!((manifest.id.as_str(), manifest.abilities.enrol), ("kba", true));
    let steps = manifest.traits.steps;
    assert!(!steps.first && !steps.second && !steps.fallback);
}
