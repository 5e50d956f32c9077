//! `login`: the name, then whatever the engine says comes next.

use crate::{
    application::Asked,
    ask, drive, fields,
    flow::{Aim, Flow, Notice, Open, Stand},
    layout::Page,
    module, register, reset, step,
    visit::{Visit, see_other},
};
use gatewright_core::{Problem, engine::Begin, person::username_key};
use gatewright_oauth::Params;
use maud::{Markup, html};
use poem::{Response, http::header};
use serde_json::json;

/// What the page of the name may be told to say; anything else says nothing.
const SAYINGS: [&str; 8] =
    ["changed", "replaced", "registered", "name", "expired", "too_many", "unavailable", "out"];

/// The page: of a flow that is under way, or of the name.
pub(crate) async fn page(visit: &mut Visit) -> Result<Response, Problem> {
    let request = visit.query.get("auth_req_id").map(str::to_owned);
    if let Some(id) = visit.query.get("flow").map(str::to_owned) {
        return match Open::find(visit, &id).await {
            Ok(open) => flow_page(visit, open).await,
            Err(problem) if problem.status == 404 => Ok(expired(visit, request.as_deref())),
            Err(problem) => Err(problem),
        };
    }
    let asked = match &request {
        Some(request) => Some(Asked::find(visit, request).await?),
        None => None,
    };
    visit.prefer(asked.as_ref().map_or(&[], Asked::languages));
    let caller = visit.caller().await?;
    let wanted = ["notice", "other"].iter().any(|name| visit.query.get(name).is_some());
    if caller.is_some() && asked.is_none() && !wanted {
        return Ok(see_other(&after(visit, &visit.query)));
    }
    // Who is logged in and is sent here all the same proves it anew, or comes as somebody else.
    let person = match caller.filter(|_| asked.is_some()) {
        Some(caller) => match visit.house.engine.person_of(&caller).await {
            Ok(person) => Some(person.username),
            Err(problem) if problem.status == 401 => None,
            Err(problem) => return Err(problem),
        },
        None => None,
    };
    Ok(name_page(visit, asked.as_ref(), request.as_deref(), person.as_deref()))
}

/// Where a login without an application ends.
fn after(visit: &Visit, said: &Params) -> String {
    match said.get("to") {
        Some("verify") => visit.link("verify", &[("token", said.get("token"))]),
        Some("device") => visit.link("device", &[("user_code", said.get("user_code"))]),
        _ => visit.path("account"),
    }
}

fn expired(visit: &Visit, request: Option<&str>) -> Response {
    see_other(&visit.link("login", &[("notice", Some("expired")), ("auth_req_id", request)]))
}

async fn flow_page(visit: &mut Visit, mut open: Open) -> Result<Response, Problem> {
    let asked = match &open.flow.request {
        Some(request) => Some(Asked::find(visit, request).await?),
        None => None,
    };
    visit.prefer(asked.as_ref().map_or(&[], Asked::languages));
    let mut page = step::page(visit, &open, about(visit, asked.as_ref()));
    page.leads_to = asked.and_then(|asked| asked.leads_to());
    if open.flow.reveal.take().is_some() {
        // Gone before it is shown: whoever else asks for it does not get it.
        match open.flow.stand {
            Stand::Done => open.end(visit).await?,
            _ => open.save(visit).await?,
        }
    } else if open.flow.stand == Stand::Done {
        return Ok(see_other(&open.destination(visit)));
    }
    Ok(page.reply(visit))
}

/// For whom somebody logs in.
fn about(visit: &Visit, asked: Option<&Asked>) -> Markup {
    html! {
        @if let Some(asked) = asked {
            p.for { (visit.language.say_with("login.to", &[("name", &asked.application.name)])) }
        }
    }
}

