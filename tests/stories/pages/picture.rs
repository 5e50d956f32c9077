//! Ways that bring a script to the pages: a secret picture, with the kit's client in the place of the script.

use super::window::{Window, attribute, logged_in};
use kit::{
    Browser, Kit,
    vp1::{Asking, Secret},
};
use serde_json::{Value, json};

/// A proof is for a page that the tenant has named.
const SITE: &str = "https://id.example";
const WITH_PICTURES: &str = "[login.site]\nurl = \"https://id.example\"\n[login.policy]\nfirst = [\"password\", \"zkp\"]\nreset = [\"otp\"]\n\
                             [login.vault]\nregister_enable = true\n";

async fn world() -> Kit {
    Kit::with(kit::Store::Memory).mailbox().config(WITH_PICTURES).start().await
}

/// What the script of a page reads off it.
fn told(window: &Window<'_>, name: &str) -> Option<String> {
    let html = window.html();
    let (_, stage) = html.split_once("<div data-module")?;
    attribute(stage, name)
}

fn asked(window: &Window<'_>) -> Option<Value> {
    serde_json::from_str(&told(window, "data-asked")?).expect("JSON")
}

async fn say(window: &mut Window<'_>, action: &str, body: &Value) {
    window.send(action, &[("json", &body.to_string())]).await;
}

async fn open<'a>(browser: &'a Browser<'a>, path: &str) -> Window<'a> {
    Window::open(browser, path).await.at(SITE)
}

/// Stands before the picture, whatever stands first.
async fn named<'a>(browser: &'a Browser<'a>, username: &str) -> Window<'a> {
    let mut window = open(browser, "/ui/default/login").await;
    window.send("begin", &[("username", username)]).await;
    let form = window.form_of("choose", "way", "zkp");
    window.send_form(form, &[]).await;
    window
}

async fn answer(window: &mut Window<'_>, secret: &Secret) {
    let asking = Asking::login(secret);
    say(window, "ask", &json!({"cipher_key": asking.cipher_key()})).await;
    let answer = asking.told(&asked(window).expect("was asked"), SITE).answer();
    say(window, "answer", &answer).await;
}

async fn enrol(window: &mut Window<'_>, secret: &Secret, email: &str) {
    let asking = Asking::enrol(secret);
    say(window, "ask", &json!({"cipher_key": asking.cipher_key()})).await;
    let proof = asking.told(&asked(window).expect("was asked"), SITE).proof(email, "");
    say(window, "answer", &proof).await;
}

#[tokio::test]
async fn a_picture_is_set_up_in_the_account_and_logs_in() {
    let kit = world().await;
    kit.person("ann").await;
    let browser = Browser::new(&kit);
    let mut window = logged_in(&browser, "ann").await.at(SITE);
    let form = window.form_of("add", "way", "zkp");
    window.send_form(form, &[]).await;
    assert_eq!(told(&window, "data-stand").as_deref(), Some("enrol"));
    let keypad: Value = serde_json::from_str(&told(&window, "data-keypad").expect("a keypad")).expect("JSON");
    assert_eq!((&keypad["pin"], &keypad["pattern"]), (&json!(6), &json!(3)));
    let secret = Secret::of(1);
    enrol(&mut window, &secret, "").await;
    assert_eq!(window.path, "/ui/default/account?notice=added");
    window.says("picture, PIN, pattern");
    window.says("Replace: Secret picture");

    let other = Browser::new(&kit);
    let mut window = named(&other, "ann").await;
    assert_eq!(told(&window, "data-stand").as_deref(), Some("login"));
    answer(&mut window, &secret.pin("000001")).await;
    window.says("That was not accepted.");
    assert!(asked(&window).is_none(), "it is asked anew");
    // What was answered once is not answered again, nor is a page from before.
    say(&mut window, "answer", &json!({"challenge_id": "", "challenge_data": ""})).await;
    assert!(asked(&window).is_none());
    answer(&mut window, &secret).await;
    assert_eq!(window.path, "/ui/default/account");
}

#[tokio::test]
async fn only_the_page_of_such_a_way_may_run_workers_and_only_these_may_compile() {
    let kit = world().await;
    let browser = Browser::new(&kit);
    let mut window = open(&browser, "/ui/default/login").await;
    window.send("begin", &[("username", "ann")]).await;
    let header = |window: &Window<'_>, name: &str| window.page.header(name).unwrap_or_default().to_owned();
    let plain = header(&window, "content-security-policy");
    assert!(!plain.contains("wasm") && !plain.contains("worker-src") && !plain.contains("blob:"), "{plain}");
    assert!(header(&window, "permissions-policy").contains("camera=()"));
    let window = named(&browser, "ann").await;
    let own = header(&window, "content-security-policy");
    for part in ["script-src 'self';", "worker-src 'self';", "img-src 'self' data: blob:"] {
        assert!(own.contains(part), "{part}: {own}");
    }
    assert!(!own.contains("unsafe-") && !own.contains("media-src"), "{own}");

    let html = window.html();
    let script =
        html.split("src=\"").filter_map(|rest| rest.split('"').next()).find(|s| s.contains("/modules/"));
    let script = script.expect("the script of the way");
    assert!(script.starts_with("/ui/assets/modules/zkp.js?"), "{script}");
    let reply = browser.get(script).await;
    assert_eq!(reply.header("content-type"), Some("text/javascript; charset=utf-8"));
    assert!(reply.header("cache-control").is_some_and(|kept| kept.contains("immutable")));
    // The worker goes by the policy of its own script.
    let policy = reply.header("content-security-policy").unwrap_or_default();
    assert!(policy.contains("'wasm-unsafe-eval'") && policy.contains("default-src 'none'"), "{policy}");
    for nothing in ["zkp.txt", "zkp", "password.js", "nobody.js", "../zkp.js", ""] {
        let reply = browser.get(&format!("/ui/assets/modules/{nothing}")).await;
        assert_eq!(reply.status.as_u16(), 404, "{nothing}");
    }
}

