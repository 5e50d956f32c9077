//! What a person's certificate says. The reading is that of the `x509-parser` crate.

use crate::config::{By, Name};
use aws_lc_rs::digest::{SHA256, digest};
use data_encoding::HEXLOWER;
use gatewright_contract::Timestamp;
use x509_parser::{
    der_parser::asn1_rs::{FromDer, Oid, Utf8String, oid},
    prelude::{GeneralName, ParsedExtension, X509Certificate, X509Name},
};

/// User principal name, an `otherName` of Microsoft's (1.3.6.1.4.1.311.20.2.3).
const UPN: Oid<'static> = oid!(1.3.6.1.4.1.311.20.2.3);
/// `uid` (RFC 4519, section 2.39).
const UID: Oid<'static> = oid!(0.9.2342.19200300.100.1.1);
/// Longest name that is shown or compared, in bytes.
const LONGEST_NAME: usize = 1024;
/// Names of one sort that are looked at.
const MOST_NAMES: usize = 16;

/// The person's own certificate, read. Says nothing about whether it is good.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Leaf {
    pub(crate) fingerprint: String,
    pub(crate) issuer: String,
    pub(crate) subject: String,
    pub(crate) serial: String,
    pub(crate) not_after: Timestamp,
    subject_key: String,
    emails: Vec<String>,
    upns: Vec<String>,
    common_names: Vec<String>,
    user_ids: Vec<String>,
}

impl Leaf {
    /// Reads one that may be used to log in: version 3, no authority, for signatures and for clients
    /// (RFC 5280, section 4.2.1). `None` for all else, and for what is no certificate.
    pub(crate) fn read(der: &[u8]) -> Option<Self> {
        let (rest, certificate) = X509Certificate::from_der(der).ok()?;
        let signs = certificate.key_usage().ok()??.value.digital_signature();
        let for_clients = certificate.extended_key_usage().ok()??.value.client_auth;
        if !rest.is_empty() || certificate.is_ca() || !signs || !for_clients {
            return None;
        }
        let (issuer, subject) = (certificate.issuer(), certificate.subject());
        let mut leaf = Self {
            fingerprint: HEXLOWER.encode(digest(&SHA256, der).as_ref()),
            issuer: shown(issuer),
            subject: shown(subject),
            serial: HEXLOWER.encode(certificate.raw_serial()),
            not_after: Timestamp::from_secs(certificate.validity().not_after.timestamp()),
            subject_key: key_of(issuer.as_raw(), subject.as_raw()),
            emails: Vec::new(),
            upns: Vec::new(),
            common_names: texts(subject.iter_common_name().map(|a| a.as_str().ok())),
            user_ids: texts(subject.iter_by_oid(&UID).map(|a| a.as_str().ok())),
        };
        for extension in certificate.extensions() {
            if let ParsedExtension::SubjectAlternativeName(names) = extension.parsed_extension() {
                leaf.take_names(&names.general_names);
            }
        }
        Some(leaf)
    }

    fn take_names(&mut self, names: &[GeneralName<'_>]) {
        self.emails = texts(names.iter().map(|name| match name {
            GeneralName::RFC822Name(text) => Some(*text),
            _ => None,
        }));
        self.upns = texts(names.iter().map(|name| match name {
            GeneralName::OtherName(id, value) if *id == UPN => upn(value),
            _ => None,
        }));
    }

    /// The values by which it can be tied to an account.
    pub(crate) fn ties(&self, by: By) -> &[String] {
        match by {
            By::Fingerprint => std::slice::from_ref(&self.fingerprint),
            By::Subject => std::slice::from_ref(&self.subject_key),
            By::Email => &self.emails,
            By::Upn => &self.upns,
        }
    }

    /// The only value; of several names nobody can say which is meant.
    pub(crate) fn tie(&self, by: By) -> Option<&str> {
        match self.ties(by) {
            [only] => Some(only),
            _ => None,
        }
    }

    /// Whether it carries this login name, and no other in this place. Letters of ASCII are compared without regard
    /// to case, all else as it is.
    pub(crate) fn names(&self, from: Name, username: &str) -> bool {
        let names = match from {
            Name::Email => &self.emails,
            Name::Upn => &self.upns,
            Name::Cn => &self.common_names,
            Name::Uid => &self.user_ids,
        };
        matches!(&names[..], [only] if only.eq_ignore_ascii_case(username))
    }
}

fn key_of(issuer: &[u8], subject: &[u8]) -> String {
    // Both are DER: where one ends and the other begins is beyond doubt.
    HEXLOWER.encode(digest(&SHA256, &[issuer, subject].concat()).as_ref())
}

fn shown(name: &X509Name<'_>) -> String {
    name.to_string().chars().filter(|c| !c.is_control()).take(LONGEST_NAME).collect()
}

/// Names in the form that is compared: letters of ASCII in lower case, all else as it is. One that is empty, too long or
/// has a NUL, at which others might stop to read, makes all of them useless: nobody can say which is meant then.
fn texts<'a>(all: impl Iterator<Item = Option<&'a str>>) -> Vec<String> {
    let fits = |text: &&str| !text.is_empty() && text.len() <= LONGEST_NAME && !text.contains('\0');
    let given: Vec<&str> = all.flatten().collect();
    if given.len() > MOST_NAMES || !given.iter().all(fits) {
        return Vec::new();
    }
    let mut found: Vec<String> = given.into_iter().map(str::to_ascii_lowercase).collect();
    found.sort();
    found.dedup();
    found
}

/// `[0] EXPLICIT UTF8String`.
fn upn(value: &[u8]) -> Option<&str> {
    let (rest, tagged) = x509_parser::der_parser::asn1_rs::Any::from_der(value).ok()?;
    let inner = if tagged.tag().0 == 0 { tagged.data } else { value };
    let (inner_rest, text) = Utf8String::from_der(inner).ok()?;
    (rest.is_empty() && inner_rest.is_empty()).then_some(())?;
    let start = inner.len() - text.as_ref().len();
    std::str::from_utf8(&inner[start..]).ok()
}
