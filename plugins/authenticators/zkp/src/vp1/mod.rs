//! Protocol VP1: what travels and what is computed, without a host, a clock or a store. Pure functions, used by the
//! server and by clients in tests. Integers are big-endian, texts base64url without padding.

mod challenge;
mod cipher_key;
mod commitment;
mod context;
mod factors;
mod helper;
mod proof;
mod seal;

pub use challenge::Challenge;
pub use cipher_key::{CipherKey, Kind};
pub use commitment::{Commitment, Envelope, binding, binding_of_email};
pub use context::{Context, Purpose, user_id};
pub use factors::{Factors, Flags};
pub use helper::Helper;
pub use proof::{Proof, PublicKey, prove, wide};
pub use seal::{KeyPair, NotSealed, can_be_sealed_to, open, seal};

use curve25519_dalek::{
    ristretto::{CompressedRistretto, RistrettoPoint},
    traits::IsIdentity,
};
use data_encoding::BASE64URL_NOPAD;

/// The value of `proto_version`.
pub const VERSION: &str = "vp1";

/// First byte of everything that travels in more than one piece.
pub const VERSION_BYTE: u8 = 1;

/// Each item after its length in two bytes, one after the other. `None` where one of them is too long for that: cut off,
/// two texts could become one.
pub fn lp<'a>(items: impl IntoIterator<Item = &'a [u8]>) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    for item in items {
        out.extend_from_slice(&u16::try_from(item.len()).ok()?.to_be_bytes());
        out.extend_from_slice(item);
    }
    Some(out)
}

/// Exactly these many bytes of a text: its one spelling, without padding, white space or bits that mean nothing.
pub fn bytes<const N: usize>(text: &str) -> Option<[u8; N]> {
    if text.len() != BASE64URL_NOPAD.encode_len(N) {
        return None;
    }
    BASE64URL_NOPAD.decode(text.as_bytes()).ok()?.try_into().ok()
}

/// The text of bytes.
pub fn text(bytes: &[u8]) -> String {
    BASE64URL_NOPAD.encode(bytes)
}

/// A point in its one encoding (RFC 9496, section 4.3.1) that is not the identity.
pub fn point(bytes: &[u8; 32]) -> Option<RistrettoPoint> {
    CompressedRistretto(*bytes).decompress().filter(|point| !point.is_identity())
}

/// Cuts bytes into pieces of fixed lengths.
struct Pieces<'a>(&'a [u8]);

impl<'a> Pieces<'a> {
    fn take<const N: usize>(&mut self) -> Option<&'a [u8; N]> {
        let (piece, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(piece)
    }

    /// An item of exactly this length after its length.
    fn item<const N: usize>(&mut self) -> Option<&'a [u8; N]> {
        let length = u16::from_be_bytes(*self.take::<2>()?);
        if usize::from(length) != N {
            return None;
        }
        self.take()
    }

    /// Whether there is nothing left.
    fn end(&self) -> Option<()> {
        self.0.is_empty().then_some(())
    }
}
