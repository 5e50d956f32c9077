//! Libraries that the configuration names. They are looked for before the rest of it can be checked, since each brings
//! the schema of its own table.

use super::{LibraryConfig, LibraryPlugin, LoadError, Opened, Runner};
use crate::config::{Loaded, Loader, Place, Section, Sources};
use futures_util::future::join_all;
use gatewright_contract::{DynAuthenticator, Manifest};
use serde_json::{Map, Value, json};
use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, PoisonError},
};

/// A library that the configuration names.
pub struct Found {
    /// Key of its table.
    pub id: &'static str,
    /// What the operator says of it.
    pub config: LibraryConfig,
    /// What it says about itself; `None` where nobody has looked.
    manifest: Option<Result<Manifest, LoadError>>,
    /// The library itself, until it begins.
    opened: Mutex<Option<Opened>>,
    runner: Runner,
}

impl Found {
    /// Why it can't be used, where it can't.
    pub fn broken(&self) -> Option<&LoadError> {
        self.manifest.as_ref()?.as_ref().err()
    }

    /// What it says about itself.
    pub fn manifest(&self) -> Option<&Manifest> {
        self.manifest.as_ref()?.as_ref().ok()
    }

    /// The library as it was found; read anew where it has begun already.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(super) async fn open(&self) -> Result<Opened, LoadError> {
        let opened = self.opened.lock().unwrap_or_else(PoisonError::into_inner).take();
        match opened {
            Some(opened) => Ok(opened),
            None => Opened::of(Some(self.id), &self.config, &self.runner).await,
        }
    }

    /// Schema and defaults of its table. Of one that can't be read, or was not, everything is taken, or each of its keys
    /// would be a mistake besides; nothing of it is shown.
    pub fn section(&self) -> (Value, Value) {
        let (mut schema, mut defaults) = match self.manifest() {
            Some(m) => (m.schemas.config.clone(), m.schemas.config_default.clone()),
            None => (json!({"type": "object", "additionalProperties": {"x-unseen": true}}), Value::Null),
        };
        let (frame, frame_defaults) = frame();
        if !schema["properties"].is_object() {
            schema["properties"] = json!({});
        }
        if !defaults.is_object() {
            defaults = json!({});
        }
        for (into, from) in [(&mut schema["properties"], frame), (&mut defaults, frame_defaults)] {
            if let Some(into) = into.as_object_mut() {
                into.extend(from);
            }
        }
        (schema, defaults)
    }
}

/// Properties and defaults of the keys that the frame reads.
fn frame() -> (Map<String, Value>, Map<String, Value>) {
    let object = |value| match value {
        Value::Object(map) => map,
        _ => Map::new(),
    };
    let Section { mut schema, defaults, .. } = inlined();
    (object(schema["properties"].take()), object(defaults))
}

fn inlined() -> Section {
    let settings = schemars::generate::SchemaSettings::draft2020_12().with(|s| s.inline_subschemas = true);
    let schema = settings.into_generator().into_root_schema_for::<LibraryConfig>();
    let defaults = serde_json::to_value(LibraryConfig::default()).unwrap_or_default();
    Section::new(&[], schema.to_value(), defaults)
}

/// Which libraries are looked at; one that is switched off never is.
pub(crate) enum Look<'a> {
    /// All.
    All,
    /// None but this one.
    Only(&'a str),
    /// Of these, which serve, those of which the configuration says something else now. The others are what they were:
    /// their file is pinned.
    Changed(&'a [Arc<LibraryPlugin>]),
}

/// How one is looked at.
enum At {
    Opened,
    Known(Box<Manifest>),
    Nothing,
}

impl Look<'_> {
    fn at(&self, id: &str, config: &LibraryConfig) -> At {
        match self {
            Self::All => At::Opened,
            Self::Only(one) if *one == id => At::Opened,
            Self::Only(_) => At::Nothing,
            Self::Changed(all) => match all.iter().find(|p| p.id == id).map(|p| p.current()) {
                Some(now) if now.config == *config => {
                    At::Known(Box::new(now.authenticator.manifest().clone()))
                }
                Some(_) => At::Opened,
                None => At::Nothing,
            },
        }
    }
}

