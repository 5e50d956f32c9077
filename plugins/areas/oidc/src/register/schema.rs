//! The part of the document about registration.

use serde_json::{Map, Value, json};

fn parameter(name: &str, about: &str, example: &str) -> Value {
    json!({
        "name": name, "in": "path", "required": true, "description": about,
        "schema": {"type": "string", "example": example},
    })
}

fn of_tenant() -> Value {
    parameter("tenant_id", "The tenant.", "default")
}

fn of_client() -> Value {
    parameter("client_id", "The client.", "shop")
}

fn content(schema: &str) -> Value {
    json!({"application/json": {"schema": {"$ref": format!("#/components/schemas/{schema}")}}})
}

fn responses(status: &str, success: Value, bad: bool) -> Value {
    let refusal = |about: &str| json!({"description": about, "content": content("OAuthError")});
    let mut all = json!({
        "401": refusal("The token is missing, unknown, or not that of this client."),
        "403": refusal("Registration is off in this tenant, or the token is not good for it."),
        "404": {"description": "There is no such tenant.", "content": content("HttpError")},
    });
    all[status] = success;
    if bad {
        all["400"] = refusal("What can't be registered, and what would be right.");
    }
    all
}

fn body() -> Value {
    let mut content = content("ClientMetadata");
    content["application/json"]["example"] = example();
    json!({"required": true, "description": "What the client is (RFC 7591, section 2).", "content": content})
}

pub(super) fn register() -> Value {
    let made = json!({
        "description": "Registered. Keep `client_secret` and `registration_access_token`: they are not shown again.",
        "content": content("ClientInformation"),
    });
    json!({
        "operationId": "registerClient",
        "tags": ["oidc"],
        "summary": "Register a client",
        "description": "Dynamic registration (RFC 7591): off unless the tenant has `oidc.registration = \"token\"`. Takes \
                        an access token or an API key with `clients.write`. Nothing that the metadata point at is fetched.",
        "security": [{"HTTPBearer": []}],
        "parameters": [of_tenant()],
        "requestBody": body(),
        "responses": responses("201", made, true),
    })
}

pub(super) fn show() -> Value {
    let found = json!({"description": "What is registered, without the secret.", "content": content("ClientInformation")});
    json!({
        "operationId": "getRegisteredClient",
        "tags": ["oidc"],
        "summary": "What a client has registered",
        "description": "Takes the registration access token of the client (RFC 7592).",
        "security": [{"HTTPBearer": []}],
        "parameters": [of_tenant(), of_client()],
        "responses": responses("200", found, false),
    })
}

pub(super) fn change() -> Value {
    let now = json!({
        "description": "What is registered now, with a new `registration_access_token`: the old one is no longer good.",
        "content": content("ClientInformation"),
    });
    json!({
        "operationId": "updateRegisteredClient",
        "tags": ["oidc"],
        "summary": "Replace what a client has registered",
        "description": "What is left out takes its default (RFC 7592, section 2.2). The body names its `client_id`.",
        "security": [{"HTTPBearer": []}],
        "parameters": [of_tenant(), of_client()],
        "requestBody": body(),
        "responses": responses("200", now, true),
    })
}

pub(super) fn delete() -> Value {
    json!({
        "operationId": "deleteRegisteredClient",
        "tags": ["oidc"],
        "summary": "Delete a client that registered itself",
        "description": "With all that people gave it. One that an administrator has locked stays.",
        "security": [{"HTTPBearer": []}],
        "parameters": [of_tenant(), of_client()],
        "responses": responses("204", json!({"description": "Gone."}), false),
    })
}

