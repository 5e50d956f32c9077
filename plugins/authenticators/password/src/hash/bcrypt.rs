//! bcrypt (Provos and Mazières, 1999).
//!
//! * modular crypt: `$2a$`, `$2b$` or `$2y$`, all read alike: they differ in faults of old implementations with
//!   passwords of 255 bytes and more, or with NUL
//! * Django: the same behind `bcrypt$`, or `bcrypt_sha256$` over the hexadecimal SHA-256 of the password
//!
//! **Longer than 72 bytes**: bcrypt sees the first 72 and no more. The systems that hashes come from cut there
//! (C libraries, PHP, Node, Python before 2025), so we do, for these hashes only: such a password matches by its
//! first 72 bytes, and the hash is not reported as outdated then, since what follows was never checked.
//!
//! **NUL**: a C library stops there. No password with one comes here: the rules and the normalisation refuse it.

use super::{HashFault, Scheme, params::within, text::Reader};
use ::bcrypt::HashParts;
use data_encoding::HEXLOWER;
use pbkdf2::sha2::{Digest, Sha256};
use std::ops::RangeInclusive;
use zeroize::Zeroizing;

/// The cost, a power of two of rounds, that is accepted. 4 is the least there is; 16 takes 3.4 s, 10 takes 57 ms.
const COST: RangeInclusive<u32> = 4..=16;

/// What bcrypt sees of a password, in bytes.
const SEEN_BYTES: usize = 72;

/// A parsed bcrypt hash.
pub struct BcryptHash {
    scheme: Scheme,
    /// In modular crypt form, as the crate takes it.
    text: String,
}

impl BcryptHash {
    pub(super) fn parse(scheme: Scheme, stored: &str) -> Result<Self, HashFault> {
        let read = Reader { scheme };
        // `bcrypt$$2b$…`: Django's name, a separator, and the modular crypt form.
        let text = match stored.split_once('$') {
            Some(("bcrypt" | "bcrypt_sha256", text)) => text,
            _ => stored,
        };
        if !["$2a$", "$2b$", "$2y$"].iter().any(|version| text.starts_with(version)) {
            return Err(read.malformed("the version"));
        }
        // The crate would take a sign for a digit.
        let cost = text.get(4..6).filter(|cost| cost.bytes().all(|byte| byte.is_ascii_digit()));
        cost.ok_or_else(|| read.malformed("the cost"))?;
        let parts: HashParts = text.parse().map_err(|_| read.malformed("the salt or the hash"))?;
        within(scheme, "the cost", parts.get_cost(), &COST)?;
        Ok(Self { scheme, text: text.to_owned() })
    }

    pub(super) fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// The crate compares in constant time.
    pub(super) fn matches(&self, password: &[u8]) -> Result<bool, HashFault> {
        let verified = if self.scheme == Scheme::BcryptSha256 {
            let digest = Zeroizing::new(HEXLOWER.encode(&Sha256::digest(password)));
            ::bcrypt::verify(digest.as_bytes(), &self.text)
        } else {
            ::bcrypt::verify(password, &self.text)
        };
        verified.map_err(|_| Reader { scheme: self.scheme }.malformed("the salt or the hash"))
    }

    /// The password is longer than what was compared.
    pub(super) fn truncates(&self, password: &[u8]) -> bool {
        self.scheme == Scheme::Bcrypt && password.len() > SEEN_BYTES
    }
}
