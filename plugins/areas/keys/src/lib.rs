#![doc = include_str!("../README.md")]

mod admin;
mod jwks;
mod wire;

use gatewright_contract::{Fault, Nothing};
use gatewright_plugin::{Area, House, Mount};
use poem_openapi::Tags;

/// Where all of it is.
const PREFIX: &str = "/auth/v1";

/// The door that the audit log names.
const DOOR: &str = "keys";

/// The area.
pub struct KeysArea;

impl Area for KeysArea {
    const ID: &'static str = "keys";
    const ABOUT: &'static str = include_str!("../README.md");
    type Config = Nothing;

    fn new(_: Nothing) -> Result<Self, Fault> {
        Ok(Self)
    }

    fn mounts(&self, house: &House) -> Vec<Mount> {
        vec![
            Mount::new(PREFIX, jwks::PublicKeys::new(house)).answering(answers),
            Mount::new(PREFIX, admin::Admin::new(house)).answering(answers).strict(),
        ]
    }
}

gatewright_plugin::register_area!(KeysArea);

#[derive(Tags)]
enum KeysTags {
    /// The keys that the server signs with: public ones for everybody, their rotation for administrators.
    #[oai(rename = "keys")]
    Keys,
}

/// Statuses besides the success. 403 is also the front door's: a changing request with cookies from another site.
fn answers(operation: &str) -> &'static [u16] {
    match operation {
        "jwks" => &[404],
        "keys_rotate" => &[401, 403, 404, 409],
        _ => &[401, 403, 404],
    }
}
