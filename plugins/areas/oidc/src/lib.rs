#![doc = include_str!("../README.md")]

mod authorize;
mod authorizejwt;
mod describe;
mod endpoint;
mod http;
mod jwks;
mod page;
mod par;
mod respond;
mod resume;
mod sign_in;

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
        vec![Mount::new("", Endpoints::new(endpoints(house))).speaking(gatewright_vault::dialect())]
    }
}

gatewright_plugin::register_area!(OidcArea);

/// THE LIST of endpoints: one file each.
fn endpoints(house: &House) -> Vec<Endpoint> {
    let mut all = vec![
        jwks::endpoint(house),
        resume::endpoint(house),
        sign_in::endpoint(house),
        par::endpoint(house),
        authorizejwt::endpoint(house),
    ];
    all.extend(authorize::endpoints(house));
    all
}
