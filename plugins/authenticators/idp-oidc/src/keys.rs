//! The keys of a provider (RFC 7517).

use crate::fetch::{End, document};
use gatewright_contract::Host;
use jsonwebtoken::{
    Algorithm, DecodingKey,
    jwk::{AlgorithmParameters, EllipticCurve, Jwk, KeyOperations, PublicKeyUse},
};
use serde::Deserialize;
use serde_json::Value;

const MAX_DOCUMENT: usize = 256 * 1024;
const MAX_KEYS: usize = 100;

/// Those that can be read; others are left out (section 5).
#[derive(Default)]
pub(crate) struct Keys(Vec<Jwk>);

#[derive(Deserialize)]
struct Set {
    keys: Vec<Value>,
}

/// Fetches them.
pub(crate) async fn fetch(host: &Host, url: &str) -> Result<Keys, End> {
    let set: Set = document(host, "its keys", url, MAX_DOCUMENT).await?;
    Ok(Keys::read(set.keys))
}

impl Keys {
    pub(crate) fn read(keys: Vec<Value>) -> Self {
        Self(keys.into_iter().take(MAX_KEYS).filter_map(|key| serde_json::from_value(key).ok()).collect())
    }

    /// The key that has signed; none where it is not there or nobody can say which it is.
    pub(crate) fn find(&self, kid: Option<&str>, algorithm: Algorithm) -> Option<DecodingKey> {
        let mut fitting = self.0.iter().filter(|key| {
            let named = kid.is_none() || key.common.key_id.as_deref() == kid;
            named && fits(key, algorithm)
        });
        // Without a name it must be the only one (OpenID Connect Core 1.0, section 10.1).
        match (fitting.next(), fitting.next()) {
            (Some(key), None) => DecodingKey::from_jwk(key).ok(),
            _ => None,
        }
    }
}

/// Whether a key is for signatures of this sort. A shared secret never is.
fn fits(key: &Jwk, algorithm: Algorithm) -> bool {
    use Algorithm::{ES256, ES384, EdDSA, PS256, PS384, PS512, RS256, RS384, RS512};
    let usage = matches!(key.common.public_key_use, None | Some(PublicKeyUse::Signature));
    let operations = key.common.key_operations.as_ref();
    let verifies = operations.is_none_or(|all| all.contains(&KeyOperations::Verify));
    let own = key.common.key_algorithm.is_none_or(|own| own == algorithm.into());
    let kind = match &key.algorithm {
        AlgorithmParameters::RSA(_) => matches!(algorithm, RS256 | RS384 | RS512 | PS256 | PS384 | PS512),
        AlgorithmParameters::EllipticCurve(key) => match key.curve {
            EllipticCurve::P256 => algorithm == ES256,
            EllipticCurve::P384 => algorithm == ES384,
            _ => false,
        },
        AlgorithmParameters::OctetKeyPair(key) => key.curve == EllipticCurve::Ed25519 && algorithm == EdDSA,
        _ => false,
    };
    usage && verifies && own && kind
}
