//! `gatewright keys …`: what seals and what signs, by somebody at the machine.

use super::{Failed, load, open};
use crate::{
    Plugins,
    app::{App, store_url},
    background,
    settings::HostConfig,
    store::{Access, StoreUrl},
};
use clap::{Args, Subcommand};
use gatewright_contract::{Fault, TenantId, Timestamp};
use gatewright_core::{
    Origin, Problem,
    signing::{Algorithm, By, Rotation, Signer},
};
use std::path::Path;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

#[derive(Subcommand)]
pub(super) enum Keys {
    /// List the key-encryption keys, the data keys and the signing keys; never the keys themselves.
    List {
        #[command(flatten)]
        tenants: Tenants,
    },
    /// Give data keys or signing keys successors. What the old ones sealed or signed stays good.
    Rotate(Rotate),
    /// Wrap every data key under the current key-encryption key. Can be stopped and begun anew at any moment.
    Rewrap(Rewrap),
}

#[derive(Args)]
pub(super) struct Tenants {
    /// Only this tenant.
    #[arg(long)]
    tenant: Option<String>,
}

#[derive(Args)]
#[command(group = clap::ArgGroup::new("what").required(true).multiple(true).args(["data", "signing"]))]
pub(super) struct Rotate {
    /// The data keys: new secrets are sealed under the successors, old ones still open.
    #[arg(long)]
    data: bool,
    /// The signing keys: successors are published now and sign once everybody has fetched them.
    #[arg(long)]
    signing: bool,
    /// The successors sign at once. Who verifies must fetch the keys anew.
    #[arg(long, requires = "signing", conflicts_with = "revoke")]
    now: bool,
    /// Instead: take this signing key out at once. What it signed is no longer good.
    #[arg(long, requires = "signing", conflicts_with = "data", value_name = "KID")]
    revoke: Option<String>,
    #[command(flatten)]
    tenants: Tenants,
}

#[derive(Args)]
pub(super) struct Rewrap {
    /// First make a new key-encryption key in the keyring file. On PostgreSQL that is all: the other hosts need the
    /// keyring before anything is wrapped under it.
    #[arg(long)]
    new: bool,
    /// Leave key-encryption keys that wrap nothing in the keyring file.
    #[arg(long)]
    keep_old: bool,
}

impl Keys {
    pub(super) async fn run(self, plugins: Plugins, file: Option<&Path>) -> Result<(), Failed> {
        let loaded = load(&plugins, file)?;
        let app = open(Access::Command, plugins, &loaded).await?;
        let host: HostConfig = loaded.section(&[])?;
        let shared = matches!(store_url(&loaded, &host)?, StoreUrl::Postgres(_));
        let done = self.on(&app, shared).await;
        background::shut_down(&app).await;
        done
    }

    async fn on(self, app: &App, shared: bool) -> Result<(), Failed> {
        let origin = Origin::local("command-line");
        let by = By::nobody(&origin);
        match self {
            Self::List { tenants } => list(app, &tenants.of(app).await?).await,
            Self::Rotate(rotate) => rotate.run(app, &by).await,
            Self::Rewrap(rewrap) => rewrap.run(app, shared, &by).await,
        }
    }
}

impl Tenants {
    async fn of(&self, app: &App) -> Result<Vec<TenantId>, Failed> {
        let all = app.sealer.all_tenants().await.map_err(failed)?;
        let Some(one) = &self.tenant else { return Ok(all) };
        let found = all.into_iter().find(|tenant| tenant.as_str() == one);
        Ok(vec![found.ok_or_else(|| Failed::Text(format!("there is no tenant `{one}`")))?])
    }
}

async fn list(app: &App, tenants: &[TenantId]) -> Result<(), Failed> {
    let (place, keks) = app.sealer.keks();
    println!("Key-encryption keys, from {place}");
    for kek in keks {
        let made = kek.made.map_or_else(String::new, |made| format!("made {}", moment(made)));
        println!("  {}  {:<8} {made}", kek.id, if kek.current { "current" } else { "" });
    }
    for tenant in tenants {
        println!("Tenant {tenant}");
        for key in app.sealer.data_keys(tenant).await.map_err(failed)? {
            let by = key.wrapped_by.map_or_else(|| "nothing: damaged".to_owned(), |by| by.to_string());
            let days = app.engine.now().since(key.created).as_secs() / 86_400;
            let made = moment(key.created);
            println!(
                "  data     {}  generation {:<4} {days:>4} days  made {made}  wrapped by {by}",
                key.id, key.generation
            );
        }
        for key in app.signer.keys(tenant).await.map_err(failed)? {
            let due = key.due.map_or_else(String::new, |due| format!("  until {}", moment(due)));
            let (algorithm, state) = (key.algorithm.as_str(), key.state.as_str());
            println!("  signing  {}  {algorithm:<5} {state:<8} since {}{due}", key.kid, moment(key.since));
        }
    }
    Ok(())
}

