//! `gatewright client …`: applications that log people in, by somebody at the machine.

mod new;
mod setup;

use super::{Failed, at_the_machine, named::InTenant};
use crate::{Plugins, app::App};
use clap::{Args, Subcommand};
use gatewright_core::Origin;
use gatewright_oauth::client::{AuthMethod, Kept, LONGEST_OVERLAP};
use std::{path::Path, time::Duration};

#[derive(Subcommand)]
pub(super) enum Client {
    /// Register an application. With `--for` what is printed is a working configuration of it.
    Add(Box<new::Add>),
    /// List the clients of a tenant, the oldest first.
    List {
        #[command(flatten)]
        tenant: InTenant,
    },
    /// Show everything about a client but its secret.
    Show(One),
    /// Delete a client with all that people gave it. Its tokens are refused at once.
    Remove(One),
    /// Give a client a new secret, and print it.
    Secret {
        #[command(flatten)]
        one: One,
        /// For so many seconds the old secret stays good beside the new one.
        #[arg(long, default_value_t = 0, value_name = "SECONDS")]
        keep_old: u64,
    },
    /// Let a client get nothing any more. What people gave it ends at once.
    Disable(One),
    /// Switch a client on again.
    Enable(One),
}

#[derive(Args)]
pub(super) struct One {
    /// Its client_id.
    client_id: String,
    #[command(flatten)]
    tenant: InTenant,
}

impl Client {
    pub(super) async fn run(self, plugins: Plugins, file: Option<&Path>) -> Result<(), Failed> {
        at_the_machine(plugins, file, async |app, origin| self.on(app, origin).await).await
    }

    async fn on(self, app: &App, origin: &Origin) -> Result<(), Failed> {
        let clients = app.provider.clients_at_the_machine(origin);
        match self {
            Self::Add(add) => add.run(app, origin).await,
            Self::List { tenant } => list(app, origin, &tenant).await,
            Self::Show(one) => show(&clients.find(&one.tenant.id()?, &one.client_id).await?),
            Self::Remove(one) => {
                clients.delete(&one.tenant.id()?, &one.client_id).await?;
                println!("The client `{}` is gone, with all that people gave it.", one.client_id);
                Ok(())
            }
            Self::Secret { one, keep_old } => {
                let overlap = Duration::from_secs(keep_old).min(LONGEST_OVERLAP.saturating_add(SECOND));
                let (_, secret) = clients.rotate_secret(&one.tenant.id()?, &one.client_id, overlap).await?;
                eprintln!("The new secret of `{}`, shown only now:", one.client_id);
                println!("{}", secret.expose());
                Ok(())
            }
            Self::Disable(one) => {
                one.switch(app, origin, true).await?;
                println!("The client `{}` gets nothing any more.", one.client_id);
                Ok(())
            }
            Self::Enable(one) => {
                one.switch(app, origin, false).await?;
                println!("The client `{}` is there again.", one.client_id);
                Ok(())
            }
        }
    }
}

const SECOND: Duration = Duration::from_secs(1);

impl One {
    async fn switch(&self, app: &App, origin: &Origin, disabled: bool) -> Result<(), Failed> {
        let clients = app.provider.clients_at_the_machine(origin);
        let change =
            |old: &gatewright_oauth::Client| Ok(gatewright_oauth::Client { disabled, ..old.clone() });
        clients.replace(&self.tenant.id()?, &self.client_id, change).await?;
        Ok(())
    }
}

async fn list(app: &App, origin: &Origin, tenant: &InTenant) -> Result<(), Failed> {
    let (tenant, mut after) = (tenant.id()?, None);
    loop {
        let page = app.provider.clients_at_the_machine(origin).list(&tenant, after, 200).await?;
        for kept in &page {
            let client = &kept.client;
            let mark = if client.disabled { "disabled" } else { "" };
            println!("{:<36} {:<32} {:<22} {mark}", client.client_id, client.name, way(client.auth_method));
        }
        match page.last() {
            Some(last) => after = Some(last.id),
            None => return Ok(()),
        }
    }
}

/// The word of the registry.
fn way(method: AuthMethod) -> String {
    let word = serde_json::to_value(method).ok();
    word.as_ref().and_then(serde_json::Value::as_str).unwrap_or_default().to_owned()
}

/// As JSON, without hashes: what could be compared with a guess is nobody's to see.
fn show(kept: &Kept) -> Result<(), Failed> {
    let mut shown = serde_json::to_value(&kept.client).map_err(|e| Failed::Text(e.to_string()))?;
    if let Some(members) = shown.as_object_mut() {
        members.insert("secrets".to_owned(), kept.client.secrets.len().into());
        members.insert("registration".to_owned(), kept.client.registration.is_some().into());
        members.retain(|_, value| !value.is_null());
    }
    println!("{shown:#}");
    Ok(())
}
