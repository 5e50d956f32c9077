//! The command line. Printing is what it is for.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a command line prints")]

mod audit;
mod client;
mod config;
mod credential;
mod group;
mod keys;
mod log;
mod named;
mod openapi;
mod person;
mod plugin;
mod role;
mod serve;
mod store;
mod tenant;

use crate::{
    Plugins, SystemWorld,
    app::{App, StartError, build_for},
    background,
    config::{ConfigReport, Loaded, Sources, process_environment},
    loader::Runner,
    settings::{self, CONFIG_VARIABLE, HostConfig},
    store::{Access, operator::OperatorError},
};
use clap::{Parser, Subcommand};
use gatewright_core::Origin;
use std::{
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
};

/// An authentication server in which everything is a plugin.
///
/// Without a configuration it keeps its data in ./gatewright-data and listens on 127.0.0.1:8080.
#[derive(Parser)]
#[command(name = "gatewright", version, disable_version_flag = true)]
struct Cli {
    /// Configuration file (TOML). Default: ./gatewright.toml where it exists.
    #[arg(long, short, global = true, env = CONFIG_VARIABLE, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run the server.
    Serve,
    /// Make, list and change accounts.
    #[command(subcommand)]
    Person(person::Person),
    /// Bring what people log in with.
    #[command(subcommand)]
    Credential(credential::Credential),
    /// Make, list and switch tenants.
    #[command(subcommand)]
    Tenant(tenant::Tenant),
    /// Make and list groups, and who is in them.
    #[command(subcommand)]
    Group(group::Group),
    /// Who may do what.
    #[command(subcommand)]
    Role(role::Role),
    /// Register, list and change the applications that log people in.
    #[command(subcommand)]
    Client(client::Client),
    /// Look at the database, bring it up to date, move it.
    #[command(subcommand)]
    Store(store::Store),
    /// Write everything in the database into a file, also while the server runs.
    Backup(store::Backup),
    /// Put a backup in the place of the database, which is kept.
    Restore(store::Restore),
    /// List and replace keys, also while a server runs.
    #[command(subcommand)]
    Keys(keys::Keys),
    /// Check, export and shorten the audit log.
    #[command(subcommand)]
    Audit(audit::Audit),
    /// List plugins, check and make libraries, put a new version of one in the place of the old.
    #[command(subcommand)]
    Plugin(plugin::Plugin),
    /// Check and show the configuration.
    #[command(subcommand)]
    Config(config::Config),
    /// Write the OpenAPI document.
    Openapi(openapi::Openapi),
    /// Print the version.
    Version,
}

/// Why a command failed: a text for the operator.
#[derive(Debug, thiserror::Error)]
enum Failed {
    #[error(transparent)]
    Start(#[from] StartError),
    #[error("{0}")]
    Text(String),
    #[error(transparent)]
    Store(#[from] OperatorError),
    #[error("{0}")]
    Problem(#[from] gatewright_core::Problem),
}

impl From<ConfigReport> for Failed {
    fn from(report: ConfigReport) -> Self {
        Self::Start(report.into())
    }
}

/// Runs the command line for a list of plugins; an embedder passes its own.
pub fn main(plugins: Plugins) -> ExitCode {
    // Before anything else: the process of a plugin has nothing of a server's.
    crate::loader::runner::enter_if_asked();
    end_with_the_reader();
    let cli = Cli::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("gatewright: can't start the runtime: {error}");
            return ExitCode::FAILURE;
        }
    };
    let result = runtime.block_on(run(cli, plugins));
    // A hashing thread that is busy must not hold up the end.
    runtime.shutdown_timeout(std::time::Duration::from_secs(2));
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failed) => {
            eprintln!("gatewright: {failed}");
            ExitCode::FAILURE
        }
    }
}

/// Whoever reads what is printed may have seen enough (`| head`): that is no error, and nothing to print a trace for.
fn end_with_the_reader() {
    let others = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |what| {
        let text = what.payload().downcast_ref::<String>();
        if text.is_some_and(|t| t.starts_with("failed printing to stdout") && t.contains("Broken pipe")) {
            std::process::exit(141);
        }
        others(what);
    }));
}

