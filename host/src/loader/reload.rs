//! A new version of a library in the place of the one that serves, while people log in.

use super::{Current, Found, LibraryPlugin, Runner};
use crate::{
    App, Plugins,
    config::{Loaded, Sources},
    control::{Reload, RunningPlugin},
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

type Lines = Vec<String>;

impl Reloader {
    /// For a host that was built from these plugins and sources.
    pub fn new(app: Arc<App>, linked: Plugins, sources: Sources, runner: Runner) -> Self {
        Self { app, linked, sources, runner, turn: Mutex::new(()) }
    }

    async fn all(&self, only: Option<&str>) -> Result<Lines, Lines> {
        let _turn = self.turn.lock().await;
        let plugins = self.linked.clone();
        let plugins = plugins.with_libraries_of(self.sources.clone(), &self.runner, only).await;
        let loaded = settings::load(&plugins, self.sources.clone()).map_err(|report| lines(&report))?;
        let wanted: Vec<&Arc<Found>> =
            plugins.libraries().filter(|f| only.is_none_or(|o| o == f.id)).collect();
        if let (Some(id), true) = (only, wanted.is_empty()) {
            let all: Vec<&str> = plugins.libraries().map(|f| f.id).collect();
            return Err(vec![match all.as_slice() {
                [] => format!("`{id}` is no library: the configuration names none"),
                all => format!("`{id}` is no library; there are: {}", all.join(", ")),
            }]);
        }
        let (mut done, mut wrong) = (Lines::new(), Lines::new());
        for found in wanted {
            match self.one(found, &loaded, only.is_some()).await {
                Ok(more) => done.extend(more),
                Err(why) => wrong.push(why),
            }
        }
        match wrong.is_empty() {
            true => Ok(done),
            false => {
                done.extend(wrong);
                Err(done)
            }
        }
    }

    /// `even_same`: also where nothing has changed.
    async fn one(&self, found: &Found, loaded: &Loaded, even_same: bool) -> Result<Lines, String> {
        let id = found.id;
        let Some(plugin) = self.app.libraries.iter().find(|p| p.id == id) else {
            return Err(format!("{id}: does not run; a library that is new, or was down, needs a restart"));
        };
        if !settings::switch(loaded, id).enabled {
            return Err(format!("{id}: is switched off; that needs a restart, and until then it serves"));
        }
        let (config, own) = (super::library_config(loaded, id), settings::library_plugin_config(loaded, id));
        let old = plugin.current();
        if !even_same && old.is_made_of(&config, &own) {
            return Ok(vec![format!("{id}: unchanged, {}", name(&old))]);
        }
        let keeps = |why: &dyn std::fmt::Display| format!("{id}: {why}; {} goes on serving", name(&old));
        let opened = found.open().await.map_err(|e| keeps(&e))?;
        let channels: Vec<&str> = self.app.channels.iter().map(String::as_str).collect();
        let next = opened.begin(own.clone(), &config, &self.app.common, &channels).await;
        let next = Current::new(next.map_err(|e| keeps(&e))?, config, own, self.app.engine.now());
        self.put(plugin, &old, &next).map_err(|why| keeps(&why))?;
        self.noted(id, &next).await;
        let mut done = vec![format!("{id}: {} serves in the place of {}", name(&next), name(&old))];
        let version = |current: &Current| current.authenticator.manifest().document_version;
        if version(&next) < version(&old) {
            done.push(format!(
                "{id}: what was stored at document version {} can't be read by it, which knows {}",
                version(&old),
                version(&next)
            ));
        }
        Ok(done)
    }

    /// The swap itself: catalogue, routes, document. Where they clash everything is as it was.
    fn put(&self, plugin: &LibraryPlugin, old: &Current, next: &Current) -> Result<(), String> {
        let clashes = self.app.swap(next.authenticator.clone());
        clashes.map_err(|all| all.iter().map(ToString::to_string).collect::<Lines>().join("; "))?;
        plugin.replace(next.clone());
        self.app.generations.keep(plugin.id, old.generation().unwrap_or_default(), old.transport.clone());
        self.app.health.set(plugin.id, &next.authenticator.manifest().version, Health::Ok);
        Ok(())
    }

    /// What guards logins has changed: that is in the log, and in the audit log.
    async fn noted(&self, id: &str, next: &Current) {
        let version = next.authenticator.manifest().version.as_str();
        let generation = next.generation().unwrap_or_default();
        tracing::info!(plugin = id, version, generation, "a library was put in the place of another");
        let engine = &self.app.engine;
        let line = Event::new(
            "plugin.reloaded",
            &TenantId::default_tenant(),
            engine.now(),
            &Origin::local("command-line"),
        );
        let line = line.with(id).on(format!("version:{version}:{generation}"));
        if let Err(error) = engine.store().commit(vec![Write::Audit(line)]).await {
            tracing::error!(plugin = id, %error, "a reload could not be written to the audit log");
        }
    }
}

impl Reload for Reloader {
    fn reload<'a>(&'a self, plugin: Option<&'a str>) -> BoxFut<'a, Result<Lines, Lines>> {
        Box::pin(self.all(plugin))
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

fn lines(report: &dyn std::fmt::Display) -> Lines {
    report.to_string().lines().map(str::to_owned).collect()
}
