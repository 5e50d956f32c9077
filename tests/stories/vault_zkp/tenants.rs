//! Another tenant than the one that is there from the start, outside any authorization request.

use super::{changes::change, *};
use crate::stories::admin::tenant;
use gatewright_contract::TenantId;

async fn with_acme() -> (Kit, Secret) {
    let kit = world().await;
    let root = kit.administrator().await;
    tenant(&kit, &root, "acme").await;
    let secret = Secret::of(1);
    Page::at(&kit, "acme").register("ann", "ann@example.org", &secret).await.expect(201);
    kit.mail().await;
    (kit, secret)
}

#[tokio::test]
async fn somebody_of_another_tenant_is_somebody_there_only() {
    let (kit, secret) = with_acme().await;
    let page = Page::at(&kit, "acme");
    let nonce = page.login("ann", &secret).await.expect(200).str("nonce");
    let there = signed_in(&page, &nonce).await.expect(302);
    assert_eq!(there.header("location"), Some("/ui/acme/account"));
    refused(Page::of(&kit).login("ann", &secret).await);
    // What was asked for one tenant is not opened, or answered, for another.
    let asking = Asking::login(&secret);
    let said = page.ask("ann", &asking).await.expect(200).json();
    let data = said["challenge_data"].as_str().unwrap();
    assert!(asking.open(data, &Page::of(&kit).context("ann", "login")).is_none());
    let mut told = asking.told_in(&said, page.context("ann", "login"));
    told.context.tenant = "default".to_owned();
    refused(page.authenticate(&form(&told)).await);
    Page::at(&kit, "nowhere").ask("ann", &asking).await.expect(404);
    Page::at(&kit, "NO").ask("ann", &asking).await.expect(404);
}

#[tokio::test]
async fn a_registration_of_one_tenant_is_none_of_another() {
    let (kit, _) = with_acme().await;
    let (page, secret) = (Page::at(&kit, "acme"), Secret::of(2));
    let told = page.to_enrol("bob", &secret, "register").await;
    let form = registration(&told, "bob", "bob@example.org");
    not_taken(Page::of(&kit).post("/register", &form).await);
    page.post("/register", &form).await.expect(201);
}

#[tokio::test]
async fn secret_and_address_are_changed_there_too() {
    let (kit, old) = with_acme().await;
    let (page, new) = (Page::at(&kit, "acme"), Secret::of(2));
    let token = token_at(&kit, "acme", "ann", &old).await;
    // Asked for in another tenant, it is for somebody else.
    let told = Page::of(&kit).to_enrol("ann", &new, "change").await;
    not_taken(change(&kit, &token, &told.proof("", "")).await);
    let told = page.to_enrol("ann", &new, "change").await;
    change(&kit, &token, &told.proof("", "")).await.expect(200);

    let acme = TenantId::parse("acme").unwrap();
    let ann = kit.app.engine.find_person(&acme, "ann").await.unwrap().unwrap();
    let token = token_at(&kit, "acme", "ann", &new).await;
    let told = page.asked("ann", &Asking::login(&new), "update-email").await;
    let form = told.answer_for_email("ann@example.net");
    let call = Call::new("PUT", &format!("/api/oidc/acme/users/{}/email", ann.id)).json(&form);
    page.browser.send(call.bearer(&token).header("origin", ORIGIN).secure()).await.expect(200);
    let ann = kit.app.engine.find_person(&acme, "ann").await.unwrap().unwrap();
    assert_eq!(ann.email.as_deref(), Some("ann@example.net"));
}
