#![doc = include_str!("../README.md")]
#![allow(clippy::print_stdout, clippy::disallowed_methods, reason = "a program of its own")]

use gatewright::{Plugins, SystemWorld, build, config::Sources, serve, settings};
use own_authenticator as _;
use std::sync::Arc;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let toml =
        std::env::args().nth(1).unwrap_or_else(|| "store = \"memory\"\nlisten = \"127.0.0.1:0\"".to_owned());
    let plugins = Plugins::linked();
    let sources = Sources { memory: Some(("embedded".to_owned(), toml)), ..Sources::default() };
    let loaded = settings::load(&plugins, sources)?;
    let app = build(plugins, &loaded, Arc::new(SystemWorld::default())).await?;
    let serving = serve(app, &loaded).await?;
    println!("listening on http://{}/docs", serving.address);
    tokio::signal::ctrl_c().await?;
    serving.stop().await?;
    Ok(())
}
