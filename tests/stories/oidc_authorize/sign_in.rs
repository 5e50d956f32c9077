//! A login page without cookies: the nonce of the login goes with the browser back to the application.

use super::*;
use std::time::Duration;

async fn nonce(kit: &Kit, name: &str) -> String {
    let browser = logged_in(kit, "ann").await;
    let (name, session) = (PlainToken::received(name).unwrap(), caller(kit, &browser).await.session);
    kit.app.provider.login_nonce(&name, &session, &Origin::local("kit")).await.unwrap().expose().to_owned()
}

async fn sign_in(kit: &Kit, nonce: &str, name: &str) -> Reply {
    kit.get(&format!("/api/oidc/sign-in?oid_nonce={nonce}&auth_req_id={name}")).await
}

#[tokio::test]
async fn a_nonce_is_spent_on_its_request() {
    let kit = kit_with(&own_shop()).await;
    let name = begun(&kit, &[]).await;
    let nonce = nonce(&kit, &name).await;
    assert!(told(&sign_in(&kit, &nonce, &name).await.expect(302)).contains_key("code"));
    let again = sign_in(&kit, &nonce, &name).await.expect(400);
    assert!(again.json()["detail"].is_string() && again.header("location").is_none());
}

#[tokio::test]
async fn a_nonce_is_good_once_even_where_somebody_must_still_agree() {
    let kit = kit_with(&shop()).await;
    let name = begun(&kit, &[]).await;
    let nonce = nonce(&kit, &name).await;
    assert_eq!(page(&sign_in(&kit, &nonce, &name).await.expect(302)), "/ui/default/consent");
    sign_in(&kit, &nonce, &name).await.expect(400);
}

#[tokio::test]
async fn of_two_at_once_one_is_signed_in() {
    let kit = Kit::sqlite().await;
    kit.person("ann").await;
    register(&kit, &own_shop()).await;
    let name = begun(&kit, &[]).await;
    let nonce = nonce(&kit, &name).await;
    let (a, b) = tokio::join!(sign_in(&kit, &nonce, &name), sign_in(&kit, &nonce, &name));
    let mut statuses = [a.status.as_u16(), b.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [302, 400]);
}

#[tokio::test]
async fn a_nonce_of_another_request_an_old_one_and_a_made_up_one_are_worth_nothing() {
    let kit = kit_with(&own_shop()).await;
    let (one, other) = (begun(&kit, &[]).await, begun(&kit, &[]).await);
    let nonce = nonce(&kit, &one).await;
    sign_in(&kit, &nonce, &other).await.expect(400);
    sign_in(&kit, "gwn_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", &one).await.expect(400);
    sign_in(&kit, &one, &nonce).await.expect(400);
    kit.advance(Duration::from_secs(60));
    sign_in(&kit, &nonce, &one).await.expect(400);
    kit.get(&format!("/api/oidc/sign-in?auth_req_id={one}")).await.expect(422);
    // Without a request only what was for none is good.
    kit.get(&format!("/api/oidc/sign-in?oid_nonce={nonce}")).await.expect(400);
    let reply = kit.get("/api/oidc/sign-in").await.expect(422);
    assert!(reply.json()["detail"].is_array(), "{}", reply.text());
}

#[tokio::test]
async fn a_session_that_has_ended_signs_nobody_in() {
    let kit = kit_with(&own_shop()).await;
    let name = begun(&kit, &[]).await;
    let browser = logged_in(&kit, "ann").await;
    let caller = caller(&kit, &browser).await;
    let id = PlainToken::received(&name).unwrap();
    let nonce = kit.app.provider.login_nonce(&id, &caller.session, &Origin::local("kit")).await.unwrap();
    kit.app.engine.end_own(&caller, caller.session.id, &Origin::local("kit")).await.unwrap();
    sign_in(&kit, nonce.expose(), &name).await.expect(400);
}
