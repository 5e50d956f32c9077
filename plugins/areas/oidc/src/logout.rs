//! `GET`, `POST /{tenant_id}/logout` and `/logout`: the end session endpoint (OpenID Connect RP-Initiated Logout 1.0). The
//! second is that of the vault contract: its tenant is that of the hint.

mod document;
mod done;

use crate::{
    Endpoint,
    http::{DOOR, form, query, refusal, tenant},
    page::error_page,
    respond::redirect,
};
use done::{answer, wants_page};
use gatewright_contract::TenantId;
use gatewright_core::{PlainToken, Problem, Tenant, session::Caller};
use gatewright_oauth::{
    ErrorCode, OAuthError, Params,
    logout::{LoggedOut, Logout, tenant_of_hint},
};
use gatewright_plugin::{House, SESSION_COOKIE, cookie, origin};
use poem::{
    Request, Response,
    http::{Method, StatusCode},
};
use std::sync::Arc;
use url::form_urlencoded;

const HINT: &str = "id_token_hint";
/// `yes`: the person has said so, on the page that asks.
const CONFIRMED: &str = "confirmed";

pub(crate) fn endpoints(house: &House) -> [Endpoint; 4] {
    const PATH: &str = "/api/oidc/{tenant_id}/logout";
    const OF_THE_CONTRACT: &str = "/api/oidc/logout";
    [
        Endpoint::new(house, (Method::GET, PATH), document::by_link(), by_link),
        Endpoint::new(house, (Method::POST, PATH), document::by_form(), by_form).taking_forms(),
        Endpoint::new(house, (Method::GET, OF_THE_CONTRACT), document::contract_link(), contract_link),
        Endpoint::new(house, (Method::POST, OF_THE_CONTRACT), document::contract_form(), contract_form)
            .taking_forms(),
    ]
    .map(|endpoint| endpoint.with(gatewright_vault::validation_error_schemas()))
}

async fn by_link(house: House, request: Request) -> poem::Result<Response> {
    let params = query(&request);
    Ok(standard(&house, &request, params).await)
}

async fn by_form(house: House, mut request: Request) -> poem::Result<Response> {
    let params = form(&mut request).await;
    Ok(standard(&house, &request, params).await)
}

/// A browser comes, with or without a hint.
async fn standard(house: &House, request: &Request, params: Result<Params, OAuthError>) -> Response {
    let status = moving(request);
    let outcome = async {
        let (tenant, params) = (tenant(house, request).await?, params?);
        if let Some(done) = confirmed(house, request, &tenant, &params).await? {
            return Ok(answer(request, status, done));
        }
        match log_out(house, request, &tenant, &params).await? {
            Logout::Done(done) => Ok(answer(request, status, done)),
            Logout::Confirm => Ok(redirect(status, &ask(&tenant.id, &params))),
        }
    };
    outcome.await.unwrap_or_else(|error| error_page(&error))
}

/// A parameter that must be there, and may be null or empty.
async fn contract_link(house: House, request: Request) -> poem::Result<Response> {
    let outcome = async {
        let params = query(&request)?;
        must_be_there(&params)?;
        let tenant = tenant_of(&house, &request, &params).await?;
        match log_out(&house, &request, &tenant, &params).await? {
            Logout::Done(done) => Ok(answer(&request, StatusCode::FOUND, done)),
            Logout::Confirm => Ok(redirect(StatusCode::FOUND, &ask(&tenant.id, &params))),
        }
    };
    Ok(outcome.await.unwrap_or_else(|error| refused(&request, error, false)))
}

/// A form whose hint must be good: nobody is asked here.
async fn contract_form(house: House, mut request: Request) -> poem::Result<Response> {
    let params = form(&mut request).await;
    let outcome = async {
        let params = params?;
        must_be_there(&params)?;
        if params.get(HINT).is_none_or(|hint| hint == "null") {
            return Err(OAuthError::token());
        }
        let tenant = tenant_of(&house, &request, &params).await?;
        let wish = house.provider.read_logout(&tenant, &params).await?;
        let done = match house.provider.log_out(&tenant, wish, None, &origin(&request, DOOR)).await? {
            Logout::Done(done) => done,
            Logout::Confirm => LoggedOut::default(),
        };
        Ok(answer(&request, StatusCode::SEE_OTHER, done))
    };
    Ok(outcome.await.unwrap_or_else(|error| refused(&request, error, true)))
}

