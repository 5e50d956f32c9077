//! Its part of the document.

use crate::describe;
use serde_json::{Value, json};

const ABOUT: &str = "Ends the session of the browser and the one that the hint names (OpenID Connect RP-Initiated Logout 1.0), \
                     and sends the browser to a registered address. Without a hint, or with one about somebody else, the \
                     person is asked first. Other clients of the session are told: by a logout token (Back-Channel Logout \
                     1.0), or in a frame of the page (Front-Channel Logout 1.0).";

/// Name, meaning, example.
const PARAMETERS: &[describe::Named] = &[
    ("id_token_hint", "An ID token of the client, ended or not.", "eyJhbGciOiJFZERTQSJ9.e30.c2ln"),
    ("client_id", "The client; that of the hint, where there is one.", "shop"),
    (
        "post_logout_redirect_uri",
        "Where the browser goes: registered, letter by letter.",
        "https://shop.example/bye",
    ),
    ("state", "Given back as it is.", "af0ifjsldkj"),
];

/// And what only the standard has.
const MORE: &[describe::Named] = &[
    ("logout_hint", "Not looked at: nobody is logged out by a name.", "ann"),
    ("ui_locales", "Languages of the page that asks.", "de en"),
];

fn all() -> Vec<describe::Named> {
    [PARAMETERS, MORE].concat()
}

fn queries(of: &[describe::Named], required: &[&str]) -> Vec<Value> {
    of.iter()
        .map(|(name, about, example)| describe::query(name, about, example, required.contains(name)))
        .collect()
}

pub(super) fn by_link() -> Value {
    let mut parameters = vec![describe::tenant_id()];
    parameters.extend(queries(&all(), &[]));
    json!({
        "operationId": "endSession",
        "tags": ["oidc"],
        "summary": "Log out",
        "description": ABOUT,
        "security": [],
        "parameters": parameters,
        "responses": {
            "200": page_or_nothing(),
            "302": describe::redirect("To the registered address, or to the page that asks."),
            "400": describe::page("The hint or the address is not good: a page, and nothing has ended."),
            "404": describe::page("There is no such tenant."),
        },
    })
}

pub(super) fn by_form() -> Value {
    let confirmed = ("confirmed", "`yes`: from the page that asks, and from no other site.", "yes");
    let fields = [all(), vec![confirmed]].concat();
    json!({
        "operationId": "endSessionByForm",
        "tags": ["oidc"],
        "summary": "Log out, by a form",
        "description": ABOUT,
        "security": [],
        "parameters": [describe::tenant_id()],
        "requestBody": describe::form(&fields, &[]),
        "responses": {
            "200": page_or_nothing(),
            "303": describe::redirect("To the registered address, or to the page that asks."),
            "400": describe::page("The hint or the address is not good: a page, and nothing has ended."),
            "404": describe::page("There is no such tenant."),
        },
    })
}

/// A page for who reads pages.
fn page_or_nothing() -> Value {
    let mut both = describe::page(
        "Logged out, and nowhere to go; or frames of the others first. `null` for who takes no HTML.",
    );
    both["content"]["application/json"] = nothing()["content"]["application/json"].clone();
    both
}

/// Nothing, as JSON has it.
fn nothing() -> Value {
    json!({
        "description": "Logged out, and nowhere to go.",
        "content": {"application/json": {"schema": {"enum": [null], "description": "`null`.", "example": null}}},
    })
}

pub(super) fn contract_link() -> Value {
    json!({
        "operationId": "oidcLogoutRedirect",
        "tags": ["oidc"],
        "summary": "RP-initiated logout by link",
        "description": "The same, where the tenant is that of the hint, or of the browser.",
        "security": [],
        "parameters": queries(PARAMETERS, &["id_token_hint"]),
        "responses": {
            "200": nothing(),
            "302": describe::redirect("To the registered address, or to the page that asks."),
            "400": describe::refusal("The hint or the address is not good: nothing has ended."),
            "422": describe::problem("HTTPValidationError", "`id_token_hint` is missing. It may be empty."),
        },
    })
}

pub(super) fn contract_form() -> Value {
    json!({
        "operationId": "oidcLogout",
        "tags": ["oidc"],
        "summary": "RP-initiated logout by form",
        "description": "The same by a form, whose hint must be good: nobody is asked. The session that the hint names ends.",
        "security": [],
        "requestBody": describe::form(PARAMETERS, &["id_token_hint"]),
        "responses": {
            "200": nothing(),
            "303": describe::redirect("To the registered address."),
            "400": describe::refusal("The address is not registered: nothing has ended."),
            "401": describe::refusal("The hint is no ID token from here."),
            "422": describe::problem("HTTPValidationError", "`id_token_hint` is missing."),
        },
    })
}
