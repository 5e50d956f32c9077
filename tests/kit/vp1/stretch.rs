//! From what the OPRF says to the key: Argon2id and HKDF.

use super::{
    bytes::{lp, sha512},
    helper::Helper,
};
use argon2::{Algorithm, Argon2, Params, Version};
use curve25519_dalek::Scalar;
use hkdf::Hkdf;
use sha2::Sha512;
use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

/// What Argon2id made before: the same secret logs in many times in a story, and each takes half a second.
static DONE: Mutex<BTreeMap<Question, [u8; 64]>> = Mutex::new(BTreeMap::new());

type Question = ([u8; 64], [u8; 16], u32, u8, u8);

/// `prk`, from which all the rest comes.
#[derive(Clone, PartialEq, Eq)]
pub struct Stretched(pub [u8; 64]);

/// HKDF-SHA-512, whole.
///
/// # Panics
/// For more than 255 blocks.
pub fn hkdf<const N: usize>(salt: &[u8], secret: &[u8], info: &[u8]) -> [u8; N] {
    let mut out = [0; N];
    Hkdf::<Sha512>::new(Some(salt), secret).expand(info, &mut out).expect("a length that it has");
    out
}

fn expanded<const N: usize>(prk: &[u8; 64], info: &[u8]) -> [u8; N] {
    let mut out = [0; N];
    let hkdf = Hkdf::<Sha512>::from_prk(prk).expect("64 bytes");
    hkdf.expand(info, &mut out).expect("a length that it has");
    out
}

/// Argon2id as the helper says.
///
/// # Panics
/// For parameters that Argon2 does not have.
pub fn stretched(y: &[u8; 64], helper: &Helper) -> [u8; 64] {
    let question = (*y, helper.salt, helper.m, helper.t, helper.p);
    let done = || DONE.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = done().get(&question) {
        return *known;
    }
    let params = Params::new(helper.m, helper.t.into(), helper.p.into(), Some(64)).expect("parameters");
    let mut out = [0; 64];
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    argon2.hash_password_into(y, &helper.salt, &mut out).expect("parameters");
    done().insert(question, out);
    out
}

impl Stretched {
    /// Of what the OPRF said.
    pub fn of(y: &[u8; 64], helper: &Helper) -> Self {
        let secret = [&y[..], &stretched(y, helper)].concat();
        let (prk, _) = Hkdf::<Sha512>::extract(Some(b"VP1-stretch"), &secret);
        Self(prk.into())
    }

    /// What hides the sketch.
    pub fn mask(&self, alg: &[u8]) -> [u8; 255] {
        expanded(&self.0, &[b"VP1-sketch-mask", &lp(alg)[..]].concat())
    }

    /// The key; it hangs on every byte of the helper.
    pub fn x(&self, message: &[u8; 63], helper: &[u8]) -> Scalar {
        let info = [b"VP1-x", &sha512(&[helper])[..]].concat();
        Scalar::from_bytes_mod_order_wide(&hkdf(&self.0, message, &info))
    }
}
