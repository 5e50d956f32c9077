//! Key-encryption keys, and the text that holds them: base64 of one, or a keyring in JSON.

use super::{
    error::{KeyringError, Unfit},
    sealed,
    seed::{Seed, SeedText},
};
use aws_lc_rs::{
    aead::{AES_256_GCM, RandomizedNonceKey},
    hmac,
};
use data_encoding::BASE64;
use gatewright_contract::{Fault, Secret, Timestamp, in_sealed_document};
use gatewright_core::world::{World, random_array};
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use zeroize::Zeroizing;

/// Largest text that may hold keys, in bytes.
pub(super) const MAX_TEXT: usize = 64 * 1024;

/// A key-encryption key.
pub(super) struct Kek {
    pub(super) id: Uuid,
    /// When it was made, where that is known.
    pub(super) made: Option<Timestamp>,
    key: Zeroizing<[u8; 32]>,
}

/// Several, of which one wraps and all unwrap.
pub(super) struct Keks {
    pub(super) current: Uuid,
    pub(super) all: Vec<Kek>,
    /// What the secrets of plugins come from; it stays whatever becomes of the keys.
    pub(super) seed: Option<Seed>,
}

/// Version 1: one key.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct One {
    #[serde(rename = "version")]
    _version: u32,
    id: Uuid,
    #[serde(with = "in_sealed_document")]
    key: Secret<Vec<u8>>,
}

/// Version 2: several.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Several {
    version: u32,
    current: Uuid,
    keys: Vec<Member>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    seed: Option<SeedText>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Member {
    id: Uuid,
    // The keyring is what is never sealed: its file is the owner's alone.
    #[serde(with = "in_sealed_document")]
    key: Secret<Vec<u8>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    made: Option<Timestamp>,
}

#[derive(Deserialize)]
struct Version {
    version: u32,
}

impl Kek {
    pub(super) fn fresh(world: &dyn World) -> Result<Self, KeyringError> {
        let id = random_array(world).map_err(KeyringError::Randomness)?;
        let key = Zeroizing::new(random_array(world).map_err(KeyringError::Randomness)?);
        Ok(Self { id: uuid::Builder::from_random_bytes(id).into_uuid(), made: Some(world.now()), key })
    }

    fn of(id: Option<Uuid>, bytes: &[u8], made: Option<Timestamp>) -> Result<Self, Unfit> {
        let key = <[u8; 32]>::try_from(bytes).map_err(|_| Unfit::Length(bytes.len()))?;
        let key = Zeroizing::new(key);
        if key.iter().all(|byte| *byte == key[0]) {
            return Err(Unfit::Weak);
        }
        Ok(Self { id: id.unwrap_or_else(|| name_of(&key)), made, key })
    }

    pub(super) fn copy(&self) -> Self {
        Self { id: self.id, made: self.made, key: self.key.clone() }
    }

    pub(super) fn wrap(&self, context: &str, plain: &[u8]) -> Result<Vec<u8>, Fault> {
        sealed::seal(&self.cipher()?, self.id, context, plain)
    }

    pub(super) fn unwrap(&self, context: &str, wrapped: &[u8]) -> Result<Zeroizing<Vec<u8>>, Fault> {
        Ok(Zeroizing::new(sealed::open(&self.cipher()?, context, wrapped)?))
    }

    fn cipher(&self) -> Result<RandomizedNonceKey, Fault> {
        RandomizedNonceKey::new(&AES_256_GCM, &self.key[..])
            .map_err(|_| Fault::internal("the key-encryption key has not its length"))
    }
}

/// The id of a key that comes without one: the same on every host, and it tells nothing of the key.
fn name_of(key: &[u8; 32]) -> Uuid {
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), b"gatewright key-encryption key 1");
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&tag.as_ref()[..16]);
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}

impl Keks {
    pub(super) fn one(kek: Kek) -> Self {
        Self { current: kek.id, all: vec![kek], seed: None }
    }

