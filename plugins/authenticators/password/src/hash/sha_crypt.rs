//! SHA-256-crypt and SHA-512-crypt (Drepper, 2008): `$5$` and `$6$` of `/etc/shadow`.
//!
//! `$6$rounds=10000$salt$hash`; without `rounds=` it is 5000. The salt is text, at most 16 characters.

use super::{HashFault, Scheme, params::within, text::Reader};
use ::sha_crypt::{PasswordVerifier, ShaCrypt, password_hash::Error};
use std::ops::RangeInclusive;

/// Rounds that are accepted: the format's own least, and three times the greatest default in the field (passlib's
/// 656 000). The time grows with the password: at the most, 0.4 s for ten bytes and 5 s for 1024.
const ROUNDS: RangeInclusive<u32> = 1_000..=2_000_000;

/// A parsed sha-crypt hash.
pub struct ShaCryptHash {
    scheme: Scheme,
    /// As the crate takes it.
    text: String,
}

impl ShaCryptHash {
    pub(super) fn parse(scheme: Scheme, stored: &str) -> Result<Self, HashFault> {
        let read = Reader { scheme };
        // After the prefix, which is `$5$` or `$6$`.
        let mut rest = &stored[3..];
        if let Some((rounds, after)) = rest.strip_prefix("rounds=").and_then(|rest| rest.split_once('$')) {
            within(scheme, "rounds", read.decimal(rounds)?, &ROUNDS)?;
            rest = after;
        }
        let [salt, output] = read.fields(rest, '$')?;
        let crypt =
            |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"./".contains(&byte));
        if !(1..=16).contains(&salt.len()) || !crypt(salt) {
            return Err(read.malformed("the salt"));
        }
        let length = if scheme == Scheme::Sha256Crypt { 43 } else { 86 };
        if output.len() != length || !crypt(output) {
            return Err(read.malformed("the hash"));
        }
        Ok(Self { scheme, text: stored.to_owned() })
    }

    pub(super) fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// The crate compares in constant time.
    pub(super) fn matches(&self, password: &[u8]) -> Result<bool, HashFault> {
        match ShaCrypt::default().verify_password(password, self.text.as_str()) {
            Ok(()) => Ok(true),
            Err(Error::PasswordInvalid) => Ok(false),
            Err(_) => Err(Reader { scheme: self.scheme }.malformed("the hash")),
        }
    }
}
