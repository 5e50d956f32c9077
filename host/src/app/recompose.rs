//! The routes and the document, made of the plugins and, when one has been replaced, made anew.

use super::App;
use crate::{
    compose::{ComposeError, Composed, Live, compose},
    registry::Running,
};
use gatewright_contract::DynAuthenticator;
use gatewright_core::Catalogue;
use gatewright_plugin::House;
use serde_json::Value;
use std::sync::{Arc, Mutex, PoisonError};

/// What is served now, and what it takes to make it anew.
pub(super) struct Served {
    house: House,
    pub(super) live: Live,
    /// Who changes it is alone.
    changing: Mutex<()>,
}

impl Served {
    pub(super) fn new(house: House, plugins: &Running) -> Result<Self, Vec<ComposeError>> {
        let Composed { endpoint, document, map } = made(&house, plugins)?;
        house.document.fill(document);
        Ok(Self { house, live: Live::new(endpoint, map), changing: Mutex::new(()) })
    }
}

impl App {
    /// The document of what is served now.
    pub fn document(&self) -> Arc<Value> {
        self.served.house.document.get()
    }

    /// Makes routes and document anew of what runs now. Requests that are under way end on the old routes.
    ///
    /// # Errors
    /// Every clash; then all stays as it was.
    pub fn recompose(&self) -> Result<(), Vec<ComposeError>> {
        let _alone = self.served.changing.lock().unwrap_or_else(PoisonError::into_inner);
        let composed = self.composed(self.engine.catalogue())?;
        self.serve(composed);
        Ok(())
    }

    /// Puts an authenticator in the place of the one of its id, with its routes and its part of the document. What the
    /// old one has asked is answered to the old one until [`gatewright_core::Engine::forget`].
    ///
    /// # Errors
    /// Every clash; then the old one goes on serving.
    pub fn swap(&self, authenticator: Arc<dyn DynAuthenticator>) -> Result<(), Vec<ComposeError>> {
        let _alone = self.served.changing.lock().unwrap_or_else(PoisonError::into_inner);
        let composed = self.composed(Arc::new(self.engine.catalogue().with(authenticator.clone())))?;
        self.engine.swap(authenticator);
        self.serve(composed);
        Ok(())
    }

    fn composed(&self, catalogue: Arc<Catalogue>) -> Result<Composed, Vec<ComposeError>> {
        let house = House { catalogue, ..self.served.house.clone() };
        made(&house, &self.plugins)
    }

    /// The document first: the new routes must not show the old one.
    fn serve(&self, Composed { endpoint, document, map }: Composed) {
        self.served.house.document.fill(document);
        self.served.live.replace(endpoint, map);
    }
}

fn made(house: &House, plugins: &Running) -> Result<Composed, Vec<ComposeError>> {
    let mounts = plugins.0.iter().flat_map(|p| p.plugin.mounts(house).into_iter().map(|m| (p.id, m)));
    compose(mounts.collect())
}