impl Rotate {
    async fn run(self, app: &App, by: &By<'_>) -> Result<(), Failed> {
        let tenants = self.tenants.of(app).await?;
        if let Some(kid) = &self.revoke {
            return revoke(app, &tenants, kid, by).await;
        }
        for tenant in &tenants {
            if self.data {
                match app.sealer.rotate(tenant, by).await.map_err(failed)? {
                    Some(generation) => {
                        println!("{tenant}: data key of generation {generation} seals from now on.")
                    }
                    None => {
                        println!("{tenant}: no data key yet, or another program has just made a new one.")
                    }
                }
            }
            if self.signing {
                self.signing_of(app, tenant, by).await?;
            }
        }
        Ok(())
    }

    async fn signing_of(&self, app: &App, tenant: &TenantId, by: &By<'_>) -> Result<(), Failed> {
        let (how, then) = match self.now {
            true => (Rotation::AtOnce, "signs from now on"),
            false => (Rotation::Announced, "is published"),
        };
        for algorithm in Algorithm::ALL {
            let word = algorithm.as_str();
            match app.signer.rotate(tenant, algorithm, how, by).await {
                Ok(Some(kid)) => println!("{tenant}: {word} key {kid} {then}."),
                Ok(None) => println!("{tenant}: {word} has no key yet, or a published successor."),
                Err(Fault::Conflict) => {
                    println!("{tenant}: another program has just replaced the {word} key.")
                }
                Err(other) => return Err(failed(other)),
            }
        }
        Ok(())
    }
}

async fn revoke(app: &App, tenants: &[TenantId], kid: &str, by: &By<'_>) -> Result<(), Failed> {
    for tenant in tenants {
        if app.signer.revoke(tenant, kid, by).await.map_err(failed)? {
            println!("{tenant}: the key {kid} is out; what it signed is no longer good.");
            return Ok(());
        }
    }
    Err(Failed::Text(format!("there is no signing key `{kid}`; `gatewright keys list` names them")))
}

impl Rewrap {
    async fn run(self, app: &App, shared: bool, by: &By<'_>) -> Result<(), Failed> {
        if self.new {
            println!("New key-encryption key {}.", app.sealer.new_kek(by).await.map_err(failed)?);
            if shared {
                // A host without it could open nothing that is wrapped under it, and would go on wrapping under the
                // old one, which must then not be removed.
                let (place, _) = app.sealer.keks();
                println!(
                    "Now copy {place} to all hosts of this database, and then run `gatewright keys rewrap`."
                );
                return Ok(());
            }
        }
        let tenants = app.sealer.all_tenants().await.map_err(failed)?;
        let mut wrapped = 0;
        for (done, tenant) in tenants.iter().enumerate() {
            wrapped += app.sealer.rewrap(tenant, by).await.map_err(failed)?;
            if (done + 1) % 500 == 0 {
                println!("{} of {} tenants.", done + 1, tenants.len());
            }
        }
        println!(
            "{wrapped} data keys wrapped anew; all of {} tenants are under the current key.",
            tenants.len()
        );
        if !self.keep_old {
            for gone in app.sealer.remove_unused(by).await.map_err(failed)? {
                println!(
                    "The key-encryption key {gone} wraps nothing any more and is gone from the keyring."
                );
            }
        }
        Ok(())
    }
}

fn moment(at: Timestamp) -> String {
    let time = OffsetDateTime::from_unix_timestamp(at.as_secs()).ok();
    time.and_then(|time| time.format(&Rfc3339).ok()).unwrap_or_else(|| at.as_secs().to_string())
}

/// The operator is told what only the log would say.
fn failed(fault: Fault) -> Failed {
    match fault {
        Fault::Conflict => Failed::Problem(Problem::from(fault)),
        other => Failed::Text(other.to_string()),
    }
}
