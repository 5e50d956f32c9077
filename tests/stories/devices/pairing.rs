//! Pairing: a picture that anybody may have seen.

use super::{Algorithm, Phone, finish, invite};
use kit::{Kit, Reply, Store};
use serde_json::{Value, json};

async fn begun() -> (Kit, String, Reply) {
    let kit = Kit::with(Store::Memory).start().await;
    kit.person("ada").await;
    let token = kit.login("ada").await.access_token;
    let invited = invite(&kit, &token, "push").await;
    (kit, token, invited)
}

fn link(invited: &Reply) -> String {
    invited.json()["invitation"]["link"].as_str().unwrap().to_owned()
}

#[track_caller]
fn violation(reply: &Reply) -> String {
    assert_eq!(reply.status.as_u16(), 422, "{}", reply.text());
    reply.json()["violations"][0]["code"].as_str().unwrap_or_else(|| panic!("{}", reply.text())).to_owned()
}

#[tokio::test]
async fn the_window_waits_for_the_phone_and_then_for_its_digits() {
    let (kit, token, invited) = begun().await;
    for proof in [json!({}), json!({"check": "0000"})] {
        finish(&kit, &token, "push", &invited, proof).await.expect(202);
    }
    finish(&kit, &token, "push", &invited, json!({"check": 417})).await.expect(400);
    let phone = Phone::new(Algorithm::Ed25519, "push", 1);
    let check = phone.pair(&kit, &invited.json()["invitation"]).await;
    assert_eq!(violation(&finish(&kit, &token, "push", &invited, json!({})).await), "check_needed");
    let wrong = format!("{:04}", (check.parse::<u32>().unwrap() + 1) % 10_000);
    assert_eq!(
        violation(&finish(&kit, &token, "push", &invited, json!({"check": wrong})).await),
        "check_wrong"
    );
    let typed = json!({"check": format!(" {} {}", &check[..2], &check[2..])});
    finish(&kit, &token, "push", &invited, typed.clone()).await.expect(200);
    finish(&kit, &token, "push", &invited, typed).await.expect(404);
    let listed = kit.get_as(&token, "/auth/v1/me/credentials").await.expect(200).json();
    assert!(listed.to_string().contains("\"Phone\""), "{listed}");
}

#[tokio::test]
async fn who_photographs_the_picture_and_is_faster_is_found_out() {
    let (kit, token, invited) = begun().await;
    let (mine, eves) = (Phone::new(Algorithm::Ed25519, "push", 1), Phone::new(Algorithm::P256, "push", 2));
    eves.pair(&kit, &invited.json()["invitation"]).await;
    let check = mine.pair(&kit, &invited.json()["invitation"]).await;
    if check != eves.check(&link(&invited)) {
        assert_eq!(
            violation(&finish(&kit, &token, "push", &invited, json!({"check": check})).await),
            "check_wrong"
        );
    }
}

#[tokio::test]
async fn only_who_has_the_key_and_has_seen_the_picture_is_paired() {
    let (kit, token, invited) = begun().await;
    let (mine, eves) = (Phone::new(Algorithm::Ed25519, "push", 1), Phone::new(Algorithm::Ed25519, "push", 2));
    let link = link(&invited);
    let good = mine.pair_event(&link, "Phone");
    let with = |path: &str, value: Value| {
        let mut event = good.clone();
        *event.pointer_mut(path).unwrap() = value;
        event
    };
    let nonce = super::phone::of_link(&link, "nonce");
    let mut private = good.clone();
    private["pair"]["key"]["d"] = json!("AAAA");
    let mut woken = good.clone();
    woken["pair"]["push"] = json!({"endpoint": "https://push.example/1", "p256dh": "AAAA", "auth": "AAAA"});
    let wrong = [
        with("/pair/key", eves.jwk()),
        with("/pair/name", json!("Other")),
        with("/pair/signature", json!("AAAA")),
        mine.pair_event(&link.replace(&nonce, &"A".repeat(43)), "Phone"),
        mine.pair_event(&link, ""),
        mine.pair_event(&link, &"x".repeat(5000)),
        private,
        woken,
        with("/pair/key/x", json!("AAAA")),
        with("/pair/key/crv", json!("X25519")),
    ];
    for event in wrong {
        mine.report(&kit, &event).await.expect(202);
        finish(&kit, &token, "push", &invited, json!({})).await.expect(202);
    }
    // A phone of another authenticator signs for another one.
    let other = Phone::new(Algorithm::Ed25519, "smart-login", 1);
    mine.report(&kit, &other.pair_event(&link, "Phone")).await.expect(202);
    finish(&kit, &token, "push", &invited, json!({})).await.expect(202);
    mine.report(&kit, &good).await.expect(202);
    finish(&kit, &token, "push", &invited, json!({"check": mine.check(&link)})).await.expect(200);
}

#[tokio::test]
async fn a_person_has_as_many_phones_as_allowed_and_a_key_is_paired_once() {
    let kit = Kit::with(Store::Memory).config("[plugins.push]\nmax_devices = 2\n").start().await;
    kit.person("ada").await;
    kit.person("eve").await;
    let phone = Phone::new(Algorithm::Ed25519, "push", 1);
    super::paired(&kit, "ada", &phone).await;
    // The same key for somebody else.
    let token = kit.login("eve").await.access_token;
    let invited = invite(&kit, &token, "push").await;
    let check = phone.pair(&kit, &invited.json()["invitation"]).await;
    finish(&kit, &token, "push", &invited, json!({"check": check})).await.expect(409);
    super::paired(&kit, "eve", &Phone::new(Algorithm::Ed25519, "push", 2)).await;
}
