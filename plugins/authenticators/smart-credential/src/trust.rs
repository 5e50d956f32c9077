//! Whether a device's certificate counts: its chain, its time, what it is for, and that nobody has revoked it.

use crate::config::Revocation;
use data_encoding::BASE64;
use gatewright_contract::{Fault, Timestamp};
use gatewright_device::{Device, PublicKey};
use rustls_pki_types::{CertificateDer, TrustAnchor, UnixTime};
use serde::Deserialize;
use std::time::Duration;
use webpki::{
    ALL_VERIFICATION_ALGS, CertRevocationList, EndEntityCert, Error, ExpirationPolicy,
    ExtendedKeyUsageValidator, KeyPurposeIdIter, OwnedCertRevocationList, RevocationCheckDepth,
    RevocationOptions, RevocationOptionsBuilder, UnknownStatusPolicy, VerifiedPath, anchor_from_trusted_cert,
};
use x509_parser::{
    prelude::{FromDer as _, X509Certificate},
    revocation_list::CertificateRevocationList,
};

/// `anyExtendedKeyUsage` (RFC 5280, section 4.2.1.12).
const ANY_USE: &str = "2.5.29.37.0";
const ED25519: &str = "1.3.101.112";
const EC: &str = "1.2.840.10045.2.1";
const P256: &str = "1.2.840.10045.3.1.7";

/// The rules of the configuration.
#[derive(Clone, Debug)]
pub(crate) struct Checks {
    pub(crate) extended_key_usage: Option<String>,
    pub(crate) revocation: Revocation,
    pub(crate) stale: bool,
}

/// The reply of the service that reads roots and lists.
#[derive(Deserialize)]
pub(crate) struct Told {
    revision: u64,
    roots: Option<Vec<String>>,
    #[serde(default)]
    crls: Vec<String>,
}

impl Told {
    /// Whether it is more than "as you know it".
    pub(crate) fn is_news(&self) -> bool {
        self.roots.is_some()
    }
}

/// What certificates are held against: roots and revocation lists, ready to be used.
pub(crate) struct Trust {
    pub(crate) revision: u64,
    roots: Vec<Root>,
    /// The newest first: of an issuer's lists only the first is asked.
    lists: Vec<CertRevocationList<'static>>,
}

struct Root {
    anchor: TrustAnchor<'static>,
    from: i64,
    to: i64,
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
    /// # Errors
    /// [`Fault::Internal`]: the service has read all of this.
    pub(crate) fn read(told: &Told) -> Result<Self, Fault> {
        let damaged = || Fault::internal("trust.read answers something else");
        let der = |text: &String| BASE64.decode(text.as_bytes()).map_err(|_| damaged());
        let mut roots = Vec::new();
        for text in told.roots.iter().flatten() {
            roots.push(Root::read(&der(text)?).ok_or_else(damaged)?);
        }
        let mut lists = Vec::new();
        for text in &told.crls {
            let der = der(text)?;
            let (_, read) = CertificateRevocationList::from_der(&der).map_err(|_| damaged())?;
            let issued = read.last_update().timestamp();
            lists.push((issued, OwnedCertRevocationList::from_der(&der).map_err(|_| damaged())?.into()));
        }
        lists.sort_by_key(|(issued, _)| std::cmp::Reverse(*issued));
        let lists = lists.into_iter().map(|(_, list)| list).collect();
        Ok(Self { revision: told.revision, roots, lists })
    }

