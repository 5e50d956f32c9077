//! A browser is trusted: what it is known by is in a cookie.

use super::*;
use kit::{Browser, Call};

const COOKIE: &str = "gatewright_device";

/// A login with password and app in a browser that is to be trusted.
async fn trust(browser: &Browser<'_>, kit: &Kit, app: &Totp) -> Reply {
    kit.advance(Duration::from_secs(60));
    let more = password(browser, true).await;
    assert_eq!(more.json()["status"], "more", "{}", more.text());
    let answer = json!({"code": app.code(kit)});
    let body = json!({"transaction": more.str("transaction"), "answer": answer, "trust_browser": true});
    browser.post("/auth/v1/login/totp", &body).await.expect(200)
}

/// A login with cookies, as far as the password.
async fn password(browser: &Browser<'_>, trust: bool) -> Reply {
    let begun = browser.post("/auth/v1/login", &json!({"username": "ann", "cookie": true})).await.expect(200);
    let answer = json!({"password": PASSWORD});
    let body = json!({"transaction": begun.str("transaction"), "answer": answer, "trust_browser": trust});
    browser.post("/auth/v1/login/password", &body).await.expect(200)
}

fn status(reply: &Reply) -> String {
    reply.str("status")
}

#[tokio::test]
async fn a_trusted_browser_is_asked_for_the_password_alone() {
    for store in [Store::Memory, Store::Sqlite, Store::Postgres] {
        let kit = with(store).start().await;
        let app = somebody(&kit, "ann").await;
        let browser = Browser::new(&kit);
        let done = trust(&browser, &kit, &app).await;
        assert_eq!(
            (status(&done), done.json().get("reveal")),
            ("done".to_owned(), None),
            "out of reach of scripts"
        );
        let cookies: Vec<_> =
            done.headers.get_all("set-cookie").iter().map(|c| c.to_str().unwrap()).collect();
        let set = cookies.iter().find(|c| c.starts_with(COOKIE)).expect("a cookie");
        assert!(set.ends_with("; Path=/; Max-Age=2592000; HttpOnly; SameSite=Lax"), "{set}");
        let mut seen = vec![browser.cookie(COOKIE).unwrap()];
        for _ in 0..2 {
            let done = password(&browser, false).await;
            assert_eq!((status(&done), done.json().get("reveal")), ("done".to_owned(), None));
            assert_eq!(done.json()["amr"], json!(["pwd", "remembered"]));
            let now = browser.cookie(COOKIE).unwrap();
            assert!(!seen.contains(&now), "another number each time");
            seen.push(now);
        }
        assert_eq!(
            status(&password(&Browser::new(&kit), false).await),
            "more",
            "another browser is not trusted"
        );
    }
}

#[tokio::test]
async fn a_cookie_that_was_copied_is_worth_one_login_and_then_nobody_is_trusted() {
    let kit = with(Store::Memory).start().await;
    let app = somebody(&kit, "ann").await;
    let browser = Browser::new(&kit);
    trust(&browser, &kit, &app).await;
    let stolen = format!("{COOKIE}={}", browser.cookie(COOKIE).unwrap());
    assert_eq!(status(&password(&browser, false).await), "done");
    let transaction = kit.begin("ann").await;
    let body = json!({"transaction": transaction, "answer": {"password": PASSWORD}});
    let call = Call::post("/auth/v1/login/password").json(&body).header("cookie", &stolen);
    let thief = kit.send(call.header("origin", "http://id.example")).await.expect(200);
    assert_eq!(status(&thief), "more");
    let cleared = thief.header("set-cookie").unwrap();
    assert!(cleared.starts_with(&format!("{COOKIE}=;")) && cleared.contains("Max-Age=0"), "{cleared}");
    let owner = password(&browser, false).await;
    assert_eq!(
        (status(&owner), owner.json()["next"]["authenticators"].clone()),
        ("more".into(), json!(["totp"]))
    );
}

