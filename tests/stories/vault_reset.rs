//! Somebody asks for a new password at the login page of a client of the vault contract.

use super::admin::{id, somebody};
use gatewright_core::{
    Origin, PlainToken,
    admin::PersonChange,
    store::{Record, Write},
};
use kit::{Call, Kit, KitBuilder, Reply, Store};
use serde_json::{Value, json};
use std::time::Duration;

/// With a client `app`, and Ann, whose address is known to be hers.
async fn world(config: &str) -> Kit {
    of(Kit::with(Store::Memory).mailbox().config(config)).await
}

async fn of(kit: KitBuilder) -> Kit {
    let kit = kit.start().await;
    let (ann, _) = somebody(&kit, "default", "ann", false).await;
    let change = PersonChange {
        email: Some(Some("ann@example.org".to_owned())),
        email_verified: Some(true),
        ..PersonChange::default()
    };
    let (engine, origin) = (&kit.app.engine, Origin::local("kit"));
    engine.at_the_machine(&origin).change_person(&ann.tenant, ann.id, change).await.expect("an address");
    let client = json!({"client_id": "app"});
    let mut record = Record::new(&id("default"), "oauth-client", ann.id.0, kit.now(), &client).unwrap();
    record.key = Some("app".to_owned());
    engine.store().commit(vec![Write::RecordInsert(record)]).await.expect("a client");
    kit
}

async fn ask(kit: &Kit, client: &str, tenant: &str, body: Value) -> Reply {
    let path = format!("/api/oidc/request-reset-password?client_id={client}&tenant_id={tenant}");
    kit.send(Call::post(&path).json(&body)).await
}

#[tokio::test]
async fn a_code_is_mailed_and_nobody_learns_whether_there_is_an_account() {
    let kit = world("[login.policy]\nreset = [\"otp\"]\n").await;
    let said = ask(&kit, "app", "default", json!({"username": "Ann", "email": "ANN@example.org"})).await;
    assert_eq!(said.expect(200).text(), "null");
    let mail = kit.mail().await;
    assert_eq!((mail.len(), mail[0].to.as_str(), mail[0].template.as_str()), (1, "ann@example.org", "reset"));
    let code = mail[0].value("code").to_owned();

    for (username, email) in [("ann", "ann@example.com"), ("bob", "ann@example.org"), ("ann", "none")] {
        let other = ask(&kit, "app", "default", json!({"username": username, "email": email})).await;
        assert_eq!(other.expect(200).text(), "null");
        assert!(kit.mail().await.is_empty(), "{username} {email}");
    }
    // What the others asked for has not ended hers.
    replaces(&kit, &code).await;
}

/// Whoever has had the mailbox and the password may have let an application in that lasts.
#[tokio::test]
async fn a_password_that_was_replaced_ends_what_applications_may_have() {
    let kit = world("[login.policy]\nreset = [\"otp\"]\n").await;
    let (engine, tenant) = (&kit.app.engine, id("default"));
    let ann = engine.find_person(&tenant, "ann").await.expect("answers").expect("is there");
    let grant = engine.person_id(kit.now()).expect("an id").0;
    let mut record = Record::new(&tenant, "oauth-grant", grant, kit.now(), &json!({})).unwrap();
    record.owner = Some(ann.id.0);
    engine.store().commit(vec![Write::RecordInsert(record)]).await.expect("a grant");
    ask(&kit, "app", "default", json!({"username": "ann", "email": "ann@example.org"})).await.expect(200);
    let code = kit.mail().await[0].value("code").to_owned();
    assert!(engine.store().record(&tenant, "oauth-grant", grant).await.expect("answers").is_some());
    replaces(&kit, &code).await;
    assert!(engine.store().record(&tenant, "oauth-grant", grant).await.expect("answers").is_none());
}

/// The code of the mail is all that it takes to replace Ann's password.
async fn replaces(kit: &Kit, code: &str) {
    let code = PlainToken::received(code).expect("a code");
    let sent = ("password", json!({"password": "quince-Ladder 77 harbour"}));
    let done = kit.app.engine.reset_by_code(&code, "ann", sent, &Origin::local("vault")).await;
    assert!(done.is_ok(), "{done:?}");
}

#[tokio::test]
async fn a_reset_that_lapsed_is_asked_for_again() {
    for store in [Store::Memory, Store::Sqlite] {
        let kit = of(Kit::with(store).mailbox().config("[login.policy]\nreset = [\"otp\"]\n")).await;
        let body = json!({"username": "ann", "email": "ann@example.org"});
        ask(&kit, "app", "default", body.clone()).await.expect(200);
        assert_eq!(kit.mail().await.len(), 1);
        kit.advance(Duration::from_secs(3_600));
        ask(&kit, "app", "default", body).await.expect(200);
        let mail = kit.mail().await;
        assert_eq!(mail.len(), 1);
        replaces(&kit, mail[0].value("code")).await;
    }
}

#[tokio::test]
async fn whoever_asks_again_cancels_nothing() {
    let kit = world("[login.policy]\nreset = [\"otp\"]\n").await;
    ask(&kit, "app", "default", json!({"username": "ann", "email": "ann@example.org"})).await.expect(200);
    let code = kit.mail().await[0].value("code").to_owned();
    kit.advance(Duration::from_secs(120));
    let again = ask(&kit, "app", "default", json!({"username": "ANN", "email": "ann@EXAMPLE.org"})).await;
    assert_eq!(again.expect(200).text(), "null");
    assert!(kit.mail().await.is_empty(), "the first one counts");
    replaces(&kit, &code).await;
}

#[tokio::test]
async fn clients_and_tenants_that_are_not_there_and_bodies_that_are_none() {
    let kit = world("[login.policy]\nreset = [\"otp\"]\n").await;
    let ann = json!({"username": "ann", "email": "ann@example.org"});
    ask(&kit, "other", "default", ann.clone()).await.expect(404);
    ask(&kit, "app", "nowhere", ann.clone()).await.expect(404);
    for bad in [json!({}), json!({"username": "", "email": "x"}), json!({"username": "ann"})] {
        ask(&kit, "app", "default", bad).await.expect(422);
    }
    let without = Call::post("/api/oidc/request-reset-password?tenant_id=default").json(&ann);
    let refused = kit.send(without).await.expect(422).json();
    assert_eq!(refused["detail"][0]["loc"], json!(["query", "client_id"]));
    assert!(kit.mail().await.is_empty());
}

#[tokio::test]
async fn where_no_message_replaces_a_password_that_is_said_to_everybody() {
    let kit = world("").await;
    for username in ["ann", "nobody"] {
        let body = json!({"username": username, "email": "ann@example.org"});
        assert!(ask(&kit, "app", "default", body).await.expect(409).json()["detail"].is_string());
    }
    assert!(kit.mail().await.is_empty());
}

#[tokio::test]
async fn who_asks_too_often_is_told_to_wait() {
    let limits = "[login.policy]\nreset = [\"otp\"]\n[login.rate]\nper_second = 1\nburst = 3\n";
    let kit = of(Kit::with(Store::Memory).rated().mailbox().config(limits)).await;
    let body = json!({"username": "nobody", "email": "ann@example.org"});
    let mut last = ask(&kit, "app", "default", body.clone()).await;
    for _ in 0..4 {
        last = ask(&kit, "app", "default", body.clone()).await;
    }
    assert!(last.expect(429).header("retry-after").is_some());
}
