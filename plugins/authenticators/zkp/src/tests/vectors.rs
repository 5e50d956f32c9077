//! Byte for byte what another implementation computes (`vectors/vectors.json`).

use crate::vp1::{self, Context, Factors, Helper, KeyPair, Proof, PublicKey};
use argon2::Argon2;
use curve25519_dalek::Scalar;
use data_encoding::HEXLOWER;
use hkdf::Hkdf;
use serde_json::Value;
use sha2::Sha512;
use voprf::{BlindedElement, EvaluationElement, Group as _, OprfClient, OprfServer, Ristretto255};

pub(super) struct Vectors(pub(super) Value);

impl Vectors {
    fn read() -> Self {
        Self(serde_json::from_str(include_str!("../../vectors/vectors.json")).unwrap())
    }

    pub(super) fn bytes(&self, name: &str) -> Vec<u8> {
        HEXLOWER.decode(self.0[name].as_str().unwrap().as_bytes()).unwrap()
    }

    pub(super) fn array<const N: usize>(&self, name: &str) -> [u8; N] {
        self.bytes(name).try_into().unwrap()
    }

    fn number(&self, name: &str) -> u64 {
        self.0[name].as_u64().unwrap()
    }

    fn scalar(&self, name: &str) -> Scalar {
        Scalar::from_canonical_bytes(self.array(name)).unwrap()
    }

    fn cells(&self) -> Vec<u8> {
        self.0["pattern"].as_array().unwrap().iter().map(|cell| cell.as_u64().unwrap() as u8).collect()
    }

    fn factors(&self) -> Vec<u8> {
        let cells = self.cells();
        let pattern = Some((self.number("pattern_size") as u8, &cells[..]));
        Factors { pin: self.0["pin"].as_str(), pattern }.bytes().unwrap().to_vec()
    }

    fn context(&self, purpose: &str, binding: &[u8]) -> Vec<u8> {
        let context = Context {
            purpose,
            tenant: "acme",
            username: "alice",
            client_id: "spa-1",
            auth_req_id: "ar-1",
            origin: "https://login.example.test",
            challenge_id: &[1; 16],
            nonce: &[2; 32],
            epk: &[3; 32],
            issued: 1_800_000_000,
            binding,
        };
        context.bytes().unwrap()
    }

    fn registering(&self) -> Vec<u8> {
        vp1::binding("alice@example.test", &self.array("helper"), None).unwrap().to_vec()
    }
}

#[test]
fn factors_are_written_alike() {
    let v = Vectors::read();
    assert_eq!(v.factors(), v.bytes("factors"));
}

#[test]
fn who_and_what_for_are_written_alike() {
    let v = Vectors::read();
    assert_eq!(vp1::user_id("acme", "alice").unwrap(), v.bytes("user_id"));
    assert_eq!(v.context("login", b""), v.bytes("ctx_login"));
    assert_eq!(v.context("register", &v.registering()), v.bytes("ctx_register"));
}

#[test]
fn the_helper_is_written_and_read_alike() {
    let v = Vectors::read();
    let bytes: [u8; Helper::BYTES] = v.array("helper");
    let read = Helper::parse(&bytes).unwrap();
    assert_eq!(read.salt, v.array("salt"));
    assert_eq!(read.masked_sketch, v.array("masked_sketch"));
    let cost = (u64::from(read.memory), u64::from(read.passes), u64::from(read.lanes));
    assert_eq!(cost, (v.number("m"), v.number("t"), v.number("p")));
    assert!(read.to_bytes() == bytes);
    assert!(Helper::usual(read.salt, read.masked_sketch).to_bytes() == bytes, "the cost that is usual");
}

#[test]
fn the_oprf_comes_to_the_same() {
    let v = Vectors::read();
    let (factors, key, blind) = (v.factors(), v.array::<32>("oprf_sk"), v.scalar("blind"));
    // The key of an enrolment (VP1, 2.2).
    let mut seed = [0; 32];
    let oprf_id: [u8; 16] = v.array("oprf_id");
    Hkdf::<Sha512>::from_prk(&v.bytes("oprf_seed"))
        .unwrap()
        .expand_multi_info(&[&oprf_id, b"VP1-OprfKey"], &mut seed)
        .unwrap();
    let server = OprfServer::<Ristretto255>::new_from_seed(&seed, b"VP1-DeriveKeyPair").unwrap();
    assert_eq!(server.serialize().to_vec(), key);

    let dst: [&[u8]; 1] = [b"HashToGroup-OPRFV1-\0-ristretto255-SHA512"];
    let element = Ristretto255::hash_to_curve::<Sha512>(&[&factors], &dst).unwrap();
    assert_eq!((element * blind).compress().to_bytes(), v.array("blinded"));
    let blinded = BlindedElement::deserialize(&v.bytes("blinded")).unwrap();
    assert_eq!(server.blind_evaluate(&blinded).serialize().to_vec(), v.bytes("evaluated"));
    let client = OprfClient::<Ristretto255>::deserialize(blind.as_bytes()).unwrap();
    let evaluated = EvaluationElement::deserialize(&v.bytes("evaluated")).unwrap();
    assert_eq!(client.finalize(&factors, &evaluated).unwrap().to_vec(), v.bytes("oprf_output"));
}

