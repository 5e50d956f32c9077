//! ID tokens (OpenID Connect Core, section 2).

use super::claims::{member, names};
use crate::{Client, OAuthError, Provider, Result, grant::Terms};
use aws_lc_rs::digest::{SHA256, SHA512, digest};
use data_encoding::BASE64URL_NOPAD;
use gatewright_core::{Person, Tenant, oidc::OidcRules, signing::Algorithm};
use serde::Serialize;
use serde_json::{Map, Value};

/// `typ` of its header: an access token has another.
pub(crate) const TYP: &str = "JWT";

/// What an ID token is made of.
pub(crate) struct IdToken<'a> {
    pub(crate) client: &'a Client,
    /// What the client calls the person.
    pub(crate) sub: &'a str,
    pub(crate) person: &'a Person,
    pub(crate) terms: &'a Terms,
    pub(crate) scopes: &'a [String],
    /// `nonce` of the request; a later ID token has none.
    pub(crate) nonce: Option<&'a str>,
    /// The access token beside it.
    pub(crate) access_token: Option<&'a str>,
}

#[derive(Serialize)]
struct Claims<'a> {
    iss: String,
    sub: &'a str,
    aud: &'a str,
    azp: &'a str,
    iat: i64,
    exp: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    auth_time: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    nonce: Option<&'a str>,
    acr: &'a str,
    amr: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    at_hash: Option<String>,
    sid: String,
    /// About the person.
    #[serde(flatten)]
    more: Map<String, Value>,
}

impl Provider {
    /// Signs an ID token.
    pub(crate) async fn id_token(&self, tenant: &Tenant, of: IdToken<'_>) -> Result<String> {
        let (now, terms) = (self.engine.now(), of.terms);
        let requested = member(terms.claims.as_ref(), "id_token");
        // What the scopes name is at the userinfo endpoint, where there is a token for it (section 5.4).
        let wanted = match of.access_token {
            Some(_) => names(of.scopes, requested, false),
            None => names(of.scopes, requested, true),
        };
        let asked_time = requested.is_some_and(|asked| asked.contains_key("auth_time"));
        let algorithm = of.client.signed_with();
        let claims = Claims {
            iss: self.issuer(tenant),
            sub: of.sub,
            aud: &of.client.client_id,
            azp: &of.client.client_id,
            iat: now.as_secs(),
            exp: now.plus(OidcRules::seconds(self.rules(tenant).id_token_seconds)).as_secs(),
            auth_time: (terms.wants_auth_time || asked_time).then(|| terms.auth_time.as_secs()),
            nonce: of.nonce,
            acr: &terms.acr,
            amr: &terms.amr,
            at_hash: of.access_token.map(|token| half_hash(algorithm, token)),
            sid: terms.session.to_string(),
            more: self.person_claims(tenant, of.person, &wanted).await?,
        };
        self.sign(&tenant.id, algorithm, TYP, &claims).await
    }

    /// Whether these scopes can be together for this client. `2fa` is a login for somebody who has let the person in already:
    /// it gets an ID token and nothing else; with `2fa_link` it also ties its own account to the person, which takes a
    /// client that can't be played by anybody.
    pub(crate) fn fits_together(&self, client: &Client, scopes: &[String]) -> Result<()> {
        let has = |scope: &str| scopes.iter().any(|one| one == scope);
        match has("2fa_link") && (!has("2fa") || !client.is_confidential()) {
            true => Err(OAuthError::new(
                crate::ErrorCode::InvalidScope,
                "2fa_link goes with 2fa, and is for confidential clients.",
            )),
            false => Ok(()),
        }
    }
}

/// `at_hash` (section 3.1.3.6): the left half of the hash that the signature is made with; of Ed25519 that is SHA-512.
fn half_hash(algorithm: Algorithm, token: &str) -> String {
    let with = match algorithm {
        Algorithm::EdDsa => &SHA512,
        Algorithm::Es256 | Algorithm::Rs256 => &SHA256,
    };
    let hash = digest(with, token.as_bytes());
    BASE64URL_NOPAD.encode(&hash.as_ref()[..hash.as_ref().len() / 2])
}

#[cfg(test)]
mod tests {
    use super::half_hash;
    use gatewright_core::signing::Algorithm;

    #[test]
    fn at_hash_is_that_of_the_specification() {
        // OpenID Connect Core, appendix A.3.
        let token = "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y";
        assert_eq!(half_hash(Algorithm::Rs256, token), "77QmUPtjPfzWtF2AnpK9RQ");
        assert_eq!(half_hash(Algorithm::EdDsa, token).len(), 43);
    }
}
