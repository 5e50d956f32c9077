use super::*;

#[test]
fn case_and_white_space_do_not_count_and_all_else_does() {
    let grid = made(Config::default());
    let mine = [held(1, grid.card())];
    let (_, state) = grid.ask(&scope(NOON), &mine);
    let right = reads(&mine[0].doc, &state.cells);
    let spaced = format!(" {} {}\t{}\n", &right[..2], &right[2..4], &right[4..]);
    for good in [right.clone(), right.to_lowercase(), spaced] {
        assert_eq!(refusal(&grid.judge(&scope(NOON), &mine, &state, &good)), None, "{good:?}");
    }
    let turned: String = right.chars().rev().collect();
    let mut wrong = vec![
        String::new(),
        right[..5].to_owned(),
        format!("{right}A"),
        format!("{right}\0"),
        format!("{}-{}", &right[..2], &right[2..]),
        "ＡＡＡＡＡＡ".to_owned(),
        " ".repeat(200) + &right,
    ];
    wrong.extend((turned != right).then_some(turned));
    for bad in wrong {
        assert_eq!(refusal(&grid.judge(&scope(NOON), &mine, &state, &bad)), Some(Refusal::Wrong), "{bad:?}");
    }
}

#[test]
fn an_answer_is_good_once() {
    let grid = made(Config::default());
    let mine = [held(1, grid.card())];
    let (_, here) = grid.ask(&scope(NOON), &mine);
    let (_, there) = grid.ask(&scope(NOON), &mine);
    let right = reads(&mine[0].doc, &here.cells);
    let (_, next) = outcome(&grid.judge(&scope(NOON), &mine, &here, &right)).unwrap();
    // Whoever has watched it, in a login that was shown the same cells.
    let spent = [held(1, next)];
    assert_eq!(refusal(&grid.judge(&scope(NOON), &spent, &there, &right)), Some(Refusal::Replayed));
    let (_, anew) = grid.ask(&scope(NOON), &spent);
    assert_eq!(refusal(&grid.judge(&scope(NOON), &spent, &anew, &right)), Some(Refusal::Wrong));
}

#[test]
fn the_oldest_card_asks_and_each_may_answer() {
    let grid = made(Config::default());
    let two = [held(2, grid.card()), held(1, grid.card())];
    let (prompt, state) = grid.ask(&scope(NOON), &two);
    assert_eq!(prompt.cells, two[1].doc.asked, "the oldest, wherever it stands in the list");
    for card in &two {
        let judged = grid.judge(&scope(NOON), &two, &state, &reads(&card.doc, &state.cells));
        assert_eq!(outcome(&judged).unwrap().0, card.id);
        let [CredentialChange::Replace { id, .. }] = judged.effects.credentials.as_slice() else { panic!() };
        assert_eq!(*id, two[1].id, "the one that asked asks for others");
    }
    let mixed =
        format!("{}{}", &reads(&two[0].doc, &state.cells)[..3], &reads(&two[1].doc, &state.cells)[3..]);
    assert_eq!(refusal(&grid.judge(&scope(NOON), &two, &state, &mixed)), Some(Refusal::Wrong));
}

#[test]
fn a_smaller_card_can_not_answer_for_cells_that_it_has_not() {
    let grid = made(Config::default());
    let small = made(Config { columns: 4, rows: 3, ..Config::default() }).card();
    let mut large = grid.card();
    large.asked = vec![Cell { column: 9, row: 4 }, Cell { column: 8, row: 0 }, Cell { column: 0, row: 3 }];
    let two = [held(1, large), held(2, small)];
    let (_, state) = grid.ask(&scope(NOON), &two);
    for typed in ["", "AAAAAA", "AA"] {
        assert_eq!(refusal(&grid.judge(&scope(NOON), &two, &state, typed)), Some(Refusal::Wrong));
    }
    assert_eq!(refusal(&grid.judge(&scope(NOON), &two, &state, &reads(&two[0].doc, &state.cells))), None);
}

#[test]
fn a_card_that_has_ended_is_as_if_it_were_not_there() {
    let grid = made(Config { valid_days: Some(30), ..Config::default() });
    let mine = [held(1, grid.card())];
    let (_, state) = grid.ask(&scope(after_days(29)), &mine);
    let right = reads(&mine[0].doc, &state.cells);
    assert_eq!(refusal(&grid.judge(&scope(after_days(29)), &mine, &state, &right)), None);
    let late = scope(after_days(30));
    assert_eq!(refusal(&grid.judge(&late, &mine, &state, &right)), Some(Refusal::Expired));
    let (prompt, _) = grid.ask(&late, &mine);
    assert_eq!(prompt.cells, grid.ask(&late, &[]).0.cells, "the cells of somebody who has none");
    assert!(prompt.cards.is_empty());
    // The one after it takes over.
    let mut younger = held(2, grid.card());
    younger.doc.expires = None;
    let both = [mine[0].clone(), younger];
    let (prompt, state) = grid.ask(&late, &both);
    assert_eq!((prompt.cells, prompt.cards.len()), (both[1].doc.asked.clone(), 1));
    assert_eq!(refusal(&grid.judge(&late, &both, &state, &reads(&both[1].doc, &state.cells))), None);
}

#[test]
fn nobody_is_refused_and_changes_nothing() {
    let grid = made(Config::default());
    let (_, state) = grid.ask(&scope(NOON), &[]);
    // Not even with what stands on the decoy.
    for typed in ["------", "AAAAAA", ""] {
        assert_eq!(refusal(&grid.judge(&scope(NOON), &[], &state, typed)), Some(Refusal::NotEnrolled));
    }
}

#[test]
fn one_persons_answer_is_not_anothers() {
    let grid = made(Config::default());
    let (anna, bert) = ([held(1, grid.card())], [held(2, grid.card())]);
    let (_, state) = grid.ask(&scope(NOON), &anna);
    let right = reads(&anna[0].doc, &state.cells);
    assert_eq!(refusal(&grid.judge(&scope(NOON), &bert, &state, &right)), Some(Refusal::Replayed));
}
