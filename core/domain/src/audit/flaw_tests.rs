//! Each way to tamper with a chain is told from the others.

use super::*;
use crate::{
    Origin,
    audit::{AuditHead, Event},
};
use gatewright_contract::TenantId;

fn event(word: &str) -> Event {
    let at = Timestamp::from_secs(1_767_225_600);
    Event::new(word, &TenantId::default_tenant(), at, &Origin::local("test"))
}

/// Lines 1 to `count`.
fn chain(count: usize) -> Vec<Logged> {
    let mut head = AuditHead::default();
    (1..=count)
        .map(|n| {
            let (next, line) = head.follow(event(&format!("test.{n}")));
            head = next;
            line
        })
        .collect()
}

/// Where a walk over these lines stops, and what it says.
fn judged(lines: &[Logged]) -> Option<String> {
    let (mut at, mut hash) = (0, Hash::default());
    for (place, line) in lines.iter().enumerate() {
        if line.number != at + 1 || !follows(&hash, line.number, line) {
            return Some(diagnose(at, &hash, &lines[place..]).to_string());
        }
        (at, hash) = (line.number, line.hash.expect("it follows"));
    }
    None
}

#[track_caller]
fn expect(lines: &[Logged], words: &str) {
    let said = judged(lines).expect("it was tampered with");
    assert!(said.starts_with(words), "{said}, not: {words}");
}

/// Gives the lines numbers without a gap.
fn numbered(mut lines: Vec<Logged>) -> Vec<Logged> {
    lines.iter_mut().zip(1..).for_each(|(line, number)| line.number = number);
    lines
}

#[test]
fn nothing_is_wrong_with_a_whole_chain() {
    assert_eq!(judged(&chain(20)), None);
}

#[test]
fn an_altered_line() {
    for n in [1, 10, 20] {
        let mut lines = chain(20);
        lines[n - 1].event.outcome = "refused".to_owned();
        expect(&lines, &format!("line {n} was altered"));
    }
    let mut lines = chain(20);
    lines[9].hash = None;
    expect(&lines, "line 10 was altered: its hash is gone");
}

#[test]
fn a_line_that_was_altered_with_its_hash() {
    let mut lines = chain(20);
    lines[9].event.person = Some(gatewright_contract::PersonId::from_parts(Timestamp(0), [1; 10]));
    let hash = lines[9].event.link(&lines[8].hash.expect("linked"), 10);
    lines[9].hash = Some(hash);
    // The one after it does not follow any more: which of the two it was, nobody can tell.
    expect(&lines, "line 11 was altered (or line 10 was, together with its hash)");
}

#[test]
fn a_deleted_line() {
    let mut lines = chain(20);
    lines.remove(16);
    expect(&lines, "line 17 is missing");
    expect(&numbered(lines.clone()), "line 17 is missing, and the lines after it were numbered anew");
    lines.drain(16..18);
    expect(&lines, "lines 17 to 19 are missing");
    let mut lines = chain(20);
    lines.drain(9..14);
    expect(&numbered(lines), "5 lines from 10 on are missing");
}

#[test]
fn an_inserted_line() {
    let mut lines = chain(20);
    let forged = Logged { number: 0, event: event("test.forged"), hash: Some([7; 32]) };
    lines.insert(10, forged.clone());
    expect(&numbered(lines.clone()), "line 11 was inserted");
    lines.insert(10, forged);
    expect(&numbered(lines), "lines 11 to 12 were inserted");
    // With a hash that fits, it is the next one that does not.
    let mut lines = chain(20);
    let event = event("test.forged");
    let hash = Some(event.link(&lines[9].hash.expect("linked"), 11));
    lines.insert(10, Logged { number: 0, event, hash });
    assert!(judged(&numbered(lines)).is_some_and(|said| said.contains("line 11")));
}

#[test]
fn lines_in_another_order() {
    for (a, b) in [(4, 5), (4, 9)] {
        let mut lines = chain(20);
        lines.swap(a - 1, b - 1);
        expect(&numbered(lines), &format!("lines {a} and {b} were exchanged"));
    }
}

#[test]
fn every_single_change_of_a_field_is_seen() {
    let changes: [fn(&mut Event); 12] = [
        |e| e.tenant = TenantId::parse("other").expect("a tenant"),
        |e| e.at = Timestamp(e.at.0 + 1),
        |e| e.kind.push('x'),
        |e| e.person = Some(gatewright_contract::PersonId(uuid::Uuid::nil())),
        |e| e.actor = Some(gatewright_contract::PersonId(uuid::Uuid::nil())),
        |e| e.session = Some(gatewright_contract::SessionId(uuid::Uuid::nil())),
        |e| e.authenticator = Some(String::new()),
        |e| e.target = Some(String::new()),
        |e| e.outcome.clear(),
        |e| e.door.clear(),
        |e| e.address = Some(String::new()),
        |e| e.request_id.clear(),
    ];
    for (field, change) in changes.into_iter().enumerate() {
        let mut lines = chain(6);
        change(&mut lines[2].event);
        assert!(judged(&lines).is_some_and(|said| said.starts_with("line 3 was altered")), "field {field}");
    }
}
