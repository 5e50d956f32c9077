#![doc = include_str!("../README.md")]

mod credentials;
mod permissions;
mod person;
mod sessions;

use gatewright_contract::{Fault, Nothing};
use gatewright_plugin::{Area, House, Mount};
use poem_openapi::Tags;

/// Where all of it is.
const PREFIX: &str = "/auth/v1/me";

/// The door that the audit log names.
const DOOR: &str = "me";

/// The area.
pub struct MeArea;

impl Area for MeArea {
    const ID: &'static str = "me";
    const ABOUT: &'static str = include_str!("../README.md");
    type Config = Nothing;

    fn new(_: Nothing) -> Result<Self, Fault> {
        Ok(Self)
    }

    fn mounts(&self, house: &House) -> Vec<Mount> {
        let mounts = [
            Mount::new(PREFIX, person::Person::new(house)),
            Mount::new(PREFIX, sessions::Sessions::new(house)),
            Mount::new(PREFIX, credentials::Credentials::new(house)),
            Mount::new(PREFIX, permissions::Permissions::new(house)),
        ];
        mounts.map(|mount| mount.answering(answers).strict()).into()
    }
}

gatewright_plugin::register_area!(MeArea);

#[derive(Tags)]
enum MeTags {
    /// What somebody who is logged in sees of their own: the account, the sessions, the credentials.
    #[oai(rename = "me")]
    Me,
}

/// Statuses besides the success. 403 is also the front door's: a changing request with cookies from another site.
fn answers(operation: &str) -> &'static [u16] {
    match operation {
        "me_end_session" => &[401, 403, 404],
        "me_end_sessions" => &[401, 403],
        "me_rename_credential" => &[401, 403, 404, 409, 422],
        "me_remove_credential" => &[401, 403, 404, 409],
        _ => &[401],
    }
}
