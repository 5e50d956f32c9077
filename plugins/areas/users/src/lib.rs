#![doc = include_str!("../README.md")]

mod batch;
mod desk;
mod email;
mod list;
mod users;
mod wire;

use gatewright_contract::{Fault, Nothing};
use gatewright_plugin::{Area, House, Mount};
use gatewright_vault::PREFIX;
use poem_openapi::Tags;

/// The area.
pub struct UsersArea;

impl Area for UsersArea {
    const ID: &'static str = "users";
    const ABOUT: &'static str = include_str!("../README.md");
    type Config = Nothing;

    fn new(_: Nothing) -> Result<Self, Fault> {
        Ok(Self)
    }

    fn mounts(&self, house: &House) -> Vec<Mount> {
        let mounts = [
            Mount::new(PREFIX, list::List::new(house)),
            Mount::new(PREFIX, users::Users::new(house)),
            Mount::new(PREFIX, batch::Batch::new(house)),
            Mount::new(PREFIX, email::Email::new(house)),
        ];
        mounts.map(|mount| mount.speaking(gatewright_vault::dialect()).answering(answers).strict()).into()
    }
}

gatewright_plugin::register_area!(UsersArea);

#[derive(Tags)]
enum UsersTags {
    /// People in the dialect of the vault contract.
    #[oai(rename = "users")]
    Users,
}

/// Statuses besides the success.
fn answers(operation: &str) -> &'static [u16] {
    match operation {
        "updateUser" | "createUser" | "batchDeleteUsers" | "updateEmail" => &[401, 403, 404, 409],
        "getCurrentUser" => &[401, 403],
        _ => &[401, 403, 404],
    }
}
