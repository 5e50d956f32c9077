//! Drives the one engine: each function takes a step and says in the flow where it stands.

use crate::{
    fields::{self, Field},
    flow::{Aim, Flow, Notice, Open, Stand},
    module, register, reset,
    visit::Visit,
};
use gatewright_contract::{Body, Manifest};
use gatewright_core::{
    Problem,
    engine::{Enrolling, Inviter, Next, NextStep, OnDevice, Progress, Wish},
};
use gatewright_oauth::Params;
use gatewright_plugin::outcome::{device_cookie, end_replaced, session_cookie, shown_device, trusted};
use serde_json::{Value, json};
use std::sync::Arc;

/// What an authenticator says of itself.
pub(crate) fn manifest(visit: &Visit, id: &str) -> Option<Manifest> {
    visit.house.engine.catalogue().manifest(id).cloned()
}

/// The schema of what it is asked with, and what it judges, at this step.
pub(crate) fn schemas(flow: &Flow, manifest: &Manifest) -> (Value, Value) {
    let schemas = &manifest.schemas;
    match flow.stand {
        Stand::Enrol => {
            (schemas.invite.clone().unwrap_or_default(), schemas.proof.clone().unwrap_or_default())
        }
        _ => (schemas.begin.clone(), schemas.answer.clone()),
    }
}

/// What a person must say before it can ask; the rest of what a client may say is left out.
pub(crate) fn before(flow: &Flow, manifest: &Manifest) -> Vec<Field> {
    let (begin, _) = schemas(flow, manifest);
    let all = fields::of(&begin, None);
    let wanted = |f: &Field| f.required || f.is_choice() || (flow.stand == Stand::Enrol && f.name == "label");
    all.into_iter().filter(wanted).collect()
}

/// Whether asking is a step of the person's: something is sent or rings, or must be said first.
fn is_a_step(visit: &Visit, flow: &Flow, manifest: &Manifest) -> bool {
    if module::of(visit, &manifest.id).is_some() {
        return true;
    }
    let fields = before(flow, manifest);
    let rings = manifest.sends || manifest.abilities.signal;
    match flow.stand {
        Stand::Enrol => fields.iter().any(|f| f.required),
        _ => rings || !fields.is_empty(),
    }
}

/// Which of the ways a page begins with. Nobody is told what anybody has, so before the first proof it is what most have.
fn favourite(visit: &Visit, flow: &Flow) -> Option<String> {
    let catalogue = visit.house.engine.catalogue();
    let real = || flow.ways.iter().filter(|id| !catalogue.is_remembered(id));
    if flow.stand == Stand::First && visit.house.engine.settings_of(&visit.tenant).policy.first.is_none() {
        let password = real().find(|id| *id == "password");
        return password.or_else(|| real().next()).cloned();
    }
    let only = real().count() == 1;
    // What is to be set up is chosen, where there is a choice.
    real().next().filter(|_| flow.stand != Stand::Enrol || only).cloned()
}

/// Takes up what the engine said comes next.
pub(crate) async fn go_on(visit: &Visit, open: &mut Open, next: Next) -> Result<(), Problem> {
    open.flow.go_on(next);
    match favourite(visit, &open.flow) {
        Some(way) => choose(visit, open, &way).await,
        None => Ok(()),
    }
}

/// Chooses a way, and asks at once where that is nothing to think about.
pub(crate) async fn choose(visit: &Visit, open: &mut Open, way: &str) -> Result<(), Problem> {
    let known = open.flow.ways.iter().any(|id| id == way);
    let manifest = manifest(visit, way).filter(|_| known).ok_or_else(Problem::unknown_authenticator)?;
    open.flow.unasked(Some(way.to_owned()));
    match is_a_step(visit, &open.flow, &manifest) {
        true => Ok(()),
        false => ask(visit, open, json!({})).await,
    }
}

/// Asks the chosen way.
pub(crate) async fn ask(visit: &Visit, open: &mut Open, begin: Value) -> Result<(), Problem> {
    let way = open.flow.way.clone().ok_or_else(Problem::unknown_authenticator)?;
    let engine = &visit.house.engine;
    if open.flow.aim == Aim::Register {
        let who = register::who(visit, &open.flow);
        open.flow.asked = Some(engine.invite_anybody(&who, &way, begin, &visit.origin).await?);
        return Ok(());
    }
    let asked = match (open.flow.stand, open.flow.aim) {
        (Stand::Enrol, Aim::Enrol) => {
            let caller = visit.caller().await?.ok_or_else(Problem::unauthenticated)?;
            engine.invite(Inviter::Session(caller), &way, begin, &visit.origin).await?
        }
        (Stand::Enrol, _) => {
            let inviter = Inviter::Transaction(open.flow.handle()?);
            engine.invite(inviter, &way, begin, &visit.origin).await?
        }
        _ => engine.challenge(&open.flow.handle()?, &way, begin, &visit.origin).await?,
    };
    open.flow.at(&asked.handle, asked.expires);
    open.flow.waiting = None;
    open.flow.asked = Some(asked.prompt);
    Ok(())
}

