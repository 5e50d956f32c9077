//! What is wrong with a chain: judged from the lines alone.

use super::{Hash, Logged};
use gatewright_contract::Timestamp;
use std::fmt;

/// How many lost lines are looked for where the ones after them were numbered anew.
const MOST_LOST: i64 = 1_000;

/// The first thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// Lines are not there, and their numbers are free.
    Missing {
        /// The first.
        from: i64,
        /// The last.
        to: i64,
    },
    /// Lines are not there, and those after them were numbered anew.
    Removed {
        /// The number of the first.
        at: i64,
        /// How many.
        count: i64,
    },
    /// A line says something else than when it was written.
    Altered(i64),
    /// A line of the chain has no hash.
    Unlinked(i64),
    /// Lines that nobody wrote, and those after them were numbered anew.
    Inserted {
        /// The first.
        from: i64,
        /// The last.
        to: i64,
    },
    /// Two lines stand in each other's place.
    Swapped(i64, i64),
    /// A line from before the beginning of the chain that has a hash: it was pruned, or nobody wrote it.
    Stray(i64),
    /// The beginning was moved to this line, and no line says that the log was pruned.
    Begun(i64),
    /// The end is missing.
    Cut {
        /// The last line that is there.
        last: i64,
        /// The last line that there was.
        end: i64,
    },
    /// There are lines after the end.
    Beyond(i64),
    /// The head names another hash for the last line.
    Head(i64),
    /// A sealed checkpoint knows another hash for this line: it, or one before it, was written anew.
    Rewritten {
        /// The line.
        number: i64,
        /// The last line that an earlier checkpoint vouches for.
        sound: i64,
        /// When the checkpoint was sealed.
        sealed: Timestamp,
    },
    /// A checkpoint does not open.
    Checkpoint(i64),
}

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Missing { from, to } if from == to => write!(f, "line {from} is missing"),
            Self::Missing { from, to } => write!(f, "lines {from} to {to} are missing"),
            Self::Removed { at, count: 1 } => {
                write!(f, "line {at} is missing, and the lines after it were numbered anew")
            }
            Self::Removed { at, count } => {
                write!(f, "{count} lines from {at} on are missing, and those after them were numbered anew")
            }
            Self::Altered(n) => {
                write!(f, "line {n} was altered (or line {} was, together with its hash)", n - 1)
            }
            Self::Unlinked(n) => write!(f, "line {n} was altered: its hash is gone"),
            Self::Inserted { from, to } if from == to => write!(f, "line {from} was inserted"),
            Self::Inserted { from, to } => write!(f, "lines {from} to {to} were inserted"),
            Self::Swapped(a, b) => write!(f, "lines {a} and {b} were exchanged"),
            Self::Stray(n) => write!(f, "line {n} was inserted: the chain begins after it"),
            Self::Begun(n) => {
                write!(f, "the lines up to {n} are missing, and no line says that the log was pruned")
            }
            Self::Cut { last, end } => {
                write!(f, "the end is missing: there were lines up to {end}, the last one is {last}")
            }
            Self::Beyond(n) => write!(f, "line {n} was inserted after the end, or the head was set back"),
            Self::Head(n) => write!(f, "the head was replaced: it does not fit line {n}"),
            Self::Rewritten { number, sound, sealed } => write!(
                f,
                "lines were rewritten between {} and {number}: the checkpoint of {} knows another hash for line \
                 {number}",
                sound + 1,
                super::line::rfc3339(sealed)
            ),
            Self::Checkpoint(0) => f.write_str("a checkpoint was altered: it can't be read"),
            Self::Checkpoint(n) => write!(f, "the checkpoint of line {n} was altered: it does not open"),
        }
    }
}

/// Says what is wrong with the first line of the window, which does not follow line `at` with this hash. The more
/// of the lines after it the window has, the better.
pub fn diagnose(at: i64, previous: &Hash, window: &[Logged]) -> Flaw {
    let number = at + 1;
    let Some(first) = window.first() else { return Flaw::Missing { from: number, to: number } };
    if first.number > number {
        return Flaw::Missing { from: number, to: first.number - 1 };
    }
    // What belongs here stands further down.
    let belongs = |line: &Logged| line.hash == Some(line.event.link(previous, number));
    if let Some(place) = window.iter().skip(1).position(belongs).map(|place| place + 1) {
        return moved(number, window, place);
    }
    let Some(hash) = first.hash else { return Flaw::Unlinked(number) };
    // What follows was written after a line of this hash, but had a greater number then.
    if let Some(next) = window.get(1).filter(|next| !follows(&hash, next.number, next)) {
        let lost = (1..=MOST_LOST).find(|lost| follows(&hash, next.number + lost, next));
        if let Some(count) = lost {
            return Flaw::Removed { at: number, count };
        }
    }
    Flaw::Altered(number)
}

fn moved(number: i64, window: &[Logged], place: usize) -> Flaw {
    let (first, other) = (&window[0], &window[place]);
    let before = if place == 1 { other.hash } else { window[place - 1].hash };
    match before {
        Some(before) if follows(&before, other.number, first) => Flaw::Swapped(number, other.number),
        _ => Flaw::Inserted { from: number, to: other.number - 1 },
    }
}

fn follows(previous: &Hash, number: i64, line: &Logged) -> bool {
    line.hash == Some(line.event.link(previous, number))
}

#[cfg(test)]
#[path = "flaw_tests.rs"]
mod tests;
