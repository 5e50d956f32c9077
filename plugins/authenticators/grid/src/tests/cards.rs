//! Making cards.

use super::*;
use crate::{Draft, Invite, Reveal};
use gatewright_contract::{Enrol as _, Enrolment, Registration, Rehearse as _};
use serde_json::json;
use std::collections::HashSet;

fn invite(grid: &Grid, held: &[Held<Card>], label: Option<&str>) -> Result<Draft, Fault> {
    let body = Invite { label: label.map(str::to_owned) };
    Ok(ready(grid.invite(call(&scope(NOON), held, body)))?.state)
}

fn make(grid: &Grid, held: &[Held<Card>]) -> Enrolment<Card, Reveal> {
    let draft = Draft { label: Some("Wallet".to_owned()) };
    ready(grid.enrol(call(&scope(NOON), held, (draft, Nothing {})))).unwrap()
}

#[test]
fn a_card_is_shown_once_and_opens_the_door() {
    let grid = made(Config { valid_days: Some(365), ..Config::default() });
    let Enrolment::Enrolled { credential, label, lookup: None, reveal } = make(&grid, &[]) else { panic!() };
    assert_eq!(label.as_deref(), Some("Wallet"));
    assert_eq!((reveal.rows.len(), reveal.rows[0].len(), reveal.rows[4][9].len()), (5, 10, 2));
    assert_eq!(reveal.expires_at.as_deref(), Some("2027-03-01T12:00:00Z"));
    assert_eq!(
        Grid::describe(&credential),
        json!({"serial": reveal.serial, "expires_at": reveal.expires_at})
    );

    let mine = [held(1, credential)];
    let (prompt, state) = grid.ask(&scope(NOON), &mine);
    let prompt = serde_json::to_value(prompt).unwrap();
    let answer = Grid::answer(&Nothing {}, &reveal, &prompt, NOON, 0).unwrap();
    let typed = answer["characters"].as_str().unwrap();
    assert_eq!(refusal(&grid.judge(&scope(NOON), &mine, &state, typed)), None);
}

#[test]
fn no_two_cards_are_alike() {
    let grid = made(Config::default());
    let cards: Vec<Card> = (0..50).map(|_| grid.card()).collect();
    assert_eq!(cards.iter().map(|c| c.characters.expose()).collect::<HashSet<_>>().len(), 50);
    assert_eq!(cards.iter().map(|c| &c.serial).collect::<HashSet<_>>().len(), 50);
    assert!(cards.iter().all(|c| c.serial.len() == 8 && c.serial.bytes().all(|b| b.is_ascii_digit())));
}

#[test]
fn each_character_is_as_likely_as_any_other() {
    let grid = made(Config::default());
    let mut counts = std::collections::BTreeMap::new();
    for _ in 0..100 {
        for c in grid.card().characters.expose().chars() {
            *counts.entry(c).or_insert(0) += 1;
        }
    }
    let alphabet: Vec<char> = counts.keys().copied().collect();
    let expected: std::collections::BTreeSet<char> = Config::default().alphabet.chars().collect();
    assert!(alphabet.iter().eq(expected.iter()), "{alphabet:?}");
    // 400 are expected, with a standard deviation of 20.
    assert!(counts.values().all(|n| (300..500).contains(n)), "{counts:?}");
}

#[test]
fn no_more_cards_than_the_configuration_allows() {
    let grid = made(Config { max_cards: 1, ..Config::default() });
    let mine = [held(1, grid.card())];
    assert!(matches!(invite(&grid, &mine, None), Err(Fault::BadRequest { .. })));
    let Enrolment::Rejected(violations) = make(&grid, &mine) else { panic!() };
    assert_eq!(violations[0].code, "too_many");
}

#[test]
fn a_label_is_short_and_printable_or_left_out() {
    let grid = made(Config::default());
    for bad in ["x".repeat(65), "two\nlines".to_owned()] {
        assert!(matches!(invite(&grid, &[], Some(&bad)), Err(Fault::BadRequest { .. })));
    }
    assert!(invite(&grid, &[], Some("  ")).unwrap().label.is_none());
    assert_eq!(invite(&grid, &[], Some(" Purse ")).unwrap().label.as_deref(), Some("Purse"));
}

#[test]
fn a_document_survives_the_way_through_json_and_does_not_print() {
    let grid = made(Config::default());
    let card = grid.card();
    let back: Card = serde_json::from_value(serde_json::to_value(&card).unwrap()).unwrap();
    assert_eq!((back.characters.expose(), &back.asked), (card.characters.expose(), &card.asked));
    assert!(!format!("{card:?}").contains(&card.characters.expose()[..6]));
}

#[test]
fn it_is_registered_with_its_abilities() {
    let linked = Registration::linked();
    let [grid] = linked.as_slice() else { panic!("{linked:?}") };
    let made = (grid.make)(json!({}), Arc::new(Desk::counting(NOON))).unwrap();
    let manifest = made.manifest();
    assert_eq!(manifest.id, "grid");
    assert!(manifest.abilities.enrol && manifest.abilities.rehearse && manifest.traits.many);
}
