//! `POST /{tenant_id}/revoke` (RFC 7009).

use crate::{
    Endpoint,
    asks::Asks,
    describe,
    http::{error_schema, refusal},
};
use gatewright_oauth::OAuthError;
use gatewright_plugin::House;
use poem::{
    Request, Response,
    http::{Method, StatusCode, header},
};
use serde_json::json;

pub(crate) fn endpoint(house: &House) -> Endpoint {
    let fields = [
        ("token", "The token that is to end.", "gwr_b25lIG9mIG5vYm9keSBhbmQgZ29vZCBmb3Igbm90aGluZw"),
        ("token_type_hint", "Not needed: a token says itself what it is.", "refresh_token"),
        ("client_id", "The client whose token it is.", "shop"),
        ("client_secret", "Its secret, where it shows it here.", "the-secret-of-the-client"),
    ];
    let operation = json!({
        "operationId": "revokeToken",
        "tags": ["oidc"],
        "summary": "Take a token back",
        "description": "Token revocation (RFC 7009). An access token ends alone; with a refresh token everything ends that was granted with \
            it. A token that is unknown, ended or another client's changes nothing, and the reply is the same.",
        "security": [],
        "parameters": [describe::tenant_id()],
        "requestBody": describe::form(&fields, &["token"]),
        "responses": {
            "200": {"description": "It is not good any more, or never was."},
            "400": describe::refusal("The form is not good."),
            "401": describe::refusal("The client did not prove who it is."),
            "404": describe::problem("HttpError", "There is no such tenant."),
            "429": describe::problem("HttpError", "Too many requests; `Retry-After` says how long to wait."),
            "503": describe::problem("HttpError", "Nothing was taken back; `Retry-After` says when to try again."),
        },
    });
    Endpoint::new(house, (Method::POST, "/api/oidc/{tenant_id}/revoke"), operation, handle)
        .with([error_schema()])
        .shared()
}

async fn handle(house: House, mut request: Request) -> poem::Result<Response> {
    let basic = request.headers().contains_key(header::AUTHORIZATION);
    Ok(match reply(&house, &mut request).await {
        Ok(()) => {
            Response::builder().status(StatusCode::OK).header(header::CACHE_CONTROL, "no-store").finish()
        }
        Err(error) => refusal(&error, basic),
    })
}

async fn reply(house: &House, request: &mut Request) -> Result<(), OAuthError> {
    let Asks { tenant, client, form, origin } = Asks::read(house, request, "revoke").await?;
    house.provider.revoke(&tenant, &client, form.required("token")?, &origin).await
}
