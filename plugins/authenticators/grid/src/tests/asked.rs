//! Which cells are asked for, of whom, and for how long.

use super::*;
use gatewright_contract::Pseudonym;
use std::collections::HashSet;

fn cells(prompt: &Prompt) -> Vec<(u8, u8)> {
    prompt.cells.iter().map(|c| (c.column, c.row)).collect()
}

#[test]
fn what_is_asked_for_stays_until_it_is_answered() {
    let grid = made(Config::default());
    let mine = [held(1, grid.card())];
    let (first, state) = grid.ask(&scope(NOON), &mine);
    for days in 0..100 {
        let (again, _) = grid.ask(&scope(after_days(days)), &mine);
        assert_eq!(cells(&again), cells(&first));
    }
    assert_eq!(refusal(&grid.judge(&scope(NOON), &mine, &state, "AAAAAA")), Some(Refusal::Wrong));
    let right = reads(&mine[0].doc, &state.cells);
    let (_, next) = outcome(&grid.judge(&scope(NOON), &mine, &state, &right)).unwrap();
    let (other, _) = grid.ask(&scope(NOON), &[held(1, next)]);
    assert_ne!(cells(&other), cells(&first));
}

#[test]
fn cells_come_again_only_after_half_of_the_card() {
    for config in [
        Config::default(),
        Config { columns: 4, rows: 3, challenge_cells: 3, ..Config::default() },
        Config { columns: 26, rows: 20, challenge_cells: 8, ..Config::default() },
    ] {
        let grid = made(config.clone());
        let mut card = grid.card();
        let mut history: Vec<Cell> = Vec::new();
        let apart = usize::from(config.cells()) / 2;
        for _ in 0..400 {
            let distinct: HashSet<_> = card.asked.iter().map(|c| (c.column, c.row)).collect();
            assert_eq!(distinct.len(), usize::from(config.challenge_cells), "no cell twice in one challenge");
            assert!(card.asked.iter().all(|c| c.column < config.columns && c.row < config.rows));
            let lately = &history[history.len().saturating_sub(apart)..];
            assert!(card.asked.iter().all(|c| !lately.contains(c)), "{:?} in {lately:?}", card.asked);
            history.extend(&card.asked);
            card = card.answered(&config, &grid.host).unwrap();
            assert!(card.recent.len() <= apart, "what is remembered does not grow");
        }
        let all: HashSet<_> = history.iter().map(|c| (c.column, c.row)).collect();
        assert_eq!(all.len(), usize::from(config.cells()), "each cell comes up in the end");
    }
}

#[test]
fn each_cell_is_as_likely_as_any_other() {
    let grid = made(Config::default());
    let mut counts = vec![0_u32; 50];
    for _ in 0..4000 {
        for cell in crate::cells::draw(&grid.host, (10, 5), 3, &[]).unwrap() {
            counts[usize::from(cell.row) * 10 + usize::from(cell.column)] += 1;
        }
    }
    // 240 are expected, with a standard deviation of 15.
    assert!(counts.iter().all(|n| (165..315).contains(n)), "{counts:?}");
}

#[test]
fn nobody_is_asked_for_cells_that_stay_until_nobody_could_have_logged_in() {
    let grid = made(Config::default());
    let (mut spans, mut counts) = (Vec::new(), Vec::new());
    for who in 0..40_u8 {
        let at = |hours: u64| Scope {
            pseudonym: Pseudonym([who; 32]),
            ..scope(NOON.plus(Duration::from_secs(hours * 60 * 60)))
        };
        let mut last = cells(&grid.ask(&at(0), &[]).0);
        let distinct: HashSet<_> = last.iter().collect();
        assert_eq!((last.len(), distinct.len()), (3, 3));
        let (mut since, mut changes) = (0, 0);
        for hours in 1..24 * 60 {
            let now = cells(&grid.ask(&at(hours), &[]).0);
            if now != last {
                spans.push(hours - since);
                (last, since, changes) = (now, hours, changes + 1);
            }
        }
        counts.push(changes);
    }
    // In sixty days some log in often and some seldom, and nobody by the clock.
    counts.sort_unstable();
    assert!(counts[0] < 15 && counts[39] > 30 && counts[39] <= 60, "{counts:?}");
    let distinct: HashSet<_> = spans.iter().collect();
    assert!(distinct.len() > 60, "{distinct:?}");
    assert!(spans.iter().any(|span| *span > 24 * 5), "somebody was away for a while");
}

#[test]
fn people_who_do_not_exist_are_not_asked_for_the_same_cells() {
    let grid = made(Config::default());
    let ask = |who: u8| cells(&grid.ask(&Scope { pseudonym: Pseudonym([who; 32]), ..scope(NOON) }, &[]).0);
    let all: HashSet<_> = (0..100).map(ask).collect();
    assert!(all.len() > 95, "{}", all.len());
}

#[test]
fn the_prompt_has_one_form_for_all_until_something_is_proven() {
    let grid = made(Config::default());
    let first = testing::scope(NOON, Some("anna"));
    let form = |scope: &Scope, held: &[Held<Card>]| {
        let mut prompt = grid.ask(scope, held).0;
        assert_eq!(prompt.cells.len(), 3);
        prompt.cells.clear();
        serde_json::to_value(prompt).unwrap()
    };
    let two = [held(1, grid.card()), held(2, grid.card())];
    assert_eq!(form(&first, &two), form(&first, &[]));
    let second = form(&scope(NOON), &two);
    assert_eq!(second["cards"][0]["serial"], two[0].doc.serial.as_str());
    assert_eq!(second["cards"].as_array().unwrap().len(), 2);
}
