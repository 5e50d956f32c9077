//! A library as a plugin of the host.

use super::{Found, LibraryAuthenticator, LibraryConfig, LoadError, generations::Watched, opened::Begun};
use crate::{
    config::Loaded,
    registry::{Started, Stopped},
    services::Common,
    settings,
};
use async_trait::async_trait;
use futures_util::future::join_all;
use gatewright_contract::{DynAuthenticator, Timestamp};
use gatewright_plugin::{Contribution, Health, HealthBoard, Plugin};
use serde_json::Value;
use std::sync::{Arc, PoisonError, RwLock};

/// A library that serves. The code behind it changes when the library is reloaded.
pub struct LibraryPlugin {
    /// Its id.
    pub id: &'static str,
    current: RwLock<Current>,
}

/// What serves now.
#[derive(Clone)]
pub struct Current {
    /// The authenticator.
    pub authenticator: Arc<LibraryAuthenticator>,
    /// Its transport, which knows when it was called last.
    pub transport: Arc<Watched>,
    /// What the operator said of it when it was loaded.
    pub config: LibraryConfig,
    /// Since when it serves.
    pub since: Timestamp,
    /// Its own configuration when it was loaded; it may hold secrets.
    own: Value,
}

impl Current {
    pub(super) fn new(begun: Begun, config: LibraryConfig, own: Value, since: Timestamp) -> Self {
        let Begun { authenticator, transport } = begun;
        Self { authenticator: Arc::new(authenticator), transport, config, since, own }
    }

    /// Whether it was loaded from the same file with the same configuration.
    pub(super) fn is_made_of(&self, config: &LibraryConfig, own: &Value) -> bool {
        self.config == *config && self.own == *own
    }

    /// Its generation.
    pub fn generation(&self) -> Option<&str> {
        self.authenticator.generation()
    }
}

impl LibraryPlugin {
    fn new(id: &'static str, current: Current) -> Self {
        Self { id, current: RwLock::new(current) }
    }

    /// What serves now.
    pub fn current(&self) -> Current {
        self.current.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Puts another in its place and returns it.
    pub fn replace(&self, next: Current) -> Current {
        std::mem::replace(&mut self.current.write().unwrap_or_else(PoisonError::into_inner), next)
    }
}

/// The plugin of the host's list; the other holder puts new versions in.
struct Shared(Arc<LibraryPlugin>);

#[async_trait]
impl Plugin for Shared {
    fn contribute(&self) -> Contribution {
        let authenticator: Arc<dyn DynAuthenticator> = self.0.current().authenticator;
        Contribution { authenticators: vec![authenticator], ..Contribution::default() }
    }

    fn version(&self) -> Option<String> {
        Some(self.0.current().authenticator.manifest().version.clone())
    }

    async fn health(&self) -> Health {
        self.0.current().authenticator.transport().health()
    }

    async fn shutdown(&self) {
        self.0.current().authenticator.transport().rest().await;
    }
}

/// Begins all libraries that have been found, at the same time. One that is not required is reported down where it
/// can't.
///
/// # Errors
/// What stops the start.
pub(crate) async fn begin_all(
    found: Vec<Arc<Found>>,
    loaded: &Loaded,
    common: &Common,
    channels: &[&str],
    board: &HealthBoard,
) -> Result<(Vec<Started>, Vec<Arc<LibraryPlugin>>), Stopped> {
    let begun = join_all(found.iter().map(|found| begin(found, loaded, common, channels))).await;
    let (mut started, mut libraries, mut stopped) = (Vec::new(), Vec::new(), Stopped::default());
    for (found, begun) in found.iter().zip(begun) {
        let id = found.id;
        match begun {
            Ok(current) => {
                let version = current.authenticator.manifest().version.clone();
                board.set(id, &version, Health::Ok);
                let library = Arc::new(LibraryPlugin::new(id, current));
                libraries.push(library.clone());
                started.push(Started { id, version, plugin: Box::new(Shared(library)) });
            }
            Err(error) if settings::switch(loaded, id).required => refuse(loaded, id, &error, &mut stopped),
            Err(error) => {
                tracing::error!(plugin = id, %error, "an optional library could not start");
                board.set(id, found.manifest().map_or("", |m| &m.version), Health::Down(error.to_string()));
            }
        }
    }
    match stopped.config.is_empty() && stopped.errors.is_empty() {
        true => Ok((started, libraries)),
        false => Err(stopped),
    }
}

/// Each is told with its place, so that one report has them all.
fn refuse(loaded: &Loaded, id: &str, error: &LoadError, stopped: &mut Stopped) {
    let key = error.key().split('.').filter(|k| !k.is_empty());
    let path: Vec<&str> = ["plugins", id].into_iter().chain(key).collect();
    let message = match error {
        LoadError::Config { message, .. } => message.clone(),
        other => other.to_string(),
    };
    stopped.config.push(loaded.problem(&path, message));
}

/// Begins one as this configuration has it.
async fn begin(
    found: &Found,
    loaded: &Loaded,
    common: &Common,
    channels: &[&str],
) -> Result<Current, LoadError> {
    let config = super::library_config(loaded, found.id);
    let own = settings::library_plugin_config(loaded, found.id);
    let opened = found.open().await?;
    let begun = opened.begin(own.clone(), &config, common, channels).await?;
    Ok(Current::new(begun, config, own, common.world.now()))
}
