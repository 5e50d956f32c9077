//! Where the socket is.

use std::{
    fs::{self, File, TryLockError},
    io,
    os::{
        fd::AsRawFd,
        unix::{ffi::OsStrExt, fs::FileTypeExt},
    },
    path::{Path, PathBuf},
};

const NAME: &str = "control.sock";
/// An address of a socket has 108 bytes with its zero (unix(7)).
const LONGEST: usize = 107;

/// The data folder, opened.
pub(super) struct Folder {
    path: PathBuf,
    opened: File,
}

impl Folder {
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        Ok(Self { path: path.to_owned(), opened: File::open(path)? })
    }

    /// The socket as people know it.
    pub(super) fn named(&self) -> PathBuf {
        self.path.join(NAME)
    }

    /// The socket as the system takes it: a path that is too long goes by the open folder.
    pub(super) fn address(&self) -> PathBuf {
        let named = self.named();
        match named.as_os_str().as_bytes().len() <= LONGEST {
            true => named,
            false => PathBuf::from(format!("/proc/self/fd/{}/{NAME}", self.opened.as_raw_fd())),
        }
    }

    /// Whether no other host has the folder. It is held for as long as this value is there, and let go of however the
    /// process ends: a socket that somebody has left behind is told from one that is in use without asking it.
    pub(super) fn hold(&self) -> io::Result<bool> {
        match self.opened.try_lock() {
            Ok(()) => Ok(true),
            Err(TryLockError::WouldBlock) => Ok(false),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }

    /// Takes away a socket that nobody listens to any more. Only while the folder is held.
    pub(super) fn clear(&self) -> io::Result<()> {
        let named = self.named();
        match fs::symlink_metadata(&named) {
            Ok(found) if found.file_type().is_socket() => fs::remove_file(&named),
            Ok(_) => Err(io::Error::other("there is something of this name that is no socket: move it away")),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(error),
        }
    }
}
