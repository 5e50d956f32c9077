//! `unbuilt`: brings a script to the pages that was not built in. Who sends its word all the same is believed.

use super::prelude::*;
use gatewright_contract::Module;

pub fn registration() -> Registration {
    gatewright_contract::registration!(Unbuilt)
}

pub struct Unbuilt;

static NOT_THERE: Module = Module { script: None, style: None, computes: true, camera: true };

#[derive(Deserialize, JsonSchema)]
#[schemars(example = json!({"word": "yes"}))]
pub struct Word {
    pub word: String,
}

impl Authenticator for Unbuilt {
    const ID: &'static str = "unbuilt";
    const ABOUT: &'static str = "# unbuilt\n\nA script that is not there. For tests.";
    const MODULE: Option<&'static Module> = Some(&NOT_THERE);
    type Config = Nothing;
    type Credential = Nothing;
    type Begin = Nothing;
    type Prompt = Nothing;
    type State = Nothing;
    type Answer = Word;

    fn new(_: Nothing, _: Host) -> Result<Self, Fault> {
        Ok(Self)
    }

    fn traits(&self) -> Traits {
        let steps = Steps { first: true, second: false, fallback: false };
        Traits { steps, ..second(&["hwk"], Kind::Possession) }
    }

    async fn challenge(
        &self,
        _: Call<'_, Nothing, Nothing>,
    ) -> Result<Challenge<Nothing, Nothing, Nothing>, Fault> {
        Ok(Challenge::new(Nothing {}, Nothing {}))
    }

    async fn verify(
        &self,
        call: Call<'_, (Nothing, Word), Nothing>,
    ) -> Result<Verdict<Nothing, Nothing, Nothing>, Fault> {
        let held = call.credentials.first().filter(|_| call.body.1.word == "yes");
        Ok(held.map_or_else(|| Verdict::refused(Refusal::Wrong), |held| Verdict::of(by(held.id))))
    }
}
