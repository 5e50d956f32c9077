//! Somebody has left their phone at home and gets a code from an administrator.

use super::{
    admin::{ask, somebody},
    parallel::{all, count, half_way},
};
use kit::{Call, Kit, Login, PASSWORD, Reply, Store};
use serde_json::{Value, json};
use std::{sync::Arc, time::Duration};

/// Ann with an app that she has not at hand, and the token of an administrator.
struct Desk {
    kit: Arc<Kit>,
    boss: String,
    path: String,
}

impl Desk {
    async fn new(store: Store) -> Self {
        let limits = "[login.block_config]\nip_attempts_limit = 100000\nuser_attempts_limit = 1000\n\
                      [plugins.temp-access-code]\nadmin_contact = \"Service desk, 5555\"\n";
        let kit = Kit::with(store).config(limits).start().await;
        let (ann, token) = somebody(&kit, "default", "ann", false).await;
        kit.enrol_totp(&token).await;
        let (_, boss) = somebody(&kit, "default", "boss", true).await;
        Self { kit: Arc::new(kit), boss, path: format!("/people/{}/credentials/temp-access-code", ann.id) }
    }

    async fn issue(&self, invite: Value) -> Reply {
        ask(&self.kit, &self.boss, "POST", &self.path, json!({"invite": invite, "proof": {}})).await
    }

    async fn code(&self, invite: Value) -> String {
        let issued = self.issue(invite).await.expect(201).json();
        issued["reveal"]["code"].as_str().unwrap().to_owned()
    }

    /// Password and code of somebody.
    async fn login(&self, username: &str, code: &str) -> Reply {
        let transaction = self.kit.begin(username).await;
        let half = self.kit.answer(&transaction, "password", json!({"password": PASSWORD})).await.expect(200);
        self.kit.answer(&half.str("transaction"), "temp-access-code", json!({"code": code})).await
    }
}

#[tokio::test]
async fn a_code_stands_in_for_the_phone_once() {
    for store in [Store::Memory, Store::Sqlite, Store::Postgres] {
        let desk = Desk::new(store).await;
        let code = desk.code(json!({})).await;
        let done = Login::of(&desk.login("ann", &code.to_lowercase()).await);
        assert_eq!(done.body["amr"], json!(["pwd", "otp", "mfa"]));
        desk.login("ann", &code).await.expect(401);
        // The app is still asked for.
        let transaction = desk.kit.begin("ann").await;
        let half = desk.kit.answer(&transaction, "password", json!({"password": PASSWORD})).await;
        assert!(half.json()["next"]["authenticators"].as_array().unwrap().contains(&json!("totp")));
    }
}

#[tokio::test]
async fn it_ends_with_its_time_and_with_the_next_one() {
    let desk = Desk::new(Store::Memory).await;
    let code = desk.code(json!({"hours": 2, "uses": 3})).await;
    desk.login("ann", &code).await.expect(200);
    desk.kit.advance(Duration::from_secs(2 * 3_600 - 1));
    desk.login("ann", &code).await.expect(200);
    desk.kit.advance(Duration::from_secs(1));
    desk.login("ann", &code).await.expect(401);
    let boss = desk.kit.login("boss").await.access_token;
    let desk = Desk { boss, ..desk };
    let (old, new) = (desk.code(json!({})).await, desk.code(json!({})).await);
    desk.login("ann", &old).await.expect(401);
    desk.login("ann", &new).await.expect(200);
    for bad in [
        json!({"hours": 169}),
        json!({"hours": 0}),
        json!({"uses": 0}),
        json!({"uses": 256}),
        json!({"x": 1}),
    ] {
        desk.issue(bad).await.expect(400);
    }
}