async fn run(cli: Cli, plugins: Plugins) -> Result<(), Failed> {
    let file = config_file(cli.config)?;
    let plugins = match cli.command {
        Command::Version | Command::Openapi(_) | Command::Plugin(_) | Command::Serve => plugins,
        // Whoever looks after the database needs no plugin, and can do without one that is broken.
        Command::Store(_) | Command::Backup(_) | Command::Restore(_) => {
            plugins.naming_libraries(sources(file.as_deref()))
        }
        _ => plugins.with_libraries(sources(file.as_deref()), &Runner::default()).await,
    };
    match cli.command {
        Command::Version => {
            println!("gatewright {}", crate::VERSION);
            Ok(())
        }
        Command::Plugin(command) => command.run(plugins, file.as_deref()).await,
        Command::Config(command) => command.run(&plugins, file.as_deref()),
        Command::Openapi(command) => command.run(plugins).await,
        Command::Serve => serve::run(plugins, file.as_deref()).await,
        Command::Store(command) => command.run(&plugins, file.as_deref()).await,
        Command::Backup(command) => command.run(&plugins, file.as_deref()).await,
        Command::Restore(command) => command.run(&plugins, file.as_deref()).await,
        Command::Audit(command) => command.run(plugins, file.as_deref()).await,
        Command::Person(command) => command.run(plugins, file.as_deref()).await,
        Command::Credential(command) => command.run(plugins, file.as_deref()).await,
        Command::Tenant(command) => command.run(plugins, file.as_deref()).await,
        Command::Group(command) => command.run(plugins, file.as_deref()).await,
        Command::Role(command) => command.run(plugins, file.as_deref()).await,
        Command::Client(command) => command.run(plugins, file.as_deref()).await,
        Command::Keys(command) => command.run(plugins, file.as_deref()).await,
    }
}

fn config_file(given: Option<PathBuf>) -> Result<Option<PathBuf>, Failed> {
    const DEFAULT: &str = "gatewright.toml";
    match given {
        Some(path) if path.is_file() => Ok(Some(path)),
        Some(path) => Err(Failed::Text(format!("the configuration file {} does not exist", path.display()))),
        None => Ok(Path::new(DEFAULT).is_file().then(|| PathBuf::from(DEFAULT))),
    }
}

fn load(plugins: &Plugins, file: Option<&Path>) -> Result<Loaded, ConfigReport> {
    settings::load(plugins, sources(file))
}

fn sources(file: Option<&Path>) -> Sources {
    Sources { file: file.map(Path::to_owned), env: process_environment(), ..Sources::default() }
}

/// Builds the application on the data.
async fn open(access: Access, plugins: Plugins, loaded: &Loaded) -> Result<App, Failed> {
    make_folder(loaded)?;
    Ok(build_for(access, plugins, loaded, Arc::new(SystemWorld::default())).await?)
}

/// Does one thing on the data, beside a running host if need be.
async fn at_the_machine(
    plugins: Plugins,
    file: Option<&Path>,
    work: impl AsyncFnOnce(&App, &Origin) -> Result<(), Failed>,
) -> Result<(), Failed> {
    let loaded = load(&plugins, file)?;
    let app = open(Access::Command, plugins, &loaded).await?;
    let done = work(&app, &Origin::local("command-line")).await;
    background::shut_down(&app).await;
    done
}

/// The data folder, for the owner alone.
fn make_folder(loaded: &Loaded) -> Result<(), Failed> {
    use std::os::unix::fs::DirBuilderExt;
    let host: HostConfig = loaded.section(&[])?;
    if host.data.is_dir() {
        return Ok(());
    }
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(&host.data).map_err(|e| {
        Failed::Text(format!(
            "can't make the data folder {}: {e} (set `data` or GATEWRIGHT_DATA to a folder that can be written)",
            host.data.display()
        ))
    })
}
