//! `GET /jwks`: bytes that are ready, so there is no typed handler here.

use gatewright_contract::TenantId;
use gatewright_core::Problem;
use gatewright_openapi::Fragment;
use gatewright_plugin::{ApiArea, House, RouteTable, problem, request::knows};
use poem::{
    EndpointExt, Request, Response,
    endpoint::make,
    http::{Method, StatusCode, header},
};
use serde::Deserialize;
use serde_json::{Value, json};

/// Less than the shortest time for which a key is published before it signs (an hour), and short enough for a key
/// that was taken out.
const KEEP: &str = "public, max-age=900";

#[derive(Clone)]
pub(crate) struct PublicKeys(House);

#[derive(Deserialize)]
struct Query {
    tenant: Option<String>,
}

impl PublicKeys {
    pub(crate) fn new(house: &House) -> Self {
        Self(house.clone())
    }

    async fn reply(&self, request: &Request) -> Result<Response, Problem> {
        let query: Query =
            request.params().map_err(|_| Problem::invalid("`tenant` is given at most once, as text."))?;
        let id = tenant(query.tenant.as_deref(), &TenantId::default_tenant())?;
        let tenant = self.0.engine.tenant(&id).await?;
        let jwks = self.0.engine.signer().public_jwks(&tenant.id).await?;
        let reply = Response::builder().header(header::ETAG, &jwks.etag).header(header::CACHE_CONTROL, KEEP);
        Ok(match knows(request.headers(), &jwks.etag) {
            true => reply.status(StatusCode::NOT_MODIFIED).finish(),
            false => reply.content_type("application/json").body(jwks.body.to_vec()),
        })
    }
}

/// The tenant that a request names.
pub(crate) fn tenant(given: Option<&str>, otherwise: &TenantId) -> Result<TenantId, Problem> {
    match given {
        None => Ok(otherwise.clone()),
        Some(text) => TenantId::parse(text).ok_or_else(|| Problem::not_found("tenant")),
    }
}

impl ApiArea for PublicKeys {
    fn fragment(&self) -> Result<Fragment, String> {
        let mut fragment = Fragment::default();
        fragment.schemas.insert("KeysJwkSet".to_owned(), set());
        fragment.operation("/jwks", "get", operation());
        Ok(fragment)
    }

    fn routes(self: Box<Self>) -> RouteTable {
        let keys = *self;
        let endpoint = make(move |request: Request| {
            let keys = keys.clone();
            async move { keys.reply(&request).await.map_err(problem) }
        });
        [("/jwks".to_owned(), [(Method::GET, endpoint.map_to_response().boxed())].into())].into()
    }
}

fn operation() -> Value {
    json!({
        "operationId": "jwks",
        "tags": ["keys"],
        "summary": "The public signing keys",
        "description": "A JWK set (RFC 7517): what verifies the server's signatures. Kept for as long as `Cache-Control` \
                        says; fetch it anew once when a token names a key that is not in it.",
        "security": [],
        "parameters": [{
            "name": "tenant", "in": "query", "required": false,
            "description": "Whose keys. Left out: those of the default tenant.",
            "schema": {"type": "string", "example": "default"},
        }],
        "responses": {
            "200": {
                "description": "The published keys; none until something was signed. `ETag` names this set of them.",
                "content": {"application/json": {"schema": {"$ref": "#/components/schemas/KeysJwkSet"}}},
            },
            "304": {"description": "The set that `If-None-Match` names is still the one."},
        },
    })
}

fn set() -> Value {
    let text = |description: &str| json!({"type": "string", "description": description});
    json!({
        "type": "object",
        "description": "A JWK set (RFC 7517, section 5).",
        "required": ["keys"],
        "properties": {"keys": {
            "type": "array",
            "description": "The current keys first, then those that will sign, then those that did.",
            "items": {
                "type": "object",
                "description": "A public key.",
                "required": ["kty", "kid", "alg", "use"],
                "properties": {
                    "kty": text("Sort of key: `OKP`, `EC` or `RSA`."),
                    "kid": text("Its thumbprint (RFC 7638)."),
                    "alg": text("`EdDSA`, `ES256` or `RS256`."),
                    "use": text("`sig`."),
                    "crv": text("The curve, of `OKP` and `EC`."),
                    "x": text("Of `OKP` and `EC`."),
                    "y": text("Of `EC`."),
                    "n": text("The modulus, of `RSA`."),
                    "e": text("The exponent, of `RSA`."),
                },
            },
        }},
        "example": {"keys": [{
            "kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig",
            "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
            "kid": "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k",
        }]},
    })
}