/// What the person answered to the chosen way.
pub(crate) async fn answer(visit: &mut Visit, open: &mut Open, form: &Params) -> Result<(), Problem> {
    let way = open.flow.way.clone().ok_or_else(Problem::unknown_authenticator)?;
    let manifest = manifest(visit, &way).ok_or_else(Problem::unknown_authenticator)?;
    let answer = match module::of(visit, &way) {
        Some(_) => module::message(form)?,
        None => fields::value(&schemas(&open.flow, &manifest).1, open.flow.asked.as_ref(), form),
    };
    if open.flow.aim == Aim::Register {
        return register::make(visit, open, (&way, answer)).await;
    }
    let remember = form.get("trust_browser").map(|_| Body(trusted(&visit.origin)));
    let wish = Wish { remember, ..Wish::default() };
    let (engine, handle) = (visit.house.engine.clone(), open.flow.handle()?);
    if open.flow.stand != Stand::Enrol {
        let shown = (wish, shown_device(&visit.request));
        let answered = engine.answer_on_device(&handle, &way, answer, shown, &visit.origin).await?;
        remembered(visit, answered.device);
        return follow(visit, open, answered.progress).await;
    }
    let enrolled = match engine.enrol(&handle, &way, answer, wish, &visit.origin).await? {
        Enrolling::Done(enrolled) => enrolled,
        Enrolling::Pending { retry_after } => {
            open.flow.waiting = Some(milliseconds(retry_after));
            return Ok(());
        }
    };
    let said = |value: &Value| value.as_object().is_some_and(|members| !members.is_empty());
    open.flow.reveal = Some(enrolled.reveal.0).filter(said).map(|reveal| (way, reveal));
    match enrolled.progress {
        Some(progress) => follow(visit, open, progress).await,
        None => {
            open.flow.stand = Stand::Done;
            Ok(())
        }
    }
}

/// Where the login stands after a step.
async fn follow(visit: &mut Visit, open: &mut Open, progress: Progress) -> Result<(), Problem> {
    open.flow.waiting = None;
    match progress {
        Progress::Done(mut grant) => {
            let device = grant.device.take().map_or(OnDevice::Untouched, OnDevice::Keeps);
            remembered(visit, device);
            end_replaced(&visit.house, &visit.request, &grant.session, &visit.origin).await;
            let lifetime = grant.session.expires.since(visit.house.engine.now());
            let secure = visit.secure();
            visit.set_cookie(session_cookie(&grant.session_token, lifetime, secure));
            let by = open.flow.way.clone().unwrap_or_default();
            open.flow.reveal = open.flow.reveal.take().or(grant.reveal.map(|reveal| (by, reveal.0)));
            open.flow.stand = Stand::Done;
            Ok(())
        }
        Progress::More(started) => {
            open.flow.at(&started.handle, started.expires);
            let by = open.flow.way.clone().unwrap_or_default();
            open.flow.reveal = open.flow.reveal.take().or(started.reveal.map(|reveal| (by, reveal.0)));
            go_on(visit, open, started.next).await
        }
        Progress::Continue { handle, expires, prompt } => {
            open.flow.at(&handle, expires);
            open.flow.asked = Some(prompt.0);
            Ok(())
        }
        Progress::Pending { retry_after } => {
            open.flow.waiting = Some(milliseconds(retry_after));
            Ok(())
        }
        Progress::Reset => {
            let notice = if reset::is_password(&open.flow) { "changed" } else { "replaced" };
            open.flow.ends_at_login(visit, notice);
            Ok(())
        }
        Progress::Declined { concern } => {
            open.flow.stand = Stand::Done;
            open.flow.request = None;
            let code = if concern { "concern" } else { "declined" };
            open.flow.then = visit.link("error", &[("code", Some(code))]);
            Ok(())
        }
    }
}

fn remembered(visit: &mut Visit, device: OnDevice) {
    let cookie = device_cookie(&visit.request, device);
    cookie.into_iter().for_each(|cookie| visit.set_cookie(cookie));
}

fn milliseconds(wait: std::time::Duration) -> u64 {
    u64::try_from(wait.as_millis()).unwrap_or(u64::MAX)
}

/// What the person is told of a step of this way that failed; `Err`: nothing that this flow could go on from.
pub(crate) fn told(problem: Problem, way: &str) -> Result<Notice, Problem> {
    let key = match (problem.status, problem.code) {
        (401, "authentication_failed") => "notice.wrong",
        (400, _) => "notice.invalid",
        (409, "step_out_of_order") => "notice.again",
        (409, _) => "notice.conflict",
        (422, _) => "notice.rules",
        (429, _) => "notice.too_many",
        (503, _) => "notice.unavailable",
        _ => return Err(problem),
    };
    if let Some(cause) = &problem.cause {
        tracing::warn!(code = problem.code, %cause, "a step on a page could not be taken");
    }
    let seconds = problem.retry_after.map(|wait| wait.as_secs().max(1));
    let rules = problem.violations.into_iter().map(|v| (format!("{way}.{}", v.code), v.message)).collect();
    Ok(Notice { key: key.to_owned(), seconds, rules })
}

/// The authenticators that can say by themselves who it is, for a page without a name.
pub(crate) fn nameless(visit: &Visit) -> Vec<Arc<Manifest>> {
    let (engine, catalogue) = (&visit.house.engine, visit.house.engine.catalogue());
    let first = engine.settings_of(&visit.tenant).policy.first_steps(&catalogue);
    let named = first.iter().filter_map(|id| catalogue.manifest(id)).filter(|m| m.abilities.identify);
    named.map(|m| Arc::new(m.clone())).collect()
}

/// What was said to come next.
pub(crate) fn next_of(flow: &Flow) -> Next {
    let step = match flow.stand {
        Stand::Second => NextStep::Second,
        Stand::Enrol => NextStep::Enrol,
        Stand::First | Stand::Done => NextStep::First,
    };
    Next { step, authenticators: flow.ways.clone() }
}
