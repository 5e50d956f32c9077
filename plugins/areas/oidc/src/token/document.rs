//! The token endpoint in the document. The names are those of the vault contract and of the RFCs.

use crate::http::error_schema;
use serde_json::{Map, Value, json};

const ABOUT: &str = "The grant type says what is brought: a code (RFC 6749 with PKCE), a refresh token, nothing but the client \
itself, a device code (RFC 8628), a token to be exchanged (RFC 8693), an assertion (RFC 7523), or a finished authentication \
of the IDaaS API. Only what the client is registered for is taken. A code and a refresh token are good once: when one comes \
again, everything that was granted with it ends. The client proves who it is in the one way that it is registered for, and \
binds its tokens to a key with the header `DPoP` (RFC 9449) or to its certificate (RFC 8705).";

/// The fields of the form: name, what it is.
const FIELDS: &[(&str, &str)] = &[
    (
        "client_id",
        "The client. It may be left out where `Authorization: Basic` or `client_assertion` names it.",
    ),
    (
        "grant_type",
        "`authorization_code`, `refresh_token`, `client_credentials`, `jwt_idaas`, or of `urn:ietf:params:oauth:grant-type:` \
         `device_code`, `token-exchange`, `jwt-bearer`.",
    ),
    ("client_secret", "The secret of a client that shows it in the form."),
    ("redirect_uri", "The redirect URI of the authorization request, where that named one."),
    ("code", "The authorization code; with `jwt_idaas` the `authRequestKey`."),
    ("refresh_token", "The refresh token; the one in the reply takes its place."),
    ("code_verifier", "What `code_challenge` is the hash of (RFC 7636)."),
    ("scope", "Less than was granted; what the client asks for with `client_credentials`."),
    ("resource", "For whom the access token is to be (RFC 8707); may be given several times."),
    ("device_code", "The device code (RFC 8628)."),
    ("subject_token", "The token that is exchanged (RFC 8693)."),
    ("subject_token_type", "What it is: an access token or an ID token of this server."),
    ("actor_token", "The access token of who acts: the client itself."),
    ("actor_token_type", "What that is."),
    ("requested_token_type", "What is wanted: an access token."),
    ("audience", "The same as `resource`, for a name that is no URL; may be given several times."),
    ("assertion", "A JWT that the client has signed about a person (RFC 7523, section 2.1)."),
    ("jwt", "With `jwt_idaas`: the token of the finished authentication."),
    ("client_assertion", "A JWT that says who the client is (RFC 7523, section 2.2)."),
    ("client_assertion_type", "`urn:ietf:params:oauth:client-assertion-type:jwt-bearer`."),
];

/// The operation with the tenant in the path.
pub(super) fn in_path(id: &str, summary: &str) -> Value {
    let mut operation = operation(id, summary, "TokenForm", example());
    operation["parameters"] = json!([{
        "name": "tenant_id", "in": "path", "required": true, "description": "The tenant.",
        "schema": {"type": "string", "example": "default"},
    }]);
    operation
}

/// The operation with the tenant in the form.
pub(super) fn in_form() -> Value {
    let mut example = example();
    example["tenant_id"] = json!("default");
    operation(
        "tokenExchange",
        "The token endpoint with the tenant in the form",
        "TokenFormWithTenant",
        example,
    )
}

fn example() -> Value {
    json!({
        "grant_type": "authorization_code",
        "client_id": "shop",
        "code": "gwc_dGhlIGNvZGUgb2YgdGhlIGV4YW1wbGUsIG5vIG9uZXM",
        "redirect_uri": "https://shop.example/callback",
        "code_verifier": "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
    })
}

fn operation(id: &str, summary: &str, form: &str, example: Value) -> Value {
    let reply = |description: &str, schema: &str| {
        let schema = json!({"$ref": format!("#/components/schemas/{schema}")});
        json!({"description": description, "content": {"application/json": {"schema": schema}}})
    };
    let mut tokens = reply("Tokens, shown once.", "TokenResponse");
    tokens["headers"] =
        json!({"Cache-Control": {"description": "`no-store`.", "schema": {"type": "string"}}});
    json!({
        "operationId": id,
        "tags": ["oidc"],
        "summary": summary,
        "description": ABOUT,
        "security": [],
        "requestBody": {"required": true, "content": {"application/x-www-form-urlencoded": {
            "schema": {"$ref": format!("#/components/schemas/{form}")},
            "example": example,
        }}},
        "responses": {
            "200": tokens,
            "400": reply("The grant, the scope or the request is not good; `error` says what.", "OAuthError"),
            "401": reply("The client did not prove who it is.", "OAuthError"),
            "404": reply("There is no such tenant.", "HttpError"),
            "422": reply("A field that every request has is missing.", "HTTPValidationError"),
            "429": reply("Too many requests; `Retry-After` says how long to wait.", "HttpError"),
            "500": reply("A mistake of the server; the log knows more.", "HttpError"),
            "503": reply("The server can't do this now; `Retry-After` says when to try again.", "HttpError"),
        },
    })
}

pub(super) fn schemas() -> Vec<(&'static str, Value)> {
    let form = |about: &str, more: Option<&str>| {
        let text = |about: &str| json!({"type": "string", "description": about});
        let mut fields: Map<String, Value> =
            FIELDS.iter().map(|(name, about)| ((*name).to_owned(), text(about))).collect();
        let mut required = vec!["client_id", "grant_type"];
        if let Some(name) = more {
            fields.insert(name.to_owned(), text("The tenant."));
            required.push(name);
        }
        json!({"type": "object", "description": about, "required": required, "properties": fields})
    };
    let mut all = vec![
        (
            "TokenForm",
            form("A request for tokens. No field but `resource` and `audience` is given twice.", None),
        ),
        ("TokenFormWithTenant", form("A request for tokens that names the tenant.", Some("tenant_id"))),
        ("TokenResponse", response()),
        error_schema(),
    ];
    all.extend(gatewright_vault::validation_error_schemas());
    all
}

fn response() -> Value {
    json!({
        "type": "object",
        "description": "Tokens. With the scope `2fa` there is an ID token alone.",
        "required": ["token_type", "expires_in"],
        "properties": {
            "access_token": {"type": "string", "nullable": true, "description": "Opens what was granted."},
            "refresh_token": {
                "type": "string", "nullable": true, "description": "Good for the next tokens, once.",
            },
            "id_token": {
                "type": "string", "nullable": true, "description": "Who has logged in, and how: a signed JWT.",
            },
            "token_type": {
                "type": "string", "default": "Bearer",
                "description": "How the access token is shown: `Bearer`, or `DPoP` where it is bound to a key.",
            },
            "expires_in": {"type": "integer", "description": "Seconds for which the access token is good."},
            "scope": {"type": "string", "description": "What was granted, divided by spaces."},
            "issued_token_type": {
                "type": "string", "description": "What the access token is, where one was exchanged (RFC 8693).",
            },
        },
        "example": {
            "access_token": "gwo_b3BhcXVlIGFuZCBub3QgZ29vZCBmb3IgYW55dGhpbmc_default",
            "refresh_token": "gwr_c2hvd24gb25jZQ",
            "id_token": "eyJhbGciOiJFZERTQSJ9.e30.c2lnbmVk",
            "token_type": "Bearer",
            "expires_in": 600,
            "scope": "openid email",
        },
    })
}
