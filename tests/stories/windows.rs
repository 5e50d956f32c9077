//! Somebody logs in with a browser: cookies instead of tokens, and more than one window.

use kit::{Browser, Call, Kit, PASSWORD, Reply};
use serde_json::{Value, json};
use std::time::Duration;

const SESSION: &str = "gatewright_session";
const BROWSER: &str = "gatewright_browser";

async fn begin(browser: &Browser<'_>) -> Reply {
    browser.post("/auth/v1/login", &json!({"username": "ann", "cookie": true})).await.expect(200)
}

async fn finish(browser: &Browser<'_>, begun: &Reply) -> Reply {
    let body = json!({"transaction": begun.str("transaction"), "answer": {"password": PASSWORD}});
    browser.post("/auth/v1/login/password", &body).await
}

async fn logged_in(kit: &Kit) -> Browser<'_> {
    kit.person("ann").await;
    let browser = Browser::new(kit);
    let begun = begin(&browser).await;
    finish(&browser, &begun).await.expect(200);
    browser
}

async fn change(browser: &Browser<'_>, method: &str, path: &str) -> Reply {
    browser.send(Call::new(method, path).header("origin", "http://id.example")).await
}

#[tokio::test]
async fn the_session_token_is_in_a_cookie_that_scripts_can_not_read() {
    let kit = Kit::memory().await;
    kit.person("ann").await;
    let browser = Browser::new(&kit);
    let begun = begin(&browser).await;
    let bound = begun.header("set-cookie").unwrap();
    assert!(bound.starts_with("gatewright_browser=gwb_") && bound.contains("; Max-Age=600;"), "{bound}");

    let done = finish(&browser, &begun).await.expect(200);
    assert_eq!(done.str("status"), "done");
    assert_eq!(done.json().get("session_token"), None);
    let cookie = done.header("set-cookie").unwrap();
    assert!(cookie.starts_with("gatewright_session=gws_"), "{cookie}");
    assert!(cookie.contains("; Path=/; Max-Age=2592000; HttpOnly; SameSite=Lax"), "{cookie}");
    assert!(!cookie.contains("Secure"), "{cookie}");
    browser.get("/auth/v1/me").await.expect(200);
}

#[tokio::test]
async fn over_tls_the_cookies_never_leave_in_clear_text() {
    let kit = Kit::memory().await;
    let body = json!({"username": "ann", "cookie": true});
    let begun = kit.send(Call::post("/auth/v1/login").json(&body).secure()).await.expect(200);
    assert!(begun.header("set-cookie").unwrap().ends_with("; Secure"));
}

#[tokio::test]
async fn a_login_goes_on_only_in_the_browser_where_it_began() {
    let kit = Kit::memory().await;
    kit.person("ann").await;
    let (hers, theirs) = (Browser::new(&kit), Browser::new(&kit));
    let begun = begin(&hers).await;
    finish(&theirs, &begun).await.expect(404);
    begin(&theirs).await;
    finish(&theirs, &begun).await.expect(404);
    finish(&hers, &begun).await.expect(200);
}

#[tokio::test]
async fn two_windows_do_not_disturb_each_other() {
    let kit = Kit::memory().await;
    kit.person("ann").await;
    let browser = Browser::new(&kit);
    let first = begin(&browser).await;
    kit.advance(Duration::from_secs(590));
    // The second one keeps the cookie, and keeps it alive.
    let cookie = browser.cookie(BROWSER);
    let second = begin(&browser).await;
    assert_eq!(browser.cookie(BROWSER), cookie);
    assert!(second.header("set-cookie").unwrap().contains("; Max-Age=600;"));
    finish(&browser, &first).await.expect(200);
    finish(&browser, &second).await.expect(200);
}

#[tokio::test]
async fn a_login_without_cookies_is_not_lost_because_another_window_has_set_one_since() {
    let kit = Kit::memory().await;
    kit.person("ann").await;
    let browser = Browser::new(&kit);
    let plain = browser.post("/auth/v1/login", &json!({"username": "ann"})).await.expect(200);
    assert_eq!(plain.header("set-cookie"), None);
    begin(&browser).await;
    let done = finish(&browser, &plain).await.expect(200);
    assert!(done.json()["session_token"].is_string());
    assert_eq!(done.header("set-cookie"), None);
}

#[tokio::test]
async fn a_browser_exchanges_and_ends_its_session_by_cookie() {
    let kit = Kit::memory().await;
    let browser = logged_in(&kit).await;
    let old = browser.cookie(SESSION);
    let new = change(&browser, "POST", "/auth/v1/session/rotate").await.expect(200);
    assert_eq!(new.json().get("session_token"), None);
    assert_ne!(browser.cookie(SESSION), old);
    kit.get_as(&new.str("access_token"), "/auth/v1/me").await.expect(200);

    change(&browser, "POST", "/auth/v1/session/end").await.expect(204);
    assert_eq!(browser.cookie(SESSION), None);
    kit.get_as(&new.str("access_token"), "/auth/v1/me").await.expect(401);
}

