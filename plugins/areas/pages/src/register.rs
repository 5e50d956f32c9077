//! `register`: people make an account of their own, with a way whose secret never comes here.

use crate::{
    ask, drive,
    flow::{Aim, Flow, Notice, Open},
    layout::Page,
    login, module,
    other::problem_page,
    visit::{Visit, see_other},
};
use gatewright_core::{
    PlainToken, Problem,
    engine::{Anybody, Next, NextStep},
    person::{email_key, username_key},
};
use gatewright_oauth::Params;
use maud::{Markup, html};
use poem::Response;
use serde_json::Value;
use std::time::Duration;

/// How long somebody has to set up what they will sign in with.
const PATIENCE: Duration = Duration::from_secs(1_200);
/// What the page may be told to say.
const SAYINGS: [&str; 2] = ["name", "address"];

/// With what people may register themselves here: what comes first, and is asked for without an account.
fn ways(visit: &Visit) -> Vec<String> {
    let settings = visit.house.engine.settings_of(&visit.tenant);
    if !settings.vault.register_enable {
        return Vec::new();
    }
    let catalogue = visit.house.engine.catalogue();
    let mut list = settings.policy.first_steps(&catalogue);
    list.retain(|id| {
        let own = catalogue.manifest(id).is_some_and(|m| m.abilities.enrol && m.traits.self_service);
        own && module::of(visit, id).is_some()
    });
    list
}

fn has_names(visit: &Visit) -> bool {
    visit.house.engine.settings_of(&visit.tenant).vault.has_username_and_email
}

/// The way here, for who stands before the login.
pub(crate) fn link(visit: &Visit, request: Option<&str>) -> Markup {
    html! {
        @if !ways(visit).is_empty() {
            p.aside { a href=(visit.link("register", &[("auth_req_id", request)])) { (visit.t("login.register")) } }
        }
    }
}

/// The page: who it will be.
pub(crate) async fn page(visit: &mut Visit) -> Result<Response, Problem> {
    if ways(visit).is_empty() {
        return Ok(problem_page(visit, &Problem::not_found("page")));
    }
    let request = visit.query.get("auth_req_id");
    let wrong = visit.query.get("notice").filter(|word| SAYINGS.contains(word));
    let title = visit.t("register.title");
    let body = html! {
        h1 { (title) }
        p { (visit.t("register.how")) }
        @if let Some(word) = wrong { (ask::notice(visit, Some(&Notice::of(&format!("notice.{word}"))))) }
        (ask::form(visit, "register", &[("auth_req_id", request)], html! {
            @if has_names(visit) {
                p.field {
                    label for="username" { (visit.t("register.name")) }
                    input id="username" name="username" type="text" required maxlength="256" autocomplete="username"
                        autocapitalize="none" spellcheck="false" autofocus
                        aria-invalid=[(wrong == Some("name")).then_some("true")]
                        aria-describedby=[(wrong == Some("name")).then_some("problem")];
                }
            }
            p.field {
                label for="email" { (visit.t("register.email")) }
                input id="email" name="email" type="text" inputmode="email" required maxlength="254" autocomplete="email"
                    autocapitalize="none" spellcheck="false"
                    aria-invalid=[(wrong == Some("address")).then_some("true")]
                    aria-describedby=[(wrong == Some("address")).then_some("problem")];
            }
            button type="submit" { (visit.t("step.continue")) }
        }))
        p.aside { a href=(visit.link("login", &[("auth_req_id", request)])) { (visit.t("reset.back")) } }
    };
    Ok(Page::new(title, body).reply(visit))
}

/// `do/register`: keeps who it will be; nobody is looked for.
pub(crate) async fn begin(visit: &mut Visit, form: &Params) -> Result<Response, Problem> {
    let ways = ways(visit);
    if ways.is_empty() {
        return Err(Problem::not_found("page"));
    }
    let typed = |name: &str| form.get(name).map(str::trim).unwrap_or_default().to_owned();
    let email = typed("email");
    let name = if has_names(visit) { typed("username") } else { email.clone() };
    let request = form.get("auth_req_id").map(str::to_owned);
    let wrong = match (username_key(&name), email_key(&email)) {
        (_, None) => Some("address"),
        (None, _) => Some("name"),
        _ => None,
    };
    if wrong.is_some() {
        let carried = [("notice", wrong), ("auth_req_id", request.as_deref())];
        return Ok(see_other(&visit.link("register", &carried)));
    }
    let mut flow = Flow::new(Aim::Register, &visit.path("login"));
    (flow.name, flow.email, flow.request) = (Some(name), Some(email), request);
    flow.expires = visit.house.engine.now().plus(PATIENCE).0;
    let mut open = Open::new(visit, flow)?;
    let next = Next { step: NextStep::Enrol, authenticators: ways };
    let step = drive::go_on(visit, &mut open, next).await;
    login::finish(visit, open, step, false).await
}

/// For whom something is set up.
pub(crate) fn who(visit: &Visit, flow: &Flow) -> Anybody {
    Anybody {
        tenant: visit.tenant.id.clone(),
        username: flow.name.clone().unwrap_or_default(),
        client: None,
        request: flow.request.clone(),
    }
}

/// Makes the account, with what was said at the beginning. Whoever has the name already is told by mail; this browser is not.
pub(crate) async fn make(
    visit: &Visit,
    open: &mut Open,
    (way, mut proof): (&str, Value),
) -> Result<(), Problem> {
    let email = open.flow.email.clone().unwrap_or_default();
    proof["email"] = email.clone().into();
    // As people reach it from outside: a mail has no host of its own.
    let page = format!("{}{}", visit.house.engine.site_of(&visit.tenant).url, visit.path("verify"));
    let link = move |token: &PlainToken| format!("{page}?token={}", token.expose());
    let who = who(visit, &open.flow);
    visit.house.engine.register(&who, &email, (way, proof), link, &visit.origin).await?;
    open.flow.ends_at_login(visit, "registered");
    Ok(())
}
