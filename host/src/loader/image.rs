//! The file of a library: read once, pinned, and from then on a copy in memory that nobody can change. What was checked
//! is what is opened.

use super::{LoadError, elf};
use aws_lc_rs::digest::{SHA256, digest};
use data_encoding::{HEXLOWER, HEXLOWER_PERMISSIVE};
use rustix::{
    fs::{
        FileType, MemfdFlags, Mode, OFlags, SealFlags, fcntl_add_seals, fcntl_get_seals, fstat, memfd_create,
        open,
    },
    io::Errno,
};
use std::{
    fs::File,
    io::{Read, Write},
    os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd},
    path::{Path, PathBuf},
};

/// The largest file that is read.
const MOST: u64 = 64 << 20;
const DIGEST: usize = 32;
/// Nobody changes the bytes any more, or takes this away again.
const SEALS: SealFlags =
    SealFlags::WRITE.union(SealFlags::GROW).union(SealFlags::SHRINK).union(SealFlags::SEAL);

/// A checked copy of a library in sealed memory.
#[derive(Debug)]
pub struct Image {
    fd: OwnedFd,
    sha256: [u8; DIGEST],
    size: u64,
    path: PathBuf,
}

impl Image {
    /// Reads a file. `pin` is the SHA-256 that it must have, in hex digits; `None` takes any, for a look at it.
    ///
    /// # Errors
    /// When it can't be read, is no regular file or too large, is another one than the operator has pinned, or is no
    /// shared library for this machine or not all of one.
    pub fn read(path: &Path, pin: Option<&str>) -> Result<Self, LoadError> {
        let bytes = contents(path)?;
        let sha256 = sum(&bytes);
        if let Some(pin) = pin {
            matches(sha256, pin)?;
        }
        elf::check(&bytes)?;
        let fd = sealed(&bytes)?;
        Ok(Self { fd, sha256, size: bytes.len() as u64, path: path.to_owned() })
    }

    /// The copy that another process made with [`Image::read`] and handed over.
    ///
    /// # Errors
    /// When it is not sealed, and those of [`Image::read`].
    pub fn from_fd(fd: OwnedFd) -> Result<Self, LoadError> {
        let what = "looking at the seals of a library";
        let seals = fcntl_get_seals(&fd).map_err(|e| LoadError::System { what, source: e.into() })?;
        if !seals.contains(SEALS) {
            return Err(LoadError::System {
                what,
                source: std::io::Error::other("it could still be changed"),
            });
        }
        let path = by_descriptor(fd.as_fd());
        let bytes = contents(&path)?;
        elf::check(&bytes)?;
        Ok(Self { fd, sha256: sum(&bytes), size: bytes.len() as u64, path })
    }

    /// SHA-256 of the file.
    pub fn sha256(&self) -> [u8; DIGEST] {
        self.sha256
    }

    /// The same in 64 hex digits.
    pub fn sha256_hex(&self) -> String {
        HEXLOWER.encode(&self.sha256)
    }

    /// How long it is, in bytes.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Where it was read.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl AsFd for Image {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }
}

/// The path under which this process finds what it has open.
pub(super) fn by_descriptor(fd: BorrowedFd<'_>) -> PathBuf {
    PathBuf::from(format!("/proc/self/fd/{}", fd.as_raw_fd()))
}

fn contents(path: &Path) -> Result<Vec<u8>, LoadError> {
    let refused = |reason: String| LoadError::File { path: path.to_owned(), reason };
    let system = |e: Errno| refused(std::io::Error::from(e).to_string());
    // Without NONBLOCK a pipe would keep the start waiting for somebody who writes to it.
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::CLOEXEC | OFlags::NOCTTY;
    let fd = open(path, flags, Mode::empty()).map_err(system)?;
    let found = fstat(&fd).map_err(system)?;
    if FileType::from_raw_mode(found.st_mode) != FileType::RegularFile {
        return Err(refused("it is no regular file".into()));
    }
    let large = || refused(format!("it is larger than {} MiB", MOST >> 20));
    let size = u64::try_from(found.st_size).ok().filter(|size| *size <= MOST).ok_or_else(large)?;
    let mut bytes = Vec::with_capacity(size as usize);
    // It may have grown since.
    File::from(fd).take(MOST + 1).read_to_end(&mut bytes).map_err(|e| refused(e.to_string()))?;
    if bytes.len() as u64 > MOST {
        return Err(large());
    }
    Ok(bytes)
}

fn sum(bytes: &[u8]) -> [u8; DIGEST] {
    let mut sum = [0; DIGEST];
    sum.copy_from_slice(digest(&SHA256, bytes).as_ref());
    sum
}

fn matches(found: [u8; DIGEST], pin: &str) -> Result<(), LoadError> {
    let hex = HEXLOWER.encode(&found);
    match HEXLOWER_PERMISSIVE.decode(pin.as_bytes()) {
        Ok(wanted) if wanted.len() != DIGEST => Err(LoadError::Pin { found: hex }),
        Err(_) => Err(LoadError::Pin { found: hex }),
        Ok(wanted) if wanted != found => {
            Err(LoadError::Sha256 { found: hex, wanted: pin.to_ascii_lowercase() })
        }
        Ok(_) => Ok(()),
    }
}

fn sealed(bytes: &[u8]) -> Result<OwnedFd, LoadError> {
    let failed = |what| move |source: std::io::Error| LoadError::System { what, source };
    let fd = memory().map_err(|e| failed("making memory for a library")(e.into()))?;
    let mut file = File::from(fd);
    file.write_all(bytes).map_err(failed("copying a library into memory"))?;
    let fd = OwnedFd::from(file);
    fcntl_add_seals(&fd, SEALS).map_err(|e| failed("sealing a library in memory")(e.into()))?;
    Ok(fd)
}

/// Not to be run as a program, where the kernel knows that (Linux 6.3); some are set to insist on it.
fn memory() -> Result<OwnedFd, Errno> {
    let flags = MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING;
    match memfd_create("gatewright-plugin", flags | MemfdFlags::NOEXEC_SEAL) {
        Err(Errno::INVAL) => memfd_create("gatewright-plugin", flags),
        made => made,
    }
}
