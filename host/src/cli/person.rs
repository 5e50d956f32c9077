//! `gatewright person …`: accounts, by somebody at the machine.

use super::{Failed, load, open};
use crate::{Plugins, app::App, background, first_run, store::Access};
use clap::{Args, Subcommand};
use gatewright_contract::{Secret, TenantId};
use gatewright_core::{Origin, Person as Account, Problem, people::NewPerson};
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
pub(super) struct Tenant {
    /// The tenant.
    #[arg(long, default_value = "default")]
    tenant: String,
}

#[derive(Args)]
pub(super) struct Password {
    /// Read the password from standard input (one line) instead of generating one.
    #[arg(long)]
    stdin: bool,
}

impl Person {
    pub(super) async fn run(self, plugins: Plugins, file: Option<&Path>) -> Result<(), Failed> {
        let loaded = load(&plugins, file)?;
        let app = open(Access::Command, plugins, &loaded).await?;
        let done = self.on(&app).await;
        background::shut_down(&app).await;
        done
    }

    async fn on(self, app: &App) -> Result<(), Failed> {
        let origin = Origin::local("command-line");
        match self {
            Self::Add(add) => add.run(app, &origin).await,
            Self::List { tenant } => list(app, &tenant.id()?).await,
            Self::Passwd { username, tenant, password } => {
                let person = find(app, &tenant.id()?, &username).await?;
                set_password(app, &person, password, &origin).await
            }
            Self::Disable { username, tenant } => {
                app.engine.set_disabled(&find(app, &tenant.id()?, &username).await?, true, &origin).await?;
                println!("{username} can no longer log in; all sessions have ended.");
                Ok(())
            }
            Self::Enable { username, tenant } => {
                app.engine.set_disabled(&find(app, &tenant.id()?, &username).await?, false, &origin).await?;
                println!("{username} can log in again.");
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

impl Tenant {
    fn id(&self) -> Result<TenantId, Failed> {
        TenantId::parse(&self.tenant).ok_or_else(|| {
            Failed::Text(format!(
                "`{}` is no tenant: 1 to 64 lower-case letters, digits and hyphens",
                self.tenant
            ))
        })
    }
}

async fn find(app: &App, tenant: &TenantId, username: &str) -> Result<Account, Failed> {
    let found = app.engine.find_person(tenant, username).await?;
    found.ok_or_else(|| Failed::Text(format!("there is no `{username}` in tenant `{tenant}`")))
}

async fn set_password(app: &App, person: &Account, from: Password, origin: &Origin) -> Result<(), Failed> {
    let (password, generated) = match from.stdin {
        true => (read_line()?, false),
        false => (first_run::generate(app).map_err(Problem::from)?, true),
    };
    let proof = json!({"password": password.expose()});
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
            let mark = match (p.disabled, p.administrator) {
                (true, _) => "disabled",
                (false, true) => "administrator",
                (false, false) => "",
            };
            println!("{}  {:<32} {:<32} {mark}", p.id, p.username, p.display_name.as_deref().unwrap_or(""));
        }
        match page.last() {
            Some(last) => after = Some(last.id),
            None => return Ok(()),
        }
    }
}
