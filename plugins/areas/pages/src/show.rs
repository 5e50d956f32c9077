//! What an authenticator shows, whatever it is: pictures, codes to keep, links, numbers, tables, and the rest as pairs of name
//! and value.

use crate::{fields::word, visit::Visit};
use data_encoding::BASE64;
use maud::{Markup, html};
use serde_json::{Map, Value};
use url::Url;

/// Schemes that a link may have: what opens an app among them, and nothing that runs.
const SCHEMES: [&str; 4] = ["https", "http", "otpauth", "mailto"];
/// What is longer is shown in a block of its own.
const SHORT: usize = 80;

/// What is shown of a prompt; `used`: members that a form has made fields of.
pub(crate) fn prompt(visit: &Visit, prompt: &Value, schema: &Value, used: &[&str]) -> Markup {
    let none = Map::new();
    let members = prompt.as_object().unwrap_or(&none);
    let is_table = |v: &Value| v.as_array().is_some_and(|rows| rows.first().is_some_and(Value::is_array));
    let has_table = members.values().any(is_table);
    // Pictures first: most people need nothing else.
    let is_picture = |name: &String| name.ends_with("svg") || name.ends_with("png_base64");
    let (pictures, rest): (Vec<_>, Vec<_>) = members.iter().partition(|(name, _)| is_picture(name));
    html! {
        @for (name, value) in pictures.into_iter().chain(rest) {
            @let hidden = used.contains(&name.as_str()) || value.is_null();
            // One form of a thing is enough: a picture in one format, a table or the same as text.
            @let twice = (name == "qr_png_base64" && members.contains_key("qr_svg"))
                || (has_table && value.as_str().is_some_and(|t| t.contains('\n') && !t.starts_with('<')));
            @if !hidden && !twice {
                (member(visit, name, value, &schema["properties"][name]))
            }
        }
    }
}

fn member(visit: &Visit, name: &str, value: &Value, schema: &Value) -> Markup {
    if name == "publicKey" {
        return html! {};
    }
    if let Some(text) = visit.language.find(&format!("prompt.{name}")) {
        let Some(word) = duration(name, value).or_else(|| word(value)) else { return html! {} };
        let said = visit.language.say_with(&format!("prompt.{name}"), &[("value", &word)]);
        return match (text.is_empty(), name) {
            (true, _) => html! {},
            (_, "number") => html! { p.number { (text_before(&said, &word)) strong { (word) } } },
            _ => html! { p { (said) } },
        };
    }
    match value {
        Value::String(text) => string(visit, name, text, schema),
        Value::Array(items) => list(visit, name, items, schema),
        Value::Object(_) => html! {},
        other => word(other).map_or_else(|| html! {}, |word| pair(visit, name, schema, &word)),
    }
}

/// Seconds as people say them.
fn duration(name: &str, value: &Value) -> Option<String> {
    let seconds = value.as_u64().filter(|_| name.ends_with("_seconds"))?;
    Some(if seconds >= 120 && seconds % 60 == 0 {
        format!("{} min", seconds / 60)
    } else {
        format!("{seconds} s")
    })
}

/// A sentence that ends with its value is shown with the value large.
fn text_before<'a>(said: &'a str, value: &str) -> &'a str {
    said.strip_suffix(value).unwrap_or(said)
}

fn string(visit: &Visit, name: &str, text: &str, schema: &Value) -> Markup {
    if name.ends_with("svg") && text.trim_start().starts_with("<svg") {
        let data = format!("data:image/svg+xml;base64,{}", BASE64.encode(text.as_bytes()));
        return picture(visit, &data);
    }
    let is_data = || text.bytes().all(|b| b.is_ascii_alphanumeric() || b"+/=".contains(&b));
    if name.ends_with("png_base64") && is_data() {
        return picture(visit, &format!("data:image/png;base64,{text}"));
    }
    if name.ends_with("pdf_base64") && is_data() {
        let data = format!("data:application/pdf;base64,{text}");
        return html! { p { a.button.quiet href=(data) download=(format!("{}.pdf", stem(name))) { (visit.t("show.pdf")) } } };
    }
    if let Some(url) = Url::parse(text).ok().filter(|url| SCHEMES.contains(&url.scheme())) {
        return link(visit, url.scheme(), text);
    }
    match text.contains('\n') || text.len() > SHORT {
        true => html! { p.label { (label(visit, name, schema)) } pre tabindex="0" { (text) } },
        false => pair(visit, name, schema, text),
    }
}

