//! The key-encryption keys of this host, wherever they come from.
//!
//! Who wraps a data key holds the keyring unchanged and has read it since ([`Keyring::wrapping`]); who takes a key
//! out of it holds it alone and has looked that it wraps nothing ([`Keyring::alone`]). So no key goes while
//! something is being wrapped under it.

use super::{
    command::KeyCommand,
    config::KeysConfig,
    error::KeyringError,
    file::{Held, KeyFile},
    kek::{Kek, Keks},
    seed::Seed,
};
use gatewright_contract::{Fault, Secret, TenantId};
use gatewright_core::world::World;
use std::{
    path::Path,
    sync::{Arc, OnceLock, PoisonError, RwLock},
    time::{Duration, Instant},
};
use uuid::Uuid;

/// A command is asked again at most this often: it may be a service over the network.
const ASK_EVERY: Duration = Duration::from_secs(5);

/// The key-encryption keys.
pub struct Keyring {
    source: Source,
    keks: RwLock<Arc<Keks>>,
    /// What the start has found right: a keyring that is read again later does not change it.
    seed: OnceLock<Seed>,
    /// One reads again at a time; when a command was last asked.
    again: tokio::sync::Mutex<Option<Instant>>,
}

enum Source {
    /// As long as the process.
    Memory,
    /// The configuration itself.
    Config,
    File(KeyFile),
    Command(KeyCommand),
}

/// What a keyring is opened for.
#[derive(Clone, Copy, Debug)]
pub struct Opening<'a> {
    /// Where the keyring is unless the configuration says otherwise; `None`: the store is gone with the process.
    pub data: Option<&'a Path>,
    /// Nothing is sealed yet, so that a keyring that is not there may be made.
    pub may_create: bool,
}

/// The keys while a data key is wrapped.
pub(super) struct Wrapping {
    pub(super) keks: Arc<Keks>,
    _held: Option<Held>,
}

/// The keyring for who changes it.
pub(super) struct Alone<'a> {
    keyring: &'a Keyring,
    file: &'a KeyFile,
    pub(super) keks: Arc<Keks>,
    _held: Held,
}

impl Keyring {
    /// From where the configuration says.
    ///
    /// # Errors
    /// See [`KeyringError`].
    pub async fn open(
        config: &KeysConfig,
        opening: Opening<'_>,
        world: &dyn World,
    ) -> Result<Self, KeyringError> {
        let (source, keks) = if let Some(given) = config.given() {
            let place = || "the key-encryption key of the configuration".to_owned();
            (Source::Config, given.map_err(|wrong| KeyringError::Damaged { place: place(), wrong })?)
        } else if !config.kek_command.is_empty() {
            let within = Duration::from_secs(u64::from(config.kek_command_seconds));
            let argv = config.kek_command.clone();
            let seed = config.seed().transpose().map_err(|wrong| KeyringError::Damaged {
                place: "`keys.seed` of the configuration".to_owned(),
                wrong,
            })?;
            let command = KeyCommand { argv, within, seed };
            let keks = command.run().await?;
            (Source::Command(command), keks)
        } else {
            match (&config.keyring, opening.data) {
                (None, None) => (Source::Memory, Keks::fresh(world)?),
                (_, data) => {
                    let file = KeyFile(config.file(data.unwrap_or(Path::new(""))));
                    let keks = file.open(opening.may_create, world)?;
                    (Source::File(file), keks)
                }
            }
        };
        let seed = match source {
            // Nobody has another.
            Source::Memory => keks.seed.clone().map_or_else(OnceLock::new, OnceLock::from),
            _ => OnceLock::new(),
        };
        Ok(Self { source, keks: RwLock::new(Arc::new(keks)), seed, again: tokio::sync::Mutex::default() })
    }

    /// The keys as they were last read.
    pub(super) fn keks(&self) -> Arc<Keks> {
        self.keks.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The keys, read again where this one is not among them. It may still not be.
    pub(super) async fn with(&self, id: Uuid) -> Result<Arc<Keks>, KeyringError> {
        let known = self.keks();
        if known.find(id).is_some() {
            return Ok(known);
        }
        let mut asked = self.again.lock().await;
        let now = self.keks();
        if !Arc::ptr_eq(&known, &now) {
            return Ok(now);
        }
        match &self.source {
            Source::File(file) => Ok(self.keep(file.read()?)),
            Source::Command(command) if asked.is_none_or(|at| at.elapsed() >= ASK_EVERY) => {
                *asked = Some(Instant::now());
                Ok(self.keep(command.run().await?))
            }
            _ => Ok(now),
        }
    }

    /// The keys, to wrap under the current one.
    pub(super) async fn wrapping(&self) -> Result<Wrapping, KeyringError> {
        let Source::File(file) = &self.source else {
            return Ok(Wrapping { keks: self.keks(), _held: None });
        };
        let held = file.unchanged().await?;
        Ok(Wrapping { keks: self.keep(file.read()?), _held: Some(held) })
    }

    /// The keyring, to change it; `None` where it is not ours to change.
    pub(super) async fn alone(&self) -> Result<Option<Alone<'_>>, KeyringError> {
        let Source::File(file) = &self.source else { return Ok(None) };
        let held = file.alone().await?;
        Ok(Some(Alone { keyring: self, file, keks: self.keep(file.read()?), _held: held }))
    }

