#![doc = include_str!("../README.md")]

mod code;
mod config;
mod issue;

#[cfg(test)]
mod tests;

pub use config::Config;
pub use issue::{Draft, Invite, Reveal};

use code::{Code, Digest};
use gatewright_contract::{
    Authenticator, Call, Challenge, Fault, Host, Kind, Nothing, Refusal, Secret, Steps, Timestamp, Traits,
    Verdict,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// A code that an administrator issues.
pub struct TempAccessCode {
    config: Config,
    host: Host,
}

/// The document of one code, sealed at rest.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Credential {
    code: Digest,
    uses_left: u8,
    expires: Timestamp,
}

/// What the person is shown: the same for everybody.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(example = Prompt { admin_contact: Some("Service desk, 5555".to_owned()) })]
pub struct Prompt {
    /// Whom to ask for a code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub admin_contact: Option<String>,
}

/// What the person answers.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(example = json!({"code": "7K3M-9QTV-2HXB"}))]
pub struct Answer {
    /// The code, in capital or small letters, with or without hyphens and spaces; `O` counts as `0`, `I` and `L` as `1`.
    #[schemars(length(max = 128))]
    pub code: Secret<String>,
}

impl Authenticator for TempAccessCode {
    const ID: &'static str = "temp-access-code";
    const ABOUT: &'static str = include_str!("../README.md");

    type Config = Config;
    type Credential = Credential;
    type Begin = Nothing;
    type Prompt = Prompt;
    type State = Nothing;
    type Answer = Answer;

    fn new(config: Config, host: Host) -> Result<Self, Fault> {
        config.check()?;
        Ok(Self { config, host })
    }

    fn traits(&self) -> Traits {
        Traits {
            amr: vec!["otp".to_owned()],
            // A look-up secret (NIST SP 800-63B-4, section 3.1.2).
            kind: Kind::Possession,
            phishing_resistant: false,
            many: false,
            // An administrator may say otherwise.
            single_use: false,
            self_service: false,
            steps: Steps { first: false, second: true, fallback: true },
        }
    }

    async fn challenge(
        &self,
        _: Call<'_, Nothing, Credential>,
    ) -> Result<Challenge<Prompt, Nothing, Credential>, Fault> {
        Ok(Challenge::new(Prompt { admin_contact: self.config.admin_contact.clone() }, Nothing {}))
    }

    async fn verify(
        &self,
        call: Call<'_, (Nothing, Answer), Credential>,
    ) -> Result<Verdict<Prompt, Nothing, Credential>, Fault> {
        let typed = Code::read(call.body.1.code.expose());
        let Some(held) = call.credentials.first() else {
            // Nobody costs what somebody costs.
            std::hint::black_box(Digest::nobody().is_of(&typed));
            return Ok(Verdict::refused(Refusal::NotEnrolled));
        };
        let right = held.doc.code.is_of(&typed);
        Ok(match held.doc.uses_left.checked_sub(1) {
            _ if !right => Verdict::refused(Refusal::Wrong),
            _ if held.doc.expires <= call.scope.now => Verdict::refused(Refusal::Expired),
            None => Verdict::refused(Refusal::Replayed),
            Some(uses_left) => {
                let doc = Credential { uses_left, ..held.doc.clone() };
                Verdict::accepted(held.id).replacing(held.id, doc)
            }
        })
    }

    fn describe(credential: &Credential) -> Value {
        json!({"uses_left": credential.uses_left, "expires_unix": credential.expires.as_secs()})
    }
}

gatewright_contract::register_authenticator!(TempAccessCode: enrol);
