//! Authorities, certificates of every sort, and a host that hands out what is trusted.

use crate::{Certificate, Config, Credential, Prompt};
use data_encoding::BASE64;
use gatewright_contract::{
    Authenticator, BoxFut, Call, CredentialId, Fault, Held, Host, HostServices, Identify, LogLevel,
    LookupKey, Outcome, Refusal, Scope, TenantId, Timestamp, Verdict, Versioned,
    testing::{Desk, ready, scope},
};
use rcgen::{
    BasicConstraints, CertificateParams, CertificateRevocationListParams, CertifiedIssuer, DnType,
    ExtendedKeyUsagePurpose, IsCa, KeyIdMethod, KeyPair, KeyUsagePurpose, RevokedCertParams, SerialNumber,
    SigningKey,
};
use serde_json::{Value, json};
use std::{sync::Arc, time::Duration};
use time::OffsetDateTime;

pub(super) const NOW: Timestamp = Timestamp::from_secs(1_800_000_000);
const DAY: i64 = 86_400;

pub(super) type Issuer = CertifiedIssuer<'static, KeyPair>;

fn at(days: i64) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(NOW.as_secs() + days * DAY).unwrap()
}

/// A certificate for signatures by clients, from yesterday to a month from now.
pub(super) fn params(name: &str) -> CertificateParams {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.distinguished_name.push(DnType::CommonName, name);
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    valid(params, -1, 30)
}

pub(super) fn valid(mut params: CertificateParams, from: i64, to: i64) -> CertificateParams {
    (params.not_before, params.not_after) = (at(from), at(to));
    params
}

pub(super) fn authority(name: &str) -> CertificateParams {
    let mut params = params(name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params.extended_key_usages = Vec::new();
    params
}

pub(super) fn root(name: &str) -> Issuer {
    CertifiedIssuer::self_signed(authority(name), KeyPair::generate().unwrap()).unwrap()
}

pub(super) fn below(issuer: &Issuer, params: CertificateParams) -> Issuer {
    CertifiedIssuer::signed_by(params, KeyPair::generate().unwrap(), issuer).unwrap()
}

/// A certificate with its key.
pub(super) struct Card {
    pub(super) der: Vec<u8>,
    pub(super) serial: Vec<u8>,
    key: KeyPair,
}

impl Card {
    pub(super) fn new(issuer: &Issuer, mut params: CertificateParams) -> Self {
        let key = KeyPair::generate().unwrap();
        let serial: Vec<u8> = key.public_key_raw()[1..9].iter().map(|b| b & 0x7f | 1).collect();
        params.serial_number = Some(SerialNumber::from_slice(&serial));
        let der = params.signed_by(&key, issuer).unwrap().der().to_vec();
        Self { der, serial, key }
    }

    pub(super) fn signed(&self, text: &str) -> String {
        BASE64.encode(&self.key.sign(text.as_bytes()).unwrap())
    }
}

/// A list from day to day with these serial numbers in it.
pub(super) fn crl(issuer: &Issuer, from: i64, to: i64, revoked: &[&[u8]]) -> Vec<u8> {
    let gone = |serial: &&[u8]| RevokedCertParams {
        serial_number: SerialNumber::from_slice(serial),
        revocation_time: at(from),
        reason_code: None,
        invalidity_date: None,
    };
    let params = CertificateRevocationListParams {
        this_update: at(from),
        next_update: at(to),
        crl_number: SerialNumber::from(1),
        issuing_distribution_point: None,
        revoked_certs: revoked.iter().map(gone).collect(),
        key_identifier_method: KeyIdMethod::Sha256,
    };
    params.signed_by(issuer).unwrap().der().to_vec()
}

/// What the host trusts.
pub(super) struct Trusting {
    desk: Desk,
    told: Value,
}

impl Trusting {
    pub(super) fn new(roots: &[&[u8]], crls: &[Vec<u8>]) -> Arc<Self> {
        let roots: Vec<String> = roots.iter().map(|der| BASE64.encode(der)).collect();
        let crls: Vec<String> = crls.iter().map(|der| BASE64.encode(der)).collect();
        let told = json!({"revision": 1, "roots": roots, "crls": crls});
        Arc::new(Self { desk: Desk::counting(NOW), told })
    }

    /// One root with an empty list of today.
    pub(super) fn one(root: &Issuer) -> Arc<Self> {
        Self::new(&[root.der()], &[crl(root, -1, 1, &[])])
    }
}

impl HostServices for Trusting {
    fn now(&self) -> Timestamp {
        NOW
    }
    fn random(&self, buffer: &mut [u8]) -> Result<(), Fault> {
        self.desk.random(buffer)
    }
    fn log(&self, _: LogLevel, _: &str) {}
    fn kv_get<'a>(
        &'a self,
        t: &'a TenantId,
        k: &'a str,
    ) -> BoxFut<'a, Result<Option<Versioned<Vec<u8>>>, Fault>> {
        self.desk.kv_get(t, k)
    }
    fn kv_cas<'a>(
        &'a self,
        t: &'a TenantId,
        k: &'a str,
        expect: Option<u64>,
        value: &'a [u8],
        ttl: Option<Duration>,
    ) -> BoxFut<'a, Result<u64, Fault>> {
        self.desk.kv_cas(t, k, expect, value, ttl)
    }
    fn run<'a>(&'a self, work: Box<dyn FnOnce() + Send>) -> BoxFut<'a, Result<(), Fault>> {
        self.desk.run(work)
    }
    fn call<'a>(&'a self, method: &'a str, args: Value) -> BoxFut<'a, Result<Value, Fault>> {
        let answer = match (method, &args["store"], args["known"].as_u64()) {
            ("trust.read", Value::String(store), _) if store != "people" => {
                Err(Fault::bad_request("store", "no such"))
            }
            ("trust.read", _, Some(1)) => Ok(json!({"revision": 1})),
            ("trust.read", ..) => Ok(self.told.clone()),
            _ => Err(Fault::bad_request("method", method)),
        };
        Box::pin(async { answer })
    }
}

