//! `consent` and `device`: what an application gets of somebody, and whether it may.

use crate::{
    application::{Application, Asked, problem, token},
    ask,
    flow::{Aim, Flow, Notice, resume},
    layout::Page,
    visit::{Visit, see_other},
};
use gatewright_contract::SessionId;
use gatewright_core::{Problem, session::Caller};
use gatewright_oauth::{ErrorCode, Params};
use maud::{Markup, html};
use poem::Response;

/// `consent`
pub(crate) async fn page(visit: &mut Visit) -> Result<Response, Problem> {
    let name = visit.query.get("auth_req_id").unwrap_or_default().to_owned();
    let asked = Asked::find(visit, &name).await?;
    let Some(caller) = visit.caller().await? else {
        return Ok(see_other(&visit.link("login", &[("auth_req_id", Some(&name))])));
    };
    visit.prefer(asked.languages());
    let other = visit.link("login", &[("auth_req_id", Some(&name))]);
    let whom = as_whom(visit, &caller, &other).await?;
    let application = &asked.application;
    let title = visit.language.say_with("consent.title", &[("name", &application.name)]);
    let session = caller.session.id.to_string();
    let hidden = [("auth_req_id", Some(name.as_str())), (SHOWN, Some(&session))];
    let body = html! {
        (picture(application))
        h1 { (title) }
        (whom)
        (scopes(visit, asked.scopes(), asked.resources()))
        p.quiet-text { (visit.t("consent.trust")) }
        div.pair-of-buttons {
            (ask::button(visit, "agree", &hidden, visit.t("consent.allow"), ""))
            (ask::button(visit, "deny", &hidden, visit.t("consent.deny"), "quiet"))
        }
        (links(visit, application))
    };
    let mut page = Page::new(title, body);
    page.picture = application.logo.clone();
    page.leads_to = asked.leads_to();
    Ok(page.reply(visit))
}

/// The session in which a form was shown: who is shown is who decides, whoever has logged in since in another window.
const SHOWN: &str = "session";

/// Who decides; none where it is not who was shown.
async fn who_was_shown(visit: &Visit, form: &Params) -> Result<Option<Caller>, Problem> {
    let shown = form.get(SHOWN).and_then(SessionId::parse);
    Ok(visit.caller().await?.filter(|caller| Some(caller.session.id) == shown))
}

/// Who it is for, and a way to be somebody else.
async fn as_whom(visit: &Visit, caller: &Caller, other: &str) -> Result<Markup, Problem> {
    let person = visit.house.engine.person_of(caller).await?;
    Ok(html! {
        p.who {
            span { (visit.language.say_with("consent.as", &[("name", &person.username)])) }
            a href=(other) { (visit.t("consent.not_you")) }
        }
    })
}

fn picture(application: &Application) -> Markup {
    html! { @if let Some(logo) = &application.logo { p { img.logo src=(logo) alt=""; } } }
}

fn scopes(visit: &Visit, scopes: &[String], resources: &[String]) -> Markup {
    html! {
        p { (visit.t("consent.asks")) }
        ul.asked { @for scope in scopes { li { (scope_words(visit, scope)) } } }
        @if !resources.is_empty() {
            p { (visit.t("consent.resources")) }
            ul.asked { @for resource in resources { li { (resource) } } }
        }
    }
}

fn scope_words(visit: &Visit, scope: &str) -> String {
    match visit.language.find(&format!("scope.{scope}")).filter(|_| scope != "other") {
        Some(words) => words.to_owned(),
        None => visit.language.say_with("scope.other", &[("scope", scope)]),
    }
}

fn links(visit: &Visit, application: &Application) -> Markup {
    let all = [
        (&application.home, "consent.site"),
        (&application.policy, "consent.policy"),
        (&application.terms, "consent.terms"),
    ];
    html! {
        @for (uri, key) in all.into_iter().filter_map(|(uri, key)| Some((uri.as_ref()?, key))) {
            p.aside { a href=(uri) target="_blank" rel="noopener noreferrer" { (visit.t(key)) } }
        }
    }
}

/// `do/agree` and `do/deny`
pub(crate) async fn decide(visit: &mut Visit, form: &Params, agrees: bool) -> Result<Response, Problem> {
    let name = form.get("auth_req_id").unwrap_or_default();
    let asked = Asked::find(visit, name).await?;
    let provider = &visit.house.provider;
    if agrees {
        let Some(caller) = who_was_shown(visit, form).await? else {
            return Ok(see_other(&visit.link("consent", &[("auth_req_id", Some(name))])));
        };
        let done = provider.agree(&token(name)?, &caller, asked.scopes(), &visit.origin).await;
        done.map_err(problem)?;
    } else {
        provider.deny(&token(name)?, &visit.origin).await.map_err(problem)?;
    }
    Ok(see_other(&resume(visit, name)))
}

