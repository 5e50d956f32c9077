//! `gatewright serve`.

use super::{Failed, load, log, open, sources};
use crate::{
    Plugins,
    config::Loaded,
    control, first_run,
    loader::{Reloader, Runner},
    serve::Serving,
    settings::HostConfig,
    store::Access,
};
use std::{path::Path, sync::Arc};
use tokio::signal::unix::{SignalKind, signal};

pub(super) async fn run(plugins: Plugins, file: Option<&Path>) -> Result<(), Failed> {
    let no_signals = |e| Failed::Text(format!("can't wait for signals: {e}"));
    // First: a SIGHUP that comes while it starts must not end it.
    let hangup = control::hangup().map_err(no_signals)?;
    let plugins = plugins.with_libraries(sources(file), &Runner::default()).await;
    let loaded = load(&plugins, file)?;
    log::start(&loaded)?;
    let linked = plugins.linked_alone();
    let app = open(Access::Host, plugins, &loaded).await?;
    let password = first_run::administrator(&app).await?;
    let serving = crate::serve(app, &loaded).await?;
    greet(&serving, &loaded, password.as_ref().map(|p| p.expose().as_str()))?;
    let host: HostConfig = loaded.section(&[])?;
    let reload = Reloader::new(serving.shared(), linked, sources(file), Runner::default());
    control::start(&host.data, Arc::new(reload), hangup, &serving.stopping());
    wait().await?;
    tracing::info!("stopping");
    serving.stop().await.map_err(|e| Failed::Text(format!("the listener failed: {e}")))
}

/// What somebody who has just started it wants to know.
fn greet(serving: &Serving, loaded: &Loaded, password: Option<&str>) -> Result<(), Failed> {
    let host: HostConfig = loaded.section(&[])?;
    let scheme = if serving.tls { "https" } else { "http" };
    let url = format!("{scheme}://{}", serving.address);
    println!("Gatewright {} listens on {url}", crate::VERSION);
    println!("  API reference  {url}/docs");
    println!("  OpenAPI        {url}/openapi.json");
    println!("  data           {}", host.data.display());
    if let Some(password) = password {
        println!();
        println!(
            "First start: the account `{}` has been made. Its password is shown only now:",
            first_run::ADMINISTRATOR
        );
        println!();
        println!("  {password}");
        println!();
        println!("Log in (the first reply holds the transaction for the second):");
        println!();
        println!(
            "  T=$(curl -s {url}/auth/v1/login --json '{{\"username\":\"admin\"}}' | sed 's/.*\"transaction\":\"\\([^\"]*\\)\".*/\\1/')"
        );
        println!(
            "  curl -s {url}/auth/v1/login/password --json '{{\"transaction\":\"'$T'\",\"answer\":{{\"password\":\"{password}\"}}}}'"
        );
    }
    println!();
    Ok(())
}

/// SIGTERM or SIGINT.
async fn wait() -> Result<(), Failed> {
    let failed = |e: std::io::Error| Failed::Text(format!("can't wait for signals: {e}"));
    let mut terminate = signal(SignalKind::terminate()).map_err(failed)?;
    tokio::select! {
        _ = terminate.recv() => Ok(()),
        done = tokio::signal::ctrl_c() => done.map_err(failed),
    }
}
