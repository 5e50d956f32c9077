//! An authenticator that costs nothing: what a step takes with it is what the frame takes.
#![allow(dead_code, reason = "each bench uses a part")]

use gatewright_contract::{
    Authenticator, Call, Challenge, Enrol, Enrolment, Fault, Host, Kind, Nothing, Refusal, Registration,
    Steps, Traits, Verdict, registration,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The word that every person chooses.
pub(crate) const WORD: &str = "open-sesame";

/// Compares two words.
pub(crate) struct Cheap;

/// A word: what is kept between the steps, what is stored and what is answered.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "CheapWord", example = Word { word: WORD.to_owned() })]
pub(crate) struct Word {
    /// The word.
    pub(crate) word: String,
}

/// To be linked by hand.
pub(crate) fn registration() -> Registration {
    registration!(Cheap: enrol)
}

impl Authenticator for Cheap {
    const ID: &'static str = "cheap";
    const ABOUT: &'static str = "A word that is compared, for benches.";
    type Config = Nothing;
    type Credential = Word;
    type Begin = Nothing;
    type Prompt = Nothing;
    type State = Nothing;
    type Answer = Word;

    fn new(_: Nothing, _: Host) -> Result<Self, Fault> {
        Ok(Self)
    }

    fn traits(&self) -> Traits {
        let steps = Steps { first: true, second: false, fallback: false };
        let amr = vec!["kba".to_owned()];
        Traits {
            amr,
            kind: Kind::Knowledge,
            phishing_resistant: false,
            many: false,
            single_use: false,
            self_service: true,
            steps,
        }
    }

    async fn challenge(
        &self,
        _: Call<'_, Nothing, Word>,
    ) -> Result<Challenge<Nothing, Nothing, Word>, Fault> {
        // Nothing is shown, so it may be answered without having been asked, like a password.
        Ok(Challenge::new(Nothing {}, Nothing {}))
    }

    async fn verify(
        &self,
        call: Call<'_, (Nothing, Word), Word>,
    ) -> Result<Verdict<Nothing, Nothing, Word>, Fault> {
        Ok(match call.credentials.first() {
            Some(held) if held.doc.word == call.body.1.word => Verdict::accepted(held.id),
            Some(_) => Verdict::refused(Refusal::Wrong),
            None => Verdict::refused(Refusal::NotEnrolled),
        })
    }
}

impl Enrol for Cheap {
    type Invite = Nothing;
    type Invitation = Nothing;
    type Draft = Nothing;
    type Proof = Word;
    type Reveal = Nothing;

    async fn invite(&self, _: Call<'_, Nothing, Word>) -> Result<Challenge<Nothing, Nothing, Word>, Fault> {
        Ok(Challenge::new(Nothing {}, Nothing {}))
    }

    async fn enrol(&self, call: Call<'_, (Nothing, Word), Word>) -> Result<Enrolment<Word, Nothing>, Fault> {
        Ok(Enrolment::Enrolled { credential: call.body.1, label: None, lookup: None, reveal: Nothing {} })
    }
}
