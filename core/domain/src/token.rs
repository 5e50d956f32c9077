//! Opaque tokens in two types: one can be sent, the other stored.

use crate::world::{World, random_array};
use aws_lc_rs::digest::{SHA256, digest};
use data_encoding::BASE64URL_NOPAD;
use gatewright_contract::{Fault, Secret};
use std::fmt;

/// A token as its owner holds it: 256 random bits. Shown once, never stored, never printed.
#[derive(Clone)]
pub struct PlainToken(Secret<String>);

impl PlainToken {
    /// Makes one; `prefix` says what it is for (`gw_at`), so that a leaked one is recognised.
    ///
    /// # Errors
    /// When there is no randomness.
    pub fn new(prefix: &str, world: &dyn World) -> Result<Self, Fault> {
        let bytes: [u8; 32] = random_array(world)?;
        Ok(Self(Secret::new(format!("{prefix}_{}", BASE64URL_NOPAD.encode(&bytes)))))
    }

    /// Takes what a client sent; `None` when it can't be a token of ours (too long, odd characters).
    pub fn received(text: &str) -> Option<Self> {
        let ok = (16..=128).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
        ok.then(|| Self(Secret::new(text.to_owned())))
    }

    /// The token itself, to be sent to its owner.
    pub fn expose(&self) -> &str {
        self.0.expose()
    }

    /// The form that is stored.
    pub fn hashed(&self) -> HashedToken {
        HashedToken::of(self.expose().as_bytes())
    }
}

impl fmt::Debug for PlainToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// SHA-256 of a token. Enough for 256 random bits: there is nothing to guess.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct HashedToken(pub [u8; 32]);

impl HashedToken {
    /// Hashes bytes (a token, or the name of a counter).
    pub fn of(bytes: &[u8]) -> Self {
        let mut out = [0; 32];
        out.copy_from_slice(digest(&SHA256, bytes).as_ref());
        Self(out)
    }

    /// From storage; `None` when it has not 32 bytes.
    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// Compares in constant time.
    pub fn same(&self, other: &Self) -> bool {
        subtle::ConstantTimeEq::ct_eq(&self.0[..], &other.0[..]).into()
    }
}

impl fmt::Debug for HashedToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HashedToken({:02x}{:02x}…)", self.0[0], self.0[1])
    }
}
