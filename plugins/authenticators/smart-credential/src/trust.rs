//! Whether a device's certificate counts: its chain, its time, what it is for, and that nobody has revoked it.

use crate::Config;
use data_encoding::BASE64;
use gatewright_contract::{Fault, Timestamp};
use gatewright_device::{Device, PublicKey};
use rustls_pki_types::{CertificateDer, TrustAnchor, UnixTime, pem::PemObject as _};
use std::time::Duration;
use webpki::{
    ALL_VERIFICATION_ALGS, CertRevocationList, EndEntityCert, Error, ExpirationPolicy,
    ExtendedKeyUsageValidator, KeyPurposeIdIter, RevocationCheckDepth, RevocationOptionsBuilder,
    UnknownStatusPolicy, anchor_from_trusted_cert,
};
use x509_parser::prelude::{FromDer as _, X509Certificate};

/// `anyExtendedKeyUsage` (RFC 5280, section 4.2.1.12).
const ANY_USE: &str = "2.5.29.37.0";
const ED25519: &str = "1.3.101.112";
const EC: &str = "1.2.840.10045.2.1";
const P256: &str = "1.2.840.10045.3.1.7";

/// What certificates are held against.
pub(crate) struct Trust {
    anchors: Vec<TrustAnchor<'static>>,
    extended_key_usage: Option<String>,
    revocation: bool,
    whole_chain: bool,
    stale: bool,
}

/// Why a certificate does not count, for the log: nothing of the person is in it.
#[derive(Debug, PartialEq, Eq, Clone)]
pub(crate) enum Unfit {
    /// No certificate, or one that can't be read.
    Unreadable,
    /// It is of another key.
    OtherKey,
    /// It is not for signatures, or not for this use.
    NotForThis,
    /// The chain, the time or a list says no.
    Chain(Error),
}

impl Trust {
    /// Reads the authorities.
    ///
    /// # Errors
    /// [`Fault::Config`] for what is no certificate.
    pub(crate) fn of(config: &Config) -> Result<Self, Fault> {
        let mut anchors = Vec::new();
        for text in &config.authorities {
            let wrong = || Fault::Config {
                key: "authorities".to_owned(),
                message: "each one the PEM of a certificate, from `-----BEGIN CERTIFICATE-----` on"
                    .to_owned(),
            };
            let before = anchors.len();
            for der in CertificateDer::pem_slice_iter(text.as_bytes()) {
                let der = der.map_err(|_| wrong())?;
                anchors.push(anchor_from_trusted_cert(&der).map_err(|_| wrong())?.to_owned());
            }
            if anchors.len() == before {
                return Err(wrong());
            }
        }
        Ok(Self {
            anchors,
            extended_key_usage: config.extended_key_usage.clone(),
            revocation: !config.crls.is_empty(),
            whole_chain: config.crl_whole_chain,
            stale: config.accept_stale_crls,
        })
    }

