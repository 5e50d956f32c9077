#![allow(clippy::unwrap_used)]

mod enrolment;
mod house;
mod login;
mod nobody;
mod player;
mod rfc;
mod settings;
mod strict;
mod vectors;

use crate::{Answer, Begin, Credential, Invitation, Invite, Prompt, Proof, State, Zkp};
use gatewright_contract::{
    Authenticator as _, Call, Challenge, CredentialId, Enrol as _, Enrolment, Fault, Held, Keypad, Nothing,
    Outcome, Refusal, Scope, Timestamp, Verdict,
    testing::{self, ready},
};
use house::House;
use player::{Asking, Player};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::sync::Arc;

const NOON: Timestamp = Timestamp::from_secs(1_772_366_400);
const ORIGIN: &str = "https://id.example.com";

fn zkp(house: &Arc<House>) -> Zkp {
    Zkp::new(crate::Config::default(), house.clone()).unwrap()
}

/// Anna's login.
fn anna() -> Scope {
    let keypad = Keypad { pin: Some(6), pattern: Some(3), ..Keypad::default() };
    Scope { keypad, ..testing::scope(NOON, Some("anna")) }
}

fn later(scope: &Scope, seconds: i64) -> Scope {
    Scope { now: Timestamp::from_secs(scope.now.as_secs() + seconds), ..scope.clone() }
}

fn call<'a, B>(scope: &'a Scope, credentials: &'a [Held<Credential>], body: B) -> Call<'a, B, Credential> {
    Call { scope, credentials, body }
}

fn body<T: DeserializeOwned>(value: Value) -> T {
    serde_json::from_value(value).unwrap()
}

fn held(n: u8, doc: Credential) -> Held<Credential> {
    Held { id: CredentialId::from_parts(NOON, [n; 10]), label: None, created: NOON, last_used: None, doc }
}

type Asked = Challenge<Prompt, State, Credential>;

fn asks(zkp: &Zkp, scope: &Scope, held: &[Held<Credential>], asking: &Asking) -> Result<Asked, Fault> {
    let begin: Begin = body(json!({"cipher_key": asking.text()}));
    ready(zkp.challenge(call(scope, held, begin)))
}

fn answers(
    zkp: &Zkp,
    scope: &Scope,
    held: &[Held<Credential>],
    state: State,
    answer: Value,
) -> Result<Verdict<Prompt, State, Credential>, Fault> {
    let answer: Answer = body(answer);
    ready(zkp.verify(call(scope, held, (state, answer))))
}

/// Why not; `None` for a yes.
fn refusal(verdict: &Verdict<Prompt, State, Credential>) -> Option<Refusal> {
    match &verdict.outcome {
        Outcome::Accepted(_) => None,
        Outcome::Refused(why) => Some(*why),
        _ => panic!("neither yes nor no"),
    }
}

fn invited(
    zkp: &Zkp,
    scope: &Scope,
    held: &[Held<Credential>],
    asking: &Asking,
) -> Result<Invitation, Fault> {
    let invite: Invite = body(json!({"cipher_key": asking.text()}));
    ready(zkp.invite(call(scope, held, invite))).map(|asked| asked.prompt)
}

fn enrols(
    zkp: &Zkp,
    scope: &Scope,
    held: &[Held<Credential>],
    proof: Value,
) -> Result<Result<Credential, String>, Fault> {
    let proof: Proof = body(proof);
    Ok(match ready(zkp.enrol(call(scope, held, (Nothing {}, proof))))? {
        Enrolment::Enrolled { credential, label: None, lookup: None, .. } => Ok(credential),
        Enrolment::Rejected(why) => Err(why[0].code.clone()),
        _ => panic!("neither yes nor no"),
    })
}

/// What is kept of somebody who has set this up.
fn kept(zkp: &Zkp, player: &Player) -> Held<Credential> {
    let (scope, asking) = (anna(), Asking::enrol(1));
    let invitation = invited(zkp, &scope, &[], &asking).unwrap();
    held(1, enrols(zkp, &scope, &[], player.commit(&asking, &invitation, "", "")).unwrap().unwrap())
}

fn field(fault: Fault) -> String {
    match fault {
        Fault::BadRequest { field, .. } => field,
        other => panic!("{other}"),
    }
}
