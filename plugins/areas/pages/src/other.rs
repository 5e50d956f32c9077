//! The small pages: log out, and what went wrong.

use crate::{
    application::Application,
    ask,
    layout::{Page, source_of},
    visit::{Visit, see_other},
};
use gatewright_core::Problem;
use gatewright_oauth::OAuthError;
use gatewright_plugin::outcome::cleared_session_cookie;
use maud::html;
use poem::{Response, http::StatusCode};

/// `logout`: asks first, so that no link logs anybody out. An application's wish (OpenID Connect RP-Initiated Logout 1.0) goes
/// back to the provider with the answer.
pub(crate) async fn logout_page(visit: &mut Visit) -> Result<Response, Problem> {
    let wish = visit.house.provider.read_logout(&visit.tenant, &visit.query).await.map_err(wrong_wish)?;
    let anybody = visit.anybody().await?;
    if anybody.as_ref().is_none_or(|caller| caller.session.tenant != visit.tenant.id) {
        let out = out(visit, anybody.is_none());
        // Where it goes was registered by the application that asks.
        return Ok(see_other(wish.then.as_deref().unwrap_or(&out)));
    }
    let title = visit.t("logout.title");
    let said: Vec<(&str, &str)> = visit.query.pairs().filter(|(name, _)| WISH.contains(name)).collect();
    let body = html! {
        h1 { (title) }
        @if let Some(client) = &wish.client {
            p { (visit.language.say_with("logout.wish", &[("name", &Application::of(client).name)])) }
        }
        p { (visit.t("logout.ask")) }
        @if said.is_empty() {
            (ask::button(visit, "logout", &[], title, ""))
        } @else {
            form method="post" action=(format!("/api/oidc/{}/logout", visit.tenant.id)) {
                input type="hidden" name="confirmed" value="yes";
                @for (name, value) in said { input type="hidden" name=(name) value=(value); }
                button type="submit" { (title) }
            }
        }
        p.aside { a href=(visit.path("account")) { (visit.t("logout.stay")) } }
    };
    let mut page = Page::new(title, body);
    page.leads_to = wish.then.as_deref().and_then(source_of);
    Ok(page.reply(visit))
}

/// What an application says with its wish.
const WISH: [&str; 4] = ["client_id", "post_logout_redirect_uri", "state", "id_token_hint"];

fn wrong_wish(error: OAuthError) -> Problem {
    match error.cause {
        Some(problem) => *problem,
        None => Problem::invalid(error.description),
    }
}

/// Where nobody of this tenant is logged in. Who is logged in to another one is told nothing, for they are not logged out.
fn out(visit: &Visit, nobody: bool) -> String {
    visit.link("login", &[("notice", nobody.then_some("out"))])
}

/// `do/logout`: of this tenant; a session of another one has a page of its own for that.
pub(crate) async fn logout(visit: &mut Visit) -> Result<Response, Problem> {
    if visit.anybody().await?.is_some_and(|caller| caller.session.tenant != visit.tenant.id) {
        return Ok(see_other(&out(visit, false)));
    }
    if let Some(token) = visit.session_token() {
        match visit.house.engine.end_by_token(&token, &visit.origin).await {
            // It has ended already.
            Err(problem) if problem.status != 401 => return Err(problem),
            _ => {}
        }
    }
    let secure = visit.secure();
    visit.set_cookie(cleared_session_cookie(secure));
    Ok(see_other(&out(visit, true)))
}

/// `error`: one of our own sentences, never one from the address.
pub(crate) async fn error_page(visit: &mut Visit) -> Result<Response, Problem> {
    let known = ["declined", "concern", "denied", "request", "expired"];
    let code = visit.query.get("code").filter(|code| known.contains(code)).unwrap_or("unknown").to_owned();
    Ok(said(visit, StatusCode::BAD_REQUEST, &format!("error.{code}")))
}

fn said(visit: &Visit, status: StatusCode, key: &str) -> Response {
    let title = visit.t("error.title");
    let body = html! {
        h1 { (title) }
        p { (visit.language.find(key).unwrap_or(visit.t("error.unknown"))) }
        p.aside { a href=(visit.path("login")) { (visit.t("error.back")) } }
    };
    let mut page = Page::new(title, body);
    page.status = status;
    page.reply(visit)
}

/// What could not be done, in words for a person.
pub(crate) fn problem_page(visit: &Visit, problem: &Problem) -> Response {
    if let Some(cause) = &problem.cause {
        tracing::error!(code = problem.code, %cause, "a page could not be shown");
    }
    let key = match problem.status {
        404 if problem.code == "unknown_transaction" => "error.expired",
        403 => "error.form",
        404 => "error.not_found",
        429 => "notice.too_many",
        503 => "notice.unavailable",
        400 | 409 | 422 => "error.request",
        _ => "error.unknown",
    };
    let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = said(visit, status, key);
    if let Some(wait) = problem.retry_after.and_then(|w| w.as_secs().max(1).to_string().parse().ok()) {
        response.headers_mut().insert("retry-after", wait);
    }
    response
}
