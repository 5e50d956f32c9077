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
        // One mount: a schema is closed where it is a body, and must be the same where it is a reply.
        let all = (
            list::List::new(house),
            users::Users::new(house),
            batch::Batch::new(house),
            email::Email::new(house),
        );
        let mount = Mount::new(PREFIX, all).speaking(gatewright_vault::dialect());
        vec![mount.answering(answers).strict()]
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
        "updateUser" | "createUser" | "batchDeleteUsers" => &[401, 403, 404, 409],
        "updateEmail" => &[401, 403, 404, 409, 422],
        "getCurrentUser" => &[401, 403],
        _ => &[401, 403, 404],
    }
}