#[tokio::test]
async fn the_camera_is_for_what_is_set_up_and_no_page_of_a_login_may_ask_for_it() {
    let kit = world().await;
    kit.person("ann").await;
    let browser = Browser::new(&kit);
    let camera = |window: &Window<'_>| {
        let permissions = window.page.header("permissions-policy").unwrap_or_default();
        permissions
            .split(',')
            .find_map(|part| part.trim().strip_prefix("camera="))
            .unwrap_or_default()
            .to_owned()
    };
    let window = named(&browser, "ann").await;
    assert_eq!((told(&window, "data-stand").as_deref(), camera(&window).as_str()), (Some("login"), "()"));
    let mut window = logged_in(&browser, "ann").await.at(SITE);
    assert_eq!(camera(&window), "()");
    let form = window.form_of("add", "way", "zkp");
    window.send_form(form, &[]).await;
    assert_eq!((told(&window, "data-stand").as_deref(), camera(&window).as_str()), (Some("enrol"), "(self)"));
    let policy = window.page.header("content-security-policy").unwrap_or_default();
    assert!(!policy.contains("unsafe-") && !policy.contains("media-src"), "{policy}");
    let elsewhere = Browser::new(&kit);
    let mut window = open(&elsewhere, "/ui/default/register").await;
    assert_eq!(camera(&window), "()");
    window.send("register", &[("username", "eve"), ("email", "eve@example.org")]).await;
    assert_eq!((told(&window, "data-stand").as_deref(), camera(&window).as_str()), (Some("enrol"), "(self)"));
}

#[tokio::test]
async fn what_no_script_would_say_is_refused_and_asks_nothing() {
    let kit = world().await;
    kit.person("ann").await;
    let browser = Browser::new(&kit);
    let mut window = named(&browser, "ann").await;
    let deep = format!("{{\"cipher_key\":{}{}}}", "[".repeat(40), "]".repeat(40));
    for bad in ["", "[]", "{", "7", "{\"cipher_key\":\"\"}", "{\"cipher_key\":7}", "{\"other\":1}", &deep] {
        window.send("ask", &[("json", bad)]).await;
        window.says("Something is missing or is not in the right form.");
        assert!(asked(&window).is_none(), "{bad}");
    }
    let long = format!("{{\"cipher_key\":\"{}\"}}", "A".repeat(70_000));
    let reply = window.post(window.form("ask"), &[("json", &long)], SITE).await;
    assert_eq!(reply.status.as_u16(), 400);
    // An answer that nothing was asked for leads back to the page.
    window.send("answer", &[("json", "{}")]).await;
    assert!(asked(&window).is_none());
    let secret = Secret::of(1);
    let asking = Asking::login(&secret);
    say(&mut window, "ask", &json!({"cipher_key": asking.cipher_key()})).await;
    assert!(asked(&window).is_some());
    // Loaded again it is the same page, and begins anew.
    let path = window.path.clone();
    window.goto(&path).await;
    say(&mut window, "ask", &json!({"cipher_key": Asking::login(&secret).cipher_key()})).await;
    assert!(asked(&window).is_some());
}

