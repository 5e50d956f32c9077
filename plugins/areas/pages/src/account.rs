//! `account`: what somebody has set up and where they are logged in, and what they may do about it.

use crate::{
    account_list, ask, drive,
    flow::{Aim, Flow, Open, Stand},
    layout::Page,
    login,
    visit::{Visit, see_other},
};
use gatewright_contract::{CredentialId, SessionId};
use gatewright_core::{PlainToken, Problem, engine::Begin, session::Caller};
use gatewright_oauth::Params;
use gatewright_plugin::outcome::cleared_session_cookie;
use maud::html;
use poem::Response;
use std::time::Duration;

/// How long somebody has to say what they want to set up.
const PATIENCE: Duration = Duration::from_secs(600);

/// What the page may be told to say.
const SAYINGS: [&str; 9] =
    ["added", "removed", "renamed", "ended", "last", "proven", "sent", "verified", "unverified"];

/// The page.
pub(crate) async fn page(visit: &mut Visit) -> Result<Response, Problem> {
    let Some(caller) = visit.caller().await? else { return Ok(see_other(&visit.path("login"))) };
    let engine = &visit.house.engine;
    let person = match engine.person_of(&caller).await {
        Ok(person) => person,
        Err(problem) if problem.status == 401 => return Ok(see_other(&visit.path("login"))),
        Err(problem) => return Err(problem),
    };
    let credentials = engine.credentials_of(&visit.tenant.id, person.id).await?;
    let sessions = engine.sessions_of(&visit.tenant.id, person.id).await?;
    let said = visit.query.get("notice").filter(|word| SAYINGS.contains(word)).map(str::to_owned);
    let address = engine.unproven_address(&person).await?;
    let who = (&person, &caller, address.as_deref());
    Ok(account_list::page(visit, who, &credentials, &sessions, said.as_deref()).reply(visit))
}

async fn caller(visit: &Visit) -> Result<Caller, Problem> {
    visit.caller().await?.ok_or_else(Problem::unauthenticated)
}

fn back(visit: &Visit, notice: &str) -> Response {
    see_other(&visit.link("account", &[("notice", Some(notice))]))
}

/// `do/add`: begins to set something up.
pub(crate) async fn add(visit: &mut Visit, form: &Params) -> Result<Response, Problem> {
    let caller = caller(visit).await?;
    let way = form.get("way").unwrap_or_default();
    let able = drive::manifest(visit, way).is_some_and(|m| account_list::can_be_added(&m));
    if !able {
        return Err(Problem::unknown_authenticator());
    }
    let mut flow = Flow::new(Aim::Enrol, &visit.link("account", &[("notice", Some("added"))]));
    flow.stand = Stand::Enrol;
    flow.ways = vec![way.to_owned()];
    flow.name = Some(visit.house.engine.person_of(&caller).await?.username);
    flow.expires = visit.house.engine.now().plus(PATIENCE).0;
    let mut open = Open::new(visit, flow)?;
    if let Err(problem) = visit.house.engine.must_be_fresh(&caller).await {
        return login::finish(visit, open, Err(problem), false).await;
    }
    let step = drive::choose(visit, &mut open, way).await;
    login::finish(visit, open, step, false).await
}

/// Asks for a proof of who is in the session, and comes back to what needed it.
pub(crate) async fn elevate(visit: &mut Visit, wanted: &Flow) -> Result<Response, Problem> {
    let caller = caller(visit).await?;
    let name = visit.house.engine.person_of(&caller).await?.username;
    let begin = Begin { elevate: Some(caller), ..Begin::login(visit.tenant.id.clone(), None) };
    let started = visit.house.engine.begin(begin, &visit.origin).await?;
    let mut flow = Flow::new(Aim::Elevate, &wanted.then);
    if wanted.aim == Aim::Enrol {
        flow.then = visit.link("account", &[("notice", Some("proven"))]);
    }
    flow.name = Some(name);
    flow.at(&started.handle, started.expires);
    let mut open = Open::new(visit, flow)?;
    let step = Box::pin(drive::go_on(visit, &mut open, started.next)).await;
    Box::pin(login::finish(visit, open, step, false)).await
}

/// What needs a recent login, or the way to one.
async fn or_elevate(visit: &mut Visit, done: Result<(), Problem>, notice: &str) -> Result<Response, Problem> {
    match done {
        Ok(()) => Ok(back(visit, notice)),
        Err(problem) if problem.code == "elevation_required" => {
            let then = visit.link("account", &[("notice", Some("proven"))]);
            elevate(visit, &Flow::new(Aim::Elevate, &then)).await
        }
        Err(problem) if problem.status == 409 => Ok(back(visit, "last")),
        Err(problem) => Err(problem),
    }
}

