//! A passkey in software, for tests (feature `testing`): does what a browser and a security key do together, and
//! whatever else a test wants of it.

use aws_lc_rs::{
    digest::{SHA256, digest},
    rand::SystemRandom,
    rsa::{KeyPair as RsaPair, KeySize},
    signature::{self, EcdsaKeyPair, KeyPair as _},
};
use data_encoding::BASE64URL_NOPAD;
use serde_cbor_2::Value as Cbor;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The flags of authenticator data (WebAuthn Level 3, section 6.1).
pub mod flag {
    /// The person was there.
    pub const PRESENT: u8 = 0x01;
    /// The device has checked the person.
    pub const VERIFIED: u8 = 0x04;
    /// Can be copied to other devices.
    pub const ELIGIBLE: u8 = 0x08;
    /// Has been.
    pub const BACKED_UP: u8 = 0x10;
}

/// An attestation statement: format and statement for this authenticator data and hash of client data.
pub type Attester<'a> = dyn Fn(&[u8], &[u8]) -> (String, Cbor) + 'a;

/// A passkey, and the browser that uses it.
pub struct Key {
    pair: Pair,
    /// Its id.
    pub id: Vec<u8>,
    /// The user handle that it keeps.
    pub handle: Option<Vec<u8>>,
    /// Counter of signatures; it grows with each, unless it is zero.
    pub counter: u32,
    /// What it says of itself at each use.
    pub flags: u8,
    /// Its model.
    pub aaguid: [u8; 16],
    /// The page that asks.
    pub origin: String,
    /// Further fields of client data.
    pub page: Value,
    /// Signs for another relying party than the one that asks.
    pub rp_id: Option<String>,
}

enum Pair {
    /// Curve (COSE) and algorithm.
    Ec(EcdsaKeyPair, i64, i64),
    Rsa(RsaPair),
    /// Pretends to be of an algorithm.
    Odd(EcdsaKeyPair, Cbor),
}

#[expect(clippy::unwrap_used, reason = "a tool of tests")]
impl Key {
    fn new(pair: Pair, origin: &str) -> Self {
        let id = digest(&SHA256, &pair.public()).as_ref().to_vec();
        let flags = flag::PRESENT | flag::VERIFIED;
        let (page, origin) = (json!({}), origin.to_owned());
        Self { pair, id, handle: None, counter: 1, flags, aaguid: [0; 16], origin, page, rp_id: None }
    }

    /// Of ES256.
    pub fn es256(origin: &str) -> Self {
        let pair = EcdsaKeyPair::generate(&signature::ECDSA_P256_SHA256_ASN1_SIGNING).unwrap();
        Self::new(Pair::Ec(pair, 1, -7), origin)
    }

    /// Of ES384.
    pub fn es384(origin: &str) -> Self {
        let pair = EcdsaKeyPair::generate(&signature::ECDSA_P384_SHA384_ASN1_SIGNING).unwrap();
        Self::new(Pair::Ec(pair, 2, -35), origin)
    }

    /// Of RS256.
    pub fn rs256(origin: &str) -> Self {
        Self::new(Pair::Rsa(RsaPair::generate(KeySize::Rsa2048).unwrap()), origin)
    }

    /// Of a key that nobody offers: the public key is written as it is.
    pub fn odd(origin: &str, public: Cbor) -> Self {
        let pair = EcdsaKeyPair::generate(&signature::ECDSA_P256_SHA256_ASN1_SIGNING).unwrap();
        Self::new(Pair::Odd(pair, public), origin)
    }

    /// `navigator.credentials.create` without attestation.
    pub fn register(&mut self, invitation: &Value) -> Value {
        self.attest(invitation, &|_, _| ("none".to_owned(), map([])))
    }

    /// `navigator.credentials.create` with a statement.
    pub fn attest(&mut self, invitation: &Value, statement: &Attester<'_>) -> Value {
        self.create(invitation, |_, data, hash| statement(data, hash))
    }

    /// `navigator.credentials.create` with a statement of the key itself (section 8.2, self attestation), ES256.
    pub fn attest_itself(&mut self, invitation: &Value) -> Value {
        self.create(invitation, |key, data, hash| {
            let signature = Cbor::Bytes(key.pair.sign(&[data, hash].concat()));
            ("packed".to_owned(), map([(text("alg"), Cbor::Integer(-7)), (text("sig"), signature)]))
        })
    }

