//! What a command names: a tenant, a person, a group.

use super::Failed;
use crate::app::App;
use clap::Args;
use gatewright_contract::TenantId;
use gatewright_core::{Origin, Person as Account, groups::Group};

#[derive(Args)]
pub(super) struct InTenant {
    /// The tenant.
    #[arg(long, default_value = "default")]
    tenant: String,
}

impl InTenant {
    pub(super) fn id(&self) -> Result<TenantId, Failed> {
        tenant_id(&self.tenant)
    }
}

pub(super) fn tenant_id(text: &str) -> Result<TenantId, Failed> {
    TenantId::parse(text).ok_or_else(|| {
        Failed::Text(format!("`{text}` is no tenant: 1 to 64 lower-case letters, digits and hyphens"))
    })
}

pub(super) async fn person(app: &App, tenant: &TenantId, username: &str) -> Result<Account, Failed> {
    let found = app.engine.find_person(tenant, username).await?;
    found.ok_or_else(|| Failed::Text(format!("there is no `{username}` in tenant `{tenant}`")))
}

pub(super) async fn group(
    app: &App,
    tenant: &TenantId,
    name: &str,
    origin: &Origin,
) -> Result<Group, Failed> {
    let found = app.engine.at_the_machine(origin).find_group(tenant, name).await?;
    found.ok_or_else(|| Failed::Text(format!("there is no group `{name}` in tenant `{tenant}`")))
}
