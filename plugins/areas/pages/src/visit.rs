//! One request: who asks, in which tenant and language, and what every reply has in common.

use crate::texts::{self, Language};
use aws_lc_rs::hmac;
use data_encoding::BASE64URL_NOPAD;
use gatewright_contract::TenantId;
use gatewright_core::{Origin, PlainToken, Problem, Tenant, look::Look, session::Caller};
use gatewright_oauth::Params;
use gatewright_plugin::{
    House, SESSION_COOKIE, cookie, origin,
    outcome::{Bound, bind_browser, secure},
};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use poem::{
    Request, Response,
    http::{StatusCode, header},
};
use std::{sync::Arc, time::Duration};

/// The door of the pages.
pub(crate) const DOOR: &str = "pages";
/// Where they are.
pub(crate) const PREFIX: &str = "/ui";

/// How long the cookie of a browser outlives its last page.
const BROWSER_STAYS: Duration = Duration::from_secs(3_600);
/// The language that somebody has chosen.
const LANGUAGE_COOKIE: &str = "gatewright_language";
const LANGUAGE_STAYS: u32 = 31_536_000;
/// Bytes of a form at most.
const LONGEST_FORM: usize = 256 * 1024;
/// What stays as it is in a part of a query.
const IN_QUERY: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// One request.
pub(crate) struct Visit {
    pub(crate) house: House,
    pub(crate) request: Request,
    pub(crate) tenant: Arc<Tenant>,
    pub(crate) language: &'static Language,
    pub(crate) query: Params,
    /// Whose browser it is; every page binds it.
    pub(crate) origin: Origin,
    bound: Option<Bound>,
    chosen: bool,
    /// The person, or the address, has said which language.
    settled: bool,
    cookies: Vec<String>,
}

impl Visit {
    /// Reads a request for a page of a tenant.
    ///
    /// # Errors
    /// 404 without such a tenant, 400 for a query that says something twice.
    pub(crate) async fn new(house: &House, request: Request) -> Result<Self, Problem> {
        let id = request.raw_path_param("tenant").and_then(TenantId::parse);
        let tenant = house.engine.tenant(&id.ok_or_else(|| Problem::not_found("tenant"))?).await?;
        let query = Params::parse(request.uri().query().unwrap_or_default().as_bytes())
            .map_err(|error| Problem::invalid(error.description))?;
        let mut origin = origin(&request, DOOR);
        let bound = bind_browser(house, &request, true, &mut origin)?;
        let chosen = query.get("ui_locales").is_some();
        let settled = chosen || cookie(&request, LANGUAGE_COOKIE).is_some();
        let language = language(&request, &query);
        origin.locale = Some(language.tag.to_owned());
        Ok(Self {
            house: house.clone(),
            request,
            tenant,
            language,
            query,
            origin,
            bound,
            chosen,
            settled,
            cookies: Vec::new(),
        })
    }

