//! A program that speaks the IDaaS Authentication API: codes, codes of an administrator, new passwords.

use super::*;
use kit::Call;

const NEW: &str = "quince-Ladder 77 harbour";

async fn challenge(kit: &Kit, way: &str, more: Value) -> Reply {
    let mut body = json!({"applicationId": "default", "userId": "ann"});
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    kit.post(&format!("/api/web/v2/authentication/users/authenticate/{way}"), &body).await
}

async fn complete(kit: &Kit, way: &str, token: &str, body: Value) -> Reply {
    let path = format!("/api/web/v1/authentication/users/authenticate/{way}/complete");
    kit.send(Call::post(&path).header("authorization", token).json(&body)).await
}

/// Challenge and completion with the password.
async fn with_password(kit: &Kit, way: &str, body: Value) -> Reply {
    let token = challenge(kit, way, json!({})).await.expect(200).str("token");
    complete(kit, way, &token, body).await
}

#[tokio::test]
async fn a_code_is_sent_by_the_challenge_of_the_second_step() {
    let kit = builder(Store::Memory).start().await;
    let ann = kit.person("ann").await;
    with_contact(&kit, &ann, "email", "ann@example.org").await;
    with_contact(&kit, &ann, "sms", "+4366012345678").await;
    let way = "PASSWORD_AND_SECONDFACTOR";
    let half = with_password(&kit, way, json!({"response": PASSWORD})).await.expect(200);
    assert_eq!(half.json()["authenticationCompleted"], false);
    assert_eq!(half.json()["availableSecondFactor"], json!(["OTP"]));
    let more = json!({
        "authToken": half.str("token"), "secondFactorAuthenticator": "OTP", "otpDeliveryType": "SMS",
        "otpDeliveryAttribute": "my sms",
    });
    let asked = challenge(&kit, way, more).await.expect(200);
    assert_eq!(asked.json()["otpdeliveryType"], "SMS");
    assert_eq!(asked.json()["challenge"]["to"], "***78");
    let sent = mail(&kit).await;
    assert_eq!(sent.channel, "sms-webhook");
    let body = |code: &str| json!({"response": code, "secondFactorAuthenticator": "OTP"});
    let token = asked.str("token");
    let wrong = complete(&kit, way, &token, body(&other(sent.value("code")))).await.expect(401);
    assert_eq!(wrong.str("errorCode"), "invalid_user_response");
    let done = complete(&kit, way, &token, body(sent.value("code"))).await.expect(200);
    assert_eq!(
        (&done.json()["authenticationCompleted"], done.str("userId")),
        (&json!(true), "ann".to_owned())
    );
}

#[tokio::test]
async fn as_a_first_step_it_says_how_and_nothing_of_where() {
    let kit = builder(Store::Memory).start().await;
    let ann = kit.person("ann").await;
    with_contact(&kit, &ann, "email", "ann@example.org").await;
    let asked = challenge(&kit, "OTP", json!({"otpDeliveryType": "EMAIL"})).await.expect(200);
    assert_eq!(asked.json()["otpdeliveryType"], "EMAIL");
    assert!(asked.json()["challenge"].is_null() && asked.json()["otpDeliveryType"].is_null());
    let code = mail(&kit).await.value("code").to_owned();
    assert!(!asked.text().contains(&code));
    // The password is no second factor here.
    let done = complete(&kit, "OTP", &asked.str("token"), json!({"response": code})).await.expect(200);
    assert_eq!(done.json()["authenticationCompleted"], true);
    for unknown in ["WECHAT", "WHATSAPP"] {
        let refused = challenge(&kit, "OTP", json!({"otpDeliveryType": unknown})).await.expect(400);
        assert_eq!(refused.str("errorCode"), "invalid_request");
    }
}