async fn log_out(
    house: &House,
    request: &Request,
    tenant: &Tenant,
    params: &Params,
) -> Result<Logout, OAuthError> {
    let wish = house.provider.read_logout(tenant, params).await?;
    let browser = browser(house, request).await?;
    house.provider.log_out(tenant, wish, browser.as_ref(), &origin(request, DOOR)).await
}

/// The page that asks sends its form here. It comes from this site: the front door leaves no cookie in a form of another.
async fn confirmed(
    house: &House,
    request: &Request,
    tenant: &Tenant,
    params: &Params,
) -> Result<Option<LoggedOut>, OAuthError> {
    if *request.method() != Method::POST || params.get(CONFIRMED) != Some("yes") {
        return Ok(None);
    }
    let Some(caller) = browser(house, request).await?.filter(|caller| caller.session.tenant == tenant.id)
    else {
        return Ok(None);
    };
    let wish = house.provider.read_logout(tenant, params).await?;
    let origin = origin(request, DOOR);
    Ok(Some(house.provider.log_out_confirmed(tenant, wish, &caller, &origin).await?))
}

/// Who the browser belongs to, by its cookie alone.
async fn browser(house: &House, request: &Request) -> Result<Option<Caller>, Problem> {
    let token = cookie(request, SESSION_COOKIE).and_then(|value| PlainToken::received(&value));
    let Some(token) = token else { return Ok(None) };
    match house.engine.check_session(&token).await {
        Ok(caller) => Ok(Some(caller)),
        Err(problem) if problem.status == 401 => Ok(None),
        Err(problem) => Err(problem),
    }
}

/// That of the hint, or of the browser, or the first.
async fn tenant_of(house: &House, request: &Request, params: &Params) -> Result<Arc<Tenant>, OAuthError> {
    let id = match params.get(HINT).and_then(tenant_of_hint) {
        Some(id) => id,
        None => {
            let caller = browser(house, request).await?;
            caller.map_or_else(TenantId::default_tenant, |caller| caller.session.tenant.clone())
        }
    };
    // A hint of a tenant that is not there is as wrong as any other.
    house.engine.tenant(&id).await.map_err(|problem| match problem.status {
        404 => OAuthError::token(),
        _ => problem.into(),
    })
}

fn must_be_there(params: &Params) -> Result<(), OAuthError> {
    match params.pairs().any(|(name, _)| name == HINT) {
        true => Ok(()),
        false => Err(Problem::invalid(format!("{HINT}: the parameter is missing; it may be empty.")).into()),
    }
}

/// The page that asks, which then has what is needed to go on.
fn ask(tenant: &TenantId, params: &Params) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    for name in ["client_id", "post_logout_redirect_uri", "state", "ui_locales", HINT] {
        if let Some(value) = params.get(name) {
            query.append_pair(name, value);
        }
    }
    match query.finish() {
        none if none.is_empty() => format!("/ui/{tenant}/logout"),
        query => format!("/ui/{tenant}/logout?{query}"),
    }
}

/// A link is followed as it is, a form becomes a link (RFC 9110, sections 15.4.3 and 15.4.4).
fn moving(request: &Request) -> StatusCode {
    if *request.method() == Method::GET { StatusCode::FOUND } else { StatusCode::SEE_OTHER }
}

/// What the contract says of it: a hint that is not good is 401 for a form and 400 for a link.
fn refused(request: &Request, error: OAuthError, by_form: bool) -> Response {
    // A parameter that is missing, in the words of the contract.
    if let Some(problem) = error.cause.as_ref().filter(|problem| problem.status == 400) {
        return gatewright_vault::dialect().write(problem);
    }
    match error.code {
        _ if wants_page(request) => error_page(&error),
        ErrorCode::InvalidToken if !by_form => refusal(&OAuthError::invalid(error.description), false),
        _ => refusal(&error, false),
    }
}
