//! A plugin, and how a linked one makes itself known.

use crate::{Health, House, Mount};
use async_trait::async_trait;
use gatewright_contract::{BoxFut, DynAuthenticator, Fault, Host, Provisioner};
use gatewright_core::{channel::Channel, outgoing::Outgoing, service::Service};
use serde_json::Value;
use std::sync::Arc;

/// What a plugin brings before the engine is made.
#[derive(Default)]
pub struct Contribution {
    /// Ways to prove who you are.
    pub authenticators: Vec<Arc<dyn DynAuthenticator>>,
    /// Ways to bring people in or out.
    pub provisioners: Vec<Arc<dyn Provisioner>>,
    /// Ways to reach people.
    pub channels: Vec<Arc<dyn Channel>>,
    /// What authenticators may ask the host for by name.
    pub services: Vec<Arc<dyn Service>>,
}

/// Something that joins the host.
#[async_trait]
pub trait Plugin: Send + Sync + 'static {
    /// What it brings before the engine is made.
    fn contribute(&self) -> Contribution {
        Contribution::default()
    }

    /// The API areas that it brings, made on the engine.
    fn mounts(&self, house: &House) -> Vec<Mount> {
        let _ = house;
        Vec::new()
    }

    /// Its version, where that can change while the host runs.
    fn version(&self) -> Option<String> {
        None
    }

    /// How it is. Called now and then; must return within a second.
    async fn health(&self) -> Health {
        Health::Ok
    }

    /// The host ends. Plugins are told in the reverse order of their start, each within a deadline.
    async fn shutdown(&self) {}
}

/// What a plugin is made from.
pub struct Setup {
    /// Its id.
    pub id: &'static str,
    /// Its table, already held against the schema.
    pub config: Value,
    /// The host's services.
    pub host: Host,
    /// The guarded way out.
    pub outgoing: Arc<dyn Outgoing>,
}

/// What the host finds of a linked plugin before it makes one.
pub struct Descriptor {
    /// Folder = config table.
    pub id: &'static str,
    /// Version of the crate.
    pub version: &'static str,
    /// See [`gatewright_contract::CONTRACT`].
    pub contract: u32,
    /// The crate's README.
    pub about: &'static str,
    /// Schema (JSON Schema draft 2020-12) and default of its config table.
    pub config: fn() -> (Value, Value),
    /// Makes it.
    pub init: fn(Setup) -> BoxFut<'static, Made>,
}

/// A plugin, or why it could not be made.
pub type Made = Result<Box<dyn Plugin>, Fault>;

inventory::collect!(Descriptor);

impl Descriptor {
    /// Everything that is linked, by id.
    pub fn linked() -> Vec<&'static Self> {
        let mut found: Vec<_> = inventory::iter::<Self>.into_iter().collect();
        found.sort_by_key(|d| d.id);
        found
    }
}

/// Why a plugin did not start.
#[derive(Debug, thiserror::Error)]
pub enum PluginError {
    /// Two plugins of one name.
    #[error("two plugins are called `{0}`: leave one out, or rename it")]
    DuplicateId(String),
    /// Made for another host.
    #[error("plugin `{plugin}` was made for contract {wants}, this host speaks {speaks}: rebuild the plugin")]
    Contract {
        /// Which.
        plugin: String,
        /// What it was made for.
        wants: u32,
        /// What the host speaks.
        speaks: u32,
    },
    /// An id that can't be a word in a URL.
    #[error("`{0}` can't be a plugin's id: use lower-case letters, digits and hyphens")]
    BadId(String),
    /// It refused its config.
    #[error("plugin `{plugin}`: {message}")]
    Config {
        /// Which.
        plugin: String,
        /// Key inside its table; empty for the whole.
        key: String,
        /// What is wrong and what would be right.
        message: String,
    },
    /// It could not begin.
    #[error("plugin `{plugin}` could not start")]
    Init {
        /// Which.
        plugin: String,
        /// Why.
        #[source]
        source: Fault,
    },
}
