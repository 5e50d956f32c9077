//! `gatewright credential …`: what people log in with, brought by somebody at the machine.

use super::{Failed, at_the_machine, named::InTenant};
use crate::{
    Plugins,
    app::App,
    oath::{self, ImportError, Imported},
};
use clap::{Args, Subcommand};
use gatewright_contract::Secret;
use gatewright_core::Origin;
use std::{
    fs::File,
    io::Read as _,
    path::{Path, PathBuf},
};

#[derive(Subcommand)]
pub(super) enum Credential {
    /// Bring the seeds of OATH tokens (totp, hotp): all of a file or, where something is wrong, none.
    ///
    /// CSV has a header with the columns username, type (totp or hotp), serial, secret (hexadecimal or base 32), digits,
    /// period (totp) or counter (hotp), algorithm; the first two and secret are needed. PSKC (RFC 6030) has its keys in
    /// clear, and the login name in UserId. Delete the file afterwards: it holds secrets.
    Import(Import),
}

#[derive(Args)]
pub(super) struct Import {
    /// The file: CSV, or PSKC where it begins with `<`.
    file: PathBuf,
    /// Say what is wrong, and write nothing.
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    tenant: InTenant,
}

impl Credential {
    pub(super) async fn run(self, plugins: Plugins, file: Option<&Path>) -> Result<(), Failed> {
        at_the_machine(plugins, file, async |app, origin| match self {
            Self::Import(import) => import.run(app, origin).await,
        })
        .await
    }
}

impl Import {
    async fn run(self, app: &App, origin: &Origin) -> Result<(), Failed> {
        let tenant = self.tenant.id()?;
        let content = content(&self.file)?;
        match oath::import(app, &tenant, content.expose(), self.dry_run, origin).await {
            Ok(imported) => {
                self.tell(&imported);
                Ok(())
            }
            Err(ImportError::Problem(problem)) => Err(problem.into()),
            Err(mistakes) => Err(Failed::Text(format!("{}: {mistakes}", self.file.display()))),
        }
    }
}

impl Import {
    fn tell(&self, Imported { totp, hotp, signed }: &Imported) {
        let what = match self.dry_run {
            true => "can be imported; nothing has been written",
            false => "have been imported",
        };
        println!("{} tokens {what}: {totp} totp, {hotp} hotp.", totp + hotp);
        if *signed {
            println!("The file is signed; its signature has not been checked.");
        }
        if !self.dry_run {
            println!("Delete {}: it holds their secrets.", self.file.display());
        }
    }
}

fn content(file: &Path) -> Result<Secret<Vec<u8>>, Failed> {
    let cannot = |e: std::io::Error| Failed::Text(format!("can't read {}: {e}", file.display()));
    let mut content = Vec::new();
    let opened = File::open(file).map_err(cannot)?;
    opened.take(oath::MAX_BYTES + 1).read_to_end(&mut content).map_err(cannot)?;
    match content.len() as u64 > oath::MAX_BYTES {
        true => Err(Failed::Text(format!("{} is longer than 8 MiB: divide it", file.display()))),
        false => Ok(Secret::new(content)),
    }
}
