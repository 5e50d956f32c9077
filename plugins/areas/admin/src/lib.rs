#![doc = include_str!("../README.md")]

mod assignments;
mod credentials;
mod desk;
mod factors;
mod groups;
mod members;
mod password;
mod people;
mod people_wire;
mod replies;
mod roles;
mod services;
mod sessions;
mod tenants;
mod tenants_ways;
mod tenants_wire;
mod tokens;

use gatewright_contract::{Fault, Nothing};
use gatewright_plugin::{Area, House, Mount};
use poem_openapi::Tags;

/// Where all of it is.
const PREFIX: &str = "/auth/v1";

/// The door that the audit log names.
const DOOR: &str = "admin";

/// The area.
pub struct AdminArea;

impl Area for AdminArea {
    const ID: &'static str = "admin";
    const ABOUT: &'static str = include_str!("../README.md");
    type Config = Nothing;

    fn new(_: Nothing) -> Result<Self, Fault> {
        Ok(Self)
    }

    fn mounts(&self, house: &House) -> Vec<Mount> {
        let mounts = [
            Mount::new(PREFIX, tenants::Tenants::new(house)),
            Mount::new(PREFIX, people::People::new(house)),
            Mount::new(PREFIX, sessions::Sessions::new(house)),
            Mount::new(PREFIX, credentials::Credentials::new(house)),
            Mount::new(PREFIX, factors::of(house)),
            Mount::new(PREFIX, password::Passwords::new(house)),
            Mount::new(PREFIX, groups::Groups::new(house)),
            Mount::new(PREFIX, members::Members::new(house)),
            Mount::new(PREFIX, roles::Roles::new(house)),
            Mount::new(PREFIX, assignments::Assignments::new(house)),
            Mount::new(PREFIX, services::Services::new(house)),
            Mount::new(PREFIX, tokens::Tokens::new(house)),
        ];
        mounts.map(|mount| mount.answering(answers).strict()).into()
    }
}

gatewright_plugin::register_area!(AdminArea);

#[derive(Tags)]
enum AdminTags {
    /// Tenants: worlds of their own. For operators; an administrator sees and changes their own.
    #[oai(rename = "tenants")]
    Tenants,
    /// People of a tenant, with their sessions and credentials.
    #[oai(rename = "people")]
    People,
    /// Groups of people.
    #[oai(rename = "groups")]
    Groups,
    /// Roles, and who has them.
    #[oai(rename = "roles")]
    Roles,
    /// Service accounts and their tokens.
    #[oai(rename = "service-accounts")]
    Services,
}

/// Statuses besides the success. What makes or changes something may find a name that is taken or can't be.
fn answers(operation: &str) -> &'static [u16] {
    const WRITES: [&str; 7] = ["create", "change", "grant", "issue", "set", "add", "remove_members"];
    let is = |word: &str| operation.strip_prefix("admin_").is_some_and(|rest| rest.starts_with(word));
    match operation {
        _ if WRITES.iter().any(|word| is(word)) => &[401, 403, 404, 409, 422],
        _ if ["delete", "remove", "revoke", "disable", "enable"].iter().any(|word| is(word)) => {
            &[401, 403, 404, 409]
        }
        _ => &[401, 403, 404],
    }
}
