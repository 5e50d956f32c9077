//! Reads certificate and key and makes the TLS configuration of the listener.

use std::{
    io,
    path::{Path, PathBuf},
    sync::Arc,
};

use rustls::{
    RootCertStore, ServerConfig,
    crypto::{CryptoProvider, aws_lc_rs},
    pki_types::{
        CertificateDer, PrivateKeyDer,
        pem::{self, PemObject},
    },
    server::{VerifierBuilderError, WebPkiClientVerifier},
};

use super::config::TlsConfig;

/// A TLS configuration and what the operator should still know.
#[derive(Debug)]
pub struct Loaded {
    /// For [`super::serve`].
    pub config: Arc<ServerConfig>,
    /// Not wrong enough to stop the start.
    pub warnings: Vec<String>,
}

/// Why TLS can't be set up; names the file.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// `cert` or `key` is not set.
    #[error("http.tls.{0} is missing: TLS needs a certificate and its key")]
    Missing(&'static str),
    /// The file can't be opened or read.
    #[error("{path}: {source}", path = path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the operating system says.
        source: io::Error,
    },
    /// The file can be read, but is not the PEM it should be.
    #[error("{path}: {wrong}", path = path.display())]
    Pem {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        wrong: String,
    },
    /// Key and certificate don't belong together, or the key is of an unusable kind.
    #[error("{cert} with {key}: {source}", cert = cert.display(), key = key.display())]
    Pair {
        /// The certificate's file.
        cert: PathBuf,
        /// The key's file.
        key: PathBuf,
        /// What rustls says.
        source: rustls::Error,
    },
    /// The client roots can't be used.
    #[error("{path}: {source}", path = path.display())]
    Roots {
        /// The file.
        path: PathBuf,
        /// What rustls says.
        source: VerifierBuilderError,
    },
}

/// Makes a TLS 1.2 and 1.3 configuration with HTTP/2 and HTTP/1.1, and asks for client certificates when
/// `client_roots` is set. The cryptography is given by hand: no process-wide default is read or set.
pub fn load(tls: &TlsConfig) -> Result<Loaded, TlsError> {
    let cert = tls.cert.as_deref().ok_or(TlsError::Missing("cert"))?;
    let key = tls.key.as_deref().ok_or(TlsError::Missing("key"))?;
    let provider = Arc::new(aws_lc_rs::default_provider());
    let chain = certificates(cert)?;
    let secret =
        PrivateKeyDer::from_pem_file(key).map_err(|error| wrong(key, error, "no private key in it"))?;
    let warnings = readable_by_others(key).into_iter().collect();

    let pair = |source| TlsError::Pair { cert: cert.to_owned(), key: key.to_owned(), source };
    let builder = ServerConfig::builder_with_provider(provider.clone())
        .with_safe_default_protocol_versions()
        .map_err(pair)?;
    let builder = match &tls.client_roots {
        None => builder.with_no_client_auth(),
        Some(path) => builder.with_client_cert_verifier(verifier(path, provider)?),
    };
    let mut config = builder.with_single_cert(chain, secret).map_err(pair)?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(Loaded { config: Arc::new(config), warnings })
}

fn verifier(
    path: &Path,
    provider: Arc<CryptoProvider>,
) -> Result<Arc<dyn rustls::server::danger::ClientCertVerifier>, TlsError> {
    let mut roots = RootCertStore::empty();
    for (i, root) in certificates(path)?.into_iter().enumerate() {
        roots.add(root).map_err(|error| TlsError::Pem {
            path: path.to_owned(),
            wrong: format!("certificate {} can't be a root: {error}", i + 1),
        })?;
    }
    WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider)
        .allow_unauthenticated()
        .build()
        .map_err(|source| TlsError::Roots { path: path.to_owned(), source })
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    const NONE: &str = "no certificate in it";
    let found = CertificateDer::pem_file_iter(path)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|error| wrong(path, error, NONE))?;
    if found.is_empty() { Err(wrong(path, pem::Error::NoItemsFound, NONE)) } else { Ok(found) }
}

fn wrong(path: &Path, error: pem::Error, none: &str) -> TlsError {
    let path = path.to_owned();
    match error {
        pem::Error::Io(source) => TlsError::Read { path, source },
        pem::Error::NoItemsFound => TlsError::Pem { path, wrong: none.to_owned() },
        // The library shows the line it stumbled over, which in a key file is part of the key.
        pem::Error::MissingSectionEnd { .. } => {
            TlsError::Pem { path, wrong: "a section has no END line".into() }
        }
        pem::Error::IllegalSectionStart { .. } => {
            TlsError::Pem { path, wrong: "a BEGIN line is malformed".into() }
        }
        pem::Error::Base64Decode(_) => TlsError::Pem { path, wrong: "a section is not valid base64".into() },
        _ => TlsError::Pem { path, wrong: "this is not PEM".into() },
    }
}

/// A private key that other accounts of the machine can read is theirs too.
#[cfg(unix)]
fn readable_by_others(key: &Path) -> Option<String> {
    use std::os::unix::fs::PermissionsExt;
    let mode = std::fs::metadata(key).ok()?.permissions().mode() & 0o777;
    (mode & 0o077 != 0).then(|| {
        format!(
            "{} has mode {mode:03o}: other accounts can use this private key; chmod 600 it",
            key.display()
        )
    })
}

#[cfg(not(unix))]
fn readable_by_others(_key: &Path) -> Option<String> {
    None
}
