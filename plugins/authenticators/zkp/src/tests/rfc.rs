//! What the standards themselves print (`vectors/rfc.json`).

use crate::vp1::{self, KeyPair, PublicKey};
use argon2::{Argon2, AssociatedData, ParamsBuilder};
use curve25519_dalek::Scalar;
use data_encoding::HEXLOWER;
use serde_json::Value;
use sha2::Sha512;
use voprf::{BlindedElement, EvaluationElement, Group as _, OprfClient, OprfServer, Ristretto255};

fn of(standard: &str) -> Value {
    let all: Value = serde_json::from_str(include_str!("../../vectors/rfc.json")).unwrap();
    all[standard].clone()
}

fn bytes(value: &Value) -> Vec<u8> {
    HEXLOWER.decode(value.as_str().unwrap().as_bytes()).unwrap()
}

fn array<const N: usize>(value: &Value) -> [u8; N] {
    bytes(value).try_into().unwrap()
}

#[test]
fn rfc_9496_multiples_of_the_base_point_are_keys_but_for_the_identity() {
    let multiples = of("rfc9496")["multiples"].as_array().unwrap().clone();
    assert_eq!(multiples.len(), 16);
    for (n, encoded) in multiples.iter().enumerate() {
        let made = PublicKey::of(&Scalar::from(n as u64)).map(|key| key.to_bytes());
        let read = PublicKey::parse(&array(encoded)).map(|key| key.to_bytes());
        let expected = (n > 0).then(|| array(encoded));
        assert_eq!((made, read), (expected, expected), "{n}");
    }
}

#[test]
fn rfc_9496_other_encodings_are_refused() {
    let invalid = of("rfc9496")["invalid"].as_array().unwrap().clone();
    assert_eq!(invalid.len(), 29);
    for encoded in invalid {
        assert!(PublicKey::parse(&array(&encoded)).is_none(), "{encoded}");
        assert!(vp1::point(&array(&encoded)).is_none(), "{encoded}");
    }
}

#[test]
fn rfc_9497_evaluations_are_what_is_printed() {
    let v = of("rfc9497");
    let derived =
        OprfServer::<Ristretto255>::new_from_seed(&bytes(&v["seed"]), &bytes(&v["key_info"])).unwrap();
    assert_eq!(derived.serialize().to_vec(), bytes(&v["sk"]));
    let blind = Scalar::from_canonical_bytes(array(&v["blind"])).unwrap();
    for case in v["cases"].as_array().unwrap() {
        let input = bytes(&case["input"]);
        let dst: [&[u8]; 1] = [b"HashToGroup-OPRFV1-\0-ristretto255-SHA512"];
        let element = Ristretto255::hash_to_curve::<Sha512>(&[&input], &dst).unwrap();
        assert_eq!((element * blind).compress().to_bytes(), array(&case["blinded"]));
        let blinded = BlindedElement::deserialize(&bytes(&case["blinded"])).unwrap();
        assert_eq!(derived.blind_evaluate(&blinded).serialize().to_vec(), bytes(&case["evaluated"]));
        let client = OprfClient::<Ristretto255>::deserialize(blind.as_bytes()).unwrap();
        let evaluated = EvaluationElement::deserialize(&bytes(&case["evaluated"])).unwrap();
        assert_eq!(client.finalize(&input, &evaluated).unwrap().to_vec(), bytes(&case["output"]));
    }
}

#[test]
fn rfc_9106_argon2id_is_what_is_printed() {
    let data = AssociatedData::new(&[4; 12]).unwrap();
    let params = ParamsBuilder::new().m_cost(32).t_cost(3).p_cost(4).data(data).build().unwrap();
    let (algorithm, version) = (argon2::Algorithm::Argon2id, argon2::Version::V0x13);
    let argon = Argon2::new_with_secret(&[3; 8], algorithm, version, params).unwrap();
    let mut tag = [0; 32];
    argon.hash_password_into(&[1; 32], &[2; 16], &mut tag).unwrap();
    assert_eq!(tag, array(&of("rfc9106")["tag"]));
}

#[test]
fn rfc_9180_is_sealed_and_opened_as_printed() {
    let v = of("rfc9180");
    let derived = KeyPair::derive(&bytes(&v["ikm_r"]));
    assert_eq!(*derived.public(), array(&v["pk_r"]));
    let (info, aad, plain) = (bytes(&v["info"]), bytes(&v["aad"]), bytes(&v["pt"]));
    let printed = [bytes(&v["enc"]), bytes(&v["ct"])].concat();
    let random = |buffer: &mut [u8]| -> Result<(), ()> {
        buffer.copy_from_slice(&bytes(&v["ikm_e"]));
        Ok(())
    };
    assert_eq!(vp1::seal(derived.public(), &info, &aad, &plain, random).unwrap(), printed);
    let read = KeyPair::of_secret(&array(&v["sk_r"])).unwrap();
    assert_eq!(vp1::open(&read, &info, &aad, &printed).unwrap().to_vec(), plain);
}
