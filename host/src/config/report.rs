//! What is wrong with a configuration: every mistake, each with its place.

use super::toml_text;
use std::fmt;
use std::path::PathBuf;

/// Where a value, or a mistake, comes from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// A file, or a TOML text held in memory, which then has its name as the path.
    File {
        /// The path as the operator wrote it.
        path: PathBuf,
        /// Line, from 1; 0 when the whole file is meant.
        line: usize,
        /// Column in characters, from 1; 0 when the whole file is meant.
        column: usize,
    },
    /// An environment variable.
    Env {
        /// The variable's whole name.
        variable: String,
    },
    /// Nobody gave it: the built-in default.
    Default,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File { path, line: 0, .. } => write!(f, "{}", path.display()),
            Self::File { path, line, column } => write!(f, "{}:{line}:{column}", path.display()),
            Self::Env { variable } => write!(f, "env {variable}"),
            Self::Default => f.write_str("default"),
        }
    }
}

/// One mistake, printed as one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigProblem {
    /// Where it is.
    pub place: Place,
    /// The dotted key that it is about; empty when it is about a whole file.
    pub key: String,
    /// What is wrong, in words for the operator. Never the value of a secret.
    pub message: String,
}

impl ConfigProblem {
    pub(super) fn new(place: Place, path: &[String], message: impl Into<String>) -> Self {
        Self { place, key: toml_text::dotted(path), message: message.into() }
    }
}

impl fmt::Display for ConfigProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.place)?;
        if !self.key.is_empty() {
            write!(f, "{}: ", self.key)?;
        }
        // One mistake stays one line, whatever a pattern or a library's message holds.
        f.write_str(&self.message.replace(char::is_control, " "))
    }
}

/// All mistakes of a configuration, in the order of their places.
#[derive(Clone, Debug, Default, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.lines())]
pub struct ConfigReport {
    /// The mistakes.
    pub problems: Vec<ConfigProblem>,
}

impl ConfigReport {
    /// Whether nothing is wrong.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.problems.is_empty()
    }

    /// Adds a mistake, for checks that no schema can say; see [`super::Loaded::problem`].
    pub fn push(&mut self, problem: ConfigProblem) {
        self.problems.push(problem);
    }

    /// Adds the mistakes of another report.
    pub fn extend(&mut self, other: Self) {
        self.problems.extend(other.problems);
    }

    /// `Ok` when nothing is wrong, else the report in the order of places, without repetitions.
    ///
    /// # Errors
    /// The report itself, when it has problems.
    pub fn into_result(mut self) -> Result<(), Self> {
        self.problems.sort_by(|a, b| (&a.place, &a.key).cmp(&(&b.place, &b.key)));
        self.problems.dedup();
        if self.is_empty() { Ok(()) } else { Err(self) }
    }

    fn lines(&self) -> String {
        self.problems.iter().map(ConfigProblem::to_string).collect::<Vec<_>>().join("\n")
    }
}

impl From<ConfigProblem> for ConfigReport {
    fn from(problem: ConfigProblem) -> Self {
        Self { problems: vec![problem] }
    }
}