    /// A text.
    pub(crate) fn t(&self, key: &'static str) -> &'static str {
        self.language.say(key)
    }

    /// Speaks a language that an application asks for, unless the person has chosen one.
    pub(crate) fn prefer(&mut self, languages: &[String]) {
        let known = languages.iter().find_map(|tag| texts::known(tag)).filter(|_| !self.settled);
        if let Some(language) = known {
            self.language = language;
            self.origin.locale = Some(language.tag.to_owned());
        }
    }

    /// How the tenant looks.
    pub(crate) fn look(&self) -> &Look {
        &self.house.engine.settings_of(&self.tenant).look
    }

    /// The path of a page of this tenant.
    pub(crate) fn path(&self, page: &str) -> String {
        format!("{PREFIX}/{}/{page}", self.tenant.id)
    }

    /// The same with parameters; those without a value are left out.
    pub(crate) fn link(&self, page: &str, parameters: &[(&str, Option<&str>)]) -> String {
        let mut link = self.path(page);
        let mut separator = '?';
        for (name, value) in parameters.iter().filter_map(|(name, value)| Some((name, (*value)?))) {
            link.push(separator);
            link.push_str(&format!("{name}={}", utf8_percent_encode(value, IN_QUERY)));
            separator = '&';
        }
        link
    }

    /// This page in another language.
    pub(crate) fn in_language(&self, tag: &str) -> String {
        let kept = self.query.pairs().filter(|(name, _)| *name != "ui_locales");
        let kept: Vec<(&str, Option<&str>)> = kept.map(|(n, v)| (n, Some(v))).collect();
        let path = self.request.original_uri().path();
        let page = path.strip_prefix(&self.path("")).unwrap_or("login");
        self.link(page, &[kept, vec![("ui_locales", Some(tag))]].concat())
    }

    /// Who is logged in here in this browser, in this tenant.
    ///
    /// # Errors
    /// When it can't be told; that nobody is, is none.
    pub(crate) async fn caller(&self) -> Result<Option<Caller>, Problem> {
        Ok(self.anybody().await?.filter(|caller| caller.session.tenant == self.tenant.id))
    }

    /// Who is logged in here in this browser, in whichever tenant.
    ///
    /// # Errors
    /// When it can't be told.
    pub(crate) async fn anybody(&self) -> Result<Option<Caller>, Problem> {
        let Some(token) = self.session_token() else { return Ok(None) };
        match self.house.engine.check_session(&token).await {
            Ok(caller) => Ok(Some(caller)),
            Err(problem) if problem.status == 401 => Ok(None),
            Err(problem) => Err(problem),
        }
    }

    /// The session token in the cookie.
    pub(crate) fn session_token(&self) -> Option<PlainToken> {
        cookie(&self.request, SESSION_COOKIE).and_then(|value| PlainToken::received(&value))
    }

    /// Whether the request came over TLS.
    pub(crate) fn secure(&self) -> bool {
        secure(&self.request)
    }

    /// Sets a cookie with the reply.
    pub(crate) fn set_cookie(&mut self, cookie: String) {
        self.cookies.push(cookie);
    }

    /// What every form of this browser holds. The cookie that it is made of is out of reach of other sites and of scripts.
    pub(crate) fn form_token(&self) -> String {
        BASE64URL_NOPAD.encode(hmac::sign(&self.form_key(), FORM).as_ref())
    }

    /// What shows in an address that a form of this browser has led there, and with these words.
    pub(crate) fn tag(&self, words: &str) -> String {
        let mut tag = hmac::Context::with_key(&self.form_key());
        [LINK, words.as_bytes()].iter().for_each(|part| tag.update(part));
        BASE64URL_NOPAD.encode(tag.sign().as_ref())
    }

    /// Whether a tag is of this browser and these words.
    pub(crate) fn is_tag(&self, words: &str, tag: &str) -> bool {
        let sent = BASE64URL_NOPAD.decode(tag.as_bytes()).unwrap_or_default();
        hmac::verify(&self.form_key(), &[LINK, words.as_bytes()].concat(), &sent).is_ok()
    }

    fn form_key(&self) -> hmac::Key {
        let browser = self.origin.browser.map(|hash| hash.0).unwrap_or_default();
        hmac::Key::new(hmac::HMAC_SHA256, &browser)
    }

    /// Reads the form of a POST; one that is not of a page that this browser was shown is refused.
    ///
    /// # Errors
    /// 400 for no form, 403 without the token of the browser.
    pub(crate) async fn form(&mut self) -> Result<Params, Problem> {
        let kind = self.request.content_type().unwrap_or_default();
        let essence = kind.split(';').next().unwrap_or_default().trim();
        if !essence.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
            return Err(Problem::invalid("Send the form as application/x-www-form-urlencoded."));
        }
        let body = self.request.take_body().into_bytes_limit(LONGEST_FORM).await;
        let body = body.map_err(|_| Problem::invalid("The form can't be read, or is too long."))?;
        let form = Params::parse(&body).map_err(|error| Problem::invalid(error.description))?;
        let sent = form.get("form_token").and_then(|t| BASE64URL_NOPAD.decode(t.as_bytes()).ok());
        // Without a cookie there was no page: the key of nobody is not believed.
        let shown = cookie(&self.request, gatewright_plugin::request::BROWSER_COOKIE).is_some();
        let right = sent.is_some_and(|tag| hmac::verify(&self.form_key(), FORM, &tag).is_ok());
        match shown && right {
            true => Ok(form),
            false => {
                Err(Problem::forbidden("This form is not of a page that this browser was shown lately."))
            }
        }
    }

    /// The reply with the cookies of this visit.
    pub(crate) fn finish(&self, mut response: Response) -> Response {
        let mut cookies = self.cookies.clone();
        if let Some(bound) = &self.bound {
            cookies.push(bound.set_cookie(&self.house, self.house.engine.now().plus(BROWSER_STAYS)));
        }
        if self.chosen {
            let suffix = if self.secure() { "; Secure" } else { "" };
            cookies.push(format!(
                "{LANGUAGE_COOKIE}={}; Path=/; Max-Age={LANGUAGE_STAYS}; HttpOnly; SameSite=Lax{suffix}",
                self.language.tag
            ));
        }
        for cookie in cookies {
            if let Ok(value) = cookie.parse() {
                response.headers_mut().append(header::SET_COOKIE, value);
            }
        }
        response
    }
}

/// What the token of a form is for.
const FORM: &[u8] = b"gatewright pages: a form";
/// And that of an address, before its words.
const LINK: &[u8] = b"gatewright pages: an address: ";

/// 303 to a place of ours.
pub(crate) fn see_other(to: &str) -> Response {
    Response::builder().status(StatusCode::SEE_OTHER).header(header::LOCATION, to).finish()
}

/// What the application asks for, then what the person has chosen, then what the browser prefers.
fn language(request: &Request, query: &Params) -> &'static Language {
    let chosen = cookie(request, LANGUAGE_COOKIE).unwrap_or_default();
    let header = request.headers().get(header::ACCEPT_LANGUAGE).and_then(|v| v.to_str().ok());
    let wishes = query.get("ui_locales").unwrap_or_default().split_ascii_whitespace();
    let accepted = texts::accepted(header.unwrap_or_default());
    texts::choose(wishes.chain([chosen.as_str()]).chain(accepted))
}