    /// Where the keys come from, for a message.
    pub fn place(&self) -> String {
        match &self.source {
            Source::Memory => "the memory of this process".to_owned(),
            Source::Config => "`keys.kek` of the configuration".to_owned(),
            Source::File(file) => file.place(),
            Source::Command(command) => command.place(),
        }
    }

    /// See [`gatewright_contract::HostServices::secret`].
    ///
    /// # Errors
    /// [`Fault::Unavailable`] where there is no seed.
    pub fn secret(&self, plugin: &str, tenant: &TenantId, purpose: &str) -> Result<Secret<[u8; 64]>, Fault> {
        let seed = self.seed.get().ok_or_else(|| Fault::unavailable(self.seedless()))?;
        seed.secret(plugin, tenant, purpose)
    }

    /// The seed in the keyring, as it was last read.
    pub(super) fn held_seed(&self) -> Option<Seed> {
        self.keks().seed.clone()
    }

    /// From now on secrets come from this one.
    pub(super) fn settle(&self, seed: Seed) {
        // In memory it was settled when it was made.
        let _ = self.seed.set(seed);
    }

    /// Makes a seed where the keyring is from before there were any. `None`: it is not ours to write, or can't be written; all
    /// but the secrets of plugins works without.
    pub(super) async fn make_seed(&self, world: &dyn World) -> Option<Seed> {
        let Source::File(file) = &self.source else { return None };
        match file.seeded(world).await {
            Ok(keks) => {
                tracing::warn!(
                    "{} is from before there were seeds and has got one for the secrets of plugins: back it up, and copy this \
                     file to all other hosts of this database before they start",
                    file.place()
                );
                self.keep(keks).seed.clone()
            }
            Err(error) => {
                tracing::warn!("{} gets no seed for the secrets of plugins: {error}", file.place());
                None
            }
        }
    }

    fn seedless(&self) -> String {
        let place = self.place();
        let mend = match &self.source {
            Source::Memory | Source::File(_) => {
                "let the host write to it once and start it again, then copy it to all hosts of this database"
            }
            Source::Config | Source::Command(_) => {
                "give the same `keys.seed` to all hosts of this database (`openssl rand -base64 64 | tr -d '\\n'` \
                 makes one), or a keyring in JSON that has one"
            }
        };
        format!("{place} holds no seed for the secrets of plugins: {mend}")
    }

    fn keep(&self, keks: Keks) -> Arc<Keks> {
        let keks = Arc::new(keks);
        *self.keks.write().unwrap_or_else(PoisonError::into_inner) = keks.clone();
        keks
    }
}

impl Alone<'_> {
    /// Makes a key and makes it the current one.
    pub(super) fn add(&mut self, world: &dyn World) -> Result<Uuid, KeyringError> {
        let new = Kek::fresh(world)?;
        let id = new.id;
        let mut all = vec![new];
        all.extend(self.keks.all.iter().map(Kek::copy));
        self.put(Keks { current: id, all, seed: self.keks.seed.clone() })?;
        Ok(id)
    }

    /// Takes keys out; the current one stays.
    pub(super) fn remove(&mut self, ids: &[Uuid]) -> Result<(), KeyringError> {
        let current = self.keks.current;
        let stays = |kek: &&Kek| kek.id == current || !ids.contains(&kek.id);
        let all = self.keks.all.iter().filter(stays).map(Kek::copy).collect();
        self.put(Keks { current, all, seed: self.keks.seed.clone() })
    }

    fn put(&mut self, keks: Keks) -> Result<(), KeyringError> {
        self.file.replace(&keks)?;
        self.keks = self.keyring.keep(keks);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{Keyring, Opening};
    use crate::{SystemWorld, keys::KeysConfig, store::suite::Folder};
    use futures_util::FutureExt;
    use std::pin::pin;

    async fn open(folder: &Folder) -> Keyring {
        let opening = Opening { data: Some(folder.as_ref()), may_create: true };
        Keyring::open(&KeysConfig::default(), opening, &SystemWorld::default()).await.expect("opens")
    }

    #[tokio::test]
    async fn nobody_changes_the_keyring_while_somebody_wraps_and_the_other_way_round() {
        let folder = Folder::new();
        let (host, command) = (open(&folder).await, open(&folder).await);
        let wrapping = host.wrapping().await.expect("not locked");
        assert!(command.wrapping().await.is_ok(), "several may wrap");
        let mut alone = pin!(command.alone());
        assert!(alone.as_mut().now_or_never().is_none(), "it does not wait");
        drop(wrapping);
        let mut alone = alone.await.expect("free").expect("a file");
        let mut wrapping = pin!(host.wrapping());
        assert!(wrapping.as_mut().now_or_never().is_none(), "it does not wait");
        let new = alone.add(&SystemWorld::default()).expect("is written");
        drop(alone);
        assert_eq!(wrapping.await.expect("free").keks.current, new, "and wraps under what is current now");
    }

    #[tokio::test]
    async fn a_key_that_another_program_made_is_found_and_the_current_one_can_not_be_removed() {
        let folder = Folder::new();
        let (host, command) = (open(&folder).await, open(&folder).await);
        let old = host.keks().current;
        let mut alone = command.alone().await.expect("free").expect("a file");
        let new = alone.add(&SystemWorld::default()).expect("is written");
        alone.remove(&[old, new]).expect("is written");
        assert!(host.keks().find(new).is_none());
        let found = host.with(new).await.expect("is read again");
        assert!(found.find(new).is_some() && found.find(old).is_none());
        assert!(host.with(old).await.expect("is read again").find(old).is_none());
    }
}
