//! `id_token_hint`: who must answer (OpenID Connect Core, section 3.1.2.1).

use super::AuthorizationRequest;
use crate::{Client, OAuthError, Params, Provider, Result};
use gatewright_core::Tenant;
use serde_json::Value;

impl Provider {
    /// Notes whose ID token came with the request. It may have ended: it says who is meant, and proves nothing.
    pub(super) async fn hinted(
        &self,
        tenant: &Tenant,
        client: &Client,
        params: &Params,
        request: &mut AuthorizationRequest,
    ) -> Result<()> {
        let Some(text) = params.get("id_token_hint") else { return Ok(()) };
        let wrong = || OAuthError::invalid("The id_token_hint is not an ID token of this client from here.");
        let claims = self.own_jwt(&tenant.id, text, Some("jwt")).await?.ok_or_else(wrong)?;
        let is = |claim: &str, value: &str| claims.get(claim).and_then(Value::as_str) == Some(value);
        let many = claims.get("aud").and_then(Value::as_array);
        let among = many.is_some_and(|all| all.iter().any(|one| one == client.client_id.as_str()));
        if !is("iss", &self.issuer(tenant)) || !(is("aud", &client.client_id) || among) {
            return Err(wrong());
        }
        let subject = claims.get("sub").and_then(Value::as_str).ok_or_else(wrong)?;
        if request.subject.as_deref().is_some_and(|asked| asked != subject) {
            return Err(OAuthError::invalid("The id_token_hint and the claims ask for different people."));
        }
        request.subject = Some(subject.to_owned());
        Ok(())
    }
}
