#![doc = include_str!("../README.md")]

mod blocks;
mod blocks_wire;
mod desk;
mod tenants;

use gatewright_contract::{Fault, Nothing};
use gatewright_plugin::{Area, House, Mount};
use poem_openapi::Tags;

/// The area.
pub struct TenantsArea;

impl Area for TenantsArea {
    const ID: &'static str = "tenants";
    const ABOUT: &'static str = include_str!("../README.md");
    type Config = Nothing;

    fn new(_: Nothing) -> Result<Self, Fault> {
        Ok(Self)
    }

    fn mounts(&self, house: &House) -> Vec<Mount> {
        let mounts = [
            Mount::new(gatewright_vault::PREFIX, tenants::Tenants::new(house)),
            Mount::new(gatewright_vault::PREFIX, blocks::Blocks::new(house)),
        ];
        mounts.map(|mount| mount.speaking(gatewright_vault::dialect()).answering(answers).strict()).into()
    }
}

gatewright_plugin::register_area!(TenantsArea);

#[derive(Tags)]
enum TenantsTags {
    /// Tenants in the dialect of the vault contract.
    #[oai(rename = "vault-tenants")]
    Tenants,
    /// Who and what is blocked, in the dialect of the vault contract.
    #[oai(rename = "vault-blocks")]
    Blocks,
}

/// Statuses besides the success.
fn answers(operation: &str) -> &'static [u16] {
    match operation {
        "createTenant" | "updateTenant" => &[401, 403, 404, 409],
        _ => &[401, 403, 404],
    }
}
