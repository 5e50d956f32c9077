//! Whom we believe to be the directory.

use crate::config::{Server, wrong};
use gatewright_contract::Fault;
use rustls::{ClientConfig, RootCertStore, crypto::aws_lc_rs};
use rustls_pki_types::{CertificateDer, pem::PemObject};
use std::{path::Path, sync::Arc};

/// TLS 1.2 and 1.3, the server's certificate checked against the roots and the name in the URL. The cryptography is
/// given by hand: no process-wide default is read or set.
///
/// # Errors
/// [`Fault::Config`] for roots that can't be read.
pub(crate) fn config(name: &str, server: &Server) -> Result<Arc<ClientConfig>, Fault> {
    let roots = match &server.roots {
        Some(path) => from_file(path).map_err(|message| wrong(name, "roots", message))?,
        None => from_system(),
    };
    let provider = Arc::new(aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|e| Fault::caused("TLS for a directory can't be set up", e))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(Arc::new(config))
}

fn from_file(path: &Path) -> Result<RootCertStore, String> {
    let shown = path.display();
    let found = CertificateDer::pem_file_iter(path)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|error| format!("{shown}: {error}"))?;
    if found.is_empty() {
        return Err(format!("{shown}: no certificate in it"));
    }
    let mut roots = RootCertStore::empty();
    for root in found {
        roots.add(root).map_err(|error| format!("{shown}: {error}"))?;
    }
    Ok(roots)
}

/// What the system trusts. None at all is no mistake of the configuration: then no server is believed.
fn from_system() -> RootCertStore {
    let mut roots = RootCertStore::empty();
    let (added, _) = roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if added == 0 {
        tracing::warn!("this system trusts no root certificate: name those of the directory in `roots`");
    }
    roots
}
