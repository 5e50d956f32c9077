//! Key pairs of the three algorithms, parsed once and kept: parsing costs more than a signature.

use aws_lc_rs::{
    digest::{SHA256, digest},
    encoding::AsDer,
    rand::SystemRandom,
    rsa::KeySize,
    signature::{
        ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair, RSA_PKCS1_SHA256, RsaKeyPair,
    },
};
use data_encoding::BASE64URL_NOPAD;
use gatewright_contract::Fault;
use gatewright_core::signing::Algorithm;
use serde_json::{Map, Value};
use zeroize::Zeroizing;

/// A private key.
pub(super) enum Pair {
    EdDsa(Ed25519KeyPair),
    Es256(EcdsaKeyPair),
    Rs256(Box<RsaKeyPair>),
}

impl Pair {
    /// A new one. RSA takes 50 ms and more: on the pool.
    pub(super) fn generate(algorithm: Algorithm) -> Result<Self, Fault> {
        let failed = |_| Fault::internal(format!("a key for {} could not be made", algorithm.as_str()));
        Ok(match algorithm {
            Algorithm::EdDsa => Self::EdDsa(Ed25519KeyPair::generate().map_err(failed)?),
            Algorithm::Es256 => {
                Self::Es256(EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).map_err(failed)?)
            }
            Algorithm::Rs256 => {
                Self::Rs256(Box::new(RsaKeyPair::generate(KeySize::Rsa2048).map_err(failed)?))
            }
        })
    }

    /// From PKCS #8 (RFC 5958).
    pub(super) fn parse(algorithm: Algorithm, der: &[u8]) -> Result<Self, Fault> {
        let damaged = |_| Fault::internal("a stored signing key is damaged");
        Ok(match algorithm {
            Algorithm::EdDsa => Self::EdDsa(Ed25519KeyPair::from_pkcs8(der).map_err(damaged)?),
            Algorithm::Es256 => {
                Self::Es256(EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, der).map_err(damaged)?)
            }
            Algorithm::Rs256 => Self::Rs256(Box::new(RsaKeyPair::from_pkcs8(der).map_err(damaged)?)),
        })
    }

    /// As PKCS #8, to be sealed.
    pub(super) fn der(&self) -> Result<Zeroizing<Vec<u8>>, Fault> {
        let failed = |_| Fault::internal("a signing key has no form to be stored in");
        Ok(Zeroizing::new(match self {
            Self::EdDsa(pair) => pair.to_pkcs8v1().map_err(failed)?.as_ref().to_vec(),
            Self::Es256(pair) => pair.to_pkcs8v1().map_err(failed)?.as_ref().to_vec(),
            Self::Rs256(pair) => pair.as_der().map_err(failed)?.as_ref().to_vec(),
        }))
    }

    pub(super) fn sign(&self, message: &[u8]) -> Result<Vec<u8>, Fault> {
        let failed = |_| Fault::internal("signing failed");
        let random = SystemRandom::new();
        Ok(match self {
            Self::EdDsa(pair) => pair.sign(message).as_ref().to_vec(),
            Self::Es256(pair) => pair.sign(&random, message).map_err(failed)?.as_ref().to_vec(),
            Self::Rs256(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &random, message, &mut signature).map_err(failed)?;
                signature
            }
        })
    }

    /// The members of the public JWK that its thumbprint is of, in the order that RFC 7638 wants.
    pub(super) fn public(&self) -> Result<Map<String, Value>, Fault> {
        let text = |bytes: &[u8]| BASE64URL_NOPAD.encode(bytes);
        let members = match self {
            Self::EdDsa(pair) => {
                vec![
                    ("crv", "Ed25519".to_owned()),
                    ("kty", "OKP".to_owned()),
                    ("x", text(pair.public_key().as_ref())),
                ]
            }
            Self::Es256(pair) => {
                // 4, and both coordinates (SEC 1, section 2.3.3).
                let point = pair.public_key().as_ref();
                let odd = || Fault::internal("a public key is no uncompressed point of P-256");
                let both = point.strip_prefix(&[4]).filter(|both| both.len() == 64).ok_or_else(odd)?;
                let (x, y) = both.split_at(32);
                vec![("crv", "P-256".to_owned()), ("kty", "EC".to_owned()), ("x", text(x)), ("y", text(y))]
            }
            Self::Rs256(pair) => {
                let key = pair.public_key();
                let e = text(key.exponent().big_endian_without_leading_zero());
                let n = text(key.modulus().big_endian_without_leading_zero());
                vec![("e", e), ("kty", "RSA".to_owned()), ("n", n)]
            }
        };
        Ok(members.into_iter().map(|(name, value)| (name.to_owned(), Value::String(value))).collect())
    }
}

/// RFC 7638: SHA-256 over the required members in the order of their names, without white space.
pub(super) fn thumbprint(public: &Map<String, Value>) -> Result<String, Fault> {
    let ordered: std::collections::BTreeMap<&String, &Value> = public.iter().collect();
    let text = serde_json::to_string(&ordered).map_err(|e| Fault::caused("a public key can't be JSON", e))?;
    Ok(BASE64URL_NOPAD.encode(digest(&SHA256, text.as_bytes()).as_ref()))
}

#[cfg(test)]
mod tests {
    use super::{Pair, thumbprint};
    use gatewright_core::signing::Algorithm;
    use serde_json::json;

    #[test]
    fn thumbprints_are_those_of_the_rfcs() {
        // RFC 7638, section 3.1, and RFC 8037, appendix A.3.
        let rsa = json!({"kty": "RSA", "e": "AQAB", "n": concat!(
            "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZ",
            "CiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJ",
            "ZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBni",
            "Iqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw")});
        let of =
            |key: &serde_json::Value| thumbprint(key.as_object().expect("an object")).expect("a thumbprint");
        assert_eq!(of(&rsa), "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
        let okp = json!({"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"});
        assert_eq!(of(&okp), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
    }

    #[test]
    fn a_key_that_was_stored_is_the_same_key() {
        for algorithm in Algorithm::ALL {
            let pair = Pair::generate(algorithm).expect("a pair");
            let again = Pair::parse(algorithm, &pair.der().expect("a form")).expect("it is read");
            assert_eq!(pair.public().expect("a public key"), again.public().expect("a public key"));
            assert!(Pair::parse(algorithm, b"not a key").is_err());
        }
    }
}
