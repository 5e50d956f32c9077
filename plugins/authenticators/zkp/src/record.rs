//! What is kept about somebody who has set it up.

use crate::vp1::{self, Flags, Helper};
use gatewright_contract::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

/// So many bytes, as text in JSON. Not printed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Fixed<const N: usize>(pub [u8; N]);

impl<const N: usize> Serialize for Fixed<N> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&vp1::text(&self.0))
    }
}

impl<'de, const N: usize> Deserialize<'de> for Fixed<N> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        vp1::bytes(&text).map(Self).ok_or_else(|| D::Error::custom(format!("not {N} bytes in base64url")))
    }
}

/// What is kept, sealed by the host in its place. Neither picture nor PIN nor pattern follow from it without the key of the
/// OPRF, which is not in the database. Has no `Debug`.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Credential {
    /// What proofs are held against.
    pub public: Fixed<32>,
    /// The key of the OPRF, one for each enrolment. Not of the name: who takes over a name must not get its key.
    pub oprf_id: Fixed<16>,
    /// The seed that this key is made of; of another, nothing fits any more.
    pub seed_id: Fixed<8>,
    /// Handed out at each challenge.
    pub helper: Fixed<{ Helper::BYTES }>,
    /// PIN, pattern.
    pub flags: u8,
    /// The protocol.
    pub proto_version: String,
    /// When it was set up.
    pub created: Timestamp,
}

impl Credential {
    /// Which factors there are, in words.
    pub(crate) fn factors(&self) -> Vec<&'static str> {
        Flags::parse(self.flags).map(Flags::words).unwrap_or_default()
    }
}
