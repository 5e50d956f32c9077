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

use code::{Found, Typed};
use gatewright_contract::{
    Authenticator, Call, Challenge, Fault, Held, Host, Kind, Nothing, Refusal, Secret, Steps, Traits, Verdict,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Codes from a counter token (RFC 4226).
pub struct Hotp {
    config: Config,
    host: Host,
    /// What a code is held against when there is nothing else, so that nobody costs what somebody costs.
    decoy: Credential,
}

/// What the person is shown: the same for everybody, whatever the person has set up.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(example = Prompt { digits: 6 })]
pub struct Prompt {
    /// How many digits a code has, as it is set up today. A token keeps its own number.
    pub digits: u8,
}

/// What the person answers.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(example = json!({"code": "755 224"}))]
pub struct Answer {
    /// The code that the token shows. White space in it does not count.
    #[schemars(length(max = 64))]
    pub code: Secret<String>,
    /// The code that the token shows after it, where the token has run ahead too far for one to be enough.
    #[serde(default)]
    #[schemars(length(max = 64))]
    pub next_code: Option<Secret<String>>,
}

impl Authenticator for Hotp {
    const ID: &'static str = "hotp";
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
        Ok(Challenge::new(Prompt { digits: self.config.digits }, Nothing {}))
    }

    async fn verify(
        &self,
        call: Call<'_, (Nothing, Answer), Credential>,
    ) -> Result<Verdict<Prompt, Nothing, Credential>, Fault> {
        let typed = Asked::read(&call.body.1);
        if call.credentials.is_empty() {
            self.find(&self.decoy, &typed)?;
            return Ok(Verdict::refused(Refusal::NotEnrolled));
        }
        let mut fresh: Option<(&Held<Credential>, u64)> = None;
        let mut passed = false;
        // All are tried, whichever fits: the time says nothing about which.
        for held in call.credentials {
            match self.find(&held.doc, &typed)? {
                Found::Fresh(counter) => fresh = fresh.or(Some((held, counter))),
                Found::Passed => passed = true,
                Found::Nowhere => {}
            }
        }
        Ok(match fresh {
            Some((held, counter)) => {
                Verdict::accepted(held.id).replacing(held.id, held.doc.moved_to(counter))
            }
            None if passed => Verdict::refused(Refusal::Replayed),
            None => Verdict::refused(Refusal::Wrong),
        })
    }

    fn describe(credential: &Credential) -> Value {
        json!({"serial": credential.serial, "digits": credential.digits, "algorithm": credential.algorithm})
    }
}

/// One code, or two in a row.
struct Asked {
    code: Typed,
    next: Option<Typed>,
}

impl Asked {
    fn read(answer: &Answer) -> Self {
        Self {
            code: Typed::read(answer.code.expose()),
            next: answer.next_code.as_ref().map(|code| Typed::read(code.expose())),
        }
    }
}

impl Hotp {
    fn find(&self, credential: &Credential, asked: &Asked) -> Result<Found, Fault> {
        match &asked.next {
            None => credential.find(&asked.code, u64::from(self.config.look_ahead)),
            Some(next) => credential.find_pair(&asked.code, next, u64::from(self.config.resync_window)),
        }
    }

    fn fresh_credential(&self) -> Result<Credential, Fault> {
        let mut secret = vec![0; self.config.secret_bytes()];
        self.host.random(&mut secret)?;
        Ok(Credential::new(&self.config, secret))
    }
}

gatewright_contract::register_authenticator!(Hotp: enrol, rehearse);
