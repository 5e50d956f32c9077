//! Schnorr's proof of knowledge of a discrete logarithm, non-interactive (RFC 8235), over ristretto255 (RFC 9496) with
//! SHA-512.

use super::{Pieces, point};
use curve25519_dalek::{
    RistrettoPoint, Scalar,
    constants::{RISTRETTO_BASEPOINT_COMPRESSED, RISTRETTO_BASEPOINT_POINT},
    ristretto::CompressedRistretto,
};
use sha2::{Digest as _, Sha512};
use subtle::{Choice, ConstantTimeEq as _};
use zeroize::{Zeroize as _, Zeroizing};

/// What a proof is held against.
#[derive(Clone, Copy)]
pub struct PublicKey {
    point: RistrettoPoint,
    bytes: CompressedRistretto,
}

impl PublicKey {
    /// Reads it. `None` for another encoding of a point than its one, and for the identity.
    pub fn parse(bytes: &[u8; 32]) -> Option<Self> {
        Some(Self { point: point(bytes)?, bytes: CompressedRistretto(*bytes) })
    }

    /// Of a secret. `None` for zero.
    pub fn of(secret: &Scalar) -> Option<Self> {
        let point = secret * RISTRETTO_BASEPOINT_POINT;
        Self::parse(&point.compress().0)
    }

    /// One whose secret nobody knows, made of 64 bytes (RFC 9496, section 4.3.4).
    pub fn of_nobody(bytes: &[u8; 64]) -> Self {
        let point = RistrettoPoint::from_uniform_bytes(bytes);
        Self { point, bytes: point.compress() }
    }

    /// The bytes.
    pub fn to_bytes(&self) -> [u8; 32] {
        self.bytes.0
    }
}

/// A proof: challenge and response.
#[derive(Clone, Copy)]
pub struct Proof {
    challenge: Scalar,
    response: Scalar,
}

impl Proof {
    /// Its length in bytes.
    pub const BYTES: usize = 64;

    /// Reads it. `None` where a number is not below the order of the group.
    pub fn parse(bytes: &[u8; Self::BYTES]) -> Option<Self> {
        let mut pieces = Pieces(bytes);
        let mut scalar = || Option::from(Scalar::from_canonical_bytes(*pieces.take()?));
        Some(Self { challenge: scalar()?, response: scalar()? })
    }

    /// The bytes.
    pub fn to_bytes(&self) -> [u8; Self::BYTES] {
        let mut out = [0; Self::BYTES];
        out[..32].copy_from_slice(self.challenge.as_bytes());
        out[32..].copy_from_slice(self.response.as_bytes());
        out
    }

    /// Whether whoever made it knew the secret of `key`, for this user and context.
    pub fn verify(&self, key: &PublicKey, user_id: &[u8], context: &[u8]) -> Choice {
        let commitment =
            RistrettoPoint::vartime_double_scalar_mul_basepoint(&self.challenge, &key.point, &self.response);
        let expected = challenge(&commitment.compress(), &key.bytes, user_id, context);
        expected.ct_eq(&self.challenge)
    }
}

/// Proves knowledge of `secret`. The nonce depends on everything and on 32 random bytes: neither a broken generator nor a
/// repeated one makes two proofs share it. `None` for a secret that is zero.
pub fn prove(secret: &Scalar, user_id: &[u8], context: &[u8], random: &[u8; 32]) -> Option<Proof> {
    let key = PublicKey::of(secret)?;
    let hash = Sha512::new()
        .chain_update(b"VP1-nonce")
        .chain_update(secret.as_bytes())
        .chain_update(random)
        .chain_update(Sha512::digest(context));
    let mut nonce = wide(&Zeroizing::new(hash.finalize().into()));
    let commitment = (nonce * RISTRETTO_BASEPOINT_POINT).compress();
    let challenge = challenge(&commitment, &key.bytes, user_id, context);
    let response = nonce - challenge * secret;
    nonce.zeroize();
    Some(Proof { challenge, response })
}

/// 64 bytes as a number below the order of the group, evenly.
pub fn wide(bytes: &[u8; 64]) -> Scalar {
    Scalar::from_bytes_mod_order_wide(bytes)
}

/// Every item after its length in four bytes (RFC 8235, section 3.3).
fn challenge(
    commitment: &CompressedRistretto,
    key: &CompressedRistretto,
    user_id: &[u8],
    context: &[u8],
) -> Scalar {
    let mut hash = Sha512::new();
    let items: [&[u8]; 5] =
        [&RISTRETTO_BASEPOINT_COMPRESSED.0, commitment.as_bytes(), key.as_bytes(), user_id, context];
    for item in items {
        // No item is longer than twelve of 64 KiB.
        hash.update((item.len() as u32).to_be_bytes());
        hash.update(item);
    }
    wide(&hash.finalize().into())
}
