//! The ID token is held against what was asked (OpenID Connect Core 1.0, section 3.1.3.7).

use crate::keys::Keys;
use aws_lc_rs::digest::{self, digest};
use data_encoding::BASE64URL_NOPAD;
use jsonwebtoken::{Algorithm, Validation, decode, decode_header};
use serde_json::{Map, Value};

/// The longest that is looked at, in bytes.
pub(crate) const MAX_TOKEN: usize = 32 * 1024;
const MAX_SUBJECT: usize = 255;

/// What the token must say.
pub(crate) struct Expected<'a> {
    pub(crate) issuer: &'a str,
    pub(crate) client_id: &'a str,
    /// Audiences besides ourselves that are trusted.
    pub(crate) audiences: &'a [String],
    pub(crate) algorithms: &'a [Algorithm],
    pub(crate) nonce: &'a str,
    /// What came along with it.
    pub(crate) access_token: Option<&'a str>,
    /// In seconds since 1970, as all times here.
    pub(crate) now: i64,
    pub(crate) leeway: i64,
    /// When the browser was sent there, and how long before that the person may have authenticated.
    pub(crate) begun: i64,
    pub(crate) max_age: Option<u32>,
    /// One of these is required; empty: none is.
    pub(crate) acr: &'a [String],
}

/// Why it is not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Flaw {
    /// Its key is not known; it may be a new one.
    Key,
    /// Anything else.
    Bad(&'static str),
}

/// The claims of a token that is all right.
pub(crate) fn check(token: &str, keys: &Keys, expected: &Expected<'_>) -> Result<Map<String, Value>, Flaw> {
    let (claims, algorithm) = signed(token, keys, expected.algorithms)?;
    let is = Claims { all: &claims, expected, algorithm };
    let checks = [
        (is.of_issuer(), "the ID token is of another issuer"),
        (is.for_us(), "the ID token is for another audience"),
        (is.in_time(), "the ID token has expired, or is not good yet"),
        (is.an_answer(), "the ID token answers another request (nonce)"),
        (is.bound(), "the ID token does not belong to the access token (at_hash)"),
        (is.about_somebody(), "the ID token has no subject that can be used"),
        (is.fresh(), "the person has not authenticated lately (auth_time)"),
        (is.assured(), "the assurance that is required is not there (acr)"),
    ];
    match checks.iter().find(|(holds, _)| !holds) {
        Some((_, why)) => Err(Flaw::Bad(why)),
        None => Ok(claims),
    }
}

/// What is signed, and how.
fn signed(token: &str, keys: &Keys, allowed: &[Algorithm]) -> Result<(Map<String, Value>, Algorithm), Flaw> {
    if token.len() > MAX_TOKEN {
        return Err(Flaw::Bad("the ID token is too long"));
    }
    // `none` and what is unknown is not read at all.
    let header = decode_header(token).map_err(|_| Flaw::Bad("the ID token can't be read"))?;
    if !allowed.contains(&header.alg) {
        return Err(Flaw::Bad("the ID token is signed in a way that is not allowed"));
    }
    // What must be understood and is not (RFC 7515, section 4.1.11), and other sorts of token (RFC 8725, section 3.11).
    let other_sort = header.typ.is_some_and(|typ| !typ.eq_ignore_ascii_case("JWT"));
    if header.crit.is_some() || other_sort {
        return Err(Flaw::Bad("the ID token is a token of another sort"));
    }
    let key = keys.find(header.kid.as_deref(), header.alg).ok_or(Flaw::Key)?;
    // Signature only: its own checks would take the time of the machine, and know nothing of nonce and azp.
    let mut signature = Validation::new(header.alg);
    signature.required_spec_claims.clear();
    signature.validate_exp = false;
    signature.validate_aud = false;
    let read = decode(token, &key, &signature).map_err(|_| Flaw::Bad("the ID token is not signed by it"))?;
    Ok((read.claims, header.alg))
}

struct Claims<'a> {
    all: &'a Map<String, Value>,
    expected: &'a Expected<'a>,
    algorithm: Algorithm,
}

impl Claims<'_> {
    fn text(&self, name: &str) -> Option<&str> {
        self.all.get(name)?.as_str()
    }

    /// Seconds since 1970; a fraction is allowed (RFC 7519, section 2).
    fn time(&self, name: &str) -> Option<f64> {
        self.all.get(name)?.as_f64().filter(|time| time.is_finite())
    }

    fn of_issuer(&self) -> bool {
        self.text("iss") == Some(self.expected.issuer)
    }

    fn for_us(&self) -> bool {
        let us = self.expected.client_id;
        let audiences: Option<Vec<&str>> = match self.all.get("aud") {
            Some(Value::String(one)) => Some(vec![one]),
            Some(Value::Array(many)) => many.iter().map(Value::as_str).collect(),
            _ => None,
        };
        let Some(audiences) = audiences else { return false };
        let trusted = |one: &&str| *one == us || self.expected.audiences.iter().any(|known| known == one);
        let azp = match self.all.get("azp") {
            Some(azp) => azp.as_str() == Some(us),
            None => audiences.len() == 1,
        };
        audiences.contains(&us) && audiences.iter().all(trusted) && azp
    }

    fn in_time(&self) -> bool {
        let (now, leeway) = (self.expected.now as f64, self.expected.leeway as f64);
        let (Some(exp), Some(iat)) = (self.time("exp"), self.time("iat")) else { return false };
        let begun = !self.all.contains_key("nbf") || self.time("nbf").is_some_and(|nbf| nbf <= now + leeway);
        exp > now - leeway && iat <= now + leeway && begun
    }

    fn an_answer(&self) -> bool {
        self.text("nonce") == Some(self.expected.nonce)
    }

    /// Optional in the code flow; what is there must be right (section 3.1.3.8).
    fn bound(&self) -> bool {
        let Some(claimed) = self.all.get("at_hash") else { return true };
        let Some(access_token) = self.expected.access_token else { return false };
        let whole = digest(hash_of(self.algorithm), access_token.as_bytes());
        let half = &whole.as_ref()[..whole.as_ref().len() / 2];
        claimed.as_str() == Some(&BASE64URL_NOPAD.encode(half))
    }

    fn about_somebody(&self) -> bool {
        self.text("sub")
            .is_some_and(|sub| (1..=MAX_SUBJECT).contains(&sub.len()) && !sub.chars().any(char::is_control))
    }

    fn fresh(&self) -> bool {
        let Some(max_age) = self.expected.max_age else { return true };
        let since = self.expected.begun - i64::from(max_age) - self.expected.leeway;
        self.time("auth_time").is_some_and(|at| at >= since as f64)
    }

    fn assured(&self) -> bool {
        let required = self.expected.acr;
        required.is_empty() || self.text("acr").is_some_and(|acr| required.iter().any(|one| one == acr))
    }
}

/// The hash that goes with a signature; for Ed25519 the one that it uses itself.
fn hash_of(algorithm: Algorithm) -> &'static digest::Algorithm {
    use Algorithm::{ES384, EdDSA, HS384, HS512, PS384, PS512, RS384, RS512};
    match algorithm {
        ES384 | RS384 | PS384 | HS384 => &digest::SHA384,
        EdDSA | RS512 | PS512 | HS512 => &digest::SHA512,
        _ => &digest::SHA256,
    }
}
