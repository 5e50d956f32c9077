//! Ways that bring a script of their own to the page, because a form made of their schemas does not do.
//!
//! The page hands the script what it needs to know and two forms with one hidden field each: with `ask` it says what the way is
//! asked with, with `answer` what it answers. Only the answer leads to another page; what was asked goes with the page that
//! the script has in its memory, so that a page that is loaded again begins anew.

use crate::{
    ask, assets,
    flow::{Aim, Open, Stand},
    layout::{Needs, Page},
    step,
    visit::Visit,
};
use gatewright_contract::Module;
use gatewright_core::Problem;
use gatewright_oauth::Params;
use maud::{Markup, html};
use serde_json::{Value, json};

/// How deep it may be nested: what is sent are texts, lists of them, and a report.
const DEEPEST: usize = 12;

/// What a way brings.
pub(crate) fn of(visit: &Visit, way: &str) -> Option<&'static Module> {
    visit.house.engine.catalogue().get(way).ok()?.module()
}

/// The message that a script says with a form.
///
/// # Errors
/// 400 for none, one that is too deep, and what is no object. How long it may be, the form has seen to (32 KiB).
pub(crate) fn message(form: &Params) -> Result<Value, Problem> {
    let text = form.get("json").unwrap_or_default();
    let fits = |value: &Value| value.is_object() && is_shallow(value, DEEPEST);
    serde_json::from_str::<Value>(text)
        .ok()
        .filter(fits)
        .ok_or_else(|| Problem::invalid("This way needs the script of its page. Load the page again."))
}

fn is_shallow(value: &Value, left: usize) -> bool {
    match (value, left) {
        (Value::Array(_) | Value::Object(_), 0) => false,
        (Value::Array(items), _) => items.iter().all(|item| is_shallow(item, left - 1)),
        (Value::Object(members), _) => members.values().all(|member| is_shallow(member, left - 1)),
        _ => true,
    }
}

/// The page of such a way, at whichever step.
pub(crate) fn page(visit: &Visit, open: &Open, (way, module): (&str, &Module), head: Markup) -> Page {
    let flow = &open.flow;
    let built = module.script.is_some();
    let body = html! {
        (head)
        @if built {
            (step::intro(visit, flow, way))
            (stage(visit, open, way))
            noscript { p.notice { (visit.t("step.needs_script")) } }
        } @else {
            p.notice { (visit.t("module.missing")) }
        }
        (step::others(visit, open, !built))
        @if flow.aim == Aim::Register {
            p.aside {
                a href=(visit.link("register", &[("auth_req_id", flow.request.as_deref())])) { (visit.t("register.change")) }
            }
        }
    };
    let mut page = Page::new(step::title(visit, flow), body);
    page.needs = needs(way, module, flow.stand);
    page
}

/// Where the script stands, and what it fills in.
fn stage(visit: &Visit, open: &Open, way: &str) -> Markup {
    let flow = &open.flow;
    let stand = if flow.stand == Stand::Enrol { "enrol" } else { "login" };
    let keypad = json!(visit.house.engine.settings_of(&visit.tenant).vault.keypad()).to_string();
    let asked = flow.asked.as_ref().map(Value::to_string);
    let hidden = [("flow", Some(open.id.as_str())), ("way", Some(way)), ("json", Some(""))];
    html! {
        div data-module data-way=(way) data-stand=(stand) data-keypad=(keypad) data-asked=[asked]
            data-email=[flow.email.as_deref()] {}
        (ask::form(visit, "ask", &hidden, html! {}))
        (ask::form(visit, "answer", &hidden, step::trust(visit, flow)))
    }
}

/// A picture of the camera is for what is being set up: at a login nobody has a use for a new one, and the page may not ask.
fn needs(way: &str, module: &Module, stand: Stand) -> Option<Needs> {
    module.script.map(|script| Needs {
        script: assets::of_module(way, "js", script),
        style: module.style.map(|style| assets::of_module(way, "css", style)),
        computes: module.computes,
        pictures: module.camera,
        camera: module.camera && stand == Stand::Enrol,
    })
}

#[cfg(test)]
mod tests {
    use super::message;
    use gatewright_oauth::Params;

    #[test]
    fn a_message_is_an_object_of_bounded_size_and_depth() {
        let long = format!("json={{\"a\":\"{}\"}}", "x".repeat(32 * 1024));
        assert!(Params::parse(long.as_bytes()).is_err(), "no form is so long");
        let said = |text: &str| message(&Params::parse(format!("json={text}").as_bytes()).expect("a form"));
        assert_eq!(said("{\"a\":[{\"b\":1}]}").expect("an object")["a"][0]["b"], 1);
        let deep = format!("{{\"a\":{}{}}}", "[".repeat(12), "]".repeat(12));
        for bad in ["", "[]", "7", "null", "{", "{}{}", &deep, &"[".repeat(30_000)] {
            let problem = said(bad).expect_err("no message");
            assert_eq!(problem.status, 400, "{}", &bad[..bad.len().min(40)]);
        }
        let fits = format!("{{\"a\":{}{}}}", "[".repeat(11), "]".repeat(11));
        assert!(said(&fits).is_ok());
        assert!(message(&Params::parse(b"other=1").expect("a form")).is_err());
    }
}
