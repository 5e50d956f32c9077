//! A window of a browser on the hosted pages: follows redirects and sends the forms that it is shown, without any script.

use kit::{Browser, Call, Kit, Reply};
use std::collections::BTreeMap;

/// The site that the kit's browser is at.
const SITE: &str = "http://id.example";

pub(super) struct Window<'a> {
    browser: &'a Browser<'a>,
    /// Where its pages are from.
    site: &'static str,
    pub(super) path: String,
    pub(super) page: Reply,
    /// An application that redirects may lead to, and where one has.
    pub(super) application: Option<String>,
    pub(super) left: Option<String>,
}

/// A form as it stands on a page.
#[derive(Debug)]
pub(super) struct Form {
    pub(super) action: String,
    pub(super) fields: BTreeMap<String, String>,
    pub(super) html: String,
}

impl<'a> Window<'a> {
    pub(super) async fn open(browser: &'a Browser<'a>, path: &str) -> Self {
        let page = browser.get(path).await;
        let mut window =
            Self { browser, site: SITE, path: path.to_owned(), page, application: None, left: None };
        window.follow().await;
        window
    }

    /// The same at another site.
    pub(super) fn at(self, site: &'static str) -> Self {
        Self { site, ..self }
    }

    pub(super) async fn goto(&mut self, path: &str) {
        (self.path, self.page) = (path.to_owned(), self.browser.get(path).await);
        self.follow().await;
    }

    async fn follow(&mut self) {
        for _ in 0..5 {
            let Some(to) = self.page.header("location").map(str::to_owned) else { return };
            assert!(matches!(self.page.status.as_u16(), 302 | 303), "{to}");
            if self.application.as_ref().is_some_and(|application| to.starts_with(application)) {
                self.left = Some(to);
                return;
            }
            assert!(to.starts_with('/') && !to.starts_with("//"), "leads elsewhere: {to}");
            (self.path, self.page) = (to.clone(), self.browser.get(&to).await);
        }
        panic!("it goes round in circles at {}", self.path);
    }

    pub(super) fn html(&self) -> String {
        self.page.text()
    }

    #[track_caller]
    pub(super) fn says(&self, text: &str) {
        assert!(self.html().contains(text), "{}: no “{text}” in {}", self.path, self.html());
    }

    /// The forms to an action, in their order.
    pub(super) fn forms(&self, action: &str) -> Vec<Form> {
        let html = self.html();
        let forms = html.split("<form ").skip(1).filter_map(|rest| rest.split_once("</form>"));
        let all = forms.map(|(form, _)| Form {
            action: attribute(form, "action").unwrap_or_default(),
            fields: form.split('<').filter(|tag| tag.starts_with("input ")).filter_map(field).collect(),
            html: form.to_owned(),
        });
        all.filter(|form| form.action.ends_with(&format!("/do/{action}"))).collect()
    }

    /// The one form to an action.
    #[track_caller]
    pub(super) fn form(&self, action: &str) -> Form {
        let mut forms = self.forms(action);
        assert!(!forms.is_empty(), "{}: no form `{action}` in {}", self.path, self.html());
        forms.remove(0)
    }

    /// Fills in the first form to an action and sends it.
    #[track_caller]
    pub(super) fn send<'s>(
        &'s mut self,
        action: &str,
        typed: &'s [(&str, &str)],
    ) -> impl Future<Output = ()> + 's {
        let form = self.form(action);
        self.send_form(form, typed)
    }

    pub(super) async fn send_form(&mut self, form: Form, typed: &[(&str, &str)]) {
        self.page = self.post(form, typed, self.site).await;
        self.follow().await;
    }

    /// The reply itself, from a page of this origin.
    pub(super) async fn post(&self, mut form: Form, typed: &[(&str, &str)], origin: &str) -> Reply {
        form.fields.extend(typed.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        let body: Vec<String> =
            form.fields.iter().map(|(n, v)| format!("{}={}", encoded(n), encoded(v))).collect();
        let call =
            Call::post(&form.action).raw("application/x-www-form-urlencoded", body.join("&").into_bytes());
        let call = if origin.starts_with("https:") { call.secure() } else { call };
        self.browser.send(call.header("origin", origin)).await
    }

    /// The form whose hidden `way` is this.
    #[track_caller]
    pub(super) fn form_of(&self, action: &str, name: &str, value: &str) -> Form {
        let found = self.forms(action).into_iter().find(|f| f.fields.get(name).is_some_and(|v| v == value));
        found.unwrap_or_else(|| {
            panic!("{}: no form `{action}` with {name}={value} in {}", self.path, self.html())
        })
    }

    /// The texts in `<code>`.
    pub(super) fn codes(&self) -> Vec<String> {
        let html = self.html();
        let all = html.split("<code>").skip(1).filter_map(|rest| rest.split_once("</code>"));
        all.map(|(code, _)| code.to_owned()).collect()
    }
}

/// Logs somebody in with a password, in a browser of their own.
pub(super) async fn logged_in<'a>(browser: &'a Browser<'a>, username: &str) -> Window<'a> {
    let mut window = Window::open(browser, "/ui/default/login").await;
    window.send("begin", &[("username", username)]).await;
    window.send("answer", &[("a.password", kit::PASSWORD)]).await;
    window
}

fn field(tag: &str) -> Option<(String, String)> {
    let name = attribute(tag, "name")?;
    let checked = attribute(tag, "type").is_none_or(|kind| kind != "checkbox");
    checked.then(|| (name, attribute(tag, "value").unwrap_or_default()))
}

pub(super) fn attribute(tag: &str, name: &str) -> Option<String> {
    let tag = tag.split('>').next()?;
    let (_, rest) = tag.split_once(&format!("{name}=\""))?;
    let raw = rest.split('"').next()?;
    Some(raw.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&"))
}

fn encoded(text: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-_.~".contains(&b);
    text.bytes().map(|b| if plain(b) { char::from(b).to_string() } else { format!("%{b:02X}") }).collect()
}

/// The code that the app of an invitation shows now.
pub(super) async fn code(kit: &Kit, invitation: &serde_json::Value) -> String {
    let totp = kit.app.engine.catalogue().get("totp").expect("totp is linked");
    let none = serde_json::json!({});
    let answer = totp.answer([invitation, &none, &none], kit.now(), 0).await.expect("a code");
    answer["code"].as_str().expect("a code").to_owned()
}
