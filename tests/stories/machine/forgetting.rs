//! What a device was remembered on changes: it is remembered no more.

use super::*;
use gatewright_core::Person;
use kit::Call;

/// Ann's device, and what is done to her account.
struct Change {
    kit: Kit,
    app: Totp,
    device: Value,
    token: String,
    ann: Person,
}

impl Change {
    async fn new(store: Store) -> Self {
        let kit = with(store).start().await;
        let (app, device) = ann(&kit).await;
        let token = both(&kit, "ann", &app).await.access_token;
        let default = super::super::admin::id("default");
        let ann = kit.app.engine.find_person(&default, "ann").await.unwrap().unwrap();
        Self { kit, app, device, token, ann }
    }

    async fn credential(&self, authenticator: &str) -> String {
        let list = self.kit.get_as(&self.token, CREDENTIALS).await.expect(200).json();
        let found = list.as_array().unwrap().iter().find(|c| c["authenticator"] == authenticator).unwrap();
        found["id"].as_str().unwrap().to_owned()
    }

    fn path(&self, rest: &str) -> String {
        format!("/auth/v1/people/{}/{rest}", self.ann.id)
    }

    /// Whether the device still stands for anything.
    async fn is_remembered(&self) -> bool {
        let all = self.kit.app.engine.credentials_of(&self.ann.tenant, self.ann.id).await.unwrap();
        all.iter().any(|c| c.authenticator == "machine")
    }
}

#[tokio::test]
async fn another_password_forgets_it() {
    for store in [Store::Memory, Store::Sqlite, Store::Postgres] {
        let c = Change::new(store).await;
        let asked = c.kit.post_as(&c.token, "/auth/v1/enrol/password", &json!({})).await.expect(200);
        let body = json!({"transaction": asked.str("transaction"), "proof": {"password": "quiet Harbour 9 violins"}});
        c.kit.post_as(&c.token, "/auth/v1/enrol/password/complete", &body).await.expect(200);
        assert!(!c.is_remembered().await);
        let transaction = c.kit.begin("ann").await;
        let answer = json!({"password": "quiet Harbour 9 violins"});
        let more = c.kit.answer(&transaction, "password", answer).await.expect(200);
        assert_eq!(more.json()["next"]["authenticators"], json!(["totp"]));
        c.kit.answer(&more.str("transaction"), "machine", c.device).await.expect(400);
    }
}

#[tokio::test]
async fn a_second_factor_less_forgets_it_also_when_there_is_another_soon() {
    let c = Change::new(Store::Sqlite).await;
    let path = format!("{CREDENTIALS}/{}", c.credential("totp").await);
    c.kit.delete_as(&c.token, &path).await.expect(204);
    assert!(!c.is_remembered().await);
    let token = c.kit.login("ann").await.access_token;
    c.kit.enrol_totp(&token).await;
    let more = waiting(&c.kit, "ann").await;
    assert_eq!(more.json()["next"]["authenticators"], json!(["totp"]));
}

#[tokio::test]
async fn logging_out_everywhere_forgets_it_and_in_one_place_does_not() {
    let c = Change::new(Store::Sqlite).await;
    let other = both(&c.kit, "ann", &c.app).await;
    let session = other.body["session_id"].as_str().unwrap();
    c.kit.delete_as(&c.token, &format!("/auth/v1/me/sessions/{session}")).await.expect(204);
    assert!(c.is_remembered().await);
    c.kit.delete_as(&c.token, "/auth/v1/me/sessions?keep_current=true").await.expect(204);
    assert!(!c.is_remembered().await);
}

#[tokio::test]
async fn what_an_administrator_does_forgets_it() {
    for (method, path, body) in [
        ("PUT", "password", json!({"password": "quiet Harbour 9 violins"})),
        ("POST", "credentials/recovery-code", json!({})),
        ("DELETE", "credentials/TOTP", Value::Null),
        ("DELETE", "sessions", Value::Null),
        ("POST", "disable", Value::Null),
    ] {
        let c = Change::new(Store::Memory).await;
        let root = c.kit.administrator().await;
        let path = c.path(&path.replace("TOTP", &c.credential("totp").await));
        let call = Call::new(method, &path).bearer(&root);
        let reply = c.kit.send(if body.is_null() { call } else { call.json(&body) }).await;
        assert!(reply.status.is_success(), "{method} {path}: {}", reply.text());
        assert!(!c.is_remembered().await, "{method} {path}");
    }
}

#[tokio::test]
async fn somebody_who_is_disabled_is_out_with_their_device() {
    let c = Change::new(Store::Memory).await;
    let more = waiting(&c.kit, "ann").await;
    c.kit.disable(&c.ann).await;
    // Refused before anybody looks whether a device is due, or after: never let in.
    let reply = c.kit.answer(&more.str("transaction"), "machine", c.device.clone()).await;
    assert!(matches!(reply.status.as_u16(), 400 | 401 | 404), "{}", reply.text());
}

#[tokio::test]
async fn what_it_does_not_rest_on_leaves_it_and_its_owner_can_remove_it() {
    let c = Change::new(Store::Memory).await;
    c.kit.enrol_recovery_codes(&c.token).await;
    c.kit.enrol_recovery_codes(&c.token).await;
    let codes = c.credential("recovery-code").await;
    c.kit.delete_as(&c.token, &format!("{CREDENTIALS}/{codes}")).await.expect(204);
    assert!(c.is_remembered().await);
    let device = c.credential("machine").await;
    let call = Call::new("PATCH", &format!("{CREDENTIALS}/{device}")).bearer(&c.token);
    c.kit.send(call.json(&json!({"label": "old laptop"}))).await.expect(200);
    let next = nonces(&Login::of(&by_device(&c.kit, "ann", &c.device).await).body["reveal"]);
    c.kit.delete_as(&c.token, &format!("{CREDENTIALS}/{device}")).await.expect(204);
    let more = waiting(&c.kit, "ann").await;
    c.kit.answer(&more.str("transaction"), "machine", next).await.expect(400);
}

#[tokio::test]
async fn one_more_second_factor_forgets_nothing() {
    let c = Change::new(Store::Memory).await;
    let reply = c.kit.post_as(&c.token, "/auth/v1/enrol/totp", &json!({})).await.expect(200);
    let app = Totp(reply.json()["invitation"].clone());
    let body = json!({"transaction": reply.str("transaction"), "proof": {"code": app.code(&c.kit)}});
    c.kit.post_as(&c.token, "/auth/v1/enrol/totp/complete", &body).await.expect(200);
    assert!(c.is_remembered().await, "one more app takes nothing away");
}
