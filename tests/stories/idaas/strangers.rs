//! Who does not get in, and what they learn.

use super::{challenge, complete, denied, error, login, query, step};
use kit::{Browser, Call, Kit, PASSWORD, Reply, Store};
use serde_json::{Value, json};
use std::time::Duration;

/// The body with its tokens replaced.
fn shape(value: &Value) -> Value {
    match value {
        Value::Object(map) => map.iter().map(|(k, v)| (k.clone(), shape(v))).collect(),
        Value::String(text) if text.starts_with("gwt_") => json!("<token>"),
        other => other.clone(),
    }
}

fn seen(reply: &Reply) -> (u16, Value) {
    (reply.status.as_u16(), shape(&reply.json()))
}

/// Nobody, and everybody who may not, or not like this.
async fn cast(kit: &Kit) -> [&'static str; 6] {
    for name in ["known", "locked"] {
        kit.person(name).await;
    }
    kit.person("with-app").await;
    kit.enrol_totp(&kit.login("with-app").await.access_token).await;
    let disabled = kit.person("disabled").await;
    kit.disable(&disabled).await;
    kit.person_without_password("passwordless").await;
    for _ in 0..12 {
        step(kit, "PASSWORD", "locked", json!({}), json!({"response": "wrong"})).await.expect(401);
    }
    ["known", "with-app", "locked", "disabled", "passwordless", "nobody"]
}

#[tokio::test]
async fn every_call_answers_the_same_for_everybody() {
    let kit =
        Kit::with(Store::Memory).config("[login.block_config]\nip_attempts_limit = 100000\n").start().await;
    let cast = cast(&kit).await;
    let mut first: Option<Vec<(u16, Value)>> = None;
    for name in cast {
        let mut all = vec![
            query(&kit, name, json!({})).await,
            query(&kit, name, json!({"returnDefaultChallenge": true})).await,
            challenge(&kit, "TOKEN", name, json!({})).await,
        ];
        for path in ["PASSWORD", "PASSWORD_AND_SECONDFACTOR"] {
            let posed = challenge(&kit, path, name, json!({})).await.expect(200);
            let token = posed.str("token");
            all.push(posed);
            let more = json!({"userId": name, "applicationId": "default", "response": "wrong"});
            all.push(complete(&kit, path, &token, more).await);
            all.push(challenge(&kit, path, name, json!({"authToken": token})).await);
        }
        let all: Vec<_> = all.iter().map(seen).collect();
        assert_eq!(&all, first.get_or_insert_with(|| all.clone()), "{name}");
    }
}

#[tokio::test]
async fn the_right_password_of_who_may_not_in_is_a_wrong_one() {
    let kit =
        Kit::with(Store::Memory).config("[login.block_config]\nip_attempts_limit = 100000\n").start().await;
    cast(&kit).await;
    let wrong = step(&kit, "PASSWORD", "known", json!({}), json!({"response": "wrong"})).await;
    assert_eq!(error(&wrong), (401, "invalid_user_response".to_owned()));
    for name in ["locked", "disabled", "passwordless", "nobody"] {
        let right = step(&kit, "PASSWORD", name, json!({}), json!({"response": PASSWORD})).await;
        assert_eq!(seen(&right), seen(&wrong), "{name}");
    }
}

#[tokio::test]
async fn a_wrong_answer_may_be_corrected_with_the_same_token() {
    let kit = Kit::memory().await;
    kit.person("ada").await;
    let token = challenge(&kit, "PASSWORD", "ada", json!({})).await.str("token");
    complete(&kit, "PASSWORD", &token, json!({"response": "wrong"})).await.expect(401);
    complete(&kit, "PASSWORD", &token, json!({"response": PASSWORD})).await.expect(200);
}

#[tokio::test]
async fn a_token_is_good_once() {
    let kit = Kit::sqlite().await;
    kit.person("ada").await;
    let queried = query(&kit, "ada", json!({})).await.str("token");
    let posed = challenge(&kit, "PASSWORD", "ada", json!({"authToken": queried})).await.str("token");
    assert!(denied(&challenge(&kit, "PASSWORD", "ada", json!({"authToken": queried})).await));
    assert!(denied(&complete(&kit, "PASSWORD", &queried, json!({"response": PASSWORD})).await));
    let done = complete(&kit, "PASSWORD", &posed, json!({"response": PASSWORD})).await.expect(200);
    assert!(denied(&complete(&kit, "PASSWORD", &posed, json!({"response": PASSWORD})).await));
    assert!(denied(&complete(&kit, "PASSWORD", &done.str("token"), json!({"response": PASSWORD})).await));
}

#[tokio::test]
async fn a_login_that_takes_too_long_is_forgotten() {
    let kit = Kit::sqlite().await;
    kit.person("ada").await;
    let token = challenge(&kit, "PASSWORD", "ada", json!({})).await.str("token");
    kit.advance(Duration::from_secs(601));
    assert!(denied(&complete(&kit, "PASSWORD", &token, json!({"response": PASSWORD})).await));
    assert!(denied(&challenge(&kit, "PASSWORD", "ada", json!({"authToken": token})).await));
}

