//! Somebody looks after the keys: those that seal, and those that sign.

mod admin;
mod nodes;
mod rewrap;
mod seed;
mod settled;
mod signing;
mod sources;
mod tenants;

use gatewright_contract::TenantId;
use gatewright_core::{Origin, audit::Filter, signing::By};
use kit::Kit;

fn default_tenant() -> TenantId {
    TenantId::default_tenant()
}

fn origin() -> Origin {
    Origin::local("kit")
}

fn by(origin: &Origin) -> By<'_> {
    By::nobody(origin)
}

/// What the audit log has of this kind: what it is about, newest first.
async fn targets(kit: &Kit, kind: &str) -> Vec<String> {
    let filter = Filter { kind: Some(kind.to_owned()), ..Filter::default() };
    let lines = kit.app.engine.store().audit(&default_tenant(), &filter, 1_000).await.unwrap();
    lines.into_iter().filter_map(|line| line.event.target).collect()
}

fn keyring_text(kit: &Kit) -> String {
    std::fs::read_to_string(kit.folder.path().join("keyring.json")).unwrap()
}
