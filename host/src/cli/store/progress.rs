//! How far a copy is: a bar on a terminal, a line a table elsewhere.

use crate::store::operator::Progress;
use indicatif::{ProgressBar, ProgressStyle};
use std::io::IsTerminal;

pub(super) struct Bar {
    /// None: standard error is no terminal.
    bar: Option<ProgressBar>,
    /// Table and phase that were told last.
    told: Option<(&'static str, bool)>,
}

impl Bar {
    pub(super) fn new() -> Self {
        let bar = std::io::stderr().is_terminal().then(|| {
            let bar = ProgressBar::new(0);
            if let Ok(style) = ProgressStyle::with_template("{msg:32} {wide_bar} {human_pos}/{human_len}") {
                bar.set_style(style);
            }
            bar
        });
        Self { bar, told: None }
    }

    pub(super) fn say(&mut self, how_far: Progress) {
        let Progress { table, comparing, done, rows } = how_far;
        let what = if comparing { "comparing" } else { "copying" };
        let is_new = self.told.replace((table, comparing)) != Some((table, comparing));
        match &self.bar {
            Some(bar) => {
                bar.set_length(rows);
                bar.set_position(done);
                bar.set_message(format!("{what} {table}"));
            }
            None if is_new => eprintln!("{what} {table}: {rows} rows"),
            None => {}
        }
    }

    pub(super) fn end(self) {
        if let Some(bar) = self.bar {
            bar.finish_and_clear();
        }
    }
}