fn name_page(visit: &Visit, asked: Option<&Asked>, request: Option<&str>, person: Option<&str>) -> Response {
    let said = |name| (name, visit.query.get(name));
    let carried = [("auth_req_id", request), said("to"), said("user_code"), said("token")];
    let nameless = drive::nameless(visit);
    let passkey = nameless.iter().find(|m| m.schemas.prompt["properties"]["publicKey"].is_object());
    let said = visit.query.get("notice").filter(|word| SAYINGS.contains(word));
    let hint = asked.and_then(Asked::hint).filter(|_| person.is_none());
    let body = html! {
        h1 { (visit.t("login.title")) }
        (about(visit, asked))
        @if let Some(welcome) = &visit.look().welcome { p { (welcome) } }
        @match said {
            Some("changed") => { (ask::news(visit.t("login.changed"))) }
            Some("replaced") => { (ask::news(visit.t("login.replaced"))) }
            Some("registered") => { (ask::news(visit.t("login.registered"))) }
            Some("out") => { (ask::news(visit.t("logout.done"))) }
            Some(word) => { (ask::notice(visit, Some(&Notice::of(&format!("notice.{word}"))))) }
            None => {}
        }
        @if let Some(person) = person {
            @let hidden = [&carried[..], &[("elevate", Some("on"))]].concat();
            p { (visit.t("login.again")) }
            (ask::button(visit, "begin", &hidden, &visit.language.say_with("login.as", &[("name", person)]), ""))
            p.divider { (visit.t("login.other")) }
        }
        (ask::form(visit, "begin", &carried, name_field(visit, hint, said == Some("name"))))
        @if let Some(passkey) = passkey {
            (passkey_form(visit, &passkey.id, &carried))
        }
        @for other in nameless.iter().filter(|m| passkey.is_none_or(|p| p.id != m.id)) {
            @let hidden = [&carried[..], &[("way", Some(other.id.as_str()))]].concat();
            (ask::button(visit, "begin", &hidden, &ask::way(visit, &other.id), "quiet"))
        }
        (reset::link(visit, None, request))
        (register::link(visit, request))
    };
    let mut page = Page::new(visit.t("login.title"), body).with(&["passkey.js"]);
    page.leads_to = asked.and_then(Asked::leads_to);
    page.reply(visit)
}

fn name_field(visit: &Visit, hint: Option<&str>, wrong: bool) -> Markup {
    html! {
        p.field {
            label for="username" { (visit.t("login.name")) }
            input id="username" name="username" type="text" required maxlength="256" value=(hint.unwrap_or_default())
                autocomplete="username webauthn" autocapitalize="none" spellcheck="false" autofocus
                aria-invalid=[wrong.then_some("true")] aria-describedby=[wrong.then_some("problem")];
        }
        button type="submit" { (visit.t("step.continue")) }
    }
}

/// For the script: the browser offers passkeys beside the names that it knows, or when the button is pressed.
fn passkey_form(visit: &Visit, way: &str, carried: &[(&str, Option<&str>)]) -> Markup {
    let hidden = [&[("way", Some(way)), ("flow", Some(""))], carried].concat();
    let inner = html! {
        input type="hidden" name="a.credential" data-credential;
        button type="submit" class="quiet" hidden data-webauthn="first" data-begin=(visit.path("do/passkey")) {
            (visit.t("step.use_passkey"))
        }
        p.notice hidden role="alert" data-webauthn-failed { (visit.t("step.passkey_failed")) }
    };
    ask::form(visit, "answer", &hidden, inner)
}

/// Begins a login in the engine, and a flow with it.
async fn begun(visit: &Visit, form: &Params) -> Result<Open, Problem> {
    let request = form.get("auth_req_id").map(str::to_owned);
    let asked = match &request {
        Some(request) => Some(Asked::find(visit, request).await?),
        None => None,
    };
    let elevate = match form.get("elevate") {
        Some(_) => visit.caller().await?,
        None => None,
    };
    let name = form.get("username").map(str::trim).filter(|_| elevate.is_none()).map(str::to_owned);
    let aim = if elevate.is_some() { Aim::Elevate } else { Aim::Login };
    let client = asked.map(|asked| asked.application.name);
    let begin = Begin {
        client,
        elevate,
        request: request.clone(),
        ..Begin::login(visit.tenant.id.clone(), name.clone())
    };
    let started = visit.house.engine.begin(begin, &visit.origin).await?;
    let mut flow = Flow::new(aim, &after(visit, form));
    (flow.request, flow.name) = (request, name);
    flow.at(&started.handle, started.expires);
    flow.go_on(started.next);
    Open::new(visit, flow)
}

/// `do/begin`
pub(crate) async fn begin(visit: &mut Visit, form: &Params) -> Result<Response, Problem> {
    let name = form.get("username").map(str::trim);
    let back = |word: &str| {
        let said = ["auth_req_id", "to", "user_code", "token"].map(|name| (name, form.get(name)));
        visit.link("login", &[&[("notice", Some(word))], &said[..]].concat())
    };
    if name.is_some_and(|name| username_key(name).is_none()) {
        return Ok(see_other(&back("name")));
    }
    let mut open = match begun(visit, form).await {
        Ok(open) => open,
        Err(problem) if problem.status == 429 => return Ok(see_other(&back("too_many"))),
        Err(problem) => return Err(problem),
    };
    let step = match form.get("way") {
        Some(way) => drive::choose(visit, &mut open, way).await,
        None if name.is_none() && open.flow.aim == Aim::Login => return Ok(see_other(&back("name"))),
        None => {
            let next = drive::next_of(&open.flow);
            drive::go_on(visit, &mut open, next).await
        }
    };
    finish(visit, open, step, false).await
}

