//! `GET` and `POST /{tenant_id}/userinfo` (OpenID Connect Core, section 5.3).

mod document;

use crate::{
    Endpoint,
    http::{credentials, endpoint_url, form, json_reply, tenant},
};
use gatewright_core::{Problem, Tenant};
use gatewright_oauth::{ErrorCode, OAuthError, Params, jose::ALGORITHMS, userinfo::Scheme};
use gatewright_plugin::House;
use poem::{
    Request, Response,
    http::{HeaderValue, Method, StatusCode, header},
};
use serde_json::{Map, Value, json};

/// Reading, and the same by form.
pub(crate) fn endpoints(house: &House) -> [Endpoint; 2] {
    let path = "/api/oidc/{tenant_id}/userinfo";
    [(Method::GET, document::get()), (Method::POST, document::post())].map(|(method, operation)| {
        Endpoint::new(house, (method, path), operation, handle)
            .with(document::schemas())
            .guarded(document::schemes())
            .shared()
    })
}

/// How somebody says who they are.
enum Shown {
    /// A token of an application.
    Token(String, Scheme),
    /// An API key.
    Key(String),
    /// Nothing.
    Nothing,
}

async fn handle(house: House, mut request: Request) -> poem::Result<Response> {
    let mut dpop = false;
    Ok(match reply(&house, &mut request, &mut dpop).await {
        Ok(claims) => json_reply(StatusCode::OK, &Value::Object(claims)),
        Err(refused) => refusal(refused, dpop),
    })
}

/// Why nothing is said; none: nobody has said who they are.
type Refused = Option<OAuthError>;

async fn reply(house: &House, request: &mut Request, dpop: &mut bool) -> Result<Map<String, Value>, Refused> {
    let tenant = tenant(house, request).await.map_err(of_problem)?;
    let posted = request.method() == Method::POST && request.headers().contains_key(header::CONTENT_TYPE);
    let form = if posted { form(request).await? } else { Params::default() };
    let (token, scheme) = match shown(request, &form)? {
        Shown::Token(token, scheme) => (token, scheme),
        Shown::Key(key) => return own(house, &tenant, &key).await,
        Shown::Nothing => return Err(None),
    };
    *dpop = scheme == Scheme::DPoP;
    let provider = &house.provider;
    if scheme == Scheme::Bearer && !provider.is_of_application(&token) {
        return own(house, &tenant, &token).await;
    }
    let method = if request.method() == Method::POST { "POST" } else { "GET" };
    let shown = credentials(request, &form, endpoint_url(provider, &tenant, "userinfo"), method)?;
    let checked = provider.check_shown(&tenant, &token, scheme, &shown).await?;
    Ok(provider.userinfo(&tenant, &checked).await?)
}

/// For somebody who asks about themselves with a token of the server's own, or an API key.
async fn own(house: &House, tenant: &Tenant, text: &str) -> Result<Map<String, Value>, Refused> {
    // What an application may hear depends on its scopes, and is not this.
    if house.provider.is_of_application(text) {
        return Err(Some(OAuthError::token()));
    }
    let caller = house.provider.caller(text).await.map_err(of_problem)?;
    if caller.session.tenant != tenant.id {
        return Err(Some(OAuthError::token()));
    }
    house.provider.own_userinfo(&caller).await.map_err(of_problem)
}

/// One token, in one place (RFC 6750, section 2).
fn shown(request: &Request, form: &Params) -> Result<Shown, OAuthError> {
    let twice = || OAuthError::invalid("There is more than one access token. Send one, in one place.");
    let text = |value: &HeaderValue| value.to_str().map(str::to_owned).map_err(|_| OAuthError::token());
    let mut found = Vec::new();
    for value in request.headers().get_all(header::AUTHORIZATION) {
        let value = text(value)?;
        let (scheme, token) = value.split_once(' ').unwrap_or((&value, ""));
        let scheme = match scheme.to_ascii_lowercase().as_str() {
            "bearer" => Scheme::Bearer,
            "dpop" => Scheme::DPoP,
            _ => continue,
        };
        found.push(Shown::Token(token.trim().to_owned(), scheme));
    }
    for value in request.headers().get_all("x-api-key") {
        found.push(Shown::Key(text(value)?));
    }
    if let Some(token) = form.get("access_token") {
        found.push(Shown::Token(token.to_owned(), Scheme::Bearer));
    }
    match (found.pop(), found.is_empty()) {
        (None, _) => Ok(Shown::Nothing),
        (Some(one), true) => Ok(one),
        (Some(_), false) => Err(twice()),
    }
}

fn of_problem(problem: Problem) -> Refused {
    match problem.status {
        401 => Some(OAuthError::token()),
        403 => Some(OAuthError::new(ErrorCode::InsufficientScope, problem.detail)),
        _ => Some(problem.into()),
    }
}

/// With a challenge (RFC 6750, section 3; RFC 9449, section 7.1). Who has said nothing hears nothing of errors.
fn refusal(refused: Refused, dpop: bool) -> Response {
    let algorithms = ALGORITHMS.join(" ");
    let Some(error) = refused else {
        let mut response = said(StatusCode::UNAUTHORIZED, &Problem::unauthenticated().detail);
        challenge(&mut response, "Bearer realm=\"userinfo\"");
        challenge(&mut response, &format!("DPoP algs=\"{algorithms}\""));
        return response;
    };
    if let Some(problem) = error.cause.as_ref().filter(|p| !matches!(p.status, 400 | 401 | 403)) {
        return gatewright_vault::dialect().write(problem);
    }
    let status = match error.code {
        ErrorCode::InvalidRequest => StatusCode::BAD_REQUEST,
        ErrorCode::InsufficientScope => StatusCode::FORBIDDEN,
        _ => StatusCode::UNAUTHORIZED,
    };
    let mut response = said(status, &error.description);
    let why = format!("error=\"{}\", error_description=\"{}\"", error.code.as_str(), error.description);
    match dpop {
        true => challenge(&mut response, &format!("DPoP {why}, algs=\"{algorithms}\"")),
        false => challenge(&mut response, &format!("Bearer {why}")),
    }
    response
}

fn said(status: StatusCode, detail: &str) -> Response {
    json_reply(status, &json!({"detail": detail}))
}

fn challenge(response: &mut Response, text: &str) {
    if let Ok(value) = HeaderValue::from_str(text) {
        response.headers_mut().append(header::WWW_AUTHENTICATE, value);
    }
}
