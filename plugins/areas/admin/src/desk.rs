//! Who asks, about which tenant.

use crate::DOOR;
use gatewright_contract::TenantId;
use gatewright_core::{Engine, Origin, Problem, admin::Admin, session::Caller};
use gatewright_plugin::{BearerOrCookie, House, origin};
use poem::Request;

/// An administrator at work.
pub(crate) struct Desk<'a> {
    engine: &'a Engine,
    caller: Caller,
    origin: Origin,
    /// The tenant that it is about.
    pub(crate) tenant: TenantId,
}

impl<'a> Desk<'a> {
    /// Checks the token. A tenant that can't be is one that is not there.
    pub(crate) async fn of(
        house: &'a House,
        request: &Request,
        caller: &BearerOrCookie,
        tenant: Option<String>,
    ) -> Result<Self, Problem> {
        Self::at(house, request, caller.caller(house).await?, tenant)
    }

    /// The same for a request that poem-openapi has not parsed.
    pub(crate) async fn of_request(
        house: &'a House,
        request: &Request,
        tenant: Option<String>,
    ) -> Result<Self, Problem> {
        Self::at(house, request, BearerOrCookie::caller_of(request, house).await?, tenant)
    }

    fn at(
        house: &'a House,
        request: &Request,
        caller: Caller,
        tenant: Option<String>,
    ) -> Result<Self, Problem> {
        let tenant = match tenant {
            Some(text) => named(&text)?,
            None => caller.session.tenant.clone(),
        };
        Ok(Self { engine: &house.engine, caller, origin: origin(request, DOOR), tenant })
    }

    /// What may be done.
    pub(crate) fn admin(&self) -> Admin<'_> {
        self.engine.admin(&self.caller, &self.origin)
    }
}

/// A tenant as it stands in a path or a query.
pub(crate) fn named(text: &str) -> Result<TenantId, Problem> {
    TenantId::parse(text).ok_or_else(|| Problem::not_found("tenant"))
}

/// Rows of a page where nobody says.
pub(crate) fn usual_limit() -> u32 {
    50
}
