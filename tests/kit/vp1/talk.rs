//! The messages: a key to be asked with, what comes back, and the answer.

use super::{
    ENROL, LOGIN, Secret, VERSION,
    bytes::{b64u, lp, of_b64u, random, random_scalar, sha512, xor},
    code::{decoded, encoded},
    context::{Context, Sealed},
    helper::Helper,
    proof::{Key, user_id},
    secret::{blinded, finalized},
    stretch::Stretched,
};
use curve25519_dalek::Scalar;
use hpke::{
    Deserializable, Kem, OpModeR, OpModeS, Serializable, aead::ChaCha20Poly1305, kdf::HkdfSha256,
    kem::X25519HkdfSha256 as X25519, single_shot_open, single_shot_seal,
};
use serde_json::{Value, json};

type PrivateKey = <X25519 as Kem>::PrivateKey;

const OF_CHALLENGE: &[u8] = b"VP1 challenge";
const OF_COMMITMENT: &[u8] = b"VP1 commitment";

/// A question under way.
#[derive(Clone)]
pub struct Asking {
    pub secret: Secret,
    pub kind: u8,
    pub epk: [u8; 32],
    pub blinded: [u8; 32],
    esk: PrivateKey,
    blind: Scalar,
}

/// A challenge that was opened.
#[derive(Clone)]
pub struct Told {
    pub asking: Asking,
    pub context: Context,
    pub sealed: Sealed,
    /// To whom commitments are sealed.
    pub server: Option<(Vec<u8>, [u8; 8])>,
}

/// An enrolment before it is sealed.
#[derive(Clone)]
pub struct Commitment {
    pub context: Context,
    pub email: String,
    pub version: u8,
    pub kid: [u8; 8],
    pub server: Vec<u8>,
    /// `01 || challenge_id || X || proof || helper`.
    pub plain: Vec<u8>,
}

impl Asking {
    pub fn login(secret: &Secret) -> Self {
        Self::new(secret, LOGIN)
    }

    pub fn enrol(secret: &Secret) -> Self {
        Self::new(secret, ENROL)
    }

    fn new(secret: &Secret, kind: u8) -> Self {
        let (esk, epk) = X25519::gen_keypair();
        let (blind, blinded) = blinded(&secret.factors());
        Self { secret: secret.clone(), kind, epk: epk.to_bytes().into(), blinded, esk, blind }
    }

    /// The bytes of `cipherKey`.
    pub fn key_bytes(&self) -> Vec<u8> {
        [&[self.kind][..], &self.epk, &self.blinded].concat()
    }

    pub fn cipher_key(&self) -> String {
        b64u(&self.key_bytes())
    }

    /// A challenge that was sealed to this key in this context.
    pub fn open(&self, challenge_data: &str, context: &Context) -> Option<Sealed> {
        let aad = context.of_challenge(&self.key_bytes());
        Sealed::parse(&sealed_open(&self.esk.to_bytes(), OF_CHALLENGE, &aad, &of_b64u(challenge_data))?)
    }

    /// What a prompt or an invitation says, to a page of this origin.
    ///
    /// # Panics
    /// Where it does not open.
    pub fn told(&self, prompt: &Value, origin: &str) -> Told {
        self.told_in(prompt, Context::of(prompt, origin))
    }

    /// The same, where the context comes from elsewhere.
    ///
    /// # Panics
    /// Where it does not open.
    pub fn told_in(&self, prompt: &Value, context: Context) -> Told {
        let data = prompt["challenge_data"].as_str().unwrap_or_default();
        let sealed = self.open(data, &context).unwrap_or_else(|| panic!("does not open: {prompt}"));
        let bytes = |key: &str| prompt[key].as_str().map(of_b64u);
        let kid = |bytes: Vec<u8>| bytes.try_into().expect("8 bytes");
        let server = bytes("hpke_public_key").zip(bytes("kid").map(kid));
        Told { asking: self.clone(), context, sealed, server }
    }
}

impl Told {
    fn stretched(&self, helper: &Helper) -> Stretched {
        let y = finalized(self.asking.blind, &self.asking.secret.factors(), &self.sealed.evaluated);
        Stretched::of(&y, helper)
    }

    /// What the secret comes to; nothing where the picture is too far from the one of the sketch, which it also is where
    /// PIN or pattern are others.
    ///
    /// # Panics
    /// For a helper that is none.
    pub fn key(&self) -> Option<Key> {
        let helper = Helper::parse(&self.sealed.helper).expect("a helper");
        let stretched = self.stretched(&helper);
        let sketch = xor(&helper.masked, &stretched.mask(&helper.alg));
        let (message, errors) = decoded(&xor(&sketch, &self.asking.secret.picture.0))?;
        Some(Key { x: stretched.x(&message, &self.sealed.helper), errors })
    }

