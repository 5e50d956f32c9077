#![doc = include_str!("../README.md")]

mod code;
mod config;
mod credential;
mod enrol;
mod seed;

#[cfg(test)]
mod tests;

pub use config::{Algorithm, Config};
pub use credential::Credential;
pub use enrol::{Draft, Invitation, Invite, Proof};
pub use seed::Seed;

use code::Typed;
use gatewright_contract::{
    Authenticator, Call, Challenge, Fault, Held, Host, Kind, Nothing, Refusal, Secret, Steps, Traits, Verdict,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Codes from an authenticator app (RFC 6238).
pub struct Totp {
    config: Config,
    host: Host,
    /// What a code is held against when there is nothing else, so that nobody costs what somebody costs.
    decoy: Credential,
}

/// What the person is shown: the same for everybody, whatever the person has set up.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(example = Prompt { digits: 6, period_seconds: 30 })]
pub struct Prompt {
    /// How many digits a code has, as it is set up today. A credential from before a change of the
    /// configuration keeps its own number.
    pub digits: u8,
    /// How long the app shows a code, in seconds.
    pub period_seconds: u32,
}

/// What the person answers.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(example = json!({"code": "123 456"}))]
pub struct Answer {
    /// The code that the app shows now. White space in it does not count.
    #[schemars(length(max = 64))]
    pub code: Secret<String>,
}

impl Authenticator for Totp {
    const ID: &'static str = "totp";
    const ABOUT: &'static str = include_str!("../README.md");

    type Config = Config;
    type Credential = Credential;
    type Begin = Nothing;
    type Prompt = Prompt;
    type State = Nothing;
    type Answer = Answer;

    fn new(config: Config, host: Host) -> Result<Self, Fault> {
        config.check()?;
        let decoy = Credential::new(&config, vec![0; config.secret_bytes()]);
        Ok(Self { config, host, decoy })
    }

    fn traits(&self) -> Traits {
        Traits {
            amr: vec!["otp".to_owned()],
            kind: Kind::Possession,
            phishing_resistant: false,
            many: true,
            single_use: true,
            self_service: true,
            steps: Steps { first: false, second: true, fallback: false },
        }
    }

    async fn challenge(
        &self,
        _: Call<'_, Nothing, Credential>,
    ) -> Result<Challenge<Prompt, Nothing, Credential>, Fault> {
        let prompt = Prompt { digits: self.config.digits, period_seconds: self.config.period_seconds };
        Ok(Challenge::new(prompt, Nothing {}))
    }

    async fn verify(
        &self,
        call: Call<'_, (Nothing, Answer), Credential>,
    ) -> Result<Verdict<Prompt, Nothing, Credential>, Fault> {
        let (_, Answer { code }) = &call.body;
        let typed = Typed::read(code.expose());
        if call.credentials.is_empty() {
            self.decoy.step_of(&typed, call.scope.now, self.config.skew_steps)?;
            return Ok(Verdict::refused(Refusal::NotEnrolled));
        }
        let mut fresh: Option<(&Held<Credential>, u64)> = None;
        let mut spent = false;
        // All are tried, whichever fits: the time says nothing about which.
        for held in call.credentials {
            match held.doc.step_of(&typed, call.scope.now, self.config.skew_steps)? {
                Some(step) if step > held.doc.last_step => fresh = fresh.or(Some((held, step))),
                Some(_) => spent = true,
                None => {}
            }
        }
        Ok(match fresh {
            Some((held, step)) => Verdict::accepted(held.id).replacing(held.id, held.doc.used_at(step)),
            None if spent => Verdict::refused(Refusal::Replayed),
            None => Verdict::refused(Refusal::Wrong),
        })
    }

    fn describe(credential: &Credential) -> Value {
        json!({"serial": credential.serial, "digits": credential.digits, "algorithm": credential.algorithm})
    }
}

impl Totp {
    fn fresh_credential(&self) -> Result<Credential, Fault> {
        let mut secret = vec![0; self.config.secret_bytes()];
        self.host.random(&mut secret)?;
        Ok(Credential::new(&self.config, secret))
    }
}

gatewright_contract::register_authenticator!(Totp: enrol, rehearse);
