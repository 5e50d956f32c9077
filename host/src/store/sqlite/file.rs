//! The database file: made for its owner only, and held by one host at a time.

use crate::store::{Access, OpenError};
use std::{
    fs::{File, OpenOptions, TryLockError},
    io::{self, Read, Write},
    path::{Path, PathBuf},
};

/// What every SQLite database begins with (<https://www.sqlite.org/fileformat2.html>, section 1.3).
const MAGIC: &[u8; 16] = b"SQLite format 3\0";

/// A file that is there, writable and, with the lock, ours alone until that is dropped.
pub(super) struct Held {
    pub(super) path: PathBuf,
    /// None for a command beside a host.
    pub(super) lock: Option<File>,
}

/// Makes folder and file where they are not there, and takes the lock `<file>.lock`.
pub(super) fn hold(path: &Path, access: Access) -> Result<Held, OpenError> {
    let of_file = |path: &Path| {
        let path = path.to_owned();
        move |source| OpenError::File { path, source }
    };
    let path = std::path::absolute(path).map_err(of_file(path))?;
    if let Some(folder) = path.parent().filter(|folder| !folder.exists()) {
        make_folder(folder).map_err(|source| OpenError::Folder { path: folder.to_owned(), source })?;
    }
    let path = one_name(&path).map_err(of_file(&path))?;
    if path.is_dir() {
        // Before anything is written beside it.
        return Err(of_file(&path)(io::ErrorKind::IsADirectory.into()));
    }
    // First the lock: closing a file lets go of all POSIX locks that this process has on it, SQLite's too.
    let lock = match (lock(&path), access) {
        (Ok(lock), _) => Some(lock),
        (Err(OpenError::InUse { .. }), Access::Command) => None,
        (Err(other), _) => return Err(other),
    };
    let file = private_file().open(&path).map_err(of_file(&path))?;
    if !is_database(file).map_err(of_file(&path))? {
        return Err(OpenError::NotADatabase { path });
    }
    warn_of_readers(&path);
    Ok(Held { path, lock })
}

/// Two names of one file (a symbolic link) must meet at one lock.
fn one_name(path: &Path) -> io::Result<PathBuf> {
    if path.exists() {
        return path.canonicalize();
    }
    match (path.parent(), path.file_name()) {
        (Some(folder), Some(name)) => Ok(folder.canonicalize()?.join(name)),
        _ => Ok(path.to_owned()),
    }
}

fn lock(database: &Path) -> Result<File, OpenError> {
    let mut name = database.as_os_str().to_owned();
    name.push(".lock");
    let path = PathBuf::from(name);
    let mut file =
        private_file().open(&path).map_err(|source| OpenError::File { path: path.clone(), source })?;
    match file.try_lock() {
        Ok(()) => {
            // Only a word for whoever finds the file locked; the lock itself is the system's and goes with
            // the process, however that ends.
            let said = file.set_len(0).and_then(|()| writeln!(file, "{}", std::process::id()));
            said.map_err(|source| OpenError::File { path, source })?;
            Ok(file)
        }
        Err(TryLockError::WouldBlock) => {
            let mut said = String::new();
            let holder = file.read_to_string(&mut said).ok().and_then(|_| said.trim().parse().ok());
            Err(OpenError::InUse { path: database.to_owned(), holder })
        }
        Err(TryLockError::Error(source)) => Err(OpenError::File { path, source }),
    }
}

fn is_database(mut file: File) -> io::Result<bool> {
    let mut head = Vec::with_capacity(MAGIC.len());
    Read::by_ref(&mut file).take(MAGIC.len() as u64).read_to_end(&mut head)?;
    Ok(head.is_empty() || head == MAGIC)
}

fn private_file() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

fn make_folder(folder: &Path) -> io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// A file that was there before may be open to others; it is the operator's to decide.
fn warn_of_readers(path: &Path) {
    #[cfg(unix)]
    if let Ok(about) = path.metadata() {
        let mode = std::os::unix::fs::PermissionsExt::mode(&about.permissions());
        if mode & 0o077 != 0 {
            tracing::warn!(path = %path.display(), mode = format!("{:o}", mode & 0o777),
                "the database can be opened by other users of this machine; 600 is enough");
        }
    }
}
