#![doc = include_str!("../README.md")]

mod change;
mod deliveries;
mod hooks;
mod wire;

use gatewright_contract::{Fault, Nothing, TenantId};
use gatewright_core::{Problem, session::Caller};
use gatewright_plugin::{Area, House, Mount};
use poem_openapi::Tags;

/// Where all of it is.
const PREFIX: &str = "/auth/v1/webhooks";

/// The door that the audit log names.
const DOOR: &str = "webhooks";

/// The area.
pub struct WebhooksArea;

impl Area for WebhooksArea {
    const ID: &'static str = "webhooks";
    const ABOUT: &'static str = include_str!("../README.md");
    type Config = Nothing;

    fn new(_: Nothing) -> Result<Self, Fault> {
        Ok(Self)
    }

    fn mounts(&self, house: &House) -> Vec<Mount> {
        let mounts = [
            Mount::new(PREFIX, hooks::Hooks::new(house)),
            Mount::new(PREFIX, change::Changes::new(house)),
            Mount::new(PREFIX, deliveries::Deliveries::new(house)),
        ];
        mounts.map(|mount| mount.answering(answers).strict()).into()
    }
}

gatewright_plugin::register_area!(WebhooksArea);

#[derive(Tags)]
enum WebhooksTags {
    /// What happens, sent to a URL as signed requests.
    #[oai(rename = "webhooks")]
    Webhooks,
}

/// Statuses besides the success. 404 is also another tenant's.
fn answers(operation: &str) -> &'static [u16] {
    match operation {
        "webhooks" | "webhook" | "webhook_deliveries" => &[401, 403, 404],
        "webhook_create" | "webhook_change" => &[401, 403, 404, 409, 422],
        _ => &[401, 403, 404, 409],
    }
}

/// The tenant that is asked for, or the caller's. One that can't be a name is one that is not there.
fn tenant(caller: &Caller, asked: Option<String>) -> Result<TenantId, Problem> {
    match asked {
        None => Ok(caller.session.tenant.clone()),
        Some(text) => TenantId::parse(&text).ok_or_else(|| Problem::not_found("tenant")),
    }
}
