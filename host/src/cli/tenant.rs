//! `gatewright tenant …`: tenants, by somebody at the machine.

use super::{Failed, at_the_machine, named::tenant_id};
use crate::{Plugins, app::App};
use clap::Subcommand;
use gatewright_core::{Origin, Tenant as Kept, admin::NewTenant, policy::SecondFactor};
use std::path::Path;

#[derive(Subcommand)]
pub(super) enum Tenant {
    /// Make a tenant. Make its administrator next: `gatewright person add NAME --administrator --tenant ID`.
    Add {
        /// Id, also in URLs: lower-case letters, digits and hyphens.
        id: String,
        /// Name to show; the id where it is left out.
        #[arg(long)]
        name: Option<String>,
        /// Ask two factors of everybody, for good.
        #[arg(long = "two-factors")]
        is_2fa: bool,
    },
    /// List the tenants.
    List,
    /// Let nobody log in to a tenant any more. Its sessions are refused at once.
    Disable {
        /// The tenant.
        id: String,
    },
    /// Switch a tenant on again.
    Enable {
        /// The tenant.
        id: String,
    },
}

impl Tenant {
    pub(super) async fn run(self, plugins: Plugins, file: Option<&Path>) -> Result<(), Failed> {
        at_the_machine(plugins, file, async |app, origin| self.on(app, origin).await).await
    }

    async fn on(self, app: &App, origin: &Origin) -> Result<(), Failed> {
        let admin = app.engine.at_the_machine(origin);
        match self {
            Self::Add { id, name, is_2fa } => {
                let mut settings = None;
                if is_2fa {
                    let mut two = app.engine.defaults().clone();
                    two.vault.is_2fa = true;
                    two.policy.second_factor = SecondFactor::Always;
                    settings = Some(two);
                }
                let display_name = name.unwrap_or_else(|| id.clone());
                let new = NewTenant { id: tenant_id(&id)?, display_name, settings };
                println!("{} has been made.", admin.create_tenant(new).await?.id);
                Ok(())
            }
            Self::List => list(app, origin).await,
            Self::Disable { id } => {
                admin.set_tenant_disabled(&tenant_id(&id)?, true).await?;
                println!("Nobody can log in to {id} any more.");
                Ok(())
            }
            Self::Enable { id } => {
                admin.set_tenant_disabled(&tenant_id(&id)?, false).await?;
                println!("People can log in to {id} again.");
                Ok(())
            }
        }
    }
}

async fn list(app: &App, origin: &Origin) -> Result<(), Failed> {
    let mut after = None;
    loop {
        let page: Vec<Kept> = app.engine.at_the_machine(origin).tenants(after.as_ref(), 200).await?;
        for tenant in &page {
            let mark = if tenant.disabled { "disabled" } else { "" };
            println!("{:<32} {:<32} {mark}", tenant.id, tenant.display_name);
        }
        match page.last() {
            Some(last) => after = Some(last.id.clone()),
            None => return Ok(()),
        }
    }
}
