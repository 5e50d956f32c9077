//! The page of a flow: whatever step it stands at, for whichever authenticator.

use crate::{
    ask::{self, Manner},
    drive,
    fields::{self, Field, Kind},
    flow::{Aim, Flow, Open, Stand},
    layout::Page,
    module, reset, show,
    visit::Visit,
};
use gatewright_contract::Manifest;
use maud::{Markup, html};
use serde_json::Value;

/// The page where a flow stands.
pub(crate) fn page(visit: &Visit, open: &Open, about: Markup) -> Page {
    let flow = &open.flow;
    if flow.reveal.is_some() {
        return reveal(visit, open);
    }
    if let Some((way, module)) = flow.way.as_deref().and_then(|way| Some((way, module::of(visit, way)?))) {
        return module::page(visit, open, (way, module), head(visit, open, &about));
    }
    let manifest = flow.way.as_deref().and_then(|way| drive::manifest(visit, way));
    match manifest {
        Some(manifest) if flow.asked.is_some() => asked(visit, open, &manifest, about),
        Some(manifest) => before(visit, open, &manifest, about),
        None => chooser(visit, open, about),
    }
}

pub(crate) fn title(visit: &Visit, flow: &Flow) -> String {
    let way = flow.way.as_deref().map(|way| ask::way(visit, way)).unwrap_or_default();
    match (flow.stand, flow.aim) {
        (Stand::Enrol, Aim::Reset) if reset::is_password(flow) => visit.t("step.new_password").to_owned(),
        (Stand::Enrol, Aim::Register) => visit.t("register.title").to_owned(),
        (Stand::Enrol, _) if way.is_empty() => visit.t("step.set_up").to_owned(),
        (Stand::Enrol, _) => visit.language.say_with("step.set_up_way", &[("way", &way)]),
        (Stand::Second, _) => visit.t("step.second").to_owned(),
        (_, Aim::Elevate) => visit.t("step.elevate").to_owned(),
        (_, Aim::Reset) => reset::title(visit, flow.lost.as_deref()).to_owned(),
        _ => visit.t("login.title").to_owned(),
    }
}

/// Who it is, for the person and for whoever keeps their passwords.
fn who(visit: &Visit, open: &Open) -> Markup {
    let Some(name) = &open.flow.name else { return html! {} };
    let again = visit.link("login", &[("auth_req_id", open.flow.request.as_deref())]);
    html! {
        p.who {
            span { (name) }
            @if open.flow.aim == Aim::Login { " " a href=(again) { (visit.t("step.not_you")) } }
        }
    }
}

fn head(visit: &Visit, open: &Open, about: &Markup) -> Markup {
    let flow = &open.flow;
    html! {
        h1 { (title(visit, flow)) }
        (about)
        (who(visit, open))
        @match (flow.stand, flow.aim) {
            (Stand::Enrol, Aim::Login) => { p { (visit.t("step.must_set_up")) } }
            (_, Aim::Elevate) => { p { (visit.t("step.why_elevate")) } }
            _ => {}
        }
        (ask::notice(visit, flow.notice.as_ref()))
    }
}

/// It has been asked: what there is to see, and what there is to answer.
fn asked(visit: &Visit, open: &Open, manifest: &Manifest, about: Markup) -> Page {
    let flow = &open.flow;
    let enrolling = flow.stand == Stand::Enrol;
    let prompt = flow.asked.as_ref().unwrap_or(&Value::Null);
    let (_, schema) = drive::schemas(flow, manifest);
    let mut fields = fields::of(&schema, Some(prompt));
    if let ([only], false) = (&mut fields[..], manifest.abilities.signal) {
        // An administrator may do without, or send something else; a person has nothing else.
        only.required = true;
    }
    let shown =
        if enrolling { manifest.schemas.invitation.clone() } else { Some(manifest.schemas.prompt.clone()) };
    let used = used_by(&fields, prompt);
    let used: Vec<&str> = used.iter().map(String::as_str).collect();
    let credential = fields.iter().any(|f| f.kind == Kind::Credential);
    let polls = !enrolling && manifest.abilities.signal || flow.waiting.is_some();
    let manner = if enrolling { Manner::New } else { Manner::Known };
    let wrong = flow.notice.is_some();
    let hidden = [("flow", Some(open.id.as_str())), ("way", Some(&*manifest.id))];
    let inner = html! {
        @if let (Some(name), false) = (&flow.name, credential) {
            // Who keeps passwords looks for the name beside them.
            input.hidden type="text" name="username" autocomplete="username" value=(name) readonly tabindex="-1" aria-hidden="true";
        }
        (ask::fields(visit, &fields, manner, wrong, prompt["min_characters"].as_u64()))
        (trust(visit, flow))
        @if credential {
            button type="submit" hidden data-webauthn=(if enrolling { "create" } else { "get" })
                data-options=(prompt["publicKey"].to_string()) { (submit_label(visit, flow, &fields)) }
            noscript { p.notice { (visit.t("step.needs_script")) } }
            p.notice hidden role="alert" data-webauthn-failed { (visit.t("step.passkey_failed")) }
        } @else if polls && fields.is_empty() {
            p role="status" { (visit.t(if flow.waiting.is_some() { "step.waiting" } else { "step.decide" })) }
            button type="submit" data-poll=(flow.waiting.unwrap_or(1_000)) { (visit.t("step.check")) }
        } @else {
            button type="submit" { (submit_label(visit, flow, &fields)) }
        }
    };
    let body = html! {
        (head(visit, open, &about))
        (intro(visit, flow, &manifest.id))
        (show::prompt(visit, prompt, &shown.unwrap_or_default(), &used))
        (ask::form(visit, "answer", &hidden, inner))
        @if manifest.sends && !enrolling {
            (ask::button(visit, "choose", &hidden, visit.t("step.send_again"), "quiet"))
        }
        (others(visit, open, false))
    };
    Page::new(title(visit, flow), body).with(&["passkey.js", "wait.js", "strength.js"])
}

