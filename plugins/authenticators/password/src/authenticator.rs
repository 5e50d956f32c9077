//! Checking a password.

use crate::{
    config::Config,
    credential::{self, Credential},
    hash::{self, Argon2Params, HashFault},
    rules,
};
use gatewright_contract::{
    Accepted, Authenticator, Call, Challenge, Fault, Held, Host, HostExt, Kind, Nothing, Refusal, Secret,
    Steps, Timestamp, Traits, Verdict,
};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

/// A password that the person remembers.
pub struct Password {
    pub(crate) config: Config,
    pub(crate) argon: Argon2Params,
    pub(crate) host: Host,
    decoy: String,
}

/// The password.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(example = answer_example())]
pub struct Answer {
    /// As the person types it; compared in Unicode normal form C.
    #[schemars(length(max = 1024))]
    pub password: Secret<String>,
}

fn answer_example() -> std::collections::BTreeMap<&'static str, &'static str> {
    [("password", "plum-Orbit 42 lantern")].into()
}

impl Authenticator for Password {
    const ID: &'static str = "password";
    const ABOUT: &'static str = include_str!("../README.md");
    const DOCUMENT_VERSION: u32 = 2;
    type Config = Config;
    type Credential = Credential;
    type Begin = Nothing;
    type Prompt = Nothing;
    type State = Nothing;
    type Answer = Answer;

    fn new(config: Config, host: Host) -> Result<Self, Fault> {
        config.check()?;
        let argon = config.argon()?;
        Ok(Self { decoy: hash::decoy(&argon), argon, config, host })
    }

    fn traits(&self) -> Traits {
        Traits {
            amr: vec!["pwd".to_owned()],
            kind: Kind::Knowledge,
            phishing_resistant: false,
            many: false,
            single_use: false,
            self_service: true,
            steps: Steps { first: true, second: false, fallback: false },
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
        let held = call.credentials.first();
        // Nobody's password is held against a hash all the same: it must take as long.
        let stored = held.map_or_else(|| self.decoy.clone(), |h| h.doc.hash.expose().clone());
        let typed = rules::normalise_for_verify(call.body.1.password.expose());
        let possible = typed.is_some();
        let (argon, salt) = (self.argon, self.host.random_array::<16>()?);
        let checked = self
            .host
            .cpu(move || {
                let typed = typed.unwrap_or_default();
                let verified = hash::verify(&stored, typed.as_bytes(), &argon)?;
                // An older hash is replaced while the password is at hand.
                let renewed = match verified.matches && verified.outdated && possible {
                    true => Some(hash::hash(typed.as_bytes(), &salt, &argon)?),
                    false => None,
                };
                Ok::<_, HashFault>((verified.matches && possible, renewed))
            })
            .await?;
        let (matches, renewed) = checked.map_err(|e| unusable(&e))?;
        Ok(match held.filter(|_| matches) {
            None => Verdict::refused(if held.is_some() { Refusal::Wrong } else { Refusal::NotEnrolled }),
            Some(held) => accepted(held, renewed, self.is_over(&held.doc, call.scope.now)),
        })
    }

    fn migrate(from: u32, doc: Value) -> Result<Value, Fault> {
        credential::migrate(from, doc)
    }
}

impl Password {
    /// Whether it was right for the last time: an administrator has set it, or it has grown too old.
    pub(crate) fn is_over(&self, doc: &Credential, now: Timestamp) -> bool {
        doc.must_change || self.config.max_age().is_some_and(|most| now.since(doc.set) >= most)
    }
}

fn accepted(
    held: &Held<Credential>,
    renewed: Option<String>,
    renew: bool,
) -> Verdict<Nothing, Nothing, Credential> {
    let verdict = Verdict::of(Accepted { credential: Some(held.id), renew, ..Accepted::default() });
    match renewed {
        None => verdict,
        Some(hash) => verdict.replacing(held.id, Credential { hash: Secret::new(hash), ..held.doc.clone() }),
    }
}

pub(crate) fn unusable(fault: &HashFault) -> Fault {
    match fault {
        HashFault::OutOfMemory => Fault::unavailable(fault.to_string()),
        _ => Fault::internal(fault.to_string()),
    }
}
