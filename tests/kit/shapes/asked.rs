//! `asked`: whoever is asked learns something of the person. The shape of what evaluates under a key: asking is the try.

use super::prelude::*;
use gatewright_contract::Keypad;
use std::{future::poll_fn, task::Poll};

pub fn registration() -> Registration {
    gatewright_contract::registration!(Asked: enrol)
}

pub struct Asked(Host);

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(example = json!({}))]
pub struct Begin {
    /// Fails: `bad` as a mistake of who asks, `down` as something that does not answer.
    #[serde(default)]
    pub fails: Option<String>,
}

/// The same for everybody, whether they are there or not.
#[derive(Serialize, Deserialize, JsonSchema)]
pub struct Prompt {
    /// Names the challenge.
    pub ticket: String,
    /// The person's own; for who has nothing one that is made up, the same each time.
    pub hint: String,
}

#[derive(Deserialize, JsonSchema)]
#[schemars(example = json!({"word": "north"}))]
pub struct Answer {
    /// What was chosen; `more` asks for another round.
    pub word: Secret<String>,
}

#[derive(Clone, Serialize, Deserialize)]
pub struct Word {
    hint: String,
    #[serde(with = "in_sealed_document")]
    word: Secret<String>,
}

impl Authenticator for Asked {
    const ID: &'static str = "asked";
    const ABOUT: &'static str = "# asked\n\nA word, and a hint that is worth a guess. For tests.";
    const ASKING_COUNTS: bool = true;
    type Config = Nothing;
    type Credential = Word;
    type Begin = Begin;
    type Prompt = Prompt;
    type State = Nothing;
    type Answer = Answer;

    fn new(_: Nothing, host: Host) -> Result<Self, Fault> {
        Ok(Self(host))
    }

    fn traits(&self) -> Traits {
        let steps = Steps { first: true, second: false, fallback: false };
        Traits { steps, ..second(&["pin"], Kind::Knowledge) }
    }

    async fn challenge(
        &self,
        call: Call<'_, Begin, Word>,
    ) -> Result<Challenge<Prompt, Nothing, Word>, Fault> {
        match call.body.fails.as_deref() {
            Some("bad") => return Err(Fault::bad_request("fails", "as was asked")),
            Some(_) => return Err(Fault::unavailable("what evaluates")),
            None => {}
        }
        let made_up = || data_encoding::HEXLOWER.encode(&call.scope.pseudonym.0[..16]);
        let hint = call.credentials.first().map_or_else(made_up, |held| held.doc.hint.clone());
        let ticket = token(&self.0)?;
        let wake = Some(LookupKey(ticket.clone()));
        let expires_in = Some(Duration::from_secs(120));
        Ok(Challenge { wake, expires_in, ..Challenge::new(Prompt { ticket, hint }, Nothing {}) })
    }

    async fn verify(
        &self,
        call: Call<'_, (Nothing, Answer), Word>,
    ) -> Result<Verdict<Prompt, Nothing, Word>, Fault> {
        let (_, Answer { word }) = call.body;
        // As long as a signature takes, others come in between.
        yield_once().await;
        if word.expose() == "more" {
            let prompt = Prompt { ticket: String::new(), hint: String::new() };
            return Ok(Verdict::go_on(prompt, Nothing {}));
        }
        Ok(match call.credentials.first() {
            Some(held) if held.doc.word == word => Verdict::accepted(held.id),
            Some(_) => Verdict::refused(Refusal::Wrong),
            None => Verdict::refused(Refusal::NotEnrolled),
        })
    }

    fn misfits(&self, keypad: &Keypad) -> Vec<Violation> {
        let weak = keypad.pin == Some(3) && keypad.pattern.is_none();
        let message = "A PIN of 3 digits alone is guessed.".to_owned();
        weak.then(|| Violation { code: "pin_size".to_owned(), message }).into_iter().collect()
    }
}

impl Enrol for Asked {
    type Invite = Nothing;
    type Invitation = Nothing;
    type Draft = Nothing;
    type Proof = Answer;
    type Reveal = Nothing;

    async fn invite(&self, _: Call<'_, Nothing, Word>) -> Result<Challenge<Nothing, Nothing, Word>, Fault> {
        Ok(Challenge::new(Nothing {}, Nothing {}))
    }

    async fn enrol(
        &self,
        call: Call<'_, (Nothing, Answer), Word>,
    ) -> Result<Enrolment<Word, Nothing>, Fault> {
        let credential = Word { hint: token(&self.0)?, word: call.body.1.word };
        Ok(Enrolment::Enrolled { credential, label: None, lookup: None, reveal: Nothing {} })
    }
}

async fn yield_once() {
    let mut yielded = false;
    poll_fn(|context| match std::mem::replace(&mut yielded, true) {
        true => Poll::Ready(()),
        false => {
            context.waker().wake_by_ref();
            Poll::Pending
        }
    })
    .await;
}
