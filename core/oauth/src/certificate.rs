//! Certificates of clients (RFC 8705). The front door hands over what the connection, or a trusted proxy, has shown to be the
//! client's; whether it means anything is judged here.

mod chain;
mod name;

use crate::{Client, Provider, Result, jose::Jwk};
use aws_lc_rs::digest::{SHA256, digest};
use chain::{Authorities, Told};
use data_encoding::BASE64URL_NOPAD;
use gatewright_contract::{Fault, Host, HostExt, Timestamp};
use gatewright_core::Tenant;
use serde_json::json;
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};
use x509_parser::prelude::{FromDer, X509Certificate};

/// The service that has roots and revocation lists.
pub const READ: &str = "trust.read";

/// Bytes of a certificate at most.
const LONGEST: usize = 16 * 1024;

/// `x5t#S256` of a certificate (DER).
pub fn thumbprint(der: &[u8]) -> String {
    BASE64URL_NOPAD.encode(digest(&SHA256, der).as_ref())
}

/// `self_signed_tls_client_auth` (section 2.2): the certificate is one that the client has registered with its keys, and it is
/// in its time.
pub(crate) fn is_registered(shown: &[Vec<u8>], keys: &[Jwk], now: Timestamp) -> bool {
    let Some(own) = shown.first().filter(|own| own.len() <= LONGEST) else { return false };
    let known = keys.iter().any(|key| key.certificate() == Some(own));
    known && read(own).is_some_and(|own| is_in_time(&own, now))
}

/// Stores of authorities by their names, ready to be used: as many as the configuration has.
#[derive(Default)]
pub(crate) struct Stores(Mutex<BTreeMap<String, Arc<Authorities>>>);

impl Stores {
    /// A store as it is now.
    async fn get(&self, services: &Host, name: &str) -> std::result::Result<Arc<Authorities>, Fault> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(name).cloned();
        let known = kept.as_ref().map(|kept| kept.revision);
        let told = services.call(READ, json!({"store": name, "known": known})).await;
        let told = told.map_err(|fault| match fault {
            // What is wrong with what we ask is not the caller's mistake.
            Fault::BadRequest { message, .. } => {
                Fault::internal(format!("login.oidc.client_authorities: {message}"))
            }
            other => other,
        })?;
        let told: Told =
            serde_json::from_value(told).map_err(|_| Fault::internal("trust.read answers something else"))?;
        if !told.is_news() {
            return kept.ok_or_else(|| Fault::internal("trust.read answers nothing to who has nothing"));
        }
        // A list may have a hundred thousand lines.
        let fresh = Arc::new(services.cpu(move || Authorities::read(told)).await??);
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(name.to_owned(), fresh.clone());
        Ok(fresh)
    }
}

impl Provider {
    /// `tls_client_auth` (section 2.1): the certificate leads to an authority of the tenant's store, whatever TLS or a proxy
    /// has checked before, and is of the subject that the client has registered.
    pub(crate) async fn is_certified(
        &self,
        tenant: &Tenant,
        client: &Client,
        shown: &[Vec<u8>],
    ) -> Result<bool> {
        let refused = |why: &str| {
            tracing::info!(client = client.client_id, why, "a certificate of a client is refused");
            Ok(false)
        };
        let Some(own) = shown.first() else { return refused("none was shown") };
        let (Some(services), Some(store)) = (&self.services, &self.rules(tenant).client_authorities) else {
            return refused("login.oidc.client_authorities is not set");
        };
        if let Err(why) = self.stores.get(services, store).await?.check(shown, self.engine.now()) {
            return refused(&why);
        }
        match is_of(own, client) {
            true => Ok(true),
            false => refused("it is of another subject"),
        }
    }
}

/// Whether it is of the one name that the client has registered.
fn is_of(own: &[u8], client: &Client) -> bool {
    match (&client.tls_subject_dn, &client.tls_san_dns) {
        (Some(subject), None) => name::is_subject(own, subject),
        (None, Some(dns)) => name::has_dns_name(own, dns),
        _ => false,
    }
}

fn read(der: &[u8]) -> Option<X509Certificate<'_>> {
    X509Certificate::from_der(der).ok().filter(|(rest, _)| rest.is_empty()).map(|(_, read)| read)
}

fn is_in_time(certificate: &X509Certificate<'_>, now: Timestamp) -> bool {
    let validity = certificate.validity();
    (validity.not_before.timestamp()..=validity.not_after.timestamp()).contains(&now.as_secs())
}

#[cfg(test)]
mod tests;
