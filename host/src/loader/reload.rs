//! A new version of a library in the place of the one that serves, while people log in.

use super::{
    Current, Found, LibraryPlugin, Runner,
    found::Look,
    traits::{self, Changed},
};
use crate::{
    App, Plugins,
    config::{Loaded, Sources},
    control::{By, Reload, Reloaded, RunningPlugin, Wanted},
    settings,
};
use gatewright_contract::{BoxFut, DynAuthenticator, TenantId};
use gatewright_core::{Origin, audit::Event, store::Write};
use gatewright_plugin::Health;
use std::sync::Arc;
use tokio::sync::Mutex;

/// Reads the configuration anew and does what it says of libraries. Everything else in it waits for a restart.
pub struct Reloader {
    app: Arc<App>,
    linked: Plugins,
    sources: Sources,
    runner: Runner,
    /// One at a time.
    turn: Mutex<()>,
}

/// What came of one.
enum Step {
    /// The line, and what else there is to know.
    Swapped(String, Vec<String>),
    Left(String),
}

impl Reloader {
    /// For a host that was built from these plugins and sources.
    pub fn new(app: Arc<App>, linked: Plugins, sources: Sources, runner: Runner) -> Self {
        Self { app, linked, sources, runner, turn: Mutex::new(()) }
    }

    async fn all(&self, wanted: &Wanted) -> Reloaded {
        let _turn = self.turn.lock().await;
        let only = wanted.plugin.as_deref();
        let look = only.map_or(Look::Changed(&self.app.libraries), Look::Only);
        let plugins = self.linked.clone().with_libraries_of(self.sources.clone(), &self.runner, &look).await;
        let loaded = match settings::load_beside(&plugins, self.sources.clone()) {
            Ok(loaded) => loaded,
            Err(report) => return failed(report.to_string().lines().map(str::to_owned).collect()),
        };
        let named: Vec<&Arc<Found>> =
            plugins.libraries().filter(|f| only.is_none_or(|o| o == f.id)).collect();
        if let (Some(id), true) = (only, named.is_empty()) {
            let all: Vec<&str> = plugins.libraries().map(|f| f.id).collect();
            return failed(vec![match all.as_slice() {
                [] => format!("`{id}` is no library: the configuration names none"),
                all => format!("`{id}` is no library; there are: {}", all.join(", ")),
            }]);
        }
        let mut done = Reloaded::default();
        for found in &named {
            match self.one(found, &loaded, wanted).await {
                Ok(Step::Left(why)) => done.notes.push(why),
                Ok(Step::Swapped(line, notes)) => {
                    done.swapped.push(line);
                    done.notes.extend(notes);
                }
                Err(why) => done.failed.push(why),
            }
        }
        if only.is_none() {
            let gone = self.app.libraries.iter().filter(|p| !named.iter().any(|found| found.id == p.id));
            done.notes.extend(gone.map(|p| {
                format!("{}: is not in the configuration; that needs a restart, until then it serves", p.id)
            }));
        }
        done
    }

    async fn one(&self, found: &Found, loaded: &Loaded, wanted: &Wanted) -> Result<Step, String> {
        let id = found.id;
        // What was asked for by name and can't be is a failure; among all it is left alone.
        let left = |why: String| if wanted.plugin.is_some() { Err(why) } else { Ok(Step::Left(why)) };
        let Some(plugin) = self.app.libraries.iter().find(|p| p.id == id) else {
            return left(match settings::switch(loaded, id).enabled {
                true => format!("{id}: does not run; a library that is new, or was down, needs a restart"),
                false => format!("{id}: is switched off"),
            });
        };
        if !settings::switch(loaded, id).enabled {
            return left(format!("{id}: is switched off; that needs a restart, until then it serves"));
        }
        let (config, own) = (super::library_config(loaded, id), settings::library_plugin_config(loaded, id));
        let old = plugin.current();
        let keeps = |why: &dyn std::fmt::Display| format!("{id}: {why}; {} goes on serving", name(&old));
        if let Some(error) = found.broken() {
            return Err(keeps(&loaded.problem(&["plugins", id, error.key()], error.to_string())));
        }
        if wanted.plugin.is_none() && old.is_made_of(&config, &own) {
            return Ok(Step::Left(format!("{id}: unchanged, {}", name(&old))));
        }
        let opened = found.open().await.map_err(|e| keeps(&e))?;
        let changed = traits::check(old.authenticator.manifest(), &opened.checked.manifest);
        let changed = changed.and_then(|changed| changed.meant(id, wanted.changed_traits));
        let changed = changed.map_err(|why| keeps(&why))?;
        let channels: Vec<&str> = self.app.channels.iter().map(String::as_str).collect();
        let next = opened.begin(own.clone(), &config, &self.app.common, &channels).await;
        let next = Current::new(next.map_err(|e| keeps(&e))?, config, own, self.app.engine.now());
        self.put(plugin, &old, &next).map_err(|why| keeps(&why))?;
        self.noted(id, &next, &changed, wanted.by).await;
        let mut notes = Vec::new();
        if !changed.is_empty() {
            notes.push(format!("{id}: what policies go by has changed: {changed}"));
        }
        let version = |current: &Current| current.authenticator.manifest().document_version;
        if version(&next) < version(&old) {
            notes.push(format!(
                "{id}: what was stored at document version {} can't be read by it, which knows {}",
                version(&old),
                version(&next)
            ));
        }
        Ok(Step::Swapped(format!("{id}: {} serves in the place of {}", name(&next), name(&old)), notes))
    }

