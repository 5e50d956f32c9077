#![doc = include_str!("../README.md")]

mod export;
mod head;
mod list;

use gatewright_contract::{Fault, Nothing, TenantId};
use gatewright_core::{Problem, session::Caller};
use gatewright_plugin::{Area, House, Mount};
use poem_openapi::Tags;

/// Where all of it is.
const PREFIX: &str = "/auth/v1/audit";

/// The door that the audit log names.
const DOOR: &str = "audit";

/// The area.
pub struct AuditArea;

impl Area for AuditArea {
    const ID: &'static str = "audit";
    const ABOUT: &'static str = include_str!("../README.md");
    type Config = Nothing;

    fn new(_: Nothing) -> Result<Self, Fault> {
        Ok(Self)
    }

    fn mounts(&self, house: &House) -> Vec<Mount> {
        let mounts = [
            Mount::new(PREFIX, list::List::new(house)),
            Mount::new(PREFIX, export::Export::new(house)),
            Mount::new(PREFIX, head::Head::new(house)),
        ];
        mounts.map(|mount| mount.answering(|_| &[401, 403, 404])).into()
    }
}

gatewright_plugin::register_area!(AuditArea);

#[derive(Tags)]
enum AuditTags {
    /// What happened, who did it, from where: to read, to take out and to check elsewhere.
    #[oai(rename = "audit")]
    Audit,
}

/// The tenant that is asked for, or the caller's. One that can't be a name is one that is not there.
fn tenant(caller: &Caller, asked: Option<String>) -> Result<TenantId, Problem> {
    match asked {
        None => Ok(caller.session.tenant.clone()),
        Some(text) => TenantId::parse(&text).ok_or_else(|| Problem::not_found("tenant")),
    }
}
