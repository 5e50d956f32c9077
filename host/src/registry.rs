//! Which plugins there are, and the start of each.

use crate::{
    config::{ConfigReport, Loaded, Sources},
    loader::{self, Found, Look, Runner},
    services::{Common, Services},
    settings,
};
use async_trait::async_trait;
use gatewright_contract::{BoxFut, CONTRACT, DynAuthenticator, Fault, Host, Registration};
use gatewright_plugin::{Contribution, Descriptor, Health, HealthBoard, Plugin, PluginError, Setup};
use serde_json::Value;
use std::{collections::BTreeSet, sync::Arc};

/// The plugins that a host is built from.
#[derive(Clone, Default)]
pub struct Plugins(Vec<Entry>);

#[derive(Clone)]
enum Entry {
    Authenticator(Made<Registration>),
    Plugin(Made<Descriptor>),
    Library(Arc<Found>),
}

/// A plugin that the host could run.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Listed {
    /// Its id.
    pub id: &'static str,
    /// Its version; empty for a library that can't be read.
    pub version: String,
    /// Whether it is a way to prove who you are.
    pub is_authenticator: bool,
    /// Whether it comes in a library of its own.
    pub is_library: bool,
}

/// Linked ones are static, those of a test or an embedder are handed over.
enum Made<T: 'static> {
    Linked(&'static T),
    Given(Arc<T>),
}

impl<T> Clone for Made<T> {
    fn clone(&self) -> Self {
        match self {
            Self::Linked(it) => Self::Linked(it),
            Self::Given(it) => Self::Given(it.clone()),
        }
    }
}

impl<T> std::ops::Deref for Made<T> {
    type Target = T;
    fn deref(&self) -> &T {
        match self {
            Self::Linked(it) => it,
            Self::Given(it) => it,
        }
    }
}

impl Entry {
    fn id(&self) -> &'static str {
        match self {
            Self::Authenticator(r) => r.id,
            Self::Plugin(d) => d.id,
            Self::Library(f) => f.id,
        }
    }

    fn version(&self) -> &str {
        match self {
            Self::Authenticator(r) => r.version,
            Self::Plugin(d) => d.version,
            Self::Library(f) => f.manifest().map_or("", |m| &m.version),
        }
    }

    fn contract(&self) -> u32 {
        match self {
            Self::Authenticator(r) => r.contract,
            Self::Plugin(d) => d.contract,
            // Checked where it was read.
            Self::Library(_) => CONTRACT,
        }
    }

    fn listed(&self) -> Listed {
        Listed {
            id: self.id(),
            version: self.version().to_owned(),
            is_authenticator: !matches!(self, Self::Plugin(_)),
            is_library: matches!(self, Self::Library(_)),
        }
    }
}

impl Plugins {
    /// None.
    pub fn none() -> Self {
        Self::default()
    }

    /// Everything that is linked into this program.
    pub fn linked() -> Self {
        let authenticators =
            Registration::linked().into_iter().map(|r| Entry::Authenticator(Made::Linked(r)));
        let others = Descriptor::linked().into_iter().map(|d| Entry::Plugin(Made::Linked(d)));
        Self(authenticators.chain(others).collect())
    }

    /// And this authenticator.
    #[must_use]
    pub fn with_authenticator(mut self, registration: Registration) -> Self {
        self.0.push(Entry::Authenticator(Made::Given(Arc::new(registration))));
        self
    }

    /// And this plugin.
    #[must_use]
    pub fn with_plugin(mut self, descriptor: Descriptor) -> Self {
        self.0.push(Entry::Plugin(Made::Given(Arc::new(descriptor))));
        self
    }

    /// And those that the configuration names in libraries: each is read, and run as far as to say what it is. What is
    /// wrong with one is told with the other mistakes of the configuration ([`settings::load`]).
    #[must_use]
    pub async fn with_libraries(self, sources: Sources, runner: &Runner) -> Self {
        self.with_libraries_of(sources, runner, &Look::All).await
    }

    /// The same, with a look at some of them.
    pub(crate) async fn with_libraries_of(
        mut self,
        sources: Sources,
        runner: &Runner,
        look: &Look<'_>,
    ) -> Self {
        let found = loader::find(&self.linked_ids(), sources, runner, look).await;
        self.0.extend(found.into_iter().map(|f| Entry::Library(Arc::new(f))));
        self
    }

    /// And those, without a look at them: for who wants the rest of the configuration.
    #[must_use]
    pub fn naming_libraries(mut self, sources: Sources) -> Self {
        let found = loader::name(&self.linked_ids(), sources);
        self.0.extend(found.into_iter().map(|f| Entry::Library(Arc::new(f))));
        self
    }

    /// Those that are no libraries.
    pub(crate) fn linked_alone(&self) -> Self {
        let mut alone = self.clone();
        alone.0.retain(|e| !matches!(e, Entry::Library(_)));
        alone
    }

