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
pub(in crate::store) struct Held {
    pub(in crate::store) path: PathBuf,
    /// None for a command beside a host.
    pub(super) lock: Option<File>,
    /// Whether nobody closed it in order: its log is still there.
    pub(super) left_open: bool,
}

/// Makes folder and file where they are not there, and takes the lock `<file>.lock`.
pub(super) fn hold(path: &Path, access: Access) -> Result<Held, OpenError> {
    let held = take_place(path, access)?;
    let path = &held.path;
    let of_file = |source| OpenError::File { path: path.clone(), source };
    let file = private_file().open(path).map_err(of_file)?;
    if !is_database(file).map_err(of_file)? {
        return Err(OpenError::NotADatabase { path: path.clone() });
    }
    warn_of_readers(path);
    if held.lock.is_some() && !held.left_open {
        // Otherwise the log may hold what the file lacks, and the database looks for itself.
        check_head(path)?;
    }
    Ok(held)
}

/// [`hold`] without making or opening the file.
pub(super) fn take_place(path: &Path, access: Access) -> Result<Held, OpenError> {
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
    let log = beside(&path, "-wal");
    let left_open = lock.is_some() && log.metadata().is_ok_and(|about| about.len() > 0);
    Ok(Held { path, lock, left_open })
}

/// Whether the file is as long as its first page says: sooner or later a missing end is missed
/// (<https://www.sqlite.org/fileformat2.html>, section 1.3). Where the page does not know it says nothing.
pub(super) fn check_head(path: &Path) -> Result<(), OpenError> {
    const HEAD: usize = 100;
    let of_file = |source| OpenError::File { path: path.to_owned(), source };
    let file = File::open(path).map_err(of_file)?;
    let length = file.metadata().map_err(of_file)?.len();
    let mut head = Vec::with_capacity(HEAD);
    file.take(HEAD as u64).read_to_end(&mut head).map_err(of_file)?;
    if head.len() < HEAD || !head.starts_with(MAGIC) {
        return Ok(());
    }
    let number = |at: usize| head[at..at + 4].iter().fold(0, |n, byte| n << 8 | u64::from(*byte));
    let page = match number(16) >> 16 {
        1 => 65_536,
        bytes => bytes,
    };
    let (expected, known) = (number(28) * page, number(24) == number(92));
    if known && length < expected {
        let said = format!("{} of its {expected} bytes are missing at the end", expected - length);
        return Err(OpenError::Damaged { path: path.to_owned(), said });
    }
    Ok(())
}

/// Whether a host holds the database, and its process where it has said so.
pub(super) fn holder(database: &Path) -> Option<Option<u32>> {
    let mut file = File::open(beside(database, ".lock")).ok()?;
    match file.try_lock_shared() {
        Err(TryLockError::WouldBlock) => Some(said_by(&mut file)),
        _ => None,
    }
}

fn said_by(file: &mut File) -> Option<u32> {
    let mut said = String::new();
    file.read_to_string(&mut said).ok().and_then(|_| said.trim().parse().ok())
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
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
    let path = beside(database, ".lock");
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
            Err(OpenError::InUse { path: database.to_owned(), holder: said_by(&mut file) })
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
