//! The page of one's own account.

use crate::{ask, fields::word, flow::Notice, layout::Page, visit::Visit};
use gatewright_contract::{Kind, Manifest, Timestamp};
use gatewright_core::{
    Person,
    engine::{CredentialView, LABEL_MAX},
    session::{Caller, Session},
};
use gatewright_plugin::outcome::moment;
use maud::{Markup, html};
use time::macros::format_description;

/// What people set up themselves here. What remembers a browser is set up by a login in it.
pub(crate) fn can_be_added(manifest: &Manifest) -> bool {
    let traits = &manifest.traits;
    manifest.abilities.enrol && traits.self_service && traits.kind != Kind::Remembered
}

pub(crate) fn page(
    visit: &Visit,
    (person, caller, unproven): (&Person, &Caller, Option<&str>),
    credentials: &[CredentialView],
    sessions: &[Session],
    said: Option<&str>,
) -> Page {
    let title = visit.t("account.title");
    let body = html! {
        h1 { (title) }
        p.who {
            span { (person.display_name.as_deref().unwrap_or(&person.username)) }
            @if person.display_name.is_some() { " " span.quiet-text { (person.username) } }
        }
        @match said {
            Some(word @ ("last" | "unverified")) => {
                (ask::notice(visit, Some(&Notice::of(&format!("account.{word}")))))
            }
            Some(word) => {
                (ask::news(visit.language.find(&format!("account.{word}")).unwrap_or_default()))
            }
            None => {}
        }
        @if let Some(address) = unproven {
            p { (visit.language.say_with("account.address", &[("address", address)])) }
            (ask::button(visit, "ask-address", &[], visit.t("account.ask_address"), "quiet"))
        }
        section aria-labelledby="ways" {
            h2 id="ways" { (visit.t("account.ways")) }
            @if credentials.is_empty() { p { (visit.t("account.none")) } }
            ul.items { @for one in credentials { (credential(visit, one)) } }
            h3 { (visit.t("account.add")) }
            ul.ways { (additions(visit, credentials)) }
        }
        section aria-labelledby="sessions" {
            h2 id="sessions" { (visit.t("account.sessions")) }
            ul.items { @for one in sessions { (session(visit, one, caller)) } }
            @if sessions.len() > 1 {
                (ask::button(visit, "end-others", &[], visit.t("account.end_others"), "quiet"))
            }
        }
        (ask::button(visit, "logout", &[], visit.t("logout.title"), ""))
    };
    let mut page = Page::new(title, body);
    page.wide = true;
    page
}

fn credential(visit: &Visit, one: &CredentialView) -> Markup {
    let id = one.id.to_string();
    let kind = ask::way(visit, &one.authenticator);
    let name = one.label.as_deref().unwrap_or(&kind);
    let field = format!("label-{id}");
    let hidden = [("credential", Some(id.as_str()))];
    html! {
        li {
            p { strong { (name) } @if one.label.is_some() { " " span.quiet-text { (kind) } } }
            p.quiet-text {
                (visit.language.say_with("account.since", &[("day", &day(one.created))])) " · "
                @match one.last_used {
                    Some(at) => { (visit.language.say_with("account.used", &[("day", &day(at))])) }
                    None => { (visit.t("account.unused")) }
                }
                @for said in details(visit, one) { " · " (said) }
            }
            details {
                summary { (visit.t("account.change")) span.hidden { ": " (name) } }
                (ask::form(visit, "rename", &hidden, html! {
                    p.field {
                        label for=(field) { (visit.t("account.name")) }
                        input id=(field) name="label" type="text" maxlength=(LABEL_MAX) autocomplete="off"
                            value=(one.label.as_deref().unwrap_or_default());
                    }
                    button type="submit" class="quiet" { (visit.t("account.rename")) }
                }))
                (ask::button(visit, "remove", &hidden, visit.t("account.remove"), "danger"))
            }
        }
    }
}