/// `do/passkey`: what the script hands to the browser.
pub(crate) async fn passkey(visit: &mut Visit, form: &Params) -> Result<Response, Problem> {
    let way = drive::nameless(visit).into_iter().find(|m| form.get("way") == Some(&m.id));
    let way = way.ok_or_else(Problem::unknown_authenticator)?;
    let mut open = begun(visit, form).await?;
    drive::choose(visit, &mut open, &way.id).await?;
    open.save(visit).await?;
    let options = open.flow.asked.as_ref().map(|prompt| prompt["publicKey"].clone());
    Ok(json_reply(&json!({"flow": open.id, "options": options})))
}

/// What a form of a flow does.
#[derive(Clone, Copy)]
pub(crate) enum Act {
    Choose,
    Ask,
    Answer,
}

/// `do/choose`, `do/ask`, `do/answer`
pub(crate) async fn act(visit: &mut Visit, form: &Params, act: Act) -> Result<Response, Problem> {
    let mut open = match Open::find(visit, form.get("flow").unwrap_or_default()).await {
        Ok(open) => open,
        Err(problem) if problem.status == 404 => {
            let to = visit.link("login", &[("notice", Some("expired"))]);
            return Ok(gone(visit, &to));
        }
        Err(problem) => return Err(problem),
    };
    let way = form.get("way").unwrap_or_default();
    // A page from before the last step, from the history or another window: what is due now is shown instead.
    let stale = !matches!(act, Act::Choose) && open.flow.way.as_deref() != Some(way);
    let unasked = matches!(act, Act::Answer) && open.flow.asked.is_none();
    if open.flow.stand == Stand::Done || stale || unasked {
        return Ok(gone(visit, &open.link(visit)));
    }
    open.flow.notice = None;
    let step = match act {
        Act::Choose => drive::choose(visit, &mut open, way).await,
        Act::Ask => Box::pin(asked(visit, &mut open, way, form)).await,
        Act::Answer => drive::answer(visit, &mut open, form).await,
    };
    let scripted = asks_for_json(visit);
    finish(visit, open, step, scripted).await
}

async fn asked(visit: &Visit, open: &mut Open, way: &str, form: &Params) -> Result<(), Problem> {
    let begin = match module::of(visit, way) {
        Some(_) => module::message(form)?,
        None => {
            let schema = drive::manifest(visit, way).map(|m| drive::schemas(&open.flow, &m).0);
            fields::value(&schema.unwrap_or_default(), None, form)
        }
    };
    drive::ask(visit, open, begin).await
}

/// Keeps where the flow stands now, and leads to its page or to its end.
pub(crate) async fn finish(
    visit: &mut Visit,
    mut open: Open,
    step: Result<(), Problem>,
    scripted: bool,
) -> Result<Response, Problem> {
    if let Err(problem) = step {
        if problem.status == 404 || problem.code == "unauthenticated" {
            // It may be another window that has ended it.
            open.end(visit).await.or_else(|other| if other.status == 409 { Ok(()) } else { Err(other) })?;
            let request = open.flow.request.as_deref();
            let to = visit.link("login", &[("notice", Some("expired")), ("auth_req_id", request)]);
            return Ok(gone(visit, &to));
        }
        if problem.code == "elevation_required" {
            return crate::account::elevate(visit, &open.flow).await;
        }
        let notice = drive::told(problem, open.flow.way.as_deref().unwrap_or_default())?;
        // A script has in its memory what it has been asked with, and that is gone with its page.
        let scripted = open.flow.way.as_deref().is_some_and(|way| module::of(visit, way).is_some());
        if scripted || matches!(notice.key.as_str(), "notice.again" | "notice.conflict") {
            let way = open.flow.way.take();
            open.flow.unasked(way);
        }
        open.flow.notice = Some(notice);
    }
    if open.flow.stand == Stand::Done && open.flow.reveal.is_none() {
        let to = open.destination(visit);
        // Another window that was first has ended it already.
        match open.end(visit).await {
            Err(problem) if problem.status != 409 => return Err(problem),
            _ => return Ok(gone(visit, &to)),
        }
    }
    match open.save(visit).await {
        Err(problem) if problem.status != 409 => return Err(problem),
        _ => {}
    }
    match (scripted, open.flow.waiting) {
        (true, Some(wait)) => Ok(json_reply(&json!({"pending": wait}))),
        _ => Ok(gone(visit, &open.link(visit))),
    }
}

fn asks_for_json(visit: &Visit) -> bool {
    visit.request.header("accept").is_some_and(|accept| accept.starts_with("application/json"))
}

/// On to a page: as a redirect, or in words for a script.
fn gone(visit: &Visit, to: &str) -> Response {
    match asks_for_json(visit) {
        true => json_reply(&json!({"go": to})),
        false => see_other(to),
    }
}

fn json_reply(body: &serde_json::Value) -> Response {
    let reply =
        Response::builder().content_type("application/json").header(header::CACHE_CONTROL, "no-store");
    reply.body(body.to_string())
}
