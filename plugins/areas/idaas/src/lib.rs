#![doc = include_str!("../README.md")]

mod adapters;
mod applications;
mod dialect;
mod door;
mod endpoints;
mod names;
mod tokens;
mod wire;

pub use applications::{Application, IdaasConfig};

use crate::{
    dialect::{answers, dialect, dialect_of_logout},
    door::Door,
    endpoints::{challenge::Challenge, complete::Complete, logout::Logout, passkey::Passkey, query::Query},
};
use gatewright_contract::Fault;
use gatewright_plugin::{Area, House, Mount};
use std::sync::Arc;

const ID: &str = "idaas";
const PREFIX: &str = "/api/web";

/// The Entrust IDaaS Authentication API.
pub struct IdaasArea(Arc<IdaasConfig>);

impl Area for IdaasArea {
    const ID: &'static str = ID;
    const ABOUT: &'static str = include_str!("../README.md");
    type Config = IdaasConfig;

    fn new(config: IdaasConfig) -> Result<Self, Fault> {
        config.check()?;
        Ok(Self(Arc::new(config)))
    }

    fn mounts(&self, house: &House) -> Vec<Mount> {
        let door = Door::new(house, &self.0);
        vec![
            Mount::new(PREFIX, Query(door.clone())).speaking(dialect()).answering(answers),
            Mount::new(PREFIX, Challenge(door.clone())).speaking(dialect()).answering(answers),
            Mount::new(PREFIX, Complete(door.clone())).speaking(dialect()).answering(answers),
            Mount::new(PREFIX, Passkey(door.clone())).speaking(dialect()).answering(answers),
            Mount::new(PREFIX, Logout(door)).speaking(dialect_of_logout()).answering(answers),
        ]
    }
}

gatewright_plugin::register_area!(IdaasArea);
