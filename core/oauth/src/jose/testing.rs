//! Keys that tests sign with.

use data_encoding::BASE64URL_NOPAD;
use jsonwebtoken::{Algorithm, EncodingKey};
use rcgen::{KeyPair, PKCS_ECDSA_P256_SHA256, PKCS_ECDSA_P384_SHA384, PKCS_ED25519, PKCS_RSA_SHA256};
use serde_json::{Value, json};

/// The key of RFC 7638, section 3.1, and of RFC 7517, appendix A.1.
pub(crate) const RSA_N: &str = "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECP\
ebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZ\
Hzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw";

pub(crate) struct TestKey {
    pub(crate) public: Value,
    private: EncodingKey,
}

impl TestKey {
    pub(crate) fn ed25519() -> Self {
        let pair = KeyPair::generate_for(&PKCS_ED25519).expect("a key");
        let public =
            json!({"kty": "OKP", "crv": "Ed25519", "x": BASE64URL_NOPAD.encode(pair.public_key_raw())});
        Self { public, private: EncodingKey::from_ed_der(&pair.serialize_der()) }
    }

    pub(crate) fn curve(crv: &str) -> Self {
        let rules = if crv == "P-256" { &PKCS_ECDSA_P256_SHA256 } else { &PKCS_ECDSA_P384_SHA384 };
        let pair = KeyPair::generate_for(rules).expect("a key");
        let point = &pair.public_key_raw()[1..];
        let (x, y) = point.split_at(point.len() / 2);
        let text = |number| BASE64URL_NOPAD.encode(number);
        let public = json!({"kty": "EC", "crv": crv, "x": text(x), "y": text(y)});
        Self { public, private: EncodingKey::from_ec_der(&pair.serialize_der()) }
    }

    pub(crate) fn rsa() -> Self {
        let pair = KeyPair::generate_for(&PKCS_RSA_SHA256).expect("a key");
        // SEQUENCE { INTEGER n, INTEGER e }, n with a zero before it, of 2048 bits.
        let der = pair.public_key_raw();
        let (n, e) = (&der[9..9 + 256], &der[9 + 256 + 2..]);
        let text = |number: &[u8]| BASE64URL_NOPAD.encode(number);
        let public = json!({"kty": "RSA", "n": text(n), "e": text(e)});
        // PKCS #1 within PKCS #8.
        Self { public, private: EncodingKey::from_rsa_der(&pair.serialize_der()[26..]) }
    }

    pub(crate) fn sign(&self, header: &Value, claims: &Value) -> String {
        let word = header["alg"].as_str().expect("alg");
        let algorithm: Algorithm =
            if word == "Ed25519" { Algorithm::EdDSA } else { word.parse().expect("alg") };
        self.sign_text(&header.to_string(), &claims.to_string(), algorithm)
    }

    pub(crate) fn sign_text(&self, header: &str, claims: &str, algorithm: Algorithm) -> String {
        let part = |text: &str| BASE64URL_NOPAD.encode(text.as_bytes());
        let message = format!("{}.{}", part(header), part(claims));
        let signature = jsonwebtoken::crypto::sign(message.as_bytes(), &self.private, algorithm);
        format!("{message}.{}", signature.expect("signs"))
    }
}
