//! `GET /sign-in` of the vault contract: spends the nonce of a login on the request that it was for.

use crate::{
    Endpoint, describe,
    http::{DOOR, query},
    respond::next,
    resume::name,
};
use gatewright_core::{PlainToken, Problem};
use gatewright_oauth::OAuthError;
use gatewright_plugin::{House, or_problem, origin};
use poem::{
    Request, Response,
    http::{Method, StatusCode},
};
use serde_json::json;

pub(crate) fn endpoint(house: &House) -> Endpoint {
    let operation = json!({
        "operationId": "signIn",
        "tags": ["oidc"],
        "summary": "Spend the nonce of a login",
        "description": "Goes on with the authorization request that a login was for: back to the client with a code, or on to \
                        the consent. The nonce is good once, for two minutes.",
        "security": [],
        "parameters": [
            describe::query("oid_nonce", "The `nonce` that the login answered.", "gwn_x", true),
            describe::query("auth_req_id", "The request that it was for.", "gwq_x", true),
        ],
        "responses": {
            "200": describe::page("The answer, by a form or a message."),
            "302": describe::redirect("To the client with code and state, or to the consent."),
            "400": describe::problem("HttpError", "Nonce or request is unknown, used, of another login or too old."),
            "422": describe::problem("HTTPValidationError", "A parameter is missing or given twice."),
        },
    });
    Endpoint::new(house, (Method::GET, "/api/oidc/sign-in"), operation, handle)
        .with(gatewright_vault::validation_error_schemas())
}

async fn handle(house: House, request: Request) -> poem::Result<Response> {
    or_problem(reply(&house, &request).await)
}

async fn reply(house: &House, request: &Request) -> Result<Response, Problem> {
    let params = query(request).map_err(misshapen)?;
    let nonce = params.get("oid_nonce").and_then(PlainToken::received);
    let nonce = nonce.ok_or_else(|| Problem::invalid("oid_nonce: the nonce of the login is missing."))?;
    let name = name(&params).map_err(misshapen)?;
    let tenant = house.provider.pending(&name).await.map_err(refused)?.tenant.id.clone();
    let due = house.provider.sign_in(&name, &nonce, &origin(request, DOOR)).await.map_err(refused)?;
    Ok(next(StatusCode::FOUND, &tenant, &name, &due))
}

fn misshapen(error: OAuthError) -> Problem {
    Problem::invalid(error.description)
}

/// 400 and not the 422 of a mistake of form: it had the right form.
fn refused(error: OAuthError) -> Problem {
    match error.cause {
        Some(problem) if problem.status == 429 || problem.status >= 500 => *problem,
        _ => Problem { code: "invalid_grant", ..Problem::invalid(error.description) },
    }
}