    /// Whether the device may approve now.
    ///
    /// # Errors
    /// Why not.
    pub(crate) fn admits(
        &self,
        device: &Device,
        lists: &[&CertRevocationList<'_>],
        now: Timestamp,
    ) -> Result<(), Unfit> {
        let read = |text: &String| BASE64.decode(text.as_bytes()).ok().map(CertificateDer::from);
        let chain: Option<Vec<CertificateDer<'_>>> = device.certificates.iter().map(read).collect();
        let chain = chain.ok_or(Unfit::Unreadable)?;
        let (leaf, between) = chain.split_first().ok_or(Unfit::Unreadable)?;
        self.leaf_is_fit(leaf, &device.key)?;
        let seconds = u64::try_from(now.as_secs()).unwrap_or(0);
        let time = UnixTime::since_unix_epoch(Duration::from_secs(seconds));
        let options = match (self.revocation, RevocationOptionsBuilder::new(lists)) {
            (false, _) => None,
            // A list is wanted and there is none: nobody can say that it is not revoked.
            (true, Err(_)) => return Err(Unfit::Chain(Error::UnknownRevocationStatus)),
            (true, Ok(builder)) => Some(
                builder
                    .with_depth(match self.whole_chain {
                        true => RevocationCheckDepth::Chain,
                        false => RevocationCheckDepth::EndEntity,
                    })
                    .with_status_policy(UnknownStatusPolicy::Deny)
                    .with_expiration_policy(match self.stale {
                        true => ExpirationPolicy::Ignore,
                        false => ExpirationPolicy::Enforce,
                    })
                    .build(),
            ),
        };
        let leaf = EndEntityCert::try_from(leaf).map_err(Unfit::Chain)?;
        let usage = Above(self.extended_key_usage.as_deref());
        leaf.verify_for_usage(ALL_VERIFICATION_ALGS, &self.anchors, between, time, usage, options, None)
            .map(|_| ())
            .map_err(Unfit::Chain)
    }

    /// What webpki does not look at: whose key it is, and that it may sign.
    fn leaf_is_fit(&self, der: &CertificateDer<'_>, key: &PublicKey) -> Result<(), Unfit> {
        let (rest, leaf) = X509Certificate::from_der(der).map_err(|_| Unfit::Unreadable)?;
        if !rest.is_empty() {
            return Err(Unfit::Unreadable);
        }
        if key_of(&leaf).as_ref() != Some(key) {
            return Err(Unfit::OtherKey);
        }
        let usage = leaf.key_usage().map_err(|_| Unfit::Unreadable)?;
        if !usage.is_some_and(|u| u.value.digital_signature()) {
            return Err(Unfit::NotForThis);
        }
        let Some(wanted) = &self.extended_key_usage else { return Ok(()) };
        let extended = leaf.extended_key_usage().map_err(|_| Unfit::Unreadable)?;
        let named = extended.is_some_and(|e| {
            let known = [
                (e.value.client_auth, "1.3.6.1.5.5.7.3.2"),
                (e.value.server_auth, "1.3.6.1.5.5.7.3.1"),
                (e.value.code_signing, "1.3.6.1.5.5.7.3.3"),
                (e.value.email_protection, "1.3.6.1.5.5.7.3.4"),
                (e.value.time_stamping, "1.3.6.1.5.5.7.3.8"),
                (e.value.ocsp_signing, "1.3.6.1.5.5.7.3.9"),
                (e.value.any, wanted.as_str()),
            ];
            known.iter().any(|(has, oid)| *has && oid == wanted)
                || e.value.other.iter().any(|oid| oid.to_id_string() == *wanted)
        });
        if named { Ok(()) } else { Err(Unfit::NotForThis) }
    }
}

/// The key of a certificate, where it is of a sort that devices sign with.
fn key_of(leaf: &X509Certificate<'_>) -> Option<PublicKey> {
    let info = &leaf.tbs_certificate.subject_pki;
    let bytes: &[u8] = &info.subject_public_key.data;
    match info.algorithm.algorithm.to_id_string().as_str() {
        ED25519 => PublicKey::of_certificate(true, bytes),
        EC => {
            let curve = info.algorithm.parameters.as_ref()?.as_oid().ok()?;
            (curve.to_id_string() == P256).then(|| PublicKey::of_certificate(false, bytes)).flatten()
        }
        _ => None,
    }
}

/// An extended key usage also limits what is issued below a certificate that has one.
struct Above<'a>(Option<&'a str>);

impl ExtendedKeyUsageValidator for Above<'_> {
    fn validate(&self, uses: KeyPurposeIdIter<'_, '_>) -> Result<(), Error> {
        let Some(wanted) = self.0 else { return Ok(()) };
        let mut none = true;
        for one in uses {
            none = false;
            let oid: Vec<String> = one?.to_decoded_oid().iter().map(ToString::to_string).collect();
            if [wanted, ANY_USE].contains(&oid.join(".").as_str()) {
                return Ok(());
            }
        }
        // webpki's own word for it names a usage that is known when the program is made.
        if none { Ok(()) } else { Err(Error::UnknownIssuer) }
    }
}

/// The serial number of a certificate, as hex digits.
pub(crate) fn serial(base64: &str) -> Option<String> {
    let der = BASE64.decode(base64.as_bytes()).ok()?;
    let (_, leaf) = X509Certificate::from_der(&der).ok()?;
    Some(leaf.raw_serial_as_string())
}
