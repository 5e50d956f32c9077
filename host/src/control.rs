//! A host that runs is told what to do by who may: over a socket in its data folder (one JSON line in, JSON lines out),
//! or by SIGHUP.

mod client;
mod folder;
mod server;

pub use client::{ControlError, ask};
pub use server::start;

use gatewright_contract::{BoxFut, Timestamp};
use serde::{Deserialize, Serialize};

/// What does the work.
pub trait Reload: Send + Sync + 'static {
    /// Puts the library that the configuration names now in the place of the one that serves; none named: of all that
    /// are libraries. Lines for the operator.
    ///
    /// # Errors
    /// Why what served before goes on serving, as lines for the operator.
    fn reload<'a>(&'a self, plugin: Option<&'a str>) -> BoxFut<'a, Result<Vec<String>, Vec<String>>>;

    /// What runs.
    fn running(&self) -> Vec<RunningPlugin>;
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
    },
    /// See [`Reload::running`].
    Plugins {},
}

/// What is told: one line each, the last of which is [`Told::Done`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Told {
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
