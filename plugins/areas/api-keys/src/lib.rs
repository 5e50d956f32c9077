#![doc = include_str!("../README.md")]

mod own;
mod tenant;
mod wire;

use gatewright_contract::{Fault, Nothing};
use gatewright_plugin::{Area, House, Mount};
use gatewright_vault::{PREFIX, dialect};
use poem_openapi::Tags;

/// The area.
pub struct ApiKeysArea;

impl Area for ApiKeysArea {
    const ID: &'static str = "api-keys";
    const ABOUT: &'static str = include_str!("../README.md");
    type Config = Nothing;

    fn new(_: Nothing) -> Result<Self, Fault> {
        Ok(Self)
    }

    fn mounts(&self, house: &House) -> Vec<Mount> {
        let speaking = |mount: Mount| mount.answering(answers).speaking(dialect());
        vec![
            speaking(Mount::new(PREFIX, own::Own::new(house))),
            speaking(Mount::new(PREFIX, tenant::OfTenant::new(house))),
        ]
    }
}

gatewright_plugin::register_area!(ApiKeysArea);

#[derive(Tags)]
enum ApiKeysTags {
    /// What a person gives a program.
    #[oai(rename = "api-keys")]
    ApiKeys,
}

fn answers(operation: &str) -> &'static [u16] {
    match operation {
        "listOwnApiKeys" => &[401, 403],
        "createOwnApiKey" | "createApiKey" => &[401, 403, 404, 409, 422],
        _ => &[401, 403, 404, 409, 422],
    }
}
