//! Forms and what is said above them.

use crate::{
    fields::{Field, Kind, Row},
    flow::Notice,
    show::spelled,
    visit::Visit,
};
use maud::{Markup, html};

/// Whether what is filled in is known already, or new.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Manner {
    Known,
    New,
}

/// A form to one of our actions; `hidden`: what it carries along.
pub(crate) fn form(visit: &Visit, action: &str, hidden: &[(&str, Option<&str>)], body: Markup) -> Markup {
    html! {
        form method="post" action=(visit.path(&format!("do/{action}"))) {
            input type="hidden" name="form_token" value=(visit.form_token());
            @for (name, value) in hidden.iter().filter_map(|(name, value)| Some((name, (*value)?))) {
                input type="hidden" name=(name) value=(value);
            }
            (body)
        }
    }
}

/// A form that is only a button.
pub(crate) fn button(
    visit: &Visit,
    action: &str,
    hidden: &[(&str, Option<&str>)],
    label: &str,
    class: &str,
) -> Markup {
    form(visit, action, hidden, html! { button type="submit" class=(class) { (label) } })
}

/// What went wrong, or is to be known, at the head of a page.
pub(crate) fn notice(visit: &Visit, notice: Option<&Notice>) -> Markup {
    let Some(notice) = notice else { return html! {} };
    let seconds = notice.seconds.map(|seconds| seconds.to_string()).unwrap_or_default();
    let said = visit.language.find(&notice.key).unwrap_or(visit.t("notice.invalid"));
    html! {
        div.notice id="problem" role="alert" {
            p {
                (said)
                @if notice.seconds.is_some() { " " (visit.language.say_with("notice.wait", &[("seconds", &seconds)])) }
            }
            @if !notice.rules.is_empty() {
                ul { @for (code, message) in &notice.rules { li { (rule(visit, code, message)) } } }
            }
        }
    }
}

/// A rule in the person's language, with the numbers that its author said, or as its author said it. `code`: that of the
/// authenticator and its own, for a word may mean two things.
fn rule(visit: &Visit, code: &str, message: &str) -> String {
    let short = code.split_once('.').map_or(code, |(_, own)| own);
    let keys = [format!("rule.{code}"), format!("rule.{short}")];
    let Some(key) = keys.iter().find(|key| visit.language.find(key).is_some()) else {
        return message.to_owned();
    };
    let number = message.split(|c: char| !c.is_ascii_digit()).find(|digits| !digits.is_empty());
    visit.language.say_with(key, &[("number", number.unwrap_or_default())])
}

/// Good news at the head of a page.
pub(crate) fn news(text: &str) -> Markup {
    html! { div.news role="status" { p { (text) } } }
}

/// The fields of a message.
pub(crate) fn fields(
    visit: &Visit,
    fields: &[Field],
    manner: Manner,
    wrong: bool,
    shortest: Option<u64>,
) -> Markup {
    let first = fields.first().map(|field| field.name.as_str());
    html! {
        @for field in fields {
            (one(visit, field, "a", (manner, wrong, first == Some(&field.name)), shortest))
        }
    }
}

type Way = (Manner, bool, bool);

fn one(visit: &Visit, field: &Field, path: &str, way: Way, shortest: Option<u64>) -> Markup {
    let name = format!("{path}.{}", field.name);
    let id = name.replace('.', "-");
    let label = label(visit, field, way.0);
    match &field.kind {
        Kind::Rows(rows) => many(visit, rows, &name, way),
        Kind::Flag => html! {
            p.check { input type="checkbox" id=(id) name=(name) value="on"; label for=(id) { (label) } }
        },
        Kind::Choice(options) => html! {
            p.field {
                label for=(id) { (label) }
                select id=(id) name=(name) required[field.required] {
                    @if !field.required { option value="" { (visit.t("field.any")) } }
                    @for option in options { option value=(option) { (choice(visit, option)) } }
                }
            }
        },
        // Filled in by the script that asks the browser.
        Kind::Credential => html! { input type="hidden" name=(name) data-credential; },
        _ => typed(visit, field, (&name, &id, &label), way, shortest),
    }
}

