//! `gatewright openapi`: the document without a server.

use super::Failed;
use crate::{Plugins, SystemWorld, app::build, config::Sources, settings};
use clap::Args;
use std::sync::Arc;

#[derive(Args)]
pub(super) struct Openapi {
    /// YAML instead of JSON.
    #[arg(long)]
    yaml: bool,
}

impl Openapi {
    pub(super) async fn run(self, plugins: Plugins) -> Result<(), Failed> {
        let document = document(plugins).await?;
        match self.yaml {
            true => print!("{}", gatewright_openapi::to_yaml(&document)),
            false => println!("{document:#}"),
        }
        Ok(())
    }
}

/// The document of these plugins with their default configuration; touches no data.
async fn document(plugins: Plugins) -> Result<serde_json::Value, Failed> {
    let memory = Some(("built-in".to_owned(), "store = \"memory\"".to_owned()));
    let loaded = settings::load(&plugins, Sources { memory, ..Sources::default() })?;
    let app = build(plugins, &loaded, Arc::new(SystemWorld::default())).await?;
    Ok((*app.document()).clone())
}
