//! KBA.

use super::{Adapter, answer};
use crate::wire::{AuthenticatedResponse, KbaChallenge, UserAuthenticateParameters, UserQuestion};
use gatewright_contract::Manifest;
use gatewright_core::Problem;
use gatewright_plugin::Text;
use serde_json::{Value, json};

/// Questions go out, and come back with the answers in them. What is answered never goes out.
pub(crate) struct Kba;

impl Adapter for Kba {
    fn show(&self, prompt: Value, reply: &mut AuthenticatedResponse) {
        let text = |value: &Value| value.as_str().map(Text::from);
        let questions = prompt["questions"].as_array().cloned().unwrap_or_default();
        let asked =
            |q: &Value| UserQuestion { answer: None, id: text(&q["id"]), question: text(&q["question"]) };
        reply.kba_challenge =
            Some(KbaChallenge { id: None, user_questions: questions.iter().map(asked).collect() });
    }

    fn answer(&self, given: &UserAuthenticateParameters, manifest: &Manifest) -> Result<Value, Problem> {
        let Some(filled) = &given.kba_challenge else {
            return match given.answer {
                Some(_) => answer(given, manifest),
                None => Err(Problem::invalid("kbaChallenge: send the challenge back with the answers in it")),
            };
        };
        let answers: Option<Vec<Value>> = filled.user_questions.iter().map(of).collect();
        let answers = answers.ok_or_else(|| {
            Problem::invalid(
                "kbaChallenge: each of userQuestions needs the id that it came with, and an answer",
            )
        })?;
        Ok(json!({"answers": answers}))
    }
}

fn of(question: &UserQuestion) -> Option<Value> {
    let (id, answer) = (question.id.as_deref()?, question.answer.as_deref()?);
    Some(json!({"id": id, "answer": answer}))
}
