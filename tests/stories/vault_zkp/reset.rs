//! A lost secret is replaced by a code by mail.

use super::*;
use gatewright_contract::TenantId;
use gatewright_core::store::{Record, Write};
use uuid::Uuid;

/// A client whose page asks.
async fn client(kit: &Kit) {
    let (tenant, client) = (TenantId::default_tenant(), json!({"client_id": "app"}));
    let mut record = Record::new(&tenant, "oauth-client", Uuid::from_u128(7), kit.now(), &client).unwrap();
    record.key = Some("app".to_owned());
    kit.app.engine.store().commit(vec![Write::RecordInsert(record)]).await.expect("a client");
}

/// With that client, and Ann, whose address is hers.
async fn lost(kit: &Kit) -> Secret {
    let secret = ann(kit).await;
    verified(kit, "ann").await;
    client(kit).await;
    secret
}

async fn ask(kit: &Kit, username: &str, email: &str) -> Reply {
    let path = "/api/oidc/request-reset-password?client_id=app&tenant_id=default";
    kit.send(Call::post(path).json(&json!({"username": username, "email": email}))).await
}

/// The code that is mailed to Ann.
async fn code(kit: &Kit) -> String {
    ask(kit, "ann", "ann@example.org").await.expect(200);
    letter(kit).await.value("code").to_owned()
}

/// The body of `/reset-password`.
fn replacing(told: &Told, code: &str, username: &str) -> Value {
    let mut form = told.proof("", code);
    form["code"] = json!(code);
    form["username"] = json!(username);
    form
}

#[tokio::test]
async fn a_lost_secret_is_replaced_and_every_session_ends() {
    let kit = world().await;
    let (old, new) = (lost(&kit).await, Secret::of(2));
    let token = token(&kit, "ann", &old).await;
    // Whoever has had the mailbox may have let an application in that lasts.
    let (store, tenant, grant) = (kit.app.engine.store(), TenantId::default_tenant(), Uuid::from_u128(8));
    let person = kit.app.engine.find_person(&tenant, "ann").await.unwrap().unwrap();
    let mut record = Record::new(&tenant, "oauth-grant", grant, kit.now(), &json!({})).unwrap();
    record.owner = Some(person.id.0);
    store.commit(vec![Write::RecordInsert(record)]).await.expect("a grant");
    let code = code(&kit).await;
    let page = Page::of(&kit);
    let told = page.to_enrol("ann", &new, "reset").await;
    let said = page.post("/reset-password", &replacing(&told, &code, "ann")).await.expect(200);
    assert_eq!(said.text(), "null");
    refused(page.login("ann", &old).await);
    page.login("ann", &new).await.expect(200);
    kit.get_as(&token, "/auth/v1/me").await.expect(401);
    assert!(store.record(&tenant, "oauth-grant", grant).await.expect("answers").is_none());
    // Good once.
    let told = page.to_enrol("ann", &Secret::of(3), "reset").await;
    let said = page.post("/reset-password", &replacing(&told, &code, "ann")).await.expect(400);
    assert!(said.json()["detail"].is_string());
    page.login("ann", &new).await.expect(200);
}