#[tokio::test]
async fn a_password_that_is_due_is_changed_along_with_the_right_one() {
    let kit = Kit::with(Store::Memory).config("max_age_days = 90").start().await;
    kit.person("ann").await;
    kit.advance(Duration::from_secs(90 * 86_400));
    let due = with_password(&kit, "PASSWORD", json!({"response": PASSWORD})).await.expect(200);
    assert_eq!(due.json()["userRegistrationRequired"], true);
    let change = |new: &str| json!({"response": PASSWORD, "newPassword": new});
    for (bad, code) in [("short", "too_short"), (PASSWORD, "used_before")] {
        let refused = with_password(&kit, "PASSWORD", change(bad)).await.expect(400);
        assert_eq!(refused.str("errorCode"), "rejected");
        assert_eq!(refused.json()["parameters"][0]["code"], code, "{}", refused.text());
    }
    let wrong = json!({"response": "not the password", "newPassword": NEW});
    with_password(&kit, "PASSWORD", wrong).await.expect(401);
    let done = with_password(&kit, "PASSWORD", change(NEW)).await.expect(200);
    assert_eq!(done.json()["authenticationCompleted"], true);
    kit.get_as(&done.str("token"), "/auth/v1/me").await.expect(200);
    let again = with_password(&kit, "PASSWORD", json!({"response": NEW})).await.expect(200);
    assert_eq!(again.json()["authenticationCompleted"], true);
}

#[tokio::test]
async fn with_a_second_factor_the_new_password_goes_with_that_one() {
    let kit = Kit::with(Store::Memory).start().await;
    let ann = kit.person("ann").await;
    let app = kit.enrol_totp(&kit.login("ann").await.access_token).await;
    must_change(&kit, &ann).await;
    kit.advance(Duration::from_secs(30));
    let way = "PASSWORD_AND_SECONDFACTOR";
    let half = with_password(&kit, way, json!({"response": PASSWORD, "newPassword": NEW})).await.expect(200);
    assert_eq!(half.json()["authenticationCompleted"], false);
    let second = json!({"authToken": half.str("token"), "secondFactorAuthenticator": "TOKEN"});
    let asked = challenge(&kit, way, second).await.expect(200);
    let body = json!({"response": app.code(&kit), "secondFactorAuthenticator": "TOKEN", "newPassword": NEW});
    let done = complete(&kit, way, &asked.str("token"), body).await.expect(200);
    assert_eq!(done.json()["authenticationCompleted"], true, "{}", done.text());
    let transaction = kit.begin("ann").await;
    kit.answer(&transaction, "password", json!({"password": PASSWORD})).await.expect(401);
    kit.answer(&transaction, "password", json!({"password": NEW})).await.expect(200);
}

#[tokio::test]
async fn a_change_that_is_only_asked_for_needs_a_login_that_ends() {
    let kit = Kit::with(Store::Memory).start().await;
    kit.person("ann").await;
    let change = |new: &str| json!({"response": PASSWORD, "newPassword": new});
    let refused = with_password(&kit, "PASSWORD", change("password1")).await.expect(400);
    assert_eq!(refused.json()["parameters"][0]["code"], "common");
    let person = kit.app.engine.find_person(&gatewright_contract::TenantId::default_tenant(), "ann").await;
    let person = person.unwrap().unwrap();
    let sessions = kit.app.engine.sessions_of(&person.tenant, person.id).await.unwrap();
    assert!(sessions.is_empty(), "a refused change leaves no session behind");
    let done = with_password(&kit, "PASSWORD", change(NEW)).await.expect(200);
    kit.get_as(&done.str("token"), "/auth/v1/me").await.expect(200);
    with_password(&kit, "PASSWORD", json!({"response": PASSWORD})).await.expect(401);
}

/// As if an administrator had set it: the same one, to be changed.
async fn must_change(kit: &Kit, person: &Person) {
    let person = kit.reread(person).await;
    let proof = json!({"password": PASSWORD, "must_change": true});
    let set = kit.app.engine.enrol_for(&person, "password", (json!({}), proof), &Origin::local("kit")).await;
    set.expect("a password");
}
