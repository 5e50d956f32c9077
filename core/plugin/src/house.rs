//! What an area gets of the host.

use gatewright_core::{Catalogue, Engine};
use gatewright_oauth::Provider;
use serde_json::Value;
use std::{
    collections::BTreeMap,
    net::IpAddr,
    sync::{Arc, PoisonError, RwLock},
};

/// The host as an area sees it.
#[derive(Clone)]
pub struct House {
    /// The engine.
    pub engine: Arc<Engine>,
    /// The OpenID provider.
    pub provider: Arc<Provider>,
    /// The authenticators that the document and the routes are made of. The engine's own may have changed since.
    pub catalogue: Arc<Catalogue>,
    /// The composed document, once it is.
    pub document: DocumentSlot,
    /// How the plugins are.
    pub health: Arc<HealthBoard>,
    /// The metrics of the host, in the text format of Prometheus.
    pub metrics: Arc<dyn Fn() -> String + Send + Sync>,
    /// The country of an address (ISO 3166-1), where the operator has given a file of them.
    pub countries: Arc<dyn Fn(IpAddr) -> Option<String> + Send + Sync>,
    /// Version of the host.
    pub version: &'static str,
}

/// Filled by the host after composing: an area that shows the document exists before it. Filled anew when a plugin has
/// been replaced; then the mounts of all areas are made anew as well, so that what one has made of the document is of
/// this one.
#[derive(Clone, Default)]
pub struct DocumentSlot(Arc<RwLock<Arc<Value>>>);

impl DocumentSlot {
    /// The document; empty before the host has composed it.
    pub fn get(&self) -> Arc<Value> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// For the host.
    pub fn fill(&self, document: Value) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(document);
    }
}

/// How a plugin is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Health {
    /// All is well.
    Ok,
    /// It works, but somebody should look.
    Degraded(String),
    /// It does not work.
    Down(String),
}

/// One line of the board.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PluginHealth {
    /// Version of the plugin.
    pub version: String,
    /// How it is.
    pub health: Health,
}

/// How the plugins were when they were last asked, and whether the host takes requests.
#[derive(Debug, Default)]
pub struct HealthBoard {
    plugins: RwLock<BTreeMap<String, PluginHealth>>,
    not_ready: RwLock<Option<String>>,
}

impl HealthBoard {
    /// Notes how a plugin is.
    pub fn set(&self, plugin: &str, version: &str, health: Health) {
        let line = PluginHealth { version: version.to_owned(), health };
        self.plugins.write().unwrap_or_else(PoisonError::into_inner).insert(plugin.to_owned(), line);
    }

    /// All plugins, by id.
    pub fn all(&self) -> BTreeMap<String, PluginHealth> {
        self.plugins.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Why the host should get no requests now; `None`: it should.
    pub fn not_ready(&self) -> Option<String> {
        self.not_ready.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Says whether the host should get requests.
    pub fn set_not_ready(&self, why: Option<String>) {
        *self.not_ready.write().unwrap_or_else(PoisonError::into_inner) = why;
    }
}
