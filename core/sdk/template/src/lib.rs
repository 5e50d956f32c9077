#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

//! The order of this file: what goes over the wire, what is stored, the two steps of a login, the enrolment, how a
//! person would act. `tests.rs` plays the host.

#[cfg(test)]
mod tests;

use gatewright_sdk::{
    Authenticator, Call, Challenge, Enrol, Enrolment, Fault, Held, Host, HostExt, Kind, Nothing, Refusal,
    Rehearse, Scope, Secret, Steps, Timestamp, Traits, Verdict, export_authenticator, in_sealed_document,
    serde_json::{Value, json},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::time::Duration;
use subtle::ConstantTimeEq;

/// Codes on a sheet.
const CODES: usize = 10;
/// Digits of a code.
const DIGITS: usize = 8;

/// Ten printed codes, each good once. The person is asked for the code at one position.
pub struct {{Type}} {
    config: Config,
    host: Host,
}

/// The table `[plugins.{{name}}]`. Its fields and comments are the documentation of the keys, and the check.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// How long the person may take to answer, in seconds.
    #[schemars(range(min = 30, max = 3600))]
    pub answer_seconds: u16,
}

impl Default for Config {
    fn default() -> Self {
        Self { answer_seconds: 300 }
    }
}

/// What the person is shown, and what is kept until the answer comes.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(example = Position { position: 3 })]
pub struct Position {
    /// Which code of the sheet is asked for, from 1.
    #[schemars(range(min = 1, max = 10))]
    pub position: usize,
}

/// What the person answers.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(example = json!({"code": "27182818"}))]
pub struct Answer {
    /// The code at that position, 8 digits.
    #[schemars(regex(pattern = r"^[0-9]{8}$"))]
    pub code: Secret<String>,
}

/// What is shown exactly once, when the sheet has been made.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
#[schemars(example = Reveal::example())]
pub struct Reveal {
    /// The codes by their position, to be printed. They are not shown again.
    #[schemars(length(min = 10, max = 10))]
    pub codes: Vec<String>,
}

impl Reveal {
    fn example() -> Self {
        let codes = (0..CODES).map(|n| format!("2718281{n}")).collect();
        Self { codes }
    }
}

/// What is stored of an enrolled person. The host seals it; hashes would buy nothing, since all codes of eight digits
/// are tried in a second.
#[derive(Debug, Serialize, Deserialize)]
pub struct Sheet {
    /// By position; `None` for a code that has been used.
    codes: Vec<Option<Code>>,
}

/// A code. It can't be printed, and goes into JSON in a sealed document only.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Code {
    #[serde(with = "in_sealed_document")]
    digits: Secret<String>,
}

impl Code {
    /// A code that is as likely as every other: of 32 random bits, what is above a multiple of 10^8 is drawn again.
    fn draw(host: &Host) -> Result<Self, Fault> {
        loop {
            let number = u32::from_le_bytes(host.random_array()?);
            if number < 4_200_000_000 {
                let digits = Secret::new(format!("{:08}", number % 100_000_000));
                return Ok(Self { digits });
            }
        }
    }

    /// What nobody's answer is held against: it is no code.
    fn nobodys() -> Self {
        Self { digits: Secret::new("-".repeat(DIGITS)) }
    }

    /// Takes as long for a wrong code as for a right one.
    fn is(&self, answer: &str) -> bool {
        self.digits.expose().as_bytes().ct_eq(answer.as_bytes()).into()
    }
}

impl Sheet {
    fn left(&self) -> usize {
        self.codes.iter().flatten().count()
    }

    fn code(&self, position: usize) -> Option<&Code> {
        self.codes.get(position.checked_sub(1)?)?.as_ref()
    }

    /// The sheet after this code has been used.
    fn without(&self, position: usize) -> Self {
        let keep = |(i, code): (usize, &Option<Code>)| code.clone().filter(|_| i + 1 != position);
        Self { codes: self.codes.iter().enumerate().map(keep).collect() }
    }
}

/// Which code is asked for: the first that is there, counted from a place that the claimed name decides. For nobody,
/// and where none is left, it is that place itself: nobody is shown what somebody is shown.
fn position(scope: &Scope, held: Option<&Held<Sheet>>) -> usize {
    let place = usize::from(scope.pseudonym.0[0]) % CODES;
    let there = |position: &usize| held.is_some_and(|held| held.doc.code(*position).is_some());
    (0..CODES).map(|i| (place + i) % CODES + 1).find(there).unwrap_or(place + 1)
}