fn typed(
    visit: &Visit,
    field: &Field,
    (name, id, label): (&str, &str, &str),
    way: Way,
    shortest: Option<u64>,
) -> Markup {
    let (manner, wrong, first) = way;
    let help = help(visit, field);
    let help_id = format!("{id}-help");
    let described: Vec<&str> = [wrong.then_some("problem"), help.is_some().then_some(help_id.as_str())]
        .into_iter()
        .flatten()
        .collect();
    let described = (!described.is_empty()).then(|| described.join(" "));
    let kind = if field.kind == Kind::Secret { "password" } else { "text" };
    let numeric = matches!(field.kind, Kind::Number);
    let meter = manner == Manner::New && field.kind == Kind::Secret && name.ends_with("password");
    html! {
        p.field {
            label for=(id) { (label) @if !field.required { " " span.optional { (visit.t("field.optional")) } } }
            @if field.kind == Kind::Long {
                textarea id=(id) name=(name) rows="6" spellcheck="false" required[field.required]
                    aria-describedby=[described.as_deref()] {}
            } @else {
                input id=(id) name=(name) type=(kind) maxlength=[field.most] required[field.required]
                    autocomplete=(autocomplete(field, manner)) inputmode=[numeric.then_some("numeric")]
                    autocapitalize="none" spellcheck="false" autofocus[first]
                    aria-invalid=[wrong.then_some("true")] aria-describedby=[described.as_deref()]
                    data-strength=[meter.then(|| shortest.unwrap_or(8))];
            }
            @if let Some(help) = &help { span.help id=(help_id) { (help) } }
            @if meter {
                span.strength hidden data-strength-for=(id)
                    data-weak=(visit.t("strength.weak")) data-fair=(visit.t("strength.fair"))
                    data-good=(visit.t("strength.good")) data-short=(visit.t("strength.short")) {
                    meter min="0" max="3" low="2" high="3" optimum="3" value="0" aria-label=(visit.t("strength.label")) {}
                    " " span role="status" {}
                }
            }
        }
    }
}

fn many(visit: &Visit, rows: &[Row], name: &str, (manner, wrong, _): Way) -> Markup {
    html! {
        @for (index, row) in rows.iter().enumerate() {
            fieldset {
                legend { @if let Some(label) = &row.label { (label) } @else { (index + 1) } }
                @for field in &row.fields {
                    (one(visit, field, &format!("{name}.{index}"), (manner, wrong, index == 0), None))
                }
            }
        }
    }
}

fn label(visit: &Visit, field: &Field, manner: Manner) -> String {
    let new =
        (manner == Manner::New).then(|| visit.language.find(&format!("field.new_{}", field.name))).flatten();
    new.or_else(|| visit.language.find(&format!("field.{}", field.name)))
        .map_or_else(|| spelled(&field.name), str::to_owned)
}

/// What we have no word for is described by its author, in the first sentence.
fn help(visit: &Visit, field: &Field) -> Option<String> {
    if visit.language.find(&format!("field.{}", field.name)).is_some() {
        return visit.language.find(&format!("help.{}", field.name)).map(str::to_owned);
    }
    let first = field.description.split_inclusive(". ").next().unwrap_or_default();
    let text = first.trim().replace('\n', " ");
    (!text.is_empty()).then_some(text)
}

fn choice(visit: &Visit, option: &str) -> String {
    visit.language.find(&format!("choice.{option}")).map_or_else(|| option.to_owned(), str::to_owned)
}

/// A word of the HTML standard for who fills in forms.
fn autocomplete(field: &Field, manner: Manner) -> &str {
    if let Some(own) = &field.autocomplete {
        return own;
    }
    match (&field.kind, field.name.contains("password"), manner) {
        (Kind::Code, _, _) => "one-time-code",
        (Kind::Secret, true, Manner::Known) => "current-password",
        (Kind::Secret, true, Manner::New) => "new-password",
        _ => "off",
    }
}

/// What somebody's way in is called.
pub(crate) fn way(visit: &Visit, id: &str) -> String {
    visit.language.find(&format!("way.{id}")).map_or_else(|| spelled(id), str::to_owned)
}
