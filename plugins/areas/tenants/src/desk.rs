//! Who asks.

use gatewright_contract::TenantId;
use gatewright_core::{Engine, Origin, Problem, admin::Admin, session::Caller};
use gatewright_plugin::{House, origin};
use gatewright_vault::{DOOR, VaultCaller};
use poem::Request;

/// An administrator at work.
pub(crate) struct Desk<'a> {
    engine: &'a Engine,
    caller: Caller,
    origin: Origin,
}

impl<'a> Desk<'a> {
    pub(crate) async fn of(
        house: &'a House,
        request: &Request,
        caller: &VaultCaller,
    ) -> Result<Self, Problem> {
        let caller = caller.caller(house).await?;
        Ok(Self { engine: &house.engine, caller, origin: origin(request, DOOR) })
    }

    /// What may be done.
    pub(crate) fn admin(&self) -> Admin<'_> {
        self.engine.admin(&self.caller, &self.origin)
    }
}

/// A tenant as it stands in a path: one that can't be is one that is not there.
pub(crate) fn named(text: &str) -> Result<TenantId, Problem> {
    TenantId::parse(text).ok_or_else(|| Problem::not_found("tenant"))
}
