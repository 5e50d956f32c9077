//! `GET /{tenant_id}/authorize/resume`: looks at who the browser belongs to, and answers the client or shows the next page.

use crate::{
    Endpoint, describe,
    http::{DOOR, query, tenant},
    page::error_page,
    respond::next,
};
use gatewright_core::{PlainToken, Problem, session::Caller};
use gatewright_oauth::{OAuthError, Params, interact::Next};
use gatewright_plugin::{House, SESSION_COOKIE, cookie, origin};
use poem::{
    Request, Response,
    http::{Method, StatusCode},
};
use serde_json::json;

pub(crate) fn endpoint(house: &House) -> Endpoint {
    let operation = json!({
        "operationId": "resumeAuthorization",
        "tags": ["oidc"],
        "summary": "Go on with a request",
        "description": "Where the browser goes after a login or a consent. Answers the client in its response mode, or shows \
                        the page that is due.",
        "security": [],
        "parameters": [
            describe::tenant_id(),
            describe::query("auth_req_id", "The request.", "gwq_x", true),
        ],
        "responses": {
            "200": describe::page("The answer, by a form or a message."),
            "303": describe::redirect("To the client with the answer, to the login or to the consent."),
            "400": describe::page("The request is unknown, answered or forgotten."),
            "404": describe::page("There is no such tenant."),
        },
    });
    Endpoint::new(house, (Method::GET, "/api/oidc/{tenant_id}/authorize/resume"), operation, handle)
}

async fn handle(house: House, request: Request) -> poem::Result<Response> {
    Ok(reply(&house, &request).await.unwrap_or_else(|error| error_page(&error)))
}

async fn reply(house: &House, request: &Request) -> Result<Response, OAuthError> {
    let tenant = tenant(house, request).await?;
    let name = name(&query(request)?)?;
    if house.provider.pending(&name).await?.tenant.id != tenant.id {
        return Err(Problem::not_found("request of this tenant").into());
    }
    let caller = caller(house, request).await?;
    let due: Next = house.provider.proceed(&name, caller.as_ref(), &origin(request, DOOR)).await?;
    Ok(next(StatusCode::SEE_OTHER, &tenant.id, &name, &due))
}

/// The request that the parameters name.
pub(crate) fn name(params: &Params) -> Result<PlainToken, OAuthError> {
    let wrong = || {
        OAuthError::invalid("The auth_req_id is not one of ours. Go back to the application and begin anew.")
    };
    PlainToken::received(params.required("auth_req_id")?).ok_or_else(wrong)
}

/// Who the browser belongs to, by its cookie alone.
async fn caller(house: &House, request: &Request) -> Result<Option<Caller>, Problem> {
    let token = cookie(request, SESSION_COOKIE).and_then(|value| PlainToken::received(&value));
    let Some(token) = token else { return Ok(None) };
    match house.engine.check_session(&token).await {
        Ok(caller) => Ok(Some(caller)),
        Err(problem) if problem.status == 401 => Ok(None),
        Err(problem) => Err(problem),
    }
}
