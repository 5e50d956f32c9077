//! `gatewright audit …`: the audit log, by somebody at the machine, beside a running host if need be.

use super::{Failed, load, open};
use crate::{Plugins, app::App, background, store::Access};
use clap::{Args, Subcommand};
use gatewright_contract::{TenantId, Timestamp};
use gatewright_core::{
    Origin, Problem,
    audit::{Line, Verified},
    store::StoreError,
};
use std::{
    io::{IsTerminal, Write},
    path::Path,
};
use time::{Date, OffsetDateTime, format_description::well_known::Rfc3339, macros::format_description};

const PAGE: u32 = 1_000;

#[derive(Subcommand)]
pub(super) enum Audit {
    /// Check that no line was altered, deleted, inserted or moved. Exit code 1 where one was.
    Verify {
        /// Only this tenant. Default: all.
        #[arg(long)]
        tenant: Option<String>,
    },
    /// Write the log to standard output, oldest line first, one JSON object a line.
    Export {
        #[command(flatten)]
        tenant: Tenant,
        /// Only the lines after this number: goes on where an earlier export ended.
        #[arg(long, default_value_t = 0, value_name = "NUMBER")]
        after: i64,
    },
    /// Delete old lines. What stays can still be checked.
    Prune {
        #[command(flatten)]
        tenant: Tenant,
        /// Lines from before this day (2026-01-31) or moment (2026-01-31T12:00:00Z) go.
        #[arg(long, value_name = "DATE")]
        before: String,
    },
}

#[derive(Args)]
pub(super) struct Tenant {
    /// The tenant.
    #[arg(long, default_value = "default")]
    tenant: String,
}

impl Audit {
    pub(super) async fn run(self, plugins: Plugins, file: Option<&Path>) -> Result<(), Failed> {
        let loaded = load(&plugins, file)?;
        let app = open(Access::Command, plugins, &loaded).await?;
        let done = self.on(&app).await;
        background::shut_down(&app).await;
        done
    }

    async fn on(self, app: &App) -> Result<(), Failed> {
        match self {
            Self::Verify { tenant: Some(tenant) } => verify(app, vec![known(app, &tenant).await?]).await,
            Self::Verify { tenant: None } => verify(app, all_tenants(app).await?).await,
            Self::Export { tenant, after } => export(app, &known(app, &tenant.tenant).await?, after).await,
            Self::Prune { tenant, before } => {
                prune(app, &known(app, &tenant.tenant).await?, moment(app, &before)?).await
            }
        }
    }
}

fn failed(error: StoreError) -> Failed {
    Failed::Problem(Problem::from(error))
}

/// A tenant that is there; a disabled one has a log as well.
async fn known(app: &App, text: &str) -> Result<TenantId, Failed> {
    let missing = || Failed::Text(format!("there is no tenant `{text}`"));
    let id = TenantId::parse(text).ok_or_else(missing)?;
    let found = app.engine.store().tenant(&id).await.map_err(failed)?;
    found.map(|tenant| tenant.id.clone()).ok_or_else(missing)
}

async fn all_tenants(app: &App) -> Result<Vec<TenantId>, Failed> {
    let mut all: Vec<TenantId> = Vec::new();
    loop {
        let page = app.engine.store().tenants(all.last(), PAGE).await.map_err(failed)?;
        if page.is_empty() {
            return Ok(all);
        }
        all.extend(page.into_iter().map(|tenant| tenant.id));
    }
}

async fn verify(app: &App, tenants: Vec<TenantId>) -> Result<(), Failed> {
    let (mut broken, shown) = (0, std::io::stderr().is_terminal());
    for tenant in tenants {
        let mut progress = |at: i64, end: i64| {
            if shown && end > i64::from(PAGE) {
                eprint!("\r{tenant}: line {at} of {end} ");
            }
        };
        let verified = app.engine.verify_audit(&tenant, &mut progress).await?;
        if shown && verified.head.number > i64::from(PAGE) {
            eprintln!();
        }
        broken += usize::from(verified.flaw.is_some());
        report(&tenant, &verified);
    }
    match broken {
        0 => Ok(()),
        1 => Err(Failed::Text("an audit log was tampered with".to_owned())),
        n => Err(Failed::Text(format!("the audit logs of {n} tenants were tampered with"))),
    }
}

fn report(tenant: &TenantId, verified: &Verified) {
    let Verified { before, checked, head, sealed, flaw } = verified;
    match flaw {
        Some(flaw) => println!("{tenant}: NOT IN ORDER: {flaw}."),
        None => println!("{tenant}: in order, {checked} lines checked, the last is {}.", head.number),
    }
    if *before > 0 {
        println!("{tenant}: {before} lines are from before the chain, and nothing vouches for them.");
    }
    match sealed {
        _ if flaw.is_some() || *checked == 0 => {}
        Some(sealed) if *sealed == head.number => {}
        Some(sealed) => println!("{tenant}: the lines after {sealed} have no sealed checkpoint yet."),
        None => println!(
            "{tenant}: there is no sealed checkpoint: whoever can write to the database could have written it all anew."
        ),
    }
}

async fn export(app: &App, tenant: &TenantId, mut after: i64) -> Result<(), Failed> {
    let end = app.engine.store().audit_head(tenant).await.map_err(failed)?.number;
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    let cut = |e: std::io::Error| Failed::Text(format!("can't write the log: {e}"));
    while after < end {
        let page = app.engine.store().audit_from(tenant, after, PAGE).await.map_err(failed)?;
        let Some(last) = page.last().map(|line| line.number) else { break };
        for line in page.into_iter().filter(|line| line.number <= end) {
            out.write_all(Line::from(line).text().as_bytes()).map_err(cut)?;
        }
        after = last;
    }
    out.flush().map_err(cut)
}

async fn prune(app: &App, tenant: &TenantId, before: Timestamp) -> Result<(), Failed> {
    match app.engine.prune_audit(tenant, before, &Origin::local("command-line")).await? {
        Some(number) => println!("{tenant}: the lines up to {number} have been deleted."),
        None => println!("{tenant}: there is nothing that old."),
    }
    Ok(())
}

/// A day or a moment in UTC that is not to come.
fn moment(app: &App, text: &str) -> Result<Timestamp, Failed> {
    let day = || Date::parse(text, format_description!("[year]-[month]-[day]")).ok();
    let moment = OffsetDateTime::parse(text, &Rfc3339).ok();
    let moment = moment.or_else(|| day().map(|day| day.midnight().assume_utc())).ok_or_else(|| {
        Failed::Text(format!(
            "`{text}` is neither a day such as 2026-01-31 nor a moment such as 2026-01-31T12:00:00Z"
        ))
    })?;
    let at = Timestamp(i64::try_from(moment.unix_timestamp_nanos() / 1_000).unwrap_or(i64::MAX));
    match at > app.engine.now() {
        true => Err(Failed::Text(format!("`{text}` is yet to come"))),
        false => Ok(at),
    }
}
