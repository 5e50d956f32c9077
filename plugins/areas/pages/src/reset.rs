//! `reset`: who has lost what they sign in with says who they are, and what it is.

use crate::{
    ask, drive,
    flow::{Aim, Flow, Notice, Open},
    layout::Page,
    login,
    other::problem_page,
    visit::{Visit, see_other},
};
use gatewright_core::{Problem, engine::Begin, person::username_key};
use gatewright_oauth::Params;
use maud::{Markup, html};
use poem::Response;

/// What most have, and what is meant where nothing else is said.
const PASSWORD: &str = "password";

/// What can be replaced here, the likeliest first.
fn replaceable(visit: &Visit) -> Vec<String> {
    let policy = &visit.house.engine.settings_of(&visit.tenant).policy;
    let mut list = policy.replaceable(&visit.house.engine.catalogue());
    list.sort_by_key(|way| way != PASSWORD);
    list
}

/// Whether it is a password that is replaced.
pub(crate) fn is_password(flow: &Flow) -> bool {
    flow.lost.as_deref().is_none_or(|lost| lost == PASSWORD)
}

/// What the page is called while this is replaced; none: it has not been said yet.
pub(crate) fn title(visit: &Visit, lost: Option<&str>) -> &'static str {
    visit.t(if lost == Some(PASSWORD) { "step.reset" } else { "step.reset_any" })
}

/// The way here, for who stands before this way.
pub(crate) fn link(visit: &Visit, way: Option<&str>, request: Option<&str>) -> Markup {
    let able = replaceable(visit);
    let lost = way.filter(|way| able.iter().any(|id| id == way));
    let word = if able == [PASSWORD] || lost == Some(PASSWORD) { "login.lost" } else { "login.lost_any" };
    html! {
        @if !able.is_empty() {
            p.aside { a href=(visit.link("reset", &[("lost", lost), ("auth_req_id", request)])) { (visit.t(word)) } }
        }
    }
}

/// The page.
pub(crate) async fn page(visit: &mut Visit) -> Result<Response, Problem> {
    let able = replaceable(visit);
    if able.is_empty() {
        return Ok(problem_page(visit, &Problem::not_found("page")));
    }
    let request = visit.query.get("auth_req_id");
    let wrong = visit.query.get("notice") == Some("name");
    let said = visit.query.get("lost").filter(|lost| able.iter().any(|id| id == lost));
    let only = if let [only] = &able[..] { Some(only.as_str()) } else { None };
    let lost = said.or(only);
    let title = title(visit, lost);
    let body = html! {
        h1 { (title) }
        p { (visit.t("reset.how")) }
        @if wrong { (ask::notice(visit, Some(&Notice::of("notice.name")))) }
        (ask::form(visit, "reset", &[("auth_req_id", request)], html! {
            p.field {
                label for="username" { (visit.t("login.name")) }
                input id="username" name="username" type="text" required maxlength="256" autocomplete="username"
                    autocapitalize="none" spellcheck="false" autofocus
                    aria-invalid=[wrong.then_some("true")] aria-describedby=[wrong.then_some("problem")];
            }
            (choice(visit, &able, lost))
            button type="submit" { (visit.t("step.continue")) }
        }))
        p.aside { a href=(visit.link("login", &[("auth_req_id", request)])) { (visit.t("reset.back")) } }
    };
    Ok(Page::new(title, body).reply(visit))
}

/// Which of them, where there are several: nobody is told what anybody has.
fn choice(visit: &Visit, able: &[String], lost: Option<&str>) -> Markup {
    html! {
        @if able.len() > 1 {
            p.field {
                label for="lost" { (visit.t("reset.what")) }
                select id="lost" name="lost" {
                    @for way in able {
                        option value=(way) selected[Some(way.as_str()) == lost] { (ask::way(visit, way)) }
                    }
                }
            }
        }
    }
}

/// `do/reset`: the same for people who exist and who don't.
pub(crate) async fn begin(visit: &mut Visit, form: &Params) -> Result<Response, Problem> {
    let name = form.get("username").map(str::trim).unwrap_or_default();
    let request = form.get("auth_req_id").map(str::to_owned);
    let able = replaceable(visit);
    let lost = form.get("lost").or(able.first().map(String::as_str)).unwrap_or(PASSWORD).to_owned();
    if username_key(name).is_none() {
        let lost = able.iter().find(|id| **id == lost).map(String::as_str);
        let carried = [("notice", Some("name")), ("lost", lost), ("auth_req_id", request.as_deref())];
        return Ok(see_other(&visit.link("reset", &carried)));
    }
    let login = Begin::login(visit.tenant.id.clone(), Some(name.to_owned()));
    let begin = Begin { reset: Some(lost.clone()), request: request.clone(), ..login };
    let started = visit.house.engine.begin(begin, &visit.origin).await?;
    let mut flow = Flow::new(Aim::Reset, &visit.path("login"));
    (flow.name, flow.request, flow.lost) = (Some(name.to_owned()), request, Some(lost));
    flow.at(&started.handle, started.expires);
    let mut open = Open::new(visit, flow)?;
    let step = drive::go_on(visit, &mut open, started.next).await;
    login::finish(visit, open, step, false).await
}
