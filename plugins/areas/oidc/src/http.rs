//! Between HTTP and the provider: parameters, credentials, refusals.

use data_encoding::BASE64;
use gatewright_contract::TenantId;
use gatewright_core::{Problem, Tenant};
use gatewright_oauth::{Credentials, ErrorCode, OAuthError, Params, Provider};
use gatewright_plugin::{House, request::PeerCertificates};
use percent_encoding::percent_decode_str;
use poem::{
    Request, Response,
    http::{StatusCode, header},
};
use serde_json::{Value, json};
use std::sync::Arc;

/// The door of the provider.
pub(crate) const DOOR: &str = "oidc";

/// Bytes of a form at most.
const LONGEST_FORM: usize = 128 * 1024;

/// The tenant that the path names.
pub(crate) async fn tenant(house: &House, request: &Request) -> Result<Arc<Tenant>, Problem> {
    let name = request.raw_path_param("tenant_id").unwrap_or_default();
    let id = TenantId::parse(name).ok_or_else(|| Problem::not_found("tenant"))?;
    house.engine.tenant(&id).await
}

/// The parameters of the query.
pub(crate) fn query(request: &Request) -> Result<Params, OAuthError> {
    Params::parse(request.uri().query().unwrap_or_default().as_bytes())
}

/// The parameters of a form. Another media type is refused.
pub(crate) async fn form(request: &mut Request) -> Result<Params, OAuthError> {
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    if !kind.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        return Err(OAuthError::invalid("Send the parameters as application/x-www-form-urlencoded."));
    }
    let body = request.take_body().into_bytes_limit(LONGEST_FORM).await;
    Params::parse(&body.map_err(|_| OAuthError::invalid("The form can't be read, or is too long."))?)
}

/// How the client proves who it is. `path`: that of the endpoint, as clients know it.
pub(crate) fn credentials(
    request: &Request,
    form: &Params,
    url: String,
    method: &'static str,
) -> Result<Credentials, OAuthError> {
    let dpop = request.headers().get_all("dpop").iter();
    Ok(Credentials {
        basic: basic(request)?,
        form: form.clone(),
        certificates: request
            .extensions()
            .get::<PeerCertificates>()
            .map(|c| (*c.0).clone())
            .unwrap_or_default(),
        dpop: dpop.map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned()).collect(),
        method,
        url,
    })
}

/// Name and secret of `Authorization: Basic`, each form-encoded within (RFC 6749, section 2.3.1).
fn basic(request: &Request) -> Result<Option<(String, String)>, OAuthError> {
    let mut values = request.headers().get_all(header::AUTHORIZATION).iter();
    let Some(value) = values.next() else { return Ok(None) };
    let text = value.to_str().map_err(|_| OAuthError::client())?;
    let Some((scheme, rest)) = text.split_once(' ') else { return Ok(None) };
    if !scheme.eq_ignore_ascii_case("basic") {
        return Ok(None);
    }
    if values.next().is_some() {
        return Err(OAuthError::invalid("There are two Authorization headers."));
    }
    let decoded = BASE64.decode(rest.trim().as_bytes()).map_err(|_| OAuthError::client())?;
    let decoded = String::from_utf8(decoded).map_err(|_| OAuthError::client())?;
    let (id, secret) = decoded.split_once(':').ok_or_else(OAuthError::client)?;
    let read = |text: &str| {
        let text = text.replace('+', " ");
        percent_decode_str(&text).decode_utf8().map(|t| t.into_owned()).map_err(|_| OAuthError::client())
    };
    Ok(Some((read(id)?, read(secret)?)))
}

/// The URL of an endpoint of a tenant, as clients know it: `endpoint(…, "token")`.
pub(crate) fn endpoint_url(provider: &Provider, tenant: &Tenant, name: &str) -> String {
    format!("{}/{name}", provider.issuer(tenant))
}

/// JSON that nobody keeps (RFC 6749, section 5.1).
pub(crate) fn json_reply(status: StatusCode, body: &Value) -> Response {
    json_text(status, body.to_string())
}

/// [`json_reply`] of what is JSON already.
pub(crate) fn json_text(status: StatusCode, body: String) -> Response {
    Response::builder()
        .status(status)
        .header(header::CACHE_CONTROL, "no-store")
        .header(header::PRAGMA, "no-cache")
        .content_type("application/json")
        .body(body)
}

/// A refusal in the form of RFC 6749, section 5.2. `basic`: whether the client came with `Authorization: Basic`.
pub(crate) fn refusal(error: &OAuthError, basic: bool) -> Response {
    if let Some(problem) = &error.cause
        && problem.status != 401
        && (problem.status == 404 || problem.status == 429 || problem.status >= 500)
    {
        return gatewright_vault::dialect().write(problem);
    }
    let status = StatusCode::from_u16(error.code.status()).unwrap_or(StatusCode::BAD_REQUEST);
    let body = json!({"error": error.code.as_str(), "error_description": error.description});
    let mut response = json_reply(status, &body);
    if basic && error.code == ErrorCode::InvalidClient {
        let value = header::HeaderValue::from_static("Basic realm=\"token\"");
        response.headers_mut().insert(header::WWW_AUTHENTICATE, value);
    }
    response
}

/// The schema `OAuthError` of the document.
pub(crate) fn error_schema() -> (&'static str, Value) {
    let words = [
        "invalid_request",
        "invalid_client",
        "invalid_grant",
        "unauthorized_client",
        "unsupported_grant_type",
        "invalid_scope",
        "invalid_target",
        "invalid_dpop_proof",
        "use_dpop_nonce",
        "authorization_pending",
        "slow_down",
        "expired_token",
        "access_denied",
        "invalid_request_object",
        "invalid_request_uri",
        "invalid_token",
        "insufficient_scope",
        "invalid_redirect_uri",
        "invalid_client_metadata",
        "unsupported_token_type",
        "temporarily_unavailable",
        "server_error",
    ];
    let schema = json!({
        "type": "object",
        "description": "A refusal (RFC 6749, section 5.2).",
        "required": ["error"],
        "properties": {
            "error": {"type": "string", "enum": words, "description": "The word for programs."},
            "error_description": {"type": "string", "description": "What is wrong, for whoever writes the client."},
        },
        "example": {
            "error": "invalid_grant",
            "error_description": "The grant is unknown, used, ended, or not for this client. Begin the authorization anew.",
        },
    });
    ("OAuthError", schema)
}