    /// One, and a seed: all that a host needs.
    pub(super) fn fresh(world: &dyn World) -> Result<Self, KeyringError> {
        Ok(Self { seed: Some(Seed::fresh(world)?), ..Self::one(Kek::fresh(world)?) })
    }

    /// Reads either form; white space around it is not part of it.
    pub(super) fn parse(text: &str) -> Result<Self, Unfit> {
        let text = text.trim();
        if text.len() > MAX_TEXT {
            return Err(Unfit::Shape);
        }
        if !text.starts_with('{') {
            let bytes = Zeroizing::new(BASE64.decode(text.as_bytes()).map_err(|_| Unfit::Shape)?);
            return Kek::of(None, &bytes, None).map(Self::one);
        }
        // The messages of serde could repeat what they were given.
        let version = serde_json::from_str::<Version>(text).map_err(|_| Unfit::Shape)?.version;
        match version {
            1 => {
                let one: One = serde_json::from_str(text).map_err(|_| Unfit::Shape)?;
                Kek::of(Some(one.id), one.key.expose(), None).map(Self::one)
            }
            2 => Self::several(serde_json::from_str(text).map_err(|_| Unfit::Shape)?),
            other => Err(Unfit::Version(other)),
        }
    }

    fn several(form: Several) -> Result<Self, Unfit> {
        let all = form
            .keys
            .iter()
            .map(|m| Kek::of(Some(m.id), m.key.expose(), m.made))
            .collect::<Result<Vec<_>, _>>()?;
        let seed = form.seed.as_ref().map(Seed::of_keyring).transpose()?;
        let keks = Self { current: form.current, all, seed };
        if keks.all.iter().enumerate().any(|(at, kek)| keks.all[..at].iter().any(|other| other.id == kek.id))
        {
            return Err(Unfit::Twice);
        }
        if keks.find(keks.current).is_none() {
            return Err(Unfit::Current);
        }
        Ok(keks)
    }

    /// The keyring in JSON, version 2.
    pub(super) fn text(&self) -> Result<Zeroizing<String>, Fault> {
        let member = |kek: &Kek| Member { id: kek.id, key: Secret::new(kek.key.to_vec()), made: kek.made };
        let keys = self.all.iter().map(member).collect();
        let seed = self.seed.as_ref().map(Seed::to_keyring);
        let form = Several { version: 2, current: self.current, keys, seed };
        let text = serde_json::to_string_pretty(&form);
        text.map(Zeroizing::new).map_err(|e| Fault::caused("the keyring can't be written as JSON", e))
    }

    pub(super) fn find(&self, id: Uuid) -> Option<&Kek> {
        self.all.iter().find(|kek| kek.id == id)
    }

    /// The one that wraps; `several` saw to it that it is there.
    pub(super) fn current(&self) -> Result<&Kek, Fault> {
        self.find(self.current).ok_or_else(|| Fault::internal("the current key-encryption key is not there"))
    }

    /// And the seed that stands beside it.
    pub(super) fn with_seed(mut self, given: Option<Seed>) -> Result<Self, Unfit> {
        match (&self.seed, given) {
            (Some(own), Some(given)) if *own != given => return Err(Unfit::Seeds),
            (None, Some(given)) => self.seed = Some(given),
            _ => {}
        }
        Ok(self)
    }

    /// And those of another keyring, which unwrap only.
    pub(super) fn with_previous(self, other: Self) -> Result<Self, Unfit> {
        let mut both = self.with_seed(other.seed)?;
        for kek in other.all {
            if both.find(kek.id).is_none() {
                both.all.push(kek);
            }
        }
        Ok(both)
    }

    /// For a message.
    pub(super) fn ids(&self) -> String {
        self.all.iter().map(|kek| kek.id.to_string()).collect::<Vec<_>>().join(", ")
    }
}
