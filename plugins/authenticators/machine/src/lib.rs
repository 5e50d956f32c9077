#![doc = include_str!("../README.md")]

mod config;
mod credential;
mod wire;

#[cfg(test)]
mod tests;

pub use config::Config;
pub use credential::Credential;
pub use wire::{Answer, Draft, Invite, Reveal};

use credential::{named, nonce};
use gatewright_contract::{
    Accepted, Authenticator, Body, Call, Challenge, Enrol, Enrolment, Fault, Held, Host, Kind, Nothing,
    Purpose, Refusal, Steps, Timestamp, Traits, Verdict,
};
use serde_json::{Value, json};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

/// A device that proved a second factor once.
pub struct Machine {
    config: Config,
    host: Host,
}

impl Authenticator for Machine {
    const ID: &'static str = "machine";
    const ABOUT: &'static str = include_str!("../README.md");

    type Config = Config;
    type Credential = Credential;
    type Begin = Nothing;
    type Prompt = Nothing;
    type State = Nothing;
    type Answer = Answer;

    fn new(config: Config, host: Host) -> Result<Self, Fault> {
        config.check()?;
        Ok(Self { config, host })
    }

    fn traits(&self) -> Traits {
        Traits {
            // No value of RFC 8176 says that nothing was proven now.
            amr: vec!["remembered".to_owned()],
            kind: Kind::Remembered,
            phishing_resistant: false,
            many: true,
            single_use: true,
            self_service: true,
            steps: Steps { first: false, second: false, fallback: true },
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
        let answer = &call.body.1;
        answer.bounded()?;
        let login = call.scope.purpose == Purpose::Login && !call.scope.first;
        let Some(held) = named(call.credentials, &answer.machine_nonce).filter(|_| login) else {
            return Ok(Verdict::refused(Refusal::Wrong));
        };
        let end = self.end(held);
        if call.scope.now >= end {
            return Ok(Verdict::refused(Refusal::Expired).removing(held.id));
        }
        if !held.doc.is_next(&answer.sequence_nonce) {
            // The device has it from us, and there is one device: two have kept it, and nobody can tell which is right.
            return Ok(Verdict::refused(Refusal::Replayed).removing(held.id));
        }
        if !held.doc.looks_like(&answer.machine_nonce, answer.fingerprint.as_ref()) {
            return Ok(Verdict::refused(Refusal::Wrong));
        }
        let next = nonce(&self.host)?;
        let reveal = Reveal {
            machine_nonce: answer.machine_nonce.expose().clone(),
            sequence_nonce: next.expose().clone(),
            expires_in: end.since(call.scope.now).as_secs(),
        };
        let accepted =
            Accepted { credential: Some(held.id), reveal: Some(body(&reveal)?), ..Accepted::default() };
        Ok(Verdict::of(accepted).replacing(held.id, held.doc.followed_by(&next)))
    }

    fn describe(credential: &Credential) -> Value {
        let at = OffsetDateTime::from_unix_timestamp(credential.expires.as_secs());
        let expires_at = at.ok().and_then(|at| at.format(&Rfc3339).ok());
        json!({"expires_at": expires_at, "fingerprint": credential.has_fingerprint()})
    }
}

impl Enrol for Machine {
    type Invite = Invite;
    type Invitation = Nothing;
    type Draft = Draft;
    type Proof = Nothing;
    type Reveal = Reveal;

    async fn invite(
        &self,
        call: Call<'_, Invite, Credential>,
    ) -> Result<Challenge<Nothing, Draft, Credential>, Fault> {
        let invite = call.body.checked(self.config.require_fingerprint)?;
        let (machine, sequence) = (nonce(&self.host)?, nonce(&self.host)?);
        let expires = call.scope.now.plus(self.config.lifetime());
        let credential = Credential::new(&machine, &sequence, invite.fingerprint.as_ref(), expires);
        Ok(Challenge::new(Nothing {}, Draft { label: invite.label, machine, sequence, credential }))
    }

    /// That a second factor was proven is the host's to know ([`Kind::Remembered`]).
    async fn enrol(
        &self,
        call: Call<'_, (Draft, Nothing), Credential>,
    ) -> Result<Enrolment<Credential, Reveal>, Fault> {
        let Draft { label, machine, sequence, credential } = call.body.0;
        let reveal = Reveal {
            machine_nonce: machine.expose().clone(),
            sequence_nonce: sequence.expose().clone(),
            expires_in: credential.expires.since(call.scope.now).as_secs(),
        };
        Ok(Enrolment::Enrolled { credential, label, lookup: None, reveal })
    }
}

impl Machine {
    /// When a device is forgotten: as was said to it, or as the configuration says now where that is sooner.
    fn end(&self, held: &Held<Credential>) -> Timestamp {
        held.doc.expires.min(held.created.plus(self.config.lifetime()))
    }
}

fn body(reveal: &Reveal) -> Result<Body, Fault> {
    serde_json::to_value(reveal).map(Body).map_err(|e| Fault::caused("a reply can't be written", e))
}

gatewright_contract::register_authenticator!(Machine: enrol);
