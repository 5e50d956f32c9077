#![doc = include_str!("../README.md")]

mod list;
mod login;
mod register;
mod wire;

use gatewright_contract::{Fault, Nothing};
use gatewright_plugin::{Area, House, Mount};
use gatewright_vault::{PREFIX, dialect};
use poem_openapi::Tags;

/// The authenticator behind all of this.
const PASSKEY: &str = "passkey";

/// The area.
pub struct PasskeysArea;

impl Area for PasskeysArea {
    const ID: &'static str = "passkeys";
    const ABOUT: &'static str = include_str!("../README.md");
    type Config = Nothing;

    fn new(_: Nothing) -> Result<Self, Fault> {
        Ok(Self)
    }

    fn mounts(&self, house: &House) -> Vec<Mount> {
        let speaking = |mount: Mount| mount.answering(answers).speaking(dialect());
        vec![
            speaking(Mount::new(PREFIX, list::List::new(house))),
            speaking(Mount::new(PREFIX, register::Register::new(house))),
            speaking(Mount::new(PREFIX, login::Login::new(house))),
        ]
    }
}

gatewright_plugin::register_area!(PasskeysArea);

#[derive(Tags)]
enum PasskeysTags {
    /// Passkeys: a login with one, setting one up, the list.
    #[oai(rename = "passkeys")]
    Passkeys,
}

fn answers(operation: &str) -> &'static [u16] {
    match operation {
        "listOwnPasskeys" => &[401, 403],
        "updatePasskey" => &[401, 403, 404, 409, 422],
        "getPasskeyRegistrationOptions" => &[401, 403, 429],
        "verifyPasskeyRegistration" => &[400, 401, 403, 409, 422],
        "getPasskeyAuthOptions" => &[400, 404, 422, 429],
        _ => &[400, 401, 403, 404, 409, 422, 429],
    }
}
