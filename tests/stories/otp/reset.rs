//! Somebody has lost their password and replaces it by a code that is mailed.

use super::*;
use gatewright_core::{audit::Filter, people::NewPerson};

const RESET: &str = "[login.policy]\nreset = [\"otp\"]\n";
const NEW: &str = "quince-Ladder 77 harbour";

async fn kit_of_resets(store: Store) -> Kit {
    Kit::with(store).mailbox().config(RESET).start().await
}

async fn begin(kit: &Kit, username: &str) -> String {
    let body = json!({"username": username, "purpose": "reset"});
    let begun = kit.post("/auth/v1/login", &body).await.expect(200);
    assert_eq!(begun.json()["next"], json!({"step": "first", "authenticators": ["otp"]}));
    begun.str("transaction")
}

/// The handle of somebody who has typed the code that was mailed.
async fn proven(kit: &Kit, username: &str) -> String {
    let asked = ask(kit, &begin(kit, username).await, json!({})).await.expect(200);
    let sent = mail(kit).await;
    assert_eq!(sent.template, "reset");
    let more = answer(kit, &asked, sent.value("code")).await.expect(200);
    assert_eq!(more.json()["next"], json!({"step": "enrol", "authenticators": ["password"]}));
    more.str("transaction")
}

async fn invited(kit: &Kit, handle: &str) -> Reply {
    kit.post("/auth/v1/enrol/password", &json!({"transaction": handle})).await
}

async fn set(kit: &Kit, handle: &str, password: &str) -> Reply {
    let invited = invited(kit, handle).await.expect(200);
    let body = json!({"transaction": invited.str("transaction"), "proof": {"password": password}});
    kit.post("/auth/v1/enrol/password/complete", &body).await
}

async fn is_password(kit: &Kit, username: &str, password: &str) -> bool {
    let transaction = kit.begin(username).await;
    kit.answer(&transaction, "password", json!({"password": password})).await.status.is_success()
}

#[tokio::test]
async fn a_mailed_code_replaces_the_password_and_the_second_factor_is_asked_for_all_the_same() {
    for store in [Store::Memory, Store::Sqlite, Store::Postgres] {
        let kit = kit_of_resets(store).await;
        let ann = somebody(&kit, "ann").await;
        let app = kit.enrol_totp(&kit.login("ann").await.access_token).await;
        kit.advance(Duration::from_secs(30));
        let transaction = kit.begin("ann").await;
        let more = kit.answer(&transaction, "password", json!({"password": PASSWORD})).await;
        let code = json!({"code": app.code(&kit)});
        let old = Login::of(&kit.answer(&more.str("transaction"), "totp", code).await);

        let done = set(&kit, &proven(&kit, "ann").await, NEW).await.expect(200);
        assert_eq!(done.json()["login"], json!({"status": "reset"}), "no session");
        let notice = mail(&kit).await;
        assert_eq!((notice.to.as_str(), notice.template.as_str()), ("ann@example.org", "notice"));
        kit.get_as(&old.access_token, "/auth/v1/me").await.expect(401);
        assert!(!is_password(&kit, "ann", PASSWORD).await);
        let transaction = kit.begin("ann").await;
        let more = kit.answer(&transaction, "password", json!({"password": NEW})).await.expect(200);
        assert_eq!(more.json()["next"], json!({"step": "second", "authenticators": ["totp"]}));

        let lines = kit.app.engine.store().audit(&ann.tenant, &Filter::default(), 100).await.unwrap();
        let kinds: Vec<&str> = lines.iter().map(|l| l.event.kind.as_str()).collect();
        for kind in ["credential.reset", "credential.replaced", "login.step"] {
            assert!(kinds.contains(&kind), "{kinds:?}");
        }
    }
}

#[tokio::test]
async fn a_new_password_that_breaks_rules_lists_them_and_another_will_do() {
    let kit = kit_of_resets(Store::Memory).await;
    somebody(&kit, "ann").await;
    let invited = invited(&kit, &proven(&kit, "ann").await).await.expect(200);
    let body =
        |password: &str| json!({"transaction": invited.str("transaction"), "proof": {"password": password}});
    let refused = kit.post("/auth/v1/enrol/password/complete", &body("password1")).await.expect(422);
    assert_eq!(refused.json()["violations"][0]["code"], "common");
    kit.post("/auth/v1/enrol/password/complete", &body(NEW)).await.expect(200);
    // It is good once.
    kit.post("/auth/v1/enrol/password/complete", &body(NEW)).await.expect(404);
    assert!(is_password(&kit, "ann", NEW).await);
}

