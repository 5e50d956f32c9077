//! A program that speaks the IDaaS API, on a device that is remembered.

use super::*;
use crate::stories::idaas::{challenge, complete, query, step};

const BOTH: &str = "PASSWORD_AND_SECONDFACTOR";

/// Password and code; the last call has the device remembered. What the reply says.
async fn registered(kit: &Kit, app: &Totp, registration: Value) -> Value {
    kit.advance(Duration::from_secs(60));
    let more = step(kit, BOTH, "ann", json!({}), json!({"response": PASSWORD})).await.expect(200);
    let asked = json!({"authToken": more.str("token"), "secondFactorAuthenticator": "TOKEN"});
    let answer = json!({
        "response": app.code(kit), "secondFactorAuthenticator": "TOKEN",
        "machineAuthenticatorRegistration": registration,
    });
    let done = step(kit, BOTH, "ann", asked, answer).await.expect(200).json();
    assert_eq!(done["authenticationCompleted"], true, "{done}");
    done
}

/// A right password with more in each of the calls.
async fn password(kit: &Kit, in_challenge: Value, in_completion: Value) -> Value {
    let mut answer = json!({"response": PASSWORD});
    answer.as_object_mut().unwrap().extend(in_completion.as_object().unwrap().clone());
    step(kit, BOTH, "ann", in_challenge, answer).await.expect(200).json()
}

fn on(device: &Value) -> Value {
    json!({"machineAuthenticator": device})
}

#[tokio::test]
async fn a_device_is_registered_and_the_password_is_then_enough() {
    for store in [Store::Memory, Store::Sqlite, Store::Postgres] {
        let kit = with(store).start().await;
        let app = somebody(&kit, "ann").await;
        let done = registered(&kit, &app, json!({"label": "till 4"})).await;
        let mut device = done["machineAuthenticator"].clone();
        assert!(device["machineNonce"].is_string() && device["sequenceNonce"].is_string(), "{done}");
        assert_eq!(device.get("fingerprint"), None);
        for _ in 0..2 {
            let done = password(&kit, json!({}), on(&device)).await;
            assert_eq!(done["authenticationCompleted"], true, "{done}");
            let next = done["machineAuthenticator"].clone();
            assert_eq!(next["machineNonce"], device["machineNonce"]);
            assert_ne!(next["sequenceNonce"], device["sequenceNonce"]);
            device = next;
        }
        let done = password(&kit, json!({}), on(&device)).await;
        let settings = &done["userMachineSettings"];
        assert_eq!(settings["machineAuthenticatorEnabled"], true);
        let listed = &settings["userMachineAuthenticators"][0];
        assert_eq!(
            (&listed["label"], &listed["expiryTime"]),
            (&json!("till 4"), &json!("2026-01-31T00:02:00Z"))
        );
    }
}

#[tokio::test]
async fn the_device_may_be_shown_with_any_of_the_calls() {
    let kit = with(Store::Sqlite).start().await;
    let app = somebody(&kit, "ann").await;
    let device = registered(&kit, &app, json!({"label": "till 4"})).await["machineAuthenticator"].clone();
    let done = password(&kit, on(&device), json!({})).await;
    assert_eq!(done["authenticationCompleted"], true, "with the challenge: {done}");

    let device = done["machineAuthenticator"].clone();
    let queried = query(&kit, "ann", on(&device)).await.expect(200);
    assert_eq!(queried.json()["userMachineSettings"], json!({"machineAuthenticatorEnabled": true}));
    let done = password(&kit, json!({"authToken": queried.str("token")}), json!({})).await;
    assert_eq!(done["authenticationCompleted"], true, "with the query: {done}");

    let device = done["machineAuthenticator"].clone();
    let token = query(&kit, "ann", json!({})).await.expect(200).str("token");
    let mut asked = on(&device);
    asked["authToken"] = token.into();
    let done = password(&kit, asked, json!({})).await;
    assert_eq!(done["authenticationCompleted"], true, "with the challenge after a query: {done}");

    let device = done["machineAuthenticator"].clone();
    let more = password(&kit, json!({}), json!({})).await;
    assert_eq!(more["availableSecondFactor"], json!(["TOKEN", "MACHINE"]));
    let asked = json!({"authToken": more["token"], "secondFactorAuthenticator": "MACHINE"});
    let mut answer = on(&device);
    answer["secondFactorAuthenticator"] = "MACHINE".into();
    let done = step(&kit, BOTH, "ann", asked, answer).await.expect(200).json();
    assert_eq!(done["authenticationCompleted"], true, "by its own name: {done}");
    let device = done["machineAuthenticator"].clone();
    let more = password(&kit, json!({}), json!({})).await;
    let done = step(&kit, "MACHINE", "ann", json!({"authToken": more["token"]}), on(&device)).await;
    assert_eq!(done.expect(200).json()["authenticationCompleted"], true, "and by path");
}

