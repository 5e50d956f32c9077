//! Who tries to find out who has an account here learns nothing: not from a status, not from a body, not
//! from the time it takes.

use kit::{Call, Kit, Reply, Store};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// Limits that the tries of this story never reach.
const MANY_TRIES: &str = "[login.block_config]\nip_attempts_limit = 1000000\n";

async fn wrong_native(kit: &Kit, username: &str) -> (Reply, Reply) {
    let begun = kit.post("/auth/v1/login", &json!({"username": username})).await;
    let transaction = begun.str("transaction");
    (begun, kit.answer(&transaction, "password", json!({"password": "not the password"})).await)
}

async fn wrong_idaas(kit: &Kit, username: &str) -> (Reply, Reply) {
    let base = "/api/web/v2/authentication/users/authenticate/PASSWORD";
    let begun = kit.post(base, &json!({"applicationId": "default", "userId": username})).await;
    let token = begun.str("token");
    let call = Call::post("/api/web/v1/authentication/users/authenticate/PASSWORD/complete")
        .header("authorization", &token)
        .json(&json!({"applicationId": "default", "userId": username, "response": "not the password"}));
    (begun, kit.send(call).await)
}

/// The body with what is different every time (handles, ids, times) replaced.
fn shape(value: &Value) -> Value {
    match value {
        Value::Object(map) => map.iter().map(|(k, v)| (k.clone(), shape(v))).collect(),
        Value::Array(items) => items.iter().map(shape).collect(),
        Value::String(text) if text.starts_with("gw") => json!("<handle>"),
        other => other.clone(),
    }
}

fn seen(reply: &Reply) -> (u16, Value, Vec<String>) {
    let mut names: Vec<String> = reply.headers.keys().map(ToString::to_string).collect();
    names.sort();
    names.dedup();
    (reply.status.as_u16(), shape(&reply.json()), names)
}

/// Wrong password, nobody, locked, disabled, without a password.
async fn cast(kit: &Kit) -> [&'static str; 5] {
    kit.person("wrong").await;
    kit.person("locked").await;
    for _ in 0..12 {
        wrong_native(kit, "locked").await;
    }
    let disabled = kit.person("disabled").await;
    kit.disable(&disabled).await;
    kit.person_without_password("passwordless").await;
    ["wrong", "nobody", "locked", "disabled", "passwordless"]
}

#[tokio::test]
async fn every_door_answers_the_same_for_everybody_who_does_not_get_in() {
    let kit = Kit::with(Store::Memory).config(MANY_TRIES).start().await;
    let [first, others @ ..] = cast(&kit).await;
    let native = wrong_native(&kit, first).await;
    let idaas = wrong_idaas(&kit, first).await;
    assert_eq!((native.1.status.as_u16(), idaas.1.status.as_u16()), (401, 401));
    for name in others {
        let (begun, refused) = wrong_native(&kit, name).await;
        assert_eq!((seen(&begun), seen(&refused)), (seen(&native.0), seen(&native.1)), "{name}");
        let (begun, refused) = wrong_idaas(&kit, name).await;
        assert_eq!((seen(&begun), seen(&refused)), (seen(&idaas.0), seen(&idaas.1)), "{name}");
    }
}

#[tokio::test]
async fn the_right_password_of_somebody_locked_looks_like_a_wrong_one() {
    let kit = Kit::with(Store::Memory).config(MANY_TRIES).start().await;
    cast(&kit).await;
    for name in ["locked", "disabled"] {
        let transaction = kit.begin(name).await;
        let right = kit.answer(&transaction, "password", json!({"password": kit::PASSWORD})).await;
        let (_, wrong) = wrong_native(&kit, "wrong").await;
        assert_eq!(seen(&right), seen(&wrong), "{name}");
    }
    kit.advance(Duration::from_secs(61));
    kit.login("locked").await;
}

/// Medians of 200 tries each, taken in turns so that a busy machine is busy for all of them. A machine that is
/// busy for one of them only gets another go; a difference that is really there shows in every go.
#[tokio::test]
async fn it_takes_as_long_for_everybody() {
    let hash = "[pool]\nthreads = 1\n";
    let kit = Kit::with(Store::Sqlite).config(MANY_TRIES).config(hash).alone().start().await;
    let names = cast(&kit).await;
    let mut seen = Vec::new();
    for _ in 0..3 {
        let medians = medians(&kit, &names).await;
        let all = medians.iter().sum::<f64>() / medians.len() as f64;
        if medians.iter().all(|median| (median - all).abs() < all * 0.12) {
            return;
        }
        seen.push(medians);
    }
    panic!("µs for {names:?}: {seen:.0?}");
}

/// In microseconds.
async fn medians(kit: &Kit, names: &[&str]) -> Vec<f64> {
    let mut times: Vec<Vec<Duration>> = vec![Vec::new(); names.len()];
    for round in 0..200 {
        for turn in 0..names.len() {
            let who = (round + turn) % names.len();
            let transaction = kit.begin(names[who]).await;
            let begun = Instant::now();
            kit.answer(&transaction, "password", json!({"password": "not the password"})).await.expect(401);
            times[who].push(begun.elapsed());
        }
    }
    let median = |t: &mut Vec<Duration>| {
        t.sort_unstable();
        t[t.len() / 2].as_secs_f64() * 1e6
    };
    times.iter_mut().map(median).collect()
}
