//! `cipherKey`: what a client says when it asks for a challenge.

use super::{Pieces, bytes, can_be_sealed_to, point, text};

/// What a challenge is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// To prove a secret that is set up.
    Login = 1,
    /// To set one up.
    Enrol = 2,
}

/// The key that the challenge is sealed to, and PIN and pattern, blinded.
#[derive(Clone, PartialEq, Eq)]
pub struct CipherKey {
    /// What for.
    pub kind: Kind,
    /// X25519, made for this challenge.
    pub epk: [u8; 32],
    /// Element of ristretto255 (RFC 9497, section 3.3.1).
    pub blinded: [u8; 32],
}

impl CipherKey {
    /// Its length in bytes.
    pub const BYTES: usize = 65;

    /// Reads the text: 87 characters. `None` for another shape or kind, where `blinded` is no element or the identity, and
    /// where `epk` is a point of low order.
    pub fn parse(told: &str) -> Option<Self> {
        Self::from_bytes(&bytes(told)?).filter(|key| can_be_sealed_to(&key.epk))
    }

    /// Reads the bytes, `epk` unseen.
    pub fn from_bytes(bytes: &[u8; Self::BYTES]) -> Option<Self> {
        let mut pieces = Pieces(bytes);
        let kind = match *pieces.take()? {
            [1] => Kind::Login,
            [2] => Kind::Enrol,
            _ => return None,
        };
        let (epk, blinded) = (*pieces.take()?, *pieces.take()?);
        pieces.end()?;
        point(&blinded)?;
        Some(Self { kind, epk, blinded })
    }

    /// The bytes.
    pub fn to_bytes(&self) -> [u8; Self::BYTES] {
        let mut out = [self.kind as u8; Self::BYTES];
        out[1..33].copy_from_slice(&self.epk);
        out[33..].copy_from_slice(&self.blinded);
        out
    }

    /// The text.
    pub fn text(&self) -> String {
        text(&self.to_bytes())
    }
}
