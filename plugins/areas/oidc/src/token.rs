//! The token endpoint: `POST /{tenant_id}/token`, and the two other paths that the vault contract has for it. One handler.

mod document;

use crate::{
    Endpoint,
    http::{DOOR, credentials, endpoint_url, form, json_text, refusal},
};
use gatewright_contract::{TenantId, Violation};
use gatewright_core::{Problem, Tenant};
use gatewright_oauth::{Credentials, OAuthError, Params, Provider, TokenReply};
use gatewright_plugin::House;
use poem::{
    Request, Response,
    http::{Method, StatusCode, header},
};
use std::sync::Arc;

/// What is advertised: with the tenant in the path.
pub(crate) fn endpoint(house: &House) -> Endpoint {
    let path = (Method::POST, "/api/oidc/{tenant_id}/token");
    Endpoint::new(house, path, document::in_path("tokenExchangeTenant", ADVERTISED), |house, request| {
        answer(house, request, Some("token"))
    })
    .with(document::schemas())
    .shared()
}

/// The same under a second name.
pub(crate) fn standard(house: &House) -> Endpoint {
    let path = (Method::POST, "/api/oidc/{tenant_id}/oauth2/token");
    Endpoint::new(house, path, document::in_path("tokenExchangeStandard", SECOND), |house, request| {
        answer(house, request, Some("oauth2/token"))
    })
    .with(document::schemas())
    .shared()
}

/// The same with the tenant in the form.
pub(crate) fn of_form(house: &House) -> Endpoint {
    Endpoint::new(house, (Method::POST, "/api/oidc/token"), document::in_form(), |house, request| {
        answer(house, request, None)
    })
    .with(document::schemas())
    .shared()
}

const ADVERTISED: &str = "Tokens for a code, a refresh token, or another proof of a grant";
const SECOND: &str = "The token endpoint under its second path";

/// Why there are no tokens.
enum Refused {
    /// The form lacks what every request has, or the tenant is not there: the contract's words.
    Form(Problem),
    /// Everything else (RFC 6749, section 5.2).
    Grant(OAuthError),
}

impl From<OAuthError> for Refused {
    fn from(error: OAuthError) -> Self {
        Self::Grant(error)
    }
}

/// `named`: the path below the issuer; none: the one without a tenant.
async fn answer(house: House, mut request: Request, named: Option<&'static str>) -> poem::Result<Response> {
    let authorized = request.headers().contains_key(header::AUTHORIZATION);
    Ok(match tokens(&house, &mut request, named).await {
        Ok(tokens) => json_text(
            StatusCode::OK,
            serde_json::to_string(&tokens).map_err(poem::error::InternalServerError)?,
        ),
        Err(Refused::Form(problem)) => gatewright_vault::dialect().write(&problem),
        Err(Refused::Grant(error)) => refusal(&error, authorized),
    })
}

async fn tokens(
    house: &House,
    request: &mut Request,
    named: Option<&'static str>,
) -> Result<TokenReply, Refused> {
    let form = form(request).await?;
    is_whole(request, &form, named.is_none())?;
    let tenant = match named {
        Some(_) => crate::http::tenant(house, request).await,
        None => tenant_of(house, &form).await,
    };
    let tenant = tenant.map_err(Refused::Form)?;
    let url = match named {
        Some(name) => endpoint_url(&house.provider, &tenant, name),
        None => format!("{}{}/token", house.engine.url_of(&tenant), Provider::BASE),
    };
    let origin = gatewright_plugin::origin(request, DOOR);
    let shown = credentials(request, &Params::default(), url, "POST")?;
    Ok(house.provider.token(&tenant, &Credentials { form, ..shown }, &origin).await?)
}

/// Whether the form has what the contract asks of each request. Who proves who it is by other means than a secret in the
/// form need not name itself there (RFC 6749, section 3.2.1).
fn is_whole(request: &Request, form: &Params, tenant_in_form: bool) -> Result<(), Refused> {
    let elsewhere =
        request.headers().contains_key(header::AUTHORIZATION) || form.get("client_assertion").is_some();
    let needed = [("grant_type", true), ("client_id", !elsewhere), ("tenant_id", tenant_in_form)];
    let missing = needed.iter().filter(|(name, needed)| *needed && form.get(name).is_none());
    let missing: Vec<Violation> = missing
        .map(|(name, _)| Violation { code: (*name).to_owned(), message: format!("{name}: is missing.") })
        .collect();
    match missing.is_empty() {
        true => Ok(()),
        false => Err(Refused::Form(Problem::violations(missing))),
    }
}

async fn tenant_of(house: &House, form: &Params) -> Result<Arc<Tenant>, Problem> {
    let id = form.get("tenant_id").and_then(TenantId::parse);
    house.engine.tenant(&id.ok_or_else(|| Problem::not_found("tenant"))?).await
}
