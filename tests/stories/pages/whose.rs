//! Several people and several tenants in one browser: who is shown is who decides, and who is logged out.

use super::{
    applications::{CALLBACK, REQUEST, device, shop},
    window::{Window, logged_in},
};
use gatewright_contract::TenantId;
use gatewright_core::{PlainToken, audit::Filter};
use kit::{Browser, Kit};

/// The session token of a browser.
fn session(browser: &Browser<'_>) -> PlainToken {
    PlainToken::received(&browser.cookie("gatewright_session").expect("logged in")).unwrap()
}

async fn lives(kit: &Kit, token: &PlainToken) -> bool {
    kit.app.engine.check_session(token).await.is_ok()
}

#[tokio::test]
async fn an_agreement_is_of_the_person_that_the_page_named() {
    let kit = Kit::memory().await;
    kit.person("ann").await;
    kit.person("bob").await;
    shop(&kit).await;
    let browser = Browser::new(&kit);
    logged_in(&browser, "ann").await;
    let mut window = Window::open(&browser, "/ui/default/account").await;
    window.application = Some(CALLBACK.to_owned());
    window.goto(REQUEST).await;
    window.says("You are signed in as ann.");
    // In another window of the same browser somebody else has logged in since.
    browser.login("bob").await;
    window.send("agree", &[]).await;
    assert_eq!(window.left, None, "bob has agreed to nothing");
    window.says("You are signed in as bob.");
    let mut bare = window.form("agree");
    bare.fields.remove("session");
    window.send_form(bare, &[]).await;
    assert_eq!(window.left, None, "a form that does not say whom it showed");
    window.send("agree", &[]).await;
    assert!(window.left.is_some_and(|left| left.contains("code=gwc_")));
}

#[tokio::test]
async fn a_device_is_connected_to_the_person_that_the_page_named() {
    let kit = Kit::memory().await;
    kit.person("ann").await;
    kit.person("bob").await;
    shop(&kit).await;
    let code = device(&kit).await.str("user_code");
    let browser = Browser::new(&kit);
    logged_in(&browser, "ann").await;
    let mut window = Window::open(&browser, "/ui/default/device").await;
    window.says("You are signed in as ann.");
    window.send("device", &[("user_code", &code)]).await;
    window.says("You are signed in as ann.");
    browser.login("bob").await;
    for decision in ["allow-device", "deny-device"] {
        let mut form = window.form(decision);
        form.fields.insert("session".to_owned(), "018bcfe5-6800-7000-8000-000000000002".to_owned());
        window.send_form(form, &[]).await;
        window.says("The device must show exactly this code.");
        window.says("You are signed in as bob.");
    }
    // Not bob either: who it is for logs in, and goes on with the same code.
    let link = format!("/ui/default/login?to=device&amp;user_code={code}&amp;other=on");
    window.says(&link);
    window.goto(&link.replace("&amp;", "&")).await;
    window.send("begin", &[("username", "ann")]).await;
    window.send("answer", &[("a.password", kit::PASSWORD)]).await;
    window.send("device", &[]).await;
    window.says("You are signed in as ann.");
    window.send("allow-device", &[]).await;
    window.says("The device is connected.");
}

#[tokio::test]
async fn an_address_looks_no_code_up_and_spends_no_guess() {
    let kit = Kit::memory().await;
    kit.person("ann").await;
    shop(&kit).await;
    let (browser, thief) = (Browser::new(&kit), Browser::new(&kit));
    let mut window = logged_in(&browser, "ann").await;
    // What another site can do: lead the browser to addresses, with the tag of a browser of its own.
    let mut theirs = logged_in(&thief, "ann").await;
    theirs.goto("/ui/default/device").await;
    let tagged = theirs.post(theirs.form("device"), &[("user_code", "BCDF-GHJK")], "http://id.example").await;
    let tagged = tagged.header("location").expect("on").to_owned();
    for path in
        ["/ui/default/device?user_code=BCDF-GHJK", "/ui/default/device?user_code=BCDF-GHJK&typed=", &tagged]
    {
        for _ in 0..60 {
            window.goto(path).await;
            window.says("value=\"BCDF-GHJK\"");
        }
    }
    let code = device(&kit).await.str("user_code");
    window.goto(&format!("/ui/default/device?user_code={code}")).await;
    assert!(window.forms("allow-device").is_empty(), "only by the form");
    window.send("device", &[]).await;
    window.says("The device must show exactly this code.");
}

#[tokio::test]
async fn the_page_of_one_tenant_logs_nobody_out_of_another() {
    let (kit, _) = crate::stories::admin::world().await;
    kit.person("ann").await;
    let browser = Browser::new(&kit);
    logged_in(&browser, "ann").await;
    let mut window = Window::open(&browser, "/ui/acme/logout").await;
    assert_eq!(window.path, "/ui/acme/login", "nothing is said to be over");
    assert!(!window.html().contains("You are signed out."));
    let mut form = Window::open(&browser, "/ui/default/account").await.form("logout");
    form.action = "/ui/acme/do/logout".to_owned();
    window.send_form(form, &[]).await;
    assert_eq!(window.path, "/ui/acme/login");
    assert!(lives(&kit, &session(&browser)).await, "still there");
    window.goto("/ui/default/account").await;
    window.send("logout", &[]).await;
    window.says("You are signed out.");
}

#[tokio::test]
async fn a_login_ends_the_session_whose_cookie_it_replaces() {
    let kit = Kit::memory().await;
    kit.person("ann").await;
    kit.person("bob").await;
    let (browser, elsewhere) = (Browser::new(&kit), Browser::new(&kit));
    logged_in(&elsewhere, "ann").await;
    logged_in(&browser, "ann").await;
    let of_ann = session(&browser);
    let mut window = Window::open(&browser, "/ui/default/login?other=on").await;
    window.send("begin", &[("username", "bob")]).await;
    assert!(lives(&kit, &of_ann).await, "until the login is over");
    window.send("answer", &[("a.password", kit::PASSWORD)]).await;
    window.says("bob Example");
    assert!(!lives(&kit, &of_ann).await && lives(&kit, &session(&elsewhere)).await);

    // The same by an application's own form, also for the same person.
    let of_bob = session(&browser);
    browser.login("bob").await;
    assert!(!lives(&kit, &of_bob).await && lives(&kit, &session(&browser)).await);
    let lines =
        kit.app.engine.store().audit(&TenantId::default_tenant(), &Filter::default(), 50).await.unwrap();
    let ended = lines.iter().filter(|line| {
        (line.event.kind.as_str(), line.event.outcome.as_str()) == ("session.ended", "replaced")
    });
    assert_eq!(ended.count(), 2);
}

#[tokio::test]
async fn a_session_that_is_proven_anew_goes_on() {
    let kit = Kit::memory().await;
    kit.person("ann").await;
    shop(&kit).await;
    let browser = Browser::new(&kit);
    let mut window = logged_in(&browser, "ann").await;
    kit.advance(std::time::Duration::from_secs(1));
    window.goto(&format!("{REQUEST}&prompt=login")).await;
    let form = window.form_of("begin", "elevate", "on");
    window.send_form(form, &[]).await;
    window.send("answer", &[("a.password", kit::PASSWORD)]).await;
    assert!(lives(&kit, &session(&browser)).await);
    window.says("asks for access</h1>");
}
