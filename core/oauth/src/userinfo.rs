//! Who has logged in, for the client that they have logged in to (OpenID Connect Core, section 5.3).

use crate::{Credentials, ErrorCode, OAuthError, Provider, Result, access::Access, check::Checked};
use aws_lc_rs::digest::{SHA256, digest};
use data_encoding::BASE64URL_NOPAD;
use gatewright_core::{Problem, Tenant, session::Caller};
use serde_json::{Map, Value, json};

/// How an access token was shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// `Bearer` (RFC 6750).
    Bearer,
    /// `DPoP` (RFC 9449, section 7.1), with a proof.
    DPoP,
}

impl Provider {
    /// An access token at a resource of this server itself: good, for no other resource (RFC 9068, section 4), and shown with
    /// what it is bound to.
    ///
    /// # Errors
    /// `invalid_token`, `invalid_dpop_proof`.
    pub async fn check_shown(
        &self,
        tenant: &Tenant,
        token: &str,
        scheme: Scheme,
        shown: &Credentials,
    ) -> Result<Checked> {
        let checked = self.check(tenant, token).await?;
        if !checked.access.audience.contains(&self.issuer(tenant)) {
            return Err(OAuthError::token());
        }
        self.must_be_held((tenant, &checked.access), token, scheme, shown).await?;
        Ok(checked)
    }

    async fn must_be_held(
        &self,
        (tenant, access): (&Tenant, &Access),
        token: &str,
        scheme: Scheme,
        shown: &Credentials,
    ) -> Result<()> {
        match (&access.bound.jkt, scheme) {
            (None, Scheme::Bearer) => {}
            (Some(jkt), Scheme::DPoP) => {
                let proven = self.dpop_proof(&tenant.id, shown, Some(token)).await?;
                let missing = || OAuthError::new(ErrorCode::InvalidDpopProof, "The header DPoP is missing.");
                if proven.ok_or_else(missing)? != *jkt {
                    return Err(OAuthError::token());
                }
            }
            // A bound token is not taken without its proof, and an unbound one gains nothing by one.
            (Some(_), Scheme::Bearer) | (None, Scheme::DPoP) => return Err(OAuthError::token()),
        }
        if let Some(x5t) = &access.bound.x5t {
            let of = |leaf: &Vec<u8>| BASE64URL_NOPAD.encode(digest(&SHA256, leaf).as_ref());
            if shown.certificates.first().map(of).as_ref() != Some(x5t) {
                return Err(OAuthError::token());
            }
        }
        Ok(())
    }

    /// What the client of this token may learn of its person.
    ///
    /// # Errors
    /// `invalid_token` for a token that is about nobody, or is for another resource; `insufficient_scope` without `openid`.
    pub async fn userinfo(&self, tenant: &Tenant, checked: &Checked) -> Result<Map<String, Value>> {
        let (access, grant) = (&checked.access, checked.grant.as_ref().ok_or_else(OAuthError::token)?);
        if !access.audience.contains(&self.issuer(tenant)) {
            // Whoever was sent it would learn of the person what only its client may.
            return Err(OAuthError::token());
        }
        if !access.scopes.iter().any(|scope| scope == "openid") {
            return Err(OAuthError::new(
                ErrorCode::InsufficientScope,
                "The access token has not the scope openid. Ask for it in the authorization request.",
            ));
        }
        let person = self.engine.store().person(&tenant.id, grant.terms.person).await?;
        let person = person.filter(|person| !person.disabled).ok_or_else(OAuthError::token)?;
        let mut claims = self.claims_of(tenant, &person, &access.scopes).await?;
        claims.insert("sub".to_owned(), json!(access.sub));
        Ok(claims)
    }

    /// All that the server would tell an application, for somebody who asks about themselves with a token of the server's own.
    ///
    /// # Errors
    /// 401 when the person is gone; 403 for a token that is not good for the account.
    pub async fn own_userinfo(&self, caller: &Caller) -> gatewright_core::Result<Map<String, Value>> {
        let may = [gatewright_core::access::ACCOUNT, gatewright_core::access::ADMIN];
        if !may.iter().any(|scope| caller.has_scope(scope)) {
            return Err(Problem::forbidden(
                "The token is not good for the account: it needs the scope `account`.",
            ));
        }
        let person = self.engine.person_of(caller).await?;
        let tenant = self.engine.tenant(&person.tenant).await?;
        let all = ["profile", "email", "address", "phone", "groups"].map(str::to_owned);
        let mut claims = self.claims_of(&tenant, &person, &all).await.map_err(problem)?;
        claims.insert("sub".to_owned(), json!(person.id.to_string()));
        Ok(claims)
    }
}

fn problem(error: OAuthError) -> Problem {
    match error.cause {
        Some(problem) => *problem,
        None => Problem::unauthenticated(),
    }
}
