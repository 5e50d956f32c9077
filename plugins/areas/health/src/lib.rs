#![doc = include_str!("../README.md")]

mod live;
mod metrics;
mod plugins;
mod ready;
mod wire;

use gatewright_contract::Fault;
use gatewright_plugin::{Area, House, Mount, request::ClientAddress};
use poem::Request;
use poem_openapi::Tags;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The table `[plugins.health]`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Who gets `/metrics`. To everybody else it is not there.
    pub metrics: Audience,
}

/// Who gets an answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Audience {
    /// Whoever calls from this machine.
    #[default]
    Loopback,
    /// Everybody.
    Public,
    /// Nobody.
    Off,
}

/// The area.
pub struct HealthArea {
    config: Config,
}

impl Area for HealthArea {
    const ID: &'static str = "health";
    const ABOUT: &'static str = include_str!("../README.md");
    type Config = Config;

    fn new(config: Config) -> Result<Self, Fault> {
        Ok(Self { config })
    }

    fn mounts(&self, house: &House) -> Vec<Mount> {
        vec![
            Mount::new("", live::Live).unlimited(),
            Mount::new("", ready::Ready::new(house)).unlimited(),
            Mount::new("", metrics::Metrics::new(house, self.config.metrics))
                .answering(|_| &[404])
                .unlimited(),
            Mount::new("/auth/v1", plugins::Plugins::new(house)).answering(|_| &[401, 403]),
        ]
    }
}

gatewright_plugin::register_area!(HealthArea);

#[derive(Tags)]
enum HealthTags {
    /// Whether the server is well: for a supervisor, a load balancer, a monitor and an administrator.
    #[oai(rename = "health")]
    Health,
}

/// Whether the request comes from this machine. One whose address is not known does not.
fn is_local(request: &Request) -> bool {
    request.extensions().get::<ClientAddress>().is_some_and(|address| address.0.to_canonical().is_loopback())
}