    fn linked_ids(&self) -> Vec<&'static str> {
        self.0.iter().filter(|e| !matches!(e, Entry::Library(_))).map(Entry::id).collect()
    }

    /// Without the plugin of this id.
    #[must_use]
    pub fn without(mut self, id: &str) -> Self {
        self.0.retain(|e| e.id() != id);
        self
    }

    /// All, by id.
    pub fn list(&self) -> Vec<Listed> {
        let mut list: Vec<_> = self.0.iter().map(Entry::listed).collect();
        list.sort_unstable();
        list
    }

    /// Ids of the authenticators.
    pub fn authenticator_ids(&self) -> Vec<&'static str> {
        self.list().into_iter().filter(|l| l.is_authenticator).map(|l| l.id).collect()
    }

    /// Those in libraries.
    pub fn libraries(&self) -> impl Iterator<Item = &Arc<Found>> {
        self.0.iter().filter_map(|e| match e {
            Entry::Library(found) => Some(found),
            _ => None,
        })
    }

    /// Schema and default of each linked plugin's config table, by id.
    pub fn configs(&self) -> Vec<(&'static str, (Value, Value))> {
        let config = |e: &Entry| match e {
            Entry::Authenticator(r) => Some((r.id, (r.config)())),
            Entry::Plugin(d) => Some((d.id, (d.config)())),
            Entry::Library(_) => None,
        };
        let mut seen = BTreeSet::new();
        self.0.iter().filter(|e| seen.insert(e.id())).filter_map(config).collect()
    }

    /// What is wrong with the list itself.
    ///
    /// # Errors
    /// Every mistake at once.
    pub fn check(&self) -> Result<(), Vec<PluginError>> {
        let mut errors = Vec::new();
        let mut seen = BTreeSet::new();
        for entry in &self.0 {
            let id = entry.id();
            let word = !id.is_empty()
                && id.len() <= 48
                && id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
            if !word {
                errors.push(PluginError::BadId(id.to_owned()));
            }
            if !seen.insert(id) {
                errors.push(PluginError::DuplicateId(id.to_owned()));
            }
            if entry.contract() != CONTRACT {
                let (plugin, wants) = (id.to_owned(), entry.contract());
                errors.push(PluginError::Contract { plugin, wants, speaks: CONTRACT });
            }
        }
        if errors.is_empty() { Ok(()) } else { Err(errors) }
    }

    /// Makes every enabled plugin that is linked. A required one that can't start stops the host; another is reported
    /// down. Libraries come after them ([`loader::begin_all`]): what they need of others must be there.
    ///
    /// # Errors
    /// Config mistakes with their places, or what else stopped a required plugin.
    pub async fn start(
        self,
        loaded: &Loaded,
        common: &Common,
        board: &HealthBoard,
    ) -> Result<Running, Stopped> {
        let mut entries = self.0;
        entries.retain(|e| settings::switch(loaded, e.id()).enabled);
        entries.sort_by_key(Entry::id);
        let mut running = Running::default();
        let mut stopped = Stopped::default();
        for entry in entries {
            let (id, version) = (entry.id(), entry.version().to_owned());
            let made = match &entry {
                Entry::Library(_) => continue,
                Entry::Authenticator(r) => authenticator(r, loaded, common),
                Entry::Plugin(d) => plugin(d, loaded, common).await,
            };
            match made {
                Ok(plugin) => {
                    board.set(id, &version, Health::Ok);
                    running.0.push(Started { id, version, plugin });
                }
                Err(Fault::Config { key, message }) => {
                    let path = ["plugins", id].into_iter().chain(key.split('.').filter(|k| !k.is_empty()));
                    let path: Vec<&str> = path.collect();
                    stopped.config.push(loaded.problem(&path, message));
                }
                Err(source) if settings::switch(loaded, id).required => {
                    stopped.errors.push(PluginError::Init { plugin: id.to_owned(), source });
                }
                Err(source) => {
                    tracing::error!(plugin = id, error = %source, "an optional plugin could not start");
                    board.set(id, &version, Health::Down(source.to_string()));
                }
            }
        }
        if stopped.config.is_empty() && stopped.errors.is_empty() { Ok(running) } else { Err(stopped) }
    }
}

fn authenticator(r: &Registration, loaded: &Loaded, common: &Common) -> Result<Box<dyn Plugin>, Fault> {
    let config = settings::plugin_config(loaded, r.id);
    let host = Arc::new(Services::new(r.id, r.needs, common.clone()).with_table(config.clone()));
    Ok(Box::new(OneAuthenticator((r.make)(config, host)?)))
}

async fn plugin(d: &Descriptor, loaded: &Loaded, common: &Common) -> Result<Box<dyn Plugin>, Fault> {
    let host: Host = Arc::new(Services::new(d.id, &[] as &[&str], common.clone()));
    let (config, outgoing) = (settings::plugin_config(loaded, d.id), common.outgoing.clone());
    let made: BoxFut<'static, _> = (d.init)(Setup { id: d.id, config, host, outgoing });
    made.await
}

/// An authenticator alone, as a plugin.
struct OneAuthenticator(Arc<dyn DynAuthenticator>);

#[async_trait]
impl Plugin for OneAuthenticator {
    fn contribute(&self) -> Contribution {
        Contribution { authenticators: vec![self.0.clone()], ..Contribution::default() }
    }
}

/// Why the plugins did not start.
#[derive(Debug, Default)]
pub struct Stopped {
    /// Mistakes in their tables.
    pub config: ConfigReport,
    /// All else.
    pub errors: Vec<PluginError>,
}

/// A plugin that runs.
pub struct Started {
    /// Its id.
    pub id: &'static str,
    /// Its version when it started.
    pub version: String,
    /// The plugin.
    pub plugin: Box<dyn Plugin>,
}

/// The plugins that run, in the order of their start.
#[derive(Default)]
pub struct Running(pub Vec<Started>);
