#![doc = include_str!("../README.md")]

mod reset;

use gatewright_contract::{Fault, Nothing};
use gatewright_plugin::{Area, House, Mount};
use poem_openapi::Tags;

/// The area.
pub struct VaultArea;

impl Area for VaultArea {
    const ID: &'static str = "vault";
    const ABOUT: &'static str = include_str!("../README.md");
    type Config = Nothing;

    fn new(_: Nothing) -> Result<Self, Fault> {
        Ok(Self)
    }

    fn mounts(&self, house: &House) -> Vec<Mount> {
        let reset = Mount::new(gatewright_vault::PREFIX, reset::Reset::new(house));
        vec![reset.speaking(gatewright_vault::dialect()).answering(|_| &[404, 409]).strict()]
    }
}

gatewright_plugin::register_area!(VaultArea);

#[derive(Tags)]
enum VaultTags {
    /// Logging in, in the dialect of the vault contract.
    #[oai(rename = "vault")]
    Vault,
}
