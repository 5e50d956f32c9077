//! `gatewright group …`: groups, by somebody at the machine.

use super::{
    Failed, at_the_machine,
    named::{InTenant, group, person},
};
use crate::{Plugins, app::App};
use clap::{Args, Subcommand};
use gatewright_contract::TenantId;
use gatewright_core::{Origin, admin::GroupForm};
use std::{collections::BTreeSet, path::Path};

#[derive(Subcommand)]
pub(super) enum Group {
    /// Make a group.
    Add {
        /// Its name.
        name: String,
        /// What it is for.
        #[arg(long)]
        description: Option<String>,
        #[command(flatten)]
        tenant: InTenant,
    },
    /// List the groups.
    List {
        #[command(flatten)]
        tenant: InTenant,
    },
    /// Delete a group, with the roles that it has and those that are limited to it.
    Delete {
        /// Its name.
        name: String,
        #[command(flatten)]
        tenant: InTenant,
    },
    /// List who is in a group.
    Members {
        /// Its name.
        name: String,
        #[command(flatten)]
        tenant: InTenant,
    },
    /// Put people into a group.
    Join(Who),
    /// Take people out of a group.
    Leave(Who),
}

#[derive(Args)]
pub(super) struct Who {
    /// Name of the group.
    name: String,
    /// Login names.
    #[arg(required = true)]
    usernames: Vec<String>,
    #[command(flatten)]
    tenant: InTenant,
}

impl Group {
    pub(super) async fn run(self, plugins: Plugins, file: Option<&Path>) -> Result<(), Failed> {
        at_the_machine(plugins, file, async |app, origin| self.on(app, origin).await).await
    }

    async fn on(self, app: &App, origin: &Origin) -> Result<(), Failed> {
        let admin = app.engine.at_the_machine(origin);
        match self {
            Self::Add { name, description, tenant } => {
                let form = GroupForm { name: Some(name), description };
                let made = admin.create_group(&tenant.id()?, form).await?;
                println!("{} has been made ({}).", made.name, made.id);
                Ok(())
            }
            Self::List { tenant } => list(app, &tenant.id()?, origin).await,
            Self::Delete { name, tenant } => {
                let tenant = tenant.id()?;
                let group = group(app, &tenant, &name, origin).await?;
                admin.delete_group(&tenant, group.id).await?;
                println!("{} is gone.", group.name);
                Ok(())
            }
            Self::Members { name, tenant } => members(app, &tenant.id()?, &name, origin).await,
            Self::Join(who) => who.change(app, origin, true).await,
            Self::Leave(who) => who.change(app, origin, false).await,
        }
    }
}

impl Who {
    async fn change(self, app: &App, origin: &Origin, join: bool) -> Result<(), Failed> {
        let (admin, tenant) = (app.engine.at_the_machine(origin), self.tenant.id()?);
        let group = group(app, &tenant, &self.name, origin).await?;
        let mut people = BTreeSet::new();
        for username in &self.usernames {
            people.insert(person(app, &tenant, username).await?.id);
        }
        match join {
            true => admin.add_members(&tenant, group.id, &people).await?,
            false => admin.remove_members(&tenant, group.id, &people).await?,
        }
        println!("{} {} {}.", people.len(), if join { "in" } else { "no longer in" }, group.name);
        Ok(())
    }
}

async fn list(app: &App, tenant: &TenantId, origin: &Origin) -> Result<(), Failed> {
    let mut after = None;
    loop {
        let page = app.engine.at_the_machine(origin).groups(tenant, after, 200).await?;
        for group in &page {
            println!("{}  {:<32} {}", group.id, group.name, group.description);
        }
        match page.last() {
            Some(last) => after = Some(last.id),
            None => return Ok(()),
        }
    }
}

async fn members(app: &App, tenant: &TenantId, name: &str, origin: &Origin) -> Result<(), Failed> {
    let group = group(app, tenant, name, origin).await?;
    let mut after = None;
    loop {
        let page = app.engine.at_the_machine(origin).members(tenant, group.id, after, 200).await?;
        for person in &page {
            println!(
                "{}  {:<32} {}",
                person.id,
                person.username,
                person.display_name.as_deref().unwrap_or("")
            );
        }
        match page.last() {
            Some(last) => after = Some(last.id),
            None => return Ok(()),
        }
    }
}
