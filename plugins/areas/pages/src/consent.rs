//! `consent` and `device`: what an application gets of somebody, and whether it may.

use crate::{
    application::{Application, Asked, problem, token},
    ask,
    flow::{Aim, Flow, Notice, resume},
    layout::Page,
    visit::{Visit, see_other},
};
use gatewright_core::Problem;
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
    let person = visit.house.engine.person_of(&caller).await?;
    let application = &asked.application;
    let title = visit.language.say_with("consent.title", &[("name", &application.name)]);
    let hidden = [("auth_req_id", Some(name.as_str()))];
    let body = html! {
        (picture(application))
        h1 { (title) }
        p { (visit.language.say_with("consent.as", &[("name", &person.username)])) }
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
        let Some(caller) = visit.caller().await? else {
            return Ok(see_other(&visit.link("login", &[("auth_req_id", Some(name))])));
        };
        let done = provider.agree(&token(name)?, &caller, asked.scopes(), &visit.origin).await;
        done.map_err(problem)?;
    } else {
        provider.deny(&token(name)?, &visit.origin).await.map_err(problem)?;
    }
    Ok(see_other(&resume(visit, name)))
}

/// `device`: the code, and then what it is for.
pub(crate) async fn device_page(visit: &mut Visit) -> Result<Response, Problem> {
    let code = visit.query.get("user_code").map(str::to_owned);
    if visit.caller().await?.is_none() {
        let carried = [("to", Some("device")), ("user_code", code.as_deref())];
        return Ok(see_other(&visit.link("login", &carried)));
    }
    let said = visit.query.get("notice").unwrap_or_default().to_owned();
    if let (Some(code), "") = (&code, said.as_str()) {
        return device_asks(visit, code).await;
    }
    let body = match said.as_str() {
        "allowed" => html! { h1 { (visit.t("device.title")) } (ask::news(visit.t("device.allowed"))) },
        "denied" => html! { h1 { (visit.t("device.title")) } p { (visit.t("device.denied")) } },
        "unmet" => html! {
            h1 { (visit.t("device.title")) }
            (ask::notice(visit, Some(&Notice::of("device.unmet"))))
        },
        said => code_form(visit, said == "unknown"),
    };
    Ok(Page::new(visit.t("device.title"), body).reply(visit))
}

fn code_form(visit: &Visit, wrong: bool) -> Markup {
    html! {
        h1 { (visit.t("device.title")) }
        p { (visit.t("device.how")) }
        @if wrong { (ask::notice(visit, Some(&Notice::of("device.unknown")))) }
        (ask::form(visit, "device", &[], html! {
            p.field {
                label for="user-code" { (visit.t("device.code")) }
                input id="user-code" name="user_code" type="text" required maxlength="32" autocomplete="one-time-code"
                    autocapitalize="characters" spellcheck="false" autofocus
                    aria-invalid=[wrong.then_some("true")] aria-describedby=[wrong.then_some("problem")];
            }
            button type="submit" { (visit.t("step.continue")) }
        }))
    }
}

/// `do/device`: the code that was typed.
pub(crate) fn device(visit: &Visit, form: &Params) -> Response {
    see_other(&visit.link("device", &[("user_code", form.get("user_code"))]))
}

/// What the code is for.
async fn device_asks(visit: &Visit, code: &str) -> Result<Response, Problem> {
    let provider = &visit.house.provider;
    let found = provider.device_lookup(&visit.tenant.id, code, &visit.origin).await.map_err(problem)?;
    let Some(request) = found else {
        return Ok(see_other(&visit.link("device", &[("notice", Some("unknown"))])));
    };
    let application = Application::of(&request.client);
    let title = visit.language.say_with("consent.title", &[("name", &application.name)]);
    let hidden = [("user_code", Some(request.user_code.as_str()))];
    let body = html! {
        (picture(&application))
        h1 { (title) }
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
    let caller = visit.caller().await?.ok_or_else(Problem::unauthenticated)?;
    let code = form.get("user_code").unwrap_or_default();
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
