//! `gatewright plugin migrate`.

use crate::{app::App, cli::Failed};
use gatewright_core::{
    Origin,
    engine::{Migrated, Passing},
};
use std::io::IsTerminal;

/// So many documents are written at once.
const BATCH: u32 = 200;

/// Brings the documents of one authenticator, or of all, to the version that its plugin writes.
pub(in crate::cli) async fn run(app: &App, id: Option<&str>, origin: &Origin) -> Result<(), Failed> {
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