/// Those that the configuration names beside what is linked, each read and run as far as to say what it is; all at the
/// same time.
pub(crate) async fn find(
    linked: &[&'static str],
    sources: Sources,
    runner: &Runner,
    look: &Look<'_>,
) -> Vec<Found> {
    let found = async |Named { id, config, enabled }: Named| {
        let at = match &config {
            Some(config) if enabled => look.at(id, config),
            _ => At::Nothing,
        };
        let config = config.unwrap_or_default();
        let (manifest, opened) = match at {
            At::Opened => match Opened::of(Some(id), &config, runner).await {
                Ok(opened) => (Some(Ok(opened.checked.manifest.clone())), Some(opened)),
                Err(error) => (Some(Err(error)), None),
            },
            At::Known(manifest) => (Some(Ok(*manifest)), None),
            At::Nothing => (None, None),
        };
        Found { id, config, manifest, opened: Mutex::new(opened), runner: runner.clone() }
    };
    join_all(named(linked, sources).into_iter().map(found)).await
}

/// The same without a look at them.
pub(crate) fn name(linked: &[&'static str], sources: Sources) -> Vec<Found> {
    let found = |Named { id, config, .. }| Found {
        id,
        config: config.unwrap_or_default(),
        manifest: None,
        opened: Mutex::default(),
        runner: Runner::default(),
    };
    named(linked, sources).into_iter().map(found).collect()
}

/// What the configuration says of a library.
struct Named {
    id: &'static str,
    /// `None` where the keys of the frame can't be understood: there is nothing to look at, and the second pass says why.
    config: Option<LibraryConfig>,
    enabled: bool,
}

/// What the configuration says of plugins that are not among these.
fn named(linked: &[&'static str], sources: Sources) -> Vec<Named> {
    let open =
        json!({"type": "object", "additionalProperties": {"type": "object", "additionalProperties": true}});
    let mut sections = vec![Section::new(&["plugins"], open, Value::Null)];
    let free = || json!({"type": "object", "additionalProperties": true});
    sections.extend(linked.iter().map(|id| Section::new(&["plugins", id], free(), Value::Null)));
    let loaded = Loader::new(sections).partial().glance(sources);
    let Value::Object(tables) = loaded.section_value(&["plugins"]) else { return Vec::new() };
    let libraries =
        tables.into_iter().filter(|(id, t)| t["library"].is_string() && !linked.contains(&id.as_str()));
    let by_environment = |id: &str| matches!(loaded.origin(&["plugins", id, "library"]), Place::Env { .. });
    // A variable writes `_` for `-`, and no table says which was meant; an id has no underscore.
    let spelt = |id: String| if by_environment(&id) { id.replace('_', "-") } else { id };
    libraries.map(|(id, table)| entry(&spelt(id), table)).collect()
}

fn entry(id: &str, table: Value) -> Named {
    let enabled = table["enabled"].as_bool().unwrap_or(true);
    Named { id: intern(id), config: of_table(table), enabled }
}

/// The frame's keys in a table.
fn of_table(mut table: Value) -> Option<LibraryConfig> {
    if let Some(map) = table.as_object_mut() {
        map.retain(|key, _| LibraryConfig::KEYS.contains(&key.as_str()));
    }
    serde_json::from_value(table).ok()
}

/// Ids live as long as the process; there are as many as the configuration has named.
fn intern(id: &str) -> &'static str {
    static KNOWN: Mutex<BTreeSet<&'static str>> = Mutex::new(BTreeSet::new());
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(id) = known.get(id) {
        return id;
    }
    let id: &'static str = Box::leak(id.to_owned().into_boxed_str());
    known.insert(id);
    id
}

/// The frame's keys as a configuration has them now.
pub fn library_config(loaded: &Loaded, id: &str) -> LibraryConfig {
    of_table(loaded.section_value(&["plugins", id])).unwrap_or_default()
}
