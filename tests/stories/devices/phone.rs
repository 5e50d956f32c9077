//! A phone, written after the README and not with the server's code.

use aws_lc_rs::{
    digest::{SHA256, digest},
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _},
};
use data_encoding::BASE64URL_NOPAD;
use kit::{Call, Kit, Reply};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicI64, Ordering};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::stories) enum Algorithm {
    Ed25519,
    P256,
}

enum Key {
    Ed25519(Ed25519KeyPair),
    P256(EcdsaKeyPair),
}

pub(in crate::stories) struct Phone {
    key: Key,
    pub(in crate::stories) authenticator: &'static str,
    tenant: &'static str,
    pub(in crate::stories) certificates: Vec<String>,
    /// How often it has asked: each ask is a millisecond later than the one before.
    asked: AtomicI64,
}

pub(in crate::stories) fn base64url(bytes: &[u8]) -> String {
    BASE64URL_NOPAD.encode(bytes)
}

fn sha256(bytes: &[u8]) -> Vec<u8> {
    digest(&SHA256, bytes).as_ref().to_vec()
}

/// A query parameter of a link.
pub(in crate::stories) fn of_link(link: &str, name: &str) -> String {
    let query = link.split_once('?').expect("a query").1;
    let found = query.split('&').find_map(|pair| pair.strip_prefix(&format!("{name}=")));
    found.unwrap_or_else(|| panic!("no {name} in {link}")).to_owned()
}

