//! A public key (RFC 7517).

use super::{
    Flaw,
    algorithm::{self, Kind},
};
use aws_lc_rs::{
    digest::{SHA256, digest},
    signature::{
        ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, ED25519, ParsedPublicKey, VerificationAlgorithm,
    },
};
use data_encoding::{BASE64, BASE64URL_NOPAD};
use jsonwebtoken::{Algorithm, DecodingKey};
use serde_json::{Map, Value};

/// Keys in a set at most.
const MOST: usize = 100;
/// Bytes of a name at most.
const LONGEST_NAME: usize = 255;
/// Certificates of a key at most, and the bytes of one.
const MOST_CERTIFICATES: usize = 8;
const LONGEST_CERTIFICATE: usize = 16 * 1024;
/// What only the owner of a key has (RFC 7518, section 6), and what two would share.
const PRIVATE: &[&str] = &["d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv"];

/// A public key that can verify signatures: Ed25519, P-256, P-384, or RSA of 2048 to 8192 bits.
#[derive(Clone, Debug)]
pub struct Jwk {
    kid: Option<String>,
    algorithm: Option<Algorithm>,
    kind: Kind,
    pub(super) key: DecodingKey,
    thumbprint: String,
    certificate: Option<Vec<u8>>,
}

impl Jwk {
    /// Reads one. What is private in it makes it useless: whoever sends that has given it away.
    ///
    /// # Errors
    /// [`Flaw::Shape`] for all that is not such a key, or is for something else.
    pub fn parse(value: &Value) -> Result<Self, Flaw> {
        let members = value.as_object().ok_or(Flaw::Shape("a key is not a JSON object"))?;
        if PRIVATE.iter().any(|name| members.contains_key(*name)) {
            return Err(Flaw::Shape("a key has private members; only public keys are taken"));
        }
        let (kind, key, canonical) = match text(members, "kty")? {
            "OKP" => octets(members)?,
            "EC" => curve(members)?,
            "RSA" => rsa(members)?,
            _ => return Err(Flaw::Shape("kty is not one of OKP, EC, RSA")),
        };
        let algorithm = for_signatures(members, kind)?;
        let kid = match members.get("kid") {
            None => None,
            Some(Value::String(kid)) if kid.len() <= LONGEST_NAME => Some(kid.clone()),
            Some(_) => return Err(Flaw::Shape("the kid of a key is no text, or too long")),
        };
        let thumbprint = BASE64URL_NOPAD.encode(digest(&SHA256, canonical.as_bytes()).as_ref());
        Ok(Self { kid, algorithm, kind, key, thumbprint, certificate: certificate(members)? })
    }

    /// The keys of a set; those that are of another sort are left out (section 5).
    ///
    /// # Errors
    /// [`Flaw::Shape`] for what is no set, or has too many keys.
    pub fn set(value: &Value) -> Result<Vec<Self>, Flaw> {
        let keys = value.get("keys").and_then(Value::as_array);
        let keys = keys.ok_or(Flaw::Shape("a JWK set has no array `keys`"))?;
        if keys.len() > MOST {
            return Err(Flaw::Shape("a JWK set has more than 100 keys"));
        }
        Ok(keys.iter().filter_map(|key| Self::parse(key).ok()).collect())
    }

    /// Its name.
    pub fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    /// What it is, whoever names it and however (RFC 7638, with SHA-256, in base64url).
    pub fn thumbprint(&self) -> &str {
        &self.thumbprint
    }

    /// The first certificate of its `x5c` (DER).
    pub fn certificate(&self) -> Option<&[u8]> {
        self.certificate.as_deref()
    }

    /// Whether it may have made a signature of this sort.
    pub(super) fn fits(&self, algorithm: Algorithm) -> bool {
        self.kind.fits(algorithm) && self.algorithm.is_none_or(|own| own == algorithm)
    }
}

/// Ed25519 (RFC 8037).
fn octets(members: &Map<String, Value>) -> Result<(Kind, DecodingKey, String), Flaw> {
    if text(members, "crv")? != "Ed25519" {
        return Err(Flaw::Shape("crv of an OKP key is not Ed25519"));
    }
    let (x, bytes) = number(members, "x")?;
    on_curve(&ED25519, &bytes)?;
    let canonical = format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}"#);
    Ok((Kind::Ed25519, DecodingKey::from_ed_der(&bytes), canonical))
}

