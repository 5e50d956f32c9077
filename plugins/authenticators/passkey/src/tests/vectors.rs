//! The test vectors of the specification (WebAuthn Level 3, section 16): those of the algorithms on offer pass, the
//! others are refused.

use super::*;
use crate::{Draft, Model, State, Wanted, ceremony};
use serde::Deserialize;

const VECTORS: &str = include_str!("vectors.json");

#[derive(Deserialize)]
struct Vectors {
    root: String,
    vectors: Vec<Vector>,
}

#[derive(Deserialize)]
struct Vector {
    name: String,
    id: String,
    registration: Value,
    authentication: Value,
}

fn vectors() -> Vectors {
    serde_json::from_str(VECTORS).unwrap()
}

/// The relying party of the specification.
fn there(scope: Scope) -> Scope {
    let mut scope = scope;
    scope.site.origins = vec!["https://example.org".to_owned()];
    scope.site.rp_id = "example.org".to_owned();
    scope
}

impl Vector {
    fn enrolled(&self, passkey: &Passkey) -> Result<Credential, String> {
        let challenge = self.registration["challenge"].as_str().unwrap().to_owned();
        let draft = Draft { challenge, user_verification: Wanted::Preferred, label: None };
        let proof = json!({"credential": {"id": self.id, "response": self.registration}});
        let proof: Proof = serde_json::from_value(proof).unwrap();
        match ready(passkey.enrol(call(&there(second()), &[], (draft, proof)))).unwrap() {
            Enrolment::Enrolled { credential, .. } => Ok(credential),
            Enrolment::Rejected(broken) => Err(broken[0].message.clone()),
            Enrolment::Pending { .. } => panic!("a passkey is not waited for"),
        }
    }

    fn logs_in(&self, passkey: &Passkey, credential: Credential) -> Option<Refusal> {
        let challenge = self.authentication["challenge"].as_str().unwrap().to_owned();
        let state = State { challenge, verified: false, allowed: Some(vec![self.id.clone()]) };
        let answer = json!({"credential": {"id": self.id, "response": self.authentication}});
        let answer: Answer = serde_json::from_value(answer).unwrap();
        let scope = there(second());
        let anna = [held(1, credential)];
        refusal(&ready(passkey.verify(call(&scope, &anna, (state, answer)))).unwrap())
    }
}

/// Why a vector is refused, in a word of the reason.
type Refused = [(&'static str, &'static str)];

/// Registration and authentication of all vectors but those that are refused.
fn check(passkey: &Passkey, refused: &Refused) {
    for vector in vectors().vectors {
        let name = vector.name.as_str();
        match (vector.enrolled(passkey), refused.iter().find(|(refused, _)| *refused == name)) {
            (Ok(credential), None) => assert_eq!(vector.logs_in(passkey, credential), None, "{name}"),
            (Err(why), Some((_, word))) => assert!(why.contains(word), "{name}: {why}"),
            (Err(why), None) => panic!("{name} is refused: {why}"),
            (Ok(_), Some(_)) => panic!("{name} is taken"),
        }
    }
}

#[test]
fn those_of_the_algorithms_on_offer_pass() {
    check(
        &passkey(),
        &[
            // Pages in frames are not asked to log in.
            ("none-es256-crossOrigin", "frame"),
            ("none-es256-topOrigin", "frame"),
            // Not on offer.
            ("packed-es512", "not allowed"),
            ("packed-eddsa", "not supported"),
            ("packed-ed448", "algorithm"),
            // A key of 3482 bits: the library takes 2048, which is what TPMs make.
            ("packed-rs256", "RSA modulus"),
        ],
    );
}

#[test]
fn and_with_a_maker_who_vouches() {
    let vectors = vectors();
    let aaguid = |vector: &Vector| {
        let object = vector.registration["attestationObject"].as_str().unwrap();
        let object = data_encoding::BASE64URL_NOPAD.decode(object.as_bytes()).unwrap();
        uuid::Uuid::from_bytes(ceremony::authenticator_data(&object).unwrap().acd.unwrap().aaguid).to_string()
    };
    let listed =
        ["packed-es256", "packed-es384", "apple-es256", "fido-u2f-es256", "tpm-es256", "android-key-es256"];
    let aaguids = vectors.vectors.iter().filter(|v| listed.contains(&v.name.as_str())).map(aaguid).collect();
    let model = Model { name: "W3C".into(), aaguids, roots: vec![vectors.root] };
    check(
        &made(Config { models: vec![model], ..Config::default() }),
        &[
            ("none-es256-crossOrigin", "frame"),
            ("none-es256-topOrigin", "frame"),
            ("packed-es512", "not allowed"),
            ("packed-eddsa", "not supported"),
            ("packed-ed448", "algorithm"),
            ("packed-rs256", "RSA modulus"),
            // Nobody vouches.
            ("none-es256", "administrator"),
            ("none-es256-long-credential-id", "administrator"),
            ("packed-self-es256", "administrator"),
            // Of a TPM the library knows RSA keys only; of Android it wants to be told the origin of the key.
            ("tpm-es256", "not supported"),
            ("android-key-es256", "x5c"),
        ],
    );
}

#[test]
fn the_signature_of_the_long_rsa_key_is_right_all_the_same() {
    use webauthn_rs_core::proto::{COSEAlgorithm, COSEKey, COSEKeyType, COSERSAKey};
    let vectors = vectors().vectors;
    let vector = vectors.iter().find(|v| v.name == "packed-rs256").unwrap();
    let object = vector.registration["attestationObject"].as_str().unwrap();
    let object = data_encoding::BASE64URL_NOPAD.decode(object.as_bytes()).unwrap();
    let acd = ceremony::authenticator_data(&object).unwrap().acd.unwrap();
    let serde_cbor_2::Value::Map(public) = acd.credential_pk else { panic!("no map") };
    let Some(serde_cbor_2::Value::Bytes(n)) = public.get(&serde_cbor_2::Value::Integer(-1)) else {
        panic!("no n")
    };
    let key = COSERSAKey { n: n.clone(), e: [1, 0, 1] };
    let credential = Credential {
        id: vector.id.clone(),
        key: COSEKey { type_: COSEAlgorithm::RS256, key: COSEKeyType::RSA(key) },
        backup_eligible: ceremony::authenticator_data(&object).unwrap().backup_eligible,
        ..crate::decoy()
    };
    assert_eq!(vector.logs_in(&passkey(), credential), None);
}
