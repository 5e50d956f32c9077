//! `private_key_jwt`: a client signs that it is the one (RFC 7523, section 3; OpenID Connect Core, section 9).

use crate::{
    Client, Credentials, OAuthError, Provider, Result,
    client::AuthMethod,
    jose::{ALGORITHMS, Compact, Verified},
    once::ASSERTION,
};
use gatewright_contract::Timestamp;
use gatewright_core::Tenant;
use std::{sync::Arc, time::Duration};

/// `client_assertion_type`.
pub(crate) const TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// How far ahead its end may be, and how far clocks may differ, in seconds.
const MOST_AHEAD: i64 = 600;
const SKEW: i64 = 60;
/// Bytes of its `jti` at most.
const LONGEST_ID: usize = 255;

/// What an assertion must say.
struct Expected<'a> {
    client_id: &'a str,
    /// Who we are: the issuer, the token endpoint, the endpoint that was called.
    names: &'a [String],
    now: Timestamp,
}

/// Its name, and when it ends.
#[derive(Debug, PartialEq, Eq)]
struct Good {
    jti: String,
    expires: i64,
}

impl Provider {
    /// The client that has signed this assertion for us. The assertion is spent.
    pub(crate) async fn client_of_assertion(
        &self,
        tenant: &Tenant,
        text: &str,
        shown: &Credentials,
    ) -> Result<Arc<Client>> {
        let id = claimed(text).ok_or_else(OAuthError::client)?;
        if shown.form.get("client_id").is_some_and(|named| named != id) {
            return Err(OAuthError::invalid("client_id is not the sub of the assertion."));
        }
        let client = self.client(&tenant.id, &id).await?.ok_or_else(OAuthError::client)?;
        if client.auth_method != AuthMethod::PrivateKeyJwt {
            return Err(OAuthError::client());
        }
        let read = self.client_jwt(&tenant.id, &client, text, ALGORITHMS).await?;
        let read = read.map_err(|flaw| refused(&client, &flaw.to_string()))?;
        let issuer = self.issuer(tenant);
        let names = [format!("{issuer}/token"), shown.url.clone(), issuer];
        let expected = Expected { client_id: &client.client_id, names: &names, now: self.engine.now() };
        let good = judge(&read, &expected).map_err(|why| refused(&client, why))?;
        let until = Timestamp::from_secs(good.expires).plus(Duration::from_secs(2 * SKEW as u64));
        match self
            .use_once(&tenant.id, ASSERTION, &format!("{} {}", client.client_id, good.jti), until)
            .await?
        {
            true => Ok(client),
            false => Err(refused(&client, "its jti was used before")),
        }
    }
}

/// The caller is told what everybody is told; the operator is told why.
fn refused(client: &Client, why: &str) -> OAuthError {
    tracing::info!(client = client.client_id, why, "an assertion of a client is refused");
    OAuthError::client()
}

/// Who it says it is, before it is believed.
fn claimed(text: &str) -> Option<String> {
    let claims = Compact::read(text).ok()?.unbelieved().ok()?;
    let sub = claims.get("sub")?.as_str()?;
    (sub.len() <= Client::LONGEST_ID).then(|| sub.to_owned())
}

/// All but the signature, and whether it was used before.
fn judge(read: &Verified, expected: &Expected<'_>) -> std::result::Result<Good, &'static str> {
    // A request object is signed with the same key, and is not for this (RFC 8725, section 3.11).
    if !matches!(&*read.typ(), "" | "jwt" | "client-authentication+jwt") {
        return Err("its typ is that of another sort of JWT");
    }
    if read.text("iss") != Some(expected.client_id) || read.text("sub") != Some(expected.client_id) {
        return Err("iss and sub are not both the client_id");
    }
    // For us alone: what another server may use as well, it may use here.
    let audience = read.audience();
    if audience.is_empty() || !audience.iter().all(|one| expected.names.iter().any(|name| name == one)) {
        return Err(
            "aud is not the issuer, the token endpoint or the endpoint that was called, and nothing else",
        );
    }
    let now = expected.now.as_secs();
    let expires = read.time("exp").filter(|exp| *exp > now - SKEW).ok_or("exp is missing or past")?;
    if expires > now + MOST_AHEAD + SKEW {
        return Err("exp is more than 10 minutes ahead");
    }
    let begun = |name| read.claims.get(name).is_none() || read.time(name).is_some_and(|at| at <= now + SKEW);
    if !begun("nbf") || !begun("iat") {
        return Err("nbf or iat is ahead of the server's time");
    }
    let jti = read.text("jti").filter(|jti| (1..=LONGEST_ID).contains(&jti.len()));
    Ok(Good { jti: jti.ok_or("jti is missing, or longer than 255 bytes")?.to_owned(), expires })
}

#[cfg(test)]
mod tests;