/// Members of RFC 7591 and of those that add to it: type and meaning.
const MEMBERS: &[(&str, &str, &str)] = &[
    ("client_name", "string", "Its name for people."),
    ("redirect_uris", "list", "Where codes may go."),
    ("token_endpoint_auth_method", "string", "How it proves who it is. Left out: `client_secret_basic`."),
    ("grant_types", "list", "The grants that it uses. Left out: `authorization_code`."),
    ("response_types", "list", "`code`, and nothing else."),
    (
        "scope",
        "string",
        "The scopes that it may ask for, divided by spaces. Left out: `openid profile email`.",
    ),
    ("id_token_signed_response_alg", "string", "How its tokens are signed. Left out: `RS256`."),
    ("subject_type", "string", "`public` (left out) or `pairwise`."),
    ("client_uri", "string", "Its home."),
    ("logo_uri", "string", "Its picture."),
    ("policy_uri", "string", "Its privacy policy."),
    ("tos_uri", "string", "Its terms of service."),
    ("contacts", "list", "Addresses of the people behind it."),
    ("jwks", "object", "Its public keys."),
    ("jwks_uri", "string", "Where they are. Fetched when they are needed, not now."),
    ("tls_client_auth_subject_dn", "string", "The subject of its certificate (RFC 8705)."),
    ("tls_client_auth_san_dns", "string", "Or one DNS name of it."),
    (
        "tls_client_certificate_bound_access_tokens",
        "boolean",
        "Whether its tokens are bound to its certificate.",
    ),
    ("dpop_bound_access_tokens", "boolean", "Whether its tokens are bound to a DPoP key (RFC 9449)."),
    ("require_pushed_authorization_requests", "boolean", "Whether its requests must be pushed (RFC 9126)."),
    ("require_signed_request_object", "boolean", "Whether its requests must be signed (RFC 9101)."),
    ("default_max_age", "integer", "How long somebody may have been logged in, in seconds."),
    ("default_acr_values", "list", "The least assurance that it takes: the first counts."),
    ("post_logout_redirect_uris", "list", "Where a person may be sent after a logout."),
    ("backchannel_logout_uri", "string", "Gets a logout token by POST."),
    ("backchannel_logout_session_required", "boolean", "Whether it needs `sid` there."),
    ("frontchannel_logout_uri", "string", "Is loaded in a frame of the logout page."),
    ("frontchannel_logout_session_required", "boolean", "Whether it needs `iss` and `sid` there."),
];

/// What the server adds.
const GIVEN: &[(&str, &str, &str)] = &[
    ("client_id", "string", "Its name in the protocol."),
    ("client_id_issued_at", "integer", "When it was made, in seconds since 1970."),
    ("client_secret", "string", "Its secret: only where one was made just now."),
    ("client_secret_expires_at", "integer", "0: never."),
    ("registration_client_uri", "string", "Where it looks after itself."),
    ("registration_access_token", "string", "With what."),
];

fn members(all: &[(&str, &str, &str)]) -> Map<String, Value> {
    let of = |(name, kind, about): &(&str, &str, &str)| {
        let schema = match *kind {
            "list" => json!({"type": "array", "description": about, "items": {"type": "string"}}),
            "object" => json!({"type": "object", "description": about, "additionalProperties": true}),
            kind => json!({"type": kind, "description": about}),
        };
        ((*name).to_owned(), schema)
    };
    all.iter().map(of).collect()
}

fn example() -> Value {
    json!({
        "client_name": "Shop",
        "redirect_uris": ["https://shop.example/callback"],
        "grant_types": ["authorization_code", "refresh_token"],
        "scope": "openid profile email",
    })
}

pub(super) fn metadata() -> Value {
    let mut properties = members(MEMBERS);
    properties.extend(members(&GIVEN[..1]));
    json!({
        "type": "object",
        "description": "What a client is (RFC 7591, section 2). Members that are not known here are left out of the reply.",
        "properties": properties,
        "example": example(),
    })
}

pub(super) fn information() -> Value {
    let mut properties = members(MEMBERS);
    properties.extend(members(GIVEN));
    json!({
        "type": "object",
        "description": "What is registered (RFC 7591, section 3.2.1).",
        "required": ["client_id", "registration_client_uri", "registration_access_token"],
        "properties": properties,
    })
}
