//! Clients that prove who they are (RFC 6749, section 2.3; OpenID Connect Core, section 9).

use crate::{
    Client, Credentials, OAuthError, Provider, Result, client::AuthMethod, grant::Bound, provider::hex,
};
use gatewright_core::{HashedToken, Tenant};
use std::sync::Arc;

impl Provider {
    /// The client of a request, which has proven who it is in the one way that it is registered for.
    ///
    /// # Errors
    /// `invalid_client`, the same for unknown and wrong; `invalid_request` for two ways at once.
    pub async fn authenticate(&self, tenant: &Tenant, shown: &Credentials) -> Result<Arc<Client>> {
        let form = shown.form.get("client_id");
        let (id, secret, method) = match (&shown.basic, shown.form.get("client_secret")) {
            (Some(_), Some(_)) => {
                return Err(OAuthError::invalid("The client shows its secret in two ways."));
            }
            (Some((id, secret)), None) => (id.as_str(), Some(secret.as_str()), AuthMethod::ClientSecretBasic),
            (None, Some(secret)) => (form.unwrap_or_default(), Some(secret), AuthMethod::ClientSecretPost),
            (None, None) => (form.unwrap_or_default(), None, AuthMethod::None),
        };
        if form.is_some_and(|form| form != id) {
            return Err(OAuthError::invalid("client_id is not that of the Authorization header."));
        }
        let client = self.client(&tenant.id, id).await?.ok_or_else(OAuthError::client)?;
        let proven = client.auth_method == method
            && match secret {
                Some(secret) => self.is_secret_of(&client, secret),
                None => method == AuthMethod::None,
            };
        if proven { Ok(client) } else { Err(OAuthError::client()) }
    }

    fn is_secret_of(&self, client: &Client, secret: &str) -> bool {
        let (now, shown) = (self.engine.now(), hex(&HashedToken::of(secret.as_bytes())));
        let good = client.secrets.iter().filter(|known| known.expires.is_none_or(|end| end > now));
        good.fold(false, |found, known| {
            found | bool::from(subtle::ConstantTimeEq::ct_eq(known.hash.as_bytes(), shown.as_bytes()))
        })
    }

    /// What tokens of this request are bound to: the key of its DPoP proof, its certificate.
    ///
    /// # Errors
    /// `invalid_dpop_proof`; `invalid_request` where the client must bind its tokens and showed nothing.
    pub async fn bound(&self, tenant: &Tenant, client: &Client, shown: &Credentials) -> Result<Bound> {
        let _ = tenant;
        match client.dpop_bound || client.certificate_bound || !shown.dpop.is_empty() {
            true => Err(OAuthError::invalid("Tokens can't be bound yet.")),
            false => Ok(Bound::default()),
        }
    }
}
