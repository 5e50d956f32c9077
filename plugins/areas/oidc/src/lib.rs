#![doc = include_str!("../README.md")]

mod asks;
mod authorize;
mod authorizejwt;
mod describe;
mod device_authorization;
mod discovery;
mod endpoint;
mod entra_links;
mod http;
mod introspect;
mod jwks;
mod logout;
mod page;
mod par;
mod register;
mod respond;
mod resume;
mod revoke;
mod sign_in;
mod token;
mod userinfo;

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
        let links = Mount::new(gatewright_vault::PREFIX, entra_links::EntraLinks::new(house));
        vec![
            Endpoints::new(endpoints(house)).mount().speaking(gatewright_vault::dialect()),
            links.speaking(gatewright_vault::dialect()).answering(entra_links::answers).strict(),
        ]
    }
}

gatewright_plugin::register_area!(OidcArea);

/// THE LIST of endpoints: one file each.
fn endpoints(house: &House) -> Vec<Endpoint> {
    let mut all = vec![
        jwks::endpoint(house),
        token::endpoint(house),
        token::standard(house),
        token::of_form(house),
        introspect::endpoint(house),
        revoke::endpoint(house),
        device_authorization::endpoint(house),
        resume::endpoint(house),
        sign_in::endpoint(house),
        par::endpoint(house),
        authorizejwt::endpoint(house),
    ];
    all.extend(discovery::endpoints(house));
    all.extend(userinfo::endpoints(house));
    all.extend(register::endpoints(house));
    all.extend(authorize::endpoints(house));
    all.extend(logout::endpoints(house));
    all
}