    /// A proof that is bound to this; what looks like one, where there is no key.
    pub fn prove(&self, key: Option<&Key>, binding: &[u8]) -> [u8; 64] {
        let Some(key) = key else {
            let halves = [random_scalar(), random_scalar()].map(|half| half.to_bytes());
            return halves.concat().try_into().expect("64 bytes");
        };
        let context = self.context.bytes(&self.sealed, &self.asking.epk, binding);
        key.proof(&user_id(&self.context.tenant, &self.context.username), &context, &random())
    }

    pub fn challenge_id(&self) -> String {
        b64u(&self.sealed.challenge_id)
    }

    /// The answer of a login or an elevation.
    pub fn answer(&self) -> Value {
        self.answer_of(&self.prove(self.key().as_ref(), b""))
    }

    /// The answer that gives the account another address.
    pub fn answer_for_email(&self, email: &str) -> Value {
        let mut answer = self.answer_of(&self.prove(self.key().as_ref(), &lp(email.as_bytes())));
        answer["email"] = json!(email);
        answer
    }

    /// An answer with these bytes for a proof.
    pub fn answer_of(&self, proof: &[u8]) -> Value {
        let data = b64u(&[&[1], proof].concat());
        json!({"challenge_id": self.challenge_id(), "challenge_data": data})
    }

    /// What a client reports of the picture.
    pub fn ber(&self, errors: u32) -> Value {
        let percent = format!("{:.2}", f64::from(errors) * 100.0 / 2040.0);
        json!({
            "ber": {"count_bits": 2040, "error_bits": errors, "BER_PERCENT": percent},
            "image_dim": [1024, 768],
            "algorithm_version": super::ALG,
        })
    }

    /// A new key from the secret, and the helper that belongs to it.
    pub fn fresh_key(&self) -> (Key, Vec<u8>) {
        let mut helper = Helper::fresh();
        let stretched = self.stretched(&helper);
        let message = random();
        let sketch = xor(&self.asking.secret.picture.0, &encoded(&message));
        helper.masked = xor(&sketch, &stretched.mask(&helper.alg));
        let helper = helper.bytes();
        (Key { x: stretched.x(&message, &helper), errors: 0 }, helper)
    }

    /// What the proof of an enrolment is bound to.
    pub fn binding(email: &str, code: &str, helper: &[u8], reset: bool) -> [u8; 64] {
        let of_code = if reset { sha512(&[code.as_bytes()]).to_vec() } else { Vec::new() };
        sha512(&[&lp(email.as_bytes()), helper, &of_code])
    }

    /// An enrolment of the secret, not sealed yet.
    ///
    /// # Panics
    /// Where nobody has said to whom it is to be sealed.
    pub fn commit(&self, email: &str, code: &str) -> Commitment {
        let (key, helper) = self.fresh_key();
        let binding = Self::binding(email, code, &helper, self.context.purpose == "reset");
        let proof = self.prove(Some(&key), &binding);
        let plain = [&[1][..], &self.sealed.challenge_id, &key.public(), &proof, &helper].concat();
        let (server, kid) = self.server.clone().expect("an invitation");
        Commitment { context: self.context.clone(), email: email.to_owned(), version: 1, kid, server, plain }
    }

    /// The proof of an enrolment, as an authenticator takes it.
    pub fn proof(&self, email: &str, code: &str) -> Value {
        let mut proof =
            json!({"encrypted_commitment": self.commit(email, code).seal(), "proto_version": VERSION});
        for (name, text) in [("email", email), ("code", code)] {
            if !text.is_empty() {
                proof[name] = json!(text);
            }
        }
        proof
    }
}

impl Commitment {
    /// `encrypted_commitment`.
    ///
    /// # Panics
    /// For a key of the server that is none.
    pub fn seal(&self) -> String {
        let to = <X25519 as Kem>::PublicKey::from_bytes(&self.server).expect("a public key");
        let info = [OF_COMMITMENT, &self.kid].concat();
        let aad = self.context.of_commitment(&self.email);
        let sealed = single_shot_seal::<ChaCha20Poly1305, HkdfSha256, X25519>(
            &OpModeS::Base,
            &to,
            &info,
            &self.plain,
            &aad,
        );
        let (enc, ct) = sealed.expect("is sealed");
        b64u(&[&[self.version][..], &self.kid, &enc.to_bytes(), &ct].concat())
    }
}

/// What was sealed to this key (`enc || ct`); nothing where it was not.
pub fn sealed_open(sk: &[u8], info: &[u8], aad: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
    let sk = PrivateKey::from_bytes(sk).ok()?;
    let (enc, ct) = sealed.split_at_checked(32)?;
    let enc = <X25519 as Kem>::EncappedKey::from_bytes(enc).ok()?;
    let opened =
        single_shot_open::<ChaCha20Poly1305, HkdfSha256, X25519>(&OpModeR::Base, &sk, &enc, info, ct, aad);
    opened.ok()
}
