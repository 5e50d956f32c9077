//! What goes in and out.

use crate::credential::Credential;
use gatewright_contract::{Fault, Secret, in_sealed_document};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

/// The longest nonce that is looked at, in bytes; ours have 43.
const NONCE_MAX: usize = 64;
/// The longest fingerprint, in bytes.
const FINGERPRINT_MAX: usize = 4096;
/// The longest name of a device, in characters.
const LABEL_MAX: usize = 64;

/// What a device sends to stand for the second factor.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(example = json!({
    "machine_nonce": "bWFjaGluZS1ub25jZS1vZi0zMi1yYW5kb20tYnl0ZXM",
    "sequence_nonce": "c2VxdWVuY2Utbm9uY2Utb2YtMzItcmFuZG9tLWJ5dGU",
}))]
pub struct Answer {
    /// What names the device.
    #[schemars(length(max = 64))]
    pub machine_nonce: Secret<String>,
    /// The newest one that the device was given.
    #[schemars(length(max = 64))]
    pub sequence_nonce: Secret<String>,
    /// What the device looks like, where it said so when it was remembered.
    #[schemars(length(max = 4096))]
    pub fingerprint: Option<Secret<String>>,
}

impl Answer {
    pub(crate) fn bounded(&self) -> Result<(), Fault> {
        for (field, nonce) in
            [("machine_nonce", &self.machine_nonce), ("sequence_nonce", &self.sequence_nonce)]
        {
            if nonce.expose().len() > NONCE_MAX {
                return Err(Fault::bad_request(field, "at most 64 bytes"));
            }
        }
        fits(self.fingerprint.as_ref())
    }
}

/// A device that is to be remembered.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(example = json!({"label": "laptop at work"}))]
pub struct Invite {
    /// A name for it, at most 64 characters.
    #[schemars(length(max = 64))]
    pub label: Option<String>,
    /// What it looks like: any text that it can send again.
    #[schemars(length(max = 4096))]
    pub fingerprint: Option<Secret<String>>,
}

impl Invite {
    /// What may be kept of it.
    pub(crate) fn checked(self, fingerprint_needed: bool) -> Result<Self, Fault> {
        fits(self.fingerprint.as_ref())?;
        if fingerprint_needed && self.fingerprint.as_ref().is_none_or(|look| look.expose().is_empty()) {
            return Err(Fault::bad_request("fingerprint", "is needed for a device to be remembered"));
        }
        let label = self.label.map(|label| label.trim().to_owned()).filter(|label| !label.is_empty());
        let shown =
            |label: &String| label.chars().count() <= LABEL_MAX && !label.chars().any(char::is_control);
        match label.as_ref().is_none_or(shown) {
            true => Ok(Self { label, ..self }),
            false => {
                Err(Fault::bad_request("label", "at most 64 characters, none of them a control character"))
            }
        }
    }
}

fn fits(fingerprint: Option<&Secret<String>>) -> Result<(), Fault> {
    match fingerprint.is_some_and(|look| look.expose().len() > FINGERPRINT_MAX) {
        true => Err(Fault::bad_request("fingerprint", "at most 4096 bytes")),
        false => Ok(()),
    }
}

/// What is kept between the two steps of remembering, sealed.
#[derive(Serialize, Deserialize)]
pub struct Draft {
    pub(crate) label: Option<String>,
    #[serde(with = "in_sealed_document")]
    pub(crate) machine: Secret<String>,
    #[serde(with = "in_sealed_document")]
    pub(crate) sequence: Secret<String>,
    pub(crate) credential: Credential,
}

/// What the device is to keep: shown exactly once, and anew after each use.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(example = Reveal {
    machine_nonce: "bWFjaGluZS1ub25jZS1vZi0zMi1yYW5kb20tYnl0ZXM".to_owned(),
    sequence_nonce: "c2VxdWVuY2Utbm9uY2Utb2YtMzItcmFuZG9tLWJ5dGU".to_owned(),
    expires_in: 2_592_000,
})]
pub struct Reveal {
    /// What names the device; stays the same.
    pub machine_nonce: String,
    /// For the next use, and for that one only.
    pub sequence_nonce: String,
    /// For how many seconds the device is remembered.
    pub expires_in: u64,
}
