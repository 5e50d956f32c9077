//! Setting up a secret: what a commitment must be, and that it is good once.

use super::{INVITE, attempt, complete, invited, many_tries, set_up, somebody};
use kit::{
    Login, Reply, Store,
    vp1::{Asking, Commitment, Helper, Secret, Told},
};
use serde_json::{Value, json};
use std::{sync::Arc, time::Duration};

/// Where in the plaintext each part begins.
const ID: usize = 1;
const PUBLIC: usize = 17;
const PROOF: usize = 49;
const HELPER: usize = 113;

fn proof_of(commitment: &Commitment) -> Value {
    json!({"encrypted_commitment": commitment.seal(), "proto_version": "vp1", "email": commitment.email})
}

#[tokio::test]
async fn a_commitment_for_anything_else_is_refused_and_all_refusals_are_one() {
    let kit = many_tries(Store::Memory).start().await;
    let secret = Secret::of(1);
    kit.person("ann").await;
    let token = kit.login("ann").await.access_token;
    let bends: [fn(&mut Commitment); 14] = [
        |c| c.context.purpose = "change".to_owned(),
        |c| c.context.username = "bob".to_owned(),
        |c| c.context.tenant = "acme".to_owned(),
        |c| c.context.auth_req_id = "another".to_owned(),
        |c| c.kid[0] ^= 1,
        |c| c.server = [9; 32].to_vec(),
        |c| c.version = 2,
        |c| c.plain[0] = 2,
        |c| c.plain[ID] ^= 1,
        |c| c.plain[PUBLIC] ^= 1,
        // The identity: everybody knows its secret.
        |c| c.plain[PUBLIC..PROOF].fill(0),
        |c| c.plain[PROOF] ^= 1,
        |c| c.plain[HELPER] ^= 1,
        |c| *c.plain.last_mut().unwrap() ^= 1,
    ];
    let mut said = Vec::new();
    for bend in bends {
        let (transaction, told) = invited(&kit, &token, &secret).await;
        let mut commitment = told.commit("", "");
        bend(&mut commitment);
        said.push(complete(&kit, &transaction, &proof_of(&commitment)).await.expect(422).text());
    }
    assert!(said.iter().all(|text| *text == said[0]), "{said:?}");
    set_up(&kit, &token, &secret).await;
    Login::of(&attempt(&kit, "ann", &secret).await);
}

#[tokio::test]
async fn the_address_that_it_was_made_for_is_part_of_it() {
    let kit = many_tries(Store::Memory).start().await;
    let secret = Secret::of(1);
    kit.person("ann").await;
    let token = kit.login("ann").await.access_token;
    let (transaction, told) = invited(&kit, &token, &secret).await;
    let mut proof = proof_of(&told.commit("ann@example.org", ""));
    proof["email"] = json!("mallory@example.org");
    complete(&kit, &transaction, &proof).await.expect(422);
    // Sealed for the one, proven for the other.
    let (transaction, told) = invited(&kit, &token, &secret).await;
    let mut commitment = told.commit("ann@example.org", "");
    commitment.email = "mallory@example.org".to_owned();
    complete(&kit, &transaction, &proof_of(&commitment)).await.expect(422);
    let (transaction, told) = invited(&kit, &token, &secret).await;
    complete(&kit, &transaction, &proof_of(&told.commit("ann@example.org", ""))).await.expect(200);
}

/// A commitment whose helper says this, and whose key and proof are made for it.
fn with_helper(told: &Told, bend: impl Fn(&mut Helper)) -> Commitment {
    let mut commitment = told.commit("", "");
    let mut helper = Helper::parse(&commitment.plain[HELPER..]).expect("a helper");
    bend(&mut helper);
    let (key, helper) = (told.fresh_key().0, helper.bytes());
    let proof = told.prove(Some(&key), &Told::binding("", "", &helper, false));
    commitment.plain.truncate(PUBLIC);
    commitment.plain.extend([&key.public()[..], &proof, &helper].concat());
    commitment
}

#[tokio::test]
async fn a_helper_must_cost_a_guesser_enough_and_a_login_not_too_much() {
    let kit = many_tries(Store::Memory).start().await;
    let secret = Secret::of(1);
    kit.person("ann").await;
    let token = kit.login("ann").await.access_token;
    let bends: [fn(&mut Helper); 9] = [
        |h| h.m = 65_535,
        |h| h.m = 1_048_577,
        |h| h.t = 2,
        |h| h.t = 17,
        |h| h.p = 0,
        |h| h.p = 5,
        |h| h.alg[0] ^= 1,
        |h| h.code[0] ^= 1,
        |h| h.alg.extend(b"x"),
    ];
    for (number, bend) in bends.into_iter().enumerate() {
        let (transaction, told) = invited(&kit, &token, &secret).await;
        let proof = proof_of(&with_helper(&told, bend));
        let wanted = if number == 8 { 400 } else { 422 };
        complete(&kit, &transaction, &proof).await.expect(wanted);
    }
    let (transaction, told) = invited(&kit, &token, &secret).await;
    let unbent = with_helper(&told, |h| (h.m, h.t, h.p) = (1_048_576, 16, 4));
    complete(&kit, &transaction, &proof_of(&unbent)).await.expect(200);
}

