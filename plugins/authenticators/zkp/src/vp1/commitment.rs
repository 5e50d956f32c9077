//! `encrypted_commitment`: what a client sends to set up a secret.

use super::{Helper, Pieces, Proof, VERSION, VERSION_BYTE, bytes, lp, text};
use sha2::{Digest as _, Sha512};

/// Bytes of a sealed commitment: the encapsulated key, the plaintext, the tag.
const SEALED: usize = 32 + Commitment::BYTES + 16;

/// A sealed commitment and the key that it is sealed to.
pub struct Envelope {
    /// First byte.
    pub version: u8,
    /// Names the key.
    pub kid: [u8; 8],
    /// Encapsulated key and ciphertext.
    pub sealed: [u8; SEALED],
}

impl Envelope {
    /// Reads the text: 639 characters. Neither version nor key are looked at.
    pub fn parse(told: &str) -> Option<Self> {
        let told: [u8; 1 + 8 + SEALED] = bytes(told)?;
        let mut pieces = Pieces(&told);
        let [version] = *pieces.take()?;
        let read = Self { version, kid: *pieces.take()?, sealed: *pieces.take()? };
        pieces.end()?;
        Some(read)
    }

    /// The text.
    pub fn text(&self) -> String {
        text(&[&[self.version][..], &self.kid, &self.sealed].concat())
    }

    /// The `info` that it is sealed with.
    pub fn info(kid: &[u8; 8]) -> Vec<u8> {
        [&b"VP1 commitment"[..], kid].concat()
    }

    /// What is authenticated with it. `None` where an item is longer than 65 535 bytes.
    pub fn aad(
        purpose: &str,
        tenant: &str,
        username: &str,
        email: &str,
        auth_req_id: &str,
    ) -> Option<Vec<u8>> {
        lp([purpose, tenant, username, email, VERSION, auth_req_id].map(str::as_bytes))
    }
}

/// What is sealed.
pub struct Commitment {
    /// The invitation that it answers.
    pub challenge_id: [u8; 16],
    /// What proofs are held against from now on.
    pub public: [u8; 32],
    /// That the sender knows the secret behind it.
    pub proof: [u8; Proof::BYTES],
    /// To be handed out at each login.
    pub helper: [u8; Helper::BYTES],
}

impl Commitment {
    /// The length of the plaintext in bytes.
    pub const BYTES: usize = 1 + 16 + 32 + Proof::BYTES + Helper::BYTES;

    /// As it is sealed.
    pub fn to_bytes(&self) -> Vec<u8> {
        [&[VERSION_BYTE][..], &self.challenge_id, &self.public, &self.proof, &self.helper].concat()
    }

    /// Reads what was sealed. `None` for another version or length.
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let mut pieces = Pieces(bytes);
        let [version] = *pieces.take()?;
        let read = Self {
            challenge_id: *pieces.take()?,
            public: *pieces.take()?,
            proof: *pieces.take()?,
            helper: *pieces.take()?,
        };
        pieces.end()?;
        (version == VERSION_BYTE).then_some(read)
    }
}

/// What the proof of an enrolment decides besides: the address, the helper and, where a lost secret is replaced, the code.
/// `None` for an address that is longer than 65 535 bytes.
pub fn binding(email: &str, helper: &[u8; Helper::BYTES], code: Option<&str>) -> Option<[u8; 64]> {
    let mut hash = Sha512::new().chain_update(lp([email.as_bytes()])?).chain_update(helper);
    if let Some(code) = code {
        hash.update(Sha512::digest(code.as_bytes()));
    }
    Some(hash.finalize().into())
}

/// What the proof decides that changes an address. `None` for one that is longer than 65 535 bytes.
pub fn binding_of_email(email: &str) -> Option<Vec<u8>> {
    lp([email.as_bytes()])
}
