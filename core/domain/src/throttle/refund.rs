//! What a right answer takes back where asking is the try: a few tries that its own place has counted, and nothing that
//! others have.

use super::{Counter, CounterKey, Rule};
use gatewright_contract::Timestamp;

/// What is to be taken back of a counter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refund {
    /// The counter.
    pub counter: CounterKey,
    /// What the place has counted of it. Stays as it is.
    pub place: CounterKey,
    /// The rule of the counter.
    pub rule: Rule,
    /// Tries that are taken back at most, the right one among them: others may ask from the same place.
    pub most: u32,
    /// The end of the block that the try began whose answer was right, if it began one: it is lifted.
    pub began: Option<Timestamp>,
}

impl Counter {
    /// Takes back what one place has counted, `most` of it at most. Where it can't be told whether some of it is still in the number of the
    /// window (a window or a block has ended since), that number stays: others must gain nothing by it.
    pub fn refund(&mut self, place: &Self, rule: &Rule, most: u32, began: Option<Timestamp>) {
        let (in_a_row, failures) = (place.in_a_row.min(most), place.failures.min(most));
        self.in_a_row = self.in_a_row.saturating_sub(in_a_row);
        let same_window = place.window_start >= self.window_start;
        let lifted = self.failures == 0 && began.is_some_and(|until| until.0 == self.blocked_until);
        if lifted {
            // It was the first block, so that all who filled the window did so since it began.
            let only = self.blocks <= 1 && same_window;
            self.failures = rule.limit.saturating_sub(if only { failures } else { 1 });
            self.blocked_until = 0;
            self.blocks = self.blocks.saturating_sub(1);
        } else if same_window && place.window_start >= self.blocked_until {
            self.failures = self.failures.saturating_sub(failures);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Lasts, Reservation};
    use super::*;
    use std::time::Duration;

    const RULE: Rule = Rule {
        limit: 5,
        window: Duration::from_secs(300),
        first_block: Duration::from_secs(60),
        max_block: Duration::from_secs(600),
        in_a_row: Some(20),
        lasts: Lasts::ForGood,
    };
    const PLACE: Rule = Rule { limit: u32::MAX, in_a_row: Some(u32::MAX), ..RULE };

    const MOST: u32 = 4;

    fn at(secs: i64) -> Timestamp {
        Timestamp::from_secs(1_000_000 + secs)
    }

    /// A person, and what two places have of them.
    #[derive(Default)]
    struct Tried {
        person: Counter,
        own: Counter,
        other: Counter,
    }

    impl Tried {
        /// The end of a block that it began; panics where it is blocked.
        fn asked(&mut self, own: bool, secs: i64) -> Option<Timestamp> {
            assert_eq!(self.person.reserve(&RULE, at(secs)), Reservation::Granted);
            let place = if own { &mut self.own } else { &mut self.other };
            place.reserve(&PLACE, at(secs));
            (self.person.blocked_until > at(secs).0).then_some(Timestamp(self.person.blocked_until))
        }

        fn right(&mut self, began: Option<Timestamp>) {
            self.person.refund(&self.own, &RULE, MOST, began);
            self.own = Counter::default();
        }
    }

    #[test]
    fn what_others_have_tried_stays() {
        let mut t = Tried::default();
        t.asked(false, 0);
        for second in 1..4 {
            t.asked(true, second);
        }
        t.right(None);
        assert_eq!((t.person.failures, t.person.in_a_row), (1, 1));
        // However often the owner logs in.
        for round in 0..3 {
            t.asked(false, 10 + round);
            let began = t.asked(true, 10 + round);
            t.right(began);
        }
        assert_eq!((t.person.failures, t.person.in_a_row), (4, 4));
        assert!(t.asked(false, 20).is_some(), "five of others");
    }

    #[test]
    fn no_more_than_a_few_are_taken_back_whoever_of_the_place_has_tried() {
        let mut t = Tried::default();
        for minute in 0..18 {
            t.asked(true, minute * 400);
        }
        t.right(None);
        assert_eq!((t.person.failures, t.person.in_a_row), (0, 14));
        // What was left is nobody's any more.
        let began = t.asked(true, 18 * 400);
        t.right(began);
        assert_eq!(t.person.in_a_row, 14);

        let mut t = Tried::default();
        for second in 0..4 {
            t.asked(true, second);
        }
        let began = t.asked(true, 4);
        assert!(began.is_some());
        t.right(began);
        assert_eq!(
            (t.person.failures, t.person.in_a_row, t.person.blocked_until),
            (1, 1, 0),
            "the block is lifted"
        );
    }

    #[test]
    fn a_block_that_the_right_answer_began_is_lifted_and_that_of_others_is_not() {
        let mut t = Tried::default();
        for second in 0..3 {
            t.asked(false, second);
        }
        t.asked(true, 3);
        let began = t.asked(true, 4);
        assert_eq!(began, Some(at(64)));
        t.right(began);
        assert_eq!((t.person.failures, t.person.in_a_row, t.person.blocked_until), (3, 3, 0));

        let mine = t.asked(true, 5);
        let theirs = t.asked(false, 6);
        assert!(mine.is_none() && theirs.is_some());
        t.right(mine);
        assert_eq!((t.person.blocked_until, t.person.in_a_row), (at(66).0, 4));
    }

    #[test]
    fn what_was_counted_before_a_window_or_a_block_gives_nobody_tries_in_the_next() {
        let mut t = Tried::default();
        t.asked(true, 0);
        t.asked(false, 301);
        t.asked(false, 302);
        t.right(None);
        assert_eq!((t.person.failures, t.person.in_a_row), (2, 2), "another window");

        let mut t = Tried::default();
        for second in 0..5 {
            t.asked(true, second);
        }
        t.asked(false, 65);
        t.asked(false, 66);
        let began = t.asked(true, 67);
        t.right(began);
        assert_eq!((t.person.failures, t.person.in_a_row), (3, 4), "a block lies between");
    }

    #[test]
    fn who_is_kept_out_for_good_gets_nothing_back_from_others() {
        let mut t = Tried::default();
        let mut second = 0;
        for _ in 0..19 {
            second += 700;
            t.asked(false, second);
        }
        let began = t.asked(true, second + 700);
        assert!(began.is_some_and(|until| until > at(second + 10 * 365 * 86_400)));
        t.right(began);
        assert_eq!((t.person.in_a_row, t.person.blocked_until), (19, 0));
        t.asked(false, second + 1_400);
        assert!(matches!(t.person.reserve(&RULE, at(second + 90_000_000)), Reservation::Blocked { .. }));
    }
}