#[test]
fn the_key_schedule_comes_to_the_same() {
    let v = Vectors::read();
    let helper = Helper::parse(&v.array("helper")).unwrap();
    let params =
        argon2::Params::new(helper.memory, helper.passes.into(), helper.lanes.into(), Some(64)).unwrap();
    let argon = Argon2::new(argon2::Algorithm::Argon2id, argon2::Version::V0x13, params);
    let mut stretched = [0; 64];
    argon.hash_password_into(&v.bytes("oprf_output"), &helper.salt, &mut stretched).unwrap();
    assert_eq!(stretched, v.array("argon2id"));

    let both = [v.bytes("oprf_output"), stretched.to_vec()].concat();
    let (prk, keys) = Hkdf::<Sha512>::extract(Some(b"VP1-stretch"), &both);
    assert_eq!(prk.to_vec(), v.bytes("prk"));
    let mut mask = [0; 255];
    let alg = vp1::lp([&b"dct-sign-256/1"[..]]).unwrap();
    keys.expand_multi_info(&[b"VP1-sketch-mask", &alg], &mut mask).unwrap();
    assert_eq!(mask, v.array("mask"));
    let xor = |a: &[u8], b: &[u8]| a.iter().zip(b).map(|(a, b)| a ^ b).collect::<Vec<_>>();
    assert_eq!(xor(&xor(&v.bytes("w"), &v.bytes("rs_codeword")), &mask), helper.masked_sketch);

    let mut wide = [0; 64];
    let of_helper = sha2::Digest::finalize(sha2::Digest::chain_update(
        <Sha512 as sha2::Digest>::new(),
        v.bytes("helper"),
    ));
    let (_, keys) = Hkdf::<Sha512>::extract(Some(&prk), &v.bytes("rs_msg"));
    keys.expand_multi_info(&[b"VP1-x", &of_helper], &mut wide).unwrap();
    let x = vp1::wide(&wide);
    assert_eq!(x.to_bytes(), v.array("x"));
    assert_eq!(PublicKey::of(&x).unwrap().to_bytes(), v.array("X"));
}

#[test]
fn proofs_are_made_and_judged_alike() {
    let v = Vectors::read();
    let (secret, key) = (v.scalar("x"), PublicKey::parse(&v.array("X")).unwrap());
    let (user, random) = (v.bytes("user_id"), v.array("nonce_rand"));
    for (context, proof) in [("ctx_login", "proof_login"), ("ctx_register", "proof_register")] {
        let made = vp1::prove(&secret, &user, &v.bytes(context), &random).unwrap();
        assert_eq!(made.to_bytes(), v.array(proof));
        let read = Proof::parse(&v.array(proof)).unwrap();
        assert!(bool::from(read.verify(&key, &user, &v.bytes(context))), "{proof}");
    }
    let login = Proof::parse(&v.array("proof_login")).unwrap();
    assert!(!bool::from(login.verify(&key, &user, &v.bytes("ctx_register"))), "of one for the other");
    let other = PublicKey::of(&Scalar::ONE).unwrap();
    assert!(!bool::from(login.verify(&other, &user, &v.bytes("ctx_login"))), "of somebody else");
}

#[test]
fn what_was_sealed_elsewhere_is_opened() {
    let v = Vectors::read();
    let key = KeyPair::of_secret(&v.array("hpke_sk")).unwrap();
    assert_eq!(*key.public(), v.array("hpke_pk"));
    let (info, aad, sealed) = (v.bytes("hpke_info"), v.bytes("hpke_aad"), v.bytes("hpke_sealed"));
    assert_eq!(vp1::open(&key, &info, &aad, &sealed).unwrap().to_vec(), v.bytes("hpke_pt"));
    assert!(vp1::open(&key, b"VP1 commitment", &aad, &sealed).is_none());
    assert!(vp1::open(&key, &info, b"", &sealed).is_none());
}
