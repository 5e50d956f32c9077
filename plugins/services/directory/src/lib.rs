#![doc = include_str!("../README.md")]

mod config;
mod connection;
mod directory;
mod service;
mod tls;

#[cfg(test)]
mod tests;

pub use config::{Config, Depth, Server};

use async_trait::async_trait;
use directory::Directory;
use gatewright_contract::{BoxFut, CONTRACT, Fault};
use gatewright_plugin::{Contribution, Descriptor, Health, Made, Plugin, Setup, config_table};
use service::DirectoryService;
use std::{collections::BTreeMap, sync::Arc};

/// Asks LDAP servers.
pub struct DirectoryPlugin(Arc<BTreeMap<String, Arc<Directory>>>);

impl DirectoryPlugin {
    /// Connects to nobody yet: a directory that is down must not keep the server from its start.
    ///
    /// # Errors
    /// [`Fault::Config`].
    pub fn new(config: Config) -> Result<Self, Fault> {
        let mut directories = BTreeMap::new();
        for (name, server) in config.servers {
            server.check(&name)?;
            let tls = tls::config(&name, &server)?;
            directories.insert(name.clone(), Arc::new(Directory::new(name, server, tls)));
        }
        Ok(Self(Arc::new(directories)))
    }
}

#[async_trait]
impl Plugin for DirectoryPlugin {
    fn contribute(&self) -> Contribution {
        let service = Arc::new(DirectoryService(self.0.clone()));
        Contribution { services: vec![service], ..Contribution::default() }
    }

    async fn health(&self) -> Health {
        let troubles: Vec<String> = self.0.values().filter_map(|d| d.trouble()).collect();
        if troubles.is_empty() { Health::Ok } else { Health::Degraded(troubles.join("; ")) }
    }
}

fn init(setup: Setup) -> BoxFut<'static, Made> {
    Box::pin(async move {
        // Its message could repeat a value, and one of them is a password.
        let config = serde_json::from_value(setup.config).map_err(|_| Fault::Config {
            key: "servers".to_owned(),
            message: "not what the schema says".to_owned(),
        })?;
        Ok(Box::new(DirectoryPlugin::new(config)?) as Box<dyn Plugin>)
    })
}

gatewright_plugin::private::inventory::submit! {
    Descriptor {
        id: "directory",
        version: env!("CARGO_PKG_VERSION"),
        contract: CONTRACT,
        about: include_str!("../README.md"),
        config: || config_table::<Config>(serde_json::json!({"servers": {}})),
        init,
    }
}
