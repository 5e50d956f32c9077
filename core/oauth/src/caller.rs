//! Who a token stands for, whichever sort it is.

use crate::{OAuthError, Provider, access::OPAQUE, grant::Bound, provider::tenant_of};
use data_encoding::BASE64URL_NOPAD;
use gatewright_contract::TenantId;
use gatewright_core::{PlainToken, Problem, api_keys, session::Caller};
use serde::Deserialize;

/// Bytes of the claims of a signed token at most, before its signature is known to be good.
const LONGEST_CLAIMS: usize = 8 * 1024;

impl Provider {
    /// Who calls with this token: one of the engine's own, an API key, or an access token of an application.
    ///
    /// # Errors
    /// 401 for every token that is not good, whatever the reason.
    pub async fn caller(&self, text: &str) -> gatewright_core::Result<Caller> {
        if text.contains('.') {
            let tenant = tenant_of_jwt(text).ok_or_else(Problem::unauthenticated)?;
            return self.through_application(&tenant, text).await;
        }
        let token = PlainToken::received(text).ok_or_else(Problem::unauthenticated)?;
        if text.starts_with(api_keys::PREFIX) {
            return self.engine.check_key(&token).await;
        }
        match tenant_of(OPAQUE, &token) {
            Some(tenant) => self.through_application(&tenant, text).await,
            None => self.engine.check(&token, None).await,
        }
    }

    /// Whether a token was made for an application, as far as its look says.
    pub fn is_of_application(&self, text: &str) -> bool {
        text.contains('.')
            || PlainToken::received(text).is_some_and(|token| tenant_of(OPAQUE, &token).is_some())
    }

    /// Somebody through an application: within the scopes of its token, as long as they are logged in.
    async fn through_application(&self, tenant: &TenantId, text: &str) -> gatewright_core::Result<Caller> {
        let tenant = match self.engine.tenant(tenant).await {
            Err(problem) if problem.status == 404 => return Err(Problem::unauthenticated()),
            other => other?,
        };
        let checked = self.check(&tenant, text).await.map_err(unauthenticated)?;
        // What is for another resource is not for this server; and what must be shown with a key is not shown with one here.
        let ours = checked.access.audience.contains(&self.issuer(&tenant));
        if !ours || checked.access.bound != Bound::default() {
            return Err(Problem::unauthenticated());
        }
        // A client on its own behalf is nobody.
        let grant = checked.grant.ok_or_else(Problem::unauthenticated)?;
        let scopes = checked.access.scopes.into();
        self.engine.caller_in(grant.terms.session, checked.access.expires, scopes).await
    }
}

/// A refusal as 401; what is not about the token stays what it is.
fn unauthenticated(error: OAuthError) -> Problem {
    match error.cause {
        Some(problem) if problem.status == 429 || problem.status >= 500 => *problem,
        _ => Problem::unauthenticated(),
    }
}

#[derive(Deserialize)]
struct Issued {
    iss: String,
}

/// The tenant that a signed token says it is of. It proves nothing.
fn tenant_of_jwt(token: &str) -> Option<TenantId> {
    let claims = token.split('.').nth(1).filter(|claims| claims.len() <= LONGEST_CLAIMS)?;
    let claims = BASE64URL_NOPAD.decode(claims.as_bytes()).ok()?;
    let Issued { iss } = serde_json::from_slice(&claims).ok()?;
    TenantId::parse(iss.rsplit_once('/')?.1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signed_token_says_of_which_tenant_it_is() {
        let token = |claims: &str| format!("e30.{}.x", BASE64URL_NOPAD.encode(claims.as_bytes()));
        let of = |claims: &str| tenant_of_jwt(&token(claims)).map(|tenant| tenant.to_string());
        assert_eq!(of(r#"{"iss":"https://id.example.com/api/oidc/acme"}"#).as_deref(), Some("acme"));
        for bad in
            [r#"{"iss":"https://id.example.com/ACME"}"#, r#"{"iss":"acme"}"#, r#"{"iss":7}"#, "{}", "x"]
        {
            assert_eq!(of(bad), None, "{bad}");
        }
        assert_eq!(tenant_of_jwt(".."), None);
        assert_eq!(tenant_of_jwt(&token(&" ".repeat(10_000))), None);
    }
}
