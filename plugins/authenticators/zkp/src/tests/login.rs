use super::{
    player::answer,
    strict::{low_points, too_large},
    *,
};
use crate::vp1::{self, CipherKey};
use gatewright_contract::{Asker, LookupKey, Purpose, TenantId};
use std::{sync::atomic::Ordering, time::Duration};

/// Anna, who has set it up, and what she holds.
fn enrolled() -> (Arc<House>, Zkp, Player, [Held<Credential>; 1]) {
    let house = House::new();
    let (zkp, player) = (zkp(&house), Player::new(5));
    let held = kept(&zkp, &player);
    (house, zkp, player, [held])
}

/// In an authorization request, from a program.
fn from_a_program() -> Scope {
    let asker =
        Asker { client: Some("spa".into()), request: Some("ar-1".into()), origin: anna().asker.origin };
    Scope { asker, ..anna() }
}

#[test]
fn who_knows_it_is_let_in() {
    let (_, zkp, player, held) = enrolled();
    for scope in [anna(), from_a_program(), Scope { purpose: Purpose::Elevate, ..anna() }] {
        let asking = Asking::login(1);
        let asked = asks(&zkp, &scope, &held, &asking).unwrap();
        assert_eq!(asked.prompt.challenge_data.len(), 600);
        assert_eq!(asked.expires_in, Some(Duration::from_secs(120)));
        let answer = player.answer(&asking, &asked.prompt);
        let id = answer["challenge_id"].as_str().unwrap().to_owned();
        assert_eq!(asked.wake, Some(LookupKey(id)), "it is found by the id that only its owner reads");
        let verdict = answers(&zkp, &scope, &held, asked.state, answer).unwrap();
        assert!(
            matches!(verdict.outcome, Outcome::Accepted(yes) if yes.credential == Some(held[0].id)),
            "by what was proven"
        );
        assert!(verdict.effects.is_none());
    }
}

#[test]
fn a_program_without_an_origin_proves_for_none() {
    let (_, zkp, player, held) = enrolled();
    let (mut scope, asking) = (anna(), Asking::login(1));
    scope.asker.origin = None;
    for (origin, expected) in [("", None), (ORIGIN, Some(Refusal::Wrong))] {
        let asked = asks(&zkp, &scope, &held, &asking).unwrap();
        let player = Player { origin: origin.to_owned(), ..player.clone() };
        let answer = player.answer(&asking, &asked.prompt);
        assert_eq!(refusal(&answers(&zkp, &scope, &held, asked.state, answer).unwrap()), expected);
    }
}

#[test]
fn what_is_said_again_must_be_what_it_was_asked_for() {
    let (_, zkp, player, held) = enrolled();
    let (scope, asking) = (from_a_program(), Asking::login(1));
    let other = Asking::login(2).text();
    let said = [
        ("username", json!("anna"), None),
        ("username", json!("Anna"), Some(Refusal::Wrong)),
        ("username", json!(""), Some(Refusal::Wrong)),
        ("auth_req_id", json!("ar-1"), None),
        ("auth_req_id", json!("ar-2"), Some(Refusal::Wrong)),
        ("cipher_key", json!(asking.text()), None),
        ("cipher_key", json!(other), Some(Refusal::Wrong)),
        ("challenge_id", json!(vp1::text(&[9; 16])), Some(Refusal::Wrong)),
    ];
    for (name, value, expected) in said {
        let asked = asks(&zkp, &scope, &held, &asking).unwrap();
        let mut answer = player.answer(&asking, &asked.prompt);
        answer[name] = value;
        let verdict = answers(&zkp, &scope, &held, asked.state, answer).unwrap();
        assert_eq!(refusal(&verdict), expected, "{name}");
    }
    let asked = asks(&zkp, &scope, &held, &asking).unwrap();
    let answer = player.answer(&asking, &asked.prompt);
    let elsewhere = Scope { tenant: TenantId::parse("other").unwrap(), ..scope };
    let verdict = answers(&zkp, &elsewhere, &held, asked.state, answer).unwrap();
    assert_eq!(refusal(&verdict), Some(Refusal::Wrong));
}

#[test]
fn a_proof_for_anything_else_is_refused() {
    let (_, zkp, player, held) = enrolled();
    let (scope, asking) = (from_a_program(), Asking::login(1));
    let changes: [fn(&mut Prompt, &mut Player); 7] = [
        |prompt, _| prompt.purpose = "elevate".into(),
        |prompt, _| prompt.tenant = "other".into(),
        |prompt, _| prompt.username = "berta".into(),
        |prompt, _| prompt.client_id = "other".into(),
        |prompt, _| prompt.auth_req_id = "ar-2".into(),
        |_, player| player.origin = "https://evil.example".into(),
        |_, player| player.secret += curve25519_dalek::Scalar::ONE,
    ];
    for (n, change) in changes.into_iter().enumerate() {
        let asked = asks(&zkp, &scope, &held, &asking).unwrap();
        let (told, mut prompt, mut player) = (asking.read(&asked.prompt), asked.prompt, player.clone());
        change(&mut prompt, &mut player);
        let answer = answer(&told.id, &player.proof(&asking, &prompt, &told, b""));
        let verdict = answers(&zkp, &scope, &held, asked.state, answer).unwrap();
        assert_eq!(refusal(&verdict), Some(Refusal::Wrong), "change {n}");
    }
}

