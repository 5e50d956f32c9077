//! `POST /{tenant_id}/authorizejwt`: an authorization request that the application answers in its own pages
//! (`docs/decisions/0018-the-seam-for-jwt-idaas.md`).

use crate::{
    Endpoint, authorize, describe,
    http::{error_schema, form, json_reply, query, refusal, tenant},
};
use gatewright_oauth::{OAuthError, Params, request::InApp};
use gatewright_plugin::House;
use poem::{
    Request, Response,
    http::{Method, StatusCode, header},
};
use serde_json::{Value, json};

pub(crate) fn endpoint(house: &House) -> Endpoint {
    Endpoint::new(house, (Method::POST, "/api/oidc/{tenant_id}/authorizejwt"), operation(), handle)
        .with([error_schema(), ("OidcInAppRequest", schema())])
        .shared()
}

/// What is heard here.
const HEARD: &[&str] = &[
    "client_id",
    "scope",
    "state",
    "nonce",
    "code_challenge",
    "code_challenge_method",
    "max_age",
    "acr_values",
    "claims",
    "resource",
];

fn operation() -> Value {
    let mut parameters = authorize::parameters().to_vec();
    parameters.retain(|(name, ..)| HEARD.contains(name));
    let required = ["client_id", "scope", "code_challenge", "code_challenge_method"];
    let mut body = describe::form(&parameters, &required);
    body["required"] = json!(false);
    json!({
        "operationId": "authorizeInApp",
        "tags": ["oidc"],
        "summary": "Begin a login in the application's own pages",
        "description": "For clients of the IDaaS authentication API: keeps what is asked, for ten minutes. The `authRequestKey` \
                        is redeemed once at the token endpoint with `grant_type=jwt_idaas`, the token of a completed \
                        authentication and the `code_verifier`. The parameters come in the form or, without one, in the query.",
        "security": [],
        "parameters": [describe::tenant_id()],
        "requestBody": body,
        "responses": {
            "200": {
                "description": "Kept.",
                "content": {"application/json": {"schema": {"$ref": "#/components/schemas/OidcInAppRequest"}}},
            },
            "400": describe::refusal("What is wrong with the request."),
            "401": describe::refusal("There is no such client."),
            "404": describe::problem("HttpError", "There is no such tenant."),
        },
    })
}

fn schema() -> Value {
    json!({
        "type": "object",
        "description": "A request that waits for a login in the application.",
        "required": ["authRequestKey", "applicationId"],
        "properties": {
            "authRequestKey": {"type": "string", "description": "Its name: `code` of the token request. Good once."},
            "applicationId": {
                "type": "string",
                "description": "The IDaaS application to log in to: it is called as the tenant is.",
            },
        },
        "example": {"authRequestKey": "gwj_x", "applicationId": "default"},
    })
}

async fn handle(house: House, mut request: Request) -> poem::Result<Response> {
    Ok(match begin(&house, &mut request).await {
        Ok(kept) => {
            let body = json!({"authRequestKey": kept.key.expose(), "applicationId": kept.application});
            json_reply(StatusCode::OK, &body)
        }
        Err(error) => refusal(&error, false),
    })
}

async fn begin(house: &House, request: &mut Request) -> Result<InApp, OAuthError> {
    let tenant = tenant(house, request).await?;
    let params: Params =
        match request.headers().contains_key(header::CONTENT_TYPE) && request.uri().query().is_none() {
            true => form(request).await?,
            false => query(request)?,
        };
    house.provider.begin_in_app(&tenant, &params).await
}
