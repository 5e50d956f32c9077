//! What is kept about one passkey.

use data_encoding::BASE64URL_NOPAD;
use gatewright_contract::LookupKey;
use serde::{Deserialize, Serialize};
use webauthn_rs_core::{
    crypto::compute_sha256,
    proto::{
        AttestationFormat, COSEKey, Credential as Registered, ParsedAttestation, RegisteredExtensions,
        UserVerificationPolicy,
    },
};

/// The document of one passkey, sealed at rest (WebAuthn Level 3, section 4: credential record).
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Credential {
    /// Id, base64url.
    pub id: String,
    /// Public key.
    pub key: COSEKey,
    /// The counter of the last signature.
    pub counter: u32,
    /// Whether the device has ever checked the person in a way that is proven otherwise as well: at the enrolment, or
    /// as a second factor. Only then the check counts as a proof: on a found key without a PIN the finder sets one.
    pub user_verified: bool,
    /// Whether it can be copied to other devices. Never changes.
    pub backup_eligible: bool,
    /// Whether it has been.
    pub backed_up: bool,
    /// How the browser reaches it; a hint of the browser's.
    pub transports: Vec<String>,
    /// Model, as the authenticator says.
    pub aaguid: String,
    /// What the configuration calls the model that a certificate has vouched for.
    pub model: Option<String>,
    /// Whether it answers without being named, where the browser has told.
    pub discoverable: Option<bool>,
}

impl Credential {
    /// In the library's form, to be checked. That the device has checked the person once does not make it a must for a
    /// second factor: a closed laptop has no fingerprint reader (`docs/decisions/0020-…`).
    pub(crate) fn registered(&self) -> Option<Registered> {
        Some(Registered {
            cred_id: BASE64URL_NOPAD.decode(self.id.as_bytes()).ok()?,
            cred: self.key.clone(),
            counter: self.counter,
            transports: None,
            user_verified: false,
            backup_eligible: self.backup_eligible,
            backup_state: self.backed_up,
            registration_policy: UserVerificationPolicy::Preferred,
            extensions: RegisteredExtensions::none(),
            attestation: ParsedAttestation::default(),
            attestation_format: AttestationFormat::None,
        })
    }
}

/// The key under which a passkey is stored: a hash, since an id may be long, and has no business in clear.
pub(crate) fn lookup(id: &[u8]) -> LookupKey {
    LookupKey(BASE64URL_NOPAD.encode(&compute_sha256(id)))
}