#[tokio::test]
async fn what_is_no_commitment_at_all_is_refused_with_its_place() {
    let kit = many_tries(Store::Memory).start().await;
    let secret = Secret::of(1);
    kit.person("ann").await;
    let token = kit.login("ann").await.access_token;
    let (transaction, told) = invited(&kit, &token, &secret).await;
    let good = told.proof("", "");
    let text = good["encrypted_commitment"].as_str().unwrap();
    assert_eq!(text.len(), 639);
    for (name, value) in [
        ("encrypted_commitment", json!(format!("{text}A"))),
        ("encrypted_commitment", json!(&text[..638])),
        ("encrypted_commitment", json!(format!("{}=", &text[..638]))),
        ("encrypted_commitment", json!("")),
        ("proto_version", json!("vp2")),
        ("proto_version", json!("vp1-pq")),
        ("email", json!("x".repeat(70_000))),
        ("more", json!(1)),
    ] {
        let mut bent = good.clone();
        bent[name] = value;
        let refused = complete(&kit, &transaction, &bent).await.expect(400);
        assert!(!refused.text().contains(&text[20..40]), "{}", refused.text());
    }
    for body in [
        json!({}),
        json!({"invite": {}}),
        json!({"invite": {"cipher_key": Asking::login(&secret).cipher_key()}}),
    ] {
        kit.post_as(&token, INVITE, &body).await.expect(400);
    }
    kit.post(INVITE, &json!({"invite": {"cipher_key": Asking::enrol(&secret).cipher_key()}}))
        .await
        .expect(401);
}

#[tokio::test]
async fn an_invitation_is_good_once_and_for_two_minutes() {
    let kit = many_tries(Store::Memory).start().await;
    let secret = Secret::of(1);
    kit.person("ann").await;
    let token = kit.login("ann").await.access_token;
    let (transaction, told) = invited(&kit, &token, &secret).await;
    let proof = told.proof("", "");
    complete(&kit, &transaction, &proof).await.expect(200);
    complete(&kit, &transaction, &proof).await.expect(404);
    // The same commitment in another enrolment: its challenge is spent.
    let (transaction, _) = invited(&kit, &token, &secret).await;
    complete(&kit, &transaction, &proof).await.expect(422);

    let (transaction, told) = invited(&kit, &token, &secret).await;
    kit.advance(Duration::from_secs(121));
    let late = complete(&kit, &transaction, &told.proof("", "")).await;
    assert!([404, 409, 422].contains(&late.status.as_u16()), "{}", late.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_commitments_at_once_one_at_most_is_set_up() {
    for store in [Store::Memory, Store::Sqlite, Store::Postgres] {
        let kit = Arc::new(many_tries(store).start().await);
        kit.person("ann").await;
        let token = kit.login("ann").await.access_token;
        let secret = Secret::of(1);
        let (transaction, told) = invited(&kit, &token, &secret).await;
        let tries = [told.proof("", ""), told.proof("", "")].map(|proof| {
            let (kit, transaction) = (kit.clone(), transaction.clone());
            async move { complete(&kit, &transaction, &proof).await }
        });
        let replies: Vec<Reply> = super::super::parallel::all(tries.into_iter()).await;
        let set_up = super::super::parallel::count(&replies, 200);
        assert!(set_up <= 1, "{replies:?}");
        // The one that loses counts as a wrong proof, and where it does so first, the other one has come too late (409).
        assert!(
            replies.iter().all(|reply| [200, 404, 409, 422].contains(&reply.status.as_u16())),
            "{replies:?}"
        );
        if set_up == 0 {
            super::set_up(&kit, &token, &secret).await;
        }
        Login::of(&attempt(&kit, "ann", &secret).await);
    }
}

#[tokio::test]
async fn another_secret_takes_the_place_of_the_old_one_and_of_what_was_asked_under_it() {
    let kit = many_tries(Store::Memory).start().await;
    let (old, new) = (Secret::of(1), Secret::of(2));
    somebody(&kit, "ann", &old).await;
    let (waiting, asked_before) = super::asked(&kit, "ann", &old).await;
    let token = kit.login("ann").await.access_token;
    let (transaction, told) = invited(&kit, &token, &new).await;
    assert_eq!(told.context.purpose, "change");
    let mut as_new = told.clone();
    as_new.context.purpose = "register".to_owned();
    complete(&kit, &transaction, &as_new.proof("", "")).await.expect(422);
    set_up(&kit, &token, &new).await;

    kit.answer(&waiting, "zkp", asked_before.answer()).await.expect(401);
    attempt(&kit, "ann", &old).await.expect(401);
    Login::of(&attempt(&kit, "ann", &new).await);
    let list = kit.get_as(&token, "/auth/v1/me/credentials").await.expect(200).json();
    let mine = list.as_array().unwrap().iter().filter(|c| c["authenticator"] == "zkp").count();
    assert_eq!(mine, 1, "{list}");
}
