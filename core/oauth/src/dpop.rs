//! Proofs that the sender has a key (RFC 9449).

use crate::{
    Credentials, ErrorCode, OAuthError, Provider, Result,
    jose::{ALGORITHMS, Compact, Flaw, Jwk, Verified},
    once::PROOF,
};
use aws_lc_rs::digest::{SHA256, digest};
use data_encoding::BASE64URL_NOPAD;
use gatewright_contract::{TenantId, Timestamp};
use std::time::Duration;
use url::Url;

/// Bytes of a proof at most.
const LONGEST: usize = 8 * 1024;
/// Bytes of its `jti` at most.
const LONGEST_ID: usize = 255;
/// How far its time may be from ours, in seconds.
const AROUND: i64 = 60;

/// What a proof must say.
struct Expected<'a> {
    method: &'a str,
    url: &'a str,
    access_token: Option<&'a str>,
    now: Timestamp,
}

/// What a proof says that is good, but may have been shown before.
#[derive(Debug, PartialEq, Eq)]
struct Proof {
    jkt: String,
    jti: String,
    issued: i64,
}

impl Provider {
    /// The thumbprint of the key whose owner has sent this request; none where there is no proof. `access_token`: the token
    /// that it is shown with, at a resource. Each proof is good once.
    ///
    /// # Errors
    /// `invalid_dpop_proof`.
    pub async fn dpop_proof(
        &self,
        tenant: &TenantId,
        shown: &Credentials,
        access_token: Option<&str>,
    ) -> Result<Option<String>> {
        let text = match &shown.dpop[..] {
            [] => return Ok(None),
            [one] => one,
            _ => return Err(refused("there is more than one DPoP header")),
        };
        let now = self.engine.now();
        let expected = Expected { method: shown.method, url: &shown.url, access_token, now };
        let proof = judge(text, &expected)?;
        // Past that it is too old anyhow, for nodes whose clocks differ by less than a minute, too.
        let until = Timestamp::from_secs(proof.issued).plus(Duration::from_secs(3 * 60));
        match self.use_once(tenant, PROOF, &format!("{} {}", proof.jkt, proof.jti), until).await? {
            true => Ok(Some(proof.jkt)),
            false => Err(refused("it was used before; make one for each request")),
        }
    }
}

fn refused(why: &str) -> OAuthError {
    OAuthError::new(ErrorCode::InvalidDpopProof, format!("The DPoP proof is not good: {why}."))
}

/// Section 4.3, all but whether it was used before.
fn judge(text: &str, expected: &Expected<'_>) -> Result<Proof> {
    if text.len() > LONGEST {
        return Err(refused("it is longer than 8 KiB"));
    }
    let (jwk, proof) = signed(text).map_err(|flaw| refused(&flaw.to_string()))?;
    if proof.typ() != "dpop+jwt" {
        return Err(refused("its typ is not dpop+jwt"));
    }
    if proof.text("htm") != Some(expected.method) {
        return Err(refused("htm is not the method of the request"));
    }
    if !proof.text("htu").is_some_and(|url| is_same_url(url, expected.url)) {
        return Err(refused("htu is not the URL of the request, without query and fragment"));
    }
    let issued = proof.time("iat").filter(|iat| expected.now.as_secs().abs_diff(*iat) <= AROUND as u64);
    let issued = issued.ok_or_else(|| refused("iat is not within a minute of the server's time"))?;
    let jti = proof.text("jti").filter(|jti| (1..=LONGEST_ID).contains(&jti.len()));
    let jti = jti.ok_or_else(|| refused("jti is missing, or longer than 255 bytes"))?.to_owned();
    if expected.access_token.is_some_and(|token| proof.text("ath") != Some(&hash_of(token))) {
        return Err(refused("ath is not the hash of the access token"));
    }
    Ok(Proof { jkt: jwk.thumbprint().to_owned(), jti, issued })
}

/// The proof, signed by the key in its header.
fn signed(text: &str) -> std::result::Result<(Jwk, Verified), Flaw> {
    let read = Compact::read(text)?;
    let jwk = read.header.get("jwk").ok_or(Flaw::Shape("its header has no jwk"))?;
    let jwk = Jwk::parse(jwk)?;
    let proof = read.verify(&jwk, ALGORITHMS)?;
    Ok((jwk, proof))
}

/// `ath`.
fn hash_of(access_token: &str) -> String {
    BASE64URL_NOPAD.encode(digest(&SHA256, access_token.as_bytes()).as_ref())
}

/// Whether they are one after normalisation (RFC 3986, section 6.2), without query and fragment. `known` has neither.
fn is_same_url(shown: &str, known: &str) -> bool {
    let read = |text: &str| {
        let mut url = Url::parse(text).ok()?;
        url.set_query(None);
        url.set_fragment(None);
        let plain = url.username().is_empty() && url.password().is_none();
        plain.then_some(url)
    };
    shown.len() <= 2048 && read(shown).is_some_and(|shown| read(known) == Some(shown))
}

#[cfg(test)]
mod tests;
