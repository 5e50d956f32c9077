//! One's own account: what is set up, what is removed, and where one is logged in.

use super::{
    code,
    window::{Window, logged_in},
};
use kit::{Browser, CheapLibrary, Kit, PASSWORD, Store};
use serde_json::json;
use std::time::Duration;

#[tokio::test]
async fn an_app_is_set_up_named_and_removed() {
    let kit = Kit::memory().await;
    kit.person("ann").await;
    let browser = Browser::new(&kit);
    let mut window = logged_in(&browser, "ann").await;
    let form = window.form_of("add", "way", "totp");
    window.send_form(form, &[("a.label", "My phone")]).await;
    window.says("src=\"data:image/svg+xml;base64,");
    let secret = window.codes().remove(0);
    let invitation = json!({
        "secret_base32": secret, "algorithm": "sha1", "digits": 6, "period_seconds": 30,
        "otpauth_uri": format!("otpauth://totp/x?secret={secret}"), "qr_svg": "", "qr_png_base64": "",
    });
    window.send("answer", &[("a.code", &code(&kit, &invitation).await)]).await;
    window.says("It is set up.");
    window.says("<strong>Authenticator app</strong>");
    let id = credential(&kit, "ann", "totp").await;
    let form = window.form_of("rename", "credential", &id);
    window.send_form(form, &[("label", "Blue <b>phone</b>")]).await;
    window.says("<strong>Blue &lt;b&gt;phone&lt;/b&gt;</strong>");
    let form = window.form_of("remove", "credential", &id);
    window.send_form(form, &[]).await;
    window.says("It is removed.");
    let id = credential(&kit, "ann", "password").await;
    let form = window.form_of("remove", "credential", &id);
    window.send_form(form, &[]).await;
    window.says("This can't be removed");
}

async fn credential(kit: &Kit, username: &str, authenticator: &str) -> String {
    let tenant = gatewright_contract::TenantId::default_tenant();
    let person = kit.app.engine.find_person(&tenant, username).await.unwrap().unwrap();
    let all = kit.app.engine.credentials_with(&tenant, person.id, authenticator).await.unwrap();
    all[0].id.to_string()
}

#[tokio::test]
async fn recovery_codes_are_shown_exactly_once() {
    let kit = Kit::memory().await;
    kit.person("ann").await;
    let browser = Browser::new(&kit);
    let mut window = logged_in(&browser, "ann").await;
    let form = window.form_of("add", "way", "recovery-code");
    window.send_form(form, &[]).await;
    window.send("answer", &[]).await;
    window.says("This is shown once, and never again.");
    let (codes, shown) = (window.codes(), window.path.clone());
    assert!(codes.len() >= 8, "{codes:?}");
    window.goto(&shown).await;
    assert!(window.codes().iter().all(|code| !codes.contains(code)), "shown again");
}

#[tokio::test]
async fn what_weakens_the_account_takes_a_recent_login_and_then_goes_on() {
    let kit = Kit::memory().await;
    kit.person("ann").await;
    let browser = Browser::new(&kit);
    let mut window = logged_in(&browser, "ann").await;
    let form = window.form_of("add", "way", "totp");
    kit.advance(Duration::from_secs(400));
    window.send_form(form, &[]).await;
    window.says("<h1>Confirm that it is you</h1>");
    window.send("answer", &[("a.password", "wrong")]).await;
    window.says("That was not accepted.");
    window.send("answer", &[("a.password", PASSWORD)]).await;
    window.says("Confirmed.");
    let form = window.form_of("add", "way", "totp");
    window.send_form(form, &[]).await;
    window.says("<h1>Set up: Authenticator app</h1>");
}

#[tokio::test]
async fn a_password_is_changed_and_every_other_session_ends() {
    let kit = Kit::memory().await;
    kit.person("ann").await;
    let elsewhere = kit.login("ann").await;
    let browser = Browser::new(&kit);
    let mut window = logged_in(&browser, "ann").await;
    let form = window.form_of("add", "way", "password");
    window.send_form(form, &[]).await;
    window.says("At least 8 characters.");
    window.send("answer", &[("a.password", "quince-Ladder 77 harbour")]).await;
    window.says("It is set up.");
    kit.get_as(&elsewhere.access_token, "/auth/v1/me").await.expect(401);
}

