//! The keyring in its file: mode 0600, made at the first start, changed as a whole and under a lock.

use super::{
    error::KeyringError,
    kek::{Keks, MAX_TEXT},
    seed::Seed,
};
use gatewright_core::world::World;
use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io::{ErrorKind, Read, Write as _},
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
    time::Duration,
};
use zeroize::Zeroizing;

/// How long is waited for another program that changes the keyring.
const LOCK_WITHIN: Duration = Duration::from_secs(10);
const LOCK_EVERY: Duration = Duration::from_millis(20);

/// Where a keyring is.
pub(super) struct KeyFile(pub(super) PathBuf);

/// Held as long as the keyring must not change, or while it is changed; let go when dropped.
pub(super) struct Held(#[allow(dead_code, reason = "held")] File);

impl KeyFile {
    /// Reads it, or makes it when it is not there and `may_create`.
    pub(super) fn open(&self, may_create: bool, world: &dyn World) -> Result<Keks, KeyringError> {
        match self.read() {
            Err(KeyringError::Missing { .. }) if may_create => self.create(world),
            other => other,
        }
    }

    /// Reads it as it is now.
    pub(super) fn read(&self) -> Result<Keks, KeyringError> {
        let mut file = match File::open(&self.0) {
            Ok(file) => file,
            Err(e) if e.kind() == ErrorKind::NotFound => {
                return Err(KeyringError::Missing { path: self.0.clone() });
            }
            Err(e) => return Err(self.io(e)),
        };
        let mode = file.metadata().map_err(|e| self.io(e))?.permissions().mode() & 0o777;
        if mode & 0o077 != 0 {
            return Err(KeyringError::Open { path: self.0.clone(), mode });
        }
        // With its full size from the start: a buffer that grows leaves copies behind.
        let mut text = Zeroizing::new(String::with_capacity(MAX_TEXT + 1));
        let read = Read::by_ref(&mut file).take(MAX_TEXT as u64 + 1).read_to_string(&mut text);
        let damaged = |wrong| KeyringError::Damaged { place: self.place(), wrong };
        match read {
            Ok(_) => Keks::parse(&text).map_err(damaged),
            Err(e) if e.kind() == ErrorKind::InvalidData => Err(damaged(super::error::Unfit::Shape)),
            Err(e) => Err(self.io(e)),
        }
    }

    fn create(&self, world: &dyn World) -> Result<Keks, KeyringError> {
        let keks = Keks::fresh(world)?;
        let text = self.text(&keks)?;
        // `create_new`: two hosts that start at once can't each make one.
        let made = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&self.0);
        write_through(made, &text).and_then(|()| sync_folder(&self.0)).map_err(|e| self.io(e))?;
        Ok(keks)
    }

    /// The keys of a file from before there were seeds, and a seed.
    pub(super) async fn seeded(&self, world: &dyn World) -> Result<Keks, KeyringError> {
        let _alone = self.alone().await?;
        // Another host that starts at the same time may have been first.
        let mut keks = self.read()?;
        if keks.seed.is_none() {
            keks.seed = Some(Seed::fresh(world)?);
            self.replace(&keks)?;
        }
        Ok(keks)
    }

    /// Puts other keys in its place: at no moment is there half a keyring, or none. Hold [`KeyFile::alone`].
    pub(super) fn replace(&self, keks: &Keks) -> Result<(), KeyringError> {
        let text = self.text(keks)?;
        let beside = self.beside("new");
        // What a crash left behind; its mode is not to be relied on.
        match fs::remove_file(&beside) {
            Err(e) if e.kind() != ErrorKind::NotFound => return Err(self.io(e)),
            _ => {}
        }
        let made = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&beside);
        let placed = write_through(made, &text).and_then(|()| fs::rename(&beside, &self.0));
        placed.and_then(|()| sync_folder(&self.0)).map_err(|e| self.io(e))
    }

    /// Nobody changes the keyring meanwhile; others may hold it too.
    pub(super) async fn unchanged(&self) -> Result<Held, KeyringError> {
        self.lock(File::try_lock_shared).await
    }

    /// Nobody changes the keyring meanwhile, and nobody wraps a key.
    pub(super) async fn alone(&self) -> Result<Held, KeyringError> {
        self.lock(File::try_lock).await
    }

    async fn lock(&self, lock: fn(&File) -> Result<(), TryLockError>) -> Result<Held, KeyringError> {
        // A file of its own: the keyring's is another one after each change.
        let path = self.beside("lock");
        let file = OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(path);
        let file = file.map_err(|e| self.io(e))?;
        let asked = async {
            loop {
                match lock(&file) {
                    Ok(()) => return Ok(()),
                    Err(TryLockError::WouldBlock) => tokio::time::sleep(LOCK_EVERY).await,
                    Err(TryLockError::Error(e)) => return Err(self.io(e)),
                }
            }
        };
        let locked = tokio::time::timeout(LOCK_WITHIN, asked).await;
        locked.map_err(|_| KeyringError::Locked { path: self.0.clone() })??;
        Ok(Held(file))
    }

    /// For a message.
    pub(super) fn place(&self) -> String {
        format!("the keyring {}", self.0.display())
    }

    fn text(&self, keks: &Keks) -> Result<Zeroizing<String>, KeyringError> {
        keks.text().map_err(|e| self.io(std::io::Error::other(e)))
    }

    fn beside(&self, ending: &str) -> PathBuf {
        let mut name = self.0.clone().into_os_string();
        name.push(".");
        name.push(ending);
        name.into()
    }

    fn io(&self, source: std::io::Error) -> KeyringError {
        KeyringError::Io { path: self.0.clone(), source }
    }
}

fn write_through(file: std::io::Result<File>, text: &str) -> std::io::Result<()> {
    let mut file = file?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

/// A file whose folder is not written may be gone after a power cut.
fn sync_folder(file: &Path) -> std::io::Result<()> {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}
