//! An authenticator that says something else of itself: that it is one of several which serve under one id, as a library
//! that is reloaded does, or that it has another name.

use gatewright_contract::{
    Authenticator, Body, BoxFut, DynAuthenticator, Erased, Fault, Identified, LookupKey, Manifest, RawCall,
    RawChallenge, RawEnrolment, RawVerdict, Timestamp, testing::Desk,
};
use serde_json::{Value, json};
use std::{future::pending, sync::Arc};

/// What it is made of, what it says of itself, and the name of the generation where it is one.
pub struct Generation {
    inner: Arc<dyn DynAuthenticator>,
    manifest: Manifest,
    name: Option<String>,
    silent: bool,
}

impl Generation {
    /// This one under this name; another text in the document says which it is.
    pub fn of(inner: Arc<dyn DynAuthenticator>, name: &str) -> Arc<dyn DynAuthenticator> {
        let mut manifest = inner.manifest().clone();
        manifest.about = format!("{}\n\nGeneration {name}.", manifest.about);
        Arc::new(Self { inner, manifest, name: Some(name.to_owned()), silent: false })
    }

    /// One that never says what its documents hold.
    pub fn silent(inner: Arc<dyn DynAuthenticator>, name: &str) -> Arc<dyn DynAuthenticator> {
        let manifest = inner.manifest().clone();
        Arc::new(Self { inner, manifest, name: Some(name.to_owned()), silent: true })
    }

    /// The same under another id.
    pub fn called(inner: Arc<dyn DynAuthenticator>, id: &str, name: &str) -> Arc<dyn DynAuthenticator> {
        let mut manifest = inner.manifest().clone();
        id.clone_into(&mut manifest.id);
        Arc::new(Self { inner, manifest, name: Some(name.to_owned()), silent: false })
    }

    /// The same with another manifest, and no generation.
    pub fn unnamed(inner: Arc<dyn DynAuthenticator>, manifest: Manifest) -> Arc<dyn DynAuthenticator> {
        Arc::new(Self { inner, manifest, name: None, silent: false })
    }
}

/// A typed authenticator on a host of its own, whose random bytes are those of nobody else.
///
/// # Panics
/// When it can't be made.
pub fn made<A: Authenticator>(now: Timestamp) -> Erased<A> {
    Erased::new("1.0.0", json!({}), Arc::new(Desk::scattered(now))).expect("is made")
}

impl DynAuthenticator for Generation {
    fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    fn generation(&self) -> Option<&str> {
        self.name.as_deref()
    }

    fn challenge<'a>(&'a self, call: RawCall<'a, Body>) -> BoxFut<'a, Result<RawChallenge, Fault>> {
        self.inner.challenge(call)
    }

    fn verify<'a>(&'a self, call: RawCall<'a, (Body, Body)>) -> BoxFut<'a, Result<RawVerdict, Fault>> {
        self.inner.verify(call)
    }

    fn invite<'a>(&'a self, call: RawCall<'a, Body>) -> BoxFut<'a, Result<RawChallenge, Fault>> {
        self.inner.invite(call)
    }

    fn enrol<'a>(&'a self, call: RawCall<'a, (Body, Body)>) -> BoxFut<'a, Result<RawEnrolment, Fault>> {
        self.inner.enrol(call)
    }

    fn identify<'a>(
        &'a self,
        call: RawCall<'a, (Body, Body)>,
    ) -> BoxFut<'a, Result<Identified<Body>, Fault>> {
        self.inner.identify(call)
    }

    fn correlate<'a>(&'a self, event: &'a Body) -> BoxFut<'a, Result<LookupKey, Fault>> {
        self.inner.correlate(event)
    }

    fn speaks_for<'a>(&'a self, event: &'a Body) -> BoxFut<'a, Result<Option<LookupKey>, Fault>> {
        self.inner.speaks_for(event)
    }

    fn signal<'a>(&'a self, call: RawCall<'a, (Body, Body)>) -> BoxFut<'a, Result<Option<Body>, Fault>> {
        self.inner.signal(call)
    }

    fn asker<'a>(&'a self, ask: &'a Body) -> BoxFut<'a, Result<LookupKey, Fault>> {
        self.inner.asker(ask)
    }

    fn attend<'a>(&'a self, call: RawCall<'a, Body>) -> BoxFut<'a, Result<Option<Value>, Fault>> {
        self.inner.attend(call)
    }

    fn describe<'a>(&'a self, doc: Body) -> BoxFut<'a, Result<Value, Fault>> {
        match self.silent {
            true => Box::pin(pending()),
            false => self.inner.describe(doc),
        }
    }

    fn migrate<'a>(&'a self, from: u32, doc: Body) -> BoxFut<'a, Result<Body, Fault>> {
        self.inner.migrate(from, doc)
    }

    fn prove<'a>(&'a self, invitation: &'a Value, now: Timestamp) -> BoxFut<'a, Option<Value>> {
        self.inner.prove(invitation, now)
    }

    fn answer<'a>(&'a self, seen: [&'a Value; 3], now: Timestamp, turn: usize) -> BoxFut<'a, Option<Value>> {
        self.inner.answer(seen, now, turn)
    }
}
