//! Whether a certificate leads to an authority. The checks are those of the `rustls-webpki` crate.

use super::{LONGEST, read};
use data_encoding::BASE64;
use gatewright_contract::{Fault, Timestamp};
use rustls_pki_types::{CertificateDer, TrustAnchor, UnixTime};
use serde::Deserialize;
use std::time::Duration;
use webpki::{
    ALL_VERIFICATION_ALGS, CertRevocationList, EndEntityCert, ExpirationPolicy, KeyUsage,
    OwnedCertRevocationList, RevocationCheckDepth, RevocationOptions, RevocationOptionsBuilder,
    UnknownStatusPolicy, VerifiedPath,
};
use x509_parser::{prelude::FromDer, revocation_list::CertificateRevocationList};

/// Certificates in a chain at most.
const MOST: usize = 8;

/// The reply to `trust.read`.
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

/// Authorities and their revocation lists, ready to be used.
pub(crate) struct Authorities {
    pub(crate) revision: u64,
    roots: Vec<Root>,
    /// The newest first: of an issuer's lists only the first is asked.
    lists: Vec<CertRevocationList<'static>>,
}

struct Root {
    anchor: TrustAnchor<'static>,
    not_before: i64,
    not_after: i64,
}

impl Authorities {
    /// # Errors
    /// [`Fault::Internal`]: the service has checked all of this.
    pub(crate) fn read(told: Told) -> Result<Self, Fault> {
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

    /// Whether the first certificate is good for a client now: it leads to a root by signatures of those who may sign, none
    /// of them before its time, past it, or revoked.
    ///
    /// # Errors
    /// Why not, for the log.
    pub(crate) fn check(&self, chain: &[Vec<u8>], now: Timestamp) -> Result<(), String> {
        if chain.len() > MOST || chain.iter().any(|one| one.len() > LONGEST) {
            return Err("the chain is larger than any that makes sense".to_owned());
        }
        let chain: Vec<CertificateDer<'_>> = chain.iter().map(|der| CertificateDer::from(&der[..])).collect();
        let (own, others) = chain.split_first().ok_or("no certificate was shown")?;
        let certificate = EndEntityCert::try_from(own).map_err(|e| e.to_string())?;
        let seconds = u64::try_from(now.as_secs()).map_err(|e| e.to_string())?;
        let lists: Vec<&CertRevocationList<'_>> = self.lists.iter().collect();
        let good =
            |path: &VerifiedPath<'_>| match path.intermediate_certificates().all(|c| may_issue(&c.der())) {
                true => Ok(()),
                false => Err(webpki::Error::EndEntityUsedAsCa),
            };
        let anchors = self.anchors(now);
        let path = certificate.verify_for_usage(
            ALL_VERIFICATION_ALGS,
            &anchors,
            others,
            UnixTime::since_unix_epoch(Duration::from_secs(seconds)),
            KeyUsage::client_auth(),
            options(&lists)?,
            Some(&good),
        );
        path.map(drop).map_err(|error| error.to_string())
    }

    /// A root, too, ends some day; the library does not ask.
    fn anchors(&self, now: Timestamp) -> Vec<TrustAnchor<'static>> {
        let lives = |root: &&Root| (root.not_before..=root.not_after).contains(&now.as_secs());
        self.roots.iter().filter(lives).map(|root| root.anchor.clone()).collect()
    }
}

impl Root {
    fn read(der: &[u8]) -> Option<Self> {
        let validity = read(der)?.validity().clone();
        let der = CertificateDer::from(der);
        Some(Self {
            anchor: webpki::anchor_from_trusted_cert(&der).ok()?.to_owned(),
            not_before: validity.not_before.timestamp(),
            not_after: validity.not_after.timestamp(),
        })
    }
}

/// A store without lists has settled that nothing is revoked. Where there are lists, one that is missing or too old is as good
/// as a revocation: whoever can keep a list away must gain nothing.
fn options<'a>(
    lists: &'a [&'a CertRevocationList<'a>],
) -> Result<Option<RevocationOptions<'a>>, &'static str> {
    if lists.is_empty() {
        return Ok(None);
    }
    let builder = RevocationOptionsBuilder::new(lists).map_err(|_| "the revocation lists can't be used")?;
    let builder = builder
        .with_depth(RevocationCheckDepth::Chain)
        .with_status_policy(UnknownStatusPolicy::Deny)
        .with_expiration_policy(ExpirationPolicy::Enforce);
    Ok(Some(builder.build()))
}

/// Whether the key is for signing certificates, where it says what it is for (RFC 5280, section 4.2.1.3).
fn may_issue(der: &[u8]) -> bool {
    match read(der).map(|certificate| certificate.key_usage().map(|u| u.map(|u| u.value.key_cert_sign()))) {
        Some(Ok(signs)) => signs.unwrap_or(true),
        _ => false,
    }
}
