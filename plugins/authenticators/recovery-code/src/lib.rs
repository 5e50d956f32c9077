#![doc = include_str!("../README.md")]

mod code;
mod config;
mod credential;

#[cfg(test)]
mod tests;

pub use config::Config;
pub use credential::Credential;

use code::Code;
use credential::{Digest, SALT_BYTES};
use gatewright_contract::{
    Authenticator, Call, Challenge, Enrol, Enrolment, Fault, Host, HostExt as _, Kind, Nothing, Refusal,
    Rehearse, Secret, Steps, Timestamp, Traits, Verdict,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// A list of codes, each good for one login.
pub struct RecoveryCode {
    config: Config,
    host: Host,
    /// What a code is held against when there is nothing else, so that nobody costs what somebody costs.
    decoy: Credential,
}

/// What the person answers.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(example = json!({"code": "7K3M-9QTV-2HXB-E0PZ"}))]
pub struct Answer {
    /// One of the codes, in capital or small letters, with or without hyphens and spaces; `O` counts as
    /// `0`, `I` and `L` as `1`.
    #[schemars(length(max = 128))]
    pub code: Secret<String>,
}

/// What is shown exactly once.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(example = Reveal {
    codes: vec!["7K3M-9QTV-2HXB-E0PZ".to_owned(), "Q4WS-1NCF-68JR-DY5G".to_owned()],
})]
pub struct Reveal {
    /// The codes, to be printed or written down.
    pub codes: Vec<String>,
}

impl Authenticator for RecoveryCode {
    const ID: &'static str = "recovery-code";
    const ABOUT: &'static str = include_str!("../README.md");

    type Config = Config;
    type Credential = Credential;
    type Begin = Nothing;
    type Prompt = Nothing;
    type State = Nothing;
    type Answer = Answer;

    fn new(config: Config, host: Host) -> Result<Self, Fault> {
        config.check()?;
        let decoy = Credential::nobody(usize::from(config.count));
        Ok(Self { config, host, decoy })
    }

    fn traits(&self) -> Traits {
        Traits {
            // RFC 8176 lists OTP by the definition of RFC 4949, "each password is used only once", which
            // these are. `kba` are questions about a life, `pin` and `pwd` are known by heart.
            amr: vec!["otp".to_owned()],
            // A look-up secret is something you have (NIST SP 800-63B-4, section 3.1.2).
            kind: Kind::Possession,
            phishing_resistant: false,
            many: false,
            single_use: true,
            self_service: true,
            steps: Steps { first: false, second: true, fallback: true },
        }
    }

    async fn challenge(
        &self,
        _: Call<'_, Nothing, Credential>,
    ) -> Result<Challenge<Nothing, Nothing, Credential>, Fault> {
        Ok(Challenge::new(Nothing {}, Nothing {}))
    }

    async fn verify(
        &self,
        call: Call<'_, (Nothing, Answer), Credential>,
    ) -> Result<Verdict<Nothing, Nothing, Credential>, Fault> {
        let code = Code::read(call.body.1.code.expose());
        let Some(held) = call.credentials.first() else {
            self.decoy.place_of(&code, self.config.count);
            return Ok(Verdict::refused(Refusal::NotEnrolled));
        };
        Ok(match held.doc.place_of(&code, self.config.count) {
            Some(place) => Verdict::accepted(held.id).replacing(held.id, held.doc.without(place)),
            // A code that has been used is no longer known, so "used" and "wrong" are one.
            None => Verdict::refused(Refusal::Wrong),
        })
    }
}

impl Enrol for RecoveryCode {
    type Invite = Nothing;
    type Invitation = Nothing;
    type Draft = Nothing;
    type Proof = Nothing;
    type Reveal = Reveal;

    async fn invite(
        &self,
        _: Call<'_, Nothing, Credential>,
    ) -> Result<Challenge<Nothing, Nothing, Credential>, Fault> {
        Ok(Challenge::new(Nothing {}, Nothing {}))
    }

    /// The host puts the new list in the place of the old one: no old code works after it.
    async fn enrol(
        &self,
        _: Call<'_, (Nothing, Nothing), Credential>,
    ) -> Result<Enrolment<Credential, Reveal>, Fault> {
        let salt: [u8; SALT_BYTES] = self.host.random_array()?;
        let count = usize::from(self.config.count);
        let mut shown = Vec::with_capacity(count);
        let mut digests = Vec::with_capacity(count);
        for _ in 0..count {
            let mut random = vec![0; usize::from(self.config.length)];
            self.host.random(&mut random)?;
            let code = Code::of_random(&random);
            digests.push(Digest::of(&code, &salt));
            shown.push(code.grouped(usize::from(self.config.group)));
        }
        let credential = Credential::new(salt, digests);
        Ok(Enrolment::Enrolled { credential, label: None, lookup: None, reveal: Reveal { codes: shown } })
    }
}

/// A person reads the codes from the top.
impl Rehearse for RecoveryCode {
    fn prove(_: &Nothing, _: Timestamp) -> Value {
        json!({})
    }

    fn answer(_: &Nothing, reveal: &Reveal, _: &Value, _: Timestamp, turn: usize) -> Option<Value> {
        reveal.codes.get(turn).map(|code| json!({"code": code}))
    }
}

gatewright_contract::register_authenticator!(RecoveryCode: enrol, rehearse);
