//! `gatewright person …`: accounts, by somebody at the machine.

use super::{
    Failed, at_the_machine,
    named::{InTenant as Tenant, person as find},
};
use crate::{Plugins, app::App, first_run};
use clap::{Args, Subcommand};
use gatewright_contract::{Secret, TenantId};
use gatewright_core::{Origin, Person as Account, Problem, admin::PersonChange, people::NewPerson};
use serde_json::json;
use std::{
    io::{IsTerminal, Read},
    path::Path,
};

#[derive(Subcommand)]
pub(super) enum Person {
    /// Make an account with a password.
    Add(Add),
    /// List the accounts.
    List {
        #[command(flatten)]
        tenant: Tenant,
    },
    /// Set a new password. It ends the person's sessions.
    Passwd {
        /// Login name.
        username: String,
        #[command(flatten)]
        tenant: Tenant,
        #[command(flatten)]
        password: Password,
    },
    /// Keep somebody out. It ends the person's sessions.
    Disable {
        /// Login name.
        username: String,
        #[command(flatten)]
        tenant: Tenant,
    },
    /// Let somebody in again.
    Enable {
        /// Login name.
        username: String,
        #[command(flatten)]
        tenant: Tenant,
    },
    /// End a block that wrong answers have begun.
    Unblock {
        /// Login name.
        username: String,
        #[command(flatten)]
        tenant: Tenant,
    },
    /// Change the login name.
    Rename {
        /// Login name.
        username: String,
        /// The new login name.
        new: String,
        #[command(flatten)]
        tenant: Tenant,
    },
    /// Change the e-mail address. The new one is not verified.
    Email {
        /// Login name.
        username: String,
        /// The new address; none where it is left out.
        address: Option<String>,
        #[command(flatten)]
        tenant: Tenant,
    },
    /// Delete an account with everything that belongs to it.
    Delete {
        /// Login name.
        username: String,
        #[command(flatten)]
        tenant: Tenant,
    },
}

#[derive(Args)]
pub(super) struct Add {
    /// Login name.
    username: String,
    /// Name to show.
    #[arg(long)]
    name: Option<String>,
    /// E-mail address.
    #[arg(long)]
    email: Option<String>,
    /// May administer the tenant.
    #[arg(long)]
    administrator: bool,
    #[command(flatten)]
    tenant: Tenant,
    #[command(flatten)]
    password: Password,
}

#[derive(Args)]
pub(super) struct Password {
    /// Read the password from standard input (one line) instead of generating one.
    #[arg(long)]
    stdin: bool,
    /// The person must choose their own at the next login.
    #[arg(long)]
    must_change: bool,
}

impl Person {
    pub(super) async fn run(self, plugins: Plugins, file: Option<&Path>) -> Result<(), Failed> {
        at_the_machine(plugins, file, async |app, origin| self.on(app, origin).await).await
    }

    async fn on(self, app: &App, origin: &Origin) -> Result<(), Failed> {
        match self {
            Self::Add(add) => add.run(app, origin).await,
            Self::List { tenant } => list(app, &tenant.id()?).await,
            Self::Passwd { username, tenant, password } => {
                let person = find(app, &tenant.id()?, &username).await?;
                set_password(app, &person, password, origin).await
            }
            Self::Disable { username, tenant } => {
                app.engine.set_disabled(&find(app, &tenant.id()?, &username).await?, true, origin).await?;
                println!("{username} can no longer log in; all sessions have ended.");
                Ok(())
            }
            Self::Enable { username, tenant } => {
                app.engine.set_disabled(&find(app, &tenant.id()?, &username).await?, false, origin).await?;
                println!("{username} can log in again.");
                Ok(())
            }
            Self::Unblock { username, tenant } => {
                let tenant = tenant.id()?;
                let person = find(app, &tenant, &username).await?;
                app.engine.at_the_machine(origin).unblock(&tenant, person.id).await?;
                println!("Nothing that was tried on {username} counts any more.");
                Ok(())
            }
            Self::Rename { username, new, tenant } => {
                let change = PersonChange { username: Some(new.clone()), ..PersonChange::default() };
                changed(app, &tenant.id()?, &username, change, origin).await?;
                println!("{username} is now {new}.");
                Ok(())
            }
            Self::Email { username, address, tenant } => {
                let change = PersonChange { email: Some(address), ..PersonChange::default() };
                changed(app, &tenant.id()?, &username, change, origin).await?;
                println!("The address has been changed.");
                Ok(())
            }
            Self::Delete { username, tenant } => {
                let tenant = tenant.id()?;
                let person = find(app, &tenant, &username).await?;
                app.engine.at_the_machine(origin).delete_person(&tenant, person.id).await?;
                println!("{username} is gone.");
                Ok(())
            }
        }
    }
}

impl Add {
    async fn run(self, app: &App, origin: &Origin) -> Result<(), Failed> {
        let person = NewPerson {
            tenant: self.tenant.id()?,
            username: self.username,
            display_name: self.name,
            email: self.email,
            administrator: self.administrator,
        };
        let person = app.engine.create_person(person, origin).await?;
        println!("{} has been made ({}).", person.username, person.id);
        set_password(app, &person, self.password, origin).await
    }
}

async fn changed(
    app: &App,
    tenant: &TenantId,
    username: &str,
    change: PersonChange,
    origin: &Origin,
) -> Result<(), Failed> {
    let person = find(app, tenant, username).await?;
    app.engine.at_the_machine(origin).change_person(tenant, person.id, change).await?;
    Ok(())
}

async fn set_password(app: &App, person: &Account, from: Password, origin: &Origin) -> Result<(), Failed> {
    let (password, generated) = match from.stdin {
        true => (read_line()?, false),
        false => (first_run::generate(app).map_err(Problem::from)?, true),
    };
    let proof = json!({"password": password.expose(), "must_change": from.must_change});
    app.engine.enrol_for(person, first_run::PASSWORD, (json!({}), proof), origin).await?;
    match generated {
        true => println!("Password, shown only now: {}", password.expose()),
        false => println!("The password has been set."),
    }
    Ok(())
}

/// One line of standard input, at most what a password may be long.
fn read_line() -> Result<Secret<String>, Failed> {
    if std::io::stdin().is_terminal() {
        eprintln!("Type the password (it will be visible), then Enter and Ctrl-D:");
    }
    let mut text = String::new();
    let read = std::io::stdin().take(4096).read_to_string(&mut text);
    read.map_err(|e| Failed::Text(format!("can't read the password: {e}")))?;
    let line = text.split(['\n', '\r']).next().unwrap_or_default().to_owned();
    match line.is_empty() {
        true => Err(Failed::Text("standard input holds no password".to_owned())),
        false => Ok(Secret::new(line)),
    }
}

async fn list(app: &App, tenant: &TenantId) -> Result<(), Failed> {
    let mut after = None;
    loop {
        let page = app.engine.list_people(tenant, after, 500).await?;
        for p in &page {
            let mark = match (p.disabled, p.administrator, p.service) {
                (true, ..) => "disabled",
                (false, true, _) => "administrator",
                (false, false, true) => "service",
                (false, false, false) => "",
            };
            println!("{}  {:<32} {:<32} {mark}", p.id, p.username, p.display_name.as_deref().unwrap_or(""));
        }
        match page.last() {
            Some(last) => after = Some(last.id),
            None => return Ok(()),
        }
    }
}
