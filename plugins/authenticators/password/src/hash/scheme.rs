//! The schemes by name and by the prefix of their stored text.

use std::fmt;

/// A password hashing scheme.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Scheme {
    /// Argon2id, RFC 9106: the one that new hashes are made with.
    Argon2id,
    /// Argon2i, RFC 9106.
    Argon2i,
    /// Argon2d, RFC 9106.
    Argon2d,
    /// bcrypt (Provos and Mazières, 1999).
    Bcrypt,
    /// bcrypt over the hexadecimal SHA-256 of the password, as Django does it.
    BcryptSha256,
    /// PBKDF2 with HMAC-SHA-1, RFC 8018 section 5.2.
    Pbkdf2Sha1,
    /// PBKDF2 with HMAC-SHA-256, RFC 8018 section 5.2.
    Pbkdf2Sha256,
    /// PBKDF2 with HMAC-SHA-512, RFC 8018 section 5.2.
    Pbkdf2Sha512,
    /// scrypt, RFC 7914.
    Scrypt,
    /// SHA-256-crypt of the C library (Drepper, 2008).
    Sha256Crypt,
    /// SHA-512-crypt of the C library (Drepper, 2008).
    Sha512Crypt,
}

/// Prefix of the stored text → scheme. A prefix without a leading `$` is Django's.
const PREFIXES: &[(&str, Scheme)] = &[
    ("$argon2id$", Scheme::Argon2id),
    ("$argon2i$", Scheme::Argon2i),
    ("$argon2d$", Scheme::Argon2d),
    ("argon2$argon2id$", Scheme::Argon2id),
    ("argon2$argon2i$", Scheme::Argon2i),
    ("argon2$argon2d$", Scheme::Argon2d),
    // `$2x$`, the C library's name for hashes made by a faulty version, is left out: nobody can say what
    // password it stands for.
    ("$2a$", Scheme::Bcrypt),
    ("$2b$", Scheme::Bcrypt),
    ("$2y$", Scheme::Bcrypt),
    ("bcrypt$$2", Scheme::Bcrypt),
    ("bcrypt_sha256$$2", Scheme::BcryptSha256),
    ("$pbkdf2-sha256$", Scheme::Pbkdf2Sha256),
    ("$pbkdf2-sha512$", Scheme::Pbkdf2Sha512),
    ("$pbkdf2$", Scheme::Pbkdf2Sha1),
    ("pbkdf2_sha256$", Scheme::Pbkdf2Sha256),
    ("pbkdf2_sha1$", Scheme::Pbkdf2Sha1),
    ("$scrypt$", Scheme::Scrypt),
    ("scrypt$", Scheme::Scrypt),
    ("$5$", Scheme::Sha256Crypt),
    ("$6$", Scheme::Sha512Crypt),
];

impl Scheme {
    /// The scheme that the prefix of a stored hash names.
    pub fn of(stored: &str) -> Option<Self> {
        PREFIXES.iter().find(|(prefix, _)| stored.starts_with(prefix)).map(|&(_, scheme)| scheme)
    }

    /// Its name in messages, metrics and reports.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Argon2id => "argon2id",
            Self::Argon2i => "argon2i",
            Self::Argon2d => "argon2d",
            Self::Bcrypt => "bcrypt",
            Self::BcryptSha256 => "bcrypt-sha256",
            Self::Pbkdf2Sha1 => "pbkdf2-sha1",
            Self::Pbkdf2Sha256 => "pbkdf2-sha256",
            Self::Pbkdf2Sha512 => "pbkdf2-sha512",
            Self::Scrypt => "scrypt",
            Self::Sha256Crypt => "sha256-crypt",
            Self::Sha512Crypt => "sha512-crypt",
        }
    }
}

impl fmt::Display for Scheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
