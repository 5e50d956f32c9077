//! The host's own part of the configuration, and the sections of all plugins.

use crate::{
    Plugins,
    audit::AuditConfig,
    config::{ConfigReport, Loaded, Loader, SecretValue, Section, Sources},
    countries::{Countries, CountriesConfig},
    http::{ConfigMistake, HttpConfig},
    keys::{self, KeysConfig},
    loader::LibraryConfig,
    outgoing::OutgoingConfig,
    pool::PoolConfig,
    store::{CacheConfig, DatabaseConfig},
};
use gatewright_core::{Catalogue, Settings};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::path::PathBuf;

/// Keys at the top of the file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct HostConfig {
    /// Folder for everything that the host keeps: the embedded database and the keyring.
    pub data: PathBuf,
    /// Where state is kept: `sqlite:PATH`, `postgres://USER@HOST/DATABASE?sslmode=verify-full`, or `memory`
    /// (gone with the process). Left out: `gatewright.db` in the data folder.
    pub store: Option<SecretValue>,
}

impl Default for HostConfig {
    fn default() -> Self {
        Self { data: PathBuf::from("gatewright-data"), store: None }
    }
}

/// The table `[log]`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct LogConfig {
    /// What is logged: a level (`error`, `warn`, `info`, `debug`), or directives such as
    /// `info,gatewright=debug`.
    pub filter: String,
    /// How a line looks.
    pub format: LogFormat,
}

/// How a log line looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// One JSON object a line, for programs.
    Json,
}

impl Default for LogConfig {
    fn default() -> Self {
        Self { filter: "info".to_owned(), format: LogFormat::Text }
    }
}

/// What the frame knows of every plugin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PluginSwitch {
    /// Whether it runs.
    pub enabled: bool,
    /// Whether the host refuses to start without it.
    pub required: bool,
}

/// Name of the variable that names the configuration file.
pub const CONFIG_VARIABLE: &str = "GATEWRIGHT_CONFIG";

/// Keys that the frame reads from the table of every plugin.
pub const SWITCHES: [&str; 2] = ["enabled", "required"];

/// Every section: the host's own, and one a plugin.
pub fn sections(plugins: &Plugins) -> Vec<Section> {
    let mut sections = vec![
        Section::of::<HostConfig>(&[]),
        Section::of::<HttpConfig>(&["http"]),
        Section::of::<Settings>(&["login"]),
        Section::of::<PoolConfig>(&["pool"]),
        Section::of::<DatabaseConfig>(&["database"]),
        Section::of::<CacheConfig>(&["cache"]),
        Section::of::<LogConfig>(&["log"]),
        Section::of::<KeysConfig>(&["keys"]),
        Section::of::<AuditConfig>(&["audit"]),
        Section::of::<OutgoingConfig>(&["outgoing"]),
        Section::of::<CountriesConfig>(&["countries"]),
    ];
    for (id, (schema, defaults)) in plugins.configs() {
        let (schema, defaults) = with_switch(schema, defaults);
        sections.push(Section::new(&["plugins", id], schema, defaults));
    }
    for found in plugins.libraries() {
        let (schema, defaults) = found.section();
        let (schema, defaults) = with_switch(schema, defaults);
        sections.push(Section::new(&["plugins", found.id], schema, defaults));
    }
    sections
}

/// Adds what the frame knows of every plugin to the plugin's own table.
fn with_switch(mut schema: Value, mut defaults: Value) -> (Value, Value) {
    if !schema["properties"].is_object() {
        schema["properties"] = json!({});
    }
    schema["type"] = json!("object");
    schema["properties"]["enabled"] = json!({"type": "boolean", "description": "Whether this plugin runs."});
    schema["properties"]["required"] = json!({"type": "boolean", "description": "Whether the host refuses to start when this plugin can't."});
    if !defaults.is_object() {
        defaults = json!({});
    }
    defaults["enabled"] = json!(true);
    defaults["required"] = json!(true);
    (schema, defaults)
}

/// Reads the sources for these plugins, and checks what no schema can say.
///
/// # Errors
/// Every mistake at once.
pub fn load(plugins: &Plugins, sources: Sources) -> Result<Loaded, ConfigReport> {
    read(plugins, sources, check_libraries)
}

/// The same beside a host that runs: that a library can't be used stops nothing else, and is told by who wants it.
///
/// # Errors
/// Every mistake at once.
pub(crate) fn load_beside(plugins: &Plugins, sources: Sources) -> Result<Loaded, ConfigReport> {
    read(plugins, sources, |_, _, _| {})
}

