#![allow(clippy::unwrap_used)]

mod attestations;
mod enrolment;
mod login;
mod refusals;
mod settings;
mod vectors;

use crate::{
    Answer, Config, Credential, Invite, Passkey, Prompt, Proof,
    soft::{Key, flag},
};
use gatewright_contract::{
    Authenticator as _, Call, CredentialChange, CredentialId, Enrol as _, Enrolment, Fault, Held, Nothing,
    Outcome, Refusal, Scope, Timestamp, Verdict,
    testing::{self, Desk, ready},
};
use serde_json::{Value, json};
use std::sync::Arc;

const NOON: Timestamp = Timestamp::from_secs(1_772_366_400);
const ORIGIN: &str = "https://id.example.com";

fn made(config: Config) -> Passkey {
    Passkey::new(config, Arc::new(Desk::scattered(NOON))).unwrap()
}

fn passkey() -> Passkey {
    made(Config::default())
}

/// The first step of Anna's login.
fn first() -> Scope {
    testing::scope(NOON, Some("anna@example.com"))
}

/// After her password.
fn second() -> Scope {
    Scope { first: false, ..first() }
}

fn call<'a, B>(scope: &'a Scope, credentials: &'a [Held<Credential>], body: B) -> Call<'a, B, Credential> {
    Call { scope, credentials, body }
}

fn held(n: u8, doc: Credential) -> Held<Credential> {
    Held { id: CredentialId::from_parts(NOON, [n; 10]), label: None, created: NOON, last_used: None, doc }
}

/// Asks to enrol and finishes with what the function makes of the invitation.
fn enrolled(
    passkey: &Passkey,
    others: &[Held<Credential>],
    prove: impl FnOnce(&Value) -> Value,
) -> Result<Enrolment<Credential, Nothing>, Fault> {
    let scope = second();
    let asked = ready(passkey.invite(call(&scope, others, Invite::default())))?;
    let proof = json!({"credential": prove(&serde_json::to_value(&asked.prompt).unwrap())});
    let proof: Proof = serde_json::from_value(proof).unwrap();
    ready(passkey.enrol(call(&scope, others, (asked.state, proof))))
}

/// Anna's passkey, as it is kept.
fn kept(passkey: &Passkey, key: &mut Key) -> Held<Credential> {
    match enrolled(passkey, &[], |invitation| key.register(invitation)).unwrap() {
        Enrolment::Enrolled { credential, .. } => held(1, credential),
        other => panic!("{other:?}"),
    }
}

/// Why an enrolment was refused.
fn rejection(passkey: &Passkey, prove: impl FnOnce(&Value) -> Value) -> String {
    match enrolled(passkey, &[], prove).unwrap() {
        Enrolment::Rejected(broken) => broken[0].code.clone(),
        other => panic!("{other:?}"),
    }
}

/// Asks for a login and answers.
fn answered(
    passkey: &Passkey,
    scope: &Scope,
    credentials: &[Held<Credential>],
    answer: impl FnOnce(&Value) -> Value,
) -> Result<Verdict<Prompt, crate::State, Credential>, Fault> {
    let asked = ready(passkey.challenge(call(scope, credentials, Nothing {})))?;
    let answer = json!({"credential": answer(&serde_json::to_value(&asked.prompt).unwrap())});
    let answer: Answer = serde_json::from_value(answer).unwrap();
    ready(passkey.verify(call(scope, credentials, (asked.state, answer))))
}

/// Why, or nothing when it was a yes.
fn refusal<P, S, C>(verdict: &Verdict<P, S, C>) -> Option<Refusal> {
    match &verdict.outcome {
        Outcome::Refused(why) => Some(*why),
        Outcome::Accepted(_) => None,
        _ => panic!("neither yes nor no"),
    }
}

/// The document after the step.
fn replaced<P, S>(verdict: &Verdict<P, S, Credential>) -> Option<Credential> {
    verdict.effects.credentials.iter().find_map(|change| match change {
        CredentialChange::Replace { doc, .. } => Some(doc.clone()),
        _ => None,
    })
}
