//! Who has an account is not to be seen in a challenge: not in its shape, not in the time it takes.

use super::*;
use kit::vp1::of_b64u;
use std::{collections::BTreeSet, time::Instant};

fn shape(reply: &Reply) -> (u16, Vec<String>, Vec<usize>) {
    let body = reply.json();
    let members = body.as_object().expect("an object");
    let lengths = members.values().map(|value| value.as_str().map_or(0, str::len)).collect();
    (reply.status.as_u16(), members.keys().cloned().collect(), lengths)
}

#[tokio::test]
async fn real_and_made_up_challenges_have_one_shape() {
    let kit = world().await;
    let secret = ann(&kit).await;
    kit.person("bob").await;
    let page = Page::of(&kit);
    let mut shapes = BTreeSet::new();
    for username in ["ann", "bob", "nobody", "n"] {
        for _ in 0..4 {
            shapes.insert(shape(&page.ask(username, &Asking::login(&secret)).await.expect(200)));
        }
    }
    assert_eq!(shapes.len(), 1, "{shapes:?}");
    let (_, _, lengths) = shapes.first().unwrap().clone();
    assert_eq!(lengths, [600, 3], "challenge_data and proto_version");
}

/// A sketch that is made up stays the same as long as nobody enrols, like one that is real.
#[tokio::test]
async fn what_is_made_up_stays_and_looks_like_what_is_real() {
    let kit = world().await;
    let secret = ann(&kit).await;
    let page = Page::of(&kit);
    for username in ["ann", "nobody"] {
        let mut helpers = BTreeSet::new();
        let mut others = BTreeSet::new();
        for _ in 0..3 {
            let told = page.to_login(username, &secret).await;
            assert_eq!(told.sealed.ttl, 120);
            helpers.insert(told.sealed.helper.clone());
            others.insert((told.sealed.nonce, told.sealed.challenge_id));
        }
        assert_eq!((helpers.len(), others.len()), (1, 3), "{username}");
        // Half of the bits of what hides a sketch are set.
        let helper = helpers.first().unwrap();
        let set: u32 = helper[helper.len() - 255..].iter().map(|byte| byte.count_ones()).sum();
        assert!((880..1160).contains(&set), "{username}: {set} of 2040");
    }
    let sealed = page.ask("nobody", &Asking::login(&secret)).await.expect(200).str("challenge_data");
    assert_eq!(of_b64u(&sealed).len(), 450);
}

/// Medians of many, taken in turns: what else the machine does weighs on both.
#[tokio::test]
async fn they_take_as_long() {
    let kit = open().config(UNLIMITED).alone().start().await;
    let secret = ann(&kit).await;
    let page = Page::of(&kit);
    let mut took = [Vec::new(), Vec::new()];
    for round in 0..122 {
        for (times, username) in took.iter_mut().zip(["ann", "nobody"]) {
            let asking = Asking::login(&secret);
            let since = Instant::now();
            page.ask(username, &asking).await.expect(200);
            // The first ones fill what is cached.
            if round >= 20 {
                times.push(since.elapsed());
            }
        }
    }
    let [real, made_up] = took.map(|mut times| {
        times.sort_unstable();
        times[times.len() / 2]
    });
    let (less, more) = (real.min(made_up), real.max(made_up));
    assert!(more < less * 3 / 2 + Duration::from_millis(1), "real {real:?}, made up {made_up:?}");
}
