//! The authenticators, by id: the one that serves, and those that it has replaced while the host ran.

use crate::problem::{Problem, Result};
use gatewright_contract::{DynAuthenticator, Keypad, Kind, Manifest, Violation};
use std::{collections::BTreeMap, sync::Arc};

/// What is there at one moment; a change makes another catalogue ([`crate::Engine::swap`]).
#[derive(Clone, Default)]
pub struct Catalogue(BTreeMap<String, Place>);

/// One id.
#[derive(Clone)]
struct Place {
    current: Arc<dyn DynAuthenticator>,
    /// Newest first.
    older: Vec<Arc<dyn DynAuthenticator>>,
}

impl Place {
    fn all(&self) -> impl Iterator<Item = &Arc<dyn DynAuthenticator>> {
        std::iter::once(&self.current).chain(&self.older)
    }
}

impl Catalogue {
    /// From a list; a later one of the same id would replace an earlier, so the host checks before.
    pub fn new(list: impl IntoIterator<Item = Arc<dyn DynAuthenticator>>) -> Self {
        let place = |current: Arc<dyn DynAuthenticator>| (current.manifest().id.clone(), alone(current));
        Self(list.into_iter().map(place).collect())
    }

    /// The authenticator of this id that serves.
    ///
    /// # Errors
    /// [`Problem::unknown_authenticator`].
    pub fn get(&self, id: &str) -> Result<Arc<dyn DynAuthenticator>> {
        self.0.get(id).map(|place| place.current.clone()).ok_or_else(Problem::unknown_authenticator)
    }

    /// The one that has asked: the one that serves, or one that it has replaced.
    ///
    /// # Errors
    /// [`Problem::superseded`] when that one is gone, [`Problem::unknown_authenticator`].
    pub fn at(&self, id: &str, generation: Option<&str>) -> Result<Arc<dyn DynAuthenticator>> {
        let place = self.0.get(id).ok_or_else(Problem::unknown_authenticator)?;
        place.all().find(|a| a.generation() == generation).cloned().ok_or_else(Problem::superseded)
    }

    /// All of this id: the one that serves, then those that it has replaced, newest first.
    pub fn generations(&self, id: &str) -> impl Iterator<Item = &Arc<dyn DynAuthenticator>> {
        self.0.get(id).into_iter().flat_map(Place::all)
    }

    /// Its manifest.
    pub fn manifest(&self, id: &str) -> Option<&Manifest> {
        self.0.get(id).map(|place| place.current.manifest())
    }

    /// Whether what it proves was proven earlier ([`Kind::Remembered`]).
    pub fn is_remembered(&self, id: &str) -> bool {
        self.manifest(id).is_some_and(|m| m.traits.kind == Kind::Remembered)
    }

    /// What of a tenant's settings can't be used with those that serve.
    pub fn misfits(&self, keypad: &Keypad) -> Vec<Violation> {
        self.iter().flat_map(|authenticator| authenticator.misfits(keypad)).collect()
    }

    /// All that serve, by id.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<dyn DynAuthenticator>> {
        self.0.values().map(|place| &place.current)
    }

    /// The same with this one in the place of the one of its id, which is kept for what it has asked. One of the same
    /// generation takes over what its namesake has asked.
    #[must_use]
    pub fn with(&self, authenticator: Arc<dyn DynAuthenticator>) -> Self {
        let mut next = self.clone();
        let id = authenticator.manifest().id.clone();
        let place = match next.0.remove(&id) {
            Some(place) => {
                let older = place.all().filter(|a| a.generation() != authenticator.generation());
                Place { older: older.cloned().collect(), current: authenticator }
            }
            None => alone(authenticator),
        };
        next.0.insert(id, place);
        next
    }

    /// The same without one that has been replaced. The one that serves stays.
    #[must_use]
    pub fn without(&self, id: &str, generation: Option<&str>) -> Self {
        let mut next = self.clone();
        if let Some(place) = next.0.get_mut(id) {
            place.older.retain(|a| a.generation() != generation);
        }
        next
    }
}

fn alone(current: Arc<dyn DynAuthenticator>) -> Place {
    Place { current, older: Vec::new() }
}

impl std::fmt::Debug for Catalogue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let generations = |place: &Place| -> Vec<String> {
            place.all().map(|a| a.generation().unwrap_or("linked").to_owned()).collect()
        };
        f.debug_map().entries(self.0.iter().map(|(id, place)| (id, generations(place)))).finish()
    }
}
