//! What a login in an application's own pages is worth for the request that it was for.

use super::{
    finish::terms,
    judge::{Stands, Step},
};
use crate::{
    Client, ErrorCode, OAuthError, Provider, Result,
    grant::Terms,
    request::{Agreed, AuthorizationRequest, InAppRequest, Prompt},
};
use gatewright_core::{Tenant, session::Caller};

impl Provider {
    /// The terms of a grant for a request of [`Provider::take_jwt_request`]. `caller`: whoever the token of the finished login
    /// stands for. Nobody is asked any more: whoever types a password into an application trusts it.
    ///
    /// # Errors
    /// `invalid_grant` where the login is not of this tenant, has ended, or is not what was asked for.
    pub async fn in_app_terms(
        &self,
        tenant: &Tenant,
        client: &Client,
        asked: &InAppRequest,
        caller: &Caller,
    ) -> Result<Terms> {
        let somebody = self.somebody((tenant, client), Some(caller)).await?.ok_or_else(OAuthError::grant)?;
        let (person, session) = (somebody.person.id, somebody.session.id);
        let agreed = Some(Agreed { person, session, scopes: asked.request.scopes.clone() });
        let prompt = Prompt { none: true, ..Prompt::default() };
        let request = AuthorizationRequest { agreed, prompt, ..asked.request.clone() };
        let stands = Stands {
            request: &request,
            client,
            levels: &self.engine.settings_of(tenant).policy.levels,
            somebody: Some(&somebody),
            remembered: None,
            rules: self.rules(tenant),
            now: self.engine.now(),
        };
        match stands.step() {
            Step::Grant(granted) => Ok(terms(&request, &somebody.session, granted)),
            Step::Refuse(error) => Err(OAuthError::new(ErrorCode::InvalidGrant, error.description)),
            Step::Login { .. } | Step::Consent { .. } | Step::Proven { .. } => Err(OAuthError::grant()),
        }
    }
}
