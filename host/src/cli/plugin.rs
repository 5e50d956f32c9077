//! `gatewright plugin …`.

mod check;
mod migrate;
mod reload;
mod skeleton;
mod skeleton_c;
mod skeleton_rust;

use super::{Failed, at_the_machine, load, sources};
use crate::{App, Plugins, config::Loaded, loader::Runner};
use clap::Subcommand;
use gatewright_core::Origin;
use std::path::{Path, PathBuf};

#[derive(Subcommand)]
pub(super) enum Plugin {
    /// List the plugins: those that are built in, and those in libraries that the configuration names.
    List,
    /// Read a shared library as the server would, in a process of its own, and print what it offers and asks for.
    ///
    /// Exit code 0: the server would load it. The last lines are the entry for the configuration.
    Check {
        /// The library.
        file: PathBuf,
        /// One JSON object, for programs.
        #[arg(long)]
        json: bool,
    },
    /// Write an authenticator that works, with a test, to begin one's own from.
    New {
        /// Its id, and the folder that is made for it: lower-case letters, digits and hyphens.
        name: String,
        /// The language that it is written in.
        #[arg(long, value_enum)]
        lang: Language,
    },
    /// Have the server that runs put the libraries that the configuration names now in the place of those that serve.
    ///
    /// Logins that are under way end on the version on which they began. Exit code 1: what served before goes on serving.
    Reload {
        /// Only this one.
        id: Option<String>,
        /// The new version may say other things of itself that policies go by: what it proves, at which steps it is used.
        #[arg(long, requires = "id")]
        changed_traits: bool,
    },
    /// Show the plugins of the server that runs: version, generation, and where each runs.
    Running,
    /// Bring what people have set up to the version that the plugin writes, also while the server runs.
    ///
    /// Without this each is brought along when it is next used. Reload on all nodes first: a server that still has the
    /// old version can't read what the new one writes. Of the server on this data folder that is checked.
    Migrate {
        /// Only those of this authenticator.
        id: Option<String>,
    },
}

#[derive(Clone, Copy, clap::ValueEnum)]
pub(super) enum Language {
    Rust,
    C,
}

impl Plugin {
    pub(super) async fn run(self, plugins: Plugins, file: Option<&Path>) -> Result<(), Failed> {
        match self {
            Self::List => list(plugins, file).await,
            Self::New { name, lang } => new(&name, lang),
            Self::Check { file, json } => check::run(plugins, &file, json).await,
            Self::Reload { id, changed_traits } => {
                reload::run(&named(&plugins, file)?, id, changed_traits).await
            }
            Self::Running => reload::running(&named(&plugins, file)?).await,
            Self::Migrate { id } => {
                let plugins = plugins.with_libraries(sources(file), &Runner::default()).await;
                let serving = migrate::serving(&load(&plugins, file)?).await?;
                let work = async |app: &App, origin: &Origin| {
                    migrate::run(app, id.as_deref(), &serving, origin).await
                };
                at_the_machine(plugins, file, work).await
            }
        }
    }
}

/// The configuration, without a look at the libraries that it names: that is for the server that runs.
fn named(plugins: &Plugins, file: Option<&Path>) -> Result<Loaded, Failed> {
    let plugins = plugins.clone().naming_libraries(sources(file));
    Ok(load(&plugins, file)?)
}

async fn list(plugins: Plugins, file: Option<&Path>) -> Result<(), Failed> {
    let plugins = plugins.with_libraries(sources(file), &Runner::default()).await;
    for plugin in plugins.list() {
        let kind = if plugin.is_authenticator { "authenticator" } else { "area or service" };
        let from = if plugin.is_library { "library" } else { "built in" };
        println!("{:<20} {:<10} {from:<9} {kind}", plugin.id, plugin.version);
    }
    let mut broken = plugins.libraries().filter_map(|f| Some((f.id, f.broken()?))).peekable();
    if broken.peek().is_none() {
        return Ok(());
    }
    let lines: Vec<String> = broken.map(|(id, error)| format!("{id}: {error}")).collect();
    Err(Failed::Text(lines.join("\n")))
}

fn new(name: &str, language: Language) -> Result<(), Failed> {
    let folder = Path::new(name);
    let (written, build) = match language {
        Language::Rust => (skeleton_rust::rust(name, folder), "cargo test && cargo build --release"),
        Language::C => (skeleton_c::c(name, folder), "make && make test"),
    };
    let written = written.map_err(|e| Failed::Text(e.to_string()))?;
    for file in &written {
        println!("{}", file.display());
    }
    println!("\nNext: cd {name} && {build}");
    Ok(())
}
