//! A key that a client has, and what it signs with it.

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use data_encoding::BASE64URL_NOPAD;
use kit::Kit;
use serde_json::{Value, json};

pub(super) struct Signer(Ed25519KeyPair);

impl Signer {
    pub(super) fn new(seed: u8) -> Self {
        Self(Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).unwrap())
    }

    /// The public key.
    pub(super) fn jwk(&self) -> Value {
        json!({"kty": "OKP", "crv": "Ed25519", "x": BASE64URL_NOPAD.encode(self.0.public_key().as_ref())})
    }

    pub(super) fn jwks(&self) -> Value {
        json!({"keys": [self.jwk()]})
    }

    /// RFC 7638.
    pub(super) fn thumbprint(&self) -> String {
        let x = BASE64URL_NOPAD.encode(self.0.public_key().as_ref());
        let text = format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}"#);
        let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, text.as_bytes());
        BASE64URL_NOPAD.encode(hash.as_ref())
    }

    pub(super) fn jwt(&self, typ: &str, claims: &Value) -> String {
        self.signed(&json!({"alg": "EdDSA", "typ": typ}), claims)
    }

    pub(super) fn signed(&self, header: &Value, claims: &Value) -> String {
        let text = unsigned(header, claims);
        let signature = self.0.sign(text.as_bytes());
        format!("{text}.{}", BASE64URL_NOPAD.encode(signature.as_ref()))
    }

    /// What somebody makes who has only the public key and takes it for a secret.
    pub(super) fn confused(&self, claims: &Value) -> String {
        let text = unsigned(&json!({"alg": "HS256", "typ": "JWT"}), claims);
        let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, self.0.public_key().as_ref());
        let tag = aws_lc_rs::hmac::sign(&key, text.as_bytes());
        format!("{text}.{}", BASE64URL_NOPAD.encode(tag.as_ref()))
    }

    /// A proof for the token endpoint.
    pub(super) fn proof(&self, kit: &Kit, jti: &str) -> String {
        let header = json!({"alg": "EdDSA", "typ": "dpop+jwt", "jwk": self.jwk()});
        let url = format!("{}/token", super::ISSUER);
        let claims = json!({"jti": jti, "htm": "POST", "htu": url, "iat": kit.now().as_secs()});
        self.signed(&header, &claims)
    }
}

/// The first two parts.
pub(super) fn unsigned(header: &Value, claims: &Value) -> String {
    let part = |value: &Value| BASE64URL_NOPAD.encode(value.to_string().as_bytes());
    format!("{}.{}", part(header), part(claims))
}
