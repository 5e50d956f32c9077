//! A code as a person writes it, and in the form in which it is kept.

use aws_lc_rs::pbkdf2;
use data_encoding::BASE64;
use gatewright_contract::Secret;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use std::num::NonZeroU32;
use subtle::ConstantTimeEq as _;

/// Crockford's base 32: no I, L, O (taken for 1 and 0) and no U (it makes words).
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// The longest input that is looked at, in bytes: 32 characters with any sensible spacing.
const MAX_TYPED_BYTES: usize = 128;

/// Rounds of PBKDF2-HMAC-SHA-256. The codes are random, so the work "may be small" (NIST SP 800-63B-4, section 3.1.2.2):
/// this is the least that SP 800-132 (section 5.2) lets pass. Well below a millisecond.
const ROUNDS: NonZeroU32 = NonZeroU32::MIN.saturating_add(999);

/// A code without hyphens, in capital letters.
pub(crate) struct Code(Secret<String>);

impl Code {
    /// One character a byte: 256 is a multiple of 32, so each character is as likely as any other.
    pub(crate) fn of_random(random: &[u8]) -> Self {
        let char_of = |byte: &u8| char::from(ALPHABET[usize::from(byte % 32)]);
        Self(Secret::new(random.iter().map(char_of).collect()))
    }

    /// What a person has typed: case, white space and hyphens don't count, and a letter that looks like a digit is that
    /// digit. With anything else in it, it is no code, and empty here: HMAC fills a key up with zero bytes (RFC 2104,
    /// section 2), so that a code and zero bytes after it would be one.
    pub(crate) fn read(input: &str) -> Self {
        let is_spacing = |c: &char| c.is_whitespace() || matches!(c, '-' | '\u{2010}'..='\u{2015}');
        let meant = |c: char| match c.to_ascii_uppercase() {
            'O' => Some('0'),
            'I' | 'L' => Some('1'),
            c => ALPHABET.iter().any(|known| char::from(*known) == c).then_some(c),
        };
        let code: Option<String> = match input.len() {
            0..=MAX_TYPED_BYTES => input.chars().filter(|c| !is_spacing(c)).map(meant).collect(),
            _ => None,
        };
        Self(Secret::new(code.unwrap_or_default()))
    }

    /// For the person: a hyphen after every fourth character.
    pub(crate) fn grouped(&self) -> String {
        let mut text = String::with_capacity(2 * self.0.expose().len());
        for (i, c) in self.0.expose().chars().enumerate() {
            if i > 0 && i % 4 == 0 {
                text.push('-');
            }
            text.push(c);
        }
        text
    }
}

/// A salted hash of a code.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Digest {
    salt: Bytes<16>,
    hash: Bytes<32>,
}

impl Digest {
    pub(crate) fn of(code: &Code, salt: [u8; 16]) -> Self {
        let mut hash = [0; 32];
        pbkdf2::derive(pbkdf2::PBKDF2_HMAC_SHA256, ROUNDS, &salt, code.0.expose().as_bytes(), &mut hash);
        Self { salt: Bytes(salt), hash: Bytes(hash) }
    }

    /// Of nobody's code.
    pub(crate) fn nobody() -> Self {
        Self { salt: Bytes([0; 16]), hash: Bytes([0; 32]) }
    }

    /// Whether this is the code, in constant time.
    pub(crate) fn is_of(&self, code: &Code) -> bool {
        Self::of(code, self.salt.0).hash.0.ct_eq(&self.hash.0).into()
    }
}

impl std::fmt::Debug for Digest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("***")
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
