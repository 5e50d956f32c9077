use super::{NOW, scope};
use crate::{Finish, Flow, Limits, Pair, Pairing, Proof, PublicKey, Rules, State, base64url, clean};
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use gatewright_contract::{Enrolment, Fault, Host, testing::Desk};
use serde_json::{Value, json};
use std::{sync::Arc, time::Duration};

fn host() -> Host {
    Arc::new(Desk::counting(NOW))
}

fn device() -> Ed25519KeyPair {
    Ed25519KeyPair::from_seed_unchecked(&[5; 32]).unwrap()
}

/// What the link of an invitation says.
fn said(link: &str, name: &str) -> String {
    let url = url::Url::parse(link).unwrap();
    url.query_pairs().find(|(n, _)| n == name).map(|(_, v)| v.into_owned()).unwrap_or_default()
}

fn answer(link: &str, change: impl Fn(&mut Value)) -> Pair {
    let key = device();
    let mut body = json!({
        "key": {"kty": "OKP", "crv": "Ed25519", "x": base64url(key.public_key().as_ref())},
        "name": "Phone", "signature": "",
    });
    change(&mut body);
    let mut pair: Pair = serde_json::from_value(body).unwrap();
    let public = PublicKey::read(&pair.key).unwrap();
    let (wake, nonce) = (said(link, "wake"), said(link, "nonce"));
    let statement = Pairing::statement(&scope(), "push", (&wake, &nonce), &public, &pair);
    pair.signature = base64url(key.sign(statement.as_bytes()).as_ref());
    pair
}

fn invited() -> (String, Pairing) {
    let (invitation, pairing, wake) = Pairing::invite(&host(), &scope(), "push", None, Some("KEY")).unwrap();
    assert_eq!(wake.0, said(&invitation.link, "wake"));
    (invitation.link, pairing)
}

#[test]
fn a_link_says_where_and_what_for() {
    let (link, pairing) = invited();
    assert!(link.starts_with("gatewright:pair?"), "{link}");
    let all = ["server", "tenant", "for", "vapid"].map(|name| said(&link, name));
    assert_eq!(all, ["https://id.example.com", "default", "push", "KEY"]);
    let stored = serde_json::to_string(&pairing).unwrap();
    assert!(stored.contains(&said(&link, "nonce")), "the host seals it");
    assert!(!format!("{pairing:?}").contains(&said(&link, "nonce")), "and nobody prints it");
}

#[test]
fn the_first_right_answer_counts() {
    let (link, pairing) = invited();
    let paired = pairing.answered(&scope(), "push", answer(&link, |_| {})).unwrap();
    let key = paired.device().unwrap().key;
    assert!(invited().1.answered(&scope(), "other", answer(&link, |_| {})).is_none());
    let check = Pairing::check(&scope(), "push", &said(&link, "nonce"), &key);
    assert_eq!(check.len(), 4);
    let typed = |text: &str| Proof { check: Some(text.to_owned()) };
    let again = || {
        let state = serde_json::to_value(State::Pairing(invited().1)).unwrap();
        let State::Pairing(pairing) = serde_json::from_value(state).unwrap() else { panic!() };
        pairing.answered(&scope(), "push", answer(&link, |_| {})).unwrap()
    };
    for wrong in ["", " ", "0", &format!("{check}0"), &check[..3], "４７１１"] {
        let Finish::Unconfirmed(violation) = again().finish(&scope(), "push", &typed(wrong)) else {
            panic!()
        };
        let expected = if wrong.trim().is_empty() { "check_needed" } else { "check_wrong" };
        assert_eq!(violation.code, expected, "{wrong}");
        assert!(!violation.message.contains(&check));
    }
    let Finish::Paired { label, lookup, .. } = again().finish(&scope(), "push", &typed(&check)) else {
        panic!()
    };
    assert_eq!((label.as_str(), lookup.0), ("Phone", key.thumbprint()));
    // A second answer, right as it is, comes too late.
    assert!(paired.answered(&scope(), "push", answer(&link, |_| {})).is_none());
}

#[test]
fn what_is_too_long_or_no_subscription_is_refused() {
    let point = base64url(&[4; 65]);
    let push =
        |endpoint: &str, key: &str, auth: &str| json!({"endpoint": endpoint, "p256dh": key, "auth": auth});
    let auth = base64url(&[1; 16]);
    let good = push("https://push.example/1", &point, &auth);
    let bad = [
        ("name", json!("x".repeat(257))),
        ("name", json!("\u{202e}")),
        ("certificates", json!(vec!["AAAA"; 5])),
        ("certificates", json!(["A".repeat(6 * 1024 + 1)])),
        ("push", push("ftp://push.example/1", &point, &auth)),
        ("push", push("https://user@push.example/1", &point, &auth)),
        ("push", push(&format!("https://push.example/{}", "x".repeat(1024)), &point, &auth)),
        ("push", push("https://push.example/1", &point[1..], &auth)),
        ("push", push("https://push.example/1", &point, "AAAA")),
        ("push", push("nowhere", &point, &auth)),
    ];
    for (field, value) in bad {
        let (link, pairing) = invited();
        let pair = answer(&link, |body| body[field] = value.clone());
        assert!(pairing.answered(&scope(), "push", pair).is_none(), "{field} {value}");
    }
    let (link, pairing) = invited();
    let paired = pairing.answered(&scope(), "push", answer(&link, |b| b["push"] = good.clone())).unwrap();
    assert_eq!(paired.device().unwrap().push.as_ref().unwrap().endpoint, "https://push.example/1");
}

#[test]
fn a_label_is_bounded_and_devices_are_counted() {
    let rules =
        Rules { lifetime_seconds: 60, prompts: 5, window_minutes: 10, max_devices: 1, web_push_key: None };
    let flow = rules.flow("push", host());
    assert!(matches!(flow.invite(&scope(), 0, Some(&"x".repeat(65))), Err(Fault::BadRequest { .. })));
    assert!(matches!(flow.invite(&scope(), 1, None), Err(Fault::BadRequest { .. })));
    let state = flow.invite(&scope(), 0, Some("Phone")).unwrap().state;
    let Enrolment::Rejected(violations) = flow.enrol(&scope(), 1, state, &Proof::default()) else { panic!() };
    assert_eq!(violations[0].code, "too_many");
    let state = flow.invite(&scope(), 0, None).unwrap().state;
    assert!(matches!(flow.enrol(&scope(), 0, state, &Proof::default()), Enrolment::Pending { .. }));
    let Flow { limits: Limits { prompts, window }, .. } = flow;
    assert_eq!((prompts, window), (5, Duration::from_secs(600)));
}

#[test]
fn texts_are_what_they_look_like() {
    let dirty = "\u{202e}Pay\u{0} 5\r\nto\u{200b} \u{e0041}Bob\u{feff}\u{85}";
    assert_eq!(clean(dirty, 100), "Pay 5  to Bob");
    assert_eq!(clean("  ééé  ", 2), "éé");
    assert_eq!(clean("日本語 اسم", 100), "日本語 اسم");
}
