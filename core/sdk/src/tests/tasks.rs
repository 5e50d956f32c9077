//! Calls that wait for the host.

use super::desk::{Desk, Due, Made};
use crate::wire::Status;
use serde_json::json;
use std::{
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

#[test]
fn a_call_goes_on_where_the_answer_comes() {
    let desk = Desk::holding();
    let made = Made::new(&desk, &json!({})).unwrap();
    made.verify(1, json!({"does": "get"}));
    made.verify(2, json!({"does": "absent"}));
    assert_eq!((desk.answers(1), desk.answers(2)), (0, 0), "both are under way");
    desk.answer();
    assert_eq!((desk.answers(1), desk.answers(2)), (0, 1));
    thread::scope(|scope| scope.spawn(|| desk.answer()).join()).unwrap();
    assert_eq!(made.found(1)[0], 7);
}

#[test]
fn a_panic_on_the_hosts_thread_ends_there() {
    let desk = Desk::holding();
    let made = Made::new(&desk, &json!({})).unwrap();
    for (ticket, does) in [(1, "panic after"), (2, "grumpy")] {
        made.verify(ticket, json!({"does": does}));
        thread::scope(|scope| scope.spawn(|| desk.answer()).join()).unwrap();
        assert_eq!(desk.ended(ticket).unwrap_err().0, Status::Panic);
    }
}

#[test]
fn an_answer_may_come_after_the_call_and_after_the_instance() {
    let desk = Desk::holding();
    let made = Made::new(&desk, &json!({})).unwrap();
    made.verify(1, json!({"does": "abandon"}));
    made.verify(2, json!({"does": "abandon"}));
    assert_eq!(made.found(1), json!(true));
    desk.answer();
    drop(made);
    assert_eq!(*desk.logged.lock().unwrap(), ["1 ended"], "nothing holds the instance");
    desk.answer();
    assert_eq!((desk.answers(1), desk.answers(2)), (1, 1));
}

#[test]
fn a_call_that_nothing_can_wake_ends_at_once() {
    let desk = Desk::default();
    let made = Made::new(&desk, &json!({})).unwrap();
    made.verify(1, json!({"does": "forgotten"}));
    let (status, words) = desk.ended(1).unwrap_err();
    assert!(status == Status::Internal && words.message.contains("wake"), "{words:?}");
}

#[test]
fn a_future_that_wakes_itself_is_polled_again() {
    let desk = Desk::default();
    let made = Made::new(&desk, &json!({})).unwrap();
    // So often that a poll within a poll would overflow the stack.
    made.verify(1, json!({"does": "itself", "n": 200_000}));
    assert_eq!(made.found(1), json!(200_000));
}

/// A row of numbers that comes again with each run (`SplitMix64`).
struct Dice(u64);

impl Dice {
    fn below(&mut self, most: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % most as u64) as usize
    }
}

fn locked(due: &Mutex<Vec<Due>>) -> MutexGuard<'_, Vec<Due>> {
    due.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Takes what is due in any order and answers it, now and then several at once, until it is told to stop.
fn answers(desk: &Desk, seed: u64, stop: &AtomicBool) {
    let mut dice = Dice(seed);
    while !stop.load(Ordering::Acquire) {
        let mut taken = Vec::new();
        {
            let mut due = locked(&desk.due);
            for _ in 0..dice.below(4) {
                if !due.is_empty() {
                    let at = dice.below(due.len());
                    taken.push(due.swap_remove(at));
                }
            }
        }
        for due in taken {
            if dice.below(3) == 0 {
                thread::yield_now();
            }
            due.answer();
        }
    }
}

const CALLS: u64 = 400;
const CALLERS: u64 = 3;

/// Three answers for one task arrive on four threads at once, while others begin: what is polled twice at once panics,
/// what is not woken never ends.
fn crowd(seed: u64) {
    let desk = Desk::holding();
    let made = Made::new(&desk, &json!({})).unwrap();
    let stop = AtomicBool::new(false);
    thread::scope(|scope| {
        for thread in 0..4 {
            let (desk, stop) = (&desk, &stop);
            scope.spawn(move || answers(desk, seed * 100 + thread, stop));
        }
        for caller in 0..CALLERS {
            let made = &made;
            scope.spawn(move || {
                for n in 0..CALLS {
                    made.verify(1 + caller * CALLS + n, json!({"does": "many", "n": n}));
                }
            });
        }
        let all = desk.wait_for(1 + (CALLS * CALLERS) as usize);
        stop.store(true, Ordering::Release);
        assert!(all, "a call never ended, seed {seed}");
    });
    for ticket in 1..=CALLS * CALLERS {
        assert_eq!(made.found(ticket), json!((ticket - 1) % CALLS), "ticket {ticket}, seed {seed}");
    }
    drop(made);
    assert_eq!(*desk.logged.lock().unwrap(), ["1 ended"], "nothing holds the instance");
}

#[test]
fn no_interleaving_loses_a_wake() {
    (0..12).for_each(crowd);
}
