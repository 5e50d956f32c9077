//! Nobody is logged out by a page that only wishes it: the person is asked.

use super::{
    BYE, LOGOUT, Store, app, encoded, form, house, id_token, is_in, location, log_out, logged_in, register,
};
use gatewright_oauth::client::LogoutUris;

#[tokio::test]
async fn without_a_hint_the_person_is_asked() {
    let kit = house(Store::Memory).await;
    register(&kit, &app("shop", LogoutUris::default())).await;
    let browser = logged_in(&kit, "ann").await;
    let asked = log_out(&browser, &[]).await.expect(302);
    assert_eq!(location(&asked), "/ui/default/logout");
    let wish = [("client_id", "shop"), ("post_logout_redirect_uri", BYE), ("state", "x y")];
    let asked = log_out(&browser, &wish).await.expect(302);
    assert_eq!(location(&asked), format!("/ui/default/logout?{}", encoded(&wish)), "what is needed to go on");
    assert!(is_in(&browser).await);
    // A form of another site brings no cookie, and the page that it leads to asks as well.
    let from_elsewhere = form(LOGOUT, &[]).header("origin", "https://evil.example");
    let reply = browser.send(from_elsewhere).await;
    assert!(reply.status == 200 || location(&reply).starts_with("/ui/default/logout"), "{}", reply.text());
    assert!(is_in(&browser).await);
}

#[tokio::test]
async fn a_hint_about_somebody_else_ends_nothing_here() {
    let kit = house(Store::Memory).await;
    kit.person("bob").await;
    register(&kit, &app("shop", LogoutUris::default())).await;
    let (ann, bob) = (logged_in(&kit, "ann").await, logged_in(&kit, "bob").await);
    let hint = id_token(&bob, &kit, "shop").await;
    let asked = log_out(&ann, &[("id_token_hint", &hint)]).await.expect(302);
    assert!(location(&asked).starts_with("/ui/default/logout?id_token_hint="), "{}", location(&asked));
    assert!(is_in(&ann).await && is_in(&bob).await);
}

/// Whoever has an ID token has been at the login: it names the session, and the session ends.
#[tokio::test]
async fn a_form_of_the_application_ends_the_session_that_the_hint_names() {
    let kit = house(Store::Memory).await;
    register(&kit, &app("shop", LogoutUris::default())).await;
    let (browser, other) = (logged_in(&kit, "ann").await, logged_in(&kit, "ann").await);
    let hint = id_token(&browser, &kit, "shop").await;
    let wish = [("id_token_hint", &*hint), ("post_logout_redirect_uri", BYE)];
    let reply = browser.send(form(LOGOUT, &wish).header("origin", "https://shop.example")).await.expect(303);
    assert_eq!(location(&reply), BYE);
    assert!(!is_in(&browser).await && is_in(&other).await);
    // Long after the token and the session have ended it is no mistake.
    kit.advance(std::time::Duration::from_secs(3_600));
    let again = browser.send(form(LOGOUT, &wish).header("origin", "https://shop.example")).await.expect(303);
    assert_eq!(location(&again), BYE);
}

/// The same person has logged in anew since: that is the session that they want to end.
#[tokio::test]
async fn an_old_hint_of_the_same_person_ends_the_session_of_the_browser() {
    let kit = house(Store::Memory).await;
    register(&kit, &app("shop", LogoutUris::default())).await;
    let browser = logged_in(&kit, "ann").await;
    let hint = id_token(&browser, &kit, "shop").await;
    browser.login("ann").await;
    log_out(&browser, &[("id_token_hint", &hint)]).await.expect(200);
    assert_eq!(browser.cookie("gatewright_session"), None);
}

/// The page that asks sends its form to the same place: only from this site.
#[tokio::test]
async fn who_says_yes_is_logged_out() {
    let kit = house(Store::Memory).await;
    register(&kit, &app("shop", LogoutUris::default())).await;
    let browser = logged_in(&kit, "ann").await;
    let yes =
        [("confirmed", "yes"), ("client_id", "shop"), ("post_logout_redirect_uri", BYE), ("state", "s")];
    for origin in ["https://evil.example", "null"] {
        let asked = browser.send(form(LOGOUT, &yes).header("origin", origin)).await.expect(303);
        assert_eq!(location(&asked), format!("{BYE}&state=s"), "nobody was there");
        assert!(is_in(&browser).await, "{origin}");
    }
    let by_link = log_out(&browser, &yes).await.expect(302);
    assert!(location(&by_link).starts_with("/ui/default/logout?"));
    assert!(is_in(&browser).await);
    let done = browser.send(form(LOGOUT, &yes).header("origin", "http://id.example")).await.expect(303);
    assert_eq!(location(&done), format!("{BYE}&state=s"));
    assert_eq!(browser.cookie("gatewright_session"), None);
    let nobody = browser.send(form(LOGOUT, &[("confirmed", "yes")])).await.expect(200);
    assert_eq!(nobody.text(), "null");
}
