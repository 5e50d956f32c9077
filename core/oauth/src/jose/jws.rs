//! What is signed: JWS in compact form (RFC 7515, section 7.1), with claims in it (RFC 7519).

use super::{Flaw, Jwk, algorithm};
use data_encoding::BASE64URL_NOPAD;
use jsonwebtoken::Algorithm;
use serde_json::{Map, Value};

/// Bytes of a token at most, whatever it is for.
pub const LONGEST: usize = 32 * 1024;
/// Levels of JSON at most.
const DEEPEST: usize = 16;

/// What was signed, and how. Says nothing about who may have signed it, when, and for whom.
#[derive(Clone, Debug, PartialEq)]
pub struct Verified {
    /// The header: an object.
    pub header: Value,
    /// The claims.
    pub claims: Map<String, Value>,
}

impl Verified {
    /// What sort of token it says it is: lower case, without `application/` (RFC 7515, section 4.1.9); empty where it says
    /// nothing.
    pub fn typ(&self) -> String {
        typ(self.header.get("typ"))
    }

    /// A claim that is a text.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.claims.get(name)?.as_str()
    }

    /// A claim that is a time: whole seconds since 1970, a fraction left out.
    pub fn time(&self, name: &str) -> Option<i64> {
        let number = self.claims.get(name)?;
        number.as_i64().or_else(|| {
            let seconds = number.as_f64()?;
            (seconds.abs() < 1e15).then_some(seconds as i64)
        })
    }

    /// For whom it is; empty where it does not say, or not in texts.
    pub fn audience(&self) -> Vec<&str> {
        words_of(self.claims.get("aud"))
    }
}

/// A text, or an array of nothing but texts.
fn words_of(value: Option<&Value>) -> Vec<&str> {
    match value {
        Some(Value::String(one)) => vec![one],
        Some(Value::Array(many)) => many.iter().map(Value::as_str).collect::<Option<_>>().unwrap_or_default(),
        _ => Vec::new(),
    }
}

/// What was signed by one of these keys with one of these algorithms (words of [`super::ALGORITHMS`]). Where the token names a
/// key, it is that one; else it must be the only one that fits.
///
/// # Errors
/// Why it is not believed. [`Flaw::Key`] where another key may do.
pub fn verify(token: &str, keys: &[Jwk], algorithms: &[&str]) -> Result<Verified, Flaw> {
    let read = Compact::read(token)?;
    let algorithm = read.algorithm(algorithms)?;
    let mut fitting = keys.iter().filter(|key| {
        let named = read.header.get("kid").is_none_or(|kid| key.kid().is_some() && kid.as_str() == key.kid());
        named && key.fits(algorithm)
    });
    match (fitting.next(), fitting.next()) {
        (Some(key), None) => read.verify(key, algorithms),
        _ => Err(Flaw::Key),
    }
}

/// A token in its parts, bounded and read, but not believed.
pub(crate) struct Compact<'a> {
    pub(crate) header: Map<String, Value>,
    message: &'a str,
    payload: &'a str,
    signature: &'a str,
}

impl<'a> Compact<'a> {
    pub(crate) fn read(token: &'a str) -> Result<Self, Flaw> {
        if token.len() > LONGEST {
            return Err(Flaw::Shape("it is longer than 32 KiB"));
        }
        let (message, signature) = token.rsplit_once('.').ok_or(Flaw::Shape("it has not three parts"))?;
        let (header, payload) = message.split_once('.').ok_or(Flaw::Shape("it has not three parts"))?;
        if payload.contains('.') || signature.is_empty() {
            return Err(Flaw::Shape("it has not three parts, or no signature"));
        }
        let header = object(header)?;
        // What must be understood and is not, and a payload that is not encoded (RFC 7515, section 4.1.11; RFC 7797).
        if header.contains_key("crit") || header.contains_key("b64") {
            return Err(Flaw::Shape("its header has crit or b64, which are not taken"));
        }
        Ok(Self { header, message, payload, signature })
    }

    /// What it says of itself; may be anything.
    pub(crate) fn unbelieved(&self) -> Result<Map<String, Value>, Flaw> {
        object(self.payload)
    }

    /// How it says that it is signed, where that is one of these.
    fn algorithm(&self, allowed: &[&str]) -> Result<Algorithm, Flaw> {
        let word = self.header.get("alg").and_then(Value::as_str).filter(|word| allowed.contains(word));
        word.and_then(algorithm::read).ok_or(Flaw::Shape("its alg is not one that is taken here"))
    }

    /// Its content, where this key has signed it with one of these algorithms.
    pub(crate) fn verify(self, key: &Jwk, allowed: &[&str]) -> Result<Verified, Flaw> {
        let algorithm = self.algorithm(allowed)?;
        if !key.fits(algorithm) {
            return Err(Flaw::Shape("its alg does not go with its key"));
        }
        let good = jsonwebtoken::crypto::verify(self.signature, self.message.as_bytes(), &key.key, algorithm);
        match good {
            Ok(true) => Ok(Verified { claims: self.unbelieved()?, header: Value::Object(self.header) }),
            _ => Err(Flaw::Signature),
        }
    }
}

/// A `typ` in the form that is compared.
pub(crate) fn typ(value: Option<&Value>) -> String {
    let word = value.and_then(Value::as_str).unwrap_or_default().to_ascii_lowercase();
    word.strip_prefix("application/").map(str::to_owned).unwrap_or(word)
}

fn object(part: &str) -> Result<Map<String, Value>, Flaw> {
    let bytes = BASE64URL_NOPAD.decode(part.as_bytes());
    let bytes = bytes.map_err(|_| Flaw::Shape("a part is not base64url without padding"))?;
    match serde_json::from_slice(&bytes) {
        Ok(Value::Object(members)) if members.values().all(|value| is_flat(value, DEEPEST)) => Ok(members),
        _ => Err(Flaw::Shape("a part is not a JSON object, or nests too deep")),
    }
}

fn is_flat(value: &Value, levels: usize) -> bool {
    match value {
        Value::Array(all) => levels > 0 && all.iter().all(|one| is_flat(one, levels - 1)),
        Value::Object(all) => levels > 0 && all.values().all(|one| is_flat(one, levels - 1)),
        _ => true,
    }
}
