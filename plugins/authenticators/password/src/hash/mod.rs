//! Stored password hashes: making ours (Argon2id, RFC 9106) and verifying those that other systems made.
//!
//! One file a family of schemes. A family names what it recognises, parses a stored string into decoded and
//! *bounded* values, and only then computes: a hostile string costs a parse, never memory or time. What is
//! accepted costs at most about five seconds of one core and 1 GiB ([`HashFault::OutOfBounds`] says which bound).
//!
//! Absent on purpose: randomness (the salt is an argument), the clock, threads, and any cryptography of our own.

mod arena;
mod argon;
mod bcrypt;
mod fault;
mod params;
mod pbkdf2;
mod scheme;
mod scrypt;
mod sha_crypt;
#[cfg(test)]
mod tests;
mod text;

pub use self::{
    fault::HashFault,
    params::{Argon2Params, ITERATIONS, MEMORY_KIB, PARALLELISM, PASS_KIB},
    scheme::Scheme,
};
use std::fmt;

/// The longest password that is ever hashed, in bytes after normalisation.
///
/// Some imported schemes take time in proportion to the password's length, sha-crypt even to its square.
pub const MAX_PASSWORD_BYTES: usize = 1024;

/// The longest stored hash that is looked at, in bytes. The longest legitimate one is under 250.
pub const MAX_STORED_BYTES: usize = 512;

/// What a stored hash says about a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verified {
    /// The password is the right one.
    pub matches: bool,
    /// The stored hash is of another scheme, version, parameters or length than the wanted ones. After a match
    /// the caller makes a new one with [`hash`].
    pub outdated: bool,
}

/// A stored password hash, parsed and found to be within bounds.
///
/// An importer parses what it is given and refuses what does not parse.
#[non_exhaustive]
pub enum Stored {
    /// Argon2id, Argon2i or Argon2d.
    Argon2(argon::Argon2Hash),
    /// bcrypt, or bcrypt over a SHA-256 digest.
    Bcrypt(bcrypt::BcryptHash),
    /// PBKDF2 with HMAC-SHA-1, -SHA-256 or -SHA-512.
    Pbkdf2(pbkdf2::Pbkdf2Hash),
    /// scrypt.
    Scrypt(scrypt::ScryptHash),
    /// SHA-256-crypt or SHA-512-crypt.
    ShaCrypt(sha_crypt::ShaCryptHash),
}

impl Stored {
    /// Parses a hash in PHC string form, modular crypt form, or the form of Django's password field.
    ///
    /// Computes nothing and allocates at most a few hundred bytes, whatever the text.
    ///
    /// # Errors
    /// [`HashFault::UnknownFormat`] for a scheme that is not known; other faults for a known scheme whose text
    /// is malformed or whose parameters are too costly or too weak.
    pub fn parse(stored: &str) -> Result<Self, HashFault> {
        if stored.len() > MAX_STORED_BYTES {
            return Err(HashFault::StoredTooLong { given: stored.len() });
        }
        let scheme = Scheme::of(stored).ok_or(HashFault::UnknownFormat)?;
        Ok(match scheme {
            Scheme::Argon2id | Scheme::Argon2i | Scheme::Argon2d => {
                Self::Argon2(argon::Argon2Hash::parse(scheme, stored)?)
            }
            Scheme::Bcrypt | Scheme::BcryptSha256 => Self::Bcrypt(bcrypt::BcryptHash::parse(scheme, stored)?),
            Scheme::Pbkdf2Sha1 | Scheme::Pbkdf2Sha256 | Scheme::Pbkdf2Sha512 => {
                Self::Pbkdf2(pbkdf2::Pbkdf2Hash::parse(scheme, stored)?)
            }
            Scheme::Scrypt => Self::Scrypt(scrypt::ScryptHash::parse(stored)?),
            Scheme::Sha256Crypt | Scheme::Sha512Crypt => {
                Self::ShaCrypt(sha_crypt::ShaCryptHash::parse(scheme, stored)?)
            }
        })
    }

    /// The scheme that made it.
    pub fn scheme(&self) -> Scheme {
        match self {
            Self::Argon2(hash) => hash.scheme(),
            Self::Bcrypt(hash) => hash.scheme(),
            Self::Pbkdf2(hash) => hash.scheme(),
            Self::Scrypt(_) => Scheme::Scrypt,
            Self::ShaCrypt(hash) => hash.scheme(),
        }
    }

    /// Compares in constant time. This is where the time goes: 12 ms for our own parameters.
    ///
    /// # Errors
    /// [`HashFault::PasswordTooLong`], or [`HashFault::OutOfMemory`].
    pub fn verify(&self, password: &[u8], wanted: &Argon2Params) -> Result<Verified, HashFault> {
        refuse_long(password)?;
        let matches = match self {
            Self::Argon2(hash) => hash.matches(password, wanted.blocks())?,
            Self::Bcrypt(hash) => hash.matches(password)?,
            Self::Pbkdf2(hash) => hash.matches(password),
            Self::Scrypt(hash) => hash.matches(password)?,
            Self::ShaCrypt(hash) => hash.matches(password)?,
        };
        let outdated = match self {
            Self::Argon2(hash) => !hash.is_current(wanted),
            // Only the first 72 bytes were compared, so a mistake after them went unseen: a new hash of it
            // would lock the right password out.
            Self::Bcrypt(hash) => !hash.truncates(password),
            _ => true,
        };
        Ok(Verified { matches, outdated })
    }
}

impl fmt::Debug for Stored {
    /// The scheme alone: salts and hashes stay out of logs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Stored({})", self.scheme())
    }
}

/// Compares a password with a stored hash, and the hash's making with the wanted one.
///
/// # Errors
/// As [`Stored::parse`] and [`Stored::verify`]. A wrong password is no error.
pub fn verify(stored: &str, password: &[u8], wanted: &Argon2Params) -> Result<Verified, HashFault> {
    refuse_long(password)?;
    Stored::parse(stored)?.verify(password, wanted)
}

/// Hashes a password: Argon2id version 19 (RFC 9106, section 3), 32 bytes, as a PHC string.
///
/// The salt is 16 bytes from the caller's random source, never used twice.
///
/// # Errors
/// [`HashFault::OutOfBounds`] for parameters out of bounds, [`HashFault::PasswordTooLong`],
/// [`HashFault::OutOfMemory`].
pub fn hash(password: &[u8], salt: &[u8; 16], params: &Argon2Params) -> Result<String, HashFault> {
    refuse_long(password)?;
    argon::hash(password, salt, params)
}

/// A valid hash that no password matches, for when there is no such person: verifying against it costs what
/// verifying against a hash made with `params` costs.
///
/// Imported hashes of other schemes cost something else until their first login makes a new one, so during a
/// migration the time of a refusal tells a migrated person from an unknown one.
pub fn decoy(params: &Argon2Params) -> String {
    argon::decoy(params)
}

/// The scheme of a stored hash by its prefix, without looking at the rest. `None`: no scheme that is known.
pub fn scheme_of(stored: &str) -> Option<Scheme> {
    Scheme::of(stored)
}

fn refuse_long(password: &[u8]) -> Result<(), HashFault> {
    if password.len() > MAX_PASSWORD_BYTES { Err(HashFault::PasswordTooLong) } else { Ok(()) }
}
