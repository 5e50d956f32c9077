//! The authenticators that this host has, by id.

use crate::problem::{Problem, Result};
use gatewright_contract::{DynAuthenticator, Kind, Manifest};
use std::{collections::BTreeMap, sync::Arc};

/// What is there; fixed at start.
#[derive(Clone, Default)]
pub struct Catalogue(BTreeMap<String, Arc<dyn DynAuthenticator>>);

impl Catalogue {
    /// From a list; a later one of the same id would replace an earlier, so the host checks before.
    pub fn new(list: impl IntoIterator<Item = Arc<dyn DynAuthenticator>>) -> Self {
        Self(list.into_iter().map(|a| (a.manifest().id.clone(), a)).collect())
    }

    /// The authenticator of this id.
    ///
    /// # Errors
    /// [`Problem::unknown_authenticator`].
    pub fn get(&self, id: &str) -> Result<&Arc<dyn DynAuthenticator>> {
        self.0.get(id).ok_or_else(Problem::unknown_authenticator)
    }

    /// Its manifest.
    pub fn manifest(&self, id: &str) -> Option<&Manifest> {
        self.0.get(id).map(|a| a.manifest())
    }

    /// Whether what it proves was proven earlier ([`Kind::Remembered`]).
    pub fn is_remembered(&self, id: &str) -> bool {
        self.manifest(id).is_some_and(|m| m.traits.kind == Kind::Remembered)
    }

    /// All, by id.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<dyn DynAuthenticator>> {
        self.0.values()
    }
}

impl std::fmt::Debug for Catalogue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}
