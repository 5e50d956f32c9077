//! Certificates and lists in files.

use crate::config::Store;
use rustls_pki_types::{
    CertificateDer, CertificateRevocationListDer,
    pem::{self, PemObject},
};
use std::{
    io::Read,
    path::{Path, PathBuf},
    time::SystemTime,
};

/// Largest file, in bytes: a list with some hundred thousand serial numbers.
const MOST_BYTES: u64 = 16 * 1024 * 1024;
/// Certificates and lists of one store.
const MOST_ITEMS: usize = 256;

/// What the files of a store hold, in DER.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Content {
    pub(crate) roots: Vec<Vec<u8>>,
    pub(crate) crls: Vec<Vec<u8>>,
}

/// By what a change of a file is seen.
pub(crate) type Stamp = Vec<(PathBuf, Option<(SystemTime, u64)>)>;

/// A file that can't be used: key in the store's table, and why.
#[derive(Debug)]
pub(crate) struct Unusable {
    pub(crate) key: String,
    pub(crate) why: String,
}

/// How the files look from outside.
#[allow(clippy::disallowed_methods, reason = "reading these files is what this service is for")]
pub(crate) fn stamp(store: &Store) -> Stamp {
    let look = |path: &PathBuf| {
        let seen = std::fs::metadata(path).ok().and_then(|m| Some((m.modified().ok()?, m.len())));
        (path.clone(), seen)
    };
    store.roots.iter().chain(&store.crls).map(look).collect()
}

/// Reads all of them.
///
/// # Errors
/// The first that can't be used.
pub(crate) fn read(store: &Store) -> Result<Content, Unusable> {
    let mut content = Content::default();
    for (i, path) in store.roots.iter().enumerate() {
        let wrong = |why: String| Unusable { key: format!("roots.{i}"), why };
        for der in certificates(&bytes(path).map_err(wrong)?).map_err(|why| wrong(shown(path, why)))? {
            webpki::anchor_from_trusted_cert(&der)
                .map_err(|e| wrong(shown(path, &format!("a certificate that can't be a root: {e}"))))?;
            content.roots.push(der.to_vec());
        }
    }
    for (i, path) in store.crls.iter().enumerate() {
        let wrong = |why: String| Unusable { key: format!("crls.{i}"), why };
        for der in lists(&bytes(path).map_err(wrong)?).map_err(|why| wrong(shown(path, why)))? {
            webpki::BorrowedCertRevocationList::from_der(&der)
                .map_err(|e| wrong(shown(path, &format!("a revocation list that can't be read: {e}"))))?;
            content.crls.push(der.to_vec());
        }
    }
    match content.roots.len().max(content.crls.len()) <= MOST_ITEMS {
        true => Ok(content),
        false => Err(Unusable { key: "roots".to_owned(), why: format!("at most {MOST_ITEMS} of each") }),
    }
}

fn certificates(bytes: &[u8]) -> Result<Vec<CertificateDer<'static>>, &'static str> {
    match is_pem(bytes) {
        true => all(CertificateDer::pem_slice_iter(bytes).collect(), "no certificate in it"),
        false => Ok(vec![CertificateDer::from(bytes.to_vec())]),
    }
}

fn lists(bytes: &[u8]) -> Result<Vec<CertificateRevocationListDer<'static>>, &'static str> {
    match is_pem(bytes) {
        true => {
            all(CertificateRevocationListDer::pem_slice_iter(bytes).collect(), "no revocation list in it")
        }
        false => Ok(vec![CertificateRevocationListDer::from(bytes.to_vec())]),
    }
}

fn all<T>(found: Result<Vec<T>, pem::Error>, none: &'static str) -> Result<Vec<T>, &'static str> {
    match found {
        Ok(items) if items.is_empty() => Err(none),
        Ok(items) => Ok(items),
        Err(_) => Err("this is not PEM"),
    }
}

/// DER begins with a sequence.
fn is_pem(bytes: &[u8]) -> bool {
    bytes.first() != Some(&0x30)
}

#[allow(clippy::disallowed_methods, reason = "reading these files is what this service is for")]
fn bytes(path: &Path) -> Result<Vec<u8>, String> {
    let unreadable = |e: std::io::Error| shown(path, &e.to_string());
    // Before opening: opening a pipe waits for its writer.
    if !std::fs::metadata(path).map_err(unreadable)?.is_file() {
        return Err(shown(path, "not a regular file"));
    }
    let mut bytes = Vec::new();
    let file = std::fs::File::open(path).map_err(unreadable)?;
    file.take(MOST_BYTES + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    match u64::try_from(bytes.len()).is_ok_and(|n| n <= MOST_BYTES) {
        true => Ok(bytes),
        false => Err(shown(path, "larger than 16 MiB")),
    }
}

fn shown(path: &Path, why: &str) -> String {
    format!("{}: {why}", path.display())
}
