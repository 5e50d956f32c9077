//! JOSE: public keys (RFC 7517) and what is signed with them (RFC 7515). The signatures are the `jsonwebtoken` crate's; what it
//! leaves to others is here: which keys and algorithms are taken at all, and how much is looked at.

mod algorithm;
mod fetched;
mod jwk;
mod jws;
mod known;

pub use algorithm::ALGORITHMS;
pub use jwk::Jwk;
pub(crate) use jws::Compact;
pub use jws::{LONGEST, Verified, verify};
pub(crate) use known::Known;

use crate::OAuthError;

/// Why something signed is not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Flaw {
    /// It is not what it should be.
    #[error("{0}")]
    Shape(&'static str),
    /// No key that is known has signed it; it may be a new one.
    #[error("none of the keys that are known has signed it, or its kid does not say which")]
    Key,
    /// The key that it names has not signed it.
    #[error("it is not signed by its key")]
    Signature,
}

impl From<Flaw> for OAuthError {
    fn from(flaw: Flaw) -> Self {
        Self::invalid(format!("A JWT is not good: {flaw}."))
    }
}

#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