    /// Whether the device may approve now.
    ///
    /// # Errors
    /// Why not.
    pub(crate) fn admits(&self, device: &Device, checks: &Checks, now: Timestamp) -> Result<(), Unfit> {
        let read = |text: &String| BASE64.decode(text.as_bytes()).ok().map(CertificateDer::from);
        let chain: Option<Vec<CertificateDer<'_>>> = device.certificates.iter().map(read).collect();
        let chain = chain.ok_or(Unfit::Unreadable)?;
        let (leaf, between) = chain.split_first().ok_or(Unfit::Unreadable)?;
        leaf_is_fit(leaf, &device.key, checks.extended_key_usage.as_deref())?;
        let lists: Vec<&CertRevocationList<'_>> = self.lists.iter().collect();
        let seconds = u64::try_from(now.as_secs()).unwrap_or(0);
        let may_issue =
            |path: &VerifiedPath<'_>| match path.intermediate_certificates().all(|c| may_issue(&c.der())) {
                true => Ok(()),
                false => Err(Error::EndEntityUsedAsCa),
            };
        EndEntityCert::try_from(leaf)
            .map_err(Unfit::Chain)?
            .verify_for_usage(
                ALL_VERIFICATION_ALGS,
                &self.anchors(now),
                between,
                UnixTime::since_unix_epoch(Duration::from_secs(seconds)),
                Above(checks.extended_key_usage.as_deref()),
                options(&lists, checks)?,
                Some(&may_issue),
            )
            .map(|_| ())
            .map_err(Unfit::Chain)
    }

    /// A root, too, ends some day; webpki does not ask.
    fn anchors(&self, now: Timestamp) -> Vec<TrustAnchor<'static>> {
        let lives = |root: &&Root| (root.from..=root.to).contains(&now.as_secs());
        self.roots.iter().filter(lives).map(|root| root.anchor.clone()).collect()
    }
}

impl Root {
    fn read(der: &[u8]) -> Option<Self> {
        let (_, read) = X509Certificate::from_der(der).ok()?;
        let (from, to) = (read.validity().not_before.timestamp(), read.validity().not_after.timestamp());
        let der = CertificateDer::from(der);
        Some(Self { anchor: anchor_from_trusted_cert(&der).ok()?.to_owned(), from, to })
    }
}

/// A list that is missing or overdue is as good as a revocation: whoever can keep one away must gain nothing.
fn options<'a>(
    lists: &'a [&'a CertRevocationList<'a>],
    checks: &Checks,
) -> Result<Option<RevocationOptions<'a>>, Unfit> {
    let depth = match checks.revocation {
        Revocation::Off => return Ok(None),
        Revocation::Leaf => RevocationCheckDepth::EndEntity,
        Revocation::Chain => RevocationCheckDepth::Chain,
    };
    let builder = RevocationOptionsBuilder::new(lists);
    let builder = builder.map_err(|_| Unfit::Chain(Error::UnknownRevocationStatus))?;
    let stale = if checks.stale { ExpirationPolicy::Ignore } else { ExpirationPolicy::Enforce };
    let builder = builder.with_depth(depth).with_status_policy(UnknownStatusPolicy::Deny);
    Ok(Some(builder.with_expiration_policy(stale).build()))
}

/// Whether the key is for signing certificates, where it says what it is for (RFC 5280, section 4.2.1.3).
fn may_issue(der: &[u8]) -> bool {
    let Ok((_, certificate)) = X509Certificate::from_der(der) else { return false };
    match certificate.key_usage() {
        Ok(Some(usage)) => usage.value.key_cert_sign(),
        Ok(None) => true,
        Err(_) => false,
    }
}

/// What webpki does not look at: whose key it is, and that it may sign.
fn leaf_is_fit(der: &CertificateDer<'_>, key: &PublicKey, wanted: Option<&str>) -> Result<(), Unfit> {
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
    let Some(wanted) = wanted else { return Ok(()) };
    let extended = leaf.extended_key_usage().map_err(|_| Unfit::Unreadable)?;
    let named = extended.is_some_and(|e| {
        let known = [
            (e.value.client_auth, "1.3.6.1.5.5.7.3.2"),
            (e.value.server_auth, "1.3.6.1.5.5.7.3.1"),
            (e.value.code_signing, "1.3.6.1.5.5.7.3.3"),
            (e.value.email_protection, "1.3.6.1.5.5.7.3.4"),
            (e.value.time_stamping, "1.3.6.1.5.5.7.3.8"),
            (e.value.ocsp_signing, "1.3.6.1.5.5.7.3.9"),
            (e.value.any, wanted),
        ];
        known.iter().any(|(has, oid)| *has && *oid == wanted)
            || e.value.other.iter().any(|oid| oid.to_id_string() == wanted)
    });
    if named { Ok(()) } else { Err(Unfit::NotForThis) }
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
