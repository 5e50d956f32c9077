#![doc = include_str!("../README.md")]

mod endpoint;
mod http;
mod jwks;
mod token;

use endpoint::{Endpoint, Endpoints};
use gatewright_contract::{Fault, Nothing};
use gatewright_plugin::{Area, House, Mount};

/// The area.
pub struct OidcArea;

impl Area for OidcArea {
    const ID: &'static str = "oidc";
    const ABOUT: &'static str = include_str!("../README.md");
    type Config = Nothing;

    fn new(_: Nothing) -> Result<Self, Fault> {
        Ok(Self)
    }

    fn mounts(&self, house: &House) -> Vec<Mount> {
        vec![Endpoints::new(endpoints(house)).mount().speaking(gatewright_vault::dialect())]
    }
}

gatewright_plugin::register_area!(OidcArea);

/// THE LIST of endpoints: one file each.
fn endpoints(house: &House) -> Vec<Endpoint> {
    vec![jwks::endpoint(house), token::endpoint(house), token::standard(house), token::of_form(house)]
}
