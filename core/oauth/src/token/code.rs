//! `authorization_code` (RFC 6749, section 4.1.3; PKCE, RFC 7636).

use super::{Call, begin::Beginning, end::grant_event, narrow};
use crate::{
    ErrorCode, OAuthError, Provider, Result,
    code::{Code, Found},
    issue::TokenReply,
};
use aws_lc_rs::digest::{SHA256, digest};
use data_encoding::BASE64URL_NOPAD;
use gatewright_core::store::Write;
use subtle::ConstantTimeEq;

impl Provider {
    pub(super) async fn by_code(&self, call: Call<'_>) -> Result<TokenReply> {
        let text = call.form.required("code")?;
        let found = self.find_code(&call.tenant.id, text).await?.ok_or_else(OAuthError::grant)?;
        if found.code.terms.client_id != call.client.client_id {
            return self.stolen(&call, &found.code).await;
        }
        self.is_for(&call, &found.code)?;
        if let Some(grant) = found.code.grant {
            // What the first use began ends (RFC 6749, section 4.1.2): nobody knows which of the two was the client. Who
            // has the code alone was refused above, at the first use as at the second, and ends nothing.
            self.take_back(&call.tenant.id, grant, "code_used_twice", call.origin).await?;
            return Err(OAuthError::grant());
        }
        if self.engine.now() >= found.code.expires {
            return Err(OAuthError::grant());
        }
        let terms = found.code.terms.clone();
        let audience = narrow::resources(call.form, &terms.resources, &terms.resources)?;
        let id = self.record_id()?;
        let writes = vec![found.spend(id, self.engine.now())?];
        let begun = self.begin(&call, Beginning { id, terms, audience, writes }).await;
        if begun.as_ref().is_err_and(|error| error.code == ErrorCode::InvalidGrant) {
            self.used_meanwhile(&call, text).await?;
        }
        begun
    }

    /// Whether what the request had is shown with the code.
    fn is_for(&self, call: &Call<'_>, code: &Code) -> Result<()> {
        let given = call.form.get("redirect_uri");
        let redirect = match (&code.redirect_uri, given) {
            (Some(asked), given) => given == Some(asked),
            // The request did not name the one that there is.
            (None, Some(given)) => call.client.redirect_uris.iter().any(|one| one == given),
            (None, None) => true,
        };
        let bound = code.dpop_jkt.is_none() || code.dpop_jkt == call.bound.jkt;
        let verified = match (&code.code_challenge, call.form.get("code_verifier")) {
            (Some(challenge), Some(verifier)) => verifies(verifier, challenge),
            // A verifier for a request without a challenge: somebody took the challenge out (RFC 9700, section 4.8.2).
            (Some(_), None) | (None, Some(_)) => false,
            (None, None) => call.client.is_confidential(),
        };
        match redirect && bound && verified {
            true => Ok(()),
            false => Err(OAuthError::grant()),
        }
    }

    /// Two at the same time: who was second ends what the first began.
    async fn used_meanwhile(&self, call: &Call<'_>, text: &str) -> Result<()> {
        let now = self.find_code(&call.tenant.id, text).await?;
        match now.and_then(|found: Found| found.code.grant) {
            Some(grant) => self.take_back(&call.tenant.id, grant, "code_used_twice", call.origin).await,
            None => Ok(()),
        }
    }

    /// A code that another client got: noted, since its client has lost it.
    async fn stolen(&self, call: &Call<'_>, code: &Code) -> Result<TokenReply> {
        let (now, tenant) = (self.engine.now(), &call.tenant.id);
        let event = grant_event("code.refused", tenant, now, call.origin, &code.terms).but("another_client");
        self.engine.store().commit(vec![Write::Audit(event)]).await?;
        Err(OAuthError::grant())
    }
}

/// S256 (RFC 7636, section 4.6).
pub(super) fn verifies(verifier: &str, challenge: &str) -> bool {
    let unreserved = |b: u8| b.is_ascii_alphanumeric() || b"-._~".contains(&b);
    let formed = (43..=128).contains(&verifier.len()) && verifier.bytes().all(unreserved);
    let hash = BASE64URL_NOPAD.encode(digest(&SHA256, verifier.as_bytes()).as_ref());
    formed && bool::from(hash.as_bytes().ct_eq(challenge.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::verifies;

    #[test]
    fn a_verifier_fits_its_challenge_and_no_other() {
        // RFC 7636, appendix B.
        let (verifier, challenge) =
            ("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
        assert!(verifies(verifier, challenge));
        assert!(!verifies(&verifier.replace('d', "e"), challenge));
        assert!(!verifies(challenge, challenge), "what is called plain");
        assert!(!verifies("", "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU"), "the hash of nothing");
        assert!(!verifies(&"a".repeat(129), challenge));
    }
}
