//! The slow hash of an answer: Argon2id (RFC 9106), as the `argon2` crate computes it.

use crate::Config;
use argon2::{Algorithm, Argon2, Params, Version};
use data_encoding::BASE64;
use gatewright_contract::Fault;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

pub(crate) const SALT_BYTES: usize = 16;
const HASH_BYTES: usize = 32;

/// How it is run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Cost {
    memory_kib: u32,
    iterations: u32,
}

impl Cost {
    pub(crate) fn of(config: &Config) -> Self {
        Self { memory_kib: config.memory_kib, iterations: config.iterations }
    }
}

/// A salted and hashed answer.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Hashed {
    cost: Cost,
    salt: Bytes<SALT_BYTES>,
    hash: Bytes<HASH_BYTES>,
}

impl Hashed {
    /// Of an answer in its compared form.
    pub(crate) fn new(answer: &str, salt: [u8; SALT_BYTES], cost: Cost) -> Result<Self, Fault> {
        Ok(Self { hash: Bytes(*compute(answer, &salt, cost)?), salt: Bytes(salt), cost })
    }

    /// Nobody's: an answer that gave this output would be a preimage.
    pub(crate) fn nobody(cost: Cost) -> Self {
        Self { cost, salt: Bytes([0; SALT_BYTES]), hash: Bytes([0; HASH_BYTES]) }
    }

    /// Whether an answer in its compared form is the one; in constant time.
    pub(crate) fn is(&self, answer: &str) -> Result<bool, Fault> {
        Ok(compute(answer, &self.salt.0, self.cost)?.ct_eq(&self.hash.0).into())
    }
}

fn compute(answer: &str, salt: &[u8], cost: Cost) -> Result<Zeroizing<[u8; HASH_BYTES]>, Fault> {
    // Its messages are about parameters, which were checked with the configuration.
    let impossible = |_| Fault::internal("an answer can't be hashed with these parameters");
    let params = Params::new(cost.memory_kib, cost.iterations, 1, Some(HASH_BYTES)).map_err(impossible)?;
    let mut output = Zeroizing::new([0; HASH_BYTES]);
    let argon = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    argon.hash_password_into(answer.as_bytes(), salt, &mut *output).map_err(impossible)?;
    Ok(output)
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

impl<const N: usize> std::fmt::Debug for Bytes<N> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("***")
    }
}