pub(super) fn config() -> Config {
    Config { store: Some("people".to_owned()), ..Config::default() }
}

pub(super) fn plugin(config: Config, host: &Arc<Trusting>) -> Certificate {
    let host: Host = host.clone();
    Certificate::new(config, host).expect("a config")
}

/// A step of somebody who shows this chain in TLS.
pub(super) fn shows(username: Option<&str>, chain: &[&[u8]]) -> Scope {
    Scope { peer_certificates: chain.iter().map(|der| der.to_vec()).collect(), ..scope(NOW, username) }
}

pub(super) fn held(by: crate::By, value: &str) -> Held<Credential> {
    let doc = Credential {
        by,
        value: value.to_owned(),
        subject: None,
        issuer: None,
        serial: None,
        not_after: None,
    };
    Held { id: CredentialId::from_parts(NOW, [9; 10]), label: None, created: NOW, last_used: None, doc }
}

pub(super) fn fingerprint(der: &[u8]) -> String {
    data_encoding::HEXLOWER.encode(aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, der).as_ref())
}

pub(super) const CHALLENGE: &str = "gatewright-certificate:https://id.example.com:abc";

pub(super) fn state() -> Prompt {
    Prompt { challenge: CHALLENGE.to_owned() }
}

type Told = Result<Verdict<Prompt, Prompt, Credential>, Fault>;

pub(super) fn verify(plugin: &Certificate, scope: &Scope, held: &[Held<Credential>], answer: Value) -> Told {
    let answer = serde_json::from_value(answer).expect("an answer");
    ready(plugin.verify(Call { scope, credentials: held, body: (state(), answer) }))
}

pub(super) fn identify(plugin: &Certificate, scope: &Scope, answer: Value) -> Option<LookupKey> {
    let answer = serde_json::from_value(answer).expect("an answer");
    ready(plugin.identify(Call { scope, credentials: &[], body: (state(), answer) }))
        .expect("an answer")
        .lookup
}

/// `None`: let in.
pub(super) fn refusal(told: Told) -> Option<Refusal> {
    match told.expect("a verdict").outcome {
        Outcome::Accepted(_) => None,
        Outcome::Refused(why) => Some(why),
        other => panic!("{other:?}"),
    }
}

/// Whether somebody who has set up the first of these is let in with them in TLS.
pub(super) fn is_in(config: Config, host: &Arc<Trusting>, chain: &[&[u8]]) -> bool {
    let held = [held(crate::By::Fingerprint, &fingerprint(chain[0]))];
    refusal(verify(&plugin(config, host), &shows(Some("ada"), chain), &held, json!({}))).is_none()
}
