//! Which questions are asked, of whom, and for how long.

use super::*;
use gatewright_contract::Pseudonym;
use std::collections::{BTreeMap, BTreeSet};

fn questions(prompt: &Prompt) -> Vec<String> {
    prompt.questions.iter().map(|q| q.question.clone()).collect()
}

#[test]
fn what_is_asked_stays_until_it_is_answered() {
    let kba = made(cheap());
    let anna = kba.anna();
    let (first, state) = kba.ask(&scope(NOON), &anna);
    assert_eq!(first.questions.len(), 3);
    for days in 0..30 {
        let later = scope(NOON.plus(Duration::from_secs(days * 24 * 60 * 60)));
        assert_eq!(questions(&kba.ask(&later, &anna).0), questions(&first));
    }
    let mut seen = BTreeSet::from([questions(&first)]);
    let mut doc = outcome(&kba.judge(&anna, &state, &kba.right(&first))).unwrap();
    for _ in 0..20 {
        let now = held(doc);
        let (prompt, state) = kba.ask(&scope(NOON), &now);
        seen.insert(questions(&prompt));
        doc = outcome(&kba.judge(&now, &state, &kba.right(&prompt))).unwrap();
    }
    assert!(seen.len() > 10, "others, and in other orders: {}", seen.len());
}

#[test]
fn each_question_and_each_order_is_as_likely_as_any_other() {
    let kba = made(cheap());
    let mut orders = BTreeMap::new();
    for _ in 0..6000 {
        *orders.entry(crate::asked::draw(&kba.host, 5, 3).unwrap()).or_insert(0) += 1;
    }
    // Sixty orders, 100 of each are expected, with a standard deviation of 10.
    assert_eq!(orders.len(), 60);
    assert!(orders.values().all(|n| (50..150).contains(n)), "{orders:?}");
}

#[test]
fn nobody_is_asked_questions_of_the_list_that_stay_for_some_days() {
    let kba = made(cheap());
    let list = kba.invitation().questions;
    for who in 0..30_u8 {
        let at = |hours: u64| Scope {
            pseudonym: Pseudonym([who; 32]),
            ..scope(NOON.plus(Duration::from_secs(hours * 60 * 60)))
        };
        let mut ever = BTreeSet::new();
        let (mut changes, mut last) = (0, questions(&kba.ask(&at(0), &[]).0));
        for hours in 0..24 * 28 {
            let (prompt, _) = kba.ask(&at(hours), &[]);
            let now = questions(&prompt);
            assert_eq!(now.iter().collect::<BTreeSet<_>>().len(), 3, "none twice");
            assert!(now.iter().all(|q| list.contains(q)));
            changes += u32::from(now != last);
            ever.extend(now.clone());
            last = now;
        }
        // On some days, and never more than once a day.
        assert!((1..=29).contains(&changes), "{changes}");
        assert!(ever.len() <= 5, "somebody has answered five questions, and nobody has as well: {ever:?}");
    }
    let ask = |who: u8| questions(&kba.ask(&Scope { pseudonym: Pseudonym([who; 32]), ..scope(NOON) }, &[]).0);
    assert!((0..50).map(ask).collect::<BTreeSet<_>>().len() > 45, "not everybody the same");
}
