//! How is signed, and which sort of key goes with it.

use jsonwebtoken::Algorithm;

/// The words of all algorithms that are taken from others. `none` is not among them, nor is a secret that two share: who can
/// verify with it can sign with it. `Ed25519` is the newer word for what `EdDSA` is here (RFC 9864).
pub const ALGORITHMS: &[&str] =
    &["EdDSA", "Ed25519", "ES256", "ES384", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512"];

/// The sort of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Ed25519,
    P256,
    P384,
    Rsa,
}

impl Kind {
    /// Whether a signature of this sort is made with such a key.
    pub(crate) fn fits(self, algorithm: Algorithm) -> bool {
        use Algorithm::{ES256, ES384, EdDSA, PS256, PS384, PS512, RS256, RS384, RS512};
        match self {
            Self::Ed25519 => algorithm == EdDSA,
            Self::P256 => algorithm == ES256,
            Self::P384 => algorithm == ES384,
            Self::Rsa => matches!(algorithm, RS256 | RS384 | RS512 | PS256 | PS384 | PS512),
        }
    }
}

/// From its word; none for what is not taken.
pub(super) fn read(word: &str) -> Option<Algorithm> {
    match word {
        "Ed25519" => Some(Algorithm::EdDSA),
        _ if ALGORITHMS.contains(&word) => word.parse().ok(),
        _ => None,
    }
}
