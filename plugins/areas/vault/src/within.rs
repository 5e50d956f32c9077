//! For which tenant and which client an operation is: the authorization request says it, and outside any it is the tenant that
//! is there from the start.

use gatewright_contract::TenantId;
use gatewright_core::{PlainToken, Problem, engine::Anybody};
use gatewright_oauth::OAuthError;
use gatewright_plugin::House;

/// Where an operation happens.
pub(crate) struct Within {
    pub(crate) tenant: TenantId,
    /// The client of the authorization request.
    pub(crate) client: Option<String>,
    /// The authorization request, alive.
    pub(crate) request: Option<PlainToken>,
}

impl Within {
    /// Looks at the authorization request, where there is one; else at the tenant that is named.
    pub(crate) async fn of(
        house: &House,
        (auth_req_id, tenant): (Option<&str>, Option<&str>),
    ) -> Result<Self, Problem> {
        let said = |text: &&str| !text.is_empty();
        let tenant =
            tenant.filter(said).map(|text| TenantId::parse(text).ok_or_else(no_tenant)).transpose()?;
        let Some(text) = auth_req_id.filter(said) else {
            let tenant = tenant.unwrap_or_else(TenantId::default_tenant);
            return Ok(Self { tenant, client: None, request: None });
        };
        let name = PlainToken::received(text).ok_or_else(gone)?;
        let pending = house.provider.pending(&name).await.map_err(told)?;
        if tenant.is_some_and(|tenant| tenant != pending.tenant.id) {
            return Err(gone());
        }
        let client = Some(pending.client.client_id.clone());
        Ok(Self { tenant: pending.tenant.id.clone(), client, request: Some(name) })
    }

    /// The authorization request as the client knows it.
    pub(crate) fn request(&self) -> Option<String> {
        self.request.as_ref().map(|name| name.expose().to_owned())
    }

    /// The same for somebody who says this name.
    pub(crate) fn anybody(&self, username: &str) -> Anybody {
        let (tenant, client) = (self.tenant.clone(), self.client.clone());
        Anybody { tenant, username: username.to_owned(), client, request: self.request() }
    }
}

/// A request that is not there is a mistake of form here: the contract has no other word for it.
fn told(error: OAuthError) -> Problem {
    match error.cause {
        Some(problem) if problem.status >= 500 => *problem,
        _ => gone(),
    }
}

fn no_tenant() -> Problem {
    Problem::not_found("tenant")
}

fn gone() -> Problem {
    // Named like a parameter that can't be read, so that it is said where it stood.
    Problem::invalid(
        "failed to parse parameter `auth_req_id`: The authorization request is unknown, was answered, or has waited for too \
         long. Go back to the application and begin anew.",
    )
}
