#![doc = include_str!("../README.md")]

mod config;
mod enrol;
mod leaf;
mod proof;
mod trust;

#[cfg(test)]
mod tests;

pub use config::{By, Config, Name, Revocation};
pub use enrol::{Invite, Proof, Tie};
pub use proof::Answer;

use data_encoding::BASE64URL_NOPAD;
use gatewright_contract::{
    Accepted, Authenticator, Call, Challenge, CredentialId, Fault, Host, HostExt, Identified, Identify, Kind,
    LogLevel, LookupKey, Nothing, Refusal, Scope, Steps, Timestamp, Traits, Verdict,
};
use leaf::Leaf;
use proof::Shown;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::sync::{Arc, Mutex, PoisonError};
use trust::{Told, Trust};

/// X.509 certificates of people.
pub struct Certificate {
    config: Config,
    host: Host,
    /// What was last read; it is asked for with each use whether it still holds.
    trust: Mutex<Option<Arc<Trust>>>,
}

/// What is signed, where it is signed; the same for everybody.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(example = Prompt { challenge: "gatewright-certificate:https://id.example.com:x7Zk…".to_owned() })]
pub struct Prompt {
    /// The text whose bytes are signed. Where the certificate is in TLS, nothing is done with it.
    pub challenge: String,
}

/// What is kept of a certificate: what ties it to the account, and what a person can tell it by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Credential {
    /// What the tie is.
    pub by: By,
    /// Its value.
    pub value: String,
    /// The subject, where a certificate was shown.
    pub subject: Option<String>,
    /// Who issued it.
    pub issuer: Option<String>,
    /// Its serial number, in hex digits.
    pub serial: Option<String>,
    /// The end of its time, in seconds since 1970.
    pub not_after: Option<i64>,
}

impl Authenticator for Certificate {
    const ID: &'static str = "certificate";
    const ABOUT: &'static str = include_str!("../README.md");
    const NEEDS: &'static [&'static str] = &["trust.read"];

    type Config = Config;
    type Credential = Credential;
    type Begin = Nothing;
    type Prompt = Prompt;
    type State = Prompt;
    type Answer = Answer;

    fn new(config: Config, host: Host) -> Result<Self, Fault> {
        config.check()?;
        Ok(Self { config, host, trust: Mutex::new(None) })
    }

    fn traits(&self) -> Traits {
        let on = self.config.store.is_some();
        Traits {
            amr: vec!["pop".to_owned()],
            kind: Kind::Possession,
            phishing_resistant: !self.config.accept_signatures,
            many: true,
            single_use: false,
            self_service: true,
            steps: Steps { first: on, second: on, fallback: false },
        }
    }

    async fn challenge(
        &self,
        call: Call<'_, Nothing, Credential>,
    ) -> Result<Challenge<Prompt, Prompt, Credential>, Fault> {
        let prompt = self.prompt(call.scope)?;
        Ok(Challenge::new(prompt.clone(), prompt))
    }

    async fn verify(
        &self,
        call: Call<'_, (Prompt, Answer), Credential>,
    ) -> Result<Verdict<Prompt, Prompt, Credential>, Fault> {
        let (Prompt { challenge }, answer) = &call.body;
        let Some(leaf) = self.proven(call.scope, challenge, answer).await? else {
            return Ok(Verdict::refused(Refusal::Wrong));
        };
        let held =
            call.credentials.iter().find(|held| leaf.tie(held.doc.by) == Some(held.doc.value.as_str()));
        Ok(match held {
            Some(held) => Self::accept(Some(held.id), &leaf),
            None if self.is_named(&leaf, call.scope) => Self::accept(None, &leaf),
            None if call.credentials.is_empty() => Verdict::refused(Refusal::NotEnrolled),
            None => Verdict::refused(Refusal::Wrong),
        })
    }

    fn describe(credential: &Credential) -> Value {
        let ends = credential.not_after;
        json!({
            "by": credential.by, "subject": credential.subject, "issuer": credential.issuer,
            "serial": credential.serial, "not_after": ends,
        })
    }
}

