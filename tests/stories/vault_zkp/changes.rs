//! Another secret, and another address.

use super::*;
use gatewright_contract::TenantId;

pub(super) async fn change(kit: &Kit, token: &str, form: &Value) -> Reply {
    let call = Call::post("/api/oidc/change-password").json(form).header("origin", ORIGIN).secure();
    kit.send(call.bearer(token)).await
}

#[tokio::test]
async fn a_secret_is_changed_and_other_sessions_end() {
    let kit = world().await;
    let (old, new) = (ann(&kit).await, Secret::of(2));
    let other = token(&kit, "ann", &old).await;
    let token = token(&kit, "ann", &old).await;
    let page = Page::of(&kit);
    let told = page.to_enrol("ann", &new, "change").await;
    assert_eq!(change(&kit, &token, &told.proof("", "")).await.expect(200).text(), "null");
    refused(page.login("ann", &old).await);
    page.login("ann", &new).await.expect(200);
    kit.get_as(&other, "/auth/v1/me").await.expect(401);
    // What was answered is spent.
    not_taken(change(&kit, &super::token(&kit, "ann", &new).await, &told.proof("", "")).await);
}

#[tokio::test]
async fn somebody_with_a_password_sets_up_their_first_secret() {
    let kit = world().await;
    kit.person("bob").await;
    let (token, secret, page) = (kit.login("bob").await.access_token, Secret::of(1), Page::of(&kit));
    let told = page.to_enrol("bob", &secret, "register").await;
    change(&kit, &token, &told.proof("", "")).await.expect(200);
    page.login("bob", &secret).await.expect(200);
}

#[tokio::test]
async fn another_is_not_set_for_somebody_else_too_late_or_without_a_login() {
    let kit = world().await;
    let (old, new) = (ann(&kit).await, Secret::of(2));
    kit.person("bob").await;
    let (bob, page) = (kit.login("bob").await.access_token, Page::of(&kit));
    let told = page.to_enrol("ann", &new, "change").await;
    not_taken(change(&kit, &bob, &told.proof("", "")).await);
    let token = token(&kit, "ann", &old).await;
    for (purpose, email) in [("reset", ""), ("register", ""), ("change", "ann@example.org")] {
        let told = page.to_enrol("ann", &new, purpose).await;
        let mut form = told.proof(email, "");
        form.as_object_mut().unwrap().remove("email");
        not_taken(change(&kit, &token, &form).await);
    }
    let told = page.to_enrol("ann", &new, "change").await;
    let without = Call::post("/api/oidc/change-password").json(&told.proof("", ""));
    kit.send(without).await.expect(401);
    kit.advance(Duration::from_secs(3_600));
    let late = page.to_enrol("ann", &new, "change").await;
    let said = change(&kit, &token, &late.proof("", "")).await;
    assert!(matches!(said.status.as_u16(), 401 | 403), "{}", said.text());
    page.login("ann", &old).await.expect(200);
}

struct Owner {
    token: String,
    path: String,
}

async fn owner(kit: &Kit, username: &str, secret: &Secret) -> Owner {
    let tenant = TenantId::default_tenant();
    let person = kit.app.engine.find_person(&tenant, username).await.unwrap().unwrap();
    let token = token(kit, username, secret).await;
    Owner { token, path: format!("/api/oidc/default/users/{}/email", person.id) }
}

impl Owner {
    async fn put(&self, page: &Page<'_>, form: &Value) -> Reply {
        let call = Call::new("PUT", &self.path).json(form).header("origin", ORIGIN).secure();
        page.browser.send(call.bearer(&self.token)).await
    }
}

#[tokio::test]
async fn an_address_changes_with_a_fresh_proof_for_it() {
    let kit = world().await;
    let secret = ann(&kit).await;
    verified(&kit, "ann").await;
    let (owner, page) = (owner(&kit, "ann", &secret).await, Page::of(&kit));
    // The login need not be recent: the proof is.
    kit.advance(Duration::from_secs(600));
    let asking = Asking::login(&secret);
    let told = page.asked("ann", &asking, "update-email").await;
    let form = told.answer_for_email("ann@example.net");
    assert_eq!(owner.put(&page, &form).await.expect(200).text(), "null");
    let tenant = TenantId::default_tenant();
    let ann = kit.app.engine.find_person(&tenant, "ann").await.unwrap().unwrap();
    assert_eq!((ann.email.as_deref(), ann.email_verified), (Some("ann@example.net"), false));
    let mail = letter(&kit).await;
    assert_eq!((mail.to.as_str(), mail.template.as_str()), ("ann@example.org", "notice"));
    // Once.
    refused(owner.put(&page, &with(form, json!({"email": "ann@example.com"}))).await);
}

#[tokio::test]
async fn a_proof_for_another_address_purpose_or_person_changes_nothing() {
    let kit = world().await;
    let secret = ann(&kit).await;
    let bobs = Secret::of(2);
    Page::of(&kit).register("bob", "bob@example.org", &bobs).await.expect(201);
    verified(&kit, "ann").await;
    verified(&kit, "bob").await;
    let (owner, bob, page) =
        (owner(&kit, "ann", &secret).await, owner(&kit, "bob", &bobs).await, Page::of(&kit));
    let told = async |purpose: &str| page.asked("ann", &Asking::login(&secret), purpose).await;
    let form = told("update-email").await.answer_for_email("ann@example.net");
    refused(owner.put(&page, &with(form, json!({"email": "mallory@example.org"}))).await);
    let form = with(told("login").await.answer(), json!({"email": "ann@example.net"}));
    refused(owner.put(&page, &form).await);
    let form = told("login").await.answer_for_email("ann@example.net");
    refused(owner.put(&page, &form).await);
    // Ann's proof, by Bob.
    let form = told("update-email").await.answer_for_email("ann@example.net");
    refused(bob.put(&page, &form).await);
    bob.put(&page, &with(form.clone(), json!({"challenge_id": "x"}))).await.expect(422);
    let at_anns = Owner { token: bob.token.clone(), path: owner.path.clone() };
    at_anns.put(&page, &form).await.expect(403);
    // A wrong secret.
    let asking = Asking::login(&secret.pin("000000"));
    let wrong = page.asked("ann", &asking, "update-email").await.answer_for_email("ann@example.net");
    refused(owner.put(&page, &wrong).await);
    // An address that somebody has is no secret to who is logged in, and the challenge is spent.
    let taken = told("update-email").await.answer_for_email("bob@example.org");
    owner.put(&page, &taken).await.expect(409);
    refused(owner.put(&page, &taken).await);
    // A proof of the address is none of a login.
    let told = told("update-email").await;
    let form = with(form_of(&told), told.answer_for_email("ann@example.net"));
    let mut form = form;
    form.as_object_mut().unwrap().remove("email");
    refused(page.authenticate(&form).await);
    let tenant = TenantId::default_tenant();
    let ann = kit.app.engine.find_person(&tenant, "ann").await.unwrap().unwrap();
    assert_eq!(ann.email.as_deref(), Some("ann@example.org"));
}

fn form_of(told: &Told) -> Value {
    form(told)
}
