//! The hosted pages, without any script: people, and those who mean them harm.

mod account;
mod applications;
mod hostile;
mod picture;
mod whose;
mod window;

use kit::{Browser, Kit, PASSWORD};
use window::{Window, code, logged_in};

#[tokio::test]
async fn a_password_leads_to_the_account() {
    let kit = Kit::memory().await;
    kit.person("ann").await;
    let browser = Browser::new(&kit);
    let mut window = Window::open(&browser, "/ui/default/account").await;
    assert_eq!(window.path, "/ui/default/login", "who is not logged in logs in");
    window.says("<h1>Sign in</h1>");
    window.send("begin", &[("username", " ann ")]).await;
    window.says("autocomplete=\"current-password\"");
    let flow = window.path.clone();
    window.send("answer", &[("a.password", "wrong")]).await;
    window.says("That was not accepted.");
    assert_eq!(window.path, flow, "the same step");
    window.goto(&flow).await;
    window.says("autocomplete=\"current-password\"");
    window.send("answer", &[("a.password", PASSWORD)]).await;
    assert_eq!(window.path, "/ui/default/account");
    window.says("ann Example");
    assert!(browser.cookie("gatewright_session").is_some());
    // The way back in the history: the step is over, and says so.
    window.goto(&flow).await;
    window.says("This took too long, or was finished elsewhere.");
}

#[tokio::test]
async fn two_windows_log_in_beside_each_other() {
    let kit = Kit::memory().await;
    kit.person("ann").await;
    kit.person("bob").await;
    let browser = Browser::new(&kit);
    let mut one = Window::open(&browser, "/ui/default/login").await;
    let mut two = Window::open(&browser, "/ui/default/login").await;
    one.send("begin", &[("username", "ann")]).await;
    two.send("begin", &[("username", "bob")]).await;
    one.send("answer", &[("a.password", PASSWORD)]).await;
    one.says("ann Example");
    two.send("answer", &[("a.password", PASSWORD)]).await;
    two.says("bob Example");
}

#[tokio::test]
async fn a_page_from_before_the_last_step_shows_what_is_due_now() {
    let kit = Kit::memory().await;
    kit.person("ann").await;
    kit.enrol_totp(&kit.login("ann").await.access_token).await;
    let browser = Browser::new(&kit);
    let mut window = Window::open(&browser, "/ui/default/login").await;
    window.send("begin", &[("username", "ann")]).await;
    let old = window.form("answer");
    window.send("answer", &[("a.password", PASSWORD)]).await;
    window.says("<h1>One more step</h1>");
    window.send_form(old, &[("a.password", PASSWORD)]).await;
    window.says("<h1>One more step</h1>");
}

#[tokio::test]
async fn a_second_factor_is_asked_for_and_the_browser_can_be_trusted() {
    let kit = Kit::with(kit::Store::Memory)
        .config("[login.policy]\nsecond = [\"totp\", \"machine\"]\n")
        .start()
        .await;
    kit.person("ann").await;
    let app = kit.enrol_totp(&kit.login("ann").await.access_token).await;
    kit.advance(std::time::Duration::from_secs(30));
    let browser = Browser::new(&kit);
    let mut window = Window::open(&browser, "/ui/default/login").await;
    window.send("begin", &[("username", "ann")]).await;
    window.send("answer", &[("a.password", PASSWORD)]).await;
    window.says("autocomplete=\"one-time-code\"");
    window.send("answer", &[("a.code", "000000")]).await;
    window.says("That was not accepted.");
    window.send("answer", &[("a.code", &app.code(&kit)), ("trust_browser", "on")]).await;
    assert_eq!(window.path, "/ui/default/account");
    window.send("logout", &[]).await;
    window.says("You are signed out.");
    logged_in(&browser, "ann").await.says("Your account");
}

#[tokio::test]
async fn who_must_set_something_up_does_so_on_the_way_in() {
    let policy = "[login.policy]\nsecond_factor = \"always\"\nenrol = [\"totp\"]\n";
    let kit = Kit::with(kit::Store::Memory).config(policy).start().await;
    kit.person("ann").await;
    let browser = Browser::new(&kit);
    let mut window = Window::open(&browser, "/ui/default/login").await;
    window.send("begin", &[("username", "ann")]).await;
    window.send("answer", &[("a.password", PASSWORD)]).await;
    window.says("Before you can go on, this has to be set up.");
    window.says("src=\"data:image/svg+xml;base64,");
    let secret = window.codes().remove(0);
    window.send("answer", &[("a.code", "000000")]).await;
    window.says("The code is not right.");
    let invitation = serde_json::json!({
        "secret_base32": secret, "algorithm": "sha1", "digits": 6, "period_seconds": 30,
        "otpauth_uri": format!("otpauth://totp/x?secret={secret}"), "qr_svg": "", "qr_png_base64": "",
    });
    window.send("answer", &[("a.code", &code(&kit, &invitation).await)]).await;
    assert_eq!(window.path, "/ui/default/account");
}