#[tokio::test]
async fn it_is_of_one_person_and_nobody_issues_one_alone() {
    let desk = Desk::new(Store::Memory).await;
    let kit = &desk.kit;
    let code = desk.code(json!({"uses": 2})).await;
    let (_, bobs) = somebody(kit, "default", "bob", false).await;
    kit.enrol_totp(&bobs).await;
    let bobs_codes = Desk { path: desk.path.clone(), kit: desk.kit.clone(), boss: bobs.clone() };
    bobs_codes.issue(json!({})).await.expect(403);
    kit.post_as(&bobs, "/auth/v1/enrol/temp-access-code", &json!({})).await.expect(400);
    let transaction = kit.begin("bob").await;
    let half = kit.answer(&transaction, "password", json!({"password": PASSWORD})).await.expect(200);
    kit.answer(&half.str("transaction"), "temp-access-code", json!({"code": code})).await.expect(400);
    // Alone it is no way in, whoever asks.
    for name in ["ann", "nobody"] {
        let transaction = kit.begin(name).await;
        kit.answer(&transaction, "temp-access-code", json!({"code": code})).await.expect(400);
    }
    for wrong in
        [String::new(), code[1..].to_owned(), format!("{code}0"), format!("{code}\0"), "0".repeat(129)]
    {
        assert!(desk.login("ann", &wrong).await.status.is_client_error());
    }
    desk.login("ann", &code).await.expect(200);
}

#[tokio::test]
async fn it_does_not_make_a_second_factor_due() {
    let desk = Desk::new(Store::Memory).await;
    let (bob, token) = somebody(&desk.kit, "default", "bob", false).await;
    let path = format!("/people/{}/credentials/temp-access-code", bob.id);
    ask(&desk.kit, &desk.boss, "POST", &path, json!({"invite": {}, "proof": {}})).await.expect(201);
    desk.kit.login("bob").await;
    // What was there ends with it: an administrator has just changed the account.
    desk.kit.get_as(&token, "/auth/v1/me").await.expect(401);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_use_in_twenty_logins_lets_exactly_one_in() {
    let desk = Desk::new(Store::Sqlite).await;
    let code = desk.code(json!({})).await;
    let tries = half_way(&desk.kit, "ann").await.into_iter().map(|transaction| {
        let (kit, code) = (desk.kit.clone(), code.clone());
        async move { kit.answer(&transaction, "temp-access-code", json!({"code": code})).await }
    });
    let replies = all(tries).await;
    assert_eq!((count(&replies, 200), count(&replies, 401)), (1, 19), "{replies:?}");
}

#[tokio::test]
async fn an_idaas_client_is_told_whom_to_ask_and_answers_with_the_code() {
    let desk = Desk::new(Store::Memory).await;
    let code = desk.code(json!({})).await;
    let way = "PASSWORD_AND_SECONDFACTOR";
    let challenge = format!("/api/web/v2/authentication/users/authenticate/{way}");
    let complete = format!("/api/web/v1/authentication/users/authenticate/{way}/complete");
    let body = json!({"applicationId": "default", "userId": "ann"});
    let asked = desk.kit.post(&challenge, &body).await.expect(200);
    let call = Call::post(&complete).header("authorization", &asked.str("token"));
    let half = desk.kit.send(call.json(&json!({"response": PASSWORD}))).await.expect(200);
    let factors = half.json()["availableSecondFactor"].clone();
    assert!(factors.as_array().unwrap().contains(&json!("TEMP_ACCESS_CODE")), "{factors}");
    let body = json!({
        "applicationId": "default", "userId": "ann", "authToken": half.str("token"),
        "secondFactorAuthenticator": "TEMP_ACCESS_CODE",
    });
    let asked = desk.kit.post(&challenge, &body).await.expect(200);
    let shown = &asked.json()["tempAccessCodeChallenge"];
    assert_eq!(*shown, json!({"adminContact": "Service desk, 5555", "enableAdminContact": true}));
    let call = Call::post(&complete).header("authorization", &asked.str("token"));
    let body = json!({"response": code, "secondFactorAuthenticator": "TEMP_ACCESS_CODE"});
    let done = desk.kit.send(call.json(&body)).await.expect(200);
    assert_eq!(done.json()["authenticationCompleted"], true);
}