#[tokio::test]
async fn codes_that_are_unknown_old_or_of_another_name_are_refused_alike() {
    let kit = world().await;
    let old = lost(&kit).await;
    Page::of(&kit).register("bob", "bob@example.org", &Secret::of(4)).await.expect(201);
    kit.mail().await;
    let code = code(&kit).await;
    let (page, new) = (Page::of(&kit), Secret::of(2));
    let mut said = Vec::new();
    for (code, username) in [
        ("gwr_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "ann"),
        ("123456", "ann"),
        (code.as_str(), "bob"),
        (code.as_str(), "nobody"),
    ] {
        let told = page.to_enrol(username, &new, "reset").await;
        said.push(page.post("/reset-password", &replacing(&told, code, username)).await.expect(400).json());
    }
    kit.advance(Duration::from_secs(600));
    let told = page.to_enrol("ann", &new, "reset").await;
    said.push(page.post("/reset-password", &replacing(&told, &code, "ann")).await.expect(400).json());
    assert!(said.iter().all(|other| *other == said[0]), "{said:?}");
    page.login("ann", &old).await.expect(200);
}

/// The commitment is bound to the code: whoever reads one of the two can't put the other to it.
#[tokio::test]
async fn a_commitment_for_another_code_or_purpose_is_refused_and_the_code_stays_good() {
    let kit = world().await;
    lost(&kit).await;
    let code = code(&kit).await;
    let (page, new) = (Page::of(&kit), Secret::of(2));
    let told = page.to_enrol("ann", &new, "reset").await;
    let form = replacing(&told, "gwr_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "ann");
    not_taken(page.post("/reset-password", &with(form, json!({"code": code}))).await);
    for purpose in ["register", "change"] {
        let told = page.to_enrol("ann", &new, purpose).await;
        not_taken(page.post("/reset-password", &replacing(&told, &code, "ann")).await);
    }
    let told = page.to_enrol("ann", &new, "reset").await;
    page.post("/reset-password", &replacing(&told, &code, "ann")).await.expect(200);
    page.login("ann", &new).await.expect(200);
}

#[tokio::test]
async fn asking_tells_nobody_whether_there_is_an_account() {
    let kit = world().await;
    lost(&kit).await;
    for (username, email) in [("ann", "ann@example.com"), ("bob", "ann@example.org"), ("ann", "none")] {
        assert_eq!(ask(&kit, username, email).await.expect(200).text(), "null");
        assert!(kit.mail().await.is_empty(), "{username} {email}");
    }
    let mail = {
        ask(&kit, "Ann", "ANN@example.org").await.expect(200);
        letter(&kit).await
    };
    assert_eq!((mail.to.as_str(), mail.template.as_str()), ("ann@example.org", "reset"));
    // While it counts there is no other.
    ask(&kit, "ann", "ann@example.org").await.expect(200);
    assert!(kit.mail().await.is_empty());
}

#[tokio::test]
async fn clients_and_tenants_that_are_not_there_and_bodies_that_are_none() {
    let kit = world().await;
    lost(&kit).await;
    let ann = json!({"username": "ann", "email": "ann@example.org"});
    let path = |client: &str, tenant: &str| {
        format!("/api/oidc/request-reset-password?client_id={client}&tenant_id={tenant}")
    };
    for (client, tenant) in [("other", "default"), ("app", "nowhere")] {
        kit.post(&path(client, tenant), &ann).await.expect(404);
    }
    for bad in [json!({}), json!({"username": "", "email": "x"}), json!({"username": "ann"})] {
        kit.post(&path("app", "default"), &bad).await.expect(422);
    }
    let without = kit.post("/api/oidc/request-reset-password?tenant_id=default", &ann).await;
    misshapen(without, "query", "client_id");
    assert!(kit.mail().await.is_empty());
}

#[tokio::test]
async fn where_nothing_is_replaced_by_a_message_that_is_said_to_everybody() {
    let kit =
        Kit::with(Store::Memory).mailbox().config(&OPEN.replace("reset = [\"otp\"]\n", "")).start().await;
    lost(&kit).await;
    for username in ["ann", "nobody"] {
        assert!(ask(&kit, username, "ann@example.org").await.expect(409).json()["detail"].is_string());
    }
    assert!(kit.mail().await.is_empty());
}

#[tokio::test]
async fn who_asks_too_often_is_told_to_wait() {
    let limits = "[login.rate]\nper_second = 1\nburst = 3\n";
    let kit = Kit::with(Store::Memory).rated().mailbox().config(OPEN).config(limits).start().await;
    client(&kit).await;
    let mut last = ask(&kit, "nobody", "ann@example.org").await;
    for _ in 0..4 {
        last = ask(&kit, "nobody", "ann@example.org").await;
    }
    assert!(last.expect(429).header("retry-after").is_some());
}

#[tokio::test]
async fn a_reset_that_lapsed_is_asked_for_again() {
    for store in [Store::Memory, Store::Sqlite] {
        let kit = Kit::with(store).mailbox().config(OPEN).config(UNLIMITED).start().await;
        lost(&kit).await;
        let first = code(&kit).await;
        kit.advance(Duration::from_secs(3_600));
        let second = code(&kit).await;
        assert_ne!(first, second);
        let (page, new) = (Page::of(&kit), Secret::of(2));
        let told = page.to_enrol("ann", &new, "reset").await;
        page.post("/reset-password", &replacing(&told, &first, "ann")).await.expect(400);
        let told = page.to_enrol("ann", &new, "reset").await;
        page.post("/reset-password", &replacing(&told, &second, "ann")).await.expect(200);
    }
}
