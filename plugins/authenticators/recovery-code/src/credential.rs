//! What is kept about a list of codes: nothing that a code can be read from.

use crate::code::Code;
use aws_lc_rs::pbkdf2;
use data_encoding::BASE64;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use std::num::NonZeroU32;
use subtle::ConstantTimeEq as _;

/// Length of the salt of a list.
pub(crate) const SALT_BYTES: usize = 16;
const DIGEST_BYTES: usize = 32;

/// Rounds of PBKDF2-HMAC-SHA-256. Codes are random, so the work "may be small" (NIST SP 800-63B-4, section
/// 3.1.2.2): this is the least that SP 800-132 (section 5.2) lets pass. Well below a millisecond.
const ROUNDS: NonZeroU32 = NonZeroU32::MIN.saturating_add(999);

/// The document of one list, sealed at rest.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Credential {
    /// Random, one for the whole list: an answer is hashed once and held against all, and a guess at one
    /// person's codes says nothing about another's.
    salt: Bytes<SALT_BYTES>,
    /// The codes that have not been used.
    codes: Vec<Digest>,
    /// How many have been.
    used: u32,
}

/// A hashed code.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Digest(Bytes<DIGEST_BYTES>);

impl Digest {
    pub(crate) fn of(code: &Code, salt: &[u8; SALT_BYTES]) -> Self {
        let mut digest = [0; DIGEST_BYTES];
        pbkdf2::derive(pbkdf2::PBKDF2_HMAC_SHA256, ROUNDS, salt, code.as_bytes(), &mut digest);
        Self(Bytes(digest))
    }
}

impl Credential {
    pub(crate) fn new(salt: [u8; SALT_BYTES], codes: Vec<Digest>) -> Self {
        Self { salt: Bytes(salt), codes, used: 0 }
    }

    /// A list of nobody's. That a code fits it counts for nothing.
    pub(crate) fn nobody(count: usize) -> Self {
        Self::new([0; SALT_BYTES], vec![Digest(Bytes([0; DIGEST_BYTES])); count])
    }

    /// Where in the list a code is. It is hashed once and held against every code, and where codes have been
    /// used against as many again as a whole list has, whether one fits or not.
    pub(crate) fn place_of(&self, code: &Code, full: u8) -> Option<usize> {
        let tried = Digest::of(code, &self.salt.0);
        let fits = |known: &Digest| bool::from(tried.0.0.ct_eq(&known.0.0));
        let none = Digest(Bytes([0; DIGEST_BYTES]));
        for _ in self.codes.len()..usize::from(full) {
            std::hint::black_box(fits(&none));
        }
        let place = |found: Option<usize>, (at, known): (usize, &Digest)| fits(known).then_some(at).or(found);
        self.codes.iter().enumerate().fold(None, place)
    }

    /// The same without a code that has been used.
    pub(crate) fn without(&self, place: usize) -> Self {
        let mut rest = self.clone();
        rest.codes.remove(place);
        rest.used = rest.used.saturating_add(1);
        rest
    }

    #[cfg(test)]
    pub(crate) fn counts(&self) -> (usize, u32) {
        (self.codes.len(), self.used)
    }
}

/// Bytes, in base64 (RFC 4648, section 4) where they are written.
#[derive(Clone)]
struct Bytes<const N: usize>([u8; N]);

impl<const N: usize> Serialize for Bytes<N> {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(&BASE64.encode(&self.0))
    }
}

impl<'de, const N: usize> Deserialize<'de> for Bytes<N> {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = String::deserialize(d)?;
        let bytes = BASE64.decode(text.as_bytes()).ok().and_then(|b| b.try_into().ok());
        bytes.map(Self).ok_or_else(|| D::Error::custom(format!("expected {N} bytes in base64")))
    }
}

impl<const N: usize> std::fmt::Debug for Bytes<N> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("***")
    }
}
