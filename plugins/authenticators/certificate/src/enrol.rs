//! Tying a certificate to an account: by whoever shows it, or by an administrator.

use crate::{
    Answer, By, Certificate, Credential, Prompt,
    leaf::Leaf,
    lookup,
    proof::{Shown, chain},
};
use gatewright_contract::{
    Call, Challenge, Enrol, Enrolment, Fault, Held, Nothing, Purpose, Scope, Violation,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

/// Longest name that a person may give a certificate, in characters.
const MAX_LABEL_CHARS: usize = 64;
/// Longest value of a tie, in bytes.
const MAX_VALUE_BYTES: usize = 254;

/// What a client may say when it asks to enrol.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(example = Invite { label: Some("Work card".to_owned()) })]
pub struct Invite {
    /// A name for this certificate, for the person's own list: at most 64 characters.
    #[schemars(length(max = 64))]
    pub label: Option<String>,
}

/// What is kept between the two steps.
#[derive(Debug, Serialize, Deserialize)]
pub struct Draft {
    prompt: Prompt,
    label: Option<String>,
}

/// What finishes the enrolment: nothing where the certificate is in TLS, or certificate and signature. An administrator
/// sends the certificate alone, or `tie`.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(example = json!({}))]
pub struct Proof {
    /// As in an answer.
    #[schemars(length(max = 65536))]
    pub certificate: Option<String>,
    /// As in an answer.
    #[schemars(length(max = 2048))]
    pub signature: Option<String>,
    /// For administrators: which certificates, without having one.
    pub tie: Option<Tie>,
}

/// What a certificate is known by.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(inline)]
pub struct Tie {
    /// `fingerprint` (SHA-256 in hex digits), `email` or `upn`.
    pub by: By,
    /// Its value.
    #[schemars(length(min = 1, max = 254))]
    pub value: String,
}

impl Enrol for Certificate {
    type Invite = Invite;
    type Invitation = Prompt;
    type Draft = Draft;
    type Proof = Proof;
    type Reveal = Nothing;

    async fn invite(
        &self,
        call: Call<'_, Invite, Credential>,
    ) -> Result<Challenge<Prompt, Draft, Credential>, Fault> {
        self.store()?;
        if let Some(full) = self.full(call.credentials.len()) {
            return Err(Fault::bad_request("", full.message));
        }
        let label = read_label(call.body.label)?;
        let prompt = self.prompt(call.scope)?;
        Ok(Challenge::new(prompt.clone(), Draft { prompt, label }))
    }

    async fn enrol(
        &self,
        call: Call<'_, (Draft, Proof), Credential>,
    ) -> Result<Enrolment<Credential, Nothing>, Fault> {
        // Asked again: two invitations may have been open at the same time.
        if let Some(full) = self.full(call.credentials.len()) {
            return Ok(Enrolment::Rejected(vec![full]));
        }
        let (Draft { prompt, label }, proof) = call.body;
        let tied = match (call.scope.purpose == Purpose::Provision, proof.tie) {
            (true, Some(tie)) => Ok(by_hand(tie)?),
            (false, Some(_)) => return Err(Fault::bad_request("tie", "only an administrator may send it")),
            (provision, None) => {
                let answer = Answer { certificate: proof.certificate, signature: proof.signature };
                let leaf = match provision {
                    true => self.given(call.scope, &answer).await?,
                    false => self.proven(call.scope, &prompt.challenge, &answer).await?,
                };
                self.tied(leaf)
            }
        };
        Ok(match tied.and_then(|credential| fresh(credential, call.credentials)) {
            Ok(credential) => {
                let lookup = Some(lookup(credential.by, &credential.value));
                Enrolment::Enrolled { credential, label, lookup, reveal: Nothing {} }
            }
            Err(violation) => Enrolment::Rejected(vec![violation]),
        })
    }
}

impl Certificate {
    fn full(&self, held: usize) -> Option<Violation> {
        let most = self.config.max_credentials;
        (held >= usize::from(most))
            .then(|| violation("too_many", format!("At most {most} certificates. Remove one first.")))
    }

    /// What an administrator has sent; nobody signs, but it must be good.
    async fn given(&self, scope: &Scope, answer: &Answer) -> Result<Option<Leaf>, Fault> {
        let trust = self.trust().await?;
        let shown = answer.certificate.as_deref().and_then(chain).map(Shown::unsigned);
        Ok(shown.and_then(|shown| self.checked(&trust, &shown, scope.now)))
    }

    fn tied(&self, leaf: Option<Leaf>) -> Result<Credential, Violation> {
        let leaf = leaf.ok_or_else(|| {
            let message = "No certificate that is good here was shown: one of our authorities, in its time, not \
                           revoked, for signatures by clients.";
            violation("certificate_refused", message.to_owned())
        })?;
        let by = self.config.tie;
        let value = leaf.tie(by).filter(|value| value.len() <= MAX_VALUE_BYTES).ok_or_else(|| {
            let message = format!("This certificate does not have exactly one {} in it.", by.as_str());
            violation("no_tie", message)
        })?;
        Ok(Credential {
            by,
            value: value.to_owned(),
            subject: Some(leaf.subject.clone()),
            issuer: Some(leaf.issuer.clone()),
            serial: Some(leaf.serial.clone()),
            not_after: Some(leaf.not_after.as_secs()),
        })
    }
}

/// A tie that an administrator writes.
fn by_hand(tie: Tie) -> Result<Credential, Fault> {
    let Tie { by, value } = tie;
    let wrong = |message: &str| Err(Fault::bad_request("tie.value", message));
    let value = match by {
        By::Subject => return wrong("a subject is tied by its certificate: send that"),
        By::Fingerprint => value.replace([':', ' '], "").to_lowercase(),
        By::Email | By::Upn => value.to_ascii_lowercase(),
    };
    let is_hash = value.len() == 64 && value.bytes().all(|b| b.is_ascii_hexdigit());
    let is_name = (3..=MAX_VALUE_BYTES).contains(&value.len())
        && value.contains('@')
        && !value.chars().any(|c| c.is_control() || c.is_whitespace());
    match by {
        By::Fingerprint if !is_hash => wrong("SHA-256 in 64 hex digits"),
        By::Email | By::Upn if !is_name => wrong("a name with an @ in it, at most 254 bytes"),
        _ => Ok(Credential { by, value, subject: None, issuer: None, serial: None, not_after: None }),
    }
}

fn fresh(credential: Credential, held: &[Held<Credential>]) -> Result<Credential, Violation> {
    let same = |other: &Credential| other.by == credential.by && other.value == credential.value;
    match held.iter().any(|held| same(&held.doc)) {
        true => Err(violation("there_already", "This certificate is set up already.".to_owned())),
        false => Ok(credential),
    }
}

fn violation(code: &str, message: String) -> Violation {
    Violation { code: code.to_owned(), message }
}

fn read_label(label: Option<String>) -> Result<Option<String>, Fault> {
    let label = label.map(|l| l.trim().to_owned()).filter(|l| !l.is_empty());
    match &label {
        Some(l) if l.chars().count() > MAX_LABEL_CHARS || l.chars().any(char::is_control) => {
            Err(Fault::bad_request("label", "at most 64 characters, none of them a control character"))
        }
        _ => Ok(label),
    }
}
