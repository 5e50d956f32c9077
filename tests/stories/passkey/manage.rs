//! Several keys, with names.

use super::{ORIGIN, enrol, kit, log_in, person};
use authenticator_passkey::soft::Key;
use kit::Login;
use serde_json::json;

#[tokio::test]
async fn several_with_names_and_one_may_go() {
    let kit = kit().await;
    let mut laptop = person(&kit, "ada").await;
    let token = log_in(&kit, &mut laptop).await.access_token;
    let mut phone = Key::es384(ORIGIN);
    enrol(&kit, &token, &mut phone, "Phone").await.expect(200);
    let Login { access_token, .. } = log_in(&kit, &mut phone).await;
    let listed = kit.get_as(&access_token, "/auth/v1/me/credentials").await.expect(200).json();
    let keys = listed.as_array().unwrap().iter().filter(|c| c["authenticator"] == "passkey");
    let mut named: Vec<(&str, &str)> =
        keys.map(|c| (c["label"].as_str().unwrap(), c["id"].as_str().unwrap())).collect();
    named.sort_unstable();
    let [("Laptop", laptops), ("Phone", _)] = named[..] else { panic!("{named:?}") };
    let path = format!("/auth/v1/me/credentials/{laptops}");
    let gone = kit.delete_as(&access_token, &path).await;
    assert!(gone.status.is_success(), "{}", gone.text());
    let (transaction, prompt) = super::asked(&kit, json!({})).await;
    super::answer(&kit, &transaction, laptop.assert(&prompt)).await.expect(401);
    log_in(&kit, &mut phone).await;
}

#[tokio::test]
async fn a_key_that_somebody_has_is_not_set_up_for_another() {
    let kit = kit().await;
    let mut key = person(&kit, "ada").await;
    kit.person("eve").await;
    let token = kit.login("eve").await.access_token;
    enrol(&kit, &token, &mut key, "Mine now").await.expect(409);
    key.handle = None;
    let ada = kit.app.engine.find_person(&gatewright_contract::TenantId::default_tenant(), "ada").await;
    key.handle = ada.unwrap().map(|p| p.id.0.as_bytes().to_vec());
    assert_eq!(log_in(&kit, &mut key).await.body["person"]["username"], "ada");
}

#[tokio::test]
async fn the_same_key_twice_is_refused_with_a_word_about_it() {
    let kit = kit().await;
    let mut key = person(&kit, "ada").await;
    let token = log_in(&kit, &mut key).await.access_token;
    let again = enrol(&kit, &token, &mut key, "Again").await.expect(422);
    assert!(again.text().contains("already_there"), "{}", again.text());
}

#[tokio::test]
async fn an_invitation_is_good_once_and_for_who_asked() {
    let kit = kit().await;
    for name in ["ada", "eve"] {
        kit.person(name).await;
    }
    let (ada, eve) = (kit.login("ada").await.access_token, kit.login("eve").await.access_token);
    let asked = kit.post_as(&ada, "/auth/v1/enrol/passkey", &json!({})).await.expect(200);
    let eves = kit.post_as(&eve, "/auth/v1/enrol/passkey", &json!({})).await.expect(200);
    let mut key = Key::es256(ORIGIN);
    let answered_eve = json!({"credential": key.register(&eves.json()["invitation"])});
    let proof = json!({"credential": key.register(&asked.json()["invitation"])});
    let complete = "/auth/v1/enrol/passkey/complete";
    let crossed = json!({"transaction": asked.str("transaction"), "proof": answered_eve});
    kit.post_as(&ada, complete, &crossed).await.expect(422);
    let body = json!({"transaction": asked.str("transaction"), "proof": proof});
    kit.post_as(&ada, complete, &body).await.expect(200);
    kit.post_as(&ada, complete, &body).await.expect(404);
}
