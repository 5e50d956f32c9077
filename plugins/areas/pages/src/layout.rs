//! What all pages have in common.

use crate::{
    assets,
    texts::all,
    visit::{PREFIX, Visit},
};
use gatewright_core::look::is_picture;
use maud::{DOCTYPE, Markup, html};
use poem::{
    Response,
    http::{Method, StatusCode, header},
};
use url::Url;

/// A script that is not ours, and what a policy must allow for it.
pub(crate) struct Needs {
    pub(crate) script: String,
    pub(crate) style: Option<String>,
    /// It runs workers. What these may compile is said where their script is sent.
    pub(crate) computes: bool,
    /// It shows pictures that somebody has chosen or taken.
    pub(crate) pictures: bool,
    /// It asks for the camera.
    pub(crate) camera: bool,
}

/// A page before it is sent.
pub(crate) struct Page {
    pub(crate) status: StatusCode,
    pub(crate) title: String,
    pub(crate) body: Markup,
    /// Scripts of ours that it needs.
    pub(crate) scripts: &'static [&'static str],
    /// A picture besides the tenant's.
    pub(crate) picture: Option<String>,
    /// Where a form of it may lead besides here, in the end: an origin, or a scheme with its colon.
    pub(crate) leads_to: Option<String>,
    /// What a way brings to its own page.
    pub(crate) needs: Option<Needs>,
    /// For more than a card.
    pub(crate) wide: bool,
}

impl Page {
    pub(crate) fn new(title: impl Into<String>, body: Markup) -> Self {
        Self {
            status: StatusCode::OK,
            title: title.into(),
            body,
            scripts: &[],
            picture: None,
            leads_to: None,
            needs: None,
            wide: false,
        }
    }

    #[must_use]
    pub(crate) fn with(mut self, scripts: &'static [&'static str]) -> Self {
        self.scripts = scripts;
        self
    }

    /// Writes it.
    pub(crate) fn reply(self, visit: &Visit) -> Response {
        let policy = policy(visit, &self);
        let page = document(visit, &self);
        let response = Response::builder()
            .status(self.status)
            .content_type("text/html; charset=utf-8")
            .header(header::CONTENT_SECURITY_POLICY, policy)
            .header(header::CONTENT_LANGUAGE, visit.language.tag)
            .header(header::CACHE_CONTROL, "no-store")
            .header("permissions-policy", permissions(&self));
        // A form that a script sends must say where it comes from, which it does not under the policy of the door.
        let response = match &self.needs {
            Some(_) => response.header(header::REFERRER_POLICY, "same-origin"),
            None => response,
        };
        visit.finish(response.body(page.into_string()))
    }
}

/// No script and no style but our own files, no frames around it, and pictures by name.
fn policy(visit: &Visit, page: &Page) -> String {
    let logo = visit.look().logo_uri.iter().chain(&page.picture).filter(|uri| uri.starts_with("https:"));
    let pictures: String =
        logo.filter(|uri| is_picture(uri)).map(|uri| format!(" {}", without_query(uri))).collect();
    let leads_to = page.leads_to.as_deref().filter(|to| is_source(to)).unwrap_or_default();
    let may = |what: fn(&Needs) -> bool, words: &'static str| {
        page.needs.as_ref().filter(|needs| what(needs)).map_or("", |_| words)
    };
    let workers = may(|needs| needs.computes, "worker-src 'self'; ");
    let own = may(|needs| needs.pictures, " blob:");
    format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:{own}{pictures}; \
         {workers}connect-src 'self'; form-action 'self' {leads_to}; base-uri 'none'; frame-ancestors 'none'"
    )
}

/// What of the device the page may ask for.
fn permissions(page: &Page) -> &'static str {
    match page.needs.as_ref().is_some_and(|needs| needs.camera) {
        true => "camera=(self), microphone=(), geolocation=()",
        false => "camera=(), microphone=(), geolocation=()",
    }
}

/// A policy compares paths and knows no queries.
fn without_query(uri: &str) -> &str {
    uri.split(['?', '#']).next().unwrap_or(uri)
}

fn is_source(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_alphanumeric() || b":/.-_[]+%~".contains(&b))
}

/// The origin of a redirect URI as a policy names it; of an app's own scheme the scheme.
pub(crate) fn source_of(uri: &str) -> Option<String> {
    let url = Url::parse(uri).ok()?;
    match url.scheme() {
        "https" | "http" => Some(url.origin().ascii_serialization()),
        scheme => Some(format!("{scheme}:")),
    }
}

fn document(visit: &Visit, page: &Page) -> Markup {
    let name = visit.house.engine.site_of(&visit.tenant).name;
    let look = visit.look();
    html! {
        (DOCTYPE)
        html lang=(visit.language.tag) {
            head {
                meta charset="utf-8";
                title { (page.title) " · " (name) }
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="robots" content="noindex";
                link rel="icon" href=(assets::path("icon.svg"));
                link rel="stylesheet" href=(assets::path("ui.css"));
                @if look.accent.is_some() || look.accent_dark.is_some() {
                    link rel="stylesheet" href=(format!("{PREFIX}/{}/look/colours.css", visit.tenant.id));
                }
                @for script in page.scripts {
                    script type="module" src=(assets::path(script)) {}
                }
                @if let Some(needs) = &page.needs {
                    @if let Some(style) = &needs.style { link rel="stylesheet" href=(style); }
                    script type="module" src=(needs.script) {}
                }
            }
            body {
                main class=(if page.wide { "wide-card" } else { "card" }) {
                    header.tenant {
                        @if let Some(logo) = look.logo_uri.as_deref().filter(|uri| is_picture(uri)) {
                            img.logo src=(logo) alt="" ;
                        }
                        span { (name) }
                    }
                    (page.body)
                }
                footer {
                    @if let Some(help) = &look.help { p { (help) } }
                    // An answer to a form has no address of its own.
                    @if visit.request.method() == Method::GET { nav aria-label=(visit.t("page.language")) {
                        @for language in all() {
                            @if language.tag == visit.language.tag {
                                span lang=(language.tag) aria-current="true" { (language.name) }
                            } @else {
                                a lang=(language.tag) hreflang=(language.tag) href=(visit.in_language(language.tag)) {
                                    (language.name)
                                }
                            }
                        }
                    } }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{is_source, source_of};

    #[test]
    fn a_policy_names_an_origin_or_a_scheme_and_nothing_else() {
        for (uri, source) in [
            ("https://app.example.com/back?x=1", "https://app.example.com"),
            ("http://127.0.0.1:4000/cb", "http://127.0.0.1:4000"),
            ("com.example.app:/cb", "com.example.app:"),
        ] {
            assert_eq!(source_of(uri).as_deref(), Some(source));
            assert!(is_source(source));
        }
        for bad in ["https://a.example; script-src *", "'unsafe-inline'", "a b", "a\nb", "*"] {
            assert!(!is_source(bad), "{bad}");
        }
    }
}
