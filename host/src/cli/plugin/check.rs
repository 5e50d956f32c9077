//! `gatewright plugin check`.

use super::super::Failed;
use crate::{
    Plugins, SystemWorld,
    app::build,
    config::Sources,
    loader::{Confined, LibraryConfig, Opened, Runner},
    settings,
};
use gatewright_contract::{Manifest, Traits};
use serde_json::{Value, json};
use std::{fmt::Write as _, path::Path, sync::Arc};

/// Reads the library as the server would, and starts a server in memory that has it and nothing else of its own.
pub(super) async fn run(plugins: Plugins, file: &Path, as_json: bool) -> Result<(), Failed> {
    let path = file.canonicalize().map_err(|e| Failed::Text(format!("{}: {e}", file.display())))?;
    match (look(plugins, &path).await, as_json) {
        (Ok(seen), true) => println!("{:#}", seen.json(&path)),
        (Ok(seen), false) => print!("{}", seen.text(&path)),
        (Err(wrong), true) => {
            println!("{:#}", json!({"file": path, "loads": false, "wrong": wrong}));
            return Err(Failed::Text(format!("{} would not be loaded", file.display())));
        }
        (Err(wrong), false) => {
            return Err(Failed::Text(format!("{} would not be loaded: {wrong}", file.display())));
        }
    }
    Ok(())
}

/// What there is to say of a library that would be loaded.
struct Seen {
    manifest: Manifest,
    sha256: String,
    size: u64,
    confined: Confined,
    /// Why it does not start as its defaults have it, where it doesn't.
    needs_more: Option<String>,
    operations: Vec<String>,
}

async fn look(plugins: Plugins, path: &Path) -> Result<Seen, String> {
    let config = LibraryConfig { library: path.to_owned(), unconfined: true, ..LibraryConfig::default() };
    let opened = Opened::of(None, &config, &Runner::default()).await.map_err(|e| e.to_string())?;
    let (manifest, sha256, size) = (opened.checked.manifest.clone(), opened.sha256.clone(), opened.size);
    let confined = opened.confined().unwrap_or_default();
    drop(opened);
    let (needs_more, operations) = match start(plugins, &manifest.id, path, &sha256).await {
        Ok(document) => (None, operations(&document, &manifest.id)),
        Err(why) => (Some(why), Vec::new()),
    };
    Ok(Seen { manifest, sha256, size, confined, needs_more, operations })
}

/// The document of a server that has it.
async fn start(plugins: Plugins, id: &str, path: &Path, sha256: &str) -> Result<Arc<Value>, String> {
    let toml = format!("store = \"memory\"\n{}", entry(id, path, sha256));
    let sources = Sources { memory: Some(("default".to_owned(), toml)), ..Sources::default() };
    let plugins = plugins.with_libraries(sources.clone(), &Runner::default()).await;
    let loaded = settings::load(&plugins, sources).map_err(|e| e.to_string())?;
    let app = build(plugins, &loaded, Arc::new(SystemWorld::default())).await.map_err(|e| e.to_string())?;
    let document = app.document();
    crate::background::shut_down(&app).await;
    Ok(document)
}

/// Method and path of those with the plugin's tag.
fn operations(document: &Value, id: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (path, methods) in document["paths"].as_object().into_iter().flatten() {
        for (method, operation) in methods.as_object().into_iter().flatten() {
            let tagged = operation["tags"].as_array().is_some_and(|tags| tags.iter().any(|tag| tag == id));
            if tagged {
                found.push(format!("{} {path}", method.to_uppercase()));
            }
        }
    }
    found
}

fn entry(id: &str, path: &Path, sha256: &str) -> String {
    format!("[plugins.{id}]\nlibrary = {:?}\nsha256 = \"{sha256}\"\n", path.display().to_string())
}

impl Seen {
    fn json(&self, path: &Path) -> Value {
        json!({
            "file": path, "loads": true, "sha256": self.sha256, "bytes": self.size,
            "starts": self.needs_more.is_none(), "needs_more": self.needs_more,
            "manifest": self.manifest, "operations": self.operations,
            "confined": {
                "files": self.confined.files, "network": self.confined.network, "processes": self.confined.processes,
            },
        })
    }

    fn text(&self, path: &Path) -> String {
        let m = &self.manifest;
        let mut text = format!("{} {} would be loaded.\n\n", m.id, m.version);
        let mut line = |name: &str, value: String| {
            let _ = writeln!(text, "  {name:<12}{value}");
        };
        line("file", format!("{} ({} KiB)", path.display(), self.size.div_ceil(1024)));
        line("is", traits(&m.traits));
        line("can", list(&abilities(m), "challenge and verify only"));
        line("asks for", list(&m.needs, "nothing of the host"));
        line("documents", format!("version {}", m.document_version));
        let missing = self.confined.missing();
        line(
            "held here",
            list(
                &missing.iter().map(|what| format!("NOT: {what}")).collect::<Vec<_>>(),
                "no files, no network, no other programs",
            ),
        );
        for operation in &self.operations {
            line("operation", operation.clone());
        }
        if let Some(why) = &self.needs_more {
            let _ = writeln!(text, "\nAs its defaults have it, the server would not start:\n{why}");
        }
        let _ = write!(text, "\nThe entry for the configuration:\n\n{}", entry(&m.id, path, &self.sha256));
        text
    }
}

fn traits(t: &Traits) -> String {
    let kind =
        serde_json::to_value(t.kind).ok().and_then(|k| k.as_str().map(str::to_owned)).unwrap_or_default();
    let mut words = vec![kind, format!("amr {}", t.amr.join(" "))];
    let said = [
        (t.steps.first, "first step"),
        (t.steps.second, "second step"),
        (t.steps.fallback, "fallback"),
        (t.many, "several a person"),
        (t.single_use, "an answer is good once"),
        (t.phishing_resistant, "phishing-resistant"),
        (!t.self_service, "set up by administrators only"),
    ];
    words.extend(said.into_iter().filter(|(is, _)| *is).map(|(_, word)| word.to_owned()));
    words.join(", ")
}

fn abilities(m: &Manifest) -> Vec<String> {
    let a = m.abilities;
    let can = [
        (a.enrol, "enrol"),
        (a.identify, "identify"),
        (a.signal, "signal"),
        (a.attend, "attend"),
        (a.rehearse, "rehearse"),
    ];
    can.into_iter().filter(|(can, _)| *can).map(|(_, word)| word.to_owned()).collect()
}

fn list(words: &[String], none: &str) -> String {
    if words.is_empty() { none.to_owned() } else { words.join(", ") }
}
