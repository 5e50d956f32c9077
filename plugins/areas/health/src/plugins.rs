//! `GET /plugins`

use crate::{HealthTags, wire::HealthPlugin};
use gatewright_core::{
    Problem,
    access::{Action, Resource},
};
use gatewright_plugin::{BearerOrCookie, House, or_problem};
use poem_openapi::{ApiResponse, OpenApi, payload::Json};

pub(crate) struct Plugins(House);

impl Plugins {
    pub(crate) fn new(house: &House) -> Self {
        Self(house.clone())
    }
}

#[derive(ApiResponse)]
enum PluginsReply {
    /// All plugins, by id.
    #[oai(status = 200)]
    List(Json<Vec<HealthPlugin>>),
}

#[OpenApi]
impl Plugins {
    /// List the plugins
    ///
    /// Which plugins the server runs, and how they are. For operators of the host: takes `host.tenants`.
    #[oai(path = "/plugins", method = "get", operation_id = "plugins", tag = "HealthTags::Health")]
    async fn list(&self, caller: BearerOrCookie) -> poem::Result<PluginsReply> {
        or_problem(self.run(caller).await)
    }
}

impl Plugins {
    async fn run(&self, caller: BearerOrCookie) -> Result<PluginsReply, Problem> {
        let caller = caller.caller(&self.0).await?;
        // They are the host's, not a tenant's.
        let home = Resource::of(&caller.session.tenant);
        self.0.engine.allow(&caller, Action::HostTenants, &home).await?;
        Ok(PluginsReply::List(Json(HealthPlugin::all(&self.0.health))))
    }
}
