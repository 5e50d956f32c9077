//! `gatewright store …`, `backup` and `restore`: the database as a whole, without starting a plugin.

mod progress;
mod show;

use super::{Failed, load};
use crate::{
    Plugins,
    app::store_url,
    keys::KeysConfig,
    settings::HostConfig,
    store::{DatabaseConfig, StoreUrl, operator},
};
use clap::{Args, Subcommand};
use std::path::{Path, PathBuf};

#[derive(Subcommand)]
pub(super) enum Store {
    /// Show how the database is: its version, what is pending, its size, its rows. Changes nothing.
    Status,
    /// Bring the tables up to date, as the server does when it starts.
    Migrate {
        /// Print the SQL of what is pending and change nothing.
        #[arg(long)]
        dry_run: bool,
    },
    /// Copy everything into an empty database of either kind and compare both. Stop the server first.
    ///
    /// An address is `sqlite:PATH` or `postgres://USER@HOST/DATABASE`. A password comes from `database.password`
    /// in the configuration, from PGPASSWORD or from ~/.pgpass: in the address others can see it.
    Copy {
        /// Where everything is.
        from: String,
        /// Where it is to go. An unfinished copy is begun anew.
        to: String,
    },
}

#[derive(Args)]
pub(super) struct Backup {
    /// The backup. It must not be there yet.
    file: PathBuf,
}

#[derive(Args)]
pub(super) struct Restore {
    /// The backup.
    file: PathBuf,
}

/// Where the configuration has the database, and the keyring that belongs to it.
struct Configured {
    url: StoreUrl,
    keyring: PathBuf,
    database: DatabaseConfig,
}

impl Configured {
    fn read(plugins: &Plugins, file: Option<&Path>) -> Result<Self, Failed> {
        let loaded = load(plugins, file)?;
        let host: HostConfig = loaded.section(&[])?;
        let url = store_url(&loaded, &host)?;
        let keyring = loaded.section::<KeysConfig>(&["keys"])?.file(&host.data);
        let keyring = std::path::absolute(&keyring).unwrap_or(keyring);
        Ok(Self { url, keyring, database: loaded.section(&["database"])? })
    }

    /// An address of the command line, with the settings of the configuration.
    fn address(&self, text: &str) -> Result<StoreUrl, Failed> {
        let url: StoreUrl = text.parse().map_err(|error| Failed::Start(crate::StartError::Store(error)))?;
        Ok(url.with(self.database.clone()))
    }
}

impl Store {
    pub(super) async fn run(self, plugins: &Plugins, file: Option<&Path>) -> Result<(), Failed> {
        let configured = Configured::read(plugins, file)?;
        match self {
            Self::Status => print!("{}", show::status(&operator::status(&configured.url).await?)),
            Self::Migrate { dry_run: true } => {
                print!("{}", show::pending(&operator::status(&configured.url).await?));
            }
            Self::Migrate { dry_run: false } => match operator::migrate(&configured.url).await? {
                (found, known) if found == known => println!("The tables have version {known} already."),
                (found, known) => println!("The tables had version {found} and have version {known} now."),
            },
            Self::Copy { from, to } => {
                let (from, to) = (configured.address(&from)?, configured.address(&to)?);
                let mut bar = progress::Bar::new();
                let copied = operator::copy(&from, &to, |how_far| bar.say(how_far)).await?;
                bar.end();
                print!("{}", show::copied(&copied, &to, &configured.keyring));
            }
        }
        Ok(())
    }
}

impl Backup {
    pub(super) async fn run(self, plugins: &Plugins, file: Option<&Path>) -> Result<(), Failed> {
        let Configured { url, keyring, .. } = Configured::read(plugins, file)?;
        let bytes = operator::backup(&url, &self.file, &keyring).await?;
        println!("{} holds the database ({}).", self.file.display(), show::bytes(bytes));
        println!(
            "The keyring is not in it. Without the keyring what is sealed in the backup is lost, and with"
        );
        println!("both at one place a thief needs nothing else: keep it as well, apart from the backup:");
        println!();
        println!("  {}", keyring.display());
        Ok(())
    }
}

impl Restore {
    pub(super) async fn run(self, plugins: &Plugins, file: Option<&Path>) -> Result<(), Failed> {
        let Configured { url, keyring, .. } = Configured::read(plugins, file)?;
        let restored = operator::restore(&url, &self.file, &keyring).await?;
        println!(
            "{} is what {} holds (schema version {}).",
            restored.database.display(),
            self.file.display(),
            restored.version
        );
        if let Some(aside) = restored.aside {
            println!("The database from before is {}.", aside.display());
        }
        println!("It needs the keyring of its time at {}.", keyring.display());
        if !keyring.exists() {
            println!("There is none now: bring it back before the server starts.");
        }
        Ok(())
    }
}
