//! A device's public key and its signatures.

use crate::statement::{Statement, base64url, from_base64url};
use aws_lc_rs::{
    digest::{SHA256, digest},
    signature::{ECDSA_P256_SHA256_FIXED, ED25519, UnparsedPublicKey, VerificationAlgorithm},
};
use gatewright_contract::Secret;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A public key as a JWK (RFC 7517): `kty` `OKP` with `crv` `Ed25519` (RFC 8037), or `EC` with `P-256` (RFC 7518). Other
/// members are taken and not used.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct Jwk {
    /// `OKP` or `EC`.
    #[schemars(length(max = 8))]
    pub kty: String,
    /// `Ed25519` or `P-256`.
    #[schemars(length(max = 16))]
    pub crv: String,
    /// 32 bytes in base64url.
    #[schemars(length(max = 64))]
    pub x: String,
    /// 32 bytes in base64url, for `EC`.
    #[serde(default)]
    #[schemars(length(max = 64))]
    pub y: Option<String>,
    /// Never: a key that comes with its private half is refused.
    #[serde(default)]
    pub d: Option<Secret<String>>,
}

/// A key with which a device signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Stored", into = "Stored")]
pub enum PublicKey {
    /// Ed25519 (RFC 8032).
    Ed25519([u8; 32]),
    /// ECDSA on P-256 with SHA-256: the two coordinates.
    P256([u8; 32], [u8; 32]),
}

/// The form in a sealed document: a JWK with nothing else in it.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    crv: String,
    kty: String,
    x: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    y: Option<String>,
}

impl From<PublicKey> for Stored {
    fn from(key: PublicKey) -> Self {
        let (crv, kty, x, y) = match key {
            PublicKey::Ed25519(x) => ("Ed25519", "OKP", x, None),
            PublicKey::P256(x, y) => ("P-256", "EC", x, Some(base64url(&y))),
        };
        Self { crv: crv.to_owned(), kty: kty.to_owned(), x: base64url(&x), y }
    }
}

impl TryFrom<Stored> for PublicKey {
    type Error = &'static str;

    fn try_from(stored: Stored) -> Result<Self, Self::Error> {
        let Stored { crv, kty, x, y } = stored;
        Self::read(&Jwk { kty, crv, x, y, d: None }).ok_or("a damaged key")
    }
}

impl PublicKey {
    /// Reads a JWK; `None` for a key of another sort, a damaged one, and one that comes with its private half.
    pub fn read(jwk: &Jwk) -> Option<Self> {
        let bytes = |text: &str| -> Option<[u8; 32]> { from_base64url(text, 32)?.try_into().ok() };
        if jwk.d.is_some() {
            return None;
        }
        match (jwk.kty.as_str(), jwk.crv.as_str(), &jwk.y) {
            ("OKP", "Ed25519", None) => Some(Self::Ed25519(bytes(&jwk.x)?)),
            ("EC", "P-256", Some(y)) => Some(Self::P256(bytes(&jwk.x)?, bytes(y)?)),
            _ => None,
        }
    }

    /// The key of a certificate: its algorithm's curve and the bytes of its public key (RFC 5480, RFC 8410).
    pub fn of_certificate(ed25519: bool, bytes: &[u8]) -> Option<Self> {
        match (ed25519, bytes) {
            (true, bytes) => Some(Self::Ed25519(bytes.try_into().ok()?)),
            (false, [4, point @ ..]) if point.len() == 64 => {
                let (x, y) = point.split_at(32);
                Some(Self::P256(x.try_into().ok()?, y.try_into().ok()?))
            }
            _ => None,
        }
    }

    /// Its name: the JWK thumbprint (RFC 7638) with SHA-256, in base64url. Public, and nothing follows from it.
    pub fn thumbprint(&self) -> String {
        let Stored { crv, kty, x, y } = (*self).into();
        let y = y.map_or_else(String::new, |y| format!(",\"y\":\"{y}\""));
        let canonical = format!("{{\"crv\":\"{crv}\",\"kty\":\"{kty}\",\"x\":\"{x}\"{y}}}");
        base64url(digest(&SHA256, canonical.as_bytes()).as_ref())
    }

    /// Whether the signature, 64 bytes in base64url as JWS has it (RFC 8037, section 3.1; RFC 7518, section 3.4), is of
    /// this key over this statement.
    pub fn has_signed(&self, statement: &Statement, signature: &str) -> bool {
        let Some(signature) = from_base64url(signature, 64).filter(|s| s.len() == 64) else { return false };
        let (algorithm, key): (&dyn VerificationAlgorithm, Vec<u8>) = match self {
            Self::Ed25519(x) => (&ED25519, x.to_vec()),
            Self::P256(x, y) => (&ECDSA_P256_SHA256_FIXED, [&[4], &x[..], &y[..]].concat()),
        };
        UnparsedPublicKey::new(algorithm, key).verify(statement.as_bytes(), &signature).is_ok()
    }

    /// A key of nobody's, to hold a signature against where there is no device: so that nobody costs what somebody
    /// costs. Its private half is the published one of RFC 8032, section 7.1, test 1; that it fits counts for nothing.
    pub fn decoy() -> Self {
        Self::Ed25519([
            0xd7, 0x5a, 0x98, 0x01, 0x82, 0xb1, 0x0a, 0xb7, 0xd5, 0x4b, 0xfe, 0xd3, 0xc9, 0x64, 0x07, 0x3a,
            0x0e, 0xe1, 0x72, 0xf3, 0xda, 0xa6, 0x23, 0x25, 0xaf, 0x02, 0x1a, 0x68, 0xf7, 0x07, 0x51, 0x1a,
        ])
    }
}
