//! Those who mean people harm: forms from elsewhere, foreign addresses, scripts in every field, and guessing who is there.

use super::window::{Form, Window, logged_in};
use kit::{Browser, Call, Kit, PASSWORD, Reply};

const SITE: &str = "http://id.example";

#[tokio::test]
async fn a_form_of_another_site_or_another_browser_does_nothing() {
    let kit = Kit::memory().await;
    kit.person("ann").await;
    let (browser, other) = (Browser::new(&kit), Browser::new(&kit));
    let window = logged_in(&browser, "ann").await;
    let theirs = Window::open(&other, "/ui/default/login").await;
    let foreign = |token: Option<&str>| {
        let mut form = window.form("logout");
        form.fields.remove("form_token");
        form.fields.extend(token.map(|t| ("form_token".to_owned(), t.to_owned())));
        form
    };
    let token = theirs.form("begin").fields["form_token"].clone();
    for (what, form) in [
        ("no token", foreign(None)),
        ("an empty one", foreign(Some(""))),
        ("no token at all", foreign(Some("!!"))),
        ("that of another browser", foreign(Some(&token))),
    ] {
        let reply = window.post(form, &[], SITE).await;
        assert_eq!(reply.status.as_u16(), 403, "{what}: {}", reply.text());
        assert!(reply.text().contains("This form is too old"), "{what}");
    }
    // With the right token, but sent by another site: the front door.
    let reply = window.post(window.form("logout"), &[], "https://evil.example").await;
    assert_eq!(reply.status.as_u16(), 403);
    assert!(browser.get("/ui/default/account").await.text().contains("ann Example"), "still logged in");
}

#[tokio::test]
async fn a_login_is_its_browsers_own() {
    let kit = Kit::memory().await;
    kit.person("ann").await;
    let (browser, thief) = (Browser::new(&kit), Browser::new(&kit));
    let mut window = Window::open(&browser, "/ui/default/login").await;
    window.send("begin", &[("username", "ann")]).await;
    let stolen = Window::open(&thief, &window.path).await;
    stolen.says("This took too long, or was finished elsewhere.");
    // The thief has a browser and a form token of their own, and the name of the flow.
    let mut form = stolen.form("begin");
    form.action = window.form("answer").action;
    form.fields.extend(window.form("answer").fields.into_iter().filter(|(name, _)| name != "form_token"));
    let reply = stolen.post(form, &[("a.password", PASSWORD)], SITE).await;
    assert_eq!(reply.header("location"), Some("/ui/default/login?notice=expired"));
    assert!(thief.cookie("gatewright_session").is_none());
}

/// What a page says, without what is random in it.
async fn page_of(kit: &Kit, username: &str, password: &str) -> (u16, String, Vec<String>) {
    let browser = Browser::new(kit);
    let mut window = Window::open(&browser, "/ui/default/login").await;
    window.send("begin", &[("username", username)]).await;
    let first = window.html();
    window.send("answer", &[("a.password", password)]).await;
    let mut html = first + &window.html();
    let mut drop = |start: &str, end: &str| {
        while let Some(at) = html.find(start) {
            let rest = at + start.len();
            let stop = html[rest..].find(end).map_or(html.len(), |n| rest + n);
            html.replace_range(at..stop, "");
        }
    };
    drop("name=\"form_token\" value=\"", "\"");
    drop("name=\"flow\" value=\"", "\"");
    drop("flow=", "&amp;");
    let headers = window.page.headers.keys().map(ToString::to_string).collect();
    (window.page.status.as_u16(), html.replace(username, "NAME"), headers)
}

#[tokio::test]
async fn somebody_unknown_looks_like_a_wrong_answer() {
    let kit = Kit::memory().await;
    kit.person("ann").await;
    let gone = kit.person("bob").await;
    kit.disable(&gone).await;
    let known = page_of(&kit, "ann", "wrong").await;
    assert!(known.1.contains("That was not accepted."));
    assert_eq!(known, page_of(&kit, "eve", "wrong").await, "unknown");
    assert_eq!(known, page_of(&kit, "bob", PASSWORD).await, "disabled");
}

const SCRIPT: &str = "\"'><script>alert(1)</script><img src=x onerror=alert(1)>{name}";

#[track_caller]
fn harmless(what: &str, reply: &Reply) {
    let html = reply.text();
    for sign in ["<script>", "<img src=x", "onerror=alert(1)>"] {
        assert!(!html.contains(sign), "{what}: {html}");
    }
    let policy = reply.header("content-security-policy").unwrap_or_default();
    assert!(
        policy.contains("script-src 'self';") && policy.contains("frame-ancestors 'none'"),
        "{what}: {policy}"
    );
    assert!(!policy.contains("unsafe") && !policy.contains("alert"), "{what}: {policy}");
}