#[tokio::test]
async fn ending_another_session_leaves_the_cookie_and_ending_its_own_takes_it() {
    let kit = Kit::memory().await;
    let browser = logged_in(&kit).await;
    let elsewhere = kit.login("ann").await;
    let body = json!({"session_token": elsewhere.session_token});
    browser.post("/auth/v1/session/end", &body).await.expect(204);
    browser.get("/auth/v1/me").await.expect(200);
    let body = json!({"session_token": browser.cookie(SESSION)});
    browser.post("/auth/v1/session/end", &body).await.expect(204);
    assert_eq!(browser.cookie(SESSION), None);
}

#[tokio::test]
async fn another_site_can_not_end_the_session() {
    let kit = Kit::memory().await;
    let browser = logged_in(&kit).await;
    let call = Call::post("/auth/v1/session/end").header("origin", "https://evil.example");
    browser.send(call).await.expect(403);
    browser.get("/auth/v1/me").await.expect(200);
}

#[tokio::test]
async fn logging_out_in_the_list_of_sessions_takes_the_cookie_only_with_its_own_session() {
    let kit = Kit::memory().await;
    let browser = logged_in(&kit).await;
    kit.login("ann").await;
    let sessions = browser.get("/auth/v1/me/sessions").await.expect(200).json();
    let id = |current: bool| {
        let found = sessions.as_array().unwrap().iter().find(|s| s["current"] == current);
        found.and_then(|s| s["id"].as_str()).unwrap().to_owned()
    };
    change(&browser, "DELETE", &format!("/auth/v1/me/sessions/{}", id(false))).await.expect(204);
    change(&browser, "DELETE", "/auth/v1/me/sessions?keep_current=true").await.expect(204);
    assert!(browser.cookie(SESSION).is_some());
    change(&browser, "DELETE", &format!("/auth/v1/me/sessions/{}", id(true))).await.expect(204);
    assert_eq!(browser.cookie(SESSION), None);
}

#[tokio::test]
async fn proving_anew_in_a_browser_keeps_the_tokens_in_the_cookie() {
    let kit = Kit::memory().await;
    let browser = logged_in(&kit).await;
    let old = browser.cookie(SESSION);
    let begun = browser.post("/auth/v1/login", &json!({"purpose": "elevate"})).await.expect(200);
    let done = finish(&browser, &begun).await.expect(200);
    assert_eq!(done.json().get("session_token"), None);
    assert_ne!(browser.cookie(SESSION), old);
    browser.get("/auth/v1/me").await.expect(200);
}

#[tokio::test]
async fn somebody_sets_up_an_app_in_a_browser() {
    let kit = Kit::memory().await;
    let browser = logged_in(&kit).await;
    let asked = browser.post("/auth/v1/enrol/totp", &json!({"invite": {"label": "phone"}})).await.expect(200);
    // Nobody logs in by setting something up.
    let code = kit::Totp(asked.json()["invitation"].clone()).code(&kit);
    let proof = json!({"transaction": asked.str("transaction"), "proof": {"code": code}});
    let done = browser.post("/auth/v1/enrol/totp/complete", &proof).await.expect(200);
    assert_eq!((done.json().get("login"), done.header("set-cookie")), (None, None));
    let list: Value = browser.get("/auth/v1/me/credentials").await.expect(200).json();
    assert!(list.as_array().unwrap().iter().any(|c| c["label"] == "phone"), "{list}");
}

/// A page of a sibling domain sets a cookie of the same name, with a session of its own in it.
#[tokio::test]
async fn a_planted_session_does_not_take_the_place_of_the_own() {
    let kit = Kit::memory().await;
    kit.person("ann").await;
    kit.person("mallory").await;
    let [own, planted] = [Browser::new(&kit), Browser::new(&kit)];
    own.login("ann").await;
    planted.login("mallory").await;
    let [own, planted] = [own, planted].map(|browser| browser.cookie(SESSION).unwrap());
    for (both, status) in [
        (format!("{SESSION}={planted}; {SESSION}={own}"), 401),
        (format!("{SESSION}={own}; {SESSION}={planted}"), 401),
        // poem decodes names; a browser tells the two apart.
        (format!("%67atewright_session={planted}; {SESSION}={own}"), 401),
        (format!("{SESSION}={own}; {SESSION}={own}"), 200),
    ] {
        let reply = kit.send(Call::get("/auth/v1/me").header("cookie", &both)).await;
        assert_eq!(reply.status.as_u16(), status, "{both}");
    }
}