#[tokio::test]
async fn the_code_is_good_for_nothing_else() {
    let kit = kit_of_resets(Store::Memory).await;
    somebody(&kit, "ann").await;
    let handle = proven(&kit, "ann").await;
    // Not to log in, not for a second factor, not to set up an app.
    kit.answer(&handle, "password", json!({"password": PASSWORD})).await.expect(409);
    kit.answer(&handle, "otp", json!({"code": "000000"})).await.expect(409);
    kit.post("/auth/v1/enrol/totp", &json!({"transaction": handle})).await.expect(409);
    for lost in ["totp", "recovery-code", "nonsense"] {
        let body = json!({"username": "ann", "purpose": "reset", "lost": lost});
        assert!(kit.post("/auth/v1/login", &body).await.status.is_client_error(), "{lost}");
    }
    kit.post("/auth/v1/login", &json!({"purpose": "reset"})).await.expect(400);
}

#[tokio::test]
async fn ten_minutes_after_its_beginning_it_is_over() {
    let kit = kit_of_resets(Store::Memory).await;
    somebody(&kit, "ann").await;
    let handle = proven(&kit, "ann").await;
    let invited = invited(&kit, &handle).await.expect(200);
    kit.advance(Duration::from_secs(600));
    let body = json!({"transaction": invited.str("transaction"), "proof": {"password": NEW}});
    kit.post("/auth/v1/enrol/password/complete", &body).await.expect(404);
    assert!(is_password(&kit, "ann", PASSWORD).await);
}

#[tokio::test]
async fn who_may_not_log_in_resets_nothing() {
    let kit = kit_of_resets(Store::Memory).await;
    let ann = somebody(&kit, "ann").await;
    let handle = proven(&kit, "ann").await;
    let second = proven(&kit, "ann").await;
    let invited = invited(&kit, &handle).await.expect(200);
    kit.disable(&ann).await;
    let body = json!({"transaction": invited.str("transaction"), "proof": {"password": NEW}});
    kit.post("/auth/v1/enrol/password/complete", &body).await.expect(401);
    self::invited(&kit, &second).await.expect(401);
    // Nor is anything mailed from now on.
    ask(&kit, &begin(&kit, "ann").await, json!({})).await.expect(200);
    assert!(kit.mail().await.is_empty());
}

#[tokio::test]
async fn who_never_had_a_password_gets_none() {
    let kit = kit_of_resets(Store::Memory).await;
    let ann = kit.person_without_password("ann").await;
    with_address(&kit, &ann, "ann@example.org").await;
    let refused = set(&kit, &proven(&kit, "ann").await, NEW).await.expect(409);
    assert!(refused.str("detail").contains("nothing of this kind"), "{}", refused.text());
    assert!(!is_password(&kit, "ann", NEW).await);
}

#[tokio::test]
async fn one_mailbox_is_not_both_factors() {
    let both = "[login.policy]\nreset = [\"otp\"]\nsecond = [\"otp\", \"totp\", \"recovery-code\"]\n";
    let kit = Kit::with(Store::Memory).mailbox().config(both).start().await;
    let ann = somebody(&kit, "ann").await;
    with_contact(&kit, &ann, "email", "ann@example.org").await;
    let refused = set(&kit, &proven(&kit, "ann").await, NEW).await.expect(409);
    assert!(refused.str("detail").contains("administrator"), "{}", refused.text());
    assert!(is_password(&kit, "ann", PASSWORD).await && !is_password(&kit, "ann", NEW).await);
    // Nor with an app besides: the login after it would let choose.
    let person = kit.reread(&ann).await;
    let mut other = kit.app.engine.credentials_of(&person.tenant, person.id).await.unwrap();
    other.retain(|c| c.authenticator == "otp");
    let asked = second(&kit, "ann", json!({})).await;
    let login = Login::of(&answer(&kit, &asked, mail(&kit).await.value("code")).await);
    kit.enrol_totp(&login.access_token).await;
    set(&kit, &proven(&kit, "ann").await, NEW).await.expect(409);
    assert!(is_password(&kit, "ann", PASSWORD).await);
}

