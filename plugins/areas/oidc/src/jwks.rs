//! `GET /{tenant_id}/.well-known/jwks`: bytes that are ready.

use crate::{Endpoint, http::tenant};
use gatewright_core::{Problem, signing::Algorithm};
use gatewright_plugin::{House, or_problem, request::knows};
use poem::{
    Request, Response,
    http::{Method, StatusCode, header},
};
use serde_json::json;

/// Less than the shortest time for which a key is published before it signs (an hour).
const KEEP: &str = "public, max-age=900";

pub(crate) fn endpoint(house: &House) -> Endpoint {
    let operation = json!({
        "operationId": "getJwks",
        "tags": ["oidc"],
        "summary": "The public signing keys",
        "description": "A JWK set (RFC 7517).",
        "security": [],
        "parameters": [{
            "name": "tenant_id", "in": "path", "required": true, "description": "The tenant.",
            "schema": {"type": "string", "example": "default"},
        }],
        "responses": {
            "200": {
                "description": "The published keys.",
                "content": {"application/json": {"schema": {"$ref": "#/components/schemas/OidcJwks"}}},
            },
            "304": {"description": "The set that `If-None-Match` names is still the one."},
            "404": {
                "description": "There is no such tenant.",
                "content": {"application/json": {"schema": {"$ref": "#/components/schemas/HttpError"}}},
            },
        },
    });
    let schema = json!({
        "type": "object",
        "description": "A JWK set (RFC 7517, section 5).",
        "required": ["keys"],
        "properties": {"keys": {
            "type": "array",
            "description": "Public keys.",
            "items": {"type": "object", "additionalProperties": true},
        }},
        "example": {"keys": [{
            "kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig",
            "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
            "kid": "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k",
        }]},
    });
    Endpoint::new(house, (Method::GET, "/api/oidc/{tenant_id}/.well-known/jwks"), operation, handle)
        .with([("OidcJwks", schema)])
        .shared()
}

async fn handle(house: House, request: Request) -> poem::Result<Response> {
    or_problem(reply(&house, &request).await)
}

async fn reply(house: &House, request: &Request) -> Result<Response, Problem> {
    let tenant = tenant(house, request).await?;
    // What discovery names is there before anything is signed with it: who keeps this set could not verify by a later key.
    for algorithm in Algorithm::ALL {
        house.engine.signer().current(&tenant.id, algorithm).await?;
    }
    let jwks = house.engine.signer().public_jwks(&tenant.id).await?;
    let reply = Response::builder().header(header::ETAG, &jwks.etag).header(header::CACHE_CONTROL, KEEP);
    Ok(match knows(request.headers(), &jwks.etag) {
        true => reply.status(StatusCode::NOT_MODIFIED).finish(),
        false => reply.content_type("application/json").body(jwks.body.to_vec()),
    })
}
