//! `POST /{tenant_id}/register` (RFC 7591), and what a client then does with itself at `/register/{client_id}` (RFC 7592).

mod schema;

use crate::{
    Endpoint,
    http::{DOOR, error_schema, json_reply, refusal, tenant},
};
use gatewright_core::{PlainToken, Problem, Tenant};
use gatewright_oauth::{ErrorCode, OAuthError};
use gatewright_plugin::{House, origin};
use poem::{
    Request, Response,
    http::{HeaderValue, Method, StatusCode, header},
};
use serde_json::{Map, Value};
use std::sync::Arc;

/// Bytes of a body at most.
const LONGEST_BODY: usize = 64 * 1024;

const PATH: &str = "/api/oidc/{tenant_id}/register";
const OWN_PATH: &str = "/api/oidc/{tenant_id}/register/{client_id}";

pub(crate) fn endpoints(house: &House) -> Vec<Endpoint> {
    let schemas = || {
        [("ClientMetadata", schema::metadata()), ("ClientInformation", schema::information()), error_schema()]
    };
    vec![
        Endpoint::new(house, (Method::POST, PATH), schema::register(), handle).with(schemas()).shared(),
        Endpoint::new(house, (Method::GET, OWN_PATH), schema::show(), handle).with(schemas()),
        Endpoint::new(house, (Method::PUT, OWN_PATH), schema::change(), handle).with(schemas()),
        Endpoint::new(house, (Method::DELETE, OWN_PATH), schema::delete(), handle).with(schemas()),
    ]
}

async fn handle(house: House, mut request: Request) -> poem::Result<Response> {
    Ok(match reply(&house, &mut request).await {
        Ok(response) => response,
        Err(error) => refused(&error),
    })
}

async fn reply(house: &House, request: &mut Request) -> Result<Response, OAuthError> {
    let of = tenant(house, request).await?;
    let token = bearer(request)?;
    match *request.method() {
        Method::POST => registered(house, request, &of, &token).await,
        Method::PUT => changed(house, request, &of, &token).await,
        Method::DELETE => deleted(house, request, &of, &token).await,
        _ => {
            let shown = house.provider.registered(&of, client_id(request), &token).await?;
            Ok(json_reply(StatusCode::OK, &Value::Object(shown.body)))
        }
    }
}

async fn registered(
    house: &House,
    request: &mut Request,
    of: &Arc<Tenant>,
    token: &str,
) -> Result<Response, OAuthError> {
    let caller = house.provider.caller(token).await?;
    let sent = object(request).await?;
    let origin = origin(request, DOOR);
    let made = house.provider.register(of, &caller, &sent, &origin).await?;
    Ok(json_reply(StatusCode::CREATED, &Value::Object(made.body)))
}

async fn changed(
    house: &House,
    request: &mut Request,
    of: &Arc<Tenant>,
    token: &str,
) -> Result<Response, OAuthError> {
    let sent = object(request).await?;
    let origin = origin(request, DOOR);
    let now = house.provider.change_registered(of, client_id(request), token, &sent, &origin).await?;
    Ok(json_reply(StatusCode::OK, &Value::Object(now.body)))
}

async fn deleted(
    house: &House,
    request: &Request,
    of: &Arc<Tenant>,
    token: &str,
) -> Result<Response, OAuthError> {
    house.provider.delete_registered(of, client_id(request), token, &origin(request, DOOR)).await?;
    Ok(Response::builder().status(StatusCode::NO_CONTENT).finish())
}

fn client_id(request: &Request) -> &str {
    request.raw_path_param("client_id").unwrap_or_default()
}

/// The token of the `Authorization` header; one that is not there is like one that is not good.
fn bearer(request: &Request) -> Result<String, OAuthError> {
    let mut values = request.headers().get_all(header::AUTHORIZATION).iter();
    let text = values.next().and_then(|value| value.to_str().ok());
    let token = text.and_then(|text| text.split_once(' '));
    let token =
        token.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer")).map(|(_, rest)| rest.trim());
    match token.and_then(PlainToken::received) {
        Some(token) if values.next().is_none() => Ok(token.expose().to_owned()),
        _ => Err(OAuthError::token()),
    }
}

/// The metadata. Another media type is refused.
async fn object(request: &mut Request) -> Result<Map<String, Value>, OAuthError> {
    let wrong = |text: &str| OAuthError::new(ErrorCode::InvalidClientMetadata, text);
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    if !kind.eq_ignore_ascii_case("application/json") {
        return Err(wrong("Send the metadata as application/json."));
    }
    let body = request.take_body().into_bytes_limit(LONGEST_BODY).await;
    let body = body.map_err(|_| wrong("The body can't be read, or is longer than 65536 bytes."))?;
    match serde_json::from_slice(&body) {
        Ok(Value::Object(sent)) => Ok(sent),
        _ => Err(wrong("The body is no JSON object.")),
    }
}

/// As RFC 6750 has it: the challenge says what is wrong with the token.
fn refused(error: &OAuthError) -> Response {
    let not_found = |problem: &Problem| problem.status == 404;
    let mut response = refusal(error, false);
    let about_the_token = matches!(error.code, ErrorCode::InvalidToken | ErrorCode::InsufficientScope);
    if about_the_token && !error.cause.as_deref().is_some_and(not_found) {
        let challenge = format!("Bearer error=\"{}\"", error.code.as_str());
        if let Ok(value) = HeaderValue::from_str(&challenge) {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, value);
        }
    }
    response
}