impl Phone {
    /// Its key follows from the seed (that of P-256 is drawn).
    pub(in crate::stories) fn new(algorithm: Algorithm, authenticator: &'static str, seed: u8) -> Self {
        let key = match algorithm {
            Algorithm::Ed25519 => Key::Ed25519(Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).unwrap()),
            Algorithm::P256 => Key::P256(EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap()),
        };
        Self { key, authenticator, tenant: "default", certificates: Vec::new(), asked: AtomicI64::new(0) }
    }

    /// With the key in this PKCS #8 document, and its certificates.
    pub(in crate::stories) fn certified(
        authenticator: &'static str,
        pkcs8: &[u8],
        certificates: Vec<String>,
    ) -> Self {
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8).unwrap();
        let asked = AtomicI64::new(0);
        Self { key: Key::P256(pair), authenticator, tenant: "default", certificates, asked }
    }

    /// The same with an Ed25519 key.
    pub(in crate::stories) fn certified_ed25519(
        authenticator: &'static str,
        pkcs8: &[u8],
        certificates: Vec<String>,
    ) -> Self {
        let pair = Ed25519KeyPair::from_pkcs8_maybe_unchecked(pkcs8).unwrap();
        Self { key: Key::Ed25519(pair), certificates, ..Self::new(Algorithm::Ed25519, authenticator, 0) }
    }

    pub(in crate::stories) fn jwk(&self) -> Value {
        match &self.key {
            Key::Ed25519(pair) => {
                json!({"crv": "Ed25519", "kty": "OKP", "x": base64url(pair.public_key().as_ref())})
            }
            Key::P256(pair) => {
                let point = pair.public_key().as_ref();
                let (x, y) = (base64url(&point[1..33]), base64url(&point[33..]));
                json!({"crv": "P-256", "kty": "EC", "x": x, "y": y})
            }
        }
    }

    pub(in crate::stories) fn thumbprint(&self) -> String {
        let jwk = self.jwk();
        let members: Vec<String> =
            jwk.as_object().unwrap().iter().map(|(k, v)| format!("\"{k}\":{v}")).collect();
        base64url(&sha256(format!("{{{}}}", members.join(",")).as_bytes()))
    }

    pub(in crate::stories) fn statement(&self, about: &str, fields: &[(&str, &str)]) -> String {
        let mut text = format!("gatewright-device-1 {about}\n");
        for (name, value) in [("tenant", self.tenant), ("for", self.authenticator)].iter().chain(fields) {
            text.push_str(&format!("{name}={}:{value}\n", value.len()));
        }
        text
    }

    pub(in crate::stories) fn sign(&self, about: &str, fields: &[(&str, &str)]) -> String {
        let statement = self.statement(about, fields);
        let signature = match &self.key {
            Key::Ed25519(pair) => pair.sign(statement.as_bytes()).as_ref().to_vec(),
            Key::P256(pair) => {
                pair.sign(&SystemRandom::new(), statement.as_bytes()).unwrap().as_ref().to_vec()
            }
        };
        base64url(&signature)
    }

    /// The answer to an invitation.
    pub(in crate::stories) fn pair_event(&self, link: &str, name: &str) -> Value {
        let (wake, nonce) = (of_link(link, "wake"), of_link(link, "nonce"));
        let certificates = self.certificates.join(",");
        let signature = self.sign(
            "pair",
            &[
                ("wake", &wake),
                ("nonce", &nonce),
                ("key", &self.thumbprint()),
                ("name", name),
                ("endpoint", ""),
                ("p256dh", ""),
                ("auth", ""),
                ("certificates", &certificates),
            ],
        );
        let mut pair = json!({"key": self.jwk(), "name": name, "signature": signature});
        if !self.certificates.is_empty() {
            pair["certificates"] = json!(self.certificates);
        }
        json!({"wake": wake, "pair": pair})
    }

    /// Answers an invitation; what it shows then.
    pub(in crate::stories) async fn pair(&self, kit: &Kit, invitation: &Value) -> String {
        let link = invitation["link"].as_str().unwrap();
        self.report(kit, &self.pair_event(link, "Phone")).await.expect(202);
        self.check(link)
    }

    pub(in crate::stories) fn check(&self, link: &str) -> String {
        let fields = [("nonce", of_link(link, "nonce")), ("key", self.thumbprint())];
        let fields: Vec<(&str, &str)> = fields.iter().map(|(k, v)| (*k, v.as_str())).collect();
        let hash = sha256(self.statement("check", &fields).as_bytes());
        format!("{:04}", u32::from_be_bytes(hash[..4].try_into().unwrap()) % 10_000)
    }

    pub(in crate::stories) async fn report(&self, kit: &Kit, event: &Value) -> Reply {
        kit.send(Call::post(&format!("/auth/v1/callback/{}", self.authenticator)).json(event)).await
    }

    /// What it asks with at this time.
    pub(in crate::stories) fn ask_at(&self, at_ms: i64, wake: Option<&str>) -> Value {
        let (device, at) = (self.thumbprint(), at_ms.to_string());
        let signature =
            self.sign("ask", &[("wake", wake.unwrap_or_default()), ("device", &device), ("at_ms", &at)]);
        let mut ask = json!({"device": device, "at_ms": at_ms, "signature": signature});
        if let Some(wake) = wake {
            ask["wake"] = json!(wake);
        }
        json!({"ask": ask})
    }

    pub(in crate::stories) async fn ask(&self, kit: &Kit, ask: &Value) -> Reply {
        kit.post(&format!("/auth/v1/device/{}", self.authenticator), ask).await
    }

    fn next_ms(&self, kit: &Kit) -> i64 {
        kit.now().as_millis() + self.asked.fetch_add(1, Ordering::SeqCst)
    }

    /// What waits for it.
    pub(in crate::stories) async fn waiting(&self, kit: &Kit) -> Vec<Value> {
        let reply = self.ask(kit, &self.ask_at(self.next_ms(kit), None)).await.expect(200).json();
        assert_eq!(reply["now"], kit.now().as_secs());
        reply["prompts"].as_array().unwrap().clone()
    }

    /// The same, where it is believed.
    pub(in crate::stories) async fn waiting_if_believed(&self, kit: &Kit) -> Option<Vec<Value>> {
        let reply = self.ask(kit, &self.ask_at(self.next_ms(kit), None)).await;
        match reply.status.as_u16() {
            401 => None,
            _ => reply.expect(200).json()["prompts"].as_array().cloned(),
        }
    }

    /// What it is told of one challenge.
    pub(in crate::stories) async fn told_of(&self, kit: &Kit, wake: &str) -> Reply {
        self.ask(kit, &self.ask_at(self.next_ms(kit), Some(wake))).await
    }

    /// The decision about what it was told.
    pub(in crate::stories) fn decide(
        &self,
        kit: &Kit,
        told: &Value,
        decision: &str,
        number: &Value,
    ) -> Value {
        let wake = told["wake"].as_str().unwrap();
        let prompt = base64url(&sha256(told["shown"].as_str().unwrap().as_bytes()));
        let (device, at) = (self.thumbprint(), kit.now().as_secs());
        let signature = self.sign(
            "decide",
            &[
                ("wake", wake),
                ("device", &device),
                ("decision", decision),
                ("number", &number.as_u64().map_or_else(String::new, |n| n.to_string())),
                ("prompt", &prompt),
                ("at", &at.to_string()),
            ],
        );
        json!({"wake": wake, "decide": {
            "device": device, "decision": decision, "number": number, "prompt": prompt, "at": at, "signature": signature,
        }})
    }

    /// Fetches the one prompt that waits and decides.
    pub(in crate::stories) async fn says(&self, kit: &Kit, decision: &str, number: &Value) {
        let waiting = self.waiting(kit).await;
        let [told] = waiting.as_slice() else { panic!("{waiting:?}") };
        self.report(kit, &self.decide(kit, told, decision, number)).await.expect(202);
    }
}
