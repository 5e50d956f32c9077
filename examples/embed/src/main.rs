#![doc = include_str!("../README.md")]
#![allow(clippy::print_stdout, clippy::disallowed_methods, reason = "a program of its own")]

use gatewright::{
    Plugins, SystemWorld, build,
    config::Sources,
    loader::{Runner, runner},
    serve, settings,
};
use own_authenticator as _;
use std::{error::Error, sync::Arc};

fn main() -> Result<(), Box<dyn Error>> {
    // Plugins in shared libraries run in processes of this program. Those have one thread here, so no runtime yet.
    runner::enter_if_asked();
    tokio::runtime::Runtime::new()?.block_on(run())
}

async fn run() -> Result<(), Box<dyn Error>> {
    let toml =
        std::env::args().nth(1).unwrap_or_else(|| "store = \"memory\"\nlisten = \"127.0.0.1:0\"".to_owned());
    let sources = Sources { memory: Some(("embedded".to_owned(), toml)), ..Sources::default() };
    let plugins = Plugins::linked().with_libraries(sources.clone(), &Runner::default()).await;
    let loaded = settings::load(&plugins, sources)?;
    let app = build(plugins, &loaded, Arc::new(SystemWorld::default())).await?;
    let serving = serve(app, &loaded).await?;
    println!("listening on http://{}/docs", serving.address);
    tokio::signal::ctrl_c().await?;
    serving.stop().await?;
    Ok(())
}