#[tokio::test]
async fn sessions_are_listed_and_ended() {
    let kit = Kit::memory().await;
    kit.person("ann").await;
    let elsewhere = kit.login("ann").await;
    let browser = Browser::new(&kit);
    let mut window = logged_in(&browser, "ann").await;
    let id = elsewhere.body["session_id"].as_str().unwrap();
    let form = window.form_of("end", "session", id);
    window.send_form(form, &[]).await;
    window.says("Signed out there.");
    kit.get_as(&elsewhere.access_token, "/auth/v1/me").await.expect(401);
    let more = kit.login("ann").await;
    window.goto("/ui/default/account").await;
    window.send("end-others", &[]).await;
    kit.get_as(&more.access_token, "/auth/v1/me").await.expect(401);
    window.goto("/ui/default/logout").await;
    window.send("logout", &[]).await;
    window.says("You are signed out.");
    assert!(browser.cookie("gatewright_session").is_none());
    window.goto("/ui/default/account").await;
    assert_eq!(window.path, "/ui/default/login");
}

#[tokio::test]
async fn a_shared_library_shows_up_too() {
    let library = CheapLibrary::version(1);
    let config = format!("{}[login.policy]\nfirst = [\"cheap\", \"password\"]\n", library.table());
    let kit = Kit::with(Store::Memory).config(&config).start().await;
    kit.person("ann").await;
    let browser = Browser::new(&kit);
    let mut window = logged_in_by_choice(&browser).await;
    let form = window.form_of("add", "way", CheapLibrary::ID);
    window.send_form(form, &[]).await;
    window.send("answer", &[]).await;
    window.says("It is set up.");
    let other = Browser::new(&kit);
    let mut window = Window::open(&other, "/ui/default/login").await;
    window.send("begin", &[("username", "ann")]).await;
    window.says("say the word");
    let field = window.form("answer").html;
    let name =
        field.split("name=\"a.").nth(1).and_then(|rest| rest.split('"').next()).expect("a field").to_owned();
    window.send("answer", &[(&format!("a.{name}"), CheapLibrary::CODE)]).await;
    assert!(window.path.starts_with("/ui/default/account"), "{}", window.html());
}

async fn logged_in_by_choice<'a>(browser: &'a Browser<'a>) -> Window<'a> {
    let mut window = Window::open(browser, "/ui/default/login").await;
    window.send("begin", &[("username", "ann")]).await;
    let form = window.form_of("choose", "way", "password");
    window.send_form(form, &[]).await;
    window.send("answer", &[("a.password", PASSWORD)]).await;
    window
}

#[tokio::test]
async fn an_address_is_confirmed_by_who_has_asked_for_it_and_once() {
    let kit = Kit::with(Store::Memory).mailbox().start().await;
    let ann = kit.person("ann").await;
    kit.person("bob").await;
    let change = gatewright_core::admin::PersonChange {
        email: Some(Some("ann@example.org".to_owned())),
        ..Default::default()
    };
    let local = gatewright_core::Origin::local("kit");
    kit.app
        .engine
        .at_the_machine(&local)
        .change_person(&ann.tenant, ann.id, change)
        .await
        .expect("an address");
    let (browser, other) = (Browser::new(&kit), Browser::new(&kit));
    let mut window = logged_in(&browser, "ann").await;
    window.says("Your address ann@example.org is not confirmed.");
    let ask = window.form("ask-address");
    window.send("ask-address", &[]).await;
    window.says("A link is on its way");
    let mail = kit.mail().await.remove(0);
    assert_eq!((mail.to.as_str(), mail.template.as_str()), ("ann@example.org", "verify"));
    let link = mail.value("link").split_once("/ui/").map(|(_, rest)| format!("/ui/{rest}")).expect("a page");
    // Nobody is flooded.
    window.send_form(ask, &[]).await;
    assert_eq!(window.page.status.as_u16(), 429);
    // Nor by who asks for another address in between.
    let to = |email: &str| gatewright_core::admin::PersonChange {
        email: Some(Some(email.to_owned())),
        ..Default::default()
    };
    let operator = kit.app.engine.at_the_machine(&local);
    operator.change_person(&ann.tenant, ann.id, to("bob@example.org")).await.expect("another");
    window.goto("/ui/default/account").await;
    window.send("ask-address", &[]).await;
    assert_eq!(window.page.status.as_u16(), 429);
    operator.change_person(&ann.tenant, ann.id, to("ann@example.org")).await.expect("and back");
    // Somebody else opens it: it proves nothing of them.
    let mut theirs = logged_in(&other, "bob").await;
    theirs.goto(&link).await;
    theirs.send("verify", &[]).await;
    theirs.says("is not for this account");
    // A browser where nobody is logged in comes back to it after the login.
    let fresh = Browser::new(&kit);
    let mut mine = Window::open(&fresh, &link).await;
    mine.send("begin", &[("username", "ann")]).await;
    mine.send("answer", &[("a.password", PASSWORD)]).await;
    mine.says("Does ann@example.org belong to you");
    let again = mine.form("verify");
    mine.send("verify", &[]).await;
    mine.says("Your address is confirmed.");
    mine.send_form(again, &[]).await;
    mine.says("This link is too old, was used");
    assert!(kit.reread(&ann).await.email_verified);
}
