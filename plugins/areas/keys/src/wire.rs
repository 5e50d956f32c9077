//! Signing keys on the wire.

use gatewright_core::{
    Problem,
    signing::{Algorithm, KeyState, PublicKey, Replace},
};
use gatewright_plugin::{Text, outcome::moment};
use poem_openapi::{Enum, Object, types::Example};
use time::{OffsetDateTime, macros::datetime};

/// A signing key.
#[derive(Object)]
#[oai(rename = "KeysKey", example)]
pub(crate) struct KeysKey {
    /// Its thumbprint (RFC 7638), which is also its name in the JWK set.
    kid: String,
    /// How it signs.
    algorithm: KeysAlgorithm,
    /// Where it is in its life.
    state: KeysState,
    /// When it was made.
    created_at: OffsetDateTime,
    /// Since when it is in this state.
    since: OffsetDateTime,
    /// When its state changes next; of a current key, when its successor is published. Left out where that waits for
    /// the successor.
    #[oai(skip_serializing_if_is_none)]
    due_at: Option<OffsetDateTime>,
}

/// How is signed.
#[derive(Clone, Copy, Debug, Enum)]
#[oai(rename = "KeysAlgorithm")]
pub(crate) enum KeysAlgorithm {
    #[oai(rename = "EdDSA")]
    EdDsa,
    #[oai(rename = "ES256")]
    Es256,
    #[oai(rename = "RS256")]
    Rs256,
}

/// `next` (published, signs later), `current` (signs) or `retired` (still verifies).
#[derive(Clone, Copy, Debug, Enum)]
#[oai(rename = "KeysState", rename_all = "lowercase")]
pub(crate) enum KeysState {
    Current,
    Next,
    Retired,
}

/// What is to happen to the signing keys.
#[derive(Object)]
#[oai(rename = "KeysReplace", deny_unknown_fields, example)]
pub(crate) struct KeysReplace {
    /// Only keys of this algorithm. Left out: all that there are.
    #[oai(skip_serializing_if_is_none)]
    algorithm: Option<KeysAlgorithm>,
    /// Whether the successors sign at once, instead of being published first.
    #[oai(default)]
    at_once: bool,
    /// Instead: this key is taken out at once, and what it signed is no longer good.
    #[oai(validator(min_length = 1, max_length = 64), skip_serializing_if_is_none)]
    revoke: Option<Text>,
}

impl KeysReplace {
    pub(crate) fn read(self) -> Result<Replace, Problem> {
        if self.revoke.is_some() && (self.at_once || self.algorithm.is_some()) {
            return Err(Problem::invalid(
                "`revoke` stands alone: its key says which algorithm, and it is out at once.",
            ));
        }
        Ok(Replace {
            algorithm: self.algorithm.map(KeysAlgorithm::read),
            at_once: self.at_once,
            revoke: self.revoke.map(String::from),
        })
    }
}

impl KeysAlgorithm {
    fn read(self) -> Algorithm {
        match self {
            Self::EdDsa => Algorithm::EdDsa,
            Self::Es256 => Algorithm::Es256,
            Self::Rs256 => Algorithm::Rs256,
        }
    }

    fn of(algorithm: Algorithm) -> Self {
        match algorithm {
            Algorithm::EdDsa => Self::EdDsa,
            Algorithm::Es256 => Self::Es256,
            Algorithm::Rs256 => Self::Rs256,
        }
    }
}

impl KeysKey {
    pub(crate) fn of(key: PublicKey) -> Self {
        let state = match key.state {
            KeyState::Current => KeysState::Current,
            KeyState::Next => KeysState::Next,
            KeyState::Retired => KeysState::Retired,
        };
        Self {
            kid: key.kid,
            algorithm: KeysAlgorithm::of(key.algorithm),
            state,
            created_at: moment(key.created),
            since: moment(key.since),
            due_at: key.due.map(moment),
        }
    }
}

impl Example for KeysKey {
    fn example() -> Self {
        Self {
            kid: "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k".to_owned(),
            algorithm: KeysAlgorithm::EdDsa,
            state: KeysState::Current,
            created_at: datetime!(2026-01-01 09:00 UTC),
            since: datetime!(2026-01-02 09:00 UTC),
            due_at: Some(datetime!(2026-04-01 09:00 UTC)),
        }
    }
}

impl Example for KeysReplace {
    fn example() -> Self {
        Self { algorithm: Some(KeysAlgorithm::EdDsa), at_once: false, revoke: None }
    }
}
