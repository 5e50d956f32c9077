//! A certificate over a key of RSA that the key itself has signed (RFC 7517, section 4.7): who fetches keys only in
//! certificates (Microsoft Entra) reads the key there. It proves nothing more than the key.
//!
//! It depends on the key and on its date alone, so that every host publishes the same bytes.

use super::pair::Pair;
use aws_lc_rs::signature::KeyPair;
use data_encoding::BASE64;
use gatewright_contract::{Fault, Timestamp};
use rcgen::{
    CertificateParams, DistinguishedName, DnType, PKCS_RSA_SHA256, PublicKeyData, SignatureAlgorithm,
    SigningKey,
};
use time::{Duration, OffsetDateTime};

/// Longer than any key signs.
const YEARS: i64 = 20;

/// The certificate of a pair in base64, where it is of RSA.
pub(super) fn of(pair: &Pair, kid: &str, created: Timestamp) -> Result<Option<String>, Fault> {
    let Pair::Rs256(rsa) = pair else { return Ok(None) };
    let failed = |e: rcgen::Error| Fault::caused("a certificate could not be made", e);
    let from = OffsetDateTime::from_unix_timestamp(created.as_secs())
        .map_err(|e| Fault::caused("a signing key has a date that is none", e))?;
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, kid);
    params.not_before = from;
    params.not_after = from.saturating_add(Duration::days(365 * YEARS));
    let own = Own { pair, public: rsa.public_key().as_ref() };
    Ok(Some(BASE64.encode(params.self_signed(&own).map_err(failed)?.der())))
}

/// The pair, for who makes the certificate. No serial number is given: it is made of the public key.
struct Own<'a> {
    pair: &'a Pair,
    public: &'a [u8],
}

impl PublicKeyData for Own<'_> {
    fn der_bytes(&self) -> &[u8] {
        self.public
    }

    fn algorithm(&self) -> &'static SignatureAlgorithm {
        &PKCS_RSA_SHA256
    }
}

impl SigningKey for Own<'_> {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, rcgen::Error> {
        self.pair.sign(message).map_err(|_| rcgen::Error::RemoteKeyError)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use gatewright_core::signing::Algorithm;
    use rustls::pki_types::CertificateDer;
    use serde_json::Value;

    #[test]
    fn every_host_makes_the_same_certificate_of_a_key_and_it_holds_the_key() {
        let pair = Pair::generate(Algorithm::Rs256).expect("a pair");
        let again = Pair::parse(Algorithm::Rs256, &pair.der().expect("a form")).expect("reads");
        let at = Timestamp::from_secs(1_790_000_000);
        let certificate = of(&pair, "kid", at).expect("made").expect("it is RSA");
        assert_eq!(of(&again, "kid", at).expect("made").as_ref(), Some(&certificate));
        let der = CertificateDer::from(BASE64.decode(certificate.as_bytes()).expect("base64"));
        let read = rustls::server::ParsedCertificate::try_from(&der).expect("a certificate");
        let key = read.subject_public_key_info();
        let public = pair.public().expect("a public key");
        let n = public.get("n").and_then(Value::as_str).expect("a modulus");
        let n = data_encoding::BASE64URL_NOPAD.decode(n.as_bytes()).expect("base64url");
        assert!(key.as_ref().windows(n.len()).any(|part| part == n));
    }

    #[test]
    fn other_keys_have_none() {
        for algorithm in [Algorithm::EdDsa, Algorithm::Es256] {
            let pair = Pair::generate(algorithm).expect("a pair");
            assert_eq!(of(&pair, "kid", Timestamp::from_secs(0)).expect("no fault"), None);
        }
    }
}
