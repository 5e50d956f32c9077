#![allow(clippy::unwrap_used)]

mod asked;
mod cards;
mod login;
mod paper;
mod settings;

use crate::{Answer, Card, Cell, Config, Grid, Prompt, State};
use gatewright_contract::{
    Authenticator as _, Call, CredentialChange, CredentialId, Fault, Held, Nothing, Outcome, Refusal, Scope,
    Secret, Timestamp, Verdict,
    testing::{self, Desk, ready},
};
use std::{sync::Arc, time::Duration};

const NOON: Timestamp = Timestamp::from_secs(1_772_366_400);

fn after_days(days: u64) -> Timestamp {
    NOON.plus(Duration::from_secs(days * 24 * 60 * 60))
}

fn made(config: Config) -> Grid {
    Grid::new(config, Arc::new(Desk::scattered(NOON))).unwrap()
}

fn scope(now: Timestamp) -> Scope {
    Scope { first: false, ..testing::scope(now, Some("anna")) }
}

fn call<'a, B>(scope: &'a Scope, credentials: &'a [Held<Card>], body: B) -> Call<'a, B, Card> {
    Call { scope, credentials, body }
}

fn held(n: u8, doc: Card) -> Held<Card> {
    let created = NOON.plus(Duration::from_secs(u64::from(n)));
    Held { id: CredentialId::from_parts(NOON, [n; 10]), label: None, created, last_used: None, doc }
}

impl Grid {
    fn card(&self) -> Card {
        Card::new(&self.config, &self.host, NOON).unwrap()
    }

    fn ask(&self, scope: &Scope, credentials: &[Held<Card>]) -> (Prompt, State) {
        let asked = ready(self.challenge(call(scope, credentials, Nothing {}))).unwrap();
        assert!(
            asked.effects.credentials.is_empty() && asked.effects.send.is_empty(),
            "asking changes nothing"
        );
        (asked.prompt, asked.state)
    }

    fn judge(&self, scope: &Scope, credentials: &[Held<Card>], state: &State, typed: &str) -> Judged {
        let answer = Answer { characters: Secret::new(typed.to_owned()) };
        ready(self.verify(call(scope, credentials, (state.clone(), answer)))).unwrap()
    }
}

type Judged = Verdict<Prompt, State, Card>;

/// What stands in the cells.
fn reads(card: &Card, cells: &[Cell]) -> String {
    cells.iter().map(|cell| card.at(*cell).unwrap()).collect()
}

/// The asking card after a right answer and which card it was, or why not; a refusal changes nothing.
fn outcome(judged: &Judged) -> Result<(CredentialId, Card), Refusal> {
    match (&judged.outcome, judged.effects.credentials.as_slice()) {
        (Outcome::Accepted(by), [CredentialChange::Replace { doc, .. }]) => {
            Ok((by.credential.unwrap(), doc.clone()))
        }
        (Outcome::Refused(why), []) => Err(*why),
        other => panic!("{other:?}"),
    }
}

fn refusal(judged: &Judged) -> Option<Refusal> {
    outcome(judged).err()
}
