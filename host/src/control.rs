//! A host that runs is told what to do by who may: over a socket in its data folder (one JSON line in, JSON lines out),
//! or by SIGHUP.

mod client;
mod folder;
mod server;

pub use client::{ControlError, ask};
pub use server::{hangup, start};

use gatewright_contract::{BoxFut, Timestamp};
use serde::{Deserialize, Serialize};

/// What does the work.
pub trait Reload: Send + Sync + 'static {
    /// Puts the library that the configuration names now in the place of the one that serves; none named: of all that
    /// are libraries.
    fn reload<'a>(&'a self, wanted: &'a Wanted) -> BoxFut<'a, Reloaded>;

    /// What runs.
    fn running(&self) -> Vec<RunningPlugin>;
}

/// What is to be reloaded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// Which; none: all libraries.
    pub plugin: Option<String>,
    /// Whether what policies go by may change with it.
    pub changed_traits: bool,
    /// Who asks.
    pub by: By,
}

/// Who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// Whoever sent SIGHUP; the system does not say who.
    Signal,
    /// A program of this user, over the control socket.
    User(u32),
}

/// What came of it, as lines for the operator.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reloaded {
    /// What was put in the place of what.
    pub swapped: Vec<String>,
    /// What else there is to know: unchanged ones, those that are left alone.
    pub notes: Vec<String>,
    /// What should have been swapped and was not, and why; what served before goes on serving.
    pub failed: Vec<String>,
}

/// A plugin that runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunningPlugin {
    /// Its id.
    pub id: String,
    /// Its version.
    pub version: String,
    /// Which of those that served under this id; none for what is built in.
    pub generation: Option<String>,
    /// Where it runs: `isolated` or `pool`; none for what is built in.
    pub mode: Option<String>,
    /// Its process, where it has one now.
    pub process: Option<u32>,
    /// Since when it serves.
    pub since: Option<Timestamp>,
}

/// What is asked: one line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "lowercase", deny_unknown_fields)]
pub enum Request {
    /// See [`Reload::reload`].
    Reload {
        /// Which; none: all libraries.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        plugin: Option<String>,
        /// See [`Wanted::changed_traits`].
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        changed_traits: bool,
    },
    /// See [`Reload::running`].
    Plugins {},
}

/// What is told: one line each, the last of which is [`Told::Done`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Told {
    /// What was swapped.
    Swapped(String),
    /// For the operator.
    Line(String),
    /// Why it did not go well.
    Reason(String),
    /// One that runs.
    Plugin(RunningPlugin),
    /// Whether it went well.
    Done(bool),
}

#[cfg(test)]
mod tests;
