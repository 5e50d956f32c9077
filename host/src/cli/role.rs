//! `gatewright role …`: who may do what, by somebody at the machine.

use super::{
    Failed, at_the_machine,
    named::{InTenant, group, person},
};
use crate::{Plugins, app::App};
use clap::{Args, Subcommand};
use gatewright_contract::TenantId;
use gatewright_core::{
    Origin,
    access::{Action, To},
    admin::NewAssignment,
};
use std::path::Path;
use uuid::Uuid;

#[derive(Subcommand)]
pub(super) enum Role {
    /// List the roles and what they allow.
    List {
        #[command(flatten)]
        tenant: InTenant,
    },
    /// List everything that a role can allow.
    Actions,
    /// Give a role.
    Grant(Given),
    /// Take a role away.
    Revoke(Given),
}

#[derive(Args)]
pub(super) struct Given {
    /// Name or id of the role.
    role: String,
    /// Login name of the person.
    #[arg(required_unless_present = "group", conflicts_with = "group")]
    username: Option<String>,
    /// A group instead of a person.
    #[arg(long)]
    group: Option<String>,
    /// Limit it to the people of this group.
    #[arg(long)]
    scope: Option<String>,
    #[command(flatten)]
    tenant: InTenant,
}

impl Role {
    pub(super) async fn run(self, plugins: Plugins, file: Option<&Path>) -> Result<(), Failed> {
        at_the_machine(plugins, file, async |app, origin| self.on(app, origin).await).await
    }

    async fn on(self, app: &App, origin: &Origin) -> Result<(), Failed> {
        match self {
            Self::List { tenant } => list(app, &tenant.id()?, origin).await,
            Self::Actions => {
                for action in Action::ALL {
                    println!("{:<20} {}", action.as_str(), action.about());
                }
                Ok(())
            }
            Self::Grant(given) => given.grant(app, origin).await,
            Self::Revoke(given) => given.revoke(app, origin).await,
        }
    }
}

impl Given {
    /// To whom, and limited to which group.
    async fn ends(
        &self,
        app: &App,
        tenant: &TenantId,
        origin: &Origin,
    ) -> Result<(To, Option<Uuid>), Failed> {
        let to = match (&self.username, &self.group) {
            (Some(name), _) => To::Person(person(app, tenant, name).await?.id),
            (None, name) => To::Group(group(app, tenant, name.as_deref().unwrap_or(""), origin).await?.id),
        };
        let scope = match &self.scope {
            Some(name) => Some(group(app, tenant, name, origin).await?.id),
            None => None,
        };
        Ok((to, scope))
    }

    async fn grant(self, app: &App, origin: &Origin) -> Result<(), Failed> {
        let tenant = self.tenant.id()?;
        let (to, scope) = self.ends(app, &tenant, origin).await?;
        let new = NewAssignment { role: self.role.clone(), to, scope };
        let given = app.engine.at_the_machine(origin).grant(&tenant, new).await?;
        println!("The role `{}` has been given ({}).", self.role, given.id);
        Ok(())
    }

    async fn revoke(self, app: &App, origin: &Origin) -> Result<(), Failed> {
        let (admin, tenant) = (app.engine.at_the_machine(origin), self.tenant.id()?);
        let (to, scope) = self.ends(app, &tenant, origin).await?;
        let role = admin.role(&tenant, &self.role).await?.id;
        // Nobody has more than a page of them.
        let all = admin.assignments(&tenant, Some(to.id()), None, 200).await?;
        let found = all.into_iter().find(|a| a.role == role && a.scope == scope);
        let given =
            found.ok_or_else(|| Failed::Text(format!("they do not have the role `{}`", self.role)))?;
        admin.revoke(&tenant, given.id).await?;
        println!("The role `{}` has been taken away.", self.role);
        Ok(())
    }
}

async fn list(app: &App, tenant: &TenantId, origin: &Origin) -> Result<(), Failed> {
    let mut after = None;
    loop {
        let page = app.engine.at_the_machine(origin).roles(tenant, after, 200).await?;
        for role in &page {
            let actions: Vec<&str> = role.actions.iter().map(|action| action.as_str()).collect();
            println!("{:<24} {}", role.name, actions.join(" "));
        }
        match page.last().filter(|role| !role.built_in) {
            Some(last) => after = Some(last.id),
            None => return Ok(()),
        }
    }
}