    fn create(
        &mut self,
        invitation: &Value,
        statement: impl FnOnce(&Self, &[u8], &[u8]) -> (String, Cbor),
    ) -> Value {
        let options = &invitation["publicKey"];
        self.handle = Some(unbase64(&options["user"]["id"]));
        let client_data = self.client_data("webauthn.create", options);
        let mut data = self.head(options["rp"]["id"].as_str().unwrap(), 0x40);
        data.extend_from_slice(&self.aaguid);
        data.extend_from_slice(&u16::try_from(self.id.len()).unwrap().to_be_bytes());
        data.extend_from_slice(&self.id);
        data.extend_from_slice(&serde_cbor_2::to_vec(&self.pair.cose()).unwrap());
        let (format, statement) = statement(self, &data, digest(&SHA256, &client_data).as_ref());
        let object = map([
            (text("fmt"), text(&format)),
            (text("attStmt"), statement),
            (text("authData"), Cbor::Bytes(data)),
        ]);
        json!({
            "id": base64(&self.id), "rawId": base64(&self.id), "type": "public-key",
            "authenticatorAttachment": "platform",
            "response": {
                "clientDataJSON": base64(&client_data),
                "attestationObject": base64(&serde_cbor_2::to_vec(&object).unwrap()),
                "transports": ["internal", "hybrid"],
            },
            "clientExtensionResults": {"credProps": {"rk": true}},
        })
    }

    /// `navigator.credentials.get`.
    pub fn assert(&mut self, prompt: &Value) -> Value {
        let options = &prompt["publicKey"];
        let client_data = self.client_data("webauthn.get", options);
        if self.counter > 0 {
            self.counter += 1;
        }
        let data = self.head(options["rpId"].as_str().unwrap(), 0);
        let mut signed = data.clone();
        signed.extend_from_slice(digest(&SHA256, &client_data).as_ref());
        json!({
            "id": base64(&self.id), "rawId": base64(&self.id), "type": "public-key",
            "authenticatorAttachment": "platform",
            "response": {
                "clientDataJSON": base64(&client_data),
                "authenticatorData": base64(&data),
                "signature": base64(&self.pair.sign(&signed)),
                "userHandle": self.handle.as_deref().map(base64),
            },
            "clientExtensionResults": {},
        })
    }

    fn client_data(&self, what: &str, options: &Value) -> Vec<u8> {
        let mut data = json!({
            "type": what,
            "challenge": options["challenge"],
            "origin": self.origin,
            "crossOrigin": false,
        });
        for (key, value) in self.page.as_object().unwrap() {
            data[key] = value.clone();
        }
        data.to_string().into_bytes()
    }

    /// Hash of the relying party, flags and counter.
    fn head(&self, rp_id: &str, more: u8) -> Vec<u8> {
        let rp_id = self.rp_id.as_deref().unwrap_or(rp_id);
        let mut data = digest(&SHA256, rp_id.as_bytes()).as_ref().to_vec();
        data.push(self.flags | more);
        data.extend_from_slice(&self.counter.to_be_bytes());
        data
    }
}

#[expect(clippy::unwrap_used, reason = "a tool of tests")]
impl Pair {
    fn public(&self) -> Vec<u8> {
        match self {
            Self::Ec(pair, ..) | Self::Odd(pair, _) => pair.public_key().as_ref().to_vec(),
            Self::Rsa(pair) => pair.public_key().as_ref().to_vec(),
        }
    }

    /// RFC 9052, section 7, and RFC 8230.
    fn cose(&self) -> Cbor {
        let number = |n: i64| Cbor::Integer(n.into());
        match self {
            Self::Ec(pair, curve, alg) => {
                let point = pair.public_key().as_ref();
                let half = (point.len() - 1) / 2;
                map([
                    (number(1), number(2)),
                    (number(3), number(*alg)),
                    (number(-1), number(*curve)),
                    (number(-2), Cbor::Bytes(point[1..=half].to_vec())),
                    (number(-3), Cbor::Bytes(point[half + 1..].to_vec())),
                ])
            }
            Self::Rsa(pair) => map([
                (number(1), number(3)),
                (number(3), number(-257)),
                (
                    number(-1),
                    Cbor::Bytes(pair.public_key().modulus().big_endian_without_leading_zero().to_vec()),
                ),
                (number(-2), Cbor::Bytes(vec![1, 0, 1])),
            ]),
            Self::Odd(_, public) => public.clone(),
        }
    }

    #[expect(clippy::disallowed_methods, reason = "the library asks for it and has its own")]
    fn sign(&self, message: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        match self {
            Self::Ec(pair, ..) | Self::Odd(pair, _) => pair.sign(&random, message).unwrap().as_ref().to_vec(),
            Self::Rsa(pair) => {
                let mut made = vec![0; pair.public_modulus_len()];
                pair.sign(&signature::RSA_PKCS1_SHA256, &random, message, &mut made).unwrap();
                made
            }
        }
    }
}

/// A map in CBOR.
pub fn map<const N: usize>(entries: [(Cbor, Cbor); N]) -> Cbor {
    Cbor::Map(BTreeMap::from(entries))
}

/// A text in CBOR.
pub fn text(text: &str) -> Cbor {
    Cbor::Text(text.to_owned())
}

fn base64(bytes: &[u8]) -> String {
    BASE64URL_NOPAD.encode(bytes)
}

#[expect(clippy::unwrap_used, reason = "a tool of tests")]
fn unbase64(value: &Value) -> Vec<u8> {
    BASE64URL_NOPAD.decode(value.as_str().unwrap().as_bytes()).unwrap()
}
