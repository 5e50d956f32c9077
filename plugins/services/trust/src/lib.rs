#![doc = include_str!("../README.md")]

mod config;
mod files;
mod shelf;

#[cfg(test)]
mod tests;

pub use config::{Config, Store};

use async_trait::async_trait;
use data_encoding::BASE64;
use gatewright_contract::{BoxFut, CONTRACT, Fault, Host};
use gatewright_core::service::Service;
use gatewright_plugin::{Contribution, Descriptor, Health, Made, Plugin, Setup, config_table};
use serde::Deserialize;
use serde_json::{Value, json};
use shelf::Shelf;
use std::{collections::BTreeMap, sync::Arc};

const READ: &str = "trust.read";

/// Roots and revocation lists.
#[derive(Clone)]
pub struct TrustPlugin(Arc<BTreeMap<String, Arc<Shelf>>>);

impl TrustPlugin {
    /// Reads every file once.
    ///
    /// # Errors
    /// [`Fault::Config`] for a file that can't be used.
    pub fn new(config: Config, host: &Host) -> Result<Self, Fault> {
        let mut shelves = BTreeMap::new();
        for (name, store) in config.stores {
            let wrong =
                |key: &str, message: String| Fault::Config { key: format!("stores.{name}.{key}"), message };
            if store.roots.is_empty() {
                return Err(wrong("roots", "at least one file with a root certificate".to_owned()));
            }
            let shelf = Shelf::open(store, host.clone()).map_err(|u| wrong(&u.key, u.why))?;
            shelves.insert(name, Arc::new(shelf));
        }
        Ok(Self(Arc::new(shelves)))
    }
}

#[async_trait]
impl Plugin for TrustPlugin {
    fn contribute(&self) -> Contribution {
        Contribution { services: vec![Arc::new(self.clone())], ..Contribution::default() }
    }

    async fn health(&self) -> Health {
        let troubles: Vec<String> = self.0.values().filter_map(|shelf| shelf.trouble()).collect();
        if troubles.is_empty() { Health::Ok } else { Health::Degraded(troubles.join("; ")) }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Read {
    store: String,
    /// The revision that the asker has.
    #[serde(default)]
    known: Option<u64>,
}

#[async_trait]
impl Service for TrustPlugin {
    fn methods(&self) -> &[&'static str] {
        &[READ]
    }

    async fn call(&self, _: &str, args: Value) -> Result<Value, Fault> {
        let asked: Read = serde_json::from_value(args).map_err(|e| Fault::bad_request("", e.to_string()))?;
        let missing =
            || Fault::bad_request("store", format!("there is no [plugins.trust.stores.{}]", asked.store));
        let shelf = self.0.get(&asked.store).ok_or_else(missing)?;
        let (revision, content) = shelf.now().await;
        if asked.known == Some(revision) {
            return Ok(json!({"revision": revision}));
        }
        let text = |all: &[Vec<u8>]| all.iter().map(|der| BASE64.encode(der)).collect::<Vec<_>>();
        Ok(json!({"revision": revision, "roots": text(&content.roots), "crls": text(&content.crls)}))
    }
}

fn init(setup: Setup) -> BoxFut<'static, Made> {
    Box::pin(async move {
        let config = serde_json::from_value(setup.config)
            .map_err(|e| Fault::Config { key: "stores".to_owned(), message: e.to_string() })?;
        Ok(Box::new(TrustPlugin::new(config, &setup.host)?) as Box<dyn Plugin>)
    })
}

gatewright_plugin::private::inventory::submit! {
    Descriptor {
        id: "trust",
        version: env!("CARGO_PKG_VERSION"),
        contract: CONTRACT,
        about: include_str!("../README.md"),
        config: || config_table::<Config>(json!({"stores": {}})),
        init,
    }
}