/// What its authenticator says about it, as far as there are words for people.
fn details(visit: &Visit, one: &CredentialView) -> Vec<String> {
    let members = one.details.as_object().into_iter().flatten();
    let said = members.filter_map(|(name, value)| {
        let key = format!("detail.{name}");
        visit.language.find(&key)?;
        let known =
            |word: String| visit.language.find(&format!("{key}.{word}")).map_or(word.clone(), str::to_owned);
        let parts = value.as_array().map_or_else(|| vec![value], |list| list.iter().collect());
        let words: Vec<String> = parts.into_iter().filter_map(word).map(known).collect();
        Some(visit.language.say_with(&key, &[("value", &words.join(", "))]))
    });
    said.collect()
}

/// What can be set up, or set up anew in the place of the old.
fn additions(visit: &Visit, credentials: &[CredentialView]) -> Markup {
    let catalogue = visit.house.engine.catalogue();
    let has = |id: &str| credentials.iter().any(|c| c.authenticator == id);
    let policy = &visit.house.engine.settings_of(&visit.tenant).policy;
    // What no login asks for is of no use to anybody.
    let asked =
        [policy.first_steps(&catalogue), policy.second_steps(&catalogue), policy.reset.clone()].concat();
    let offered = |m: &&Manifest| can_be_added(m) && (asked.contains(&m.id) || has(&m.id));
    html! {
        @for manifest in catalogue.iter().map(|a| a.manifest()).filter(offered) {
            @let name = ask::way(visit, &manifest.id);
            @let replaces = !manifest.traits.many && has(&manifest.id);
            @let key = if replaces { "account.replace" } else { "account.add_way" };
            @let label = visit.language.say_with(key, &[("way", &name)]);
            li { (ask::button(visit, "add", &[("way", Some(manifest.id.as_str()))], &label, "quiet")) }
        }
    }
}

fn session(visit: &Visit, one: &Session, caller: &Caller) -> Markup {
    let id = one.id.to_string();
    let current = caller.session.id == one.id;
    let agent = one.client.as_deref().or(one.user_agent.as_deref()).map_or(visit.t("account.unknown"), |a| a);
    let label = if current { visit.t("account.end_this") } else { visit.t("account.end") };
    html! {
        li {
            p {
                strong { (device(agent)) }
                @if current { " " span.badge { (visit.t("account.current")) } }
            }
            p.quiet-text {
                @if let Some(address) = &one.address { (address) " · " }
                (visit.language.say_with("account.seen", &[("day", &day(one.last_seen))]))
            }
            (ask::button(visit, "end", &[("session", Some(id.as_str()))], label, "quiet"))
        }
    }
}

/// What a browser calls itself, as far as people know its words; else as it says it.
fn device(agent: &str) -> String {
    let find = |list: &[(&'static str, &'static str)]| {
        list.iter().find(|(sign, _)| agent.contains(sign)).map(|(_, name)| *name)
    };
    let browsers = [
        ("Edg/", "Edge"),
        ("OPR/", "Opera"),
        ("Firefox/", "Firefox"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
    ];
    let systems = [
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Android", "Android"),
        ("Windows", "Windows"),
        ("Mac OS X", "macOS"),
        ("Linux", "Linux"),
    ];
    match (agent.starts_with("Mozilla/"), find(&browsers), find(&systems)) {
        (true, Some(browser), Some(system)) => format!("{browser} · {system}"),
        _ => agent.chars().take(80).collect(),
    }
}

/// A day and a time in the one form that nobody misreads.
fn day(at: Timestamp) -> String {
    let form = format_description!("[year]-[month]-[day] [hour]:[minute] UTC");
    moment(at).format(form).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::device;

    #[test]
    fn a_browser_is_called_by_its_name() {
        let agent = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0 Safari/537.36";
        assert_eq!(device(agent), "Chrome · Linux");
        assert_eq!(device("curl/8.0"), "curl/8.0");
        assert_eq!(device(&"x".repeat(500)).len(), 80);
    }
}
