//! The userinfo endpoint in the document.

use crate::describe;
use gatewright_vault::VaultCaller;
use poem_openapi::{ApiExtractor, registry::Registry};
use serde_json::{Value, json};

pub(super) fn get() -> Value {
    operation("getUserInfo", "Who has logged in")
}

pub(super) fn post() -> Value {
    let mut operation = operation("postUserInfo", "Who has logged in, by form");
    let token = "gwo_b25lIG9mIG5vYm9keSBhbmQgZ29vZCBmb3Igbm90aGluZw_default";
    let fields = [("access_token", "The access token, where it is not in the header.", token)];
    operation["requestBody"] = describe::form(&fields, &["access_token"]);
    operation["requestBody"]["required"] = json!(false);
    operation
}

fn operation(id: &str, summary: &str) -> Value {
    json!({
        "operationId": id,
        "tags": ["oidc"],
        "summary": summary,
        "description": "What the client of the access token may learn of its person (OpenID Connect Core, section 5.3): the claims that the \
            scopes cover. The token needs the scope `openid` and is shown as what it is: `Bearer`, or `DPoP` with its proof (RFC 9449), \
            and one that is bound to a certificate over a connection with it (RFC 8705). An ID token is no access token. \
            With an access token of the server itself, or an API key with the scope `account`, somebody asks about themselves.",
        "security": [{"APIKeyHeader": []}, {"HTTPBearer": []}],
        "parameters": [describe::tenant_id()],
        "responses": {
            "200": describe::problem("OidcUserInfo", "Claims."),
            "400": describe::problem("HttpError", "There is more than one token, or the form is not good."),
            "401": describe::problem("HttpError", "The token is missing or not good; `WWW-Authenticate` says why."),
            "403": describe::problem("HttpError", "The token has not the scope `openid`."),
            "404": describe::problem("HttpError", "There is no such tenant."),
            "429": describe::problem("HttpError", "Too many requests; `Retry-After` says how long to wait."),
            "503": describe::problem("HttpError", "The server can't tell now; `Retry-After` says when to try again."),
        },
    })
}

pub(super) fn schemas() -> [(&'static str, Value); 1] {
    let schema = json!({
        "type": "object",
        "description": "Claims about a person (OpenID Connect Core, section 5.1). What is not known is left out.",
        "required": ["sub"],
        "properties": {
            "sub": {"type": "string", "description": "What this client calls the person."},
            "name": {"type": "string", "description": "The name to show."},
            "email": {"type": "string", "description": "The e-mail address."},
            "email_verified": {"type": "boolean", "description": "Whether it was proven."},
        },
        "additionalProperties": true,
        "example": {
            "sub": "0198c5a0-0000-7000-8000-000000000000",
            "name": "Alice Example",
            "preferred_username": "alice",
            "email": "alice@example.org",
            "email_verified": true,
        },
    });
    [("OidcUserInfo", schema)]
}

/// As the typed areas of the contract describe them.
pub(super) fn schemes() -> Vec<(String, Value)> {
    let mut registry = Registry::new();
    <VaultCaller as ApiExtractor>::register(&mut registry);
    let scheme = |(name, scheme)| (String::from(name), serde_json::to_value(scheme).unwrap_or_default());
    registry.security_schemes.iter().map(|(name, one)| scheme((*name, one))).collect()
}
