//! The client that the stories use, held against the values of VP1.

use curve25519_dalek::Scalar;
use data_encoding::HEXLOWER;
use kit::vp1::{
    Context, Helper, Key, Picture, Sealed, Secret, Stretched, blinded_by, decoded, encoded, evaluate,
    finalized, lp, proves, sealed_open, stretched, user_id,
};
use serde_json::Value;

struct Vectors(Value);

impl Vectors {
    fn read() -> Self {
        let text = include_str!("../../plugins/authenticators/zkp/vectors/vectors.json");
        Self(serde_json::from_str(text).expect("JSON"))
    }

    fn hex(&self, name: &str) -> Vec<u8> {
        HEXLOWER.decode(self.0[name].as_str().expect(name).as_bytes()).expect(name)
    }

    fn array<const N: usize>(&self, name: &str) -> [u8; N] {
        self.hex(name).try_into().expect(name)
    }

    fn scalar(&self, name: &str) -> Scalar {
        Scalar::from_canonical_bytes(self.array(name)).expect(name)
    }

    fn secret(&self) -> Secret {
        let cells = self.0["pattern"].as_array().expect("cells");
        let cells = cells
            .iter()
            .map(|cell| u8::try_from(cell.as_u64().expect("a number")).expect("a cell"))
            .collect();
        let pin = self.0["pin"].as_str().map(str::to_owned);
        Secret { picture: Picture(self.array("w")), pin, pattern: Some((3, cells)) }
    }

    fn helper(&self) -> Helper {
        Helper::parse(&self.hex("helper")).expect("a helper")
    }
}

/// The challenge of both contexts.
fn sealed(v: &Vectors) -> Sealed {
    Sealed {
        challenge_id: [1; 16],
        nonce: [2; 32],
        issued: 1_800_000_000,
        ttl: 120,
        evaluated: v.array("evaluated"),
        helper: v.hex("helper"),
    }
}

fn context(purpose: &str) -> Context {
    Context {
        purpose: purpose.to_owned(),
        tenant: "acme".to_owned(),
        username: "alice".to_owned(),
        client_id: "spa-1".to_owned(),
        auth_req_id: "ar-1".to_owned(),
        origin: "https://login.example.test".to_owned(),
    }
}

#[test]
fn factors_and_the_oprf_are_those_of_the_vectors() {
    let v = Vectors::read();
    let factors = v.secret().factors();
    assert_eq!(factors, v.hex("factors"));
    let blinded = blinded_by(v.scalar("blind"), &factors);
    assert_eq!(blinded, v.array("blinded"));
    assert_eq!(evaluate(&v.array("oprf_sk"), &blinded), v.array("evaluated"));
    assert_eq!(finalized(v.scalar("blind"), &factors, &v.array("evaluated")), v.array("oprf_output"));
}

#[test]
fn stretching_mask_sketch_and_key_are_those_of_the_vectors() {
    let v = Vectors::read();
    let helper = v.helper();
    assert_eq!(helper.bytes(), v.hex("helper"));
    assert_eq!(helper.salt, v.array("salt"));
    assert_eq!(stretched(&v.array("oprf_output"), &helper), v.array("argon2id"));
    let prk = Stretched::of(&v.array("oprf_output"), &helper);
    assert_eq!(prk.0, v.array("prk"));
    let mask = prk.mask(&helper.alg);
    assert_eq!(mask, v.array("mask"));
    let word = encoded(&v.array("rs_msg"));
    assert_eq!(word, v.array("rs_codeword"));
    let w: [u8; 255] = v.array("w");
    let sketch: [u8; 255] = std::array::from_fn(|at| w[at] ^ word[at] ^ mask[at]);
    assert_eq!(sketch, v.array("masked_sketch"));
    let noisy: [u8; 255] = v.array("w_noisy");
    let read = std::array::from_fn(|at| sketch[at] ^ mask[at] ^ noisy[at]);
    assert_eq!(decoded(&read), Some((v.array("rs_msg"), 90)));
    let key = Key { x: prk.x(&v.array("rs_msg"), &v.hex("helper")), errors: 90 };
    assert_eq!(key.x.to_bytes(), v.array("x"));
    assert_eq!(key.public(), v.array("X"));
}

#[test]
fn contexts_and_proofs_are_those_of_the_vectors() {
    let v = Vectors::read();
    let user = user_id("acme", "alice");
    assert_eq!(user, v.hex("user_id"));
    let binding = kit::vp1::Told::binding("alice@example.test", "", &v.hex("helper"), false);
    let login = context("login").bytes(&sealed(&v), &[3; 32], b"");
    let register = context("register").bytes(&sealed(&v), &[3; 32], &binding);
    assert_eq!(login, v.hex("ctx_login"));
    assert_eq!(register, v.hex("ctx_register"));
    let key = Key { x: v.scalar("x"), errors: 0 };
    for (context, other, name) in [(&login, &register, "proof_login"), (&register, &login, "proof_register")]
    {
        let proof = key.proof(&user, context, &v.array("nonce_rand"));
        assert_eq!(proof, v.array(name));
        assert!(proves(&proof, &v.array("X"), &user, context));
        assert!(!proves(&proof, &v.array("X"), &user, other), "it is bound to what it is for");
        assert!(!proves(&proof, &v.array("X"), &user_id("acme", "alicf"), context));
    }
}

#[test]
fn what_is_sealed_opens_with_its_key_and_its_context_only() {
    let v = Vectors::read();
    let open = |info: &[u8], aad: &[u8]| sealed_open(&v.hex("hpke_sk"), info, aad, &v.hex("hpke_sealed"));
    assert_eq!(open(&v.hex("hpke_info"), &v.hex("hpke_aad")), Some(v.hex("hpke_pt")));
    assert_eq!(open(&v.hex("hpke_info"), b""), None);
    assert_eq!(open(b"VP1 commitment", &v.hex("hpke_aad")), None);
}

#[test]
fn ninety_six_bytes_are_forgiven_and_ninety_seven_are_not() {
    let message = std::array::from_fn(|at| u8::try_from(at * 3).expect("a byte"));
    let (word, flat) = (encoded(&message), Picture([0; 255]));
    let read = |wrong: usize| -> [u8; 255] {
        let noise = flat.noisy(wrong).0;
        std::array::from_fn(|at| word[at] ^ noise[at])
    };
    assert_eq!(decoded(&read(0)), Some((message, 0)));
    assert_eq!(decoded(&read(96)), Some((message, 96)));
    assert_ne!(decoded(&read(97)).map(|(message, _)| message), Some(message));
    assert_eq!(decoded(&Picture::of(4).0), None, "another picture is no code word");
}

#[test]
fn a_text_of_65_536_bytes_has_no_length() {
    assert_eq!(lp(&[0; 65_535]).len(), 65_537);
    assert!(std::panic::catch_unwind(|| lp(&[0; 65_536])).is_err());
}