/// P-256 and P-384 (RFC 7518, section 6.2).
fn curve(members: &Map<String, Value>) -> Result<(Kind, DecodingKey, String), Flaw> {
    let crv = text(members, "crv")?;
    let (kind, size, rules): (_, _, &'static dyn VerificationAlgorithm) = match crv {
        "P-256" => (Kind::P256, 32, &ECDSA_P256_SHA256_FIXED),
        "P-384" => (Kind::P384, 48, &ECDSA_P384_SHA384_FIXED),
        _ => return Err(Flaw::Shape("crv of an EC key is not one of P-256, P-384")),
    };
    let ((x, first), (y, second)) = (number(members, "x")?, number(members, "y")?);
    if first.len() != size || second.len() != size {
        return Err(Flaw::Shape("x and y of an EC key have not the length of its curve"));
    }
    let point = [&[4], &first[..], &second[..]].concat();
    on_curve(rules, &point)?;
    let canonical = format!(r#"{{"crv":"{crv}","kty":"EC","x":"{x}","y":"{y}"}}"#);
    Ok((kind, DecodingKey::from_ec_der(&point), canonical))
}

fn on_curve(rules: &'static dyn VerificationAlgorithm, bytes: &[u8]) -> Result<(), Flaw> {
    ParsedPublicKey::new(rules, bytes).map(drop).map_err(|_| Flaw::Shape("a key is no point of its curve"))
}

/// RSA (RFC 7518, section 6.3). A large exponent would only make us calculate.
fn rsa(members: &Map<String, Value>) -> Result<(Kind, DecodingKey, String), Flaw> {
    let ((n, modulus), (e, exponent)) = (number(members, "n")?, number(members, "e")?);
    let bits = match modulus.first() {
        Some(first) => modulus.len() * 8 - first.leading_zeros() as usize,
        None => 0,
    };
    let plain = modulus.first() != Some(&0) && exponent.first() != Some(&0);
    let odd = |number: &[u8]| number.last().is_some_and(|last| last % 2 == 1);
    if !plain || !(2048..=8192).contains(&bits) || !odd(&modulus) {
        return Err(Flaw::Shape("n of an RSA key has not 2048 to 8192 bits, or begins with zeros"));
    }
    if exponent.len() > 4 || !odd(&exponent) || exponent == [1] {
        return Err(Flaw::Shape("e of an RSA key is not an odd number from 3 to 32 bits"));
    }
    let canonical = format!(r#"{{"e":"{e}","kty":"RSA","n":"{n}"}}"#);
    Ok((Kind::Rsa, DecodingKey::from_rsa_raw_components(&modulus, &exponent), canonical))
}

fn text<'a>(members: &'a Map<String, Value>, name: &str) -> Result<&'a str, Flaw> {
    members.get(name).and_then(Value::as_str).ok_or(Flaw::Shape("a key lacks a member, or it is no text"))
}

/// A number as it is written, of which there is one way only, and its bytes.
fn number<'a>(members: &'a Map<String, Value>, name: &str) -> Result<(&'a str, Vec<u8>), Flaw> {
    let text = text(members, name)?;
    // 8192 bits.
    if text.len() > 1_366 {
        return Err(Flaw::Shape("a number of a key is too long"));
    }
    let bytes = BASE64URL_NOPAD.decode(text.as_bytes());
    Ok((text, bytes.map_err(|_| Flaw::Shape("a number of a key is not base64url without padding"))?))
}

/// That it is for verifying, and the only algorithm that it is for, where it says so.
fn for_signatures(members: &Map<String, Value>, kind: Kind) -> Result<Option<Algorithm>, Flaw> {
    let sig = members.get("use").is_none_or(|usage| usage == "sig");
    let verifies = members.get("key_ops").is_none_or(|all| {
        all.as_array().is_some_and(|all| all.iter().any(|operation| operation == "verify"))
    });
    if !sig || !verifies {
        return Err(Flaw::Shape("a key is not for signatures (use, key_ops)"));
    }
    let Some(word) = members.get("alg") else { return Ok(None) };
    let algorithm = word.as_str().and_then(algorithm::read).filter(|algorithm| kind.fits(*algorithm));
    algorithm.map(Some).ok_or(Flaw::Shape("alg of a key is unknown, or of another sort of key"))
}

fn certificate(members: &Map<String, Value>) -> Result<Option<Vec<u8>>, Flaw> {
    let Some(chain) = members.get("x5c") else { return Ok(None) };
    let chain = chain.as_array().filter(|chain| (1..=MOST_CERTIFICATES).contains(&chain.len()));
    let first =
        chain.and_then(|chain| chain[0].as_str()).filter(|text| text.len() <= LONGEST_CERTIFICATE * 4 / 3);
    let der = first.and_then(|text| BASE64.decode(text.as_bytes()).ok());
    der.map(Some).ok_or(Flaw::Shape("x5c of a key is not an array of certificates in base64"))
}
