//! Somebody asks for a new password at the login page of a client of the vault contract.

use super::admin::{id, somebody};
use gatewright_core::{
    Origin,
    admin::PersonChange,
    engine::{Inviter, NextStep, Progress, Wish},
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
    let engine = &kit.app.engine;
    let pair = ("ann", "ann@example.org");
    let handle = engine.take_reset(&id("default"), pair).await.expect("answers").expect("is kept");
    assert!(engine.take_reset(&id("default"), pair).await.expect("answers").is_none(), "taken once");
    let (answer, vault) = (json!({"code": code}), Origin::local("vault"));
    let proven = engine.answer(&handle, "otp", answer, Wish::default(), &vault).await.expect("is right");
    let Progress::More(more) = proven else { panic!("{proven:?}") };
    assert_eq!((more.next.step, more.next.authenticators), (NextStep::Enrol, vec!["password".to_owned()]));
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
    let kept = engine.take_reset(&tenant, ("ann", "ann@example.org")).await.expect("answers");
    let handle = kept.expect("is kept");
    let origin = Origin::local("vault");
    let proven = engine
        .answer(&handle, "otp", json!({"code": code}), Wish::default(), &origin)
        .await
        .expect("is right");
    let Progress::More(more) = proven else { panic!("{proven:?}") };
    assert!(engine.store().record(&tenant, "oauth-grant", grant).await.expect("answers").is_some());
    let inviter = Inviter::Transaction(more.handle);
    let invited = engine.invite(inviter, "password", json!({}), &origin).await.expect("may set a new one");
    let proof = json!({"password": "quince-Ladder 77 harbour"});
    let set = engine.enrol(&invited.handle, "password", proof, Wish::default(), &origin).await;
    assert!(set.is_ok(), "{set:?}");
    assert!(engine.store().record(&tenant, "oauth-grant", grant).await.expect("answers").is_none());
}

/// With the code of the mail and the handle that is kept for Ann, her reset goes on.
async fn goes_on(kit: &Kit, code: &str) {
    let engine = &kit.app.engine;
    let kept = engine.take_reset(&id("default"), ("ann", "ann@example.org")).await.expect("answers");
    let answer = json!({"code": code});
    let vault = Origin::local("vault");
    let proven = engine.answer(&kept.expect("is kept"), "otp", answer, Wish::default(), &vault).await;
    assert!(matches!(proven, Ok(Progress::More(_))), "{proven:?}");
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
        goes_on(&kit, mail[0].value("code")).await;
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
    goes_on(&kit, &code).await;
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
