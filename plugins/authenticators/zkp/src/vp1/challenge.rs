//! What a challenge tells whoever holds the key that it is sealed to.

use super::{CipherKey, Helper, Pieces, VERSION_BYTE, lp};
use zeroize::Zeroizing;

/// The plaintext of `challenge_data`.
pub struct Challenge {
    /// Names it. Travels sealed only, so that nobody else can answer.
    pub id: [u8; 16],
    /// Makes each proof new.
    pub nonce: [u8; 32],
    /// When it was made, in seconds since 1970.
    pub issued: u64,
    /// How many seconds it is good for.
    pub ttl: u32,
    /// PIN and pattern under the key of the enrolment, still blinded.
    pub evaluated: [u8; 32],
    /// Salt, cost and masked sketch.
    pub helper: [u8; Helper::BYTES],
}

impl Challenge {
    /// The `info` that it is sealed with.
    pub const INFO: &'static [u8] = b"VP1 challenge";
    /// The length of the plaintext in bytes.
    pub const BYTES: usize = 1 + 16 + 32 + 8 + 4 + 32 + Helper::BYTES;

    /// What is authenticated with it. `None` where an item is longer than 65 535 bytes.
    pub fn aad(tenant: &str, username: &str, auth_req_id: &str, key: &CipherKey) -> Option<Vec<u8>> {
        lp([tenant.as_bytes(), username.as_bytes(), auth_req_id.as_bytes(), &key.to_bytes()[..]])
    }

    /// As it is sealed.
    pub fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        let mut out = Zeroizing::new(Vec::with_capacity(Self::BYTES));
        out.push(VERSION_BYTE);
        out.extend_from_slice(&self.id);
        out.extend_from_slice(&self.nonce);
        out.extend_from_slice(&self.issued.to_be_bytes());
        out.extend_from_slice(&self.ttl.to_be_bytes());
        out.extend_from_slice(&self.evaluated);
        out.extend_from_slice(&self.helper);
        out
    }

    /// Reads what was sealed. `None` for another version or length.
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let mut pieces = Pieces(bytes);
        let [version] = *pieces.take()?;
        let read = Self {
            id: *pieces.take()?,
            nonce: *pieces.take()?,
            issued: u64::from_be_bytes(*pieces.take()?),
            ttl: u32::from_be_bytes(*pieces.take()?),
            evaluated: *pieces.take()?,
            helper: *pieces.take()?,
        };
        pieces.end()?;
        (version == VERSION_BYTE).then_some(read)
    }
}
