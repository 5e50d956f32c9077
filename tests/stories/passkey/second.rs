//! The key after a password.

use super::{answer, asked, challenged, enrol, kit, log_in, person};
use authenticator_passkey::soft::{Key, flag};
use kit::{Kit, Login, PASSWORD};
use serde_json::json;

/// A login that waits for a second factor.
async fn half_way(kit: &Kit, name: &str) -> String {
    let transaction = kit.begin(name).await;
    let more = kit.answer(&transaction, "password", json!({"password": PASSWORD})).await.expect(200);
    assert_eq!(
        more.json()["next"],
        json!({"step": "second", "authenticators": ["passkey"]}),
        "{}",
        more.text()
    );
    more.str("transaction")
}

#[tokio::test]
async fn the_key_is_named_and_need_not_check_the_person() {
    let kit = kit().await;
    let mut key = person(&kit, "ada").await;
    let (transaction, prompt) = challenged(&kit, &half_way(&kit, "ada").await).await;
    let options = &prompt["publicKey"];
    assert_eq!(options["userVerification"], "preferred");
    assert_eq!(options["allowCredentials"].as_array().unwrap().len(), 1);
    key.flags = flag::PRESENT;
    key.handle = None;
    let login = Login::of(&answer(&kit, &transaction, key.assert(&prompt)).await);
    assert_eq!(login.body["amr"], json!(["pwd", "pop", "mfa"]));
}

#[tokio::test]
async fn a_key_without_a_pin_is_a_second_factor_and_no_first() {
    let kit = kit().await;
    kit.person("ada").await;
    let mut key = Key::es256(super::ORIGIN);
    key.flags = flag::PRESENT;
    enrol(&kit, &kit.login("ada").await.access_token, &mut key, "Stick").await.expect(200);
    // Who finds it gives it a PIN.
    key.flags |= flag::VERIFIED;
    let (transaction, prompt) = asked(&kit, json!({})).await;
    answer(&kit, &transaction, key.assert(&prompt)).await.expect(401);
    // Ada does too, and shows that she knows her password.
    let (transaction, prompt) = challenged(&kit, &half_way(&kit, "ada").await).await;
    Login::of(&answer(&kit, &transaction, key.assert(&prompt)).await);
    log_in(&kit, &mut key).await;
}

#[tokio::test]
async fn the_key_of_somebody_else_does_not_do() {
    let kit = kit().await;
    person(&kit, "ada").await;
    let mut bobs = person(&kit, "bob").await;
    let (transaction, prompt) = challenged(&kit, &half_way(&kit, "ada").await).await;
    answer(&kit, &transaction, bobs.assert(&prompt)).await.expect(401);
}

#[tokio::test]
async fn a_login_that_may_not_end_without_a_second_factor_sets_one_up() {
    let config = "[login.policy]\nsecond_factor = \"always\"\n";
    let kit = super::at_site(kit::Store::Memory).config(config).start().await;
    kit.person("ada").await;
    let transaction = kit.begin("ada").await;
    let more = kit.answer(&transaction, "password", json!({"password": PASSWORD})).await.expect(200);
    assert_eq!(more.json()["next"]["step"], "enrol");
    let body = json!({"transaction": more.str("transaction")});
    let asked = kit.post("/auth/v1/enrol/passkey", &body).await.expect(200);
    let mut key = Key::es256(super::ORIGIN);
    let proof = json!({"credential": key.register(&asked.json()["invitation"])});
    let body = json!({"transaction": asked.str("transaction"), "proof": proof});
    let done = kit.post("/auth/v1/enrol/passkey/complete", &body).await.expect(200);
    assert_eq!(done.json()["login"]["status"], "done", "{}", done.text());
    log_in(&kit, &mut key).await;
}