/// `device`: the code, and then what it is for. An address alone only fills the code in: looking it up counts as a guess, and
/// any site may lead people to an address.
pub(crate) async fn device_page(visit: &mut Visit) -> Result<Response, Problem> {
    let said = |name: &str| visit.query.get(name).unwrap_or_default().to_owned();
    let (code, tag, notice) = (said("user_code"), said(TYPED), said("notice"));
    let Some(caller) = visit.caller().await? else {
        let code = Some(code.as_str()).filter(|code| !code.is_empty());
        return Ok(see_other(&visit.link("login", &[("to", Some("device")), ("user_code", code)])));
    };
    let body = match notice.as_str() {
        "allowed" => html! { h1 { (visit.t("device.title")) } (ask::news(visit.t("device.allowed"))) },
        "denied" => html! { h1 { (visit.t("device.title")) } p { (visit.t("device.denied")) } },
        "unmet" => html! {
            h1 { (visit.t("device.title")) }
            (ask::notice(visit, Some(&Notice::of("device.unmet"))))
        },
        "" if visit.is_tag(&code, &tag) => return device_asks(visit, &code, &caller).await,
        notice => code_form(visit, &caller, &code, notice == "unknown").await?,
    };
    Ok(Page::new(visit.t("device.title"), body).reply(visit))
}

/// That a form has sent the code.
const TYPED: &str = "typed";
/// Longer is no code, in whatever way it is written.
const LONGEST_CODE: usize = 32;

async fn code_form(visit: &Visit, caller: &Caller, code: &str, wrong: bool) -> Result<Markup, Problem> {
    let code = if code.len() > LONGEST_CODE { "" } else { code };
    let whom = as_whom(visit, caller, &somebody_else(visit, code)).await?;
    Ok(html! {
        h1 { (visit.t("device.title")) }
        (whom)
        p { (visit.t("device.how")) }
        @if wrong { (ask::notice(visit, Some(&Notice::of("device.unknown")))) }
        (ask::form(visit, "device", &[], html! {
            p.field {
                label for="user-code" { (visit.t("device.code")) }
                input id="user-code" name="user_code" type="text" required maxlength=(LONGEST_CODE) value=(code)
                    autocomplete="one-time-code" autocapitalize="characters" spellcheck="false" autofocus
                    aria-invalid=[wrong.then_some("true")] aria-describedby=[wrong.then_some("problem")];
            }
            button type="submit" { (visit.t("step.continue")) }
        }))
    })
}

/// Where somebody else logs in, and goes on with the same code.
fn somebody_else(visit: &Visit, code: &str) -> String {
    let code = Some(code).filter(|code| !code.is_empty());
    visit.link("login", &[("to", Some("device")), ("user_code", code), ("other", Some("on"))])
}

/// `do/device`: the code that was typed.
pub(crate) fn device(visit: &Visit, form: &Params) -> Response {
    see_other(&typed(visit, form.get("user_code").unwrap_or_default()))
}

/// The page of a code that a form has sent.
fn typed(visit: &Visit, code: &str) -> String {
    visit.link("device", &[("user_code", Some(code)), (TYPED, Some(&visit.tag(code)))])
}

/// What the code is for.
async fn device_asks(visit: &Visit, code: &str, caller: &Caller) -> Result<Response, Problem> {
    let provider = &visit.house.provider;
    let found = provider.device_lookup(&visit.tenant.id, code, &visit.origin).await.map_err(problem)?;
    let Some(request) = found else {
        return Ok(see_other(&visit.link("device", &[("notice", Some("unknown"))])));
    };
    let application = Application::of(&request.client);
    let title = visit.language.say_with("consent.title", &[("name", &application.name)]);
    let whom = as_whom(visit, caller, &somebody_else(visit, &request.user_code)).await?;
    let session = caller.session.id.to_string();
    let hidden = [("user_code", Some(request.user_code.as_str())), (SHOWN, Some(&session))];
    let body = html! {
        (picture(&application))
        h1 { (title) }
        (whom)
        p.number { (visit.t("device.code")) strong { (request.user_code) } }
        p { (visit.t("device.compare")) }
        (scopes(visit, &request.scopes, &request.resources))
        div.pair-of-buttons {
            (ask::button(visit, "allow-device", &hidden, visit.t("consent.allow"), ""))
            (ask::button(visit, "deny-device", &hidden, visit.t("consent.deny"), "quiet"))
        }
        (links(visit, &application))
    };
    let mut page = Page::new(title, body);
    page.picture = application.logo;
    Ok(page.reply(visit))
}

/// `do/allow-device` and `do/deny-device`
pub(crate) async fn decide_device(
    visit: &mut Visit,
    form: &Params,
    allow: bool,
) -> Result<Response, Problem> {
    let code = form.get("user_code").unwrap_or_default();
    let Some(caller) = who_was_shown(visit, form).await? else { return Ok(see_other(&typed(visit, code))) };
    let provider = &visit.house.provider;
    let notice = match provider.device_decide(&visit.tenant.id, code, &caller, allow, &visit.origin).await {
        Ok(()) if allow => "allowed",
        Ok(()) => "denied",
        Err(error) if error.cause.is_some() => return Err(problem(error)),
        Err(error) if error.code == ErrorCode::LoginRequired => {
            // After it the person is asked anew.
            let then = visit.link("device", &[("user_code", Some(code))]);
            return crate::account::elevate(visit, &Flow::new(Aim::Elevate, &then)).await;
        }
        Err(error) if error.code == ErrorCode::UnmetAuthenticationRequirements => "unmet",
        Err(_) => "unknown",
    };
    Ok(see_other(&visit.link("device", &[("notice", Some(notice))])))
}