#[tokio::test]
async fn a_cookie_that_is_nobodys_is_cleared_and_counts_as_one_wrong_answer() {
    let limits =
        "[login.policy]\nsecond = [\"totp\", \"machine\"]\n[login.session]\ntransaction_attempts = 3\n";
    let kit = Kit::with(Store::Memory).config(limits).start().await;
    let app = somebody(&kit, "ann").await;
    let other = Browser::new(&kit);
    trust(&other, &kit, &app).await;
    let send = async |cookie: &str| {
        let transaction = kit.begin("ann").await;
        let body = json!({"transaction": transaction, "answer": {"password": PASSWORD}});
        let call = Call::post("/auth/v1/login/password").json(&body).header("origin", "http://id.example");
        kit.send(call.header("cookie", &format!("{COOKIE}={cookie}"))).await.expect(200)
    };
    for cookie in ["x", "e30", &"e".repeat(3000), "eyJtYWNoaW5lX25vbmNlIjoiYSIsInNlcXVlbmNlX25vbmNlIjoiYiJ9"]
    {
        let reply = send(cookie).await;
        assert_eq!(status(&reply), "more");
        assert!(reply.header("set-cookie").unwrap().starts_with(&format!("{COOKIE}=;")), "{cookie}");
        // The login goes on, with the tries that are left.
        kit.advance(Duration::from_secs(60));
        let (handle, code) = (reply.str("transaction"), json!({"code": app.code(&kit)}));
        kit.answer(&handle, "totp", json!({"code": "000000"})).await.expect(401);
        Login::of(&kit.answer(&handle, "totp", code).await);
    }
    assert_eq!(
        status(&password(&other, false).await),
        "done",
        "the device of the other browser is still there"
    );
}

#[tokio::test]
async fn no_browser_is_trusted_without_a_second_factor_or_where_the_tenant_does_not() {
    let kit = with(Store::Memory).start().await;
    kit.person("ann").await;
    let browser = Browser::new(&kit);
    assert_eq!(status(&password(&browser, true).await), "done");
    assert_eq!(browser.cookie(COOKIE), None);

    let strict = Kit::memory().await;
    let app = somebody(&strict, "ann").await;
    let browser = Browser::new(&strict);
    assert_eq!(status(&trust(&browser, &strict, &app).await), "done");
    assert_eq!(browser.cookie(COOKIE), None);
}

#[tokio::test]
async fn what_was_trusted_before_the_tenant_changed_its_mind_is_asked_again() {
    let kit = with(Store::Memory).start().await;
    let app = somebody(&kit, "ann").await;
    let browser = Browser::new(&kit);
    trust(&browser, &kit, &app).await;
    let root = kit.administrator().await;
    let change = json!({"settings": {"login": {"second": ["totp"]}}});
    let changed = kit.send(Call::new("PATCH", "/auth/v1/tenants/default").bearer(&root).json(&change)).await;
    assert!(changed.status.is_success(), "{}", changed.text());
    assert_eq!(status(&password(&browser, false).await), "more");
}

#[tokio::test]
async fn over_tls_no_other_host_can_set_the_cookie() {
    let kit = Kit::with(Store::Memory).config(REMEMBERED).start().await;
    let app = somebody(&kit, "ann").await;
    let more = waiting(&kit, "ann").await;
    let body = json!({
        "transaction": more.str("transaction"), "answer": {"code": app.code(&kit)}, "trust_browser": true,
    });
    let call = Call::post("/auth/v1/login/totp").json(&body).secure();
    let done = kit.send(call.header("user-agent", "Test/1.0")).await.expect(200);
    let set = done.header("set-cookie").unwrap();
    assert!(set.starts_with("__Host-gatewright_device="), "{set}");
    assert!(set.ends_with("; Path=/; Max-Age=2592000; HttpOnly; SameSite=Lax; Secure"), "{set}");
    assert_eq!(devices(&kit, &done.str("access_token")).await[0]["label"], "Test/1.0");
}

#[tokio::test]
async fn trust_is_a_yes_or_no() {
    let kit = with(Store::Memory).start().await;
    kit.person("ann").await;
    let transaction = kit.begin("ann").await;
    let body = json!({"transaction": transaction, "answer": {"password": PASSWORD}, "trust_browser": "yes"});
    kit.post("/auth/v1/login/password", &body).await.expect(400);
}

#[tokio::test]
async fn no_device_stands_for_who_must_set_up_a_new_password() {
    let policy = format!("max_age_days = 1\n{REMEMBERED}");
    let kit = Kit::with(Store::Memory).config(&policy).start().await;
    let app = somebody(&kit, "ann").await;
    let browser = Browser::new(&kit);
    trust(&browser, &kit, &app).await;
    assert_eq!(status(&password(&browser, false).await), "done");
    kit.advance(Duration::from_secs(2 * 86_400));
    let more = password(&browser, false).await;
    assert_eq!(status(&more), "more", "{}", more.text());
    assert_eq!(more.json()["next"]["step"], "second", "the app first: {}", more.text());
}