#[tokio::test]
async fn a_script_in_any_field_stays_a_text() {
    let kit = Kit::memory().await;
    kit.person("ann").await;
    let browser = Browser::new(&kit);
    let mut window = Window::open(&browser, "/ui/default/login").await;
    window.send("begin", &[("username", SCRIPT)]).await;
    window.says("&lt;script&gt;");
    harmless("the name", &window.page);
    window.send("answer", &[("a.password", SCRIPT)]).await;
    harmless("the password", &window.page);
    let encoded = "%22%3E%3Cscript%3Ealert(1)%3C%2Fscript%3E";
    for page in ["login", "reset", "device", "consent", "logout", "error", "account"] {
        for name in
            ["auth_req_id", "flow", "user_code", "to", "notice", "code", "ui_locales", "x\"onload=\"alert(1)"]
        {
            let reply =
                browser.get(&format!("/ui/default/{page}?{}={encoded}", name.replace('"', "%22"))).await;
            if reply.status.as_u16() != 303 {
                harmless(&format!("{page}?{name}"), &reply);
            }
        }
    }
    let mut window = logged_in(&browser, "ann").await;
    for (action, fields) in
        [("add", vec![("way", SCRIPT)]), ("rename", vec![("credential", SCRIPT), ("label", SCRIPT)])]
    {
        let reply = window.post(window.form(action), &fields, SITE).await;
        harmless(action, &reply);
    }
    window.send("rename", &[("label", "<script>alert(1)</script>")]).await;
    harmless("a name of a credential", &window.page);
    let begun = kit.begin("ann").await;
    let body = serde_json::json!({"transaction": begun, "answer": {"password": PASSWORD}});
    kit.send(Call::post("/auth/v1/login/password").json(&body).header("user-agent", SCRIPT))
        .await
        .expect(200);
    window.goto("/ui/default/account").await;
    window.says("onerror=alert(1)&gt;");
    harmless("what a browser calls itself", &window.page);
}

#[tokio::test]
async fn no_parameter_leads_to_another_site() {
    let kit = Kit::memory().await;
    kit.person("ann").await;
    for evil in [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
        "%2F%2Fevil.example",
    ] {
        for name in ["auth_req_id", "to", "then", "return_to", "redirect_uri", "flow", "user_code"] {
            let browser = Browser::new(&kit);
            let query =
                format!("{name}={}", evil.replace('/', "%2F").replace(':', "%3A").replace('\\', "%5C"));
            let path = format!("/ui/default/login?{query}");
            // The window itself stops at a redirect that leads elsewhere.
            let mut window = Window::open(&browser, &path).await;
            if window.forms("begin").is_empty() {
                assert!(matches!(window.page.status.as_u16(), 400 | 404), "{path}: {}", window.page.status);
                continue;
            }
            let mut form: Form = window.form("begin");
            form.fields.insert(name.to_owned(), evil.to_owned());
            if name == "auth_req_id" {
                let reply = window.post(form, &[("username", "ann")], SITE).await;
                assert_eq!(reply.status.as_u16(), 404, "{}", reply.text());
                continue;
            }
            window.send_form(form, &[("username", "ann")]).await;
            window.send("answer", &[("a.password", PASSWORD), (name, evil)]).await;
            assert!(window.path.starts_with("/ui/default/"), "{name}={evil} leads to {}", window.path);
            assert!(!window.html().contains("href=\"https://evil") && !window.html().contains("href=\"//"));
        }
    }
}

#[tokio::test]
async fn guessing_on_pages_is_slowed_down_like_everywhere() {
    let kit = Kit::with(kit::Store::Memory)
        .config("[login.block_config]\nuser_attempts_limit = 3\nip_attempts_limit = 1000\n")
        .start()
        .await;
    kit.person("ann").await;
    for _ in 0..3 {
        page_of(&kit, "ann", "wrong").await;
    }
    let (_, html, _) = page_of(&kit, "ann", PASSWORD).await;
    assert!(html.contains("That was not accepted."), "locked looks like wrong");
}

#[tokio::test]
async fn a_form_that_is_none_is_refused() {
    let kit = Kit::memory().await;
    let browser = Browser::new(&kit);
    let window = Window::open(&browser, "/ui/default/login").await;
    for (media, body) in [
        ("application/json", "{}".to_owned()),
        ("text/plain", "form_token=x".to_owned()),
        ("application/x-www-form-urlencoded", "a=1&a=2".to_owned()),
        ("application/x-www-form-urlencoded", "a=1&".repeat(500)),
        ("application/x-www-form-urlencoded", format!("a={}", "x".repeat(300_000))),
    ] {
        let call = Call::post("/ui/default/do/begin").raw(media, body.into_bytes()).header("origin", SITE);
        let reply = browser.send(call).await;
        assert!(matches!(reply.status.as_u16(), 400 | 413), "{media}: {} {}", reply.status, reply.text());
    }
    for path in
        ["/ui/NOPE/login", "/ui/nobody/login", "/ui/default/nothing", "/ui/assets/../login", "/ui/assets/x"]
    {
        assert_eq!(kit.get(path).await.status.as_u16(), 404, "{path}");
    }
    let reply = window
        .post(Form { action: "/ui/default/do/nothing".to_owned(), ..window.form("begin") }, &[], SITE)
        .await;
    assert_eq!(reply.status.as_u16(), 404);
}