#[tokio::test]
async fn a_login_of_another_door_can_not_go_on_here() {
    let kit = Kit::memory().await;
    kit.person("ada").await;
    let native = kit.begin("ada").await;
    assert!(denied(&complete(&kit, "PASSWORD", &native, json!({"response": PASSWORD})).await));
    let ours = challenge(&kit, "PASSWORD", "ada", json!({})).await.str("token");
    kit.answer(&ours, "password", json!({"password": PASSWORD})).await.expect(404);
}

#[tokio::test]
async fn a_login_of_one_browser_can_not_go_on_in_another() {
    let kit = Kit::memory().await;
    kit.person("ada").await;
    let here = Browser::new(&kit);
    here.post("/auth/v1/login", &json!({"username": "ada", "cookie": true})).await.expect(200);
    assert!(here.cookie("gatewright_browser").is_some());
    let body = json!({"applicationId": "default", "userId": "ada"});
    let token = here.post(&super::challenge_path("PASSWORD"), &body).await.expect(200).str("token");
    assert!(denied(&complete(&kit, "PASSWORD", &token, json!({"response": PASSWORD})).await));
}

#[tokio::test]
async fn a_token_of_one_persons_login_is_no_good_in_a_call_about_another() {
    let kit = Kit::memory().await;
    kit.person("ada").await;
    kit.person("bob").await;
    let token = query(&kit, "ada", json!({})).await.str("token");
    assert!(denied(&challenge(&kit, "PASSWORD", "bob", json!({"authToken": token})).await));
    let token = challenge(&kit, "PASSWORD", "ada", json!({})).await.str("token");
    assert!(denied(
        &complete(&kit, "PASSWORD", &token, json!({"response": PASSWORD, "userId": "bob"})).await
    ));
    assert!(denied(
        &complete(&kit, "PASSWORD", &token, json!({"response": PASSWORD, "applicationId": "x"})).await
    ));
    complete(&kit, "PASSWORD", &token, json!({"response": PASSWORD, "userId": "ADA"})).await.expect(200);
}

#[tokio::test]
async fn an_application_opens_its_own_tenant_only() {
    let applications = "[plugins.idaas]\napplications = [\n    { id = \"default\", tenant = \"default\" },\n    \
                        { id = \"2\", tenant = \"default\" },\n    { id = \"gone\", tenant = \"gone\" },\n]\n";
    let kit = Kit::with(Store::Memory).config(applications).start().await;
    kit.person("ada").await;
    let ask = |application: &'static str, more: Value| {
        let kit = &kit;
        async move {
            let mut more = more;
            more["applicationId"] = json!(application);
            [query(kit, "ada", more.clone()).await, challenge(kit, "PASSWORD", "ada", more).await]
        }
    };
    for application in ["gone", "unknown", "", "default\u{0}", "DEFAULT"] {
        let [asked, posed] = ask(application, json!({})).await;
        assert!(denied(&asked) && denied(&posed), "{application:?}");
        assert_eq!(asked.text(), posed.text());
    }
    let [asked, _] = ask("2", json!({})).await;
    let token = asked.expect(200).str("token");
    assert!(
        denied(&challenge(&kit, "PASSWORD", "ada", json!({"authToken": token})).await),
        "begun by another"
    );
    let [_, posed] = ask("2", json!({"authToken": token})).await;
    posed.expect(200);
    login(&kit, "ada").await;
}

/// The answer itself says who it is, and the call says another.
#[tokio::test]
async fn a_completion_about_one_person_does_not_succeed_for_another() {
    let kit = Kit::with(Store::Memory).authenticator(kit::shapes::keyless::registration()).start().await;
    kit.person("ada").await;
    kit.person("mallory").await;
    let token = kit.login("mallory").await.access_token;
    let asked = kit.post_as(&token, "/auth/v1/enrol/keyless", &json!({})).await.expect(200);
    let plugin = kit.app.engine.catalogue().get("keyless").unwrap().clone();
    let invitation = asked.json()["invitation"].clone();
    let proof = plugin.prove(&invitation, kit.now()).await.unwrap();
    let body = json!({"transaction": asked.str("transaction"), "proof": proof});
    kit.post("/auth/v1/enrol/keyless/complete", &body).await.expect(200);

    for (named, completed) in [("ada", false), ("nobody", false), ("Mallory", true), ("", true)] {
        let path = "/api/web/v2/authentication/users/authenticate/keyless";
        let begun = kit.post(path, &json!({"applicationId": "default"})).await.expect(200);
        let posed = &begun.json()["challenge"];
        let answer = plugin.answer([&invitation, &json!({}), posed], kit.now(), 0).await.unwrap();
        let call = Call::post("/api/web/v1/authentication/users/authenticate/keyless/complete")
            .header("authorization", &begun.str("token"))
            .json(&json!({"applicationId": "default", "userId": named, "answer": answer}));
        let reply = kit.send(call).await;
        assert_eq!(reply.json()["authenticationCompleted"] == true, completed, "{named}: {}", reply.text());
    }
}
