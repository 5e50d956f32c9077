//! `rounds`: two questions, one after the other. The shape of everything that takes several rounds.

use super::prelude::*;

pub fn registration() -> Registration {
    gatewright_contract::registration!(Rounds: enrol, rehearse)
}

pub struct Rounds;

#[derive(Serialize, Deserialize, JsonSchema)]
pub struct Prompt {
    /// 1 or 2.
    pub round: u8,
}

/// Whether the first word was right is known only here: whoever asks is told after the second.
#[derive(Serialize, Deserialize)]
pub struct State {
    round: u8,
    right: bool,
}

#[derive(Deserialize, JsonSchema)]
#[schemars(example = json!({"word": "north"}))]
pub struct Answer {
    pub word: Secret<String>,
}

#[derive(Deserialize, JsonSchema)]
#[schemars(example = json!({"first": "north", "second": "south"}))]
pub struct Chosen {
    pub first: Secret<String>,
    pub second: Secret<String>,
}

#[derive(Serialize, Deserialize)]
pub struct Words {
    #[serde(with = "in_sealed_document")]
    first: Secret<String>,
    #[serde(with = "in_sealed_document")]
    second: Secret<String>,
}

impl Authenticator for Rounds {
    const ID: &'static str = "rounds";
    const ABOUT: &'static str = "# rounds\n\nTwo questions, one after the other. For tests.";
    type Config = Nothing;
    type Credential = Words;
    type Begin = Nothing;
    type Prompt = Prompt;
    type State = State;
    type Answer = Answer;

    fn new(_: Nothing, _: Host) -> Result<Self, Fault> {
        Ok(Self)
    }

    fn traits(&self) -> Traits {
        let steps = Steps { first: true, second: false, fallback: false };
        Traits { single_use: false, steps, ..second(&["kba"], Kind::Knowledge) }
    }

    async fn challenge(&self, _: Call<'_, Nothing, Words>) -> Result<Challenge<Prompt, State, Words>, Fault> {
        Ok(Challenge::new(Prompt { round: 1 }, State { round: 1, right: false }))
    }

    async fn verify(
        &self,
        call: Call<'_, (State, Answer), Words>,
    ) -> Result<Verdict<Prompt, State, Words>, Fault> {
        let (state, Answer { word }) = call.body;
        let held = call.credentials.first();
        if state.round == 1 {
            let right = held.is_some_and(|h| h.doc.first == word);
            return Ok(Verdict::go_on(Prompt { round: 2 }, State { round: 2, right }));
        }
        Ok(match held {
            Some(held) if state.right && held.doc.second == word => Verdict::accepted(held.id),
            Some(_) => Verdict::refused(Refusal::Wrong),
            None => Verdict::refused(Refusal::NotEnrolled),
        })
    }
}

impl Enrol for Rounds {
    type Invite = Nothing;
    type Invitation = Nothing;
    type Draft = Nothing;
    type Proof = Chosen;
    type Reveal = Nothing;

    async fn invite(&self, _: Call<'_, Nothing, Words>) -> Result<Challenge<Nothing, Nothing, Words>, Fault> {
        Ok(Challenge::new(Nothing {}, Nothing {}))
    }

    async fn enrol(
        &self,
        call: Call<'_, (Nothing, Chosen), Words>,
    ) -> Result<Enrolment<Words, Nothing>, Fault> {
        let (_, Chosen { first, second }) = call.body;
        Ok(Enrolment::Enrolled {
            credential: Words { first, second },
            label: None,
            lookup: None,
            reveal: Nothing {},
        })
    }
}

impl Rehearse for Rounds {
    fn prove(_: &Nothing, _: Timestamp) -> Value {
        json!({"first": "north", "second": "south"})
    }

    fn answer(_: &Nothing, _: &Nothing, prompt: &Value, _: Timestamp, _: usize) -> Option<Value> {
        Some(json!({"word": if prompt["round"] == 2 { "south" } else { "north" }}))
    }
}
