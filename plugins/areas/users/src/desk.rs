//! Who asks, about which tenant.

use gatewright_contract::{PersonId, TenantId};
use gatewright_core::{Engine, Origin, Problem, admin::Admin, session::Caller};
use gatewright_plugin::{House, origin};
use gatewright_vault::{DOOR, VaultCaller};
use poem::Request;

/// An administrator at work.
pub(crate) struct Desk<'a> {
    engine: &'a Engine,
    pub(crate) caller: Caller,
    pub(crate) origin: Origin,
    /// The tenant of the path.
    pub(crate) tenant: TenantId,
}

impl<'a> Desk<'a> {
    /// Checks the token. A tenant that can't be is one that is not there.
    pub(crate) async fn of(
        house: &'a House,
        request: &Request,
        caller: &VaultCaller,
        tenant: &str,
    ) -> Result<Self, Problem> {
        let caller = caller.caller(house).await?;
        let tenant = TenantId::parse(tenant).ok_or_else(|| Problem::not_found("tenant"))?;
        Ok(Self { engine: &house.engine, caller, origin: origin(request, DOOR), tenant })
    }

    /// What may be done.
    pub(crate) fn admin(&self) -> Admin<'_> {
        self.engine.admin(&self.caller, &self.origin)
    }
}

/// A person as they stand in a path: an id that can't be is one that is not there.
pub(crate) fn person(text: &str) -> Result<PersonId, Problem> {
    PersonId::parse(text).ok_or_else(|| Problem::not_found("person"))
}
