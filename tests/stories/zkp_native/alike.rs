//! Whoever asks learns nothing of who is there: not from a status, not from a size, not from what stays the same.

use super::{MANY_TRIES, ask, asked, attempt, many_tries, somebody};
use kit::{
    Kit, Reply, Store,
    vp1::{Asking, Context, Helper, Secret},
};
use serde_json::{Value, json};
use std::{collections::BTreeSet, time::Duration};

/// The body with what is different every time replaced by its length.
fn shape(value: &Value, name: &str) -> Value {
    match value {
        Value::Object(map) => map.iter().map(|(k, v)| (k.clone(), shape(v, name))).collect(),
        Value::Array(items) => items.iter().map(|item| shape(item, name)).collect(),
        Value::String(text) if text == name => json!("<name>"),
        Value::String(text) if text.len() > 40 || text.contains(':') => json!(text.len()),
        other => other.clone(),
    }
}

fn seen(reply: &Reply, name: &str) -> (u16, Value, Vec<String>) {
    let mut names: Vec<String> = reply.headers.keys().map(ToString::to_string).collect();
    names.sort();
    names.dedup();
    (reply.status.as_u16(), shape(&reply.json(), name), names)
}

/// What a wrong secret sees from begin to end.
async fn wrong(kit: &Kit, name: &str) -> Vec<(u16, Value, Vec<String>)> {
    let asking = Asking::login(&Secret::of(9));
    let begun = kit.post("/auth/v1/login", &json!({"username": name})).await;
    let challenged = ask(kit, &begun.str("transaction"), &asking).await;
    let told = asking.told(&challenged.json()["prompt"], "");
    let refused = kit.answer(&challenged.str("transaction"), "zkp", told.answer()).await;
    [begun, challenged, refused].iter().map(|reply| seen(reply, name)).collect()
}

async fn helper(kit: &Kit, name: &str) -> Helper {
    let (_, told) = asked(kit, name, &Secret::of(9)).await;
    Helper::parse(&told.sealed.helper).expect("a helper")
}

#[tokio::test]
async fn somebody_nobody_and_who_has_not_set_it_up_look_alike_before_and_in_a_lock() {
    let kit =
        Kit::with(Store::Memory).config("[login.block_config]\nip_attempts_limit = 1000000\n").start().await;
    let secret = Secret::of(1);
    somebody(&kit, "ann", &secret).await;
    kit.person("without").await;
    let disabled = somebody(&kit, "disabled", &secret).await;
    kit.disable(&disabled).await;
    let names = ["ann", "nobody", "without", "disabled"];
    let first = wrong(&kit, "ann").await;
    assert_eq!(first.iter().map(|(status, ..)| *status).collect::<Vec<_>>(), [200, 200, 401]);
    assert_eq!(first[1].1["prompt"]["challenge_data"], 600, "{:?}", first[1]);
    for name in &names[1..] {
        assert_eq!(wrong(&kit, name).await, first, "{name}");
    }
    let before = [helper(&kit, "ann").await, helper(&kit, "nobody").await];
    for name in names {
        // Ten are counted in all, then a lock begins.
        for _ in 0..10 {
            wrong(&kit, name).await;
        }
        assert_eq!(wrong(&kit, name).await, first, "{name}, locked");
    }
    let refused = attempt(&kit, "ann", &secret).await.expect(401);
    assert_eq!(seen(&refused, "ann"), first[2], "the right one, locked");
    let locked = [helper(&kit, "ann").await, helper(&kit, "nobody").await];
    let again = [helper(&kit, "ann").await, helper(&kit, "nobody").await];
    assert_eq!(locked, again, "the same as long as the lock lasts");
    for (before, locked) in before.iter().zip(&locked) {
        assert_ne!(before.salt, locked.salt, "a lock shows alike where there is somebody and where not");
    }
}

#[tokio::test]
async fn what_nobody_has_stays_the_same_like_what_somebody_has() {
    let kit = many_tries(Store::Memory).start().await;
    somebody(&kit, "ann", &Secret::of(1)).await;
    kit.person("without").await;
    for name in ["ann", "nobody", "without"] {
        let helpers = [helper(&kit, name).await, helper(&kit, name).await];
        assert_eq!(helpers[0], helpers[1], "{name}");
        kit.advance(Duration::from_secs(40 * 86_400));
        assert_eq!(helper(&kit, name).await, helpers[0], "{name}, weeks later");
    }
    let ids: BTreeSet<[u8; 16]> =
        [helper(&kit, "ann").await, helper(&kit, "nobody").await, helper(&kit, "no-one").await]
            .map(|h| h.salt)
            .into();
    assert_eq!(ids.len(), 3);
    // Of one name in two spellings it is one.
    assert_eq!(helper(&kit, "nobody").await, helper(&kit, "NoBody").await);
    assert_eq!(helper(&kit, "ann").await, helper(&kit, "Ann").await);
}

/// Bits that are set, of so many.
fn ones(bytes: &[u8]) -> u32 {
    bytes.iter().map(|byte| byte.count_ones()).sum()
}

#[tokio::test]
async fn fake_sketches_are_as_random_as_real_ones() {
    let kit = many_tries(Store::Memory).start().await;
    let secret = Secret::of(1);
    kit.person("ann").await;
    let token = kit.login("ann").await.access_token;
    let (mut real, mut fake) = (Vec::new(), Vec::new());
    for number in 0..8 {
        super::set_up(&kit, &token, &secret).await;
        real.push(helper(&kit, "ann").await);
        fake.push(helper(&kit, &format!("nobody-{number}")).await);
    }
    for (what, helpers) in [("real", &real), ("fake", &fake)] {
        let bits: u32 = helpers.iter().map(|h| ones(&h.masked) + ones(&h.salt)).sum();
        let all = f64::from(8 * (255 + 16) * 8);
        // Half of them, give or take five standard deviations.
        let off = (f64::from(bits) - all / 2.0).abs() / (all.sqrt() / 2.0);
        assert!(off < 5.0, "{what}: {bits} of {all}");
        let apart: BTreeSet<&[u8]> = helpers.iter().map(|h| &h.masked[..]).collect();
        assert_eq!(apart.len(), helpers.len(), "{what}");
        assert!(helpers.iter().all(|h| (h.m, h.t, h.p) == (65_536, 3, 1)), "{what}");
    }
}

#[tokio::test]
async fn a_challenge_opens_only_with_the_key_and_in_the_login_that_asked() {
    let kit = Kit::with(Store::Memory).config(MANY_TRIES).start().await;
    somebody(&kit, "ann", &Secret::of(1)).await;
    let asking = Asking::login(&Secret::of(1));
    let reply = ask(&kit, &kit.begin("ann").await, &asking).await.expect(200);
    let prompt = &reply.json()["prompt"];
    let data = prompt["challenge_data"].as_str().unwrap();
    let context = Context::of(prompt, "");
    assert!(asking.open(data, &context).is_some());
    assert!(Asking::login(&Secret::of(1)).open(data, &context).is_none(), "another key");
    for bend in [
        (|c: &mut Context| c.tenant.push('x')) as fn(&mut Context),
        |c| c.username.push('x'),
        |c| c.auth_req_id.push('x'),
    ] {
        let mut bent = context.clone();
        bend(&mut bent);
        assert!(asking.open(data, &bent).is_none(), "{bent:?}");
    }
}
