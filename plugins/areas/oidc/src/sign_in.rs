//! `GET /sign-in` of the vault contract: spends the nonce of a login on the request that it was for, or, outside any, on the
//! session of the browser that logged in.

use crate::{
    Endpoint, describe,
    http::{DOOR, query},
    respond::{next, redirect},
    resume::name,
};
use gatewright_core::{PlainToken, Problem};
use gatewright_oauth::OAuthError;
use gatewright_plugin::{
    House, or_problem, origin,
    outcome::{end_replaced, secure, session_cookie},
};
use gatewright_vault::ticket;
use poem::{
    Request, Response,
    http::{HeaderValue, Method, StatusCode, header},
};
use serde_json::json;

pub(crate) fn endpoint(house: &House) -> Endpoint {
    let operation = json!({
        "operationId": "signIn",
        "tags": ["oidc"],
        "summary": "Spend the nonce of a login",
        "description": "Goes on with the authorization request that a login was for: back to the client with a code, or on to \
                        the consent. The nonce is good once, for one minute, and where a browser logged in, in that browser. A \
                        nonce of a login outside any request comes without `auth_req_id`: the session leaves in a cookie, and the \
                        browser goes to the account's page. A page of another site can't send it there.",
        "security": [],
        "parameters": [
            describe::query("oid_nonce", "The `nonce` that the login answered.", "gwn_x", true),
            describe::query("auth_req_id", "The request that it was for.", "gwq_x", true),
        ],
        "responses": {
            "200": describe::page("The answer, by a form or a message."),
            "302": describe::redirect("To the client with code and state, to the consent, or to the account's page."),
            "400": describe::problem("HttpError", "Nonce or request is unknown, used, of another login or too old, or another site sent it."),
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
    if params.get("auth_req_id").is_none() {
        not_from_elsewhere(request)?;
        return outside(house, request, &nonce).await;
    }
    let name = name(&params).map_err(misshapen)?;
    let tenant = house.provider.pending(&name).await.map_err(refused)?.tenant.id.clone();
    let due = house.provider.sign_in(&name, &nonce, &origin(request, DOOR)).await.map_err(refused)?;
    Ok(next(StatusCode::FOUND, &tenant, &name, &due))
}

/// The session of a login that was for no request: its token leaves in a cookie.
async fn outside(house: &House, request: &Request, nonce: &PlainToken) -> Result<Response, Problem> {
    let origin = origin(request, DOOR);
    let token = ticket::spend(house, nonce, &origin).await?.ok_or_else(spent)?;
    let session = match house.engine.check_session(&token).await {
        Ok(caller) => caller.session,
        Err(problem) if problem.status == 401 => return Err(spent()),
        Err(problem) => return Err(problem),
    };
    end_replaced(house, request, &session, &origin).await;
    let lifetime = session.expires.since(house.engine.now());
    let cookie = session_cookie(&token, lifetime, secure(request));
    let mut response = redirect(StatusCode::FOUND, &format!("/ui/{}/account", session.tenant));
    if let Ok(cookie) = cookie.parse() {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    Ok(response)
}

/// Another site that sends a browser here would choose whose session it gets. Browsers say where a request comes from and scripts
/// can't change it (Fetch Metadata, section 2.4); who says nothing is none of today's.
fn not_from_elsewhere(request: &Request) -> Result<(), Problem> {
    match request.headers().get("sec-fetch-site").map(HeaderValue::as_bytes) {
        None | Some(b"same-origin" | b"none") => Ok(()),
        Some(_) => {
            let detail = "A page of another site has sent the browser here. Log in at the login page.";
            Err(Problem { code: "invalid_grant", ..Problem::invalid(detail) })
        }
    }
}

fn spent() -> Problem {
    let detail = "The nonce is unknown, was used, is too old or of another browser. Log in again.";
    Problem { code: "invalid_grant", ..Problem::invalid(detail) }
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
