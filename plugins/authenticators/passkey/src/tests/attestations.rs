//! Models that somebody vouches for.

use super::*;
use crate::{
    Model,
    soft::{map, text},
};
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DistinguishedName, DnType, IsCa, KeyPair,
    SigningKey as _,
};
use serde_cbor_2::Value as Cbor;

const STICK: &str = "2fc0579f-8113-47ea-b116-bb5a8db9202a";

struct Maker {
    root: CertifiedIssuer<'static, KeyPair>,
}

impl Maker {
    fn new() -> Self {
        let mut params = CertificateParams::new([]).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![rcgen::KeyUsagePurpose::KeyCertSign];
        params.distinguished_name.push(DnType::CommonName, "Maker");
        Self { root: CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap() }
    }

    /// A packed statement with a certificate (section 8.2.1).
    fn packed(&self, data: &[u8], hash: &[u8]) -> (String, Cbor) {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new([]).unwrap();
        params.distinguished_name = DistinguishedName::new();
        for (what, value) in [
            (DnType::CountryName, "AA"),
            (DnType::OrganizationName, "Maker"),
            (DnType::OrganizationalUnitName, "Authenticator Attestation"),
            (DnType::CommonName, "Stick"),
        ] {
            params.distinguished_name.push(what, value);
        }
        params.is_ca = IsCa::ExplicitNoCa;
        let leaf = params.signed_by(&key, &self.root).unwrap();
        let signature = key.sign(&[data, hash].concat()).unwrap();
        let statement = map([
            (text("alg"), Cbor::Integer(-7)),
            (text("sig"), Cbor::Bytes(signature)),
            (text("x5c"), Cbor::Array(vec![Cbor::Bytes(leaf.der().to_vec())])),
        ]);
        ("packed".to_owned(), statement)
    }

    fn trusted(&self) -> Passkey {
        let model = Model { name: "Stick".into(), aaguids: vec![STICK.into()], roots: vec![self.root.pem()] };
        made(Config { models: vec![model], ..Config::default() })
    }
}

fn stick() -> Key {
    let mut key = Key::es256(ORIGIN);
    key.aaguid = *uuid::Uuid::parse_str(STICK).unwrap().as_bytes();
    key
}

#[test]
fn a_listed_model_that_its_maker_vouches_for_is_taken_and_named() {
    let maker = Maker::new();
    let passkey = maker.trusted();
    let mut key = stick();
    let enrolled = enrolled(&passkey, &[], |invitation| {
        assert_eq!(invitation["publicKey"]["attestation"], "direct");
        key.attest(invitation, &|data, hash| maker.packed(data, hash))
    });
    let Enrolment::Enrolled { credential, .. } = enrolled.unwrap() else { panic!("refused") };
    assert_eq!((credential.model.as_deref(), credential.aaguid.as_str()), (Some("Stick"), STICK));
}

#[test]
fn others_are_not() {
    let (maker, other) = (Maker::new(), Maker::new());
    let passkey = maker.trusted();
    let code = |key: &mut Key, attester: &crate::soft::Attester<'_>| {
        rejection(&passkey, |i| key.attest(i, attester))
    };
    assert_eq!(code(&mut stick(), &|data, hash| other.packed(data, hash)), "model_refused", "another maker");
    let mut unlisted = Key::es256(ORIGIN);
    assert_eq!(code(&mut unlisted, &|data, hash| maker.packed(data, hash)), "model_refused", "another model");
    assert_eq!(code(&mut stick(), &|_, _| ("none".into(), map([]))), "model_refused", "nobody vouches");
    assert_eq!(code(&mut stick(), &|_, hash| maker.packed(hash, hash)), "passkey_refused", "another key's");
    assert_eq!(code(&mut stick(), &|_, _| ("compound".into(), map([]))), "passkey_refused", "unknown format");
}

#[test]
fn a_key_that_vouches_for_itself_vouches_for_nothing() {
    let mut key = stick();
    assert_eq!(rejection(&Maker::new().trusted(), |i| key.attest_itself(i)), "model_refused");
    let taken = enrolled(&passkey(), &[], |i| key.attest_itself(i)).unwrap();
    assert!(matches!(taken, Enrolment::Enrolled { .. }), "where no model is asked for, it may");
    for format in ["compound", "android-safetynet", "packed"] {
        let mut key = Key::es256(ORIGIN);
        let odd = |_: &[u8], _: &[u8]| (format.to_owned(), map([(text("x5c"), Cbor::Null)]));
        let taken = enrolled(&passkey(), &[], |i| key.attest(i, &odd)).unwrap();
        assert!(matches!(taken, Enrolment::Enrolled { .. }), "{format}: nobody asked");
    }
}

#[test]
fn a_certificate_is_held_against_the_time_of_the_request() {
    let maker = Maker::new();
    let passkey = maker.trusted();
    let late = Scope { now: Timestamp::from_secs(70_000_000_000), ..second() };
    let asked = ready(passkey.invite(call(&late, &[], Invite::default()))).unwrap();
    let invitation = serde_json::to_value(&asked.prompt).unwrap();
    let proof = json!({"credential": stick().attest(&invitation, &|data, hash| maker.packed(data, hash))});
    let proof: Proof = serde_json::from_value(proof).unwrap();
    let done = ready(passkey.enrol(call(&late, &[], (asked.state, proof)))).unwrap();
    assert!(matches!(&done, Enrolment::Rejected(broken) if broken[0].code == "model_refused"), "{done:?}");
}
