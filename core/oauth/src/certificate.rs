//! Certificates of clients (RFC 8705). The front door hands over what the connection, or a trusted proxy, has shown to be the
//! client's; whether it means anything is judged here.

use crate::jose::Jwk;
use aws_lc_rs::digest::{SHA256, digest};
use data_encoding::BASE64URL_NOPAD;
use gatewright_contract::Timestamp;
use x509_parser::prelude::{FromDer, X509Certificate};

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

fn read(der: &[u8]) -> Option<X509Certificate<'_>> {
    X509Certificate::from_der(der).ok().filter(|(rest, _)| rest.is_empty()).map(|(_, read)| read)
}

fn is_in_time(certificate: &X509Certificate<'_>, now: Timestamp) -> bool {
    let validity = certificate.validity();
    (validity.not_before.timestamp()..=validity.not_after.timestamp()).contains(&now.as_secs())
}

#[cfg(test)]
mod tests;
