//! What is good once is good once, however many try at the same time.

use gatewright_core::audit::Filter;
use kit::{Kit, Login, PASSWORD, Reply, Store};
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;

async fn kit() -> Arc<Kit> {
    let limits = "[login.block_config]\nip_attempts_limit = 100000\nuser_attempts_limit = 1000\n";
    Arc::new(Kit::with(Store::Sqlite).config(limits).start().await)
}

pub(super) async fn all<F: Future<Output = Reply> + Send + 'static>(
    tries: impl Iterator<Item = F>,
) -> Vec<Reply> {
    let tasks: Vec<_> = tries.map(tokio::spawn).collect();
    let mut replies = Vec::new();
    for task in tasks {
        replies.push(task.await.unwrap());
    }
    replies
}

/// Wrong answers that are in the audit log.
async fn refusals(kit: &Kit) -> usize {
    let tenant = gatewright_contract::TenantId::default_tenant();
    let events = kit.app.engine.store().audit(&tenant, &Filter::default(), 1000).await.unwrap();
    events.iter().filter(|l| l.event.kind == "login.step" && l.event.outcome != "success").count()
}

pub(super) fn count(replies: &[Reply], status: u16) -> usize {
    replies.iter().filter(|r| r.status.as_u16() == status).count()
}

/// Twenty logins of one person that wait for a second factor.
pub(super) async fn half_way(kit: &Kit, username: &str) -> Vec<String> {
    let mut waiting = Vec::new();
    for _ in 0..20 {
        let transaction = kit.begin(username).await;
        let reply = kit.answer(&transaction, "password", json!({"password": PASSWORD})).await.expect(200);
        assert_eq!(reply.json()["status"], "more");
        waiting.push(reply.str("transaction"));
    }
    waiting
}

#[tokio::test(flavor = "multi_thread")]
async fn one_totp_code_in_twenty_logins_lets_exactly_one_in() {
    let kit = kit().await;
    kit.person("ada").await;
    let app = kit.enrol_totp(&kit.login("ada").await.access_token).await;
    kit.advance(Duration::from_secs(30));
    let code = app.code(&kit);
    let tries = half_way(&kit, "ada").await.into_iter().map(|transaction| {
        let (kit, code) = (kit.clone(), code.clone());
        async move { kit.answer(&transaction, "totp", json!({"code": code})).await }
    });
    let replies = all(tries).await;
    assert_eq!((count(&replies, 200), count(&replies, 401)), (1, 19), "{replies:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_recovery_code_in_twenty_logins_lets_exactly_one_in() {
    let kit = kit().await;
    kit.person("ada").await;
    let token = kit.login("ada").await.access_token;
    kit.enrol_totp(&token).await;
    let codes = kit.enrol_recovery_codes(&token).await;
    let tries = half_way(&kit, "ada").await.into_iter().map(|transaction| {
        let (kit, code) = (kit.clone(), codes[0].clone());
        async move { kit.answer(&transaction, "recovery-code", json!({"code": code})).await }
    });
    let replies = all(tries).await;
    assert_eq!((count(&replies, 200), count(&replies, 401)), (1, 19), "{replies:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_step_of_one_transaction_moves_it_once() {
    let kit = kit().await;
    kit.person("ada").await;
    let transaction = kit.begin("ada").await;
    let tries = (0..20).map(|_| {
        let (kit, transaction) = (kit.clone(), transaction.clone());
        async move { kit.answer(&transaction, "password", json!({"password": PASSWORD})).await }
    });
    let replies = all(tries).await;
    assert_eq!(count(&replies, 200), 1, "{replies:?}");
    assert_eq!(count(&replies, 404) + count(&replies, 409), 19, "{replies:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_session_token_is_exchanged_once_and_a_second_use_ends_the_session() {
    let kit = kit().await;
    kit.person("ada").await;
    let login = kit.login("ada").await;
    let tries = (0..20).map(|_| {
        let (kit, token) = (kit.clone(), login.session_token.clone());
        async move { kit.post("/auth/v1/session/rotate", &json!({"session_token": token})).await }
    });
    let replies = all(tries).await;
    assert_eq!((count(&replies, 200), count(&replies, 401)), (1, 19), "{replies:?}");
    let winner = replies.iter().find(|r| r.status.is_success()).unwrap().str("access_token");
    kit.get_as(&winner, "/auth/v1/me").await.expect(401);
    kit.get_as(&login.access_token, "/auth/v1/me").await.expect(401);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_guesses_at_once_are_a_thousand_counted() {
    let limits = "[login.block_config]\nip_attempts_limit = 100000\nuser_attempts_limit = 10\n\
                  [login.session]\ntransaction_attempts = 100\n[pool]\nqueue = 10000\n";
    let kit = Arc::new(Kit::with(Store::Sqlite).config(limits).start().await);
    kit.person("ada").await;
    let mut transactions = Vec::new();
    for _ in 0..60 {
        transactions.push(kit.begin("ada").await);
    }
    // The right password is among the guesses, but far behind the tenth.
    let tries = transactions.into_iter().enumerate().map(|(i, transaction)| {
        let kit = kit.clone();
        let guess = if i == 59 { PASSWORD.to_owned() } else { format!("guess number {i}") };
        async move {
            // Ten wrong ones are judged first.
            while i == 59 && refusals(&kit).await < 10 {
                tokio::task::yield_now().await;
            }
            kit.answer(&transaction, "password", json!({"password": guess})).await
        }
    });
    let replies = all(tries).await;
    assert_eq!(count(&replies, 401), 60, "{replies:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_does_not_outlive_a_disabling() {
    let kit = kit().await;
    let ada = kit.person("ada").await;
    for _ in 0..10 {
        let transaction = kit.begin("ada").await;
        let person = kit.reread(&ada).await;
        let (login, _) = tokio::join!(
            kit.answer(&transaction, "password", json!({"password": PASSWORD})),
            kit.disable(&person)
        );
        if login.status.is_success() {
            let token = Login::of(&login).access_token;
            kit.get_as(&token, "/auth/v1/me").await.expect(401);
        }
        let person = kit.reread(&ada).await;
        let origin = gatewright_core::Origin::local("kit");
        kit.app.engine.set_disabled(&person, false, &origin).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_people_can_not_take_one_name() {
    let kit = kit().await;
    let made = (0..20).map(|i| {
        let kit = kit.clone();
        tokio::spawn(async move {
            let name = if i % 2 == 0 { "Grace" } else { "ｇｒａｃｅ" };
            let new = gatewright_core::people::NewPerson {
                tenant: gatewright_contract::TenantId::default_tenant(),
                username: name.to_owned(),
                display_name: None,
                email: None,
                administrator: false,
            };
            kit.app.engine.create_person(new, &gatewright_core::Origin::local("kit")).await.is_ok()
        })
    });
    let mut winners = 0;
    for task in made.collect::<Vec<_>>() {
        winners += usize::from(task.await.unwrap());
    }
    assert_eq!(winners, 1);
}
