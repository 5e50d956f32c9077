#![doc = include_str!("../README.md")]

mod asked;
mod config;
mod enrol;
mod hash;
mod normal;
mod rhythm;

#[cfg(test)]
mod tests;

pub use config::Config;
pub use enrol::{Chosen, Invitation, Proof};

use gatewright_contract::{
    Authenticator, Call, Challenge, Fault, Host, HostExt as _, Kind, Nothing, Refusal, Secret, Steps, Traits,
    Verdict,
};
use hash::{Cost, Hashed};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use zeroize::Zeroizing;

/// Most answers that are looked at; more than are ever asked for.
const MAX_ANSWERS: usize = 10;

/// Questions that the person has answered before.
pub struct Kba {
    config: Config,
    host: Host,
}

/// What is kept, sealed: questions in clear, answers hashed.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Credential {
    questions: Vec<Answered>,
    /// Places of the questions that are asked until they are answered.
    asked: Vec<usize>,
}

/// A question with its answer.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Answered {
    question: String,
    answer: Hashed,
}

impl Credential {
    /// The questions that are asked now, with their answers.
    fn asked(&self) -> impl Iterator<Item = &Answered> {
        self.asked.iter().filter_map(|at| self.questions.get(*at))
    }
}

/// What the person is asked. All answers must be right.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(example = Prompt { questions: vec![Question::of(&Config::default().questions[0])] })]
pub struct Prompt {
    /// The questions. They stay the same until they are answered.
    pub questions: Vec<Question>,
}

/// A question that is asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// Names it in the answer.
    pub id: String,
    /// The question.
    pub question: String,
}

impl Question {
    fn of(question: &str) -> Self {
        Self { id: asked::id(question), question: question.to_owned() }
    }
}

/// What is kept of a challenge: the ids of the questions, in the order in which they were asked.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct State {
    ids: Vec<String>,
}

/// What the person answers.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(example = json!({"answers": [{"id": "5f0c1d2e3a4b5c6d", "answer": "Rex the second"}]}))]
pub struct Answer {
    /// One for each question.
    #[schemars(length(max = 10))]
    pub answers: Vec<Given>,
}

/// An answer to one question.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Given {
    /// The id that the question came with.
    #[schemars(length(max = 64))]
    pub id: String,
    /// The answer. Case, white space and punctuation don't count.
    #[schemars(length(max = 256))]
    pub answer: Secret<String>,
}

impl Authenticator for Kba {
    const ID: &'static str = "kba";
    const ABOUT: &'static str = include_str!("../README.md");

    type Config = Config;
    type Credential = Credential;
    type Begin = Nothing;
    type Prompt = Prompt;
    type State = State;
    type Answer = Answer;

    fn new(config: Config, host: Host) -> Result<Self, Fault> {
        config.check()?;
        Ok(Self { config, host })
    }

    fn traits(&self) -> Traits {
        Traits {
            amr: vec!["kba".to_owned()],
            kind: Kind::Knowledge,
            phishing_resistant: false,
            many: false,
            single_use: true,
            self_service: true,
            // Only where a tenant's policy names it (OWASP ASVS 5.0, 6.4.2).
            steps: Steps { first: false, second: false, fallback: false },
        }
    }

    async fn challenge(
        &self,
        call: Call<'_, Nothing, Credential>,
    ) -> Result<Challenge<Prompt, State, Credential>, Fault> {
        let questions: Vec<Question> = match call.credentials.first() {
            Some(held) => held.doc.asked().map(|a| Question::of(&a.question)).collect(),
            None => {
                let decoys = asked::decoy(&self.config, &call.scope.pseudonym, call.scope.now);
                decoys.iter().map(|question| Question::of(question)).collect()
            }
        };
        let ids = questions.iter().map(|q| q.id.clone()).collect();
        Ok(Challenge::new(Prompt { questions }, State { ids }))
    }

    async fn verify(
        &self,
        call: Call<'_, (State, Answer), Credential>,
    ) -> Result<Verdict<Prompt, State, Credential>, Fault> {
        let (State { ids }, Answer { answers }) = call.body;
        let held = call.credentials.first();
        let due: Vec<String> =
            held.map_or_else(|| ids.clone(), |h| h.doc.asked().map(|a| asked::id(&a.question)).collect());
        let work = self.to_compare(held.map(|h| &h.doc), &due, &answers);
        let right = self.host.cpu(move || all_right(&work)).await??;
        let Some(held) = held else { return Ok(Verdict::refused(Refusal::NotEnrolled)) };
        if due != ids {
            // Answered in another login since they were asked, or set up anew.
            return Ok(Verdict::refused(Refusal::Replayed));
        }
        Ok(match right && answers.len() == due.len() {
            true => Verdict::accepted(held.id).replacing(held.id, self.answered(&held.doc)?),
            false => Verdict::refused(Refusal::Wrong),
        })
    }

    fn describe(credential: &Credential) -> Value {
        json!({"questions": credential.questions.len()})
    }
}

impl Kba {
    /// For each question that is due its hash and what was said to it: as many as a login asks, whoever it is.
    fn to_compare(
        &self,
        doc: Option<&Credential>,
        due: &[String],
        given: &[Given],
    ) -> Vec<(Hashed, Zeroizing<String>)> {
        let nobody = Hashed::nobody(Cost::of(&self.config));
        let said = |id: &String| {
            let mut to_it = given.iter().take(MAX_ANSWERS).filter(|g| g.id == *id);
            match (to_it.next(), to_it.next()) {
                (Some(one), None) => normal::answer(one.answer.expose()),
                // Two answers to one question are none.
                _ => Zeroizing::new(String::new()),
            }
        };
        let hashes: Vec<Hashed> = match doc {
            Some(doc) => doc.asked().map(|a| a.answer.clone()).collect(),
            None => vec![nobody; due.len()],
        };
        hashes.into_iter().zip(due.iter().map(said)).collect()
    }

    /// The same after a right answer: other questions are asked.
    fn answered(&self, doc: &Credential) -> Result<Credential, Fault> {
        let asked = asked::draw(&self.host, doc.questions.len(), self.config.challenge_questions)?;
        Ok(Credential { asked, ..doc.clone() })
    }
}

/// All are compared, whichever is wrong. No questions are no proof.
fn all_right(work: &[(Hashed, Zeroizing<String>)]) -> Result<bool, Fault> {
    let mut right = !work.is_empty();
    for (hash, said) in work {
        right &= hash.is(said)? & !said.is_empty();
    }
    Ok(right)
}

gatewright_contract::register_authenticator!(Kba: enrol, rehearse);