#[tokio::test]
async fn a_device_that_was_copied_is_forgotten_and_the_second_factor_is_due() {
    let kit = with(Store::Memory).start().await;
    let app = somebody(&kit, "ann").await;
    let stolen = registered(&kit, &app, json!({"label": "till 4"})).await["machineAuthenticator"].clone();
    let kept = password(&kit, json!({}), on(&stolen)).await["machineAuthenticator"].clone();
    for device in [&stolen, &kept] {
        let more = password(&kit, json!({}), on(device)).await;
        assert_eq!(more["authenticationCompleted"], false, "{more}");
        assert_eq!(more.get("machineAuthenticator"), None);
        // The login goes on where it would have.
        kit.advance(Duration::from_secs(60));
        let asked = json!({"authToken": more["token"]});
        let done = step(&kit, "TOKEN", "ann", asked, json!({"response": app.code(&kit)})).await.expect(200);
        assert_eq!(done.json()["authenticationCompleted"], true);
    }
}

#[tokio::test]
async fn a_device_must_look_the_same_where_it_said_what_it_looks_like() {
    let kit = with(Store::Memory).start().await;
    let app = somebody(&kit, "ann").await;
    let registration = json!({"label": "till 4", "fingerprint": "round and green"});
    let mut device = registered(&kit, &app, registration).await["machineAuthenticator"].clone();
    for (look, completed) in [("round and red", false), ("round and green", true)] {
        device["fingerprint"] = look.into();
        let done = password(&kit, json!({}), on(&device)).await;
        assert_eq!(done["authenticationCompleted"], completed, "{look}: {done}");
    }
}

#[tokio::test]
async fn a_device_helps_nobody_without_the_right_password() {
    let kit = with(Store::Memory).start().await;
    let app = somebody(&kit, "ann").await;
    let device = registered(&kit, &app, json!({"label": "till 4"})).await["machineAuthenticator"].clone();
    let mut wrong = on(&device);
    wrong["response"] = "wrong".into();
    let known = step(&kit, BOTH, "ann", on(&device), wrong.clone()).await.expect(401);
    let nobody = step(&kit, BOTH, "nobody", on(&device), wrong).await.expect(401);
    assert_eq!(known.text(), nobody.text());
    challenge(&kit, "MACHINE", "ann", on(&device)).await.expect(400);
    assert_eq!(query(&kit, "ann", on(&device)).await.expect(200).json().get("machineAuthenticator"), None);
    // And is not used up by it.
    assert_eq!(password(&kit, json!({}), on(&device)).await["authenticationCompleted"], true);
}

#[tokio::test]
async fn no_device_stands_for_who_changes_the_password_and_none_outlives_it() {
    let kit = with(Store::Memory).start().await;
    let app = somebody(&kit, "ann").await;
    let device = registered(&kit, &app, json!({"label": "till 4"})).await["machineAuthenticator"].clone();
    let mut answer = on(&device);
    answer["newPassword"] = "quiet Harbour 9 violins".into();
    let more = password(&kit, json!({}), answer.clone()).await;
    assert_eq!(more["authenticationCompleted"], false, "{more}");
    kit.advance(Duration::from_secs(60));
    let asked = json!({"authToken": more["token"]});
    answer["response"] = app.code(&kit).into();
    answer["machineAuthenticatorRegistration"] = json!({"label": "till 5"});
    let done = step(&kit, "TOKEN", "ann", asked, answer).await.expect(200).json();
    assert_eq!((&done["authenticationCompleted"], done.get("machineAuthenticator")), (&json!(true), None));
    let mut answer = on(&device);
    answer["response"] = "quiet Harbour 9 violins".into();
    let more = step(&kit, BOTH, "ann", json!({}), answer).await.expect(200).json();
    assert_eq!(more["authenticationCompleted"], false, "{more}");
}

#[tokio::test]
async fn nothing_is_registered_without_a_second_factor_or_out_of_shape() {
    let kit = with(Store::Memory).start().await;
    kit.person("ann").await;
    let registration = json!({"machineAuthenticatorRegistration": {"label": "till 4"}});
    let done = password(&kit, json!({}), registration.clone()).await;
    assert_eq!((&done["authenticationCompleted"], done.get("machineAuthenticator")), (&json!(true), None));

    let plain = Kit::memory().await;
    let app = somebody(&plain, "ann").await;
    let done = registered(&plain, &app, json!({"label": "till 4"})).await;
    assert_eq!((done.get("machineAuthenticator"), done.get("userMachineSettings")), (None, None));

    let token = challenge(&kit, "PASSWORD", "ann", json!({})).await.expect(200).str("token");
    for body in [
        json!({"machineAuthenticatorRegistration": {}}),
        json!({"machineAuthenticatorRegistration": {"label": "x".repeat(65)}}),
        json!({"machineAuthenticatorRegistration": {"label": "x", "fingerprint": "x".repeat(4097)}}),
        json!({"machineAuthenticator": {"machineNonce": 7}}),
        json!({"machineAuthenticator": {"machineNonce": "x".repeat(65), "sequenceNonce": "x"}}),
    ] {
        let mut body = body;
        body["response"] = PASSWORD.into();
        complete(&kit, "PASSWORD", &token, body).await.expect(400);
    }
    complete(&kit, "PASSWORD", &token, json!({"response": PASSWORD})).await.expect(200);
}
