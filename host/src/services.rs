//! The host's services, one value per plugin: the host knows who asks.

mod files;
mod hosts;
mod http;

pub(crate) use hosts::{HttpHost, PREFIX as HTTP_HOST};
pub use http::HttpFetch;

use crate::{keys::Keyring, pool::Pool};
use gatewright_contract::{BoxFut, Fault, HostServices, LogLevel, Secret, TenantId, Timestamp, Versioned};
use gatewright_core::{
    outgoing::Outgoing,
    service::Service,
    store::{Store, StoreError, Write, first_revision},
    world::World,
};
use serde_json::Value;
use std::{
    collections::BTreeMap,
    sync::{Arc, OnceLock},
    time::Duration,
};
use url::Url;

pub(crate) const MAX_KEY_BYTES: usize = 256;
pub(crate) const MAX_VALUE_BYTES: usize = 64 * 1024;

/// What every plugin's services share.
#[derive(Clone)]
pub struct Common {
    /// Time and randomness.
    pub world: Arc<dyn World>,
    /// Storage.
    pub store: Arc<dyn Store>,
    /// Threads for heavy work.
    pub pool: Arc<Pool>,
    /// What can be asked for by name; filled when all plugins have been made.
    pub offered: Offered,
    /// The guarded way out, for plugins that are no authenticators.
    pub outgoing: Arc<dyn Outgoing>,
    /// What the secrets of plugins come from.
    pub keyring: Arc<Keyring>,
}

/// Services by the name of their method.
#[derive(Clone, Default)]
pub struct Offered(Arc<OnceLock<BTreeMap<&'static str, Arc<dyn Service>>>>);

impl Offered {
    /// Fills it, once.
    ///
    /// # Errors
    /// The method that two services answer.
    pub fn fill(&self, services: Vec<Arc<dyn Service>>) -> Result<(), &'static str> {
        let mut all: BTreeMap<&'static str, Arc<dyn Service>> = BTreeMap::new();
        for service in services {
            for method in service.methods() {
                if all.insert(method, service.clone()).is_some() {
                    return Err(method);
                }
            }
        }
        // Only the start fills it.
        self.0.set(all).map_err(|_| "filled twice")
    }

    /// The methods that there are.
    pub fn methods(&self) -> Vec<&'static str> {
        self.0.get().into_iter().flat_map(BTreeMap::keys).copied().collect()
    }

    fn get(&self, method: &str) -> Option<&Arc<dyn Service>> {
        self.0.get()?.get(method)
    }
}

/// The services as one plugin sees them.
pub struct Services {
    plugin: String,
    needs: Vec<String>,
    /// The plugin's own table: what it names may be read.
    table: Value,
    common: Common,
}

impl Services {
    /// For the plugin of this id, which may ask for these services.
    pub fn new(plugin: &str, needs: &[impl AsRef<str>], common: Common) -> Self {
        let needs = needs.iter().map(|need| need.as_ref().to_owned()).collect();
        Self { plugin: plugin.to_owned(), needs, table: Value::Null, common }
    }

    /// With the plugin's own table, whose files it may read.
    #[must_use]
    pub fn with_table(mut self, table: Value) -> Self {
        self.table = table;
        self
    }

    /// Whether the plugin has said that it needs this; `http:HOST` is `http.fetch`, to that host alone.
    fn has_said(&self, method: &str, args: &Value) -> bool {
        let to = || Url::parse(args["url"].as_str()?).ok();
        let hosts = || self.needs.iter().filter_map(|need| need.strip_prefix(HTTP_HOST));
        self.needs.iter().any(|need| need == method)
            || method == http::FETCH
                && to().is_some_and(|url| {
                    hosts().filter_map(|host| HttpHost::parse(host).ok()).any(|host| host.permits(&url))
                })
    }
}

impl HostServices for Services {
    fn now(&self) -> Timestamp {
        self.common.world.now()
    }

    fn random(&self, buffer: &mut [u8]) -> Result<(), Fault> {
        self.common.world.random(buffer)
    }

    fn log(&self, level: LogLevel, message: &str) {
        let plugin = self.plugin.as_str();
        match level {
            LogLevel::Debug => tracing::debug!(plugin, "{message}"),
            LogLevel::Info => tracing::info!(plugin, "{message}"),
            LogLevel::Warn => tracing::warn!(plugin, "{message}"),
            LogLevel::Error => tracing::error!(plugin, "{message}"),
        }
    }

    fn kv_get<'a>(
        &'a self,
        tenant: &'a TenantId,
        key: &'a str,
    ) -> BoxFut<'a, Result<Option<Versioned<Vec<u8>>>, Fault>> {
        Box::pin(async move {
            let found = self.common.store.document(&self.plugin, tenant, key, self.now()).await?;
            Ok(found.map(|(value, rev)| Versioned { rev, value }))
        })
    }

    fn kv_cas<'a>(
        &'a self,
        tenant: &'a TenantId,
        key: &'a str,
        expect: Option<u64>,
        value: &'a [u8],
        ttl: Option<Duration>,
    ) -> BoxFut<'a, Result<u64, Fault>> {
        Box::pin(async move {
            if key.len() > MAX_KEY_BYTES || value.len() > MAX_VALUE_BYTES {
                return Err(Fault::internal("a plugin's document is larger than it may be"));
            }
            let now = self.now();
            let write = Write::DocumentPut {
                plugin: self.plugin.clone(),
                tenant: tenant.clone(),
                key: key.to_owned(),
                expect,
                value: value.to_vec(),
                expires: ttl.map(|t| now.plus(t)),
                now,
            };
            match self.common.store.commit(vec![write]).await {
                Ok(()) => Ok(expect.map_or_else(|| first_revision(now), |rev| rev.saturating_add(1))),
                Err(StoreError::Conflict(_)) => Err(Fault::Conflict),
                Err(other) => Err(other.into()),
            }
        })
    }

    fn secret<'a>(
        &'a self,
        tenant: &'a TenantId,
        purpose: &'a str,
    ) -> BoxFut<'a, Result<Secret<[u8; 64]>, Fault>> {
        Box::pin(async move { self.common.keyring.secret(&self.plugin, tenant, purpose) })
    }

    fn file(&self, key: &str) -> Result<Vec<u8>, Fault> {
        files::read(&self.table, key)
    }

    fn run<'a>(&'a self, work: Box<dyn FnOnce() + Send>) -> BoxFut<'a, Result<(), Fault>> {
        Box::pin(self.common.pool.run(work))
    }

    fn call<'a>(&'a self, method: &'a str, args: Value) -> BoxFut<'a, Result<Value, Fault>> {
        Box::pin(async move {
            if !self.has_said(method, &args) {
                let text = format!("{} has not said that it needs the service `{method}`", self.plugin);
                return Err(Fault::bad_request("method", text));
            }
            match self.common.offered.get(method) {
                Some(service) => service.call(method, args).await,
                None => Err(Fault::bad_request("method", format!("this host has no service `{method}`"))),
            }
        })
    }
}
