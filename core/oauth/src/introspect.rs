//! What a token is worth, for those whom it is for (RFC 7662).

use crate::{Client, OAuthError, Provider, Result, access::Access, grant::Bound, issue::RefreshToken};
use gatewright_core::Tenant;
use serde_json::{Map, Value, json};

impl Provider {
    /// The reply of the introspection endpoint: `{"active": false}` and nothing else for a token that is not good, or is
    /// none of this client's business (RFC 7662, section 4): neither its own, nor for it, nor for a resource that
    /// it is registered for.
    ///
    /// # Errors
    /// `invalid_client` for a client that can't keep a secret; when the store does not answer.
    pub async fn introspect(&self, tenant: &Tenant, client: &Client, token: &str) -> Result<Value> {
        if !client.is_confidential() {
            return Err(OAuthError::client());
        }
        let said = match RefreshToken::received(token) {
            Some(shown) => self.introspect_refresh(tenant, client, &shown).await?,
            None => self.introspect_access(tenant, client, token).await?,
        };
        Ok(said.map_or_else(|| json!({"active": false}), Value::Object))
    }

    async fn introspect_access(
        &self,
        tenant: &Tenant,
        client: &Client,
        token: &str,
    ) -> Result<Option<Map<String, Value>>> {
        let checked = match self.check(tenant, token).await {
            Ok(checked) => checked,
            Err(error) if error.cause.is_none() => return Ok(None),
            Err(other) => return Err(other),
        };
        if !concerns(client, &checked.access) {
            return Ok(None);
        }
        let mut said = checked.access.claims(&self.issuer(tenant));
        // Between this server and itself.
        said.remove("grant_id");
        let kind = if checked.access.bound.jkt.is_some() { "DPoP" } else { "Bearer" };
        said.insert("active".to_owned(), json!(true));
        said.insert("token_type".to_owned(), json!(kind));
        if let Some(grant) = &checked.grant {
            said.insert("auth_time".to_owned(), json!(grant.terms.auth_time.as_secs()));
            said.insert("acr".to_owned(), json!(grant.terms.acr));
        }
        Ok(Some(said))
    }

    /// A refresh token is its client's own.
    async fn introspect_refresh(
        &self,
        tenant: &Tenant,
        client: &Client,
        shown: &RefreshToken,
    ) -> Result<Option<Map<String, Value>>> {
        let Some(alive) = self.grant_alive(&tenant.id, shown.grant).await? else { return Ok(None) };
        let (grant, now) = (&alive.grant, self.engine.now());
        let idle = grant
            .used
            .plus(gatewright_core::oidc::OidcRules::seconds(self.rules(tenant).refresh_idle_seconds));
        if grant.terms.client_id != client.client_id
            || !shown.is_of(grant.family.as_ref())
            || !shown.is_now(grant.refresh.as_ref())
            || idle <= now
        {
            return Ok(None);
        }
        let said = json!({
            "active": true,
            "client_id": client.client_id,
            "iss": self.issuer(tenant),
            "sub": self.subject(&tenant.id, client, grant.terms.person).await?,
            "scope": grant.terms.scopes.join(" "),
            "exp": grant.expires.min(idle).as_secs(),
        });
        let mut said = said.as_object().cloned().unwrap_or_default();
        if grant.bound != Bound::default() {
            said.insert("cnf".to_owned(), json!(grant.bound));
        }
        Ok(Some(said))
    }
}

/// Whether a token is a client's business.
fn concerns(client: &Client, access: &Access) -> bool {
    let for_it = |audience: &String| *audience == client.client_id || client.resources.contains(audience);
    access.client_id == client.client_id || access.audience.iter().any(for_it)
}