#[test]
fn an_old_proof_does_not_answer_a_new_challenge() {
    let (_, zkp, player, held) = enrolled();
    let (scope, asking) = (anna(), Asking::login(1));
    let old = asks(&zkp, &scope, &held, &asking).unwrap();
    let mut answer = player.answer(&asking, &old.prompt);
    let new = asks(&zkp, &scope, &held, &asking).unwrap();
    answer["challenge_id"] = json!(vp1::text(&asking.read(&new.prompt).id));
    let verdict = answers(&zkp, &scope, &held, new.state, answer).unwrap();
    assert_eq!(refusal(&verdict), Some(Refusal::Wrong));
}

#[test]
fn a_challenge_is_good_for_two_minutes() {
    let (_, zkp, player, held) = enrolled();
    let asking = Asking::login(1);
    for (seconds, expected) in [(120, None), (121, Some(Refusal::Expired))] {
        let asked = asks(&zkp, &anna(), &held, &asking).unwrap();
        let answer = player.answer(&asking, &asked.prompt);
        let verdict = answers(&zkp, &later(&anna(), seconds), &held, asked.state, answer).unwrap();
        assert_eq!(refusal(&verdict), expected);
    }
}

#[test]
fn a_proof_changes_the_address_that_it_names_and_no_other() {
    let (_, zkp, player, held) = enrolled();
    let (asking, update) = (Asking::login(1), Scope { purpose: Purpose::UpdateEmail, ..anna() });
    let judged = |scope: &Scope, change: &dyn Fn(&mut Value)| {
        let asked = asks(&zkp, &anna(), &held, &asking).unwrap();
        let mut answer = player.answer_for_email(&asking, &asked.prompt, "anna@example.com");
        change(&mut answer);
        answers(&zkp, scope, &held, asked.state, answer)
    };
    assert_eq!(refusal(&judged(&update, &|_| ()).unwrap()), None);
    let other = judged(&update, &|answer| answer["email"] = json!("eve@example.com")).unwrap();
    assert_eq!(refusal(&other), Some(Refusal::Wrong));
    let missing = |answer: &mut Value| answer["email"] = Value::Null;
    assert_eq!(field(judged(&update, &missing).err().unwrap()), "email");
    assert_eq!(field(judged(&anna(), &|_| ()).err().unwrap()), "email", "at a login there is none");
    // The proof of a login does not change an address, nor the other way round.
    assert_eq!(refusal(&judged(&anna(), &missing).unwrap()), Some(Refusal::Wrong));
    let asked = asks(&zkp, &anna(), &held, &asking).unwrap();
    let mut answer = player.answer(&asking, &asked.prompt);
    answer["email"] = json!("anna@example.com");
    let verdict = answers(&zkp, &update, &held, asked.state, answer).unwrap();
    assert_eq!(refusal(&verdict), Some(Refusal::Wrong));
}

#[test]
fn it_proves_nothing_at_other_occasions() {
    let (_, zkp, _, held) = enrolled();
    for purpose in [Purpose::Reset, Purpose::Link, Purpose::Attend, Purpose::Enrol] {
        let scope = Scope { purpose, ..anna() };
        assert_eq!(field(asks(&zkp, &scope, &held, &Asking::login(1)).err().unwrap()), "");
    }
}

#[test]
fn other_spellings_are_no_answers() {
    let (_, zkp, player, held) = enrolled();
    let (scope, asking) = (anna(), Asking::login(1));
    let deep = (0..8).fold(json!(1), |inner, _| json!([inner]));
    let wrong = [
        ("challenge_id", json!("")),
        ("challenge_id", json!(vp1::text(&[9; 17]))),
        ("challenge_data", json!(vp1::text(&[1; 64]))),
        ("challenge_data", json!(format!("{}=", vp1::text(&[1; 65])))),
        ("challenge_data", json!("x".repeat(1 << 16))),
        ("log_data", json!({"status": "x".repeat(16 * 1024)})),
        ("log_data", json!({"a": deep})),
        ("ber", json!({"ber": deep})),
    ];
    for (name, value) in wrong {
        let asked = asks(&zkp, &scope, &held, &asking).unwrap();
        let mut answer = player.answer(&asking, &asked.prompt);
        answer[name] = value;
        assert_eq!(field(answers(&zkp, &scope, &held, asked.state, answer).err().unwrap()), name);
    }
}