impl Authenticator for {{Type}} {
    const ID: &'static str = "{{name}}";
    const ABOUT: &'static str = include_str!("../README.md");
    /// What is not named here, the host refuses: `kv`, `random`, `log`, `http:HOST`, `send:CHANNEL`.
    const NEEDS: &'static [&'static str] = &["random"];

    type Config = Config;
    type Credential = Sheet;
    type Begin = Nothing;
    type Prompt = Position;
    type State = Position;
    type Answer = Answer;

    fn new(config: Config, host: Host) -> Result<Self, Fault> {
        Ok(Self { config, host })
    }

    fn traits(&self) -> Traits {
        Traits {
            // RFC 8176: a password that is used only once.
            amr: vec!["otp".to_owned()],
            // A look-up secret is something you have (NIST SP 800-63B-4, section 3.1.2).
            kind: Kind::Possession,
            phishing_resistant: false,
            many: false,
            single_use: true,
            self_service: true,
            steps: Steps { first: false, second: true, fallback: false },
        }
    }

    async fn challenge(
        &self,
        call: Call<'_, Nothing, Sheet>,
    ) -> Result<Challenge<Position, Position, Sheet>, Fault> {
        let asked = Position { position: position(call.scope, call.credentials.first()) };
        let expires_in = Some(Duration::from_secs(self.config.answer_seconds.into()));
        Ok(Challenge { expires_in, ..Challenge::new(asked.clone(), asked) })
    }

    async fn verify(
        &self,
        call: Call<'_, (Position, Answer), Sheet>,
    ) -> Result<Verdict<Position, Position, Sheet>, Fault> {
        let (Position { position }, Answer { code }) = call.body;
        // Nobody's answer is compared like somebody's.
        let held = call.credentials.first();
        let right = held.and_then(|held| held.doc.code(position));
        let same = right.unwrap_or(&Code::nobodys()).is(code.expose());
        Ok(match (held, right) {
            // In one step with the yes: of two answers at the same moment the host takes one, and asks anew for the other.
            (Some(held), Some(_)) if same => {
                Verdict::accepted(held.id).replacing(held.id, held.doc.without(position))
            }
            (Some(_), Some(_)) => Verdict::refused(Refusal::Wrong),
            (Some(held), None) if held.doc.left() > 0 => Verdict::refused(Refusal::Replayed),
            _ => Verdict::refused(Refusal::NotEnrolled),
        })
    }

    fn describe(sheet: &Sheet) -> Value {
        json!({"left": sheet.left()})
    }
}

impl Enrol for {{Type}} {
    type Invite = Nothing;
    type Invitation = Nothing;
    type Draft = Nothing;
    type Proof = Nothing;
    type Reveal = Reveal;

    async fn invite(&self, _: Call<'_, Nothing, Sheet>) -> Result<Challenge<Nothing, Nothing, Sheet>, Fault> {
        Ok(Challenge::new(Nothing {}, Nothing {}))
    }

    /// The host puts the new sheet in the place of the old one: no old code works after it.
    async fn enrol(&self, _: Call<'_, (Nothing, Nothing), Sheet>) -> Result<Enrolment<Sheet, Reveal>, Fault> {
        let codes = (0..CODES).map(|_| Code::draw(&self.host)).collect::<Result<Vec<_>, _>>()?;
        let reveal = Reveal { codes: codes.iter().map(|c| c.digits.expose().clone()).collect() };
        let credential = Sheet { codes: codes.into_iter().map(Some).collect() };
        Ok(Enrolment::Enrolled { credential, label: None, lookup: None, reveal })
    }
}

/// How a person would act, so that the host's own tests can log in: by what was shown, never by the document.
impl Rehearse for {{Type}} {
    fn prove(_: &Nothing, _: Timestamp) -> Value {
        json!({})
    }

    fn answer(_: &Nothing, reveal: &Reveal, prompt: &Value, _: Timestamp, _: usize) -> Option<Value> {
        let position = usize::try_from(prompt["position"].as_u64()?).ok()?;
        Some(json!({"code": reveal.codes.get(position.checked_sub(1)?)?}))
    }
}

export_authenticator!({{Type}}: enrol, rehearse);
