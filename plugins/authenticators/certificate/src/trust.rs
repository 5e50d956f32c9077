//! Whether a chain is good. The checks are those of the `rustls-webpki` crate; what it leaves to others is here.

use crate::{config::Revocation, leaf::Leaf};
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
use x509_parser::{
    prelude::{FromDer, X509Certificate},
    revocation_list::CertificateRevocationList,
};

/// Longest chain that is looked at, and how long a certificate may be, in bytes.
pub(crate) const MOST_CERTIFICATES: usize = 8;
pub(crate) const LONGEST_CERTIFICATE: usize = 16 * 1024;

/// The reply to `trust.read`.
#[derive(Deserialize)]
pub(crate) struct Told {
    pub(crate) revision: u64,
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

/// Roots and revocation lists, ready to be used.
pub(crate) struct Trust {
    pub(crate) revision: u64,
    roots: Vec<Root>,
    /// The newest first: of an issuer's lists only the first is asked.
    crls: Vec<CertRevocationList<'static>>,
}

struct Root {
    anchor: TrustAnchor<'static>,
    not_before: i64,
    not_after: i64,
}

impl Trust {
    /// # Errors
    /// [`Fault::Internal`]: the service has checked all of this.
    pub(crate) fn read(told: Told) -> Result<Self, Fault> {
        let damaged = || Fault::internal("trust.read answers something else");
        let roots = told.roots.unwrap_or_default();
        let der = |text: &String| BASE64.decode(text.as_bytes()).map_err(|_| damaged());
        let roots = roots.iter().map(|text| Root::read(&der(text)?).ok_or_else(damaged));
        let roots = roots.collect::<Result<_, _>>()?;
        let mut crls = Vec::new();
        for text in &told.crls {
            let der = der(text)?;
            let (_, read) = CertificateRevocationList::from_der(&der).map_err(|_| damaged())?;
            let issued = read.last_update().timestamp();
            crls.push((issued, OwnedCertRevocationList::from_der(&der).map_err(|_| damaged())?.into()));
        }
        crls.sort_by_key(|(issued, _)| std::cmp::Reverse(*issued));
        let crls = crls.into_iter().map(|(_, crl)| crl).collect();
        Ok(Self { revision: told.revision, roots, crls })
    }

    /// What the person's certificate says, when it is good now: it leads to a root by signatures, each of which was
    /// made by an authority that may (basic constraints, path length, key usage, name constraints), none of them
    /// before its time, past it, or revoked.
    ///
    /// # Errors
    /// Why it is not, for the log.
    pub(crate) fn check(
        &self,
        chain: &[CertificateDer<'_>],
        revocation: Revocation,
        now: Timestamp,
    ) -> Result<Leaf, String> {
        let (own, others) = chain.split_first().ok_or("no certificate")?;
        if chain.len() > MOST_CERTIFICATES || chain.iter().any(|c| c.len() > LONGEST_CERTIFICATE) {
            return Err("the chain is larger than any that makes sense".to_owned());
        }
        let leaf = Leaf::read(own).ok_or("not a certificate for signatures by clients")?;
        let certificate = EndEntityCert::try_from(own).map_err(|e| e.to_string())?;
        let seconds = u64::try_from(now.as_secs()).map_err(|e| e.to_string())?;
        let lists: Vec<&CertRevocationList<'_>> = self.crls.iter().collect();
        let good =
            |path: &VerifiedPath<'_>| match path.intermediate_certificates().all(|c| may_issue(&c.der())) {
                true => Ok(()),
                false => Err(webpki::Error::EndEntityUsedAsCa),
            };
        certificate
            .verify_for_usage(
                ALL_VERIFICATION_ALGS,
                &self.anchors(now),
                others,
                UnixTime::since_unix_epoch(Duration::from_secs(seconds)),
                KeyUsage::client_auth(),
                options(&lists, revocation)?,
                Some(&good),
            )
            .map_err(|error| error.to_string())?;
        Ok(leaf)
    }

    /// A root, too, ends some day; the library does not ask.
    fn anchors(&self, now: Timestamp) -> Vec<TrustAnchor<'static>> {
        let lives = |root: &&Root| (root.not_before..=root.not_after).contains(&now.as_secs());
        self.roots.iter().filter(lives).map(|root| root.anchor.clone()).collect()
    }
}

impl Root {
    fn read(der: &[u8]) -> Option<Self> {
        let (_, read) = X509Certificate::from_der(der).ok()?;
        let der = CertificateDer::from(der);
        Some(Self {
            anchor: webpki::anchor_from_trusted_cert(&der).ok()?.to_owned(),
            not_before: read.validity().not_before.timestamp(),
            not_after: read.validity().not_after.timestamp(),
        })
    }
}

/// A list that is missing or too old is as good as a revocation: whoever can keep a list away must gain nothing.
fn options<'a>(
    lists: &'a [&'a CertRevocationList<'a>],
    revocation: Revocation,
) -> Result<Option<RevocationOptions<'a>>, String> {
    let depth = match revocation {
        Revocation::Off => return Ok(None),
        Revocation::Leaf => RevocationCheckDepth::EndEntity,
        Revocation::Chain => RevocationCheckDepth::Chain,
    };
    let builder = RevocationOptionsBuilder::new(lists).map_err(
        |_| "there is no revocation list: give some in [plugins.trust], or set revocation = \"off\"",
    )?;
    let builder = builder
        .with_depth(depth)
        .with_status_policy(UnknownStatusPolicy::Deny)
        .with_expiration_policy(ExpirationPolicy::Enforce);
    Ok(Some(builder.build()))
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
