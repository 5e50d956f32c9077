//! Somebody opens a link that came by mail.

use super::*;
use kit::Browser;

const LINKS: &str = "[login.policy]\nfirst = [\"password\", \"magic-link\"]\n\
                     [login.site]\nurl = \"https://id.example.org\"\n";

async fn kit_of_links() -> Kit {
    Kit::with(Store::Sqlite).mailbox().config(LINKS).start().await
}

/// A login in a browser that has asked for a link.
async fn asked(browser: &Browser<'_>, username: &str) -> Reply {
    let begun =
        browser.post("/auth/v1/login", &json!({"username": username, "cookie": true})).await.expect(200);
    let body = json!({"transaction": begun.str("transaction")});
    browser.post("/auth/v1/login/magic-link/challenge", &body).await.expect(200)
}

async fn poll(browser: &Browser<'_>, asked: &Reply) -> Reply {
    let body = json!({"transaction": asked.str("transaction"), "answer": {}});
    browser.post("/auth/v1/login/magic-link", &body).await
}

/// The path of the link that came, at this server.
fn path_of(sent: &Mail) -> String {
    let link = sent.value("link");
    link.strip_prefix("https://id.example.org").unwrap_or_else(|| panic!("{link}")).to_owned()
}

#[tokio::test]
async fn who_opens_the_link_in_the_same_browser_is_in_once() {
    let kit = kit_of_links().await;
    somebody(&kit, "ann").await;
    let browser = Browser::new(&kit);
    let asked = asked(&browser, "ann").await;
    let sent = mail(&kit).await;
    assert_eq!((sent.to.as_str(), sent.template.as_str()), ("ann@example.org", "magic-link"));
    assert!(!asked.text().contains(&path_of(&sent)[30..]));
    assert_eq!(poll(&browser, &asked).await.expect(200).json()["status"], "pending");
    let opened = browser.get(&format!("{}&utm_source=mail", path_of(&sent))).await.expect(303);
    assert_eq!(opened.header("location"), Some("../callback"));
    browser.get(&path_of(&sent)).await.expect(303);
    let done = poll(&browser, &asked).await.expect(200);
    assert_eq!((&done.json()["status"], &done.json()["person"]["username"]), (&json!("done"), &json!("ann")));
    // It is used up.
    browser.get(&path_of(&sent)).await.expect(303);
    poll(&browser, &asked).await.expect(404);
}

#[tokio::test]
async fn a_scanner_or_another_browser_neither_gets_in_nor_uses_it_up() {
    let kit = kit_of_links().await;
    somebody(&kit, "ann").await;
    let browser = Browser::new(&kit);
    let asked = asked(&browser, "ann").await;
    let link = path_of(&mail(&kit).await);
    let stranger = Browser::new(&kit);
    stranger.post("/auth/v1/login", &json!({"username": "ann", "cookie": true})).await.expect(200);
    let ticket = link.split_once("ticket=").unwrap().1;
    for _ in 0..3 {
        kit.get(&link).await.expect(303);
        stranger.get(&link).await.expect(303);
        kit.post("/auth/v1/callback/magic-link", &json!({"ticket": ticket})).await.expect(202);
    }
    assert_eq!(poll(&browser, &asked).await.expect(200).json()["status"], "pending");
    browser.get(&link).await.expect(303);
    assert_eq!(poll(&browser, &asked).await.expect(200).json()["status"], "done");
}

#[tokio::test]
async fn a_link_ends_with_its_time_with_the_next_one_and_with_the_address() {
    let kit = kit_of_links().await;
    let ann = somebody(&kit, "ann").await;
    let browser = Browser::new(&kit);
    let late = asked(&browser, "ann").await;
    let link = path_of(&mail(&kit).await);
    kit.advance(Duration::from_secs(600));
    browser.get(&link).await.expect(303);
    poll(&browser, &late).await.expect(404);

    let first = asked(&browser, "ann").await;
    let old = path_of(&mail(&kit).await);
    let body = json!({"transaction": first.str("transaction")});
    let again = browser.post("/auth/v1/login/magic-link/challenge", &body).await.expect(200);
    let new = path_of(&mail(&kit).await);
    browser.get(&old).await.expect(303);
    assert_eq!(poll(&browser, &again).await.expect(200).json()["status"], "pending");
    browser.get(&new).await.expect(303);
    with_address(&kit, &kit.reread(&ann).await, "other@example.org").await;
    poll(&browser, &again).await.expect(401);
}

