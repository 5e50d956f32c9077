//! `mailed`: a code comes by mail. What the outbox is tried with; not one of the shapes, since it needs a channel.

use super::prelude::*;
use gatewright_contract::Message;

/// For so long the code is good.
pub const GOOD_FOR: Duration = Duration::from_secs(300);

pub fn registration() -> Registration {
    gatewright_contract::registration!(Mailed: enrol)
}

pub struct Mailed(Host);

#[derive(Clone, Serialize, Deserialize)]
pub struct Asked {
    code: String,
}

#[derive(Deserialize, JsonSchema)]
pub struct Answer {
    /// From the mail.
    pub code: String,
}

#[derive(Serialize, Deserialize, JsonSchema)]
#[schemars(example = json!({"address": "ada@example.org"}))]
pub struct Address {
    /// Where the codes go.
    pub address: String,
}

impl Mailed {
    fn ask(&self, to: Option<&str>) -> Result<Challenge<Nothing, Asked, Address>, Fault> {
        let code = token(&self.0)?;
        let message = match to {
            None => Message::nobody("smtp", "otp", GOOD_FOR),
            Some(to) => Message {
                channel: "smtp".to_owned(),
                to: Secret::new(to.to_owned()),
                template: "otp".to_owned(),
                values: vec![("code".to_owned(), Secret::new(code.clone()))],
                expires_in: GOOD_FOR,
            },
        };
        let effects = Effects { send: vec![message], ..Effects::none() };
        Ok(Challenge { effects, ..Challenge::new(Nothing {}, Asked { code }) })
    }
}

impl Authenticator for Mailed {
    const ID: &'static str = "mailed";
    const ABOUT: &'static str = "# mailed\n\nA code by mail. For tests.";
    type Config = Nothing;
    type Credential = Address;
    type Begin = Nothing;
    type Prompt = Nothing;
    type State = Asked;
    type Answer = Answer;

    fn new(_: Nothing, host: Host) -> Result<Self, Fault> {
        Ok(Self(host))
    }

    fn traits(&self) -> Traits {
        let steps = Steps { first: true, second: false, fallback: false };
        Traits { steps, ..second(&["otp"], Kind::Possession) }
    }

    async fn challenge(
        &self,
        call: Call<'_, Nothing, Address>,
    ) -> Result<Challenge<Nothing, Asked, Address>, Fault> {
        self.ask(call.credentials.first().map(|held| held.doc.address.as_str()))
    }

    async fn verify(
        &self,
        call: Call<'_, (Asked, Answer), Address>,
    ) -> Result<Verdict<Nothing, Asked, Address>, Fault> {
        let (asked, answer) = call.body;
        Ok(match call.credentials.first() {
            Some(held) if asked.code == answer.code => Verdict::accepted(held.id),
            Some(_) => Verdict::refused(Refusal::Wrong),
            None => Verdict::refused(Refusal::NotEnrolled),
        })
    }
}

impl Enrol for Mailed {
    type Invite = Address;
    type Invitation = Nothing;
    type Draft = Draft;
    type Proof = Answer;
    type Reveal = Nothing;

    async fn invite(
        &self,
        call: Call<'_, Address, Address>,
    ) -> Result<Challenge<Nothing, Draft, Address>, Fault> {
        let address = call.body.address;
        let asked = self.ask(Some(&address))?;
        let draft = Draft { address, code: asked.state.code };
        Ok(Challenge { effects: asked.effects, ..Challenge::new(Nothing {}, draft) })
    }

    async fn enrol(
        &self,
        call: Call<'_, (Draft, Answer), Address>,
    ) -> Result<Enrolment<Address, Nothing>, Fault> {
        let (Draft { address, code }, answer) = call.body;
        if code != answer.code {
            let violation = Violation { code: "wrong".to_owned(), message: "Not this code.".to_owned() };
            return Ok(Enrolment::Rejected(vec![violation]));
        }
        let credential = Address { address };
        Ok(Enrolment::Enrolled { credential, label: None, lookup: None, reveal: Nothing {} })
    }
}

#[derive(Serialize, Deserialize)]
pub struct Draft {
    address: String,
    code: String,
}
