use crate::certificate::chain::{Authorities, Told};
use data_encoding::BASE64;
use gatewright_contract::Timestamp;
use rcgen::{
    BasicConstraints, CertificateParams, CertificateRevocationListParams, CertifiedIssuer,
    ExtendedKeyUsagePurpose, IsCa, KeyIdMethod, KeyPair, KeyUsagePurpose, RevokedCertParams, SerialNumber,
    date_time_ymd,
};
use serde_json::json;
use std::slice::from_ref;

type Issuer = CertifiedIssuer<'static, KeyPair>;

const NOW: Timestamp = Timestamp::from_secs(1_750_000_000); // in June 2025

fn params(from: i32, to: i32) -> CertificateParams {
    let mut params = CertificateParams::default();
    (params.not_before, params.not_after) = (date_time_ymd(from, 1, 1), date_time_ymd(to, 1, 1));
    params.serial_number = Some(SerialNumber::from(7));
    params
}

fn authority(name: &str, from: i32, to: i32) -> CertificateParams {
    let mut params = params(from, to);
    params.distinguished_name.push(rcgen::DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params
}

fn key() -> KeyPair {
    KeyPair::generate().expect("a key")
}

fn root(from: i32, to: i32) -> Issuer {
    CertifiedIssuer::self_signed(authority("root", from, to), key()).expect("a root")
}

fn below(issuer: &Issuer, params: &CertificateParams) -> Vec<u8> {
    params.signed_by(&key(), issuer).expect("a certificate").der().to_vec()
}

fn list(issuer: &Issuer, to: i32, revoked: &[u64]) -> Vec<u8> {
    let gone = |serial: &u64| RevokedCertParams {
        serial_number: SerialNumber::from(*serial),
        revocation_time: date_time_ymd(2025, 2, 1),
        reason_code: None,
        invalidity_date: None,
    };
    let params = CertificateRevocationListParams {
        this_update: date_time_ymd(2025, 2, 1),
        next_update: date_time_ymd(to, 1, 1),
        crl_number: SerialNumber::from(1),
        issuing_distribution_point: None,
        revoked_certs: revoked.iter().map(gone).collect(),
        key_identifier_method: KeyIdMethod::Sha256,
    };
    params.signed_by(issuer).expect("a list").der().to_vec()
}

fn trusting(roots: &[&Issuer], lists: &[Vec<u8>]) -> Authorities {
    let roots: Vec<String> = roots.iter().map(|root| BASE64.encode(root.der())).collect();
    let lists: Vec<String> = lists.iter().map(|list| BASE64.encode(list)).collect();
    let told: Told =
        serde_json::from_value(json!({"revision": 1, "roots": roots, "crls": lists})).expect("a reply");
    Authorities::read(told).expect("reads")
}

#[test]
fn a_chain_leads_to_a_root_that_lives() {
    let (ours, foreign) = (root(2020, 2030), root(2020, 2030));
    let store = trusting(&[&ours], &[]);
    let good = |chain: &[Vec<u8>]| store.check(chain, NOW).is_ok();
    let own = below(&ours, &params(2025, 2026));
    assert!(good(from_ref(&own)));
    assert!(!good(&[]));
    assert!(!good(&[below(&foreign, &params(2025, 2026))]), "of the same name, with another key");
    assert!(!good(&[ours.der().to_vec()]), "an authority is no client");
    assert!(!good(&[below(&ours, &params(2020, 2025))]) && !good(&[below(&ours, &params(2026, 2030))]));
    assert!(!good(&vec![own.clone(); 9]), "too many");
    assert!(!good(&[own[..own.len() - 1].to_vec()]));

    let between = CertifiedIssuer::signed_by(authority("between", 2020, 2030), key(), &ours).expect("one");
    let far = below(&between, &params(2025, 2026));
    assert!(good(&[far.clone(), between.der().to_vec()]));
    assert!(!good(&[far]), "nobody knows what is between");
    let mut no_authority = params(2020, 2030);
    no_authority.distinguished_name.push(rcgen::DnType::CommonName, "client");
    let client = CertifiedIssuer::signed_by(no_authority, key(), &ours).expect("one");
    assert!(
        !good(&[below(&client, &params(2025, 2026)), client.der().to_vec()]),
        "a client certifies nobody"
    );

    assert!(trusting(&[&root(2020, 2025)], &[]).check(&[own], NOW).is_err());
    let old = root(2020, 2025);
    assert!(
        trusting(&[&old], &[]).check(&[below(&old, &params(2025, 2026))], NOW).is_err(),
        "a root that has ended"
    );
}

#[test]
fn a_certificate_for_servers_only_is_none_of_a_client() {
    let ours = root(2020, 2030);
    let store = trusting(&[&ours], &[]);
    for (usage, good) in
        [(ExtendedKeyUsagePurpose::ServerAuth, false), (ExtendedKeyUsagePurpose::ClientAuth, true)]
    {
        let mut params = params(2025, 2026);
        params.extended_key_usages = vec![usage];
        assert_eq!(store.check(&[below(&ours, &params)], NOW).is_ok(), good);
    }
}

#[test]
fn where_there_are_lists_they_are_held_to() {
    let ours = root(2020, 2030);
    let own = [below(&ours, &params(2025, 2026))];
    let judged = |lists: &[Vec<u8>]| trusting(&[&ours], lists).check(&own, NOW);
    assert_eq!(judged(&[]), Ok(()));
    assert_eq!(judged(&[list(&ours, 2026, &[8])]), Ok(()));
    assert!(judged(&[list(&ours, 2026, &[7])]).is_err(), "revoked");
    let before = date_time_ymd(2025, 2, 1).unix_timestamp();
    let late = Timestamp::from_secs(before + 365 * 86_400);
    assert!(
        trusting(&[&ours], &[list(&ours, 2026, &[])]).check(&own, late).is_err(),
        "a list that has ended"
    );
    let other = CertifiedIssuer::self_signed(authority("other", 2020, 2030), key()).expect("a root");
    assert!(judged(&[list(&other, 2026, &[])]).is_err(), "no list of this authority");
}