#[tokio::test]
async fn nobody_learns_whom_a_link_reaches() {
    let kit = kit_of_links().await;
    somebody(&kit, "ann").await;
    let unverified = kit.person("unverified").await;
    let origin = Origin::local("kit");
    let change = PersonChange { email: Some(Some("u@example.org".to_owned())), ..PersonChange::default() };
    kit.app
        .engine
        .at_the_machine(&origin)
        .change_person(&unverified.tenant, unverified.id, change)
        .await
        .unwrap();
    let disabled = somebody(&kit, "disabled").await;
    kit.disable(&disabled).await;
    let mut seen = Vec::new();
    for name in ["ann", "nobody", "unverified", "disabled"] {
        let browser = Browser::new(&kit);
        let asked = asked(&browser, name).await;
        let waits = poll(&browser, &asked).await.expect(200);
        seen.push((asked.json()["prompt"].clone(), waits.json()));
    }
    assert!(seen.windows(2).all(|pair| pair[0] == pair[1]), "{seen:?}");
    let sent = kit.mail().await;
    assert_eq!(sent.iter().map(|m| m.to.as_str()).collect::<Vec<_>>(), ["ann@example.org"]);
}

#[tokio::test]
async fn without_a_cookie_no_link_is_sent_and_nonsense_is_refused() {
    let kit = kit_of_links().await;
    somebody(&kit, "ann").await;
    let body = json!({"transaction": kit.begin("ann").await});
    kit.post("/auth/v1/login/magic-link/challenge", &body).await.expect(409);
    assert!(kit.mail().await.is_empty());
    for bad in ["", "?ticket=", "?ticket=short", "?ticket=a&ticket=b"] {
        kit.get(&format!("/auth/v1/callback/magic-link{bad}")).await.expect(400);
    }
    let off = Kit::with(Store::Memory).mailbox().start().await;
    somebody(&off, "ann").await;
    let browser = Browser::new(&off);
    let begun = browser.post("/auth/v1/login", &json!({"username": "ann", "cookie": true})).await.expect(200);
    let body = json!({"transaction": begun.str("transaction")});
    browser.post("/auth/v1/login/magic-link/challenge", &body).await.expect(400);
}

#[tokio::test]
async fn five_links_and_no_more() {
    let kit = kit_of_links().await;
    somebody(&kit, "ann").await;
    let browser = Browser::new(&kit);
    for sent in [1, 1, 1, 1, 1, 0] {
        asked(&browser, "ann").await;
        assert_eq!(kit.mail().await.len(), sent);
    }
}

#[tokio::test]
async fn a_link_replaces_a_lost_password_where_the_policy_says_so() {
    let reset = "[login.policy]\nreset = [\"magic-link\"]\n[login.site]\nurl = \"https://id.example.org\"\n";
    let kit = Kit::with(Store::Memory).mailbox().config(reset).start().await;
    somebody(&kit, "ann").await;
    let browser = Browser::new(&kit);
    let body = json!({"username": "ann", "purpose": "reset", "cookie": true});
    let begun = browser.post("/auth/v1/login", &body).await.expect(200);
    let body = json!({"transaction": begun.str("transaction")});
    let asked = browser.post("/auth/v1/login/magic-link/challenge", &body).await.expect(200);
    browser.get(&path_of(&mail(&kit).await)).await.expect(303);
    let more = poll(&browser, &asked).await.expect(200);
    let body = json!({"transaction": more.str("transaction")});
    let invited = browser.post("/auth/v1/enrol/password", &body).await.expect(200);
    let proof = json!({"password": "quince-Ladder 77 harbour"});
    let body = json!({"transaction": invited.str("transaction"), "proof": proof});
    let done = browser.post("/auth/v1/enrol/password/complete", &body).await.expect(200);
    assert_eq!(done.json()["login"], json!({"status": "reset"}));
}