#[tokio::test]
async fn people_register_themselves_and_log_in() {
    let kit = world().await;
    let browser = Browser::new(&kit);
    let mut window = open(&browser, "/ui/default/login").await;
    window.says("Create an account");
    window.goto("/ui/default/register").await;
    for (username, email, said) in [
        ("eve", "none", "This can&#39;t be an e-mail address."),
        ("\u{7}", "eve@example.org", "This can&#39;t be a user name."),
    ] {
        window.send("register", &[("username", username), ("email", email)]).await;
        let html = window.html().replace('\'', "&#39;");
        assert!(html.contains(said), "{said}: {html}");
    }
    window.send("register", &[("username", "eve"), ("email", "eve@example.org")]).await;
    window.says("<h1>Create an account</h1>");
    assert_eq!(told(&window, "data-email").as_deref(), Some("eve@example.org"));
    let secret = Secret::of(2);
    // Sealed for another address than the page's.
    enrol(&mut window, &secret, "mallory@example.org").await;
    window.says("This took too long, or was done elsewhere meanwhile.");
    assert!(asked(&window).is_none());
    enrol(&mut window, &secret, "eve@example.org").await;
    assert_eq!(window.path, "/ui/default/login?notice=registered");
    let mail = kit.mail().await;
    assert_eq!((mail.len(), mail[0].to.as_str()), (1, "eve@example.org"));

    // The same again: the page says the same, and only the mail knows better.
    let said = window.html();
    let mut again = open(&browser, "/ui/default/register").await;
    again.send("register", &[("username", "eve"), ("email", "eve@example.org")]).await;
    enrol(&mut again, &Secret::of(3), "eve@example.org").await;
    assert_eq!(again.html(), said);
    let other = Browser::new(&kit);
    let mut window = named(&other, "eve").await;
    answer(&mut window, &secret).await;
    assert_eq!(window.path, "/ui/default/account");
}

#[tokio::test]
async fn nobody_registers_where_the_tenant_does_not_let_them() {
    let kit = Kit::memory().await;
    let browser = Browser::new(&kit);
    let window = open(&browser, "/ui/default/login").await;
    assert!(!window.html().contains("Create an account"));
    assert_eq!(browser.get("/ui/default/register").await.status.as_u16(), 404);
    let mut form = window.form("begin");
    form.action = "/ui/default/do/register".to_owned();
    let reply = window.post(form, &[("username", "eve"), ("email", "eve@example.org")], SITE).await;
    assert_eq!(reply.status.as_u16(), 404);
}

#[tokio::test]
async fn a_lost_picture_is_replaced_by_a_code_that_is_mailed() {
    let kit = world().await;
    let ann = kit.person("ann").await;
    crate::stories::otp::with_address(&kit, &ann, "ann@example.org").await;
    let browser = Browser::new(&kit);
    let mut window = logged_in(&browser, "ann").await.at(SITE);
    let form = window.form_of("add", "way", "zkp");
    window.send_form(form, &[]).await;
    enrol(&mut window, &Secret::of(1), "").await;
    window.says("Replace: Secret picture");

    let elsewhere = Browser::new(&kit);
    let mut window = named(&elsewhere, "ann").await;
    window.says("href=\"/ui/default/reset?lost=zkp\"");
    window.goto("/ui/default/reset?lost=zkp").await;
    window.says("<option value=\"zkp\" selected>Secret picture</option>");
    window.send("reset", &[("username", "ann"), ("lost", "zkp")]).await;
    window.send("ask", &[]).await;
    let mail = kit.mail().await.pop().expect("a code");
    window.send("answer", &[("a.code", mail.value("code"))]).await;
    window.says("<h1>Set up: Secret picture</h1>");
    let secret = Secret::of(4);
    enrol(&mut window, &secret, "").await;
    assert_eq!(window.path, "/ui/default/login?notice=replaced");
    let mut window = named(&elsewhere, "ann").await;
    answer(&mut window, &secret).await;
    assert_eq!(window.path, "/ui/default/account");
    assert!(
        browser.get("/ui/default/account").await.header("location").is_some(),
        "other sessions have ended"
    );
    // What can't be replaced is no word for a reset.
    let mut window = open(&elsewhere, "/ui/default/reset?lost=totp").await;
    window.says("<h1>Replace what you have lost</h1>");
    let reply = window.post(window.form("reset"), &[("username", "ann"), ("lost", "totp")], SITE).await;
    assert_eq!(reply.status.as_u16(), 409, "{}", reply.text());
    window.send("reset", &[("username", "ann"), ("lost", "password")]).await;
    window.says("<h1>Replace a lost password</h1>");
}

#[tokio::test]
async fn a_script_that_was_not_built_in_is_said_to_be_missing_and_other_ways_are_offered() {
    let config = "[login.policy]\nfirst = [\"unbuilt\", \"password\"]\n";
    let unbuilt = kit::shapes::unbuilt::registration();
    let kit = Kit::with(kit::Store::Memory).authenticator(unbuilt).config(config).start().await;
    kit.person("ann").await;
    let browser = Browser::new(&kit);
    let mut window = open(&browser, "/ui/default/login").await;
    window.send("begin", &[("username", "ann")]).await;
    window.says("This way needs a part that was not built into this server.");
    window.says("<details class=\"others\" open>");
    let html = window.html();
    assert!(!html.contains("data-module") && !html.contains("/modules/"), "{html}");
    let policy = window.page.header("content-security-policy").unwrap_or_default().to_owned();
    assert!(!policy.contains("wasm") && !policy.contains("blob:"), "{policy}");
    assert_eq!(browser.get("/ui/assets/modules/unbuilt.js").await.status.as_u16(), 404);
    let form = window.form_of("choose", "way", "password");
    window.send_form(form, &[]).await;
    window.send("answer", &[("a.password", kit::PASSWORD)]).await;
    assert_eq!(window.path, "/ui/default/account");
}
