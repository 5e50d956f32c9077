//! `gatewright plugin migrate`.

use crate::{
    app::App,
    cli::Failed,
    config::Loaded,
    control::{ControlError, Request, RunningPlugin, Told, ask},
    settings::HostConfig,
};
use gatewright_core::{
    Origin,
    engine::{Migrated, Passing},
};
use std::io::IsTerminal;

/// So many documents are written at once.
const BATCH: u32 = 200;

/// What serves on this data folder now; nothing where no server runs.
pub(super) async fn serving(loaded: &Loaded) -> Result<Vec<RunningPlugin>, Failed> {
    let host: HostConfig = loaded.section(&[])?;
    let mut serving = Vec::new();
    let mut tell = |told| {
        if let Told::Plugin(plugin) = told {
            serving.push(plugin);
        }
    };
    match ask(&host.data, &Request::Plugins {}, &mut tell).await {
        Ok(_) => Ok(serving),
        Err(ControlError::NotRunning(_)) => Ok(Vec::new()),
        Err(error) => {
            Err(Failed::Text(format!("it can't be told what the server that runs serves: {error}")))
        }
    }
}

/// Why this version of an authenticator must not write: the server's could not read it, and nobody could log in.
fn ahead(serving: &[RunningPlugin], id: &str, version: &str, generation: Option<&str>) -> Option<String> {
    let there = serving.iter().find(|plugin| plugin.id == id)?;
    if there.version == version && there.generation.as_deref() == generation {
        return None;
    }
    let name = |version: &str, generation: Option<&str>| match generation {
        Some(generation) => format!("{version} ({generation})"),
        None => version.to_owned(),
    };
    let first = match there.generation {
        Some(_) => format!("`gatewright plugin reload {id}` first"),
        None => "start the server anew first".to_owned(),
    };
    Some(format!(
        "{id}: the server that runs serves {}, this would write what {} writes: {first}, on all nodes",
        name(&there.version, there.generation.as_deref()),
        name(version, generation),
    ))
}

/// Brings the documents of one authenticator, or of all, to the version that its plugin writes; none where another
/// version serves.
pub(super) async fn run(
    app: &App,
    id: Option<&str>,
    serving: &[RunningPlugin],
    origin: &Origin,
) -> Result<(), Failed> {
    let catalogue = app.engine.catalogue();
    let ids: Vec<String> = match id {
        Some(id) if catalogue.manifest(id).is_some() => vec![id.to_owned()],
        Some(id) => {
            let there: Vec<&str> = catalogue.iter().map(|a| a.manifest().id.as_str()).collect();
            let there = there.join(", ");
            return Err(Failed::Text(format!(
                "there is no authenticator `{id}` that runs; there are: {there}"
            )));
        }
        None => catalogue.iter().map(|a| a.manifest().id.clone()).collect(),
    };
    let ahead = catalogue.iter().filter(|a| ids.contains(&a.manifest().id)).filter_map(|a| {
        let manifest = a.manifest();
        ahead(serving, &manifest.id, &manifest.version, a.generation())
    });
    let ahead: Vec<String> = ahead.collect();
    if !ahead.is_empty() {
        return Err(Failed::Text(format!("nothing was migrated.\n  {}", ahead.join("\n  "))));
    }
    let (mut left, mut any) = (0, false);
    for id in ids {
        let sum = one(app, &id, origin).await.map_err(|problem| {
            Failed::Text(format!(
                "{id}: broken off: {problem}. What was migrated until then is, go on by running this again"
            ))
        })?;
        any |= report(&id, &sum);
        left += sum.newer + sum.damaged + sum.refused;
    }
    if !any {
        println!("Everything has the version that its plugin writes.");
    }
    match left {
        0 => Ok(()),
        left => Err(Failed::Text(format!("{left} credentials are as they were, see above"))),
    }
}

async fn one(app: &App, id: &str, origin: &Origin) -> Result<Migrated, gatewright_core::Problem> {
    let shown = std::io::stderr().is_terminal();
    let mut written = false;
    let mut tell = |passing: Passing<'_>| match passing {
        Passing::Sum(sum) if shown => {
            eprint!("\r{id}: {} migrated ", sum.done);
            written = true;
        }
        Passing::Sum(_) => {}
        Passing::Newer(credential, version) => {
            println!(
                "{id}: credential {credential} has version {version}, which this plugin does not know: left as it is"
            );
        }
        Passing::Damaged(credential) => println!("{id}: credential {credential} is damaged: left as it is"),
        Passing::Refused(credential) => {
            println!("{id}: the plugin can't migrate credential {credential}: left as it is");
        }
    };
    let sum = app.engine.migrate_documents(id, BATCH, &mut tell, origin).await;
    if written {
        eprintln!();
    }
    sum
}

/// Whether there was anything to do.
fn report(id: &str, sum: &Migrated) -> bool {
    let Migrated { version, done, again, newer, damaged, refused, busy } = sum;
    if done + again + newer + damaged + refused + busy == 0 {
        return false;
    }
    println!("{id}: {done} brought to version {version}.");
    let counts = [
        (again, "were used at the same moment and tried again"),
        (busy, "were used each time; they are migrated when they are read"),
        (newer, "have a newer version: put the plugin back that wrote them"),
        (damaged, "are damaged: the people must set theirs up anew"),
        (refused, "can't be migrated; the log says why"),
    ];
    for (count, what) in counts.into_iter().filter(|(count, _)| **count > 0) {
        println!("{id}: {count} {what}.");
    }
    true
}

#[cfg(test)]
mod tests {
    use super::{RunningPlugin, ahead};

    fn serves(id: &str, version: &str, generation: Option<&str>) -> RunningPlugin {
        let generation = generation.map(str::to_owned);
        let (id, version) = (id.to_owned(), version.to_owned());
        RunningPlugin { id, version, generation, mode: None, process: None, since: None }
    }

    #[test]
    fn a_version_that_does_not_serve_yet_writes_nothing() {
        let serving = [serves("cheap", "1.0.0", Some("00ff")), serves("totp", "0.1.0", None)];
        let why = ahead(&serving, "cheap", "2.0.0", Some("ff00")).expect("another version");
        for word in ["1.0.0 (00ff)", "2.0.0 (ff00)", "`gatewright plugin reload cheap` first, on all nodes"] {
            assert!(why.contains(word), "{why}");
        }
        assert!(ahead(&serving, "cheap", "1.0.0", Some("ff00")).is_some(), "the same name, another file");
        assert!(ahead(&serving, "cheap", "1.0.0", Some("00ff")).is_none());
        let built_in = ahead(&serving, "totp", "0.2.0", None).expect("another version");
        assert!(built_in.contains("start the server anew first"), "{built_in}");
        assert!(ahead(&serving, "totp", "0.1.0", None).is_none());
        assert!(
            ahead(&serving, "otp", "0.1.0", None).is_none(),
            "the server has none: nobody is asked by it"
        );
        assert!(ahead(&[], "cheap", "2.0.0", Some("ff00")).is_none(), "no server runs");
    }
}
