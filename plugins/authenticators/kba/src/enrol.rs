//! Choosing questions and answering them for the first time.

use crate::{
    Answered, Config, Credential, Kba, MAX_ANSWERS, asked,
    config::QUESTION_CHARS,
    hash::{Cost, Hashed, SALT_BYTES},
    normal::{self, MAX_ANSWER_BYTES},
};
use gatewright_contract::{
    Call, Challenge, Enrol, Enrolment, Fault, HostExt as _, Nothing, Rehearse, Secret, Timestamp, Violation,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use zeroize::Zeroizing;

/// What there is to choose from, and the rules.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(example = Invitation::of(&Config::default()))]
pub struct Invitation {
    /// The questions to choose from.
    pub questions: Vec<String>,
    /// Fewest that must be answered; at most 10 can be.
    pub choose: u8,
    /// Whether other questions than these may be sent.
    pub own_questions: bool,
    /// Fewest letters and digits of an answer.
    pub min_characters: u8,
}

impl Invitation {
    fn of(config: &Config) -> Self {
        Self {
            questions: config.questions.clone(),
            choose: config.enrol_questions,
            own_questions: config.own_questions,
            min_characters: config.min_characters,
        }
    }
}

/// The chosen questions with their answers.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(example = rehearsed(&Config::default().questions, 5))]
pub struct Proof {
    /// As many as must be answered, or more.
    #[schemars(length(max = 10))]
    pub answers: Vec<Chosen>,
}

/// A question with its answer.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Chosen {
    /// The question, as it stands in the list; or one of one's own, of 10 to 200 characters, where that is allowed.
    #[schemars(length(max = 200))]
    pub question: String,
    /// The answer, at most 256 bytes.
    #[schemars(length(max = 256))]
    pub answer: Secret<String>,
}

impl Enrol for Kba {
    type Invite = Nothing;
    type Invitation = Invitation;
    type Draft = Nothing;
    type Proof = Proof;
    type Reveal = Nothing;

    async fn invite(
        &self,
        _: Call<'_, Nothing, Credential>,
    ) -> Result<Challenge<Invitation, Nothing, Credential>, Fault> {
        Ok(Challenge::new(Invitation::of(&self.config), Nothing {}))
    }

    /// The host puts the new answers in the place of the old ones.
    async fn enrol(
        &self,
        call: Call<'_, (Nothing, Proof), Credential>,
    ) -> Result<Enrolment<Credential, Nothing>, Fault> {
        let chosen = match check(&self.config, &call.body.1.answers) {
            Ok(chosen) => chosen,
            Err(violations) => return Ok(Enrolment::Rejected(violations)),
        };
        let cost = Cost::of(&self.config);
        let mut work = Vec::with_capacity(chosen.len());
        for (question, answer) in chosen {
            work.push((question, answer, self.host.random_array::<SALT_BYTES>()?));
        }
        let hashed = self.host.cpu(move || {
            let hash = |(question, answer, salt): (String, Zeroizing<String>, _)| {
                Ok(Answered { question, answer: Hashed::new(&answer, salt, cost)? })
            };
            work.into_iter().map(hash).collect::<Result<Vec<_>, Fault>>()
        });
        let questions = hashed.await??;
        let asked = asked::draw(&self.host, questions.len(), self.config.challenge_questions)?;
        let credential = Credential { questions, asked };
        Ok(Enrolment::Enrolled { credential, label: None, lookup: None, reveal: Nothing {} })
    }
}

/// The questions with the compared forms of their answers, or every rule that is broken. No message repeats an answer.
fn check(config: &Config, given: &[Chosen]) -> Result<Vec<(String, Zeroizing<String>)>, Vec<Violation>> {
    let mut broken: Vec<Violation> = Vec::new();
    let mut rule = |code: &str, message: String| {
        if broken.iter().all(|v| v.message != message) {
            broken.push(Violation { code: code.to_owned(), message });
        }
    };
    let least = usize::from(config.enrol_questions);
    if given.len() < least {
        rule("too_few", format!("At least {least} questions must be answered."));
    }
    if given.len() > MAX_ANSWERS {
        rule("too_many", format!("At most {MAX_ANSWERS} questions can be answered."));
    }
    let mut chosen: Vec<(String, Zeroizing<String>)> = Vec::new();
    for (at, Chosen { question, answer }) in given.iter().take(MAX_ANSWERS).enumerate() {
        let (number, question) = (at + 1, question.trim());
        let listed = config.questions.iter().any(|q| q == question);
        let printable = !question.chars().any(char::is_control);
        if !listed && !config.own_questions {
            rule("unknown_question", format!("Question {number} is not in the list."));
        } else if !QUESTION_CHARS.contains(&question.chars().count()) || !printable {
            rule("question_length", format!("Question {number} must have 10 to 200 printable characters."));
        }
        let (asks, says) = (normal::normal(shortened(question)), normal::answer(answer.expose()));
        if answer.expose().len() > MAX_ANSWER_BYTES {
            rule("too_long", format!("Answer {number} is longer than {MAX_ANSWER_BYTES} bytes."));
        } else if says.chars().count() < usize::from(config.min_characters) {
            let least = config.min_characters;
            rule("too_short", format!("Answer {number} needs at least {least} letters and digits."));
        } else if asks.contains(says.as_str()) {
            rule("in_question", format!("Answer {number} stands in its question."));
        } else if chosen.iter().any(|(_, other)| *other == says) {
            rule("repeated_answer", format!("Answer {number} is given to another question as well."));
        }
        if chosen.iter().any(|(other, _)| normal::normal(other) == asks) {
            rule("repeated_question", format!("Question {number} is there twice."));
        }
        chosen.push((shortened(question).to_owned(), says));
    }
    if broken.is_empty() { Ok(chosen) } else { Err(broken) }
}

/// No more of a question than one may be long, so that what is too long costs no more to look at.
fn shortened(question: &str) -> &str {
    question.char_indices().nth(*QUESTION_CHARS.end()).map_or(question, |(end, _)| &question[..end])
}

/// What the person of the conformance suite says to the questions, in the order of the list.
const REHEARSED: [&str; 10] = [
    "alder grove",
    "birch lane",
    "cedar hill",
    "dogwood inn",
    "elm crescent",
    "fir tree farm",
    "gorse moor",
    "hazel brook",
    "ivy cottage",
    "juniper wharf",
];

fn rehearsed(questions: &[String], count: u8) -> Value {
    let pairs = questions.iter().zip(REHEARSED).take(usize::from(count));
    let answers: Vec<Value> = pairs.map(|(q, a)| json!({"question": q, "answer": a})).collect();
    json!({"answers": answers})
}

impl Rehearse for Kba {
    fn prove(invitation: &Invitation, _: Timestamp) -> Value {
        rehearsed(&invitation.questions, invitation.choose)
    }

    fn answer(invitation: &Invitation, _: &Nothing, prompt: &Value, _: Timestamp, _: usize) -> Option<Value> {
        let said = |asked: &Value| {
            let at = invitation.questions.iter().position(|q| asked["question"] == q.as_str());
            let answer = at.and_then(|at| REHEARSED.get(at)).unwrap_or(&REHEARSED[0]);
            json!({"id": asked["id"], "answer": answer})
        };
        let answers: Vec<Value> = prompt["questions"].as_array()?.iter().map(said).collect();
        Some(json!({"answers": answers}))
    }
}
