#![doc = include_str!("../README.md")]

mod attestation;
mod ceremony;
mod config;
mod credential;
mod enrol;
mod options;
mod response;
#[cfg(any(test, feature = "testing"))]
pub mod soft;

#[cfg(test)]
mod tests;

pub use config::{Config, Model, Wanted};
pub use credential::Credential;
pub use enrol::{Draft, Invite, Proof};
pub use options::{Invitation, Prompt};
pub use response::{Assertion, Attestation};

use attestation::Trusted;
use ceremony::{No, Party};
use gatewright_contract::{
    Accepted, Authenticator, Call, Challenge, Fault, Held, Host, Identified, Identify, Kind, LogLevel,
    Nothing, Purpose, Refusal, Scope, Steps, Traits, Verdict,
};
use options::{Descriptor, RequestOptions};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::time::Duration;
use subtle::ConstantTimeEq as _;
use webauthn_rs_core::proto::{
    AuthenticationResult, COSEAlgorithm, COSEEC2Key, COSEKey, COSEKeyType, ECDSACurve, PublicKeyCredential,
};

/// Passkeys and security keys.
pub struct Passkey {
    config: Config,
    trusted: Trusted,
    host: Host,
    /// What an answer is held against when there is nothing else, so that nobody costs what somebody costs.
    decoy: Credential,
}

/// What is kept between challenge and answer.
#[derive(Debug, Serialize, Deserialize)]
pub struct State {
    challenge: String,
    /// The device must check the person.
    verified: bool,
    /// The passkeys that were named; none: any, and then it must say whose it is.
    allowed: Option<Vec<String>>,
}

/// What the browser answers.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(example = example())]
pub struct Answer {
    /// The credential that `navigator.credentials.get` gave, as its `toJSON()` writes it.
    pub credential: Assertion,
}

impl Authenticator for Passkey {
    const ID: &'static str = "passkey";
    const ABOUT: &'static str = include_str!("../README.md");

    type Config = Config;
    type Credential = Credential;
    type Begin = Nothing;
    type Prompt = Prompt;
    type State = State;
    type Answer = Answer;

    fn new(config: Config, host: Host) -> Result<Self, Fault> {
        let trusted = config.check()?;
        Ok(Self { config, trusted, host, decoy: decoy() })
    }

    fn traits(&self) -> Traits {
        Traits {
            // Proof of possession of a key. Neither `hwk` nor `swk`: without attestation nobody can tell.
            amr: vec!["pop".to_owned()],
            kind: Kind::Possession,
            phishing_resistant: true,
            many: true,
            single_use: true,
            self_service: true,
            steps: Steps { first: true, second: true, fallback: false },
        }
    }

    async fn challenge(
        &self,
        call: Call<'_, Nothing, Credential>,
    ) -> Result<Challenge<Prompt, State, Credential>, Fault> {
        let challenge = ceremony::challenge(&self.host)?;
        let named = may_be_named(call.scope).then_some(call.credentials);
        let allow_credentials: Vec<_> = named
            .unwrap_or_default()
            .iter()
            .map(|held| Descriptor::of(&held.doc.id, &held.doc.transports))
            .collect();
        let verified = call.scope.first;
        let state = State {
            challenge: challenge.clone(),
            verified,
            allowed: named.map(|all| all.iter().map(|held| held.doc.id.clone()).collect()),
        };
        let prompt = Prompt {
            public_key: RequestOptions {
                challenge,
                timeout: u32::from(self.config.timeout_seconds) * 1000,
                rp_id: call.scope.site.rp_id.clone(),
                allow_credentials,
                user_verification: if verified { Wanted::Required } else { Wanted::Preferred },
            },
        };
        Ok(Challenge { expires_in: Some(self.timeout()), ..Challenge::new(prompt, state) })
    }

    async fn verify(
        &self,
        call: Call<'_, (State, Answer), Credential>,
    ) -> Result<Verdict<Prompt, State, Credential>, Fault> {
        let (state, Answer { credential }) = &call.body;
        let answer = credential.read()?;
        let ours = |held: &&Held<Credential>| {
            let allowed = state.allowed.as_ref().is_none_or(|ids| ids.contains(&held.doc.id));
            allowed && held.doc.registered().is_some_and(|known| known.cred_id == answer.raw_id)
        };
        let held = call.credentials.iter().find(ours);
        // Signatures are checked whether there is a key or not: the time says nothing about it.
        let checked = self.hold(call.scope, state, &answer, held.map_or(&self.decoy, |held| &held.doc))?;
        let Some(held) = held else {
            let none = call.credentials.is_empty();
            return Ok(Verdict::refused(if none { Refusal::NotEnrolled } else { Refusal::Wrong }));
        };
        Ok(match checked {
            Err(no) => self.refuse(held, &no),
            Ok(_) if !is_owner(call.scope, state, &answer) => {
                self.log(held, "it names somebody else as its owner");
                Verdict::refused(Refusal::Wrong)
            }
            Ok(_) if state.verified && !held.doc.user_verified => {
                // Who finds a key without a PIN can give it one.
                self.log(
                    held,
                    "it was set up without a check of the person, and is good as a second factor only",
                );
                Verdict::refused(Refusal::Wrong)
            }
            Ok(result) => {
                if result.counter() <= held.doc.counter && held.doc.counter > 0 {
                    self.host.log(
                        LogLevel::Warn,
                        &format!("passkey {} may exist twice: {}", held.id, No::Counter.why()),
                    );
                }
                accept(held, &result)
            }
        })
    }

