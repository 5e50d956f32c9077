//! `POST /{tenant_id}/introspect` (RFC 7662).

use crate::{
    Endpoint,
    asks::Asks,
    describe,
    http::{error_schema, json_reply, refusal},
};
use gatewright_oauth::OAuthError;
use gatewright_plugin::House;
use poem::{
    Request, Response,
    http::{Method, StatusCode, header},
};
use serde_json::{Value, json};

pub(crate) fn endpoint(house: &House) -> Endpoint {
    let fields = [
        (
            "token",
            "An access token or a refresh token of this tenant.",
            "gwo_b25lIG9mIG5vYm9keSBhbmQgZ29vZCBmb3Igbm90aGluZw_default",
        ),
        ("token_type_hint", "Not needed: a token says itself what it is.", "access_token"),
        ("client_id", "The client that asks.", "api"),
        ("client_secret", "Its secret, where it shows it here.", "the-secret-of-the-client"),
    ];
    let operation = json!({
        "operationId": "introspectToken",
        "tags": ["oidc"],
        "summary": "What a token is worth",
        "description": "Token introspection (RFC 7662), for clients that can keep a secret. A client is told of its own tokens, of those \
            that are for it, and of those for a resource that it is registered for; of every other token it hears what it hears of one \
            that is unknown, ended or revoked: `{\"active\": false}`. A token of this server itself is none of an application.",
        "security": [],
        "parameters": [describe::tenant_id()],
        "requestBody": describe::form(&fields, &["token"]),
        "responses": {
            "200": describe::problem("OidcIntrospection", "What the token is worth now."),
            "400": describe::refusal("The form is not good."),
            "401": describe::refusal("The client did not prove who it is, or can't."),
            "404": describe::problem("HttpError", "There is no such tenant."),
            "429": describe::problem("HttpError", "Too many requests; `Retry-After` says how long to wait."),
            "503": describe::problem("HttpError", "The server can't tell now; `Retry-After` says when to try again."),
        },
    });
    Endpoint::new(house, (Method::POST, "/api/oidc/{tenant_id}/introspect"), operation, handle)
        .with([("OidcIntrospection", schema()), error_schema()])
        .taking_forms()
}

fn schema() -> Value {
    let text = |about: &str| json!({"type": "string", "description": about});
    let number = |about: &str| json!({"type": "integer", "description": about});
    json!({
        "type": "object",
        "description": "What a token is worth (RFC 7662, section 2.2). Where it is not active, nothing else is said.",
        "required": ["active"],
        "properties": {
            "active": {"type": "boolean", "description": "Whether the token is good now."},
            "scope": text("What it is good for, divided by spaces."),
            "client_id": text("To whom it was issued."),
            "token_type": text("`Bearer` or `DPoP`; a refresh token has none."),
            "sub": text("What that client calls the person; its own name where there is none."),
            "aud": {"description": "For whom it is: one or several."},
            "iss": text("Who has made it."),
            "iat": number("When it was made, in seconds since 1970."),
            "exp": number("When it ends."),
            "jti": text("Its name."),
            "acr": text("How sure it is who has logged in."),
            "auth_time": number("When the person last proved who they are."),
            "cnf": {"type": "object", "description": "What it must be shown with (RFC 7800).", "additionalProperties": true},
            "act": {"type": "object", "description": "Who acts for the person (RFC 8693).", "additionalProperties": true},
        },
        "example": {
            "active": true, "scope": "openid email", "client_id": "shop", "token_type": "Bearer",
            "sub": "0198c5a0-0000-7000-8000-000000000000", "aud": "https://id.example.com/api/oidc/default",
            "iss": "https://id.example.com/api/oidc/default", "iat": 1_790_000_000, "exp": 1_790_000_600,
            "jti": "0198c5a0-0000-7000-8000-000000000001", "acr": "aal2", "auth_time": 1_790_000_000,
        },
    })
}

async fn handle(house: House, mut request: Request) -> poem::Result<Response> {
    let basic = request.headers().contains_key(header::AUTHORIZATION);
    Ok(match reply(&house, &mut request).await {
        Ok(said) => json_reply(StatusCode::OK, &said),
        Err(error) => refusal(&error, basic),
    })
}

async fn reply(house: &House, request: &mut Request) -> Result<Value, OAuthError> {
    let Asks { tenant, client, form, .. } = Asks::read(house, request, "introspect").await?;
    house.provider.introspect(&tenant, &client, form.required("token")?).await
}
