//! Why a stored hash cannot be used.

use super::{MAX_PASSWORD_BYTES, MAX_STORED_BYTES, Scheme};
use thiserror::Error;

/// Why a stored hash cannot be used, or a new one not be made. Never holds any part of a hash or password.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum HashFault {
    /// No scheme that is known: an importer refuses it.
    #[error("the password hash is of no known format")]
    UnknownFormat,

    /// A known scheme, but the text is not what the scheme writes.
    #[error("the {scheme} password hash is malformed: {part}")]
    Malformed {
        /// The scheme that the text names.
        scheme: Scheme,
        /// The part of the text that is wrong.
        part: &'static str,
    },

    /// A parameter that would cost too much, or protect too little.
    #[error("{scheme}: {what} is {given}, and must be {min} to {max}")]
    OutOfBounds {
        /// The scheme whose parameter it is.
        scheme: Scheme,
        /// The parameter, with its unit.
        what: &'static str,
        /// Its value in the text or the configuration.
        given: u64,
        /// The least that is accepted.
        min: u64,
        /// The most that is accepted.
        max: u64,
    },

    /// Longer than [`MAX_STORED_BYTES`].
    #[error("the password hash has {given} bytes, more than {MAX_STORED_BYTES}")]
    StoredTooLong {
        /// Its length in bytes.
        given: usize,
    },

    /// Longer than [`MAX_PASSWORD_BYTES`].
    #[error("the password has more than {MAX_PASSWORD_BYTES} bytes")]
    PasswordTooLong,

    /// The memory for the computation could not be had.
    #[error("no memory for the password hash")]
    OutOfMemory,
}