    fn describe(credential: &Credential) -> Value {
        json!({
            "aaguid": credential.aaguid,
            "model": credential.model,
            "discoverable": credential.discoverable,
            "user_verified": credential.user_verified,
            "synced": credential.backup_eligible,
            "backed_up": credential.backed_up,
            "transports": credential.transports,
        })
    }
}

impl Identify for Passkey {
    /// By the id of the key; that the user handle fits is checked with the signature.
    async fn identify(
        &self,
        call: Call<'_, (State, Answer), Credential>,
    ) -> Result<Identified<State>, Fault> {
        let (state, answer) = call.body;
        let lookup = answer.credential.raw_id().map(|id| credential::lookup(&id));
        Ok(Identified { lookup, state })
    }
}

impl Passkey {
    fn timeout(&self) -> Duration {
        Duration::from_secs(self.config.timeout_seconds.into())
    }

    fn hold(
        &self,
        scope: &Scope,
        state: &State,
        answer: &PublicKeyCredential,
        credential: &Credential,
    ) -> Result<Result<AuthenticationResult, No>, Fault> {
        let damaged = || Fault::internal("the id of a passkey is damaged");
        let mut known = credential.registered().ok_or_else(damaged)?;
        // The decoy answers to every name.
        known.cred_id.clone_from(&answer.raw_id);
        let asked = (state.challenge.as_str(), state.verified);
        Ok(Party::of(&scope.site).assert(answer, asked, &known, self.config.strict_counter))
    }

    fn refuse(&self, held: &Held<Credential>, no: &No) -> Verdict<Prompt, State, Credential> {
        self.log(held, &no.why());
        Verdict::refused(match no {
            No::Counter => Refusal::Cloned,
            _ => Refusal::Wrong,
        })
    }

    /// Says why to the operator, who would otherwise search long for a wrong origin.
    fn log(&self, held: &Held<Credential>, why: &str) {
        self.host.log(LogLevel::Info, &format!("passkey {} is refused: {why}", held.id));
    }
}

/// Whether the passkeys of the person may be named: once something has been proven. Before that the list is empty for
/// everybody, so that it says nothing about anybody.
fn may_be_named(scope: &Scope) -> bool {
    !scope.first || scope.purpose == Purpose::Elevate
}

/// The user handle is the person's id (section 7.2, step 6). It must be there where no key was named.
fn is_owner(scope: &Scope, state: &State, answer: &PublicKeyCredential) -> bool {
    let Some(person) = &scope.person else { return false };
    match &answer.response.user_handle {
        Some(handle) => handle.ct_eq(person.id.0.as_bytes()).into(),
        None => state.allowed.is_some(),
    }
}

fn accept(held: &Held<Credential>, result: &AuthenticationResult) -> Verdict<Prompt, State, Credential> {
    let user_verified = result.user_verified();
    let verdict = Verdict::of(Accepted { credential: Some(held.id), user_verified, ..Accepted::default() });
    let doc = &held.doc;
    let used = Credential {
        // Lower only where the operator lets that pass; the copy is then still behind.
        counter: result.counter().max(doc.counter),
        backed_up: result.backup_state(),
        // Something else has been proven before, or else it would have been refused.
        user_verified: doc.user_verified || user_verified,
        ..doc.clone()
    };
    let same =
        (used.counter, used.backed_up, used.user_verified) == (doc.counter, doc.backed_up, doc.user_verified);
    if same { verdict } else { verdict.replacing(held.id, used) }
}

/// A key that nobody has: the base point of P-256 (SEC 2, section 2.4.2), whose private key is 1. What it says counts
/// for nothing.
fn decoy() -> Credential {
    const X: &str = "6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296";
    const Y: &str = "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5";
    let bytes = |hex: &str| data_encoding::HEXLOWER.decode(hex.as_bytes()).unwrap_or_default();
    let point = COSEEC2Key { curve: ECDSACurve::SECP256R1, x: bytes(X), y: bytes(Y) };
    Credential {
        id: String::new(),
        key: COSEKey { type_: COSEAlgorithm::ES256, key: COSEKeyType::EC_EC2(point) },
        counter: 0,
        user_verified: true,
        backup_eligible: false,
        backed_up: false,
        transports: Vec::new(),
        aaguid: String::new(),
        model: None,
        discoverable: None,
    }
}

fn example() -> Value {
    json!({"credential": {
        "id": "-R85HbTJsv3g6nAYnLo_tj9Xm6YSKzOtlP8-wzAIS-Q",
        "type": "public-key",
        "response": {
            "clientDataJSON": "eyJ0eXBlIjoid2ViYXV0aG4uZ2V0Iiwi…",
            "authenticatorData": "v6vDdDKViwYzYNOtZGHJxHNa5_jt1GWSpeDwFFKy5LUdAAAAAA",
            "signature": "MEYCIQD1Ck4uRAkknEqFO6Nhgo8J…",
            "userHandle": "AZrVZ3WJcACgTxQJNhcwUg",
        },
        "clientExtensionResults": {},
    }})
}

gatewright_contract::register_authenticator!(Passkey: enrol, identify);
