//! `gatewright plugin reload` and `running`: to the host that runs, over its control socket.

use crate::{
    cli::Failed,
    config::Loaded,
    control::{Request, RunningPlugin, Told, ask},
    settings::HostConfig,
};

/// Has the server that runs put the library that the configuration names now in the place of the one that serves.
pub(in crate::cli) async fn run(loaded: &Loaded, id: Option<String>) -> Result<(), Failed> {
    let mut reasons = Vec::new();
    let mut tell = |told| match told {
        Told::Line(line) => println!("{line}"),
        Told::Reason(reason) => reasons.push(reason),
        Told::Plugin(_) | Told::Done(_) => {}
    };
    match asked(loaded, Request::Reload { plugin: id }, &mut tell).await? {
        true => Ok(()),
        false => {
            let reasons = reasons.join("\n  ");
            Err(Failed::Text(format!("not reloaded, what served before goes on serving:\n  {reasons}")))
        }
    }
}

/// Shows what the server that runs runs.
pub(in crate::cli) async fn running(loaded: &Loaded) -> Result<(), Failed> {
    let mut tell = |told| {
        if let Told::Plugin(RunningPlugin { id, version, generation, mode, process, .. }) = told {
            let place = match (mode, process) {
                (Some(mode), Some(process)) => format!("{mode} (process {process})"),
                (Some(mode), None) => mode,
                (None, _) => "built in".to_owned(),
            };
            let generation = generation.unwrap_or_else(|| "-".to_owned());
            println!("{id:<20} {version:<10} {generation:<20} {place}");
        }
    };
    asked(loaded, Request::Plugins {}, &mut tell).await.map(|_| ())
}

async fn asked(
    loaded: &Loaded,
    request: Request,
    tell: &mut (dyn FnMut(Told) + Send),
) -> Result<bool, Failed> {
    let host: HostConfig = loaded.section(&[])?;
    ask(&host.data, &request, tell).await.map_err(|error| Failed::Text(error.to_string()))
}
