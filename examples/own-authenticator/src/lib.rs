#![doc = include_str!("../README.md")]

mod enrol;
mod messages;
#[cfg(test)]
mod tests;

use gatewright_contract::{
    Authenticator, Call, Challenge, Fault, Host, HostExt as _, Kind, Nothing, Refusal, Steps, Traits, Verdict,
};
pub use messages::{Config, Invitation, Key, Mac, Nonce};
use std::time::Duration;

/// A key in a file: the server sends a nonce, the client sends back its HMAC-SHA-256 (RFC 2104).
pub struct HmacKey {
    config: Config,
    host: Host,
}

impl Authenticator for HmacKey {
    const ID: &'static str = "hmac-key";
    const ABOUT: &'static str = include_str!("../README.md");
    // A linked one may always; a shared library may what stands here.
    const NEEDS: &'static [&'static str] = &["random"];
    type Config = Config;
    type Credential = Key;
    type Begin = Nothing;
    type Prompt = Nonce;
    type State = Nonce;
    type Answer = Mac;

    fn new(config: Config, host: Host) -> Result<Self, Fault> {
        Ok(Self { config, host })
    }

    fn traits(&self) -> Traits {
        Traits {
            // RFC 8176: "swk", possession of a key that software keeps.
            amr: vec!["swk".to_owned()],
            kind: Kind::Possession,
            phishing_resistant: false,
            many: false,
            single_use: true,
            self_service: true,
            steps: Steps { first: false, second: true, fallback: false },
        }
    }

    async fn challenge(&self, _: Call<'_, Nothing, Key>) -> Result<Challenge<Nonce, Nonce, Key>, Fault> {
        let nonce = Nonce::of(self.host.random_array()?);
        let expires_in = Some(Duration::from_secs(self.config.answer_seconds.into()));
        Ok(Challenge { expires_in, ..Challenge::new(nonce.clone(), nonce) })
    }

    async fn verify(&self, call: Call<'_, (Nonce, Mac), Key>) -> Result<Verdict<Nonce, Nonce, Key>, Fault> {
        let (nonce, mac) = &call.body;
        let Some(held) = call.credentials.first() else {
            // Somebody unknown costs what somebody known costs: the work is done, and forgotten.
            Key::of([0; 32]).fits(nonce, mac);
            return Ok(Verdict::refused(Refusal::NotEnrolled));
        };
        Ok(if held.doc.fits(nonce, mac) {
            Verdict::accepted(held.id)
        } else {
            Verdict::refused(Refusal::Wrong)
        })
    }
}

gatewright_contract::register_authenticator!(HmacKey: enrol, rehearse);
