//! Counters of tries.

use super::sample::{Sample, unique};
use gatewright_contract::Timestamp;
use gatewright_core::{
    store::{Reserved, Tried, Write},
    throttle::{Counter, CounterKey, Lasts, Refund, Reservation, Rule},
    token::HashedToken,
};
use std::time::Duration;

pub(super) const RULE: Rule = Rule {
    limit: 3,
    window: Duration::from_secs(100),
    first_block: Duration::from_secs(60),
    max_block: Duration::from_secs(200),
    in_a_row: Some(1000),
    lasts: Lasts::Doubled,
};

/// For what one place counts.
const PLACE: Rule = Rule { limit: u32::MAX, in_a_row: Some(u32::MAX), ..RULE };

/// What is taken back at most: of what one place counts here that is sometimes all and sometimes not.
const MOST: u32 = 2;

pub(super) fn counter() -> CounterKey {
    CounterKey(HashedToken(unique()))
}

pub(super) fn refund(counter: CounterKey, place: CounterKey, began: Option<Timestamp>) -> Refund {
    Refund { counter, place, rule: RULE, most: MOST, began }
}

pub(super) async fn tries_are_counted_in_order(s: Sample) {
    let (address, person) = (counter(), counter());
    let wide = Rule { limit: 5, ..RULE };
    let both = [(address, wide), (person, RULE)];
    let reserve = async |counters: &[(CounterKey, Rule)], now| {
        s.store.reserve(counters, now).await.expect("answers").result
    };
    for _ in 0..3 {
        assert_eq!(reserve(&both, s.now).await, Reserved::Granted);
    }
    let until = s.at(60);
    assert_eq!(reserve(&both, s.now).await, Reserved::Blocked { index: 1, until }, "the person is blocked");
    // That try was counted for the address: this one is its fifth.
    assert_eq!(reserve(&[(address, wide)], s.now).await, Reserved::Granted);
    assert_eq!(reserve(&both, s.now).await, Reserved::Blocked { index: 0, until });
    assert_eq!(reserve(&[(person, RULE)], s.at(60)).await, Reserved::Granted, "the block is over");

    assert_eq!(reserve(&[], s.now).await, Reserved::Granted);
    let twice = counter();
    let thrice = [(twice, RULE), (twice, RULE), (twice, RULE), (twice, RULE)];
    assert_eq!(
        reserve(&thrice, s.now).await,
        Reserved::Blocked { index: 3, until },
        "one that is named often"
    );
}

/// Random tries, forgivings and moments, in the store and in the core's own counter.
pub(super) async fn forgiving_is_the_arithmetic_of_the_core(s: Sample) {
    let key = counter();
    let mut model = Counter::default();
    let mut now = s.now;
    for round in 0..300 {
        let [dice, secs, ..] = unique();
        now.0 += i64::from(secs % 40) * 1_000_000;
        if dice % 2 == 0 {
            s.put(vec![Write::CounterForgive(key, RULE)]).await;
            model.forgive_one(&RULE);
        } else {
            let expected = match model.reserve(&RULE, now) {
                Reservation::Granted => Reserved::Granted,
                Reservation::Blocked { until } => Reserved::Blocked { index: 0, until },
            };
            let found = s.store.reserve(&[(key, RULE)], now).await.expect("answers").result;
            assert_eq!(found, expected, "round {round}, {model:?}");
        }
    }
}

/// The same with two places that ask, and right answers of the one.
pub(super) async fn refunding_is_the_arithmetic_of_the_core(s: Sample) {
    let (person, places) = (counter(), [counter(), counter()]);
    let (mut model, mut of_places) = (Counter::default(), [Counter::default(); 2]);
    let mut began = None;
    let mut now = s.now;
    for round in 0..400 {
        let [dice, secs, at, ..] = unique();
        now.0 += i64::from(secs % 40) * 1_000_000;
        let at = usize::from(at % 2);
        if dice % 4 == 0 {
            let lifts = began.filter(|_| dice % 8 == 0);
            // The place is cleared as well, in whichever order they are named.
            let refund = Write::CounterRefund(refund(person, places[at], lifts));
            s.put(vec![refund, Write::CounterClear(places[at]), Write::CounterClear(counter())]).await;
            if of_places[at] != Counter::default() {
                model.refund(&of_places[at], &RULE, MOST, lifts);
            }
            of_places[at] = Counter::default();
            continue;
        }
        let wanted = [(person, RULE), (places[at], PLACE)];
        let found = s.store.reserve(&wanted, now).await.expect("answers");
        let expected = match model.reserve(&RULE, now) {
            Reservation::Granted => {
                of_places[at].reserve(&PLACE, now);
                let until = (model.blocked_until > now.0).then_some(Timestamp(model.blocked_until));
                began = until.or(began);
                Tried {
                    result: Reserved::Granted,
                    begun: until.map(|until| (0, until)).into_iter().collect(),
                }
            }
            Reservation::Blocked { until } => {
                Tried { result: Reserved::Blocked { index: 0, until }, begun: Vec::new() }
            }
        };
        assert_eq!(found, expected, "round {round}, {model:?}");
    }
    // What is not there takes nothing back.
    s.put(vec![Write::CounterRefund(refund(person, counter(), None))]).await;
    s.put(vec![Write::CounterRefund(refund(counter(), places[0], None))]).await;
}

pub(super) async fn clearing(s: Sample) {
    let (key, other) = (counter(), counter());
    let reserve = async |key| s.store.reserve(&[(key, RULE)], s.now).await.expect("answers").result;
    for _ in 0..3 {
        reserve(key).await;
        reserve(other).await;
    }
    s.put(vec![Write::CounterClear(key), Write::CounterClear(counter())]).await;
    assert_eq!(reserve(key).await, Reserved::Granted);
    assert!(matches!(reserve(other).await, Reserved::Blocked { .. }));
    s.put(vec![Write::CounterForgive(counter(), RULE)]).await;
}

pub(super) async fn a_try_says_what_it_blocks(s: Sample) {
    let (address, person) = (counter(), counter());
    let wide = Rule { limit: 4, ..RULE };
    let both = [(address, wide), (person, RULE)];
    let tried = async |now| s.store.reserve(&both, now).await.expect("answers");
    for _ in 0..2 {
        assert_eq!(tried(s.now).await.begun, []);
    }
    let third = tried(s.now).await;
    assert_eq!((third.result, third.begun), (Reserved::Granted, vec![(1, s.at(60))]));
    // The person is blocked already; the try was counted for the address, and was its last.
    let until = s.at(60);
    let fourth = tried(s.now).await;
    assert_eq!((fourth.result, fourth.begun), (Reserved::Blocked { index: 1, until }, vec![(0, until)]));
    let fifth = tried(s.now).await;
    assert_eq!((fifth.result, fifth.begun), (Reserved::Blocked { index: 0, until }, vec![]));
}