#[tokio::test]
async fn of_two_that_have_begun_one_replaces_it() {
    let kit = kit_of_resets(Store::Sqlite).await;
    somebody(&kit, "ann").await;
    let (first, second) = (proven(&kit, "ann").await, proven(&kit, "ann").await);
    kit.advance(Duration::from_secs(1));
    set(&kit, &first, NEW).await.expect(200);
    mail(&kit).await;
    set(&kit, &second, "another-Quay 55 meadow").await.expect(409);
    assert!(is_password(&kit, "ann", NEW).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_at_the_same_time_replaces_it_once() {
    let kit = Arc::new(kit_of_resets(Store::Sqlite).await);
    somebody(&kit, "ann").await;
    let asked = ask(&kit, &begin(&kit, "ann").await, json!({})).await.expect(200);
    let code = mail(&kit).await.value("code").to_owned();
    let tries = (0..8).map(|_| {
        let (kit, asked, code) = (kit.clone(), asked.clone(), code.clone());
        async move { answer(&kit, &asked, &code).await }
    });
    let replies = crate::stories::parallel::all(tries).await;
    assert_eq!(crate::stories::parallel::count(&replies, 200), 1, "{replies:?}");
    let handle = replies.iter().find(|r| r.status.is_success()).unwrap().str("transaction");
    let invited = invited(&kit, &handle).await.expect(200);
    let tries = (0..8).map(|i| {
        let (kit, transaction) = (kit.clone(), invited.str("transaction"));
        let proof = json!({"password": format!("{NEW} {i}{i}{i}")});
        async move {
            let body = json!({"transaction": transaction, "proof": proof});
            kit.post("/auth/v1/enrol/password/complete", &body).await
        }
    });
    let replies = crate::stories::parallel::all(tries).await;
    assert_eq!(crate::stories::parallel::count(&replies, 200), 1, "{replies:?}");
    assert_eq!(mail(&kit).await.template, "notice");
}

#[tokio::test]
async fn a_contact_that_was_set_up_does_as_well_and_an_unverified_address_does_not() {
    let kit = kit_of_resets(Store::Memory).await;
    let origin = Origin::local("kit");
    let new = NewPerson {
        tenant: gatewright_contract::TenantId::default_tenant(),
        username: "bob".to_owned(),
        display_name: None,
        email: Some("bob@example.org".to_owned()),
        administrator: false,
    };
    let bob = kit.app.engine.create_person(new, &origin).await.unwrap();
    kit.set_password(&bob, PASSWORD).await;
    ask(&kit, &begin(&kit, "bob").await, json!({})).await.expect(200);
    assert!(kit.mail().await.is_empty(), "nobody has said that the address is Bob's");
    with_contact(&kit, &bob, "email", "bobs.own@example.org").await;
    let asked = ask(&kit, &begin(&kit, "bob").await, json!({})).await.expect(200);
    let sent = mail(&kit).await;
    assert_eq!(sent.to, "bobs.own@example.org");
    let more = answer(&kit, &asked, sent.value("code")).await.expect(200);
    set(&kit, &more.str("transaction"), NEW).await.expect(200);
}

#[tokio::test]
async fn the_address_must_still_be_the_same() {
    let kit = kit_of_resets(Store::Memory).await;
    let ann = somebody(&kit, "ann").await;
    let asked = ask(&kit, &begin(&kit, "ann").await, json!({})).await.expect(200);
    let code = mail(&kit).await.value("code").to_owned();
    with_address(&kit, &kit.reread(&ann).await, "other@example.org").await;
    answer(&kit, &asked, &code).await.expect(401);
}

#[tokio::test]
async fn only_what_a_login_begins_with_is_replaced_by_mail() {
    let policy = "[login.policy]\nsecond = [\"totp\", \"kba\"]\nreset = [\"otp\"]\n";
    let kit = Kit::with(Store::Memory).mailbox().config(policy).start().await;
    somebody(&kit, "ann").await;
    for lost in ["kba", "totp"] {
        let body = json!({"username": "ann", "purpose": "reset", "lost": lost});
        kit.post("/auth/v1/login", &body).await.expect(409);
    }
}

#[tokio::test]
async fn an_answer_that_nobody_was_asked_for_uses_up_no_code() {
    let kit = kit_of_resets(Store::Memory).await;
    somebody(&kit, "ann").await;
    let transaction = begin(&kit, "ann").await;
    for _ in 0..6 {
        kit.answer(&transaction, "otp", json!({"code": "000000"})).await.expect(409);
    }
    set(&kit, &proven(&kit, "ann").await, NEW).await.expect(200);
}
