//! Who is not there, and who has set nothing up, look like everybody else.

use super::*;
use crate::{
    fakes::Fake,
    vp1::{Challenge, Helper},
};
use gatewright_contract::{Host, Pseudonym, TenantId};

fn named(n: u8) -> Scope {
    Scope { pseudonym: Pseudonym([n; 32]), ..anna() }
}

fn told(zkp: &Zkp, scope: &Scope, held: &[Held<Credential>]) -> (Value, Challenge) {
    let asking = Asking::login(1);
    let asked = asks(zkp, scope, held, &asking).unwrap();
    (serde_json::to_value(&asked.prompt).unwrap(), asking.read(&asked.prompt))
}

#[test]
fn a_challenge_for_nobody_has_the_size_and_the_members_of_every_other() {
    let house = House::new();
    let zkp = zkp(&house);
    let held = [kept(&zkp, &Player::new(5))];
    let shape = |prompt: &Value| -> Vec<(String, usize)> {
        let members = prompt.as_object().unwrap();
        members.iter().map(|(name, value)| (name.clone(), value.to_string().len())).collect()
    };
    for n in 0..32 {
        let ((real, _), (fake, _)) = (told(&zkp, &named(n), &held), told(&zkp, &named(n), &[]));
        assert_eq!(shape(&real), shape(&fake));
    }
}

#[test]
fn it_is_the_same_at_each_try_and_another_for_each_name_and_tenant() {
    let house = House::new();
    let zkp = zkp(&house);
    let (_, first) = told(&zkp, &named(1), &[]);
    let (_, again) = told(&zkp, &later(&named(1), 86_400), &[]);
    assert!(first.helper == again.helper, "or two tries would tell");
    assert_eq!(first.evaluated, again.evaluated, "PIN and pattern come to the same under one key");
    assert!(first.id != again.id && first.nonce != again.nonce);
    let (_, other) = told(&zkp, &named(2), &[]);
    let elsewhere = Scope { tenant: TenantId::parse("other").unwrap(), ..named(1) };
    let (_, elsewhere) = told(&zkp, &elsewhere, &[]);
    for other in [other, elsewhere] {
        assert!(first.helper != other.helper && first.evaluated != other.evaluated);
    }
}

#[test]
fn an_evaluation_is_asked_for_once_whoever_it_is() {
    let house = House::new();
    let zkp = zkp(&house);
    let held = [kept(&zkp, &Player::new(5))];
    let mut ids = Vec::new();
    for held in [&held[..], &[]] {
        for _ in 0..2 {
            house.asked.lock().unwrap().clear();
            told(&zkp, &named(1), held);
            let asked = house.asked.lock().unwrap().clone();
            assert_eq!(asked.len(), 1);
            ids.push(asked[0].clone());
        }
    }
    assert!(ids[0] == ids[1] && ids[2] == ids[3], "so that the service counts both alike");
    assert_ne!(ids[0], ids[2]);
}

#[test]
fn the_same_work_is_done_whoever_it_is() {
    let house = House::new();
    let zkp = zkp(&house);
    let held = [kept(&zkp, &Player::new(5))];
    let done = |held: &[Held<Credential>]| {
        house.work.lock().unwrap().clear();
        let asking = Asking::login(1);
        let asked = asks(&zkp, &named(1), held, &asking).unwrap();
        let answer = Player::new(6).answer(&asking, &asked.prompt);
        let verdict = answers(&zkp, &named(1), held, asked.state, answer).unwrap();
        assert!(refusal(&verdict).is_some());
        house.work.lock().unwrap().clone()
    };
    let (there, nobody) = (done(&held), done(&[]));
    assert_eq!(there, nobody);
    assert!(there.contains(&"an evaluation".to_owned()) && there.contains(&"the secret fakes".to_owned()));
}

#[test]
fn nobody_is_let_in() {
    let house = House::new();
    let zkp = zkp(&house);
    let asking = Asking::login(1);
    let asked = asks(&zkp, &anna(), &[], &asking).unwrap();
    let answer = Player::new(5).answer(&asking, &asked.prompt);
    // Neither who is not there, nor who has set something up since it was asked.
    let since = [kept(&zkp, &Player::new(5))];
    let state = || serde_json::from_value(serde_json::to_value(&asked.state).unwrap()).unwrap();
    for held in [&[][..], &since] {
        let verdict = answers(&zkp, &anna(), held, state(), answer.clone()).unwrap();
        assert_eq!(refusal(&verdict), Some(Refusal::NotEnrolled));
    }
}

#[test]
fn whoever_is_locked_in_between_is_refused() {
    let house = House::new();
    let (zkp, player) = (zkp(&house), Player::new(5));
    let held = [kept(&zkp, &player)];
    let asking = Asking::login(1);
    let asked = asks(&zkp, &anna(), &held, &asking).unwrap();
    let answer = player.answer(&asking, &asked.prompt);
    let verdict = answers(&zkp, &anna(), &[], asked.state, answer).unwrap();
    assert_eq!(refusal(&verdict), Some(Refusal::NotEnrolled));
}

#[test]
fn a_sketch_of_nobody_looks_like_noise_and_the_rest_like_the_usual() {
    let house = House::new();
    let host: Host = house.clone();
    let mut counts = [0_u32; 256];
    for n in 0..=255 {
        let fake = ready(Fake::of(&host, &named(n))).unwrap();
        let helper = Helper::parse(&fake.helper).unwrap();
        assert_eq!((helper.memory, helper.passes, helper.lanes), (65_536, 3, 1));
        helper.salt.iter().chain(&helper.masked_sketch).for_each(|byte| counts[usize::from(*byte)] += 1);
    }
    // Pearson's test with 255 degrees of freedom: mean 255, deviation 22.6.
    let expected = 271.0;
    let sum: f64 = counts.iter().map(|count| (f64::from(*count) - expected).powi(2) / expected).sum();
    assert!((165.0..345.0).contains(&sum), "{sum}");
}
