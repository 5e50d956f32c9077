#![allow(clippy::unwrap_used)]

mod asked;
mod enrolment;
mod login;
mod settings;

use crate::{Answer, Config, Credential, Given, Invitation, Kba, Prompt, Proof, State};
use gatewright_contract::{
    Authenticator as _, Call, CredentialChange, CredentialId, Enrol as _, Enrolment, Fault, Held, Nothing,
    Outcome, Refusal, Rehearse as _, Scope, Secret, Timestamp, Verdict,
    testing::{self, Desk, ready},
};
use serde_json::{Value, json};
use std::{sync::Arc, time::Duration};

const NOON: Timestamp = Timestamp::from_secs(1_772_366_400);

/// Cheap hashes: what is tested is not how long they take.
fn cheap() -> Config {
    Config { memory_kib: 1024, iterations: 1, ..Config::default() }
}

fn made(config: Config) -> Kba {
    Kba::new(config, Arc::new(Desk::scattered(NOON))).unwrap()
}

fn scope(now: Timestamp) -> Scope {
    testing::scope(now, Some("anna"))
}

fn call<'a, B>(scope: &'a Scope, credentials: &'a [Held<Credential>], body: B) -> Call<'a, B, Credential> {
    Call { scope, credentials, body }
}

fn held(doc: Credential) -> [Held<Credential>; 1] {
    let id = CredentialId::from_parts(NOON, [1; 10]);
    [Held { id, label: None, created: NOON, last_used: None, doc }]
}

impl Kba {
    fn invitation(&self) -> Invitation {
        ready(self.invite(call(&scope(NOON), &[], Nothing {}))).unwrap().prompt
    }

    fn set_up(&self, proof: Value) -> Enrolment<Credential, Nothing> {
        let proof: Proof = serde_json::from_value(proof).unwrap();
        ready(self.enrol(call(&scope(NOON), &[], (Nothing {}, proof)))).unwrap()
    }

    /// Somebody who has answered the first questions of the list.
    fn anna(&self) -> [Held<Credential>; 1] {
        let done = self.set_up(Kba::prove(&self.invitation(), NOON));
        let Enrolment::Enrolled { credential, label: None, lookup: None, .. } = done else {
            panic!("{done:?}")
        };
        held(credential)
    }

    fn ask(&self, scope: &Scope, credentials: &[Held<Credential>]) -> (Prompt, State) {
        let asked = ready(self.challenge(call(scope, credentials, Nothing {}))).unwrap();
        assert!(
            asked.effects.credentials.is_empty() && asked.effects.send.is_empty(),
            "asking changes nothing"
        );
        (asked.prompt, asked.state)
    }

    /// What anna says to a prompt.
    fn right(&self, prompt: &Prompt) -> Vec<(String, String)> {
        let prompt = serde_json::to_value(prompt).unwrap();
        let said = Kba::answer(&self.invitation(), &Nothing {}, &prompt, NOON, 0).unwrap();
        let text = |v: &Value| v.as_str().unwrap().to_owned();
        said["answers"].as_array().unwrap().iter().map(|a| (text(&a["id"]), text(&a["answer"]))).collect()
    }

    fn judge(&self, credentials: &[Held<Credential>], state: &State, said: &[(String, String)]) -> Judged {
        let given =
            |(id, answer): &(String, String)| Given { id: id.clone(), answer: Secret::new(answer.clone()) };
        let answer = Answer { answers: said.iter().map(given).collect() };
        ready(self.verify(call(&scope(NOON), credentials, (state.clone(), answer)))).unwrap()
    }
}

type Judged = Verdict<Prompt, State, Credential>;

/// The answers after a right answer, or why not; a refusal changes nothing.
fn outcome(judged: &Judged) -> Result<Credential, Refusal> {
    match (&judged.outcome, judged.effects.credentials.as_slice()) {
        (Outcome::Accepted(by), [CredentialChange::Replace { id, doc }]) => {
            assert_eq!(by.credential, Some(*id));
            Ok(doc.clone())
        }
        (Outcome::Refused(why), []) => Err(*why),
        other => panic!("{other:?}"),
    }
}

fn refusal(judged: &Judged) -> Option<Refusal> {
    outcome(judged).err()
}
