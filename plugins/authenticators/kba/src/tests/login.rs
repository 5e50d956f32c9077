use super::*;

#[test]
fn all_answers_must_be_right_in_any_order_and_however_they_are_written() {
    let kba = made(cheap());
    let anna = kba.anna();
    let (prompt, state) = kba.ask(&scope(NOON), &anna);
    let right = kba.right(&prompt);
    let turned: Vec<_> = right.iter().rev().cloned().collect();
    let shout = |a: &String| a.to_uppercase().replace(' ', " -. ");
    let written: Vec<_> = right.iter().map(|(id, a)| (id.clone(), shout(a))).collect();
    for good in [&right, &turned, &written] {
        assert_eq!(refusal(&kba.judge(&anna, &state, good)), None, "{good:?}");
    }
    for wrong in 0..3 {
        let mut one = right.clone();
        one[wrong].1.push('x');
        assert_eq!(refusal(&kba.judge(&anna, &state, &one)), Some(Refusal::Wrong));
        one[wrong].1 = String::new();
        assert_eq!(refusal(&kba.judge(&anna, &state, &one)), Some(Refusal::Wrong));
        let mut fewer = right.clone();
        fewer.remove(wrong);
        assert_eq!(refusal(&kba.judge(&anna, &state, &fewer)), Some(Refusal::Wrong));
    }
    let mut twice = right.clone();
    twice.push(right[0].clone());
    let mut other = right.clone();
    other.push(("0123456789abcdef".to_owned(), "anything".to_owned()));
    let mut guesses = right.clone();
    guesses.extend((0..50).map(|n| (right[0].0.clone(), format!("guess {n}"))));
    let mut long = right.clone();
    long[0].1 = format!("{}{}", " ".repeat(300), long[0].1);
    for bad in [twice, other, guesses, long, Vec::new()] {
        assert_eq!(refusal(&kba.judge(&anna, &state, &bad)), Some(Refusal::Wrong), "{}", bad.len());
    }
}

#[test]
fn the_answers_to_one_challenge_are_good_once() {
    let kba = made(cheap());
    let anna = kba.anna();
    let (prompt, state) = kba.ask(&scope(NOON), &anna);
    let right = kba.right(&prompt);
    let mut doc = outcome(&kba.judge(&anna, &state, &right)).unwrap();
    if doc.asked == anna[0].doc.asked {
        // One time in sixty the same are drawn again.
        doc.asked.reverse();
    }
    assert_eq!(refusal(&kba.judge(&held(doc), &state, &right)), Some(Refusal::Replayed));
}

#[test]
fn answers_of_other_questions_do_not_fit_those_that_are_due() {
    let kba = made(cheap());
    let anna = kba.anna();
    let (prompt, mut state) = kba.ask(&scope(NOON), &anna);
    let right = kba.right(&prompt);
    state.ids.clear();
    assert_eq!(refusal(&kba.judge(&anna, &state, &right)), Some(Refusal::Replayed));
    assert_eq!(refusal(&kba.judge(&anna, &state, &[])), Some(Refusal::Replayed));
}

#[test]
fn nobody_is_refused_and_changes_nothing() {
    let kba = made(cheap());
    let (prompt, state) = kba.ask(&scope(NOON), &[]);
    let said: Vec<_> = prompt.questions.iter().map(|q| (q.id.clone(), "alder grove".to_owned())).collect();
    for said in [said, Vec::new()] {
        assert_eq!(refusal(&kba.judge(&[], &state, &said)), Some(Refusal::NotEnrolled));
    }
}

#[test]
fn somebody_without_questions_proves_nothing_by_answering_none() {
    let kba = made(cheap());
    let mut anna = kba.anna();
    anna[0].doc.asked.clear();
    let (_, state) = kba.ask(&scope(NOON), &anna);
    assert_eq!(refusal(&kba.judge(&anna, &state, &[])), Some(Refusal::Wrong));
}

#[test]
fn what_is_looked_at_is_bounded_and_the_same_for_all() {
    let kba = made(cheap());
    let anna = kba.anna();
    let (_, state) = kba.ask(&scope(NOON), &anna);
    let given: Vec<Given> = Vec::new();
    assert_eq!(kba.to_compare(Some(&anna[0].doc), &state.ids, &given).len(), 3);
    let (_, nobodys) = kba.ask(&scope(NOON), &[]);
    assert_eq!(kba.to_compare(None, &nobodys.ids, &given).len(), 3);
}
