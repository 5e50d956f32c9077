//! `GET`, `POST /{tenant_id}/authorize`: takes a request and sends the browser to where it is answered. Who the browser
//! belongs to is not looked at here: the form may come from anywhere.

use crate::{
    Endpoint, describe,
    http::{form, query, tenant},
    page::{error_page, problem_page},
    respond::{answer, redirect},
};
use gatewright_core::Problem;
use gatewright_oauth::{OAuthError, Params, request::Begun};
use gatewright_plugin::House;
use poem::{
    Request, Response,
    http::{Method, StatusCode},
};
use serde_json::{Value, json};

const PATH: &str = "/api/oidc/{tenant_id}/authorize";

const ABOUT: &str = "The authorization endpoint (RFC 6749, section 3.1; OpenID Connect Core, section 3.1.2): code flow with \
                     PKCE. The browser is sent to the login, then to the consent, then back to the client with a code. An \
                     unknown client or redirect URI is told to the person on a page, everything else to the client.";

pub(crate) fn endpoints(house: &House) -> [Endpoint; 2] {
    [
        Endpoint::new(house, (Method::GET, PATH), get_operation(), by_query),
        Endpoint::new(house, (Method::POST, PATH), post_operation(), by_form).taking_forms(),
    ]
    .map(|endpoint| endpoint.with(gatewright_vault::validation_error_schemas()))
}

async fn by_query(house: House, request: Request) -> poem::Result<Response> {
    let params = query(&request);
    Ok(begin(&house, &request, params, StatusCode::FOUND).await)
}

async fn by_form(house: House, mut request: Request) -> poem::Result<Response> {
    let params = form(&mut request).await;
    Ok(begin(&house, &request, params, StatusCode::SEE_OTHER).await)
}

async fn begin(
    house: &House,
    request: &Request,
    params: Result<Params, OAuthError>,
    status: StatusCode,
) -> Response {
    let tenant = match tenant(house, request).await {
        Ok(tenant) => tenant,
        Err(problem) => return problem_page(problem),
    };
    if let Some(name) = params.as_ref().ok().and_then(missing) {
        let problem = Problem::invalid(format!("{name}: the parameter is missing."));
        return gatewright_vault::dialect().write(&problem);
    }
    let begun = match params {
        Ok(params) => house.provider.begin_authorization(&tenant, &params).await,
        Err(error) => Err(error),
    };
    match begun {
        Ok(Begun::Kept(name)) => {
            let at = format!("/api/oidc/{}/authorize/resume?auth_req_id={}", tenant.id, name.expose());
            redirect(status, &at)
        }
        Ok(Begun::Respond(respond)) => answer(status, &respond),
        Err(error) => error_page(&error),
    }
}

/// Without these there is nobody to tell what else is wrong. A pushed or signed request holds the second.
fn missing(params: &Params) -> Option<&'static str> {
    let within = params.get("request").or_else(|| params.get("request_uri")).is_some();
    let wanted = if within { &["client_id"][..] } else { &["client_id", "redirect_uri"] };
    wanted.iter().find(|name| params.get(name).is_none()).copied()
}

/// The parameters by name: what each means, and an example.
const PARAMETERS: &[(&str, &str, &str)] = &[
    ("client_id", "The client.", "shop"),
    ("redirect_uri", "Where the answer goes: registered, letter by letter.", "https://shop.example/callback"),
    ("response_type", "`code`. Clients of Microsoft Entra: `id_token`.", "code"),
    ("scope", "What is asked for, divided by spaces.", "openid profile email"),
    ("state", "Given back as it is.", "af0ifjsldkj"),
    ("nonce", "Goes into the ID token.", "n-0S6_WzA2Mj"),
    ("code_challenge", "PKCE (RFC 7636).", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"),
    ("code_challenge_method", "`S256`, and nothing else.", "S256"),
    ("response_mode", "`query` (default), `form_post` or `web_message`.", "query"),
    ("prompt", "`none`, or some of `login`, `consent`, `select_account`, `create`.", "login"),
    ("max_age", "For how many seconds a login counts.", "3600"),
    ("login_hint", "Who will probably answer.", "ann"),
    ("id_token_hint", "An ID token of who must answer.", "eyJhbGciOiJFZERTQSJ9.e30.c2ln"),
    ("acr_values", "Levels of assurance, any of which will do.", "aal2"),
    (
        "claims",
        "Claims one by one (OpenID Connect Core, section 5.5).",
        "{\"id_token\":{\"acr\":{\"value\":\"aal2\"}}}",
    ),
    ("ui_locales", "Languages of the pages.", "de en"),
    ("resource", "For what the tokens are (RFC 8707).", "https://api.shop.example"),
    (
        "dpop_jkt",
        "Thumbprint of the DPoP key (RFC 9449, section 10).",
        "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I",
    ),
    (
        "request_uri",
        "What the endpoint for pushed requests gave (RFC 9126).",
        "urn:ietf:params:oauth:request_uri:gwp_x",
    ),
    (
        "request",
        "A signed request, whose parameters alone count (RFC 9101).",
        "eyJhbGciOiJFZERTQSJ9.e30.c2ln",
    ),
];

/// What the contract requires. A pushed or signed request holds the others.
const REQUIRED: &[&str] = &["client_id", "redirect_uri", "response_type", "scope"];

fn get_operation() -> Value {
    let mut parameters = vec![describe::tenant_id()];
    parameters.extend(PARAMETERS.iter().map(|(name, about, example)| {
        let required = REQUIRED.contains(name);
        describe::query(name, about, example, required)
    }));
    json!({
        "operationId": "authorize",
        "tags": ["oidc"],
        "summary": "Ask a person to log in",
        "description": ABOUT,
        "security": [],
        "parameters": parameters,
        "responses": {
            "200": describe::page("Back to the client by a form or a message, with what is wrong."),
            "302": describe::redirect("On to the login, or back to the client with what is wrong."),
            "400": describe::page("The client or the redirect URI is not known: a page, and no redirect."),
            "404": describe::page("There is no such tenant."),
            "422": describe::problem("HTTPValidationError", "The client or the redirect URI is not named at all."),
        },
    })
}

fn post_operation() -> Value {
    json!({
        "operationId": "authorizeByForm",
        "tags": ["oidc"],
        "summary": "Ask a person to log in, by a form",
        "description": ABOUT,
        "security": [],
        "parameters": [describe::tenant_id()],
        "requestBody": describe::form(PARAMETERS, REQUIRED),
        "responses": {
            "200": describe::page("Back to the client by a form or a message, with what is wrong."),
            "303": describe::redirect("On to the login, or back to the client with what is wrong."),
            "400": describe::page("The client or the redirect URI is not known: a page, and no redirect."),
            "404": describe::page("There is no such tenant."),
            "422": describe::problem("HTTPValidationError", "The client or the redirect URI is not named at all."),
        },
    })
}

/// The parameters of a request, for other operations that take one.
pub(crate) fn parameters() -> &'static [(&'static str, &'static str, &'static str)] {
    PARAMETERS
}
