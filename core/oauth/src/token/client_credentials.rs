//! `client_credentials` (RFC 6749, section 4.4): a client on its own behalf.

use super::{Call, narrow};
use crate::{
    ErrorCode, OAuthError, Provider, Result,
    issue::{Making, TokenReply},
};

impl Provider {
    /// No refresh token (section 4.4.3), no person. A signed token writes nothing, a stored one a line.
    pub(super) async fn by_itself(&self, call: Call<'_>) -> Result<TokenReply> {
        let Call { tenant, client, form, bound, .. } = call;
        if !client.is_confidential() {
            let text = "A public client has nothing of its own to get: anybody can say that it is this one.";
            return Err(OAuthError::new(ErrorCode::UnauthorizedClient, text));
        }
        let making = Making {
            client,
            sub: client.client_id.clone(),
            terms: None,
            grant: None,
            scopes: narrow::own_scopes(form, client)?,
            audience: narrow::resources(form, &client.resources, &[])?,
            bound,
            actor: None,
            until: None,
        };
        let mut writes = Vec::new();
        let (access_token, access) = self.access_token(tenant, making, &mut writes).await?;
        if !writes.is_empty() {
            self.commit_once(writes).await?;
        }
        Ok(TokenReply::of(access_token, &access))
    }
}
