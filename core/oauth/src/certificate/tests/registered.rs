use crate::certificate::{is_registered, thumbprint};
use crate::jose::{Jwk, testing::TestKey};
use data_encoding::{BASE64, BASE64URL_NOPAD};
use gatewright_contract::Timestamp;
use rcgen::{CertificateParams, KeyPair, date_time_ymd};
use serde_json::json;
use std::slice::from_ref;

const NOW: Timestamp = Timestamp::from_secs(1_750_000_000); // in June 2025

fn self_signed(from: i32, to: i32) -> Vec<u8> {
    let mut params = CertificateParams::default();
    (params.not_before, params.not_after) = (date_time_ymd(from, 1, 1), date_time_ymd(to, 1, 1));
    let key = KeyPair::generate().expect("a key");
    params.self_signed(&key).expect("a certificate").der().to_vec()
}

fn keys_with(der: &[u8]) -> Vec<Jwk> {
    let mut key = TestKey::ed25519().public;
    key["x5c"] = json!([BASE64.encode(der)]);
    vec![Jwk::parse(&TestKey::rsa().public).expect("a key"), Jwk::parse(&key).expect("a key")]
}

#[test]
fn a_thumbprint_is_the_hash_of_all_of_the_certificate() {
    // SHA-256 of nothing.
    assert_eq!(thumbprint(b""), "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU");
    let der = self_signed(2020, 2030);
    assert_eq!(BASE64URL_NOPAD.decode(thumbprint(&der).as_bytes()).expect("base64url").len(), 32);
    assert_ne!(thumbprint(&der), thumbprint(&self_signed(2020, 2030)));
}

#[test]
fn a_certificate_must_be_registered_and_in_its_time() {
    let (own, other) = (self_signed(2025, 2026), self_signed(2025, 2026));
    let keys = keys_with(&own);
    assert!(is_registered(from_ref(&own), &keys, NOW));
    assert!(is_registered(&[own.clone(), other.clone()], &keys, NOW), "the first is the client's");
    assert!(!is_registered(&[other.clone(), own.clone()], &keys, NOW));
    assert!(!is_registered(&[other], &keys, NOW));
    assert!(!is_registered(&[], &keys, NOW));
    assert!(!is_registered(from_ref(&own), &keys[..1], NOW), "none is registered");
    for (from, to) in [(2020, 2025), (2026, 2030)] {
        let own = self_signed(from, to);
        assert!(!is_registered(from_ref(&own), &keys_with(&own), NOW), "{from} to {to}");
    }
    let broken = own[..own.len() - 1].to_vec();
    assert!(!is_registered(from_ref(&broken), &keys_with(&broken), NOW));
}
