//! What goes over the wire, what is stored, and the one computation.

use aws_lc_rs::{constant_time::verify_slices_are_equal, hmac};
use gatewright_contract::{Secret, in_sealed_document, serde_json::json};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The table `[plugins.hmac-key]`.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// How long a nonce may be answered, in seconds.
    #[schemars(range(min = 5, max = 600))]
    pub answer_seconds: u16,
}

impl Default for Config {
    fn default() -> Self {
        Self { answer_seconds: 60 }
    }
}

/// What is stored of an enrolled person: 256 random bits as hex digits, sealed by the host.
#[derive(Debug, Serialize, Deserialize)]
pub struct Key {
    #[serde(with = "in_sealed_document")]
    hex: Secret<String>,
}

/// What the person is asked, and what is kept until the answer comes.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(example = Nonce::example())]
pub struct Nonce {
    /// 32 hex digits, never the same twice. The text is what is signed, not what it stands for.
    pub nonce: String,
}

/// The answer, and the proof that finishes the enrolment.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(example = json!({"mac": "0f".repeat(32)}))]
pub struct Mac {
    /// HMAC-SHA-256 of the nonce under the key, both as text: 64 small hex digits.
    pub mac: Secret<String>,
}

/// What the person is shown to enrol. The key is not shown again.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
#[schemars(example = Invitation::example())]
pub struct Invitation {
    /// The key, 64 hex digits: to be kept in a file that nobody else can read.
    pub key: String,
    /// To be signed with it, as proof that it has arrived.
    pub nonce: String,
}

impl Key {
    pub(crate) fn of(bytes: [u8; 32]) -> Self {
        Self { hex: Secret::new(hex(&bytes)) }
    }

    /// Whether this is the right answer. Compared in constant time.
    pub(crate) fn fits(&self, nonce: &Nonce, answer: &Mac) -> bool {
        let right = mac(self.hex.expose(), &nonce.nonce);
        verify_slices_are_equal(right.as_bytes(), answer.mac.expose().as_bytes()).is_ok()
    }
}

impl Nonce {
    pub(crate) fn of(bytes: [u8; 16]) -> Self {
        Self { nonce: hex(&bytes) }
    }

    fn example() -> Self {
        Self::of([7; 16])
    }
}

impl Invitation {
    pub(crate) fn of(key: &Key, nonce: &Nonce) -> Self {
        Self { key: key.hex.expose().clone(), nonce: nonce.nonce.clone() }
    }

    fn example() -> Self {
        Self::of(&Key::of([0x5a; 32]), &Nonce::example())
    }
}

/// What `printf %s NONCE | openssl dgst -sha256 -hmac KEY` prints.
pub(crate) fn mac(key: &str, nonce: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, key.as_bytes());
    hex(hmac::sign(&key, nonce.as_bytes()).as_ref())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}
