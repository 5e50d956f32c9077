//! RFC 8235: that somebody knows `x`, and nothing else of it.

use super::bytes::{lp, sha512};
use curve25519_dalek::{
    RistrettoPoint, Scalar, constants::RISTRETTO_BASEPOINT_POINT as G, ristretto::CompressedRistretto,
    traits::Identity,
};

/// What picture, PIN and pattern come to.
#[derive(Clone)]
pub struct Key {
    pub x: Scalar,
    /// How many bits of the picture were not those of the enrolment.
    pub errors: u32,
}

/// Whose proof it is.
pub fn user_id(tenant: &str, username: &str) -> Vec<u8> {
    [lp(tenant.as_bytes()), lp(username.as_bytes())].concat()
}

/// `c` of a commitment.
pub fn challenge_of(commitment: &[u8; 32], public: &[u8; 32], user: &[u8], context: &[u8]) -> Scalar {
    let base = G.compress();
    let items: [&[u8]; 5] = [base.as_bytes(), commitment, public, user, context];
    let counted: Vec<u8> = items.iter().flat_map(|item| counted(item)).collect();
    Scalar::from_bytes_mod_order_wide(&sha512(&[&counted]))
}

fn counted(item: &[u8]) -> Vec<u8> {
    let length = u32::try_from(item.len()).expect("an item of less than 4 GiB");
    [&length.to_be_bytes(), item].concat()
}

impl Key {
    pub fn public(&self) -> [u8; 32] {
        (self.x * G).compress().to_bytes()
    }

    /// A proof; `randomness` is fresh, but where a vector says what it was.
    pub fn proof(&self, user: &[u8], context: &[u8], randomness: &[u8; 32]) -> [u8; 64] {
        let of_context = sha512(&[context]);
        let v = sha512(&[b"VP1-nonce", self.x.as_bytes(), randomness, &of_context]);
        let v = Scalar::from_bytes_mod_order_wide(&v);
        let c = challenge_of((v * G).compress().as_bytes(), &self.public(), user, context);
        let r = v - c * self.x;
        let mut proof = [0; 64];
        proof[..32].copy_from_slice(c.as_bytes());
        proof[32..].copy_from_slice(r.as_bytes());
        proof
    }
}

/// Whether it is a proof.
pub fn proves(proof: &[u8; 64], public: &[u8; 32], user: &[u8], context: &[u8]) -> bool {
    let scalar = |bytes: &[u8]| {
        let bytes = <[u8; 32]>::try_from(bytes).ok()?;
        Scalar::from_canonical_bytes(bytes).into_option()
    };
    let point = CompressedRistretto(*public).decompress().filter(|x| *x != RistrettoPoint::identity());
    let (Some(c), Some(r), Some(x)) = (scalar(&proof[..32]), scalar(&proof[32..]), point) else {
        return false;
    };
    c == challenge_of((r * G + c * x).compress().as_bytes(), public, user, context)
}
