//! `edition`: a word that the person has chosen, in several editions of one plugin. What one edition has asked only
//! that one can read, and each has documents of its own version: what meets the wrong one fails loudly.

use super::prelude::*;
use crate::generation::{Generation, made};
use gatewright_contract::{CONTRACT, DynAuthenticator, Erased};
use std::sync::Arc;

/// A ticket that only the first edition can read.
pub const TORN: &str = "torn";

/// The first edition, as what is there when the host starts. Its generation is called `one`.
pub fn registration() -> Registration {
    Registration {
        id: Edition::<1>::ID,
        version: "1.0.0",
        contract: CONTRACT,
        needs: &[],
        config: Registration::config_of::<Edition<1>>,
        make: |config, host| {
            let made = Erased::<Edition<1>>::new("1.0.0", config, host)?;
            Ok(Generation::of(Arc::new(made.enrol().signal()), "one"))
        },
    }
}

/// Edition `N` as a generation of this name.
pub fn generation<const N: u32>(now: Timestamp, name: &str) -> Arc<dyn DynAuthenticator> {
    Generation::of(Arc::new(made::<Edition<N>>(now).enrol().signal()), name)
}

pub struct Edition<const N: u32>(Host);

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Begin {
    /// Whether an event must come before the answer is taken.
    #[serde(default)]
    pub rings: bool,
}

#[derive(Serialize, Deserialize, JsonSchema)]
pub struct Prompt {
    /// Who asks.
    pub edition: u32,
    /// Names the challenge to whoever sends the event.
    pub ticket: String,
}

#[derive(Serialize, Deserialize)]
pub struct State {
    edition: u32,
    /// An event must come, and has.
    rings: bool,
    rung: bool,
}

#[derive(Deserialize, JsonSchema)]
#[schemars(example = json!({"word": "north"}))]
pub struct Answer {
    #[serde(default)]
    pub word: Option<Secret<String>>,
}

#[derive(Deserialize, JsonSchema)]
#[schemars(example = json!({"edition": 1, "ticket": "00"}))]
pub struct Event {
    /// Each edition understands only its own events.
    pub edition: u32,
    pub ticket: String,
}

#[derive(Clone, Serialize, Deserialize)]
pub struct Word {
    edition: u32,
    #[serde(with = "in_sealed_document")]
    word: Secret<String>,
    uses: u32,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Invite {
    /// Whether the old word goes at once.
    #[serde(default)]
    pub afresh: bool,
}

#[derive(Deserialize, JsonSchema)]
#[schemars(example = json!({"word": "north"}))]
pub struct Chosen {
    pub word: Secret<String>,
}

impl<const N: u32> Edition<N> {
    /// What another edition has written must not come here.
    fn must_be_mine(edition: u32, what: &str) -> Result<(), Fault> {
        match edition == N {
            true => Ok(()),
            false => Err(Fault::internal(format!("a {what} of edition {edition} came to edition {N}"))),
        }
    }
}

impl<const N: u32> Authenticator for Edition<N> {
    const ID: &'static str = "edition";
    const ABOUT: &'static str = "# edition\n\nA word, in several editions of one plugin. For tests.";
    const DOCUMENT_VERSION: u32 = N;
    type Config = Nothing;
    type Credential = Word;
    type Begin = Begin;
    type Prompt = Prompt;
    type State = State;
    type Answer = Answer;

    fn new(_: Nothing, host: Host) -> Result<Self, Fault> {
        Ok(Self(host))
    }

    fn traits(&self) -> Traits {
        let steps = Steps { first: true, second: false, fallback: false };
        Traits { single_use: false, steps, ..second(&["kba"], Kind::Knowledge) }
    }

    async fn challenge(&self, call: Call<'_, Begin, Word>) -> Result<Challenge<Prompt, State, Word>, Fault> {
        let ticket = token(&self.0)?;
        let state = State { edition: N, rings: call.body.rings, rung: false };
        let wake = Some(LookupKey(format!("{N}-{ticket}")));
        Ok(Challenge { wake, ..Challenge::new(Prompt { edition: N, ticket }, state) })
    }

    async fn verify(
        &self,
        call: Call<'_, (State, Answer), Word>,
    ) -> Result<Verdict<Prompt, State, Word>, Fault> {
        let (state, Answer { word }) = call.body;
        Self::must_be_mine(state.edition, "state")?;
        let Some(held) = call.credentials.first() else { return Ok(Verdict::refused(Refusal::NotEnrolled)) };
        Self::must_be_mine(held.doc.edition, "document")?;
        if state.rings && !state.rung {
            return Ok(Verdict::pending(state, Duration::from_secs(2)));
        }
        if word.is_none_or(|word| word != held.doc.word) {
            return Ok(Verdict::refused(Refusal::Wrong));
        }
        let used = Word { uses: held.doc.uses + 1, ..held.doc.clone() };
        Ok(Verdict::accepted(held.id).replacing(held.id, used))
    }

    fn describe(doc: &Word) -> Value {
        json!({"edition": doc.edition, "uses": doc.uses})
    }

    fn migrate(from: u32, mut doc: Value) -> Result<Value, Fault> {
        if doc["edition"] != from || doc["uses"].is_null() {
            return Err(Fault::internal("a document of another shape than its version says"));
        }
        doc["edition"] = json!(N);
        Ok(doc)
    }
}

impl<const N: u32> Signal for Edition<N> {
    const SAME_BROWSER: bool = false;
    type Event = Event;

    fn correlate(&self, event: &Event) -> Result<LookupKey, Fault> {
        if event.ticket == TORN && N > 1 {
            return Err(Fault::unavailable("whoever reads torn tickets"));
        }
        match event.edition == N {
            true => Ok(LookupKey(format!("{N}-{}", event.ticket))),
            false => Err(Fault::bad_request("edition", "another edition's")),
        }
    }

    async fn signal(&self, call: Call<'_, (State, Event), Word>) -> Result<Option<State>, Fault> {
        let (state, _) = call.body;
        Self::must_be_mine(state.edition, "state")?;
        Ok(Some(State { rung: true, ..state }))
    }
}

impl<const N: u32> Enrol for Edition<N> {
    type Invite = Invite;
    type Invitation = Nothing;
    type Draft = State;
    type Proof = Chosen;
    type Reveal = Nothing;

    async fn invite(&self, call: Call<'_, Invite, Word>) -> Result<Challenge<Nothing, State, Word>, Fault> {
        let mut asked = Challenge::new(Nothing {}, State { edition: N, rings: false, rung: false });
        if call.body.afresh {
            let gone = call.credentials.iter().map(|held| CredentialChange::Remove { id: held.id });
            asked.effects.credentials.extend(gone);
        }
        Ok(asked)
    }

    async fn enrol(&self, call: Call<'_, (State, Chosen), Word>) -> Result<Enrolment<Word, Nothing>, Fault> {
        let (draft, Chosen { word }) = call.body;
        Self::must_be_mine(draft.edition, "draft")?;
        let credential = Word { edition: N, word, uses: 0 };
        Ok(Enrolment::Enrolled { credential, label: None, lookup: None, reveal: Nothing {} })
    }
}