#[tokio::test]
async fn a_lost_password_is_replaced_by_a_code_that_is_mailed() {
    let kit =
        Kit::with(kit::Store::Memory).mailbox().config("[login.policy]\nreset = [\"otp\"]\n").start().await;
    let ann = kit.person("ann").await;
    super::otp::with_address(&kit, &ann, "ann@example.org").await;
    let browser = Browser::new(&kit);
    let mut window = Window::open(&browser, "/ui/default/login").await;
    window.says("Forgot your password, or lost something else?");
    window.goto("/ui/default/reset").await;
    window.send("reset", &[("username", "ann")]).await;
    window.send("ask", &[]).await;
    let mail = kit.mail().await.remove(0);
    window.send("answer", &[("a.code", mail.value("code"))]).await;
    window.says("<h1>Choose a new password</h1>");
    window.says("autocomplete=\"new-password\"");
    window.send("answer", &[("a.password", "password")]).await;
    window.says("This can't be taken:");
    window.send("answer", &[("a.password", "quince-Ladder 77 harbour")]).await;
    window.says("Your password is changed.");
    window.send("begin", &[("username", "ann")]).await;
    window.send("answer", &[("a.password", "quince-Ladder 77 harbour")]).await;
    assert_eq!(window.path, "/ui/default/account");
}

#[tokio::test]
async fn a_factor_from_outside_shows_up_though_no_page_knows_it() {
    let kit = Kit::memory().await;
    kit.person("ann").await;
    let browser = Browser::new(&kit);
    let mut window = logged_in(&browser, "ann").await;
    let form = window.form_of("add", "way", kit::OWN);
    window.send_form(form, &[]).await;
    window.says("<h1>Set up: Hmac key</h1>");
    let all = window.codes();
    let (key, nonce) = (all[0].clone(), all[1].clone());
    window.send("answer", &[("a.mac", &mac(&key, &nonce))]).await;
    window.says("It is set up.");

    let other = Browser::new(&kit);
    let mut window = logged_in(&other, "ann").await;
    window.says("<h1>One more step</h1>");
    let nonce = window.codes().remove(0);
    window.send("answer", &[("a.mac", &mac(&key, &nonce))]).await;
    assert_eq!(window.path, "/ui/default/account");
}

fn mac(key: &str, nonce: &str) -> String {
    let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, key.as_bytes());
    data_encoding::HEXLOWER.encode(aws_lc_rs::hmac::sign(&key, nonce.as_bytes()).as_ref())
}

#[tokio::test]
async fn pages_speak_the_language_of_their_reader() {
    let kit = Kit::memory().await;
    let browser = Browser::new(&kit);
    let german = kit::Call::get("/ui/default/login").header("accept-language", "de-AT, en;q=0.5");
    let page = browser.send(german).await.expect(200);
    assert_eq!(page.header("content-language"), Some("de"));
    assert!(page.text().contains("<html lang=\"de\">") && page.text().contains("<h1>Anmelden</h1>"));
    // What somebody has chosen stays.
    Window::open(&browser, "/ui/default/login?ui_locales=de").await.says("<h1>Anmelden</h1>");
    Window::open(&browser, "/ui/default/login").await.says("<h1>Anmelden</h1>");
    Window::open(&browser, "/ui/default/login?ui_locales=fr+en").await.says("<h1>Sign in</h1>");
}

#[tokio::test]
async fn what_is_wrong_with_a_password_is_said_in_the_language_of_its_reader() {
    let kit =
        Kit::with(kit::Store::Memory).mailbox().config("[login.policy]\nreset = [\"otp\"]\n").start().await;
    let ann = kit.person("ann").await;
    super::otp::with_address(&kit, &ann, "ann@example.org").await;
    let browser = Browser::new(&kit);
    let mut window = Window::open(&browser, "/ui/default/reset?ui_locales=de").await;
    window.send("reset", &[("username", "ann")]).await;
    window.send("ask", &[]).await;
    let mail = kit.mail().await.remove(0);
    window.send("answer", &[("a.code", mail.value("code"))]).await;
    window.send("answer", &[("a.password", "short")]).await;
    window.says("Das Passwort braucht mindestens 8 Zeichen.");
    window.send("answer", &[("a.password", "password")]).await;
    window.says("Viele verwenden dieses Passwort");
    assert!(!window.html().contains("Many people"), "{}", window.html());
}

#[tokio::test]
async fn a_tenant_has_its_own_name_and_colours() {
    let look = "[login.look]\naccent = \"#7a1f3d\"\nlogo_uri = \"https://cdn.example/logo.png?v=2\"\nwelcome = \"Good <day>.\"\n";
    let kit = Kit::with(kit::Store::Memory).config(look).start().await;
    let browser = Browser::new(&kit);
    let window = Window::open(&browser, "/ui/default/login").await;
    window.says("Good &lt;day&gt;.");
    window.says("<img class=\"logo\" src=\"https://cdn.example/logo.png?v=2\" alt=\"\">");
    let policy = window.page.header("content-security-policy").unwrap_or_default().to_owned();
    assert!(policy.contains("img-src 'self' data: https://cdn.example/logo.png;"), "{policy}");
    let css = browser.get("/ui/default/look/colours.css").await.expect(200).text();
    assert!(css.contains(":root{--accent:#7a1f3d}"), "{css}");

    let unreadable =
        Kit::with(kit::Store::Memory).config("[login.look]\naccent = \"#ffee00\"\n").try_start().await;
    let error = unreadable.err().expect("refused").to_string();
    assert!(error.contains("login.look.accent") || error.contains("accent"), "{error}");
}
