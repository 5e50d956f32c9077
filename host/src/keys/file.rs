//! The key-encryption key in its file: mode 0600, made at the first start.

use aws_lc_rs::aead::{AES_256_GCM, RandomizedNonceKey};
use data_encoding::BASE64;
use gatewright_contract::Fault;
use gatewright_core::world::{World, random_array};
use serde::{Deserialize, Serialize};
use std::{
    fs,
    io::Write as _,
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};
use uuid::Uuid;
use zeroize::Zeroizing;

/// Why the keyring can't be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyringError {
    /// The file can't be read or made.
    #[error("keyring {path}: {source}")]
    Io {
        /// Which file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// Others may read it.
    #[error(
        "keyring {path} may be read by others (mode {mode:03o}): `chmod 600` it, and consider the keys known"
    )]
    Open {
        /// Which file.
        path: PathBuf,
        /// Its mode.
        mode: u32,
    },
    /// It is not a keyring.
    #[error("keyring {path} is damaged: restore it from a backup; without it the sealed data is lost")]
    Damaged {
        /// Which file.
        path: PathBuf,
    },
    /// It is gone, but data that it sealed is there.
    #[error("keyring {path} is missing, but the store holds data sealed under it: restore it from a backup")]
    Missing {
        /// Which file.
        path: PathBuf,
    },
    /// No randomness.
    #[error("no randomness for a new key")]
    Randomness(#[source] Fault),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Form {
    version: u32,
    id: Uuid,
    key: String,
}

/// The key-encryption key.
pub struct Keyring {
    id: Uuid,
    key: Zeroizing<[u8; 32]>,
    place: String,
}

impl Keyring {
    /// Reads the file, or makes it (mode 0600) when it is not there and `may_create`.
    ///
    /// # Errors
    /// See [`KeyringError`].
    pub fn open(path: &Path, may_create: bool, world: &dyn World) -> Result<Self, KeyringError> {
        let io = |source| KeyringError::Io { path: path.to_owned(), source };
        match fs::metadata(path) {
            Ok(meta) => {
                let mode = meta.permissions().mode() & 0o777;
                if mode & 0o077 != 0 {
                    return Err(KeyringError::Open { path: path.to_owned(), mode });
                }
                Self::read(path, &Zeroizing::new(fs::read_to_string(path).map_err(io)?))
            }
            Err(e) if e.kind() == std::io::ErrorKind::NotFound && may_create => Self::create(path, world),
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
                Err(KeyringError::Missing { path: path.to_owned() })
            }
            Err(e) => Err(io(e)),
        }
    }

    /// A key that lives as long as the process, for a store in memory.
    ///
    /// # Errors
    /// When there is no randomness.
    pub fn in_memory(world: &dyn World) -> Result<Self, KeyringError> {
        let (id, key) = fresh(world)?;
        Ok(Self { id, key, place: "memory".to_owned() })
    }

    fn read(path: &Path, text: &str) -> Result<Self, KeyringError> {
        let damaged = || KeyringError::Damaged { path: path.to_owned() };
        let form: Form = serde_json::from_str(text).map_err(|_| damaged())?;
        let key = Zeroizing::new(BASE64.decode(form.key.as_bytes()).map_err(|_| damaged())?);
        let key: [u8; 32] = key[..].try_into().map_err(|_| damaged())?;
        if form.version != 1 {
            return Err(damaged());
        }
        Ok(Self { id: form.id, key: Zeroizing::new(key), place: path.display().to_string() })
    }

    fn create(path: &Path, world: &dyn World) -> Result<Self, KeyringError> {
        let io = |source| KeyringError::Io { path: path.to_owned(), source };
        let (id, key) = fresh(world)?;
        let form = Form { version: 1, id, key: BASE64.encode(&key[..]) };
        let text = Zeroizing::new(serde_json::to_string_pretty(&form).unwrap_or_default());
        // `create_new`: two hosts that start at once can't each make one.
        let mut file =
            fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).map_err(io)?;
        file.write_all(text.as_bytes()).map_err(io)?;
        file.sync_all().map_err(io)?;
        Ok(Self { id, key, place: path.display().to_string() })
    }

    pub(super) fn id(&self) -> Uuid {
        self.id
    }

    pub(super) fn place(&self) -> &str {
        &self.place
    }

    pub(super) fn key(&self) -> Result<RandomizedNonceKey, Fault> {
        RandomizedNonceKey::new(&AES_256_GCM, &self.key[..])
            .map_err(|_| Fault::internal("the key-encryption key has not its length"))
    }
}

fn fresh(world: &dyn World) -> Result<(Uuid, Zeroizing<[u8; 32]>), KeyringError> {
    let id = random_array(world).map_err(KeyringError::Randomness)?;
    let key = random_array(world).map_err(KeyringError::Randomness)?;
    Ok((uuid::Builder::from_random_bytes(id).into_uuid(), Zeroizing::new(key)))
}
