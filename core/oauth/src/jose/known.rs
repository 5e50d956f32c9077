//! Whose keys are known: our own of each tenant, parsed, and those that clients publish.

use super::{Flaw, Jwk, Verified, fetched::Fetched, jws::typ, verify};
use crate::{Client, OAuthError, Provider, Result};
use gatewright_contract::{Fault, TenantId};
use quick_cache::sync::Cache;
use serde_json::{Map, Value};
use std::sync::Arc;

/// Tenants whose own keys are kept parsed.
const TENANTS: usize = 10_000;
/// Sets of keys from elsewhere that are kept, of one answer each.
const SETS: usize = 1_000;

/// How our own tokens are signed.
const OWN: &[&str] = &["EdDSA", "ES256", "RS256"];

/// Keys that stay parsed.
pub(crate) struct Known {
    own: Cache<TenantId, Own>,
    pub(super) fetched: Cache<(TenantId, String), Arc<Fetched>>,
}

#[derive(Clone)]
struct Own {
    etag: String,
    keys: Arc<Vec<Jwk>>,
}

impl Default for Known {
    fn default() -> Self {
        Self { own: Cache::new(TENANTS), fetched: Cache::new(SETS) }
    }
}

impl Provider {
    /// The claims of a JWT that one of this tenant's published keys has signed; none for every other text. `typ`: what sort of
    /// token it must say it is, `at+jwt`; none: it may be of any. Whether it has ended is not judged.
    ///
    /// # Errors
    /// When the keys can't be had.
    pub async fn own_jwt(
        &self,
        tenant: &TenantId,
        token: &str,
        sort: Option<&str>,
    ) -> Result<Option<Map<String, Value>>> {
        let keys = self.own_keys(tenant).await?;
        let Ok(read) = verify(token, &keys, OWN) else { return Ok(None) };
        let fits = sort.is_none_or(|sort| typ(read.header.get("typ")) == sort.to_ascii_lowercase());
        Ok(fits.then_some(read.claims))
    }

    async fn own_keys(&self, tenant: &TenantId) -> Result<Arc<Vec<Jwk>>> {
        let published = self.engine.signer().public_jwks(tenant).await?;
        if let Some(own) = self.known.own.get(tenant).filter(|own| own.etag == published.etag) {
            return Ok(own.keys);
        }
        let set = serde_json::from_slice(&published.body);
        let set: Value = set.map_err(|e| Fault::caused("our own JWK set can't be read", e))?;
        let keys = Jwk::set(&set).map_err(|flaw| Fault::caused("our own JWK set can't be read", flaw))?;
        let own = Own { etag: published.etag.clone(), keys: Arc::new(keys) };
        self.known.own.insert(tenant.clone(), own.clone());
        Ok(own.keys)
    }

    /// The public keys of a client: those that it was registered with, or those that it publishes.
    ///
    /// # Errors
    /// `temporarily_unavailable` where these can't be fetched.
    pub async fn client_keys(&self, tenant: &TenantId, client: &Client) -> Result<Arc<Vec<Jwk>>> {
        match (&client.jwks, &client.jwks_uri) {
            (Some(set), _) => Ok(Arc::new(Jwk::set(set)?)),
            (None, Some(uri)) => self.keys_at(tenant, uri, false).await,
            (None, None) => Ok(Arc::default()),
        }
    }

    /// What a client has signed. Where it publishes its keys and none of those that are known will do, they are fetched once
    /// more.
    ///
    /// # Errors
    /// Those of [`Provider::client_keys`]; within, why it is not believed.
    pub async fn client_jwt(
        &self,
        tenant: &TenantId,
        client: &Client,
        token: &str,
        algorithms: &[&str],
    ) -> Result<std::result::Result<Verified, Flaw>> {
        let keys = self.client_keys(tenant, client).await?;
        match (verify(token, &keys, algorithms), &client.jwks_uri) {
            (Err(Flaw::Key), Some(uri)) if client.jwks.is_none() => {
                Ok(verify(token, &self.keys_at(tenant, uri, true).await?, algorithms))
            }
            (judged, _) => Ok(judged),
        }
    }

    /// The keys that somebody publishes at this URL, as they were a while ago; `anew`: one is missing among these.
    ///
    /// # Errors
    /// `temporarily_unavailable` where they can't be fetched.
    pub async fn keys_at(&self, tenant: &TenantId, url: &str, anew: bool) -> Result<Arc<Vec<Jwk>>> {
        let found = self.fetched(tenant, url, anew).await;
        found.keys().ok_or_else(|| {
            let what = "The keys of the client can't be fetched from its jwks_uri: it must answer with a JWK set, \
                        from a public address, over https.";
            OAuthError::new(crate::ErrorCode::TemporarilyUnavailable, what)
        })
    }
}
