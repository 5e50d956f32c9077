//! The discovery document: bytes that are ready, for as long as the tenant stays as it is.

use crate::{Endpoint, describe, http::tenant};
use gatewright_contract::TenantId;
use gatewright_core::{Problem, Tenant};
use gatewright_oauth::{OAuthError, discovery::Discovery};
use gatewright_plugin::{House, or_problem, request::knows};
use poem::{
    Request, Response,
    http::{Method, StatusCode, header},
};
use quick_cache::sync::Cache;
use serde_json::{Value, json};
use std::sync::Arc;

/// For a change of the settings to be seen soon, and a key to be published before it signs.
const KEEP: &str = "public, max-age=300";

/// As many tenants are kept; the least used goes.
const TENANTS: usize = 10_000;

/// Documents by tenant, each of one revision.
type Kept = Arc<Cache<TenantId, (i64, Arc<Discovery>)>>;

/// Both places of it.
pub(crate) fn endpoints(house: &House) -> [Endpoint; 2] {
    let kept = Arc::new(Cache::new(TENANTS));
    let openid = (
        "/api/oidc/{tenant_id}/.well-known/openid-configuration",
        "getDiscovery",
        "What the provider can do (OpenID Connect Discovery)",
    );
    let oauth = (
        "/.well-known/oauth-authorization-server/api/oidc/{tenant_id}",
        "getAuthorizationServerMetadata",
        "What the provider can do (RFC 8414)",
    );
    [openid, oauth].map(|(path, id, summary)| {
        let kept = kept.clone();
        let handle = move |house: House, request: Request| {
            let kept = kept.clone();
            async move { or_problem(reply(&kept, &house, &request).await) }
        };
        Endpoint::new(house, (Method::GET, path), operation(id, summary), handle)
            .with([("OidcDiscovery", schema())])
            .shared()
    })
}

fn operation(id: &str, summary: &str) -> Value {
    json!({
        "operationId": id,
        "tags": ["oidc"],
        "summary": summary,
        "description": "Where the endpoints are and what they take. The issuer is `https://host/api/oidc/{tenant_id}`. Nothing is \
            named that is not there.",
        "security": [],
        "parameters": [describe::tenant_id()],
        "responses": {
            "200": describe::problem("OidcDiscovery", "The document."),
            "304": {"description": "The document that `If-None-Match` names is still the one."},
            "404": describe::problem("HttpError", "There is no such tenant."),
        },
    })
}

fn schema() -> Value {
    json!({
        "type": "object",
        "description": "The metadata of an authorization server (OpenID Connect Discovery, section 3; RFC 8414, section 2).",
        "required": ["issuer", "jwks_uri"],
        "properties": {
            "issuer": {"type": "string", "description": "`iss` of everything that is signed here."},
            "jwks_uri": {"type": "string", "description": "The public keys."},
        },
        "additionalProperties": true,
        "example": {
            "issuer": "https://id.example.com/api/oidc/default",
            "jwks_uri": "https://id.example.com/api/oidc/default/.well-known/jwks",
            "authorization_endpoint": "https://id.example.com/api/oidc/default/authorize",
            "token_endpoint": "https://id.example.com/api/oidc/default/token",
        },
    })
}

async fn reply(kept: &Kept, house: &House, request: &Request) -> Result<Response, Problem> {
    let tenant = tenant(house, request).await?;
    let document = document(kept, house, &tenant).map_err(problem)?;
    let reply = Response::builder().header(header::ETAG, &document.etag).header(header::CACHE_CONTROL, KEEP);
    Ok(match knows(request.headers(), &document.etag) {
        true => reply.status(StatusCode::NOT_MODIFIED).finish(),
        false => reply.content_type("application/json").body(document.body.to_vec()),
    })
}

fn document(kept: &Kept, house: &House, tenant: &Tenant) -> Result<Arc<Discovery>, OAuthError> {
    if let Some((_, known)) = kept.get(&tenant.id).filter(|(rev, _)| *rev == tenant.rev) {
        return Ok(known);
    }
    let served = house.document.get();
    let there = |path: &str| served["paths"].get(path).is_some();
    let made = Arc::new(house.provider.discovery(tenant, there)?);
    kept.insert(tenant.id.clone(), (tenant.rev, made.clone()));
    Ok(made)
}

fn problem(error: OAuthError) -> Problem {
    error.cause.map_or_else(|| Problem::unavailable(None), |problem| *problem)
}
