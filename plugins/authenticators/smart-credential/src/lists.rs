//! Revocation lists in files, read anew when the files change.

use data_encoding::BASE64;
use gatewright_contract::{Fault, Host, LogLevel, Timestamp};
use rustls_pki_types::{CertificateRevocationListDer, pem::PemObject as _};
use serde_json::{Value, json};
use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use webpki::{CertRevocationList, OwnedCertRevocationList};

/// The service of the host that reads a file.
pub(crate) const FILE_READ: &str = "file.read";
/// Longest file of a list, in bytes.
const MOST_BYTES: usize = 16 << 20;
const BEGIN: &[u8] = b"-----BEGIN";

/// What is in one file.
pub(crate) type Read = Arc<Vec<CertRevocationList<'static>>>;

/// The files, and what was in them when they were last read.
pub(crate) struct Lists {
    files: Vec<String>,
    reload: Duration,
    host: Host,
    known: Mutex<Known>,
}

#[derive(Clone, Default)]
struct Known {
    /// When the files were last looked at.
    looked: Option<Timestamp>,
    /// For each file: its mark, and its lists.
    read: Vec<(Value, Read)>,
}

impl Lists {
    pub(crate) fn new(files: Vec<String>, reload: Duration, host: Host) -> Self {
        Self { files, reload, host, known: Mutex::default() }
    }

    /// The lists of all files, as they are now or were a moment ago.
    ///
    /// # Errors
    /// [`Fault::Unavailable`] when one can't be read: who has been revoked can't be told.
    pub(crate) async fn now(&self, now: Timestamp) -> Result<Vec<Read>, Fault> {
        if self.files.is_empty() {
            return Ok(Vec::new());
        }
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner).clone();
        // A clock that was put back makes them old as well.
        let young = known.looked.is_some_and(|at| at <= now && now.since(at) < self.reload);
        if !young {
            known = self.look(known, now).await?;
            *self.known.lock().unwrap_or_else(PoisonError::into_inner) = known.clone();
        }
        Ok(known.read.into_iter().map(|(_, lists)| lists).collect())
    }

    async fn look(&self, known: Known, now: Timestamp) -> Result<Known, Fault> {
        let mut read = Vec::with_capacity(self.files.len());
        for (place, file) in self.files.iter().enumerate() {
            let before = known.read.get(place);
            let mark = before.map_or(Value::Null, |(mark, _)| mark.clone());
            let args = json!({"path": file, "unless": mark, "most_bytes": MOST_BYTES});
            let told = self.host.call(FILE_READ, args).await?;
            read.push(match (before, told["base64"].as_str()) {
                (Some(before), None) => before.clone(),
                (_, content) => (told["mark"].clone(), Arc::new(self.parsed(file, content.unwrap_or(""))?)),
            });
        }
        Ok(Known { looked: Some(now), read })
    }

    fn parsed(&self, file: &str, base64: &str) -> Result<Vec<CertRevocationList<'static>>, Fault> {
        let bytes = BASE64.decode(base64.as_bytes()).unwrap_or_default();
        let lists = parse(&bytes).filter(|lists| !lists.is_empty());
        lists.ok_or_else(|| {
            self.host.log(LogLevel::Error, &format!("{file} is no certificate revocation list, PEM or DER"));
            Fault::unavailable(format!("the revocation list {file}"))
        })
    }
}

/// The lists in a file.
fn parse(bytes: &[u8]) -> Option<Vec<CertRevocationList<'static>>> {
    let owned = |der: &[u8]| OwnedCertRevocationList::from_der(der).ok().map(CertRevocationList::Owned);
    if !bytes.windows(BEGIN.len()).take(4096).any(|w| w == BEGIN) {
        return Some(vec![owned(bytes)?]);
    }
    CertificateRevocationListDer::pem_slice_iter(bytes).map(|der| owned(der.ok()?.as_ref())).collect()
}