fn picture(visit: &Visit, data: &str) -> Markup {
    html! { p.picture { img src=(data) alt=(visit.t("show.qr")) width="220" height="220"; } }
}

fn link(visit: &Visit, scheme: &str, to: &str) -> Markup {
    // A provider is a page of its own: it opens beside this one, which goes on asking.
    let app = scheme == "otpauth";
    html! {
        p {
            @if app {
                a.button.quiet href=(to) { (visit.t("show.app")) }
            } @else {
                a.button.quiet href=(to) target="_blank" rel="noopener noreferrer" {
                    (visit.t("show.open")) span.hidden { " " (visit.t("show.new_window")) }
                }
            }
        }
    }
}

fn list(visit: &Visit, name: &str, items: &[Value], schema: &Value) -> Markup {
    let words: Vec<String> = items.iter().filter_map(|item| word(item).or_else(|| cell(item))).collect();
    if !words.is_empty() && words.len() == items.len() {
        return html! {
            p.label { (label(visit, name, schema)) }
            ul.codes { @for word in &words { li { code { (word) } } } }
        };
    }
    let rows: Vec<&Vec<Value>> = items.iter().filter_map(Value::as_array).collect();
    if !rows.is_empty() && rows.len() == items.len() {
        return html! { (table(&rows)) };
    }
    let pairs = items.iter().filter_map(Value::as_object);
    html! {
        ul {
            @for item in pairs {
                li { (item.values().filter_map(word).collect::<Vec<_>>().join(" · ")) }
            }
        }
    }
}

/// A cell of a card, as cards name it.
fn cell(item: &Value) -> Option<String> {
    let members = item.as_object().filter(|members| members.len() == 2)?;
    let column = u8::try_from(members.get("column")?.as_u64()?).ok().filter(|column| *column < 26)?;
    let row = members.get("row")?.as_u64()?;
    Some(format!("{}{}", char::from(b'A' + column), row + 1))
}

fn table(rows: &[&Vec<Value>]) -> Markup {
    let width = rows.iter().map(|row| row.len()).max().unwrap_or_default().min(26);
    html! {
        div.wide tabindex="0" {
            table.card {
                thead { tr { td {} @for column in (b'A'..).take(width) { th scope="col" { (char::from(column)) } } } }
                tbody {
                    @for (number, row) in rows.iter().enumerate() {
                        tr {
                            th scope="row" { (number + 1) }
                            @for one in row.iter().take(width) { td { code { (word(one).unwrap_or_default()) } } }
                        }
                    }
                }
            }
        }
    }
}

fn pair(visit: &Visit, name: &str, schema: &Value, value: &str) -> Markup {
    html! { p.pair { span.label { (label(visit, name, schema)) } " " code { (value) } } }
}

/// What a member is called: by us, by its author, or as it is spelled.
pub(crate) fn label(visit: &Visit, name: &str, schema: &Value) -> String {
    let ours = visit.language.find(&format!("field.{name}"));
    let ours = ours.map(str::to_owned).or_else(|| schema["title"].as_str().map(str::to_owned));
    ours.unwrap_or_else(|| spelled(name))
}

/// `secret_base32` as `Secret base32`.
pub(crate) fn spelled(name: &str) -> String {
    let words = name.replace(['_', '-'], " ");
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

fn stem(name: &str) -> &str {
    name.split('_').next().unwrap_or(name)
}
