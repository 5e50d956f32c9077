//! `POST /{tenant_id}/par`: pushed authorization requests (RFC 9126).

use crate::{
    Endpoint, authorize, describe,
    http::{credentials, endpoint_url, error_schema, form, json_reply, refusal, tenant},
};
use gatewright_oauth::{OAuthError, request::Pushed};
use gatewright_plugin::House;
use poem::{
    Request, Response,
    http::{Method, StatusCode, header},
};
use serde_json::{Value, json};

pub(crate) fn endpoint(house: &House) -> Endpoint {
    Endpoint::new(house, (Method::POST, "/api/oidc/{tenant_id}/par"), operation(), handle)
        .with([error_schema(), ("OidcPushedRequest", schema())])
        .shared()
}

fn operation() -> Value {
    let mut parameters = authorize::parameters().to_vec();
    parameters.retain(|(name, ..)| *name != "request_uri");
    parameters.extend([
        ("client_secret", "The secret, for `client_secret_post`.", "s3cret"),
        (
            "client_assertion_type",
            "For `private_key_jwt`.",
            "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        ),
        ("client_assertion", "The assertion of `private_key_jwt`.", "eyJhbGciOiJFZERTQSJ9.e30.c2ln"),
    ]);
    json!({
        "operationId": "pushAuthorizationRequest",
        "tags": ["oidc"],
        "summary": "Push an authorization request",
        "description": "Takes an authorization request from the client itself (RFC 9126). The browser then brings `client_id` and \
                        `request_uri` to the authorization endpoint, once, within a minute. A DPoP proof binds the code to its \
                        key (RFC 9449, section 10.1).",
        "security": [],
        "parameters": [describe::tenant_id()],
        "requestBody": describe::form(&parameters, &["client_id"]),
        "responses": {
            "201": {
                "description": "Taken.",
                "content": {"application/json": {"schema": {"$ref": "#/components/schemas/OidcPushedRequest"}}},
            },
            "400": describe::refusal("What is wrong with the request."),
            "401": describe::refusal("The client did not prove who it is."),
            "404": describe::problem("HttpError", "There is no such tenant."),
        },
    })
}

fn schema() -> Value {
    json!({
        "type": "object",
        "description": "A request that was pushed (RFC 9126, section 2.2).",
        "required": ["request_uri", "expires_in"],
        "properties": {
            "request_uri": {"type": "string", "description": "Its name, good once."},
            "expires_in": {"type": "integer", "description": "For how many seconds it is good."},
        },
        "example": {"request_uri": "urn:ietf:params:oauth:request_uri:gwp_x", "expires_in": 60},
    })
}

async fn handle(house: House, mut request: Request) -> poem::Result<Response> {
    let basic = request.headers().contains_key(header::AUTHORIZATION);
    Ok(match push(&house, &mut request).await {
        Ok(pushed) => {
            let body = json!({"request_uri": pushed.request_uri, "expires_in": pushed.expires_in});
            json_reply(StatusCode::CREATED, &body)
        }
        Err(error) => refusal(&error, basic),
    })
}

async fn push(house: &House, request: &mut Request) -> Result<Pushed, OAuthError> {
    let (tenant, provider) = (tenant(house, request).await?, &house.provider);
    let params = form(request).await?;
    let shown = credentials(request, &params, endpoint_url(provider, &tenant, "par"), "POST")?;
    let client = provider.authenticate(&tenant, &shown).await?;
    provider.push_request(&tenant, &client, &params, &shown).await
}
