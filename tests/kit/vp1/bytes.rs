//! Lengths, base64url, randomness.

use curve25519_dalek::Scalar;
use data_encoding::BASE64URL_NOPAD;
use sha2::{Digest, Sha512};

/// Its length in two bytes, and it.
///
/// # Panics
/// Where two bytes don't hold the length.
pub fn lp(item: &[u8]) -> Vec<u8> {
    let length = u16::try_from(item.len()).expect("an item of at most 65 535 bytes");
    [&length.to_be_bytes(), item].concat()
}

pub fn b64u(bytes: &[u8]) -> String {
    BASE64URL_NOPAD.encode(bytes)
}

/// # Panics
/// For what is no base64url.
pub fn of_b64u(text: &str) -> Vec<u8> {
    BASE64URL_NOPAD.decode(text.as_bytes()).expect("base64url")
}

/// Other bytes each time.
///
/// # Panics
/// Where the system has none.
pub fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    aws_lc_rs::rand::fill(&mut bytes).expect("randomness");
    bytes
}

pub(super) fn random_scalar() -> Scalar {
    Scalar::from_bytes_mod_order_wide(&random())
}

pub(super) fn sha512(parts: &[&[u8]]) -> [u8; 64] {
    let mut hash = Sha512::new();
    parts.iter().for_each(|part| hash.update(part));
    hash.finalize().into()
}

pub(super) fn xor<const N: usize>(a: &[u8; N], b: &[u8; N]) -> [u8; N] {
    std::array::from_fn(|at| a[at] ^ b[at])
}