fn credential(form: &Params) -> Result<CredentialId, Problem> {
    let id = form.get("credential").and_then(CredentialId::parse);
    id.ok_or_else(|| Problem::not_found("credential"))
}

/// `do/ask-address`: a link to the address of the account.
pub(crate) async fn ask_address(visit: &mut Visit) -> Result<Response, Problem> {
    let caller = caller(visit).await?;
    // As people reach it from outside: a mail has no host of its own.
    let site = visit.house.engine.site_of(&visit.tenant).url;
    let link =
        |token: &PlainToken| format!("{site}{}", visit.link("verify", &[("token", Some(token.expose()))]));
    visit.house.engine.ask_address(&caller, link, &visit.origin).await?;
    Ok(back(visit, "sent"))
}

/// `verify`: the link in the mail. Opening it does nothing yet: scanners open links too.
pub(crate) async fn verify_page(visit: &mut Visit) -> Result<Response, Problem> {
    let token = visit.query.get("token").map(str::to_owned);
    let Some(caller) = visit.caller().await? else {
        let carried = [("to", Some("verify")), ("token", token.as_deref())];
        return Ok(see_other(&visit.link("login", &carried)));
    };
    let person = visit.house.engine.person_of(&caller).await?;
    let title = visit.t("verify.title");
    let waits = visit.house.engine.unproven_address(&person).await?;
    let address = waits.or(person.email).unwrap_or_default();
    let values = [("address", address.as_str()), ("name", person.username.as_str())];
    let body = html! {
        h1 { (title) }
        p { (visit.language.say_with("verify.ask", &values)) }
        (ask::button(visit, "verify", &[("token", token.as_deref())], visit.t("verify.confirm"), ""))
        p.aside { a href=(visit.path("account")) { (visit.t("verify.not_now")) } }
    };
    Ok(Page::new(title, body).reply(visit))
}

/// `do/verify`
pub(crate) async fn verify(visit: &mut Visit, form: &Params) -> Result<Response, Problem> {
    let caller = caller(visit).await?;
    let Some(token) = form.get("token").and_then(PlainToken::received) else {
        return Ok(back(visit, "unverified"));
    };
    match visit.house.engine.prove_address(&caller, &token, &visit.origin).await {
        Ok(()) => Ok(back(visit, "verified")),
        Err(problem) if problem.status == 404 => Ok(back(visit, "unverified")),
        Err(problem) => Err(problem),
    }
}

/// `do/remove`
pub(crate) async fn remove(visit: &mut Visit, form: &Params) -> Result<Response, Problem> {
    let (caller, id) = (caller(visit).await?, credential(form)?);
    let done = visit.house.engine.remove_credential(&caller, id, &visit.origin).await;
    or_elevate(visit, done.map(drop), "removed").await
}

/// `do/rename`
pub(crate) async fn rename(visit: &mut Visit, form: &Params) -> Result<Response, Problem> {
    let (caller, id) = (caller(visit).await?, credential(form)?);
    let label = form.get("label").unwrap_or_default();
    match visit.house.engine.rename_credential(&caller, id, label, &visit.origin).await {
        Ok(_) => Ok(back(visit, "renamed")),
        Err(problem) => Err(problem),
    }
}

/// `do/end`: one session.
pub(crate) async fn end(visit: &mut Visit, form: &Params) -> Result<Response, Problem> {
    let caller = caller(visit).await?;
    let id = form.get("session").and_then(SessionId::parse).ok_or_else(|| Problem::not_found("session"))?;
    match visit.house.engine.end_own(&caller, id, &visit.origin).await {
        // One that has ended meanwhile has ended.
        Err(problem) if problem.status != 404 => return Err(problem),
        _ => {}
    }
    if caller.session.id == id {
        let secure = visit.secure();
        visit.set_cookie(cleared_session_cookie(secure));
        return Ok(see_other(&visit.link("login", &[("notice", Some("out"))])));
    }
    Ok(back(visit, "ended"))
}

/// `do/end-others`
pub(crate) async fn end_others(visit: &mut Visit) -> Result<Response, Problem> {
    let caller = caller(visit).await?;
    visit.house.engine.end_all(&caller, false, &visit.origin).await?;
    Ok(back(visit, "ended"))
}
