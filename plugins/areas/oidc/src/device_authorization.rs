//! `POST /{tenant_id}/device_authorization` (RFC 8628, section 3.1).

use crate::{
    Endpoint,
    asks::Asks,
    describe,
    http::{error_schema, json_reply, refusal},
};
use gatewright_contract::Fault;
use gatewright_oauth::OAuthError;
use gatewright_plugin::House;
use poem::{
    Request, Response,
    http::{Method, StatusCode, header},
};
use serde_json::{Value, json};

pub(crate) fn endpoint(house: &House) -> Endpoint {
    let fields = [
        ("client_id", "The client that the device is.", "television"),
        ("client_secret", "Its secret, where it has one and shows it here.", "the-secret-of-the-client"),
        (
            "scope",
            "What the device asks for, divided by spaces; all of it registered for the client.",
            "openid profile",
        ),
        (
            "resource",
            "For whom its access tokens are to be (RFC 8707); may be given several times.",
            "https://api.example.com",
        ),
    ];
    let operation = json!({
        "operationId": "beginDeviceAuthorization",
        "tags": ["oidc"],
        "summary": "Codes for a device without a keyboard",
        "description": "Device authorization (RFC 8628). The device shows the user code, or a picture of `verification_uri_complete`; its \
            person types it at `verification_uri` and decides. Meanwhile the device asks the token endpoint with the device code, \
            and not more often than `interval` says.",
        "security": [],
        "parameters": [describe::tenant_id()],
        "requestBody": describe::form(&fields, &["client_id", "scope"]),
        "responses": {
            "200": describe::problem("OidcDeviceAuthorization", "Both codes, shown once."),
            "400": describe::refusal("The form, the scope or the resource is not good, or the client may not do this."),
            "401": describe::refusal("The client is unknown, or did not prove who it is."),
            "404": describe::problem("HttpError", "There is no such tenant."),
            "429": describe::problem("HttpError", "Too many requests; `Retry-After` says how long to wait."),
            "503": describe::problem("HttpError", "The server can't do this now; `Retry-After` says when to try again."),
        },
    });
    Endpoint::new(house, (Method::POST, "/api/oidc/{tenant_id}/device_authorization"), operation, handle)
        .with([("OidcDeviceAuthorization", schema()), error_schema()])
        .shared()
}

fn schema() -> Value {
    json!({
        "type": "object",
        "description": "Codes for a device (RFC 8628, section 3.2).",
        "required": ["device_code", "user_code", "verification_uri", "verification_uri_complete", "expires_in", "interval"],
        "properties": {
            "device_code": {"type": "string", "description": "For the token endpoint; nobody else sees it."},
            "user_code": {"type": "string", "description": "For the person. Small letters and a missing hyphen do no harm."},
            "verification_uri": {"type": "string", "description": "Where the person types it."},
            "verification_uri_complete": {"type": "string", "description": "The same with the code: for a picture."},
            "expires_in": {"type": "integer", "description": "Seconds for which both codes are good."},
            "interval": {"type": "integer", "description": "Seconds between two questions; 5 more after each `slow_down`."},
        },
        "example": {
            "device_code": "gwdc_YW4gaWQgb2YgMTYgYnl0ZXMsIGFuZCAzMiByYW5kb20gb25lcyBhZnRlciBpdC4",
            "user_code": "BCDF-GHJK",
            "verification_uri": "https://id.example.com/ui/default/device",
            "verification_uri_complete": "https://id.example.com/ui/default/device?user_code=BCDF-GHJK",
            "expires_in": 600,
            "interval": 5,
        },
    })
}

async fn handle(house: House, mut request: Request) -> poem::Result<Response> {
    let basic = request.headers().contains_key(header::AUTHORIZATION);
    Ok(match reply(&house, &mut request).await {
        Ok(codes) => json_reply(StatusCode::OK, &codes),
        Err(error) => refusal(&error, basic),
    })
}

async fn reply(house: &House, request: &mut Request) -> Result<Value, OAuthError> {
    let Asks { tenant, client, form, origin } = Asks::read(house, request, "device_authorization").await?;
    let codes = house.provider.device_begin(&tenant, &client, &form, &origin).await?;
    Ok(serde_json::to_value(&codes).map_err(|e| Fault::caused("codes for a device can't be JSON", e))?)
}