fn read(
    plugins: &Plugins,
    mut sources: Sources,
    check_libraries: fn(&Plugins, &Loaded, &mut ConfigReport),
) -> Result<Loaded, ConfigReport> {
    sources.env_ignored.push(CONFIG_VARIABLE.to_owned());
    let loader = Loader::new(sections(plugins));
    let loaded = match loader.load(sources.clone()) {
        Ok(loaded) => loaded,
        Err(mut report) => {
            // Libraries have been looked at: what is wrong with them is told with the rest.
            check_libraries(plugins, &loader.glance(sources), &mut report);
            return Err(report.into_result().err().unwrap_or_default());
        }
    };
    let mut report = http_report(&loaded, loaded.section::<HttpConfig>(&["http"])?.check());
    check_policy(plugins, &loaded, &mut report)?;
    check_libraries(plugins, &loaded, &mut report);
    keys::check(&loaded, &mut report)?;
    if let Err(error) = loaded.section::<OutgoingConfig>(&["outgoing"])?.networks() {
        report.push(loaded.problem(&["outgoing", "allow_networks"], error.to_string()));
    }
    if let Err(mistakes) = Countries::open(&loaded) {
        report.extend(mistakes);
    }
    let filter = loaded.section::<LogConfig>(&["log"])?.filter;
    if let Err(error) = tracing_subscriber::EnvFilter::try_new(&filter) {
        report.push(loaded.problem(&["log", "filter"], format!("not a filter: {error}")));
    }
    report.into_result()?;
    Ok(loaded)
}

/// Mistakes of the front door with their places.
pub(crate) fn http_report(loaded: &Loaded, mistakes: Vec<ConfigMistake>) -> ConfigReport {
    let mut report = ConfigReport::default();
    for mistake in mistakes {
        let path: Vec<&str> = mistake.place.split(['.', '[']).filter(|p| !p.ends_with(']')).collect();
        report.push(loaded.problem(&path, mistake.wrong));
    }
    report
}

/// A policy that names what is not there would lock people out, or in.
fn check_policy(plugins: &Plugins, loaded: &Loaded, report: &mut ConfigReport) -> Result<(), ConfigReport> {
    let Settings { policy, site, look, .. } = loaded.section::<Settings>(&["login"])?;
    for broken in site.check().into_iter().chain(look.check()) {
        let path: Vec<&str> = ["login"].into_iter().chain(broken.code.split('.')).collect();
        report.push(loaded.problem(&path, broken.message));
    }
    let known = plugins.authenticator_ids();
    let lists = [
        ("first", policy.first),
        ("second", policy.second),
        ("enrol", policy.enrol),
        ("reset", Some(policy.reset)),
    ];
    for (key, list) in lists {
        for id in list.unwrap_or_default() {
            if !known.contains(&id.as_str()) {
                let message = format!("there is no authenticator `{id}`; there are: {}", known.join(", "));
                report.push(loaded.problem(&["login", "policy", key], message));
            }
        }
    }
    Ok(())
}

/// What of the host's own settings can't be used with an authenticator that runs.
pub(crate) fn check_keypad(loaded: &Loaded, catalogue: &Catalogue) -> Result<(), ConfigReport> {
    let vault = loaded.section::<Settings>(&["login"])?.vault;
    let mut report = ConfigReport::default();
    let fields = loaded.section_value(&["login", "vault"]);
    for misfit in catalogue.misfits(&vault.keypad()) {
        let field = Some(misfit.code.as_str()).filter(|field| fields.get(*field).is_some());
        let path: Vec<&str> = ["login", "vault"].into_iter().chain(field).collect();
        report.push(loaded.problem(&path, misfit.message));
    }
    report.into_result()
}

/// A library that can't be used, where the host must not start without it.
fn check_libraries(plugins: &Plugins, loaded: &Loaded, report: &mut ConfigReport) {
    for found in plugins.libraries() {
        let (Some(error), true) = (found.broken(), switch(loaded, found.id).required) else { continue };
        let path: Vec<&str> = ["plugins", found.id].into_iter().chain([error.key()]).collect();
        report.push(loaded.problem(&path, error.to_string()));
    }
}

/// The switches of a plugin.
pub fn switch(loaded: &Loaded, id: &str) -> PluginSwitch {
    let table = loaded.section_value(&["plugins", id]);
    let flag = |name: &str| table[name].as_bool().unwrap_or(true);
    PluginSwitch { enabled: flag("enabled"), required: flag("required") }
}

/// A plugin's own table, without what the frame added.
pub fn plugin_config(loaded: &Loaded, id: &str) -> Value {
    let mut table = loaded.section_value(&["plugins", id]);
    if let Some(map) = table.as_object_mut() {
        map.retain(|key, _| !SWITCHES.contains(&key.as_str()));
    }
    table
}

/// The table of a plugin in a library, without what the frame added.
pub fn library_plugin_config(loaded: &Loaded, id: &str) -> Value {
    let mut table = plugin_config(loaded, id);
    if let Some(map) = table.as_object_mut() {
        map.retain(|key, _| !LibraryConfig::KEYS.contains(&key.as_str()));
    }
    table
}
