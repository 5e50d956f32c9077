#![doc = include_str!("../README.md")]

mod config;
mod strike;

use config::{Config, Fault as Wrong, When};
use gatewright_sdk::{
    Authenticator, Call, Challenge, Enrol, Enrolment, Fault, Host, Kind, Nothing, Refusal, Rehearse, Steps,
    Timestamp, Traits, Verdict, export_authenticator,
    serde_json::{Value, json},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Right is `{"code": "right"}`; everything else is by configuration.
pub struct Faulty {
    config: Config,
    host: Host,
}

/// What the person is shown.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(example = Prompt::sound())]
pub struct Prompt {
    /// What to answer.
    #[schemars(with = "String")]
    hint: Value,
}

/// What the person answers.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(example = json!({"code": "right"}))]
pub struct Answer {
    /// `right`.
    #[schemars(length(max = 64))]
    code: String,
}

impl Prompt {
    fn sound() -> Self {
        Self { hint: Value::from("right") }
    }

    fn of(fault: Wrong) -> Self {
        match fault {
            // The schema says text.
            Wrong::OddPrompt => Self { hint: Value::from(7) },
            Wrong::Large => Self { hint: Value::from("x".repeat(2 << 20)) },
            _ => Self::sound(),
        }
    }
}

impl Authenticator for Faulty {
    const ID: &'static str = "fault";
    const ABOUT: &'static str = include_str!("../README.md");
    // `http:127.0.0.1:9`: where nobody listens. What is not here, it asks for nevertheless where the configuration says so.
    const NEEDS: &'static [&'static str] = &["kv", "log", "http:127.0.0.1:9"];

    type Config = Config;
    type Credential = Nothing;
    type Begin = Nothing;
    type Prompt = Prompt;
    type State = Nothing;
    type Answer = Answer;

    fn new(config: Config, host: Host) -> Result<Self, Fault> {
        let it = Self { config, host };
        if let Some(fault) = it.due(When::Create) {
            strike::at_once(fault, &it.config, &it.host)?;
        }
        Ok(it)
    }

    fn traits(&self) -> Traits {
        Traits {
            amr: vec!["otp".to_owned()],
            kind: Kind::Possession,
            phishing_resistant: false,
            many: false,
            single_use: false,
            self_service: true,
            steps: Steps { first: true, second: true, fallback: false },
        }
    }

    async fn challenge(
        &self,
        call: Call<'_, Nothing, Nothing>,
    ) -> Result<Challenge<Prompt, Nothing, Nothing>, Fault> {
        let Some(fault) = self.due(When::Challenge) else {
            return Ok(Challenge::new(Prompt::sound(), Nothing {}));
        };
        strike::in_a_call(fault, &self.config, &self.host, call.scope).await?;
        Ok(Challenge::new(Prompt::of(fault), Nothing {}))
    }

    async fn verify(
        &self,
        call: Call<'_, (Nothing, Answer), Nothing>,
    ) -> Result<Verdict<Prompt, Nothing, Nothing>, Fault> {
        if let Some(fault) = self.due(When::Verify) {
            strike::in_a_call(fault, &self.config, &self.host, call.scope).await?;
            if matches!(fault, Wrong::OddPrompt | Wrong::Large) {
                return Ok(Verdict::go_on(Prompt::of(fault), Nothing {}));
            }
        }
        Ok(match call.credentials.first() {
            Some(held) if call.body.1.code == "right" => Verdict::accepted(held.id),
            Some(_) => Verdict::refused(Refusal::Wrong),
            None => Verdict::refused(Refusal::NotEnrolled),
        })
    }
}

impl Faulty {
    fn due(&self, when: When) -> Option<Wrong> {
        (self.config.when == when && self.config.fault != Wrong::None).then_some(self.config.fault)
    }
}

impl Enrol for Faulty {
    type Invite = Nothing;
    type Invitation = Nothing;
    type Draft = Nothing;
    type Proof = Nothing;
    type Reveal = Nothing;

    async fn invite(
        &self,
        _: Call<'_, Nothing, Nothing>,
    ) -> Result<Challenge<Nothing, Nothing, Nothing>, Fault> {
        Ok(Challenge::new(Nothing {}, Nothing {}))
    }

    async fn enrol(
        &self,
        _: Call<'_, (Nothing, Nothing), Nothing>,
    ) -> Result<Enrolment<Nothing, Nothing>, Fault> {
        Ok(Enrolment::Enrolled { credential: Nothing {}, label: None, lookup: None, reveal: Nothing {} })
    }
}

impl Rehearse for Faulty {
    fn prove(_: &Nothing, _: Timestamp) -> Value {
        json!({})
    }

    fn answer(_: &Nothing, _: &Nothing, _: &Value, _: Timestamp, _: usize) -> Option<Value> {
        Some(json!({"code": "right"}))
    }
}

export_authenticator!(Faulty: enrol, rehearse);
