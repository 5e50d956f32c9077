#![doc = include_str!("../README.md")]

mod application;
mod contract;
mod native;
mod parts;
mod public;
mod shown;
mod wire;
mod words;

use gatewright_contract::{Fault, Nothing, TenantId};
use gatewright_core::Problem;
use gatewright_plugin::{Area, House, Mount};
use poem_openapi::Tags;

/// Where our own operations are.
const NATIVE: &str = "/auth/v1";

/// The door that the audit log names for them.
const DOOR: &str = "clients";

/// The area.
pub struct ClientsArea;

impl Area for ClientsArea {
    const ID: &'static str = "clients";
    const ABOUT: &'static str = include_str!("../README.md");
    type Config = Nothing;

    fn new(_: Nothing) -> Result<Self, Fault> {
        Ok(Self)
    }

    fn mounts(&self, house: &House) -> Vec<Mount> {
        let vault = gatewright_vault::dialect();
        vec![
            Mount::new(gatewright_vault::PREFIX, public::Public::new(house))
                .answering(answers)
                .speaking(vault)
                .strict(),
            Mount::new(gatewright_vault::PREFIX, contract::Contract::new(house))
                .answering(answers)
                .speaking(vault)
                .strict(),
            Mount::new(NATIVE, native::Native::new(house)).answering(answers).strict(),
        ]
    }
}

gatewright_plugin::register_area!(ClientsArea);

#[derive(Tags)]
enum ClientsTags {
    /// The applications that log people in.
    #[oai(rename = "clients")]
    Clients,
}

/// Statuses besides the success. 404 is also another tenant's.
fn answers(operation: &str) -> &'static [u16] {
    match operation {
        "getClient" | "getClientTenant" => &[404, 422],
        "readClients" => &[401, 403, 404, 422],
        "clients_list" | "clients_show" => &[401, 403, 404],
        "clients_delete" => &[401, 403, 404, 409],
        _ => &[401, 403, 404, 409, 422],
    }
}

/// The tenant of a request. One that can't be a name is one that is not there.
fn tenant(text: &str) -> Result<TenantId, Problem> {
    TenantId::parse(text).ok_or_else(|| Problem::not_found("tenant"))
}
