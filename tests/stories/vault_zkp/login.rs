//! The login that works, and what its nonce is good for outside any authorization request.

use super::*;

#[tokio::test]
async fn somebody_registers_logs_in_and_is_on_their_accounts_page() {
    let kit = world().await;
    let (page, secret) = (Page::of(&kit), Secret::of(1));
    let said = page.register("ann", "ann@example.org", &secret).await.expect(201);
    assert_eq!(said.text(), "null");
    let mail = letter(&kit).await;
    assert_eq!((mail.to.as_str(), mail.template.as_str()), ("ann@example.org", "verify"));
    assert!(mail.value("link").starts_with("https://id.example/ui/default/verify?token="));

    let login = page.login("ann", &secret).await.expect(200);
    assert_eq!(login.json()["need_verify"], true);
    let nonce = login.str("nonce");
    let there = signed_in(&page, &nonce).await.expect(302);
    assert_eq!(there.header("location"), Some("/ui/default/account"));
    assert!(page.browser.cookie("gatewright_session").is_some());
    page.browser.send(Call::get("/ui/default/account").secure()).await.expect(200);
    signed_in(&page, &nonce).await.expect(400);
}

/// The same picture after it was stored anew, in a browser that has never been here.
#[tokio::test]
async fn a_picture_that_was_stored_anew_is_still_the_picture() {
    let kit = world().await;
    let secret = ann(&kit).await;
    verified(&kit, "ann").await;
    for bytes in [1, 60, 96] {
        let noisy = secret.picture(secret.picture.noisy(bytes));
        let login = Page::of(&kit).login("ann", &noisy).await.expect(200);
        assert_eq!(login.json()["need_verify"], false, "{bytes}");
    }
    refused(Page::of(&kit).login("ann", &secret.picture(secret.picture.noisy(97))).await);
}

/// Whoever sends a link with a nonce around would have others log in as them.
#[tokio::test]
async fn a_nonce_for_no_request_is_good_in_its_browser_for_a_minute_and_once() {
    let kit = world().await;
    let secret = ann(&kit).await;
    let page = Page::of(&kit);
    let nonce = page.login("ann", &secret).await.expect(200).str("nonce");
    for stranger in [Page::of(&kit), Page::of(&kit)] {
        let said = signed_in(&stranger, &nonce).await.expect(400);
        assert!(said.json()["detail"].is_string() && said.header("set-cookie").is_none());
        stranger.login("ann", &secret).await.expect(200);
        signed_in(&stranger, &nonce).await.expect(400);
    }
    let (a, b) = tokio::join!(signed_in(&page, &nonce), signed_in(&page, &nonce));
    let mut statuses = [a.status.as_u16(), b.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [302, 400]);

    let late = page.login("ann", &secret).await.expect(200).str("nonce");
    kit.advance(Duration::from_secs(60));
    signed_in(&page, &late).await.expect(400);
    signed_in(&page, "gwn_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA").await.expect(400);
}

/// A link on a page elsewhere that would log its reader in as somebody else.
#[tokio::test]
async fn a_page_of_another_site_logs_nobody_in() {
    let kit = world().await;
    let secret = ann(&kit).await;
    let page = Page::of(&kit);
    for own in ["same-origin", "none"] {
        let nonce = page.login("ann", &secret).await.expect(200).str("nonce");
        let path = format!("/api/oidc/sign-in?oid_nonce={nonce}");
        let from = |site: &str| Call::get(&path).header("sec-fetch-site", site).secure();
        for other in ["cross-site", "same-site", "", "SAME-ORIGIN"] {
            let said = page.browser.send(from(other)).await.expect(400);
            assert!(said.json()["detail"].as_str().is_some_and(|detail| detail.contains("another site")));
            assert!(said.header("set-cookie").is_none() && said.header("location").is_none());
        }
        // It was not spent.
        page.browser.send(from(own)).await.expect(302);
    }
}

#[tokio::test]
async fn a_session_that_has_ended_meanwhile_is_not_signed_in() {
    let kit = world().await;
    let secret = ann(&kit).await;
    let page = Page::of(&kit);
    let nonce = page.login("ann", &secret).await.expect(200).str("nonce");
    let token = token(&kit, "ann", &secret).await;
    kit.delete_as(&token, "/auth/v1/me/sessions").await.expect(204);
    signed_in(&page, &nonce).await.expect(400);
}

#[tokio::test]
async fn who_owes_a_second_factor_logs_in_at_the_login_page() {
    let kit = open().config(UNLIMITED).start().await;
    let secret = ann(&kit).await;
    let token = token(&kit, "ann", &secret).await;
    kit.enrol_totp(&token).await;
    let said = Page::of(&kit).login("ann", &secret).await.expect(403);
    assert!(said.json()["detail"].as_str().is_some_and(|detail| detail.contains("login page")));
    refused(Page::of(&kit).login("ann", &secret.pin("000000")).await);
}

#[tokio::test]
async fn where_the_factor_is_not_offered_that_is_said_to_everybody() {
    let policy = "[login.policy]\nfirst = [\"password\"]\n[login.vault]\nregister_enable = true\n";
    let kit = Kit::with(Store::Memory).config(policy).start().await;
    kit.person("ann").await;
    let (page, secret) = (Page::of(&kit), Secret::of(1));
    for username in ["ann", "nobody"] {
        misshapen(page.ask(username, &Asking::login(&secret)).await, "body", "cipherKey");
    }
}