impl Identify for Certificate {
    async fn identify(
        &self,
        call: Call<'_, (Prompt, Answer), Credential>,
    ) -> Result<Identified<Prompt>, Fault> {
        let (state, answer) = call.body;
        // A bad certificate names nobody: or else anybody's tries could be used up with a self-made one.
        let leaf = self.proven(call.scope, &state.challenge, &answer).await?;
        let tie = leaf.as_ref().and_then(|leaf| leaf.tie(self.config.tie));
        Ok(Identified { lookup: tie.map(|value| lookup(self.config.tie, value)), state })
    }
}

/// Under which a credential is found.
fn lookup(by: By, value: &str) -> LookupKey {
    LookupKey(format!("{}:{value}", by.as_str()))
}

impl Certificate {
    fn store(&self) -> Result<&str, Fault> {
        let off = || Fault::bad_request("", "Certificates are not set up on this server.");
        self.config.store.as_deref().ok_or_else(off)
    }

    /// Names who asks, so that a signature is good for nobody else's question.
    fn prompt(&self, scope: &Scope) -> Result<Prompt, Fault> {
        let nonce = BASE64URL_NOPAD.encode(&self.host.random_array::<32>()?);
        Ok(Prompt { challenge: format!("gatewright-certificate:{}:{nonce}", scope.site.url) })
    }

    /// The person's certificate, when it is good and theirs.
    async fn proven(&self, scope: &Scope, challenge: &str, answer: &Answer) -> Result<Option<Leaf>, Fault> {
        let trust = self.trust().await?;
        let Some(shown) = Shown::read(scope, answer, self.config.accept_signatures)? else { return Ok(None) };
        Ok(self.checked(&trust, &shown, scope.now).filter(|_| shown.is_proven(challenge)))
    }

    fn checked(&self, trust: &Trust, shown: &Shown, now: Timestamp) -> Option<Leaf> {
        match trust.check(&shown.chain, self.config.revocation, now) {
            Ok(leaf) => Some(leaf),
            Err(why) => {
                self.host.log(LogLevel::Info, &format!("a certificate is refused: {why}"));
                None
            }
        }
    }

    /// Roots and lists as they are now.
    async fn trust(&self) -> Result<Arc<Trust>, Fault> {
        let kept = self.kept(|kept| kept.clone());
        let known = kept.as_ref().map(|trust| trust.revision);
        let args = json!({"store": self.store()?, "known": known});
        let told = self.host.call("trust.read", args).await.map_err(|fault| match fault {
            // What is wrong with what we ask is not the caller's mistake.
            Fault::BadRequest { message, .. } => Fault::internal(format!("trust.read: {message}")),
            other => other,
        })?;
        let told: Told =
            serde_json::from_value(told).map_err(|_| Fault::internal("trust.read answers something else"))?;
        // A list may have a hundred thousand lines.
        let read = match told.is_news() {
            true => self.host.cpu(move || Trust::read(told)).await?.map(Some)?,
            false => None,
        };
        match (read, kept) {
            (Some(fresh), _) => {
                let fresh = Arc::new(fresh);
                self.kept(|kept| *kept = Some(fresh.clone()));
                Ok(fresh)
            }
            (None, Some(kept)) => Ok(kept),
            (None, None) => Err(Fault::internal("trust.read answers nothing to who has nothing")),
        }
    }

    fn kept<T>(&self, look: impl FnOnce(&mut Option<Arc<Trust>>) -> T) -> T {
        look(&mut self.trust.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Whether the certificate carries the person's login name, where that is enough.
    fn is_named(&self, leaf: &Leaf, scope: &Scope) -> bool {
        let (Some(from), Some(person)) = (self.config.username_from, &scope.person) else { return false };
        let ours = self.config.tenants.iter().any(|tenant| tenant == scope.tenant.as_str());
        ours && leaf.names(from, &person.username)
    }

    fn accept(credential: Option<CredentialId>, leaf: &Leaf) -> Verdict<Prompt, Prompt, Credential> {
        let mut claims = Map::new();
        claims.insert("subject".to_owned(), Value::from(leaf.subject.as_str()));
        if let Some(email) = leaf.tie(By::Email) {
            claims.insert("email".to_owned(), Value::from(email));
        }
        Verdict::of(Accepted { credential, claims, ..Accepted::default() })
    }
}

gatewright_contract::register_authenticator!(Certificate: enrol, identify);