#[test]
fn what_a_client_reports_decides_nothing() {
    let (_, zkp, player, held) = enrolled();
    let (scope, asking) = (anna(), Asking::login(1));
    let deep = (0..6).fold(json!(1), |inner, _| json!([inner]));
    for (who, expected) in [(player, None), (Player::new(6), Some(Refusal::Wrong))] {
        let asked = asks(&zkp, &scope, &held, &asking).unwrap();
        let mut answer = who.answer(&asking, &asked.prompt);
        answer["ber"] = json!({"ber": {"count_bits": 2040, "error_bits": 0, "BER_PERCENT": "0.00"}});
        answer["log_data"] = json!({"status": "ok", "similarity": 1.0, "evidence": deep});
        assert_eq!(refusal(&answers(&zkp, &scope, &held, asked.state, answer).unwrap()), expected);
    }
}

#[test]
fn numbers_that_are_not_below_the_order_and_other_versions_are_wrong_answers() {
    let (_, zkp, player, held) = enrolled();
    let (scope, asking) = (anna(), Asking::login(1));
    let changes: [fn(&mut [u8; 65]); 6] = [
        |proof| proof[0] = 2,
        |proof| proof[0] = 0,
        |proof| proof[1..33].copy_from_slice(&too_large()[0]),
        |proof| proof[33..].copy_from_slice(&too_large()[0]),
        |proof| proof[33..].copy_from_slice(&too_large()[1]),
        |proof| proof[1..].fill(0),
    ];
    for (n, change) in changes.iter().enumerate() {
        let asked = asks(&zkp, &scope, &held, &asking).unwrap();
        let mut answer = player.answer(&asking, &asked.prompt);
        let mut proof = vp1::bytes(answer["challenge_data"].as_str().unwrap()).unwrap();
        change(&mut proof);
        answer["challenge_data"] = json!(vp1::text(&proof));
        let verdict = answers(&zkp, &scope, &held, asked.state, answer).unwrap();
        assert_eq!(refusal(&verdict), Some(Refusal::Wrong), "change {n}");
    }
}

#[test]
fn a_key_that_is_none_is_refused_for_everybody_alike() {
    let (house, zkp, _, held) = enrolled();
    let good = Asking::login(1);
    house.asked.lock().unwrap().clear();
    let bad = |key: CipherKey| Asking { key, ..Asking::login(1) };
    let low = low_points().map(|epk| bad(CipherKey { epk, ..good.key.clone() }));
    let identity = bad(CipherKey { blinded: [0; 32], ..good.key.clone() });
    let none = bad(CipherKey { blinded: [0xff; 32], ..good.key.clone() });
    for asking in low.chain([identity, none, Asking::enrol(1)]) {
        let said: Vec<String> = [&held[..], &[]]
            .into_iter()
            .map(|held| asks(&zkp, &anna(), held, &asking).err().unwrap().to_string())
            .collect();
        assert_eq!(said[0], said[1]);
        assert!(said[0].starts_with("not a key as it is described"), "{said:?}");
    }
    // What the engine takes back must not have used up what the service allows somebody.
    assert!(house.asked.lock().unwrap().is_empty(), "nothing was evaluated");
}

#[test]
fn who_set_it_up_anew_in_between_asks_again() {
    let (_, zkp, player, held) = enrolled();
    let (scope, asking) = (anna(), Asking::login(1));
    let asked = asks(&zkp, &scope, &held, &asking).unwrap();
    let answer = player.answer(&asking, &asked.prompt);
    // In the place of the old one, with the same number and another key.
    let anew = [Held { id: held[0].id, ..kept(&zkp, &player) }];
    let verdict = answers(&zkp, &scope, &anew, asked.state, answer).unwrap();
    assert_eq!(refusal(&verdict), Some(Refusal::NotEnrolled));
}

#[test]
fn under_another_seed_nobody_is_enrolled_and_the_log_says_so() {
    let (house, zkp, player, held) = enrolled();
    let (scope, asking) = (anna(), Asking::login(1));
    house.seed.store(2, Ordering::Relaxed);
    let asked = asks(&zkp, &scope, &held, &asking).unwrap();
    let told = asking.read(&asked.prompt);
    assert!(told.helper != player.helper, "a masked sketch under another key helps nobody");
    assert!(house.lines.lock().unwrap()[0].contains("another OPRF seed"));
    let answer = player.answer(&asking, &asked.prompt);
    let verdict = answers(&zkp, &scope, &held, asked.state, answer).unwrap();
    assert_eq!(refusal(&verdict), Some(Refusal::NotEnrolled));
}

#[test]
fn without_evaluation_or_randomness_nobody_is_judged() {
    let (house, zkp, _, held) = enrolled();
    for broken in [&house.away, &house.dry] {
        broken.store(true, Ordering::Relaxed);
        let fault = asks(&zkp, &anna(), &held, &Asking::login(1)).err().unwrap();
        assert!(matches!(fault, Fault::Unavailable { .. }), "{fault}");
        broken.store(false, Ordering::Relaxed);
    }
}