/// What the chosen way needs before it asks: a click, because something is sent; or a number.
fn before(visit: &Visit, open: &Open, manifest: &Manifest, about: Markup) -> Page {
    let flow = &open.flow;
    let fields = drive::before(flow, manifest);
    let hidden = [("flow", Some(open.id.as_str())), ("way", Some(&*manifest.id))];
    let inner = html! {
        (ask::fields(visit, &fields, Manner::New, flow.notice.is_some(), None))
        button type="submit" { (visit.t(if manifest.sends { "step.send" } else { "step.continue" })) }
    };
    let body = html! {
        (head(visit, open, &about))
        @if let Some(text) = visit.language.find(&format!("before.{}", manifest.id)) { p { (text) } }
        (ask::form(visit, "ask", &hidden, inner))
        (others(visit, open, false))
    };
    Page::new(title(visit, flow), body)
}

/// Nothing is chosen yet.
fn chooser(visit: &Visit, open: &Open, about: Markup) -> Page {
    let body = html! {
        (head(visit, open, &about))
        (ways(visit, open, None))
    };
    Page::new(title(visit, &open.flow), body)
}

/// What else there is; `shown`: because the chosen way can't be used.
pub(crate) fn others(visit: &Visit, open: &Open, shown: bool) -> Markup {
    let flow = &open.flow;
    let others = flow.ways.iter().filter(|way| Some(*way) != flow.way.as_ref()).count();
    html! {
        @if others > 0 {
            details.others open[shown] {
                summary { (visit.t("step.other_ways")) }
                (ways(visit, open, flow.way.as_deref()))
            }
        }
        @if flow.stand == Stand::First && flow.aim == Aim::Login {
            (reset::link(visit, flow.way.as_deref(), flow.request.as_deref()))
        }
    }
}

fn ways(visit: &Visit, open: &Open, but: Option<&str>) -> Markup {
    let catalogue = visit.house.engine.catalogue();
    let nameless = open.flow.name.is_none() && open.flow.stand == Stand::First;
    let able = |id: &&String| {
        let fits = |m: &Manifest| !nameless || m.abilities.identify;
        !catalogue.is_remembered(id) && Some(id.as_str()) != but && catalogue.manifest(id).is_some_and(fits)
    };
    html! {
        ul.ways {
            @for way in open.flow.ways.iter().filter(able) {
                @let hidden = [("flow", Some(open.id.as_str())), ("way", Some(way.as_str()))];
                li { (ask::button(visit, "choose", &hidden, &ask::way(visit, way), "quiet")) }
            }
        }
    }
}

/// "Trust this browser", where a second factor is proven and the tenant remembers devices.
pub(crate) fn trust(visit: &Visit, flow: &Flow) -> Markup {
    let policy = &visit.house.engine.settings_of(&visit.tenant).policy;
    let remembers = policy.remembers(&visit.house.engine.catalogue()).is_some();
    let due = flow.aim == Aim::Login && flow.stand == Stand::Second;
    html! {
        @if remembers && due {
            p.check {
                input type="checkbox" id="trust" name="trust_browser" value="on";
                label for="trust" { (visit.t("step.trust")) }
            }
        }
    }
}

pub(crate) fn intro(visit: &Visit, flow: &Flow, way: &str) -> Markup {
    let place = if flow.stand == Stand::Enrol { "enrol" } else { "answer" };
    html! { @if let Some(text) = visit.language.find(&format!("{place}.{way}")) { p { (text) } } }
}

fn submit_label(visit: &Visit, flow: &Flow, fields: &[Field]) -> &'static str {
    let credential = fields.iter().any(|f| f.kind == Kind::Credential);
    visit.t(match flow.stand {
        Stand::Enrol if fields.is_empty() || credential => "step.create",
        Stand::Enrol => "step.finish",
        _ if credential => "step.use_passkey",
        Stand::First if flow.aim == Aim::Login => "login.submit",
        _ => "step.continue",
    })
}

/// Members of a prompt that fields were made of.
fn used_by(fields: &[Field], prompt: &Value) -> Vec<String> {
    let has_rows = fields.iter().any(|f| matches!(f.kind, Kind::Rows(_)));
    let lists = prompt.as_object().into_iter().flatten().filter(|(_, v)| v.is_array());
    lists.filter(|_| has_rows).map(|(name, _)| name.clone()).collect()
}

/// What is shown exactly once.
fn reveal(visit: &Visit, open: &Open) -> Page {
    let (way, what) = open.flow.reveal.clone().unwrap_or_default();
    let schema = drive::manifest(visit, &way).and_then(|m| m.schemas.reveal).unwrap_or_default();
    let title = visit.t("reveal.title");
    let on = if open.flow.stand == Stand::Done { open.destination(visit) } else { open.link(visit) };
    let body = html! {
        h1 { (title) }
        p { (visit.t("reveal.once")) }
        (show::prompt(visit, &what, &schema, &[]))
        p { a.button href=(on) { (visit.t("step.continue")) } }
    };
    Page::new(title, body)
}
