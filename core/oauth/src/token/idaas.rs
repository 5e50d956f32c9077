//! `jwt_idaas` (`docs/decisions/0018-the-seam-for-jwt-idaas.md`): an application has let its person log in by itself, and comes
//! with the token of that login.

use super::{Call, begin::Beginning, code::verifies, narrow};
use crate::{OAuthError, Provider, Result, issue::TokenReply};
use gatewright_core::{PlainToken, session::Caller};

impl Provider {
    /// The verifier shows that it is who asked; the token shows who has logged in. The request is spent with the commit that
    /// makes the grant.
    pub(super) async fn by_login(&self, call: Call<'_>) -> Result<TokenReply> {
        let Call { tenant, client, form, .. } = &call;
        let (key, verifier) = (form.required("code")?, form.required("code_verifier")?);
        let jwt = form.required("jwt")?;
        let asked = self.take_jwt_request(tenant, client, key).await?;
        let request = &asked.request;
        let verified = request.code_challenge.as_ref().is_some_and(|known| verifies(verifier, known));
        let bound = request.dpop_jkt.is_none() || request.dpop_jkt == call.bound.jkt;
        if !verified || !bound {
            return Err(OAuthError::grant());
        }
        let caller = self.logged_in(jwt).await?;
        let terms = self.in_app_terms(tenant, client, &asked, &caller).await?;
        let audience = narrow::resources(form, &terms.resources, &terms.resources)?;
        self.note_client(&call, &terms).await?;
        let (id, writes) = (self.record_id()?, vec![asked.spend]);
        self.begin(&call, Beginning { id, terms, audience, writes }).await
    }

    /// Who has logged in: not a service, and not who comes with a token for less than a login.
    async fn logged_in(&self, token: &str) -> Result<Caller> {
        let token = PlainToken::received(token).ok_or_else(OAuthError::grant)?;
        match self.engine.check_login(&token, None).await {
            Ok(caller) if caller.scopes.is_none() => Ok(caller),
            Ok(_) => Err(OAuthError::grant()),
            Err(problem) if problem.status == 401 => Err(OAuthError::grant()),
            Err(problem) => Err(problem.into()),
        }
    }
}
