//! Cases by turns, in CPU time, as ratios: the machine that measures is never quiet, but it is as loud for one case
//! as for the next.
//!
//! Every round gives each case one turn, beginning with another case each time, so that none always runs in the wake
//! of the same other. A ratio is made *within* a round; what is printed is the median over the rounds, with the least
//! and the greatest.
#![allow(dead_code, reason = "each bench uses a part")]
#![allow(clippy::print_stdout, reason = "a bench prints its table")]

use rustix::time::{ClockId, Timespec, clock_gettime};
use std::{
    fmt::Write,
    time::{Duration, Instant},
};

/// Rounds that count, unless `ROUNDS` says otherwise. One before them warms up and does not.
const ROUNDS: usize = 7;

/// What one turn measured, in the order of the race's columns; not a number where there is nothing to say.
pub(crate) type Turn = Vec<f64>;

/// CPU microseconds an operation, operations a second of wall time.
pub(crate) const COST: &[Column] =
    &[Column { name: "CPU µs", digits: 2 }, Column { name: "per second", digits: 0 }];

/// Something that a turn measures.
pub(crate) struct Column {
    pub(crate) name: &'static str,
    /// Behind the decimal point.
    pub(crate) digits: usize,
}

/// CPU time of the whole process, all threads: what the disk and the neighbours do to the wall clock is not in it.
pub(crate) fn cpu() -> Duration {
    duration(clock_gettime(ClockId::ProcessCPUTime))
}

/// CPU time of this thread.
pub(crate) fn thread_cpu() -> Duration {
    duration(clock_gettime(ClockId::ThreadCPUTime))
}

fn duration(time: Timespec) -> Duration {
    Duration::new(u64::try_from(time.tv_sec).unwrap_or(0), u32::try_from(time.tv_nsec).unwrap_or(0))
}

/// A turn of `count` operations for a race over [`COST`].
pub(crate) fn cost(count: usize, work: impl FnOnce()) -> Turn {
    let (before, started) = (cpu(), Instant::now());
    work();
    let (spent, passed) = (cpu() - before, started.elapsed());
    let count = count as f64;
    vec![spent.as_secs_f64() * 1e6 / count, count / passed.as_secs_f64()]
}

/// How many of something: what this variable of the environment says, or the default.
pub(crate) fn size(variable: &str, default: usize) -> usize {
    match std::env::var(variable) {
        Err(_) => default,
        Ok(text) => match text.replace('_', "").parse() {
            Ok(number) => number,
            Err(_) => panic!("{variable}={text}: a number was expected"),
        },
    }
}

/// Whether `cargo bench` runs it; `cargo test --all-targets` builds benches and starts them too.
pub(crate) fn is_wanted() -> bool {
    std::env::args().any(|arg| arg == "--bench")
}

struct Case<'a> {
    name: String,
    turn: Box<dyn FnMut() -> Turn + 'a>,
    turns: Vec<Turn>,
}

/// Cases that are held against the first of them.
pub(crate) struct Race<'a> {
    title: String,
    columns: &'static [Column],
    cases: Vec<Case<'a>>,
}

impl<'a> Race<'a> {
    pub(crate) fn new(title: &str, columns: &'static [Column]) -> Self {
        Self { title: title.to_owned(), columns, cases: Vec::new() }
    }

    /// The first one is what the others are divided by. `CASE` in the environment leaves out those in whose name it
    /// does not stand, for a look at one alone with a profiler.
    #[must_use]
    pub(crate) fn case(mut self, name: &str, turn: impl FnMut() -> Turn + 'a) -> Self {
        if std::env::var("CASE").is_ok_and(|wanted| !name.contains(&wanted)) {
            return self;
        }
        self.cases.push(Case { name: name.to_owned(), turn: Box::new(turn), turns: Vec::new() });
        self
    }

    /// Runs all rounds and prints the table.
    pub(crate) fn run(mut self) {
        if self.cases.is_empty() {
            return;
        }
        let rounds = std::env::var("ROUNDS").ok().and_then(|text| text.parse().ok()).unwrap_or(ROUNDS);
        for round in 0..=rounds {
            for turn in 0..self.cases.len() {
                let at = (turn + round) % self.cases.len();
                let case = &mut self.cases[at];
                let measured = (case.turn)();
                assert_eq!(measured.len(), self.columns.len(), "{}", case.name);
                if round > 0 {
                    case.turns.push(measured);
                }
            }
        }
        print!("{}", self.table(rounds));
    }

    fn table(&self, rounds: usize) -> String {
        let mut text = format!("\n### {} ({rounds} rounds)\n\n| case |", self.title);
        for column in self.columns {
            let _ = write!(text, " {} | ratio |", column.name);
        }
        text.push_str("\n|---|");
        text.push_str(&"---|---|".repeat(self.columns.len()));
        text.push('\n');
        let Some(first) = self.cases.first() else { return text };
        for case in &self.cases {
            let _ = write!(text, "| {} |", case.name);
            for (at, column) in self.columns.iter().enumerate() {
                let values: Vec<f64> = case.turns.iter().map(|turn| turn[at]).collect();
                let ratios: Vec<f64> =
                    case.turns.iter().zip(&first.turns).map(|(a, b)| a[at] / b[at]).collect();
                let _ = write!(text, " {} | {} |", spread(values, column.digits), spread(ratios, 3));
            }
            text.push('\n');
        }
        text
    }
}

/// Median, least and greatest.
fn spread(mut values: Vec<f64>, digits: usize) -> String {
    values.retain(|value| value.is_finite());
    values.sort_by(f64::total_cmp);
    match values.as_slice() {
        [] => "–".to_owned(),
        sorted => {
            let (middle, odd) = (sorted.len() / 2, sorted.len() % 2 == 1);
            let median = if odd { sorted[middle] } else { (sorted[middle - 1] + sorted[middle]) / 2.0 };
            let (least, greatest) = (sorted[0], sorted[sorted.len() - 1]);
            format!("{median:.digits$} [{least:.digits$}–{greatest:.digits$}]")
        }
    }
}