    /// The swap itself: catalogue, routes, document. Where they clash everything is as it was.
    fn put(&self, plugin: &LibraryPlugin, old: &Current, next: &Current) -> Result<(), String> {
        let clashes = self.app.swap(next.authenticator.clone());
        clashes.map_err(|all| all.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))?;
        plugin.replace(next.clone());
        match old.generation() == next.generation() {
            true => self.app.generations.leave(old.transport.clone()),
            false => {
                let generation = old.generation().unwrap_or_default();
                self.app.generations.keep(plugin.id, generation, old.transport.clone());
            }
        }
        self.app.health.set(plugin.id, &next.authenticator.manifest().version, Health::Ok);
        Ok(())
    }

    /// What guards logins has changed: that is in the log, and in the audit log.
    async fn noted(&self, id: &str, next: &Current, changed: &Changed, by: By) {
        let version = next.authenticator.manifest().version.as_str();
        let generation = next.generation().unwrap_or_default();
        tracing::info!(plugin = id, version, generation, "a library was put in the place of another");
        let engine = &self.app.engine;
        let (door, who) = match by {
            By::Signal => ("signal", "SIGHUP".to_owned()),
            By::User(uid) => ("command-line", format!("uid:{uid}")),
        };
        let origin = Origin { request_id: who, ..Origin::local(door) };
        let line = Event::new("plugin.reloaded", &TenantId::default_tenant(), engine.now(), &origin);
        let target = format!("version:{version}:{generation}");
        let line = line.with(id).on(match changed.is_empty() {
            true => target,
            false => format!("{target} traits:{changed}"),
        });
        if let Err(error) = engine.store().commit(vec![Write::Audit(line)]).await {
            tracing::error!(plugin = id, %error, "a reload could not be written to the audit log");
        }
    }
}

impl Reload for Reloader {
    fn reload<'a>(&'a self, wanted: &'a Wanted) -> BoxFut<'a, Reloaded> {
        Box::pin(self.all(wanted))
    }

    fn running(&self) -> Vec<RunningPlugin> {
        let of_library = |p: &Arc<LibraryPlugin>| {
            let current = p.current();
            RunningPlugin {
                id: p.id.to_owned(),
                version: current.authenticator.manifest().version.clone(),
                generation: current.generation().map(str::to_owned),
                mode: Some(current.config.mode.to_string()),
                process: current.authenticator.transport().process(),
                since: Some(current.since),
            }
        };
        let is_library = |id: &str| self.app.libraries.iter().any(|p| p.id == id);
        let linked = self.app.plugins.0.iter().filter(|p| !is_library(p.id)).map(|p| RunningPlugin {
            id: p.id.to_owned(),
            version: p.version.clone(),
            generation: None,
            mode: None,
            process: None,
            since: None,
        });
        let mut all: Vec<_> = linked.chain(self.app.libraries.iter().map(of_library)).collect();
        all.sort_by(|a, b| a.id.cmp(&b.id));
        all
    }
}

fn name(current: &Current) -> String {
    let version = &current.authenticator.manifest().version;
    format!("{version} ({})", current.generation().unwrap_or_default())
}

fn failed(failed: Vec<String>) -> Reloaded {
    Reloaded { failed, ..Reloaded::default() }
}
